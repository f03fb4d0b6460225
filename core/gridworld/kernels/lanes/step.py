"""Jitted: one step of 16 agents in lanes; the loop is in `gridworld.kernels.vector`.

The step is the scalar kernel's, lane by lane, in four parts (`choose`, `act`, `learn`,
`end_episodes`), because the loop runs the parts of two groups in turn: while one group waits for
memory the other computes.

The rows of Q at the agents' states stay in registers. The row of the next state is loaded once,
and patched where the update changed that very row. A lane whose episode terminates does not need
the row of the terminal state: it loads the row of its start at once.
"""

from typing import Any, NamedTuple

import numpy as np

from gridworld.kernels.codes import ALWAYS, FACTOR, INT32_MAX, RANDOM, SLIP, TABLE
from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.agents import Lanes, row_index
from gridworld.kernels.lanes.memory import load_each, load_outcomes
from gridworld.kernels.lanes.random import next_u32, next_u32_where, unit
from gridworld.kernels.lanes.rows import (
    Draws,
    behave,
    draw_for_action,
    draw_where,
    load_row,
    select_row,
    sum_rows,
    value_of,
    write,
)
from gridworld.kernels.lanes.simd import (
    any_lane,
    bits_of,
    f32x16,
    high_product,
    i32x16,
    maximum,
    minimum,
    select,
    signed,
    u32x16,
)
from gridworld.kernels.lanes.tally import Tally, close_bins, settle
from gridworld.kernels.step import across
from gridworld.kernels.targets import (
    bootstrap_lanes,
    bootstraps_on_a_choice,
    chooses_ahead,
    has_two_tables,
    table_to_update,
)

__all__ = [
    "act",
    "attend",
    "choose",
    "close_full_bins",
    "end_episodes",
    "learn",
    "nowhere",
    "overfull",
    "starts_are_uniform",
]

_ZERO = np.float32(0)


class Choice(NamedTuple):
    """What `choose` found: the action, the bits that it came from, the random states."""

    action: Any
    bits: Any
    rng: Any


class Arrival(NamedTuple):
    """What `act` found.

    Attributes:
        reward: Of the step.
        terminated: Mask.
        truncated: Mask.
        landed: The state entered.
        place: Where the next episode starts.
        seen: The state whose row comes next: `place` where terminated, else `landed`.
        draws: For the next action (SARSA), and to break ties in the state entered.
        rng: The random states.
    """

    reward: Any
    terminated: Any
    truncated: Any
    landed: Any
    place: Any
    seen: Any
    draws: Any
    rng: Any


@inlined
def nowhere() -> Arrival:
    """Before the first step."""
    nothing = i32x16(0)
    none = nothing > 0
    zero = u32x16(0)
    rng = zero, zero, zero, zero
    draws = Draws(zero, zero, zero)
    return Arrival(f32x16(0), none, none, nothing, nothing, nothing, draws, rng)


@inlined
def starts_are_uniform(tables: Any) -> Any:
    """Whether every bucket of the alias table over the starts holds one start alone."""
    uniform = True
    for bound in tables.start_threshold:
        uniform = uniform and bound == ALWAYS
    return uniform


@inlined
def draw_start(tables: Any, uniform: Any, mask: Any, rng: Any) -> Any:
    """Start states where the mask is set: (states, random states)."""
    bits, rng = next_u32_where(mask, rng)
    n = np.uint32(tables.starts.size)
    k = signed(high_product(bits, n))
    if not uniform:
        fraction = bits * n
        bound = load_each(tables.start_threshold, k)
        direct = (fraction < bound) | (bound == ALWAYS)
        k = select(direct, k, load_each(tables.start_alias, k))
    return load_each(tables.starts, k), rng


@inlined
def find_outcome(
    variant: Any, n_outcomes: Any, tables: Any, state: Any, action: Any, rng: Any
) -> Any:
    """Where the outcomes of an action in a state stand: (indices, random states)."""
    executed = action
    if variant.dynamics == SLIP:
        bits, rng = next_u32(rng)
        executed = select(unit(bits) < tables.slip, across(action, signed(bits & 1)), action)
    index = state * variant.n_actions + executed
    if variant.dynamics == TABLE:
        bits, rng = next_u32(rng)
        index = index * n_outcomes
        k, fraction = signed(high_product(bits, np.uint32(n_outcomes))), bits * n_outcomes
        bound = load_each(tables.threshold, index + k)
        direct = (fraction < bound) | (bound == ALWAYS)
        index = index + select(direct, k, load_each(tables.alias, index + k))
    return index, rng


@inlined
def decayed(epsilon: Any, decay: Any, lowest: Any) -> Any:
    """Epsilon after an episode: lower by a factor, never below `lowest`, never higher."""
    return maximum(minimum(lowest, epsilon), epsilon * decay)


