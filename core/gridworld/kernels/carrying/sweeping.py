"""Jitted: prioritized sweeping (Moore & Atkeson 1993; Sutton & Barto 2018, 8.4).

A step is remembered, and its pair put into a queue if an update would move its value by more than
theta, before the learning rate. Then so many times the pair that would move most is taken off the
queue and updated by what is remembered of it, and the pairs that are remembered to lead to its
state are put into the queue where they would now move by more than theta. A pair that is in the
queue already goes up in it, never down. Among equals the lower pair comes first.

    floats: rewards `[S * A]`, priorities `[S * A]`
    ints: outcomes `[S * A]` as `planning` keeps them; of each state a pair that leads to it, or
        0 `[S]`; of each pair the next and the one before that lead to the same state `[S * A]`
        each; the queue, a binary heap `[S * A]`; where in it a pair is `[S * A]`; its size `[1]`.
        Pairs and places count from 1, 0 is none, but in the queue pairs count from 0.
"""

from typing import Any

import numpy as np

from gridworld.kernels.carrying.moves import Update, begin_planning, note, note_planned
from gridworld.kernels.carrying.planning import outcome_as_number, remembered
from gridworld.kernels.jit import inlined
from gridworld.kernels.rates import rate_of

__all__ = ["learn_by_sweeping"]

_ZERO, _ONE = np.float32(0), np.float32(1)


@inlined
def learn_by_sweeping(
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
    """Remember a step, and update what it changes most.

    Args:
        variant: Which learning rate; a constant where this is called.
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
    n_pairs = np.int64(floats.size // 2)
    n_states = n_pairs // n_actions
    first_rate, exponent = agent["learning_rate"], agent["learning_rate_power"]
    discount = agent["discount_factor"]
    threshold = agent["priority_threshold"]
    pair = move.s_tm1 * n_actions + move.a_tm1
    floats[np.uint64(pair)] = move.r_t
    link(ints, n_pairs, n_states, pair, outcome_as_number(move.s_t, move.terminated))
    consider(n_actions, q, table, floats, ints, n_pairs, n_states, discount, threshold, pair)
    size_at = np.uint64(ints.size - 1)
    begin_planning(frame)
    for _ in range(np.int64(agent["planning_steps"])):
        if ints[size_at] == 0:
            break
        chosen = take(floats, ints, n_pairs, n_states)
        state = chosen // n_actions
        outcome = np.int64(ints[np.uint64(chosen)])
        reward = floats[np.uint64(chosen)]
        target, value = remembered(q, table, n_actions, outcome, reward, discount)
        before = q[np.uint64(table + chosen)]
        rate = rate_of(variant, first_rate, exponent, updates, chosen)
        after = before + rate * (target - before)
        q[np.uint64(table + chosen)] = after
        note_planned(frame, chosen)
        note(
            frame,
            visits,
            Update(
                state=state,
                action=chosen % n_actions,
                steps=1,
                next_state=outcome - 1 if outcome > 0 else outcome,
                reward=reward,
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
        before_it = np.int64(ints[np.uint64(n_pairs + state)])
        while before_it > 0:
            other = before_it - 1
            consider(
                n_actions, q, table, floats, ints, n_pairs, n_states, discount, threshold, other
            )
            before_it = np.int64(ints[np.uint64(n_pairs + n_states + other)])


@inlined
def link(ints: Any, n_pairs: Any, n_states: Any, pair: Any, outcome: Any) -> None:
    """Remember a pair's outcome, and list it among the pairs that lead to that state."""
    known = np.int64(ints[np.uint64(pair)])
    if known == outcome:
        return
    following = n_pairs + n_states
    previous = following + n_pairs
    if known > 0:
        after = np.int64(ints[np.uint64(following + pair)])
        ahead = np.int64(ints[np.uint64(previous + pair)])
        if ahead > 0:
            ints[np.uint64(following + ahead - 1)] = after
        else:
            ints[np.uint64(n_pairs + known - 1)] = after
        if after > 0:
            ints[np.uint64(previous + after - 1)] = ahead
    first = np.int64(0)
    if outcome > 0:
        first = np.int64(ints[np.uint64(n_pairs + outcome - 1)])
        ints[np.uint64(n_pairs + outcome - 1)] = pair + 1
        if first > 0:
            ints[np.uint64(previous + first - 1)] = pair + 1
    ints[np.uint64(following + pair)] = first
    ints[np.uint64(previous + pair)] = 0
    ints[np.uint64(pair)] = outcome


@inlined
def consider(
    n_actions: Any,
    q: Any,
    table: Any,
    floats: Any,
    ints: Any,
    n_pairs: Any,
    n_states: Any,
    discount: Any,
    threshold: Any,
    pair: Any,
) -> None:
    """Put a pair into the queue where an update would move it by more than the threshold."""
    outcome = np.int64(ints[np.uint64(pair)])
    target, _ = remembered(q, table, n_actions, outcome, floats[np.uint64(pair)], discount)
    priority = abs(target - q[np.uint64(table + pair)])
    if not priority > threshold:
        return
    heap = 3 * n_pairs + n_states
    places = heap + n_pairs
    size_at = np.uint64(ints.size - 1)
    place = np.int64(ints[np.uint64(places + pair)])
    if place == 0:
        place = np.int64(ints[size_at]) + 1
        ints[size_at] = place
    elif not priority > floats[np.uint64(n_pairs + pair)]:
        return
    floats[np.uint64(n_pairs + pair)] = priority
    while place > 1:
        above = place // 2
        other = np.int64(ints[np.uint64(heap + above - 1)])
        if comes_first(floats, n_pairs, other, pair):
            break
        ints[np.uint64(heap + place - 1)] = other
        ints[np.uint64(places + other)] = place
        place = above
    ints[np.uint64(heap + place - 1)] = pair
    ints[np.uint64(places + pair)] = place


@inlined
def comes_first(floats: Any, n_pairs: Any, one: Any, other: Any) -> Any:
    """Whether a pair comes before another in the queue."""
    mine, others = floats[np.uint64(n_pairs + one)], floats[np.uint64(n_pairs + other)]
    return mine > others or (mine == others and one < other)


@inlined
def take(floats: Any, ints: Any, n_pairs: Any, n_states: Any) -> Any:
    """Take the first pair off the queue, which is not empty."""
    heap = 3 * n_pairs + n_states
    places = heap + n_pairs
    size_at = np.uint64(ints.size - 1)
    top = np.int64(ints[np.uint64(heap)])
    ints[np.uint64(places + top)] = 0
    floats[np.uint64(n_pairs + top)] = _ZERO
    size = np.int64(ints[size_at]) - 1
    ints[size_at] = size
    if size == 0:
        return top
    last = np.int64(ints[np.uint64(heap + size)])
    place = np.int64(1)
    while 2 * place <= size:
        below = 2 * place
        child = np.int64(ints[np.uint64(heap + below - 1)])
        if below < size:
            second = np.int64(ints[np.uint64(heap + below)])
            if comes_first(floats, n_pairs, second, child):
                child = second
                below += 1
        if comes_first(floats, n_pairs, last, child):
            break
        ints[np.uint64(heap + place - 1)] = child
        ints[np.uint64(places + child)] = place
        place = below
    ints[np.uint64(heap + place - 1)] = last
    ints[np.uint64(places + last)] = place
    return top
