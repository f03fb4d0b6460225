"""Jitted: the vector kernel, which advances 32 agents at a time in the lanes of two vectors.

It takes the same arguments as the scalar kernel and does the same to the last bit. All agents of
the slice run in lock step; a lane whose agent is done takes the next one that is not, and the
last few agents are left to the scalar kernel's code.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import config

from gridworld.kernels.atomics import load_atomic
from gridworld.kernels.branches import predicted
from gridworld.kernels.codes import (
    CONSTANT,
    EPSILON_GREEDY,
    FACTOR,
    INT32_MAX,
    ONE_STEP,
    STEADY,
)
from gridworld.kernels.jit import inlined, jit, pasted
from gridworld.kernels.lanes.agents import REPEATS, load_lanes, store_lanes
from gridworld.kernels.lanes.ends import (
    attend,
    choose_again,
    close_full_bins,
    end_episodes,
    overfull,
)
from gridworld.kernels.lanes.simd import (
    any_lane,
    extract,
    i32x16,
    insert,
    lowest,
    select,
)
from gridworld.kernels.lanes.step import (
    act,
    choose,
    learn,
    nowhere,
    over,
    start_anywhere,
    starts_are_uniform,
)
from gridworld.kernels.lanes.vectors import LANES
from gridworld.kernels.scalar import POLL, advance_agent, make_advance
from gridworld.kernels.targets import chooses_ahead
from gridworld.kernels.variant import Variant

__all__ = ["LANES", "make_advance_vector", "vector_supports"]

_FEW = 12
"""With fewer agents than this one after the other is faster."""

_MOST_ACTIONS = 64
"""With more, most of the time goes into reading rows, and lanes gain little."""

_ROUND = 2**30
"""Steps of one round: a count that fits the lanes."""


def vector_supports(variant: Variant) -> bool:
    """Whether there is a vector kernel for this algorithm and kind of world."""
    return (
        variant.algorithm in ONE_STEP
        and variant.exploration == EPSILON_GREEDY
        and variant.schedule in (CONSTANT, FACTOR)
        and variant.rate == STEADY
        and not (variant.noisy or variant.uneven)
        and variant.n_actions <= _MOST_ACTIONS
        and not config.DISABLE_JIT  # vectors exist in jitted code only
    )


@inlined
def budget(agent: Any, n_steps: Any) -> Any:
    """Steps that the agent may make in this round."""
    if agent["episodes"] >= agent["episode_limit"]:
        return np.int64(0)
    return max(np.int64(0), min(n_steps, agent["step_limit"] - agent["steps"]))


@inlined
def count_ready(agents: Any, n_steps: Any) -> Any:
    """How many agents are not done."""
    n = np.int64(0)
    for row in range(agents.size):
        n += 1 if budget(agents[row], n_steps) > 0 else 0
    return n


@inlined
def spread(agents: Any, queue: Any, n: Any, n_steps: Any) -> Any:
    """Put the next 1 to 16 agents that are not done into lanes: (queue, rows, steps left to each).

    Every lane must have a Q-table to work on that no other lane changes in its own way: where
    agents are fewer, the lanes behind them repeat lane 0. An agent that is done from the first is
    left out: the trainer has it advanced elsewhere, and lanes write to their tables even while
    they are idle.
    """
    who = i32x16(queue)
    left = i32x16(REPEATS)
    for lane in range(n):
        while budget(agents[queue], n_steps) == 0:
            queue += 1
        if lane == 0:
            who = i32x16(queue)
        who = insert(who, lane, queue)
        left = insert(left, lane, budget(agents[queue], n_steps))
        queue += 1
    return queue, who, left


@inlined
def refill(agents: Any, queue: Any, stop: Any, n_steps: Any, who: Any, left: Any) -> Any:
    """Give idle lanes the next agents that are not done: (queue, rows, steps left)."""
    for lane in range(LANES):
        while extract(left, lane) == 0 and queue < stop:
            steps = budget(agents[queue], n_steps)
            if steps > 0:
                who = insert(who, lane, queue)
                left = insert(left, lane, steps)
            queue += 1
    return queue, who, left


@inlined
def count_steps(agents: Any, steps: Any, done: Any, who: Any, left: Any) -> Any:
    """Add steps to the records of active lanes: what is left to each, none where done."""
    for lane in range(LANES):
        remaining = extract(left, lane)
        if remaining > 0:
            agents[np.int64(extract(who, lane))]["steps"] += steps
            remaining -= steps
            if done >> lane & 1:
                remaining = 0
            left = insert(left, lane, remaining)
    return left


@inlined
def active_lanes(left: Any) -> Any:
    """How many lanes are active."""
    n = 0
    for lane in range(LANES):
        n += 1 if extract(left, lane) > 0 else 0
    return n


@inlined
def run_lanes(
    variant: Any,
    tables: Any,
    n_outcomes: Any,
    agents: Any,
    q: Any,
    bins: Any,
    control: Any,
    left_v: Any,
    left_w: Any,
    v: Any,
    w: Any,
) -> Any:
    """Run two groups until an agent has no steps left or is done, or the stop word is seen.

    Returns:
        The steps left to each lane, of v and of w.
    """
    uniform = starts_are_uniform(tables)
    plenty = i32x16(_ROUND)
    fewest = min(
        lowest(select(left_v > 0, left_v, plenty)), lowest(select(left_w > 0, left_w, plenty))
    )
    steps = np.int64(0)
    done_v, done_w = np.int64(0), np.int64(0)
    while steps < fewest and done_v | done_w == 0 and load_atomic(control, 0) == 0:
        arrival_v, arrival_w = nowhere(), nowhere()
        for _ in range(min(np.int64(POLL), fewest - steps)):
            choice_v = choose(variant, q, v)
            choice_w = choose(variant, q, w)
            arrival_v = act(variant, n_outcomes, tables, v, choice_v)
            arrival_w = act(variant, n_outcomes, tables, w, choice_w)
            # One branch for both groups, here and below: two would be mispredicted more often.
            if variant.several_starts and any_lane(over(arrival_v) | over(arrival_w)):
                arrival_v = start_anywhere(tables, uniform, arrival_v)
                arrival_w = start_anywhere(tables, uniform, arrival_w)
            # Before `learn`, which needs most registers: behind it this would cost some 5 %.
            if predicted(any_lane(overfull(v, arrival_v) | overfull(w, arrival_w))):
                v, w = close_full_bins(bins, steps, v, w)
            steps += 1
            v = learn(variant, q, v, choice_v, arrival_v)
            w = learn(variant, q, w, choice_w, arrival_w)
            v, attend_v = end_episodes(variant, v, arrival_v)
            w, attend_w = end_episodes(variant, w, arrival_w)
            began = arrival_v.terminated | arrival_w.terminated
            if chooses_ahead(variant.algorithm) and any_lane(began):
                v = choose_again(variant, q, v, arrival_v.terminated)
                w = choose_again(variant, q, w, arrival_w.terminated)
            if any_lane(attend_v | attend_w):
                break
        v, done_v = attend(variant, q, agents, bins, steps, v, arrival_v)
        w, done_w = attend(variant, q, agents, bins, steps, w, arrival_w)
    v, w = close_full_bins(bins, steps, v, w)
    store_lanes(agents, bins, v)
    store_lanes(agents, bins, w)
    left_v = count_steps(agents, steps, done_v, v.fixed.who, left_v)
    left_w = count_steps(agents, steps, done_w, w.fixed.who, left_w)
    return left_v, left_w


@pasted
def advance_part(
    variant: Any,
    tables: Any,
    agents: Any,
    q: Any,
    bins: Any,
    control: Any,
    n_steps: Any,
) -> None:
    """Advance agents whose Q-tables a lane's index can reach, by at most `_ROUND` steps."""
    n_agents = agents.size
    ready = count_ready(agents, n_steps)
    in_lanes = min(ready, np.int64(2 * LANES)) if ready >= _FEW else np.int64(0)
    half = (in_lanes + 1) // 2
    queue = np.int64(0)
    queue, who_v, left_v = spread(agents, queue, half, n_steps)
    queue, who_w, left_w = spread(agents, queue, in_lanes - half, n_steps)
    if in_lanes > 0:
        flat = q.reshape(-1)
        table_size = q.shape[1] * q.shape[2] * q.shape[3]
        n_outcomes = tables.outcomes.size // (q.shape[1] * variant.n_actions)
        while load_atomic(control, 0) == 0:
            queue, who_v, left_v = refill(agents, queue, n_agents, n_steps, who_v, left_v)
            queue, who_w, left_w = refill(agents, queue, n_agents, n_steps, who_w, left_w)
            if active_lanes(left_v) + active_lanes(left_w) < _FEW:
                break
            v = load_lanes(variant, agents, bins, flat, table_size, who_v, left_v)
            w = load_lanes(variant, agents, bins, flat, table_size, who_w, left_w)
            left_v, left_w = run_lanes(
                variant,
                tables,
                n_outcomes,
                agents,
                flat,
                bins,
                control,
                left_v,
                left_w,
                v,
                w,
            )
    for k in range(in_lanes if in_lanes > 0 else n_agents):
        i, steps = np.int64(k), np.int64(0)
        if in_lanes == 0:
            steps = budget(agents[i], n_steps)
        elif k < half:
            i, steps = np.int64(extract(who_v, k)), np.int64(extract(left_v, k))
        else:
            i = np.int64(extract(who_w, k - half))
            steps = np.int64(extract(left_w, k - half))
        if steps > 0:
            advance_agent(
                variant,
                variant.n_actions,
                tables,
                agents,
                i,
                q,
                bins,
                control,
                agents[i]["steps"] + steps,
                None,
                None,
                None,
            )


