"""Jitted: one step of 16 agents in the lanes of vectors; the loop is in `gridworld.kernels.vector`.

The step is the scalar kernel's, lane by lane, in four parts (`choose`, `act`, `learn`,
`end_episodes`), because the loop runs the parts of two groups in turn: while one group waits for
memory the other computes.

The rows of Q at the agents' states stay in registers. The row of the next state is loaded once,
and patched where the update changed that very row. A lane whose episode terminates does not need
the row of the terminal state: it loads the row of its start at once.
"""

from typing import Any, NamedTuple

import numpy as np

from gridworld.kernels.jit import inlined
from gridworld.kernels.simd import (
    LANES,
    any_lane,
    bits_of,
    extract,
    f32x16,
    high_product,
    i32x16,
    insert,
    load_each,
    load_outcomes,
    load_rows,
    maximum,
    minimum,
    select,
    signed,
    store_rows,
    to_float,
    u32x16,
    unsigned,
)
from gridworld.kernels.statistics import close_or_fold, until_fold

Q_LEARNING, SARSA, EXPECTED_SARSA, DOUBLE_Q_LEARNING = 0, 1, 2, 3
SLIP = 1

_ZERO = np.float32(0)
_ONE = np.float32(1)
_QUARTER = np.float32(0.25)
_UNIT = np.float32(2.0**-24)
_ALWAYS = np.uint32(2**32 - 1)
_INT32_MAX = 2**31 - 1

N_ACTIONS = 4

REPEATS = -1
"""In place of the steps left: the lane does the same as lane 0."""


class Lanes(NamedTuple):
    """16 agents; each field but the nested ones is a vector.

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

    who: Any
    active: Any
    learning: Any
    table: Any
    learning_rate: Any
    discount_factor: Any
    epsilon_decay: Any
    epsilon_min: Any
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
        bits: For the next action (SARSA).
        rng: The random states.
    """

    reward: Any
    terminated: Any
    truncated: Any
    landed: Any
    place: Any
    seen: Any
    bits: Any
    rng: Any


@inlined
def nowhere() -> Arrival:
    """Before the first step."""
    nothing = i32x16(0)
    none = nothing > 0
    rng = u32x16(0), u32x16(0), u32x16(0), u32x16(0)
    return Arrival(f32x16(0), none, none, nothing, nothing, nothing, u32x16(0), rng)


# --- the pieces of a step


@inlined
def next_bits(rng: Any) -> Any:
    """`gridworld.kernels.random.next_u32` in every lane."""
    s0, s1, s2, s3 = rng
    total = s0 + s3
    bits = ((total << 7) | (total >> 25)) + s0
    shifted = s1 << 9
    s2 = s2 ^ s0
    s3 = s3 ^ s1
    s1 = s1 ^ s2
    s0 = s0 ^ s3
    s2 = s2 ^ shifted
    s3 = (s3 << 11) | (s3 >> 21)
    return bits, (s0, s1, s2, s3)


@inlined
def next_bits_where(mask: Any, rng: Any) -> Any:
    """Draw in some lanes only; the others' bits are unused and their states unchanged."""
    bits, new = next_bits(rng)
    kept = (
        select(mask, new[0], rng[0]),
        select(mask, new[1], rng[1]),
        select(mask, new[2], rng[2]),
        select(mask, new[3], rng[3]),
    )
    return bits, kept


@inlined
def units(bits: Any) -> Any:
    """The upper 24 bits as float32 in [0, 1)."""
    return to_float(signed(bits >> 8)) * _UNIT


@inlined
def greedy(row: Any) -> Any:
    """The lowest of the best actions."""
    left = select(row[1] > row[0], i32x16(1), i32x16(0))
    right = select(row[3] > row[2], i32x16(3), i32x16(2))
    better = maximum(row[2], row[3]) > maximum(row[0], row[1])
    return select(better, right, left)


@inlined
def highest(row: Any) -> Any:
    """The highest value."""
    return maximum(maximum(row[0], row[1]), maximum(row[2], row[3]))