@inlined
def choose(variant: Any, q: Any, lanes: Any) -> Any:
    """Choose the action in the present state."""
    if chooses_ahead(variant.algorithm):
        return Choice(lanes.action, u32x16(0), lanes.rng)
    draws, rng = draw_for_action(variant, lanes.rng)
    if has_two_tables(variant.algorithm):
        row = sum_rows(lanes.row, lanes.second_row)
        return Choice(behave(variant, q, row, lanes.epsilon, draws), draws.bits, rng)
    return Choice(behave(variant, q, lanes.row, lanes.epsilon, draws), draws.bits, rng)


@inlined
def act(
    variant: Any,
    n_outcomes: Any,
    uniform: Any,
    tables: Any,
    lanes: Any,
    choice: Any,
) -> Any:
    """Take the action: where it leads, what it pays."""
    index, rng = find_outcome(variant, n_outcomes, tables, lanes.state, choice.action, choice.rng)
    entered, reward = load_outcomes(tables.outcomes, index)
    terminated = entered < 0
    landed = select(terminated, ~entered, entered)
    truncated = (lanes.length + 1 == tables.max_steps) & ~terminated
    draws = Draws(choice.bits, choice.bits, choice.bits)
    if chooses_ahead(variant.algorithm):
        draws, rng = draw_for_action(variant, rng)
    elif variant.ties == RANDOM and bootstraps_on_a_choice(variant.algorithm):
        ties, rng = next_u32(rng)
        draws = Draws(choice.bits, choice.bits, ties)
    place = i32x16(tables.starts[0])
    if variant.several_starts:
        over = terminated | truncated
        if any_lane(over):
            place, rng = draw_start(tables, uniform, over, rng)
    seen = select(terminated, place, landed)
    return Arrival(reward, terminated, truncated, landed, place, seen, draws, rng)


@inlined
def learn(variant: Any, q: Any, lanes: Any, choice: Any, arrival: Any) -> Any:
    """Update Q and move on; ended episodes are not yet counted."""
    fixed = lanes.fixed
    width = variant.n_actions
    index = row_index(variant, fixed.table, arrival.seen)
    row_t = load_row(variant, q, index)
    second_row_t = row_t
    updated_row = lanes.row
    index_tm1 = row_index(variant, fixed.table, lanes.state)
    second = table_to_update(choice.bits) != 0
    if has_two_tables(variant.algorithm):
        second_row_t = load_row(variant, q, index + width)
        updated_row = select_row(lanes.second_row, lanes.row, second)
        index_tm1 = index_tm1 + select(second, i32x16(width), i32x16(0))
    bootstrap, action = bootstrap_lanes(
        variant,
        q,
        row_t,
        second_row_t,
        lanes.epsilon,
        second,
        arrival.draws,
        lanes.action,
    )
    bootstrap = select(arrival.terminated, _ZERO, bootstrap)
    target = arrival.reward + fixed.discount_factor * bootstrap
    q_tm1 = value_of(updated_row, q, choice.action)
    q_new = q_tm1 + fixed.learning_rate * (target - q_tm1)
    q_new = select(fixed.learning, q_new, q_tm1)
    updated_row = write(updated_row, q, index_tm1, choice.action, q_new)

    same = arrival.seen == lanes.state
    if has_two_tables(variant.algorithm):
        second_row_t = select_row(updated_row, second_row_t, same & second)
        same = same & ~second
    else:
        second_row_t = lanes.second_row
    return Lanes(
        fixed=fixed,
        rng=arrival.rng,
        state=arrival.seen,
        row=select_row(updated_row, row_t, same),
        second_row=second_row_t,
        action=action,
        length=lanes.length + 1,
        episode_return=lanes.episode_return + arrival.reward,
        epsilon=lanes.epsilon,
        tally=lanes.tally,
    )