@inlined
def sum_steps(agents: Any) -> Any:
    """Steps of all agents together."""
    total = np.int64(0)
    for i in range(agents.size):
        total += agents[i]["steps"]
    return total


@cache
def make_advance_vector(variant: Variant) -> Callable[..., int]:
    """The vector kernel; arguments and result as of `make_advance` without `trace` and `watch`.

    Where the vectors cannot run (see `vector_supports`) it is the scalar kernel.
    """
    if not vector_supports(variant):
        return make_advance(variant)
    if variant.large:  # the lanes know no difference
        return make_advance_vector(variant._replace(large=False))

    @jit
    def advance_vector(
        tables: Any, agents: Any, q: Any, bins: Any, control: Any, n_steps: Any
    ) -> Any:
        # Lanes hold 32-bit indices into Q: more agents are advanced part by part.
        part = max(INT32_MAX // (q.shape[1] * q.shape[2] * q.shape[3]), 1)
        before = sum_steps(agents)
        while n_steps > 0 and load_atomic(control, 0) == 0:
            steps = min(np.int64(n_steps), np.int64(_ROUND))
            n_steps -= steps
            for begin in range(0, agents.size, part):
                advance_part(
                    variant,
                    tables,
                    agents[begin : begin + part],
                    q[begin : begin + part],
                    bins[begin : begin + part],
                    control,
                    steps,
                )
        return sum_steps(agents) - before

    return advance_vector