@inlined
def behave(row: Any, epsilon: Any, bits: Any) -> Any:
    """An epsilon-greedy action."""
    return select(units(bits) < epsilon, signed(bits & 3), greedy(row))


@inlined
def value_of(row: Any, action: Any) -> Any:
    """The value of the action."""
    first = select(action == 1, row[1], row[0])
    return select(action == 3, row[3], select(action == 2, row[2], first))


@inlined
def with_value(row: Any, action: Any, value: Any) -> Any:
    """The row with the action's value replaced."""
    return (
        select(action == 0, value, row[0]),
        select(action == 1, value, row[1]),
        select(action == 2, value, row[2]),
        select(action == 3, value, row[3]),
    )


@inlined
def select_row(mask: Any, yes: Any, no: Any) -> Any:
    """Rows from `yes` where the mask is set, else from `no`."""
    return (
        select(mask, yes[0], no[0]),
        select(mask, yes[1], no[1]),
        select(mask, yes[2], no[2]),
        select(mask, yes[3], no[3]),
    )


@inlined
def sum_rows(a: Any, b: Any) -> Any:
    """Values of two tables, added."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]


@inlined
def starts_are_uniform(tables: Any) -> Any:
    """Whether every bucket of the alias table over the starts holds one start alone."""
    uniform = True
    for bound in tables.start_threshold:
        uniform = uniform and bound == _ALWAYS
    return uniform


@inlined
def start_states(tables: Any, uniform: Any, bits: Any) -> Any:
    """`gridworld.kernels.random.categorical` over the starts, in every lane."""
    n = np.uint32(tables.starts.size)
    k = signed(high_product(bits, n))
    if not uniform:
        fraction = bits * n
        bound = load_each(tables.start_threshold, k)
        direct = (fraction < bound) | (bound == _ALWAYS)
        k = select(direct, k, load_each(tables.start_alias, k))
    return load_each(tables.starts, k)


# --- the parts of a step


@inlined
def choose(algorithm: Any, lanes: Any) -> Any:
    """Choose the action in the present state."""
    if algorithm == SARSA:
        return Choice(lanes.action, u32x16(0), lanes.rng)
    bits, rng = next_bits(lanes.rng)
    row = lanes.row
    if algorithm == DOUBLE_Q_LEARNING:
        row = sum_rows(row, lanes.second_row)
    return Choice(behave(row, lanes.epsilon, bits), bits, rng)


@inlined
def act(
    algorithm: Any,
    dynamics: Any,
    several_starts: Any,
    uniform: Any,
    tables: Any,
    lanes: Any,
    choice: Any,
) -> Any:
    """Take the action: where it leads, what it pays."""
    rng = choice.rng
    executed = choice.action
    if dynamics == SLIP:
        slip_bits, rng = next_bits(rng)
        across = ((executed ^ 2) & 2) | signed(slip_bits & 1)
        executed = select(units(slip_bits) < tables.slip, across, executed)
    entered, reward = load_outcomes(tables.outcomes, lanes.state * N_ACTIONS + executed)
    terminated = entered < 0
    landed = select(terminated, ~entered, entered)
    truncated = (lanes.length + 1 == tables.max_steps) & ~terminated
    bits = choice.bits
    if algorithm == SARSA:
        bits, rng = next_bits(rng)
    place = i32x16(tables.starts[0])
    if several_starts:
        over = terminated | truncated
        if any_lane(over):
            start_bits, rng = next_bits_where(over, rng)
            place = start_states(tables, uniform, start_bits)
    seen = select(terminated, place, landed)
    return Arrival(reward, terminated, truncated, landed, place, seen, bits, rng)


@inlined
def row_index(algorithm: Any, lanes: Any, state: Any) -> Any:
    """Where the row of a state begins."""
    width = 2 * N_ACTIONS if algorithm == DOUBLE_Q_LEARNING else N_ACTIONS
    return lanes.table + state * width


@inlined
def learn(algorithm: Any, q: Any, lanes: Any, choice: Any, arrival: Any) -> Any:
    """Update Q and move on; ended episodes are not yet counted."""
    index = row_index(algorithm, lanes, arrival.seen)
    row_t = load_rows(q, index)
    second_row_t = row_t
    updated_row = lanes.row
    index_tm1 = row_index(algorithm, lanes, lanes.state)
    action = lanes.action
    second = choice.bits & 128 != 0
    if algorithm == Q_LEARNING:
        bootstrap = highest(row_t)
    elif algorithm == EXPECTED_SARSA:
        mean = (row_t[0] + row_t[1] + row_t[2] + row_t[3]) * _QUARTER
        bootstrap = (_ONE - lanes.epsilon) * highest(row_t) + lanes.epsilon * mean
    elif algorithm == SARSA:
        action = behave(row_t, lanes.epsilon, arrival.bits)
        bootstrap = value_of(row_t, action)
    else:
        second_row_t = load_rows(q, index + N_ACTIONS)
        picking = select_row(second, second_row_t, row_t)
        rating = select_row(second, row_t, second_row_t)
        bootstrap = value_of(rating, greedy(picking))
        updated_row = select_row(second, lanes.second_row, lanes.row)
        index_tm1 = index_tm1 + select(second, i32x16(N_ACTIONS), i32x16(0))
    bootstrap = select(arrival.terminated, _ZERO, bootstrap)
    target = arrival.reward + lanes.discount_factor * bootstrap
    q_tm1 = value_of(updated_row, choice.action)
    q_new = q_tm1 + lanes.learning_rate * (target - q_tm1)
    q_new = select(lanes.learning, q_new, q_tm1)
    updated_row = with_value(updated_row, choice.action, q_new)
    store_rows(q, index_tm1, updated_row)

    same = arrival.seen == lanes.state
    if algorithm == DOUBLE_Q_LEARNING:
        second_row_t = select_row(same & second, updated_row, second_row_t)
        same = same & ~second
    else:
        second_row_t = lanes.second_row
    return Lanes(
        lanes.who,
        lanes.active,
        lanes.learning,
        lanes.table,
        lanes.learning_rate,
        lanes.discount_factor,
        lanes.epsilon_decay,
        lanes.epsilon_min,
        arrival.rng,
        arrival.seen,
        select_row(same, updated_row, row_t),
        second_row_t,
        action,
        lanes.length + 1,
        lanes.episode_return + arrival.reward,
        lanes.epsilon,
        lanes.tally,
    )


@inlined
def end_episodes(algorithm: Any, lanes: Any, arrival: Any) -> Any:
    """Count the ended episodes, and begin new ones where the old terminated.

    Without a branch: with 16 lanes an episode ends in most steps of a small world. What needs
    one is left to `attend`.

    Args:
        algorithm: Which.
        lanes: After `learn`.
        arrival: From `act`.

    Returns:
        The lanes, and the mask of those to attend to before the next step.
    """
    over = arrival.terminated | arrival.truncated
    floor = minimum(lanes.epsilon_min, lanes.epsilon)
    decayed = maximum(floor, lanes.epsilon * lanes.epsilon_decay)
    epsilon = select(over, decayed, lanes.epsilon)
    rng = lanes.rng
    action = lanes.action
    if algorithm == SARSA and any_lane(arrival.terminated):
        rng, action = choose_again(arrival.terminated, rng, lanes.row, epsilon, action)
    tally = lanes.tally
    got = lanes.episode_return
    length = signed(minimum(lanes.length, _INT32_MAX))
    left = select(over, tally.left - 1, tally.left)
    moved = Lanes(
        lanes.who,
        lanes.active,
        lanes.learning,
        lanes.table,
        lanes.learning_rate,
        lanes.discount_factor,
        lanes.epsilon_decay,
        lanes.epsilon_min,
        rng,
        lanes.state,
        lanes.row,
        lanes.second_row,
        action,
        select(over, 0, lanes.length),
        select(over, _ZERO, got),
        epsilon,
        Tally(
            select(over, tally.return_sum + got, tally.return_sum),
            select(over, minimum(tally.return_min, got), tally.return_min),
            select(over, maximum(tally.return_max, got), tally.return_max),
            select(over, minimum(tally.length_min, length), tally.length_min),
            select(over, maximum(tally.length_max, length), tally.length_max),
            tally.granted,
            left,
        ),
    )
    return moved, arrival.truncated | ((left == 0) & lanes.active)


@inlined
def choose_again(mask: Any, rng: Any, row: Any, epsilon: Any, action: Any) -> Any:
    """SARSA's action at a start, where the mask is set: (random states, actions)."""
    bits, rng = next_bits_where(mask, rng)
    return rng, select(mask, behave(row, epsilon, bits), action)