@inlined
def end_episodes(variant: Any, q: Any, lanes: Any, arrival: Any) -> Any:
    """Count the ended episodes, and begin new ones where the old terminated.

    Without a branch: with 16 lanes an episode ends in most steps of a small world. What needs
    one is left to `attend`.

    Args:
        variant: Which algorithm.
        q: The tables, flat.
        lanes: After `learn`.
        arrival: From `act`.

    Returns:
        The lanes, and the mask of those to attend to before the next step.
    """
    over = arrival.terminated | arrival.truncated
    lower = decayed(lanes.epsilon, lanes.fixed.epsilon_decay, lanes.fixed.epsilon_min)
    epsilon = lanes.epsilon
    if variant.schedule == FACTOR:
        epsilon = select(over, lower, lanes.epsilon)
    rng = lanes.rng
    action = lanes.action
    if chooses_ahead(variant.algorithm) and any_lane(arrival.terminated):
        rng, action = choose_again(variant, q, arrival.terminated, rng, lanes.row, epsilon, action)
    tally = lanes.tally
    got = lanes.episode_return
    length = signed(minimum(lanes.length, INT32_MAX))
    left = select(over, tally.left - 1, tally.left)
    moved = Lanes(
        fixed=lanes.fixed,
        rng=rng,
        state=lanes.state,
        row=lanes.row,
        second_row=lanes.second_row,
        action=action,
        length=select(over, 0, lanes.length),
        episode_return=select(over, _ZERO, got),
        epsilon=epsilon,
        tally=Tally(
            return_sum=select(over, tally.return_sum + got, tally.return_sum),
            return_min=select(over, minimum(tally.return_min, got), tally.return_min),
            return_max=select(over, maximum(tally.return_max, got), tally.return_max),
            length_min=select(over, minimum(tally.length_min, length), tally.length_min),
            length_max=select(over, maximum(tally.length_max, length), tally.length_max),
            granted=tally.granted,
            left=left,
            due=tally.due,
            began=tally.began,
            closed=tally.closed,
            plain=tally.plain,
        ),
    )
    return moved, arrival.truncated | (left == tally.due)


@inlined
def overfull(lanes: Any, arrival: Any) -> Any:
    """Mask of the lanes in which an episode ends that belongs to the bin after a full one."""
    return (arrival.terminated | arrival.truncated) & (lanes.tally.left == 0)


@inlined
def close_full_bins(bins: Any, steps: Any, v: Any, w: Any) -> Any:
    """Close all plain bins of two groups that are full: the lanes of both.

    Args:
        bins: `BIN[n, capacity]`, changed in place.
        steps: As of `attend`.
        v: Lanes after `learn`, or after `end_episodes`.
        w: The second group.
    """
    tally_v, tally_w = close_bins(
        bins,
        steps,
        v.fixed.who,
        signed(v.length),
        v.epsilon,
        v.tally,
        w.fixed.who,
        signed(w.length),
        w.epsilon,
        w.tally,
    )
    return with_tally(v, tally_v), with_tally(w, tally_w)


@inlined
def with_tally(lanes: Any, tally: Any) -> Any:
    """The lanes with another tally."""
    return Lanes(
        fixed=lanes.fixed,
        rng=lanes.rng,
        state=lanes.state,
        row=lanes.row,
        second_row=lanes.second_row,
        action=lanes.action,
        length=lanes.length,
        episode_return=lanes.episode_return,
        epsilon=lanes.epsilon,
        tally=tally,
    )


@inlined
def choose_again(
    variant: Any, q: Any, mask: Any, rng: Any, row: Any, epsilon: Any, action: Any
) -> Any:
    """SARSA's action at a start, where the mask is set: (random states, actions)."""
    draws, rng = draw_where(variant, mask, rng)
    return rng, select(mask, behave(variant, q, row, epsilon, draws), action)


@inlined
def attend(
    variant: Any, q: Any, agents: Any, bins: Any, steps: Any, lanes: Any, arrival: Any
) -> Any:
    """What few steps need: place truncated agents, bring records of due lanes up to date.

    Args:
        variant: Which algorithm.
        q: The tables, flat.
        agents: `AGENT[n]`, changed in place.
        bins: `BIN[n, capacity]`, changed in place.
        steps: Steps since `steps` of the records, the present one included.
        lanes: After `end_episodes`.
        arrival: From `act`.

    Returns:
        The lanes, and the bits of those whose agents reached their episode limit.
    """
    state, row, second_row = lanes.state, lanes.row, lanes.second_row
    rng, action, tally = lanes.rng, lanes.action, lanes.tally
    if any_lane(arrival.truncated):
        state = select(arrival.truncated, arrival.place, state)
        index = row_index(variant, lanes.fixed.table, state)
        row = load_row(variant, q, index)
        if has_two_tables(variant.algorithm):
            second_row = load_row(variant, q, index + variant.n_actions)
        if chooses_ahead(variant.algorithm):
            rng, action = choose_again(
                variant, q, arrival.truncated, rng, row, lanes.epsilon, action
            )
    done = np.int64(0)
    due = tally.left == tally.due
    if any_lane(due):
        tally, done = settle(
            agents, bins, steps, bits_of(due), lanes.fixed.who, lanes.epsilon, tally
        )
    attended = Lanes(
        fixed=lanes.fixed,
        rng=rng,
        state=state,
        row=row,
        second_row=second_row,
        action=action,
        length=lanes.length,
        episode_return=lanes.episode_return,
        epsilon=lanes.epsilon,
        tally=tally,
    )
    return attended, done
