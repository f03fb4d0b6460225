"""Jitted: 16 agents in lanes, and the way between lanes and the agents' records."""

from typing import Any, NamedTuple

import numpy as np

from gridworld.kernels.codes import INT32_MAX
from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.rows import load_row
from gridworld.kernels.lanes.simd import (
    bits_of,
    extract,
    f32x16,
    i32x16,
    insert,
    minimum,
    select,
    signed,
    u32x16,
    unsigned,
)
from gridworld.kernels.lanes.tally import empty_tally, never_due, read_tally, write_tally
from gridworld.kernels.lanes.vectors import LANES
from gridworld.kernels.targets import has_two_tables

__all__ = ["REPEATS", "Fixed", "Lanes", "load_lanes", "row_index", "store_lanes"]

REPEATS = -1
"""In place of the steps left: the lane does the same as lane 0."""


class Fixed(NamedTuple):
    """What does not change while 16 agents are in lanes; each field is a vector.

    Attributes:
        who: The agent's row in the slice.
        active: Mask of the lanes whose records are kept. The others are idle (their agent is
            done) or repeat what another lane of the vector does.
        learning: Mask; a lane that does not learn goes on moving but changes nothing.
        table: Where the agent's Q-table begins.
        learning_rate: Alpha.
        discount_factor: Gamma.
        epsilon_decay: Factor after each episode.
        epsilon_min: Epsilon is not lowered below this.
    """

    who: Any
    active: Any
    learning: Any
    table: Any
    learning_rate: Any
    discount_factor: Any
    epsilon_decay: Any
    epsilon_min: Any


class Lanes(NamedTuple):
    """16 agents; each field but the nested ones is a vector.

    Attributes:
        fixed: What does not change.
        rng: Four vectors.
        state: Where the agent is.
        row: The values of the actions in `state` (see `lanes.rows`).
        second_row: The same from the second table (Double Q-learning).
        action: Already chosen in `state` (SARSA).
        length: Steps of the episode under way, uint32.
        episode_return: Of the episode under way.
        epsilon: Probability of a random action.
        tally: What the statistics keep.
    """

    fixed: Any
    rng: Any
    state: Any
    row: Any
    second_row: Any
    action: Any
    length: Any
    episode_return: Any
    epsilon: Any
    tally: Any


@inlined
def row_index(variant: Any, table: Any, state: Any) -> Any:
    """Where the row of a state begins, or the first of its two."""
    width = 2 * variant.n_actions if has_two_tables(variant.algorithm) else variant.n_actions
    return table + state * width


@inlined
def load_lanes(
    variant: Any, agents: Any, bins: Any, q: Any, table_size: Any, who: Any, left: Any
) -> Any:
    """Lanes from the records of the agents `who`, of whom `left` steps are left (see `spread`).

    A lane that repeats lane 0 computes and writes the same bits at the same time, or stops
    learning with it.
    """
    nothing, zero = i32x16(0), f32x16(0)
    learning_rate, discount_factor, epsilon_decay = zero, zero, zero
    epsilon_min, episode_return, epsilon = zero, zero, zero
    table, state, action, length = nothing, nothing, nothing, nothing
    rng = u32x16(0), u32x16(0), u32x16(0), u32x16(0)
    tally = empty_tally()
    for lane in range(LANES):
        i = np.int64(extract(who, lane))
        agent = agents[i]
        table = insert(table, lane, i * table_size)
        learning_rate = insert(learning_rate, lane, agent["learning_rate"])
        discount_factor = insert(discount_factor, lane, agent["discount_factor"])
        epsilon_decay = insert(epsilon_decay, lane, agent["epsilon_decay"])
        epsilon_min = insert(epsilon_min, lane, agent["epsilon_min"])
        words = agent["rng"]
        rng = (
            insert(rng[0], lane, words[0]),
            insert(rng[1], lane, words[1]),
            insert(rng[2], lane, words[2]),
            insert(rng[3], lane, words[3]),
        )
        state = insert(state, lane, agent["state"])
        action = insert(action, lane, agent["action"])
        length = insert(length, lane, agent["length"])
        episode_return = insert(episode_return, lane, agent["episode_return"])
        epsilon = insert(epsilon, lane, agent["epsilon"])
        tally = read_tally(agent, lane, tally, bins.shape[1])
    active = left > 0
    tally = never_due(~active, tally)
    learning = select(left == REPEATS, i32x16(extract(left, 0)), left) > 0
    index = row_index(variant, table, state)
    row = load_row(variant, q, index)
    second_row = row
    if has_two_tables(variant.algorithm):
        second_row = load_row(variant, q, index + variant.n_actions)
    return Lanes(
        fixed=Fixed(
            who=who,
            active=active,
            learning=learning,
            table=table,
            learning_rate=learning_rate,
            discount_factor=discount_factor,
            epsilon_decay=epsilon_decay,
            epsilon_min=epsilon_min,
        ),
        rng=rng,
        state=state,
        row=row,
        second_row=second_row,
        action=action,
        length=unsigned(length),
        episode_return=episode_return,
        epsilon=epsilon,
        tally=tally,
    )


@inlined
def store_lanes(agents: Any, bins: Any, lanes: Any) -> None:
    """Bring the records of the active lanes up to date; `steps` is the loop's to count."""
    keep_statistics = bins.shape[1] > 0
    active = bits_of(lanes.fixed.active)
    for lane in range(LANES):
        if active >> lane & 1:
            agent = agents[np.int64(extract(lanes.fixed.who, lane))]
            words = agent["rng"]
            words[0] = extract(lanes.rng[0], lane)
            words[1] = extract(lanes.rng[1], lane)
            words[2] = extract(lanes.rng[2], lane)
            words[3] = extract(lanes.rng[3], lane)
            agent["state"] = extract(lanes.state, lane)
            agent["action"] = extract(lanes.action, lane)
            agent["length"] = extract(signed(minimum(lanes.length, INT32_MAX)), lane)
            agent["episode_return"] = extract(lanes.episode_return, lane)
            agent["epsilon"] = extract(lanes.epsilon, lane)
            write_tally(agent, lane, lanes.tally, keep_statistics)