@inlined
def attend(
    algorithm: Any, q: Any, agents: Any, bins: Any, steps: Any, lanes: Any, arrival: Any
) -> Any:
    """What few steps need: place truncated agents, bring records of due lanes up to date.

    Args:
        algorithm: Which.
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
        index = row_index(algorithm, lanes, state)
        row = load_rows(q, index)
        if algorithm == DOUBLE_Q_LEARNING:
            second_row = load_rows(q, index + N_ACTIONS)
        if algorithm == SARSA:
            rng, action = choose_again(arrival.truncated, rng, row, lanes.epsilon, action)
    done = np.int64(0)
    due = (tally.left == 0) & lanes.active
    if any_lane(due):
        tally, done = settle(agents, bins, steps, bits_of(due), lanes.who, lanes.epsilon, tally)
    attended = Lanes(
        lanes.who,
        lanes.active,
        lanes.learning,
        lanes.table,
        lanes.learning_rate,
        lanes.discount_factor,
        lanes.epsilon_decay,
        lanes.epsilon_min,
        rng,
        state,
        row,
        second_row,
        action,
        lanes.length,
        lanes.episode_return,
        lanes.epsilon,
        tally,
    )
    return attended, done


# --- between the lanes and the agents' records


@inlined
def until_visit(agent: Any, keep_statistics: Any) -> Any:
    """Episodes until the record must be brought up to date: a full fold, or the agent's limit."""
    left = min(agent["episode_limit"] - agent["episodes"], np.int64(_INT32_MAX))
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
def load_lanes(
    algorithm: Any, agents: Any, bins: Any, q: Any, table_size: Any, who: Any, left: Any
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
    width = 2 * N_ACTIONS if algorithm == DOUBLE_Q_LEARNING else N_ACTIONS
    row = load_rows(q, table + state * width)
    second_row = zero, zero, zero, zero
    if algorithm == DOUBLE_Q_LEARNING:
        second_row = load_rows(q, table + state * width + N_ACTIONS)
    return Lanes(
        who,
        active,
        learning,
        table,
        learning_rate,
        discount_factor,
        epsilon_decay,
        epsilon_min,
        rng,
        state,
        row,
        second_row,
        action,
        unsigned(length),
        episode_return,
        epsilon,
        tally,
    )


@inlined
def store_lanes(agents: Any, bins: Any, lanes: Any) -> None:
    """Bring the records of the active lanes up to date; `steps` is the loop's to count."""
    keep_statistics = bins.shape[1] > 0
    active = bits_of(lanes.active)
    for lane in range(LANES):
        if active >> lane & 1:
            agent = agents[np.int64(extract(lanes.who, lane))]
            words = agent["rng"]
            words[0] = extract(lanes.rng[0], lane)
            words[1] = extract(lanes.rng[1], lane)
            words[2] = extract(lanes.rng[2], lane)
            words[3] = extract(lanes.rng[3], lane)
            agent["state"] = extract(lanes.state, lane)
            agent["action"] = extract(lanes.action, lane)
            agent["length"] = extract(signed(minimum(lanes.length, _INT32_MAX)), lane)
            agent["episode_return"] = extract(lanes.episode_return, lane)
            agent["epsilon"] = extract(lanes.epsilon, lane)
            write_tally(agent, lane, lanes.tally, keep_statistics)
