"""Jitted: one step of 16 agents in lanes; the loop is in `gridworld.kernels.vector`.

The step is the scalar kernel's, lane by lane, in parts (`choose`, `act`, `learn`, and those of
`lanes.ends`), because the loop runs the parts of two groups in turn: while one group waits for
memory the other computes.

The rows of Q at the agents' states stay in registers. The row of the next state is loaded once,
and patched where the update changed that very row. A lane whose episode terminates does not need
the row of the terminal state: it loads the row of its start at once.
"""

from typing import Any, NamedTuple

import numpy as np

from gridworld.kernels.codes import ALWAYS, RANDOM, SLIP, TABLE
from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.agents import row_index
from gridworld.kernels.lanes.changed import changed
from gridworld.kernels.lanes.memory import load_each, load_outcomes
from gridworld.kernels.lanes.random import next_u32, next_u32_where, unit
from gridworld.kernels.lanes.rows import (
    Draws,
    behave,
    draw_for_action,
    load_row,
    select_row,
    sum_rows,
    value_of,
    write,
)
from gridworld.kernels.lanes.simd import (
    f32x16,
    high_product,
    i32x16,
    select,
    signed,
    u32x16,
)
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
    "choose",
    "learn",
    "nowhere",
    "over",
    "start_anywhere",
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
    tables: Any,
    lanes: Any,
    choice: Any,
) -> Any:
    """Take the action: where it leads, what it pays; the next episode begins at the first start."""
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
    seen = select(terminated, place, landed)
    return Arrival(reward, terminated, truncated, landed, place, seen, draws, rng)


@inlined
def over(arrival: Any) -> Any:
    """Mask of the lanes in which an episode ends."""
    return arrival.terminated | arrival.truncated


@inlined
def start_anywhere(tables: Any, uniform: Any, arrival: Any) -> Any:
    """Draw where the next episodes start, where there are several starts: the arrival."""
    place, rng = draw_start(tables, uniform, over(arrival), arrival.rng)
    seen = select(arrival.terminated, place, arrival.landed)
    return changed(arrival, place=place, seen=seen, rng=rng)


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
    return changed(
        lanes,
        rng=arrival.rng,
        state=arrival.seen,
        row=select_row(updated_row, row_t, same),
        second_row=second_row_t,
        action=action,
        length=lanes.length + 1,
        episode_return=lanes.episode_return + arrival.reward,
    )
