"""Jitted: eligibility traces (Sutton & Barto 2018, chapter 12).

Every pair (s, a) has a trace e, a float32 of what the agent carries. Each step, with
`delta = r + gamma * bootstrap - Q(s, a)`, for all pairs

    e <- gamma * lambda * e, and of the pair just left it becomes
         e + 1                    accumulating (12.2)
         1                        replacing (12.5)
         e + 1 - alpha * e        dutch (12.7)
    Q <- Q + alpha * delta * e

and with dutch traces what makes it "true online": `alpha * (Q(s, a) - Q_old) * e` more, and
`alpha * (Q(s, a) - Q_old)` less for the pair just left, where Q_old is what it was bootstrapped
from one step before. All traces are 0 at the start of an episode.

A list names the states whose traces count. Where all traces of a state have fallen below
`NEGLIGIBLE`, of the 1 that a pair just left has, they are 0 from then on: such a trace moves a
value by less than half a step of float32 for each unit that the pair just left moves. So a step
costs what is eligible, and not the whole world.

    floats: traces `[S * A]`, Q_old `[1]`
    ints: states in the list `[S]`, how many `[1]`
"""

from typing import Any

import numpy as np

from gridworld.kernels.carrying.moves import Update, note
from gridworld.kernels.codes import ACCUMULATING, DUTCH, SARSA_LAMBDA
from gridworld.kernels.jit import inlined
from gridworld.kernels.rates import rate_of
from gridworld.kernels.rows import highest

__all__ = ["NEGLIGIBLE", "learn_by_traces"]

NEGLIGIBLE = np.float32(1e-8)

_ZERO, _ONE = np.float32(0), np.float32(1)


@inlined
def learn_by_traces(
    variant: Any,
    n_actions: Any,
    agent: Any,
    q: Any,
    table: Any,
    carried: Any,
    move: Any,
    frame: Any,
    visits: Any,
) -> None:
    """Update the values of all that is eligible by one step.

    Args:
        variant: Which algorithm, which traces; a constant where this is called.
        n_actions: A, another constant.
        agent: Its record.
        q: float32, flat, changed in place.
        table: Where the agent's Q-table begins.
        carried: (floats, ints) of the agent, and the updates of each pair; changed in place.
        move: The step.
        frame: Or None.
        visits: Or None.
    """
    floats, ints, updates = carried
    pair = move.s_tm1 * n_actions + move.a_tm1
    discount = agent["discount_factor"]
    learning_rate = rate_of(
        variant, agent["learning_rate"], agent["learning_rate_power"], updates, pair
    )
    q_tm1 = q[np.uint64(table + pair)]
    row_t = table + move.s_t * n_actions
    decay = discount * agent["trace_decay"]
    if variant.algorithm == SARSA_LAMBDA:
        value = q[np.uint64(row_t + move.a_t)]
    else:
        value = highest(q, row_t, n_actions)
        # Watkins: what came before an exploratory action says nothing about the greedy policy.
        if q_tm1 < highest(q, table + move.s_tm1 * n_actions, n_actions):
            decay = _ZERO
    if move.terminated:
        value = _ZERO
    target = move.r_t + discount * value
    error = target - q_tm1
    step = learning_rate * error
    correction = _ZERO
    last = floats.size - 1
    if variant.traces == DUTCH:
        moved = q_tm1 - floats[np.uint64(last)]
        listed = decay_and_update(
            n_actions, q, table, floats, ints, move.s_tm1, decay, learning_rate * (error + moved)
        )
        trace = floats[np.uint64(pair)]
        trace = trace + (_ONE - learning_rate * trace)
        correction = learning_rate * moved * (trace - _ONE)
        floats[np.uint64(last)] = value
    else:
        listed = decay_and_update(n_actions, q, table, floats, ints, move.s_tm1, decay, step)
        trace = _ONE
        if variant.traces == ACCUMULATING:
            trace = floats[np.uint64(pair)] + _ONE
    after = q_tm1 + (step * trace + correction)
    q[np.uint64(table + pair)] = after
    floats[np.uint64(pair)] = trace
    enter(ints, move.s_tm1, listed)
    if move.ended:
        forget(n_actions, floats, ints)
    note(
        frame,
        visits,
        Update(
            state=move.s_tm1,
            action=move.a_tm1,
            steps=1,
            next_state=~move.s_t if move.terminated else move.s_t,
            reward=move.r_t,
            factor=discount,
            bootstrap=value,
            before=q_tm1,
            target=target,
            rate=learning_rate,
            after=after,
            weight=trace,
            correction=correction,
        ),
    )


@inlined
def decay_and_update(
    n_actions: Any,
    q: Any,
    table: Any,
    floats: Any,
    ints: Any,
    left: Any,
    decay: Any,
    step: Any,
) -> Any:
    """Let all traces decay, update by them, and strike states off the list whose are negligible.

    Returns:
        Whether the state `left` is still in the list.
    """
    count_at = ints.size - 1
    count = np.int64(ints[np.uint64(count_at)])
    listed = False
    k = np.int64(0)
    while k < count:
        state = np.int64(ints[np.uint64(k)])
        first = state * n_actions
        most = _ZERO
        for a in range(n_actions):
            most = max(most, floats[np.uint64(first + a)] * decay)
        if most < NEGLIGIBLE:
            for a in range(n_actions):
                floats[np.uint64(first + a)] = _ZERO
            count -= 1
            ints[np.uint64(k)] = ints[np.uint64(count)]
            continue
        for a in range(n_actions):
            trace = floats[np.uint64(first + a)] * decay
            floats[np.uint64(first + a)] = trace
            q[np.uint64(table + first + a)] += step * trace
        listed |= state == left
        k += 1
    ints[np.uint64(count_at)] = count
    return listed


@inlined
def enter(ints: Any, state: Any, listed: Any) -> None:
    """Put a state into the list, unless it is there."""
    if not listed:
        count_at = ints.size - 1
        count = np.int64(ints[np.uint64(count_at)])
        ints[np.uint64(count)] = state
        ints[np.uint64(count_at)] = count + 1


@inlined
def forget(n_actions: Any, floats: Any, ints: Any) -> None:
    """Begin an episode without traces."""
    count_at = ints.size - 1
    for k in range(np.int64(ints[np.uint64(count_at)])):
        first = np.int64(ints[np.uint64(k)]) * n_actions
        for a in range(n_actions):
            floats[np.uint64(first + a)] = _ZERO
    floats[np.uint64(floats.size - 1)] = _ZERO
    ints[np.uint64(count_at)] = 0
