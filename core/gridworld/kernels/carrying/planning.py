"""Jitted: Dyna-Q and Dyna-Q+ (Sutton & Barto 2018, 8.2 and 8.3).

After each step, which updates as Q-learning does, the agent remembers the pair's last outcome, and
then updates so many pairs more by what it remembers of them, each drawn uniformly from all pairs
that it knows.

Dyna-Q+ knows all actions of a state that it has been in: of one never tried, that it leads back to
the same state and pays nothing. And in planning a pair pays `kappa * sqrt(tau)` more, tau being
the steps since it was last tried (of one never tried, all steps).

    floats: rewards `[S * A]`
    ints: outcomes `[S * A]`: 0 not known, s + 1, or ~s where the episode terminated;
        pairs that are known `[S * A]`; with Dyna-Q+ the step of the last try, modulo 2^32,
        `[S * A]`; how many are known `[1]`
"""

from typing import Any

import numpy as np

from gridworld.kernels.carrying.moves import Update, begin_planning, note, note_planned
from gridworld.kernels.codes import DYNA_Q_PLUS
from gridworld.kernels.jit import inlined
from gridworld.kernels.random import next_u32, pick
from gridworld.kernels.rates import rate_of
from gridworld.kernels.rows import count_available, highest

__all__ = ["learn_by_planning", "outcome_as_number", "remembered"]

_ZERO, _ONE = np.float32(0), np.float32(1)


@inlined
def outcome_as_number(state: Any, terminated: Any) -> Any:
    """An outcome in one number that is not 0."""
    return ~state if terminated else state + 1


@inlined
def remembered(q: Any, table: Any, n_actions: Any, outcome: Any, reward: Any, discount: Any) -> Any:
    """What a pair of that outcome is updated towards, and the value that is bootstrapped."""
    value = _ZERO
    if outcome > 0:
        value = highest(q, table + (outcome - 1) * n_actions, n_actions)
    return reward + discount * value, value


@inlined
def learn_by_planning(
    variant: Any,
    n_actions: Any,
    agent: Any,
    q: Any,
    table: Any,
    carried: Any,
    move: Any,
    rng: Any,
    frame: Any,
    visits: Any,
) -> Any:
    """Update by a step, remember it, and plan.

    Args:
        variant: Which algorithm; a constant where this is called.
        n_actions: A, another constant.
        agent: Its record.
        q: float32, flat, changed in place.
        table: Where the agent's Q-table begins.
        carried: (floats, ints) of the agent, and the updates of each pair; changed in place.
        move: The step.
        rng: The random state.
        frame: Or None.
        visits: Or None.

    Returns:
        The random state.
    """
    rewards, ints, updates = carried
    plus = variant.algorithm == DYNA_Q_PLUS
    n_pairs = np.int64(rewards.size)
    first_rate, exponent = agent["learning_rate"], agent["learning_rate_power"]
    discount = agent["discount_factor"]
    pair = move.s_tm1 * n_actions + move.a_tm1
    outcome = outcome_as_number(move.s_t, move.terminated)
    target, value = remembered(q, table, n_actions, outcome, move.r_t, discount)
    before = q[np.uint64(table + pair)]
    rate = rate_of(variant, first_rate, exponent, updates, pair)
    after = before + rate * (target - before)
    q[np.uint64(table + pair)] = after
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
            before=before,
            target=target,
            rate=rate,
            after=after,
            weight=_ONE,
            correction=_ZERO,
        ),
    )
    tried = n_actions
    if variant.uneven:
        tried = count_available(q, table + move.s_tm1 * n_actions, n_actions)
    known = remember(plus, n_actions, tried, ints, n_pairs, move.s_tm1, pair)
    rewards[np.uint64(pair)] = move.r_t
    ints[np.uint64(pair)] = outcome
    if plus:
        ints[np.uint64(2 * n_pairs + pair)] = np.int32(np.uint32(move.time))

    begin_planning(frame)
    for _ in range(np.int64(agent["planning_steps"])):
        bits, rng = next_u32(rng)
        chosen = np.int64(ints[np.uint64(n_pairs + pick(bits, known))])
        reward = rewards[np.uint64(chosen)]
        if plus:
            since = np.uint32(move.time) - np.uint32(ints[np.uint64(2 * n_pairs + chosen)])
            reward = reward + agent["exploration_bonus"] * np.sqrt(np.float32(np.uint32(since)))
        then = np.int64(ints[np.uint64(chosen)])
        goal, _ = remembered(q, table, n_actions, then, reward, discount)
        old = q[np.uint64(table + chosen)]
        rate = rate_of(variant, first_rate, exponent, updates, chosen)
        q[np.uint64(table + chosen)] = old + rate * (goal - old)
        note_planned(frame, chosen)
        if visits is not None:
            visit = visits[np.uint64(chosen // n_actions)]
            visit["visits"] += 1
            visit["td_error"] = goal - old
    return rng


@inlined
def remember(
    plus: Any, n_actions: Any, available: Any, ints: Any, n_pairs: Any, state: Any, pair: Any
) -> Any:
    """Put a pair into the list of those that are known, unless it is there; how many there are.

    Dyna-Q+ puts all actions of its state there that are to be had, in order.
    """
    count_at = np.uint64(ints.size - 1)
    known = np.int64(ints[count_at])
    if ints[np.uint64(pair)] == 0:
        if plus:
            for a in range(available):
                other = state * n_actions + a
                ints[np.uint64(other)] = state + 1
                ints[np.uint64(n_pairs + known)] = other
                known += 1
        else:
            ints[np.uint64(n_pairs + known)] = pair
            known += 1
        ints[count_at] = known
    return known
