"""Jitted: 16 agents in lanes, and the way between lanes and the agents' records."""

from typing import Any, NamedTuple

import numpy as np

from gridworld.kernels.actions import N_ACTIONS
from gridworld.kernels.codes import INT32_MAX
from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.memory import load_rows
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
from gridworld.kernels.lanes.vectors import LANES
from gridworld.kernels.statistics import close_or_fold, until_fold
from gridworld.kernels.targets import has_two_tables

__all__ = ["REPEATS", "Fixed", "Lanes", "Tally", "load_lanes", "row_index", "settle", "store_lanes"]

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
        row: Four vectors, the values of the actions in `state`.
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


class Tally(NamedTuple):
    """Statistics of 16 agents since their records were last brought up to date.

    Attributes:
        return_sum: Of the fold under way.
        return_min: Of the open bin, and so on.
        return_max: See there.
        length_min: See there.
        length_max: See there.
        granted: Episodes from the last visit to the record until the next.
        left: Episodes until then.
    """

    return_sum: Any
    return_min: Any
    return_max: Any
    length_min: Any
    length_max: Any
    granted: Any
    left: Any


@inlined
def until_visit(agent: Any, keep_statistics: Any) -> Any:
    """Episodes until the record must be brought up to date: a full fold, or the agent's limit."""
    left = min(agent["episode_limit"] - agent["episodes"], np.int64(INT32_MAX))
    if keep_statistics:
        left = min(left, until_fold(agent))
    return left


@inlined
def write_tally(agent: Any, lane: Any, tally: Any, keep_statistics: Any) -> None:
    """Bring the statistics of a record up to date."""
    episodes = np.int64(extract(tally.granted, lane) - extract(tally.left, lane))
    agent["episodes"] += episodes
    if keep_statistics:
        agent["fold_count"] += episodes
        agent["fold_return_sum"] = extract(tally.return_sum, lane)
        agent["bin_return_min"] = extract(tally.return_min, lane)
        agent["bin_return_max"] = extract(tally.return_max, lane)
        agent["bin_length_min"] = extract(tally.length_min, lane)
        agent["bin_length_max"] = extract(tally.length_max, lane)


@inlined
def read_tally(agent: Any, lane: Any, tally: Any, keep_statistics: Any) -> Any:
    """One lane of the tally from a record."""
    left = until_visit(agent, keep_statistics)
    return Tally(
        insert(tally.return_sum, lane, agent["fold_return_sum"]),
        insert(tally.return_min, lane, agent["bin_return_min"]),
        insert(tally.return_max, lane, agent["bin_return_max"]),
        insert(tally.length_min, lane, agent["bin_length_min"]),
        insert(tally.length_max, lane, agent["bin_length_max"]),
        insert(tally.granted, lane, left),
        insert(tally.left, lane, left),
    )


@inlined
def settle(agents: Any, bins: Any, steps: Any, due: Any, who: Any, epsilon: Any, tally: Any) -> Any:
    """Bring the records of some lanes up to date: (tally, bits of the lanes that are done)."""
    keep_statistics = bins.shape[1] > 0
    done = np.int64(0)
    for lane in range(LANES):
        if due >> lane & 1:
            i = np.int64(extract(who, lane))
            agent = agents[i]
            write_tally(agent, lane, tally, keep_statistics)
            if keep_statistics and until_fold(agent) == 0:
                close_or_fold(agents, i, bins, agent["steps"] + steps, extract(epsilon, lane))
            tally = read_tally(agent, lane, tally, keep_statistics)
            if agent["episodes"] == agent["episode_limit"]:
                done |= np.int64(1) << lane
    return tally, done


@inlined
def row_index(algorithm: Any, table: Any, state: Any) -> Any:
    """Where the row of a state begins, or the first of its two."""
    width = 2 * N_ACTIONS if has_two_tables(algorithm) else N_ACTIONS
    return table + state * width


@inlined
def load_lanes(
    variant: Any, agents: Any, bins: Any, q: Any, table_size: Any, who: Any, left: Any
) -> Any:
    """Lanes from the records of the agents `who`, of whom `left` steps are left (see `spread`).

    A lane that repeats lane 0 computes and writes the same bits at the same time, or stops
    learning with it.
    """
    keep_statistics = bins.shape[1] > 0
    nothing, zero = i32x16(0), f32x16(0)
    learning_rate, discount_factor, epsilon_decay = zero, zero, zero
    epsilon_min, episode_return, epsilon = zero, zero, zero
    table, state, action, length = nothing, nothing, nothing, nothing
    rng = u32x16(0), u32x16(0), u32x16(0), u32x16(0)
    tally = Tally(zero, zero, zero, nothing, nothing, nothing, nothing)
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
        tally = read_tally(agent, lane, tally, keep_statistics)
    active = left > 0
    learning = select(left == REPEATS, i32x16(extract(left, 0)), left) > 0
    index = row_index(variant.algorithm, table, state)
    row = load_rows(q, index)
    second_row = zero, zero, zero, zero
    if has_two_tables(variant.algorithm):
        second_row = load_rows(q, index + N_ACTIONS)
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
