"""Jitted: the scalar kernel, which advances one agent after the other.

`make_initialise(variant)` gives the compiled kernel that puts agents before their first step.
`make_advance(variant)` gives the compiled

    advance(tables, agents, q, bins, control, n_steps)                    # neither
    advance(tables, agents, q, bins, control, n_steps, frame)             # trace
    advance(tables, agents, q, bins, control, n_steps, None, visits)      # watch
    advance(tables, agents, q, bins, control, n_steps, frame, visits)     # both
    advance(tables, agents, q, bins, control, n_steps, frame, visits, carried)

    tables: MdpTables; nothing in it is changed.
    agents: AGENT[n], C order, changed in place.
    q: float32 [n, S, T, A], C order, changed in place; T = 2 for Double Q-learning, else 1.
    bins: BIN[n, capacity], changed in place; capacity even, or 0: then no statistics are kept.
    control: int64 [any]; word 0 is the stop word: not 0 makes the kernel return soon.
    n_steps: int64, steps of each agent.
    frame: FRAME[1]; its trail, last update and last episode are changed in place. Meant for a
        slice of one agent.
    visits: VISIT[S], changed in place: updates and TD errors of each state. For a slice of one
        agent, too.
    carried: Carried, changed in place; left out where agents carry nothing. Here its `ints` count
        the updates of every entry of q, by which the learning rate goes.
    returns: int64, the steps that all agents made together.

Every agent runs until it made n_steps, its episode_limit or step_limit is reached (absolute
counts), or the stop word is seen (looked at every POLL steps). Kernels neither raise nor
allocate; the caller has validated everything.

The order of draws and of float32 operations is fixed (stream version 1) and shared with the
vector kernel and the plain oracle in the tests. The time index is in the names: `s_tm1`, `a_tm1`
led to `r_t`, `s_t`.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from gridworld.kernels.atomics import load_atomic
from gridworld.kernels.branches import predicted
from gridworld.kernels.codes import (
    AHEAD,
    BY_COUNT,
    DETERMINISTIC,
    EPSILON_GREEDY,
    INT32_MAX,
    LOWEST,
    SARSA,
    TRAIL_LENGTH,
)
from gridworld.kernels.exploration import amount, next_amount, store_amount
from gridworld.kernels.jit import inlined, jit
from gridworld.kernels.random import next_u32, seed_state, unit
from gridworld.kernels.rates import rate_of
from gridworld.kernels.rows import behave, greedy_outcome, random_action
from gridworld.kernels.statistics import close_or_fold, reset_bin, until_fold
from gridworld.kernels.step import around, draw_start, find_outcome, outcome, place
from gridworld.kernels.targets import bootstrap, chooses_ahead, has_two_tables
from gridworld.kernels.variant import Variant

__all__ = ["POLL", "SMALL_WORLD", "make_advance", "make_initialise"]

POLL = 256
"""Steps between two looks at the stop word: a fraction of a millisecond, at no cost."""

SMALL_WORLD = 1024
"""States up to which a policy settles soon, so that guessing its choices pays."""

_ZERO, _ONE = np.float32(0), np.float32(1)


@inlined
def greedy_alone(variant: Any) -> Any:
    """Whether what is not random is the lowest of the greedy actions, all of them to be had."""
    return variant.ties == LOWEST and variant.exploration == EPSILON_GREEDY and not variant.uneven


@inlined
def load_rng(agent: Any) -> Any:
    """The random state of a record as four values."""
    words = agent["rng"]
    return words[0], words[1], words[2], words[3]


@inlined
def store_rng(agent: Any, rng: Any) -> None:
    """Write the random state back into a record."""
    words = agent["rng"]
    words[0] = rng[0]
    words[1] = rng[1]
    words[2] = rng[2]
    words[3] = rng[3]


@cache
def make_initialise(variant: Variant) -> Callable[..., None]:
    """The kernel that puts agents before their first step: stream, place, counters, statistics.

    It is called as `initialise(tables, agents, q, root, numbers)`. The parameters, epsilon
    included, the limits and the values in `q` are the caller's and must be set before. Bins begin
    one episode wide.

        tables: `MdpTables`.
        agents: `AGENT[n]`, changed in place.
        q: float32 `[n, S, T, A]`.
        root: uint32 `[4]`, `SeedSequence(seed).generate_state(4)`.
        numbers: int64 `[n]`, the numbers of the agents.

    Args:
        variant: Whether an action is drawn from the initial row, and how.
    """
    ahead = variant.algorithm in AHEAD
    plain = Variant()
    if ahead:
        names = ("n_actions", "ties", "exploration", "uneven")
        choosing = {name: getattr(variant, name) for name in names}
        plain = Variant(SARSA, **choosing)
    if plain != variant:
        return make_initialise(plain)
    n_actions = variant.n_actions

    @jit
    def initialise(tables: Any, agents: Any, q: Any, root: Any, numbers: Any) -> None:
        flat = q.reshape(-1)
        for i in range(agents.size):
            agent = agents[i]
            rng = seed_state(root, numbers[i])
            state, rng = place(tables, rng)
            action = np.int64(-1)
            if ahead:
                row = (i * q.shape[1] + state) * q.shape[2] * n_actions
                bits, rng = next_u32(rng)
                action, rng = behave(
                    variant, flat, row, n_actions, False, amount(variant, agent), bits, rng
                )
            store_rng(agent, rng)
            agent["state"] = state
            agent["action"] = action
            agent["length"] = 0
            agent["episode_return"] = 0.0
            agent["episodes"] = 0
            agent["steps"] = 0
            agent["fold_count"] = 0
            agent["fold_return_sum"] = 0.0
            agent["fold_start_step"] = 0
            agent["bins"] = 0
            agent["bin_width"] = 1
            reset_bin(agents, i)

    return initialise


@inlined
def count_episode(
    agents: Any,
    i: Any,
    bins: Any,
    steps: Any,
    length: Any,
    episode_return: Any,
    epsilon: Any,
) -> None:
    """Put an episode into the statistics, with what the agent explores by after it."""
    agent = agents[i]
    agent["fold_count"] += 1
    agent["fold_return_sum"] += episode_return
    agent["bin_return_min"] = min(agent["bin_return_min"], episode_return)
    agent["bin_return_max"] = max(agent["bin_return_max"], episode_return)
    agent["bin_length_min"] = min(agent["bin_length_min"], length)
    agent["bin_length_max"] = max(agent["bin_length_max"], length)
    if until_fold(agent) == 0:
        close_or_fold(agents, i, bins, steps, epsilon)


@inlined
def enter_trail(frame: Any, entry: Any) -> None:
    """Append to the rolling trail: an entered state, or `~state` of a placed agent."""
    count = frame["trail_count"]
    trail = frame["trail"]
    trail[count % TRAIL_LENGTH] = entry
    frame["trail_count"] = count + 1


@inlined
def end_trail(frame: Any, length: Any, episode_return: Any, end: Any, start: Any) -> None:
    """Say how an episode ended, and where the next one begins."""
    frame["last_length"] = length
    frame["last_return"] = episode_return
    frame["last_state"] = end
    enter_trail(frame, ~start)


@inlined
def begin_trail(frame: Any, state: Any) -> None:
    """Say that the agent was placed, unless the trail already ends where it is."""
    count = frame["trail_count"]
    if count > 0:
        last = frame["trail"][(count - 1) % TRAIL_LENGTH]
        if max(last, ~last) == state:
            return
    enter_trail(frame, ~state)


@inlined
def advance_agent(
    variant: Any,
    n_actions: Any,
    tables: Any,
    agents: Any,
    i: Any,
    q: Any,
    bins: Any,
    control: Any,
    last_step: Any,
    frame: Any,
    visits: Any,
    carried: Any,
) -> Any:
    """Run agent i until its steps are `last_step`, it is done, or the stop word is seen.

    Variant and number of actions are constants where this is called, so that only one algorithm's
    code is left. The number of actions comes apart, as a plain number: as a field of the variant
    the compiler knows it so early that it unrolls the loops over actions before it judges their
    branches, and turns these into selects (15 to 25 % slower). Without a frame (None) nothing is
    traced, without visits (None) nothing counted, and without `carried` (None) the learning rate
    is the same for all updates. It is long because all that lives from step to
    step must stay in registers: parts that hand several results over cost from 2 to 6 % each.
    """
    agent = agents[i]
    algorithm, dynamics = variant.algorithm, variant.dynamics
    summed = has_two_tables(algorithm)
    ahead = chooses_ahead(algorithm)
    certain = dynamics == DETERMINISTIC and not variant.noisy
    look_ahead = not ahead and certain and greedy_alone(variant)
    row_width = 2 * n_actions if summed else n_actions
    n_outcomes = tables.outcomes.size // (q.shape[1] * n_actions)
    start = np.int64(tables.starts[0])
    keep_statistics = bins.shape[1] > 0
    outcomes = tables.outcomes
    flat = q.reshape(-1)
    table = i * q.shape[1] * row_width
    rng = load_rng(agent)
    s_tm1 = np.int64(agent["state"])
    a_carried = np.int64(agent["action"])
    length = np.int64(agent["length"])
    episode_return = agent["episode_return"]
    epsilon = amount(variant, agent)
    learning_rate = agent["learning_rate"]
    discount_factor = agent["discount_factor"]
    steps = agent["steps"]
    episodes = agent["episodes"]
    if episodes >= agent["episode_limit"]:
        last_step = steps
    first_rate, exponent = learning_rate, agent["learning_rate_power"]
    if carried is not None:
        updates = carried.ints[i]
    if frame is not None:
        begin_trail(frame[0], s_tm1)

    while steps < last_step and load_atomic(control, 0) == 0:
        for _ in range(min(np.int64(POLL), last_step - steps)):
            row_tm1 = table + s_tm1 * row_width
            a_tm1, bits = a_carried, np.uint32(0)
            if not ahead:
                bits, rng = next_u32(rng)
            if look_ahead:
                a_tm1, rng = random_action(n_actions, bits, rng)
                first = s_tm1 * n_actions
                if predicted(unit(bits) < epsilon):
                    entered, r_t = outcome(outcomes, first + a_tm1)
                else:
                    a_tm1, entered, r_t = greedy_outcome(
                        flat, row_tm1, n_actions, summed, variant.large, outcomes, first
                    )
            else:
                if not ahead:
                    a_tm1, rng = behave(
                        variant, flat, row_tm1, n_actions, summed, epsilon, bits, rng
                    )
                k, rng = find_outcome(dynamics, n_actions, n_outcomes, tables, s_tm1, a_tm1, rng)
                entered, r_t = outcome(outcomes, k)
                if variant.noisy:
                    paid, rng = around(tables, k, r_t, rng)
                    r_t = np.float32(paid)
            terminated = entered < 0
            s_t = ~entered if terminated else entered
            row_t = table + s_t * row_width
            steps += 1
            length += 1
            episode_return += r_t

            value, chosen, a_carried, rng = bootstrap(
                variant, flat, row_t, n_actions, epsilon, bits, a_carried, rng
            )
            updated = row_tm1 + a_tm1 + chosen
            q_tm1 = flat[np.uint64(updated)]
            if visits is not None:
                # Else the select that comes of it waits for the row's values, and with the more
                # that is to be done the loop runs out of registers: a tenth of the time.
                if predicted(terminated):
                    value = _ZERO
            elif terminated:
                value = _ZERO
            target = r_t + discount_factor * value
            if carried is not None:
                learning_rate = rate_of(variant, first_rate, exponent, updates, updated - table)
            q_new = q_tm1 + learning_rate * (target - q_tm1)
            flat[np.uint64(updated)] = q_new

            if visits is not None:
                visit = visits[np.uint64(s_tm1)]
                visit["visits"] += 1
                visit["td_error"] = target - q_tm1

            if frame is not None:
                shown = frame[0]
                enter_trail(shown, s_t)
                shown["update_state"] = s_tm1
                shown["update_action"] = a_tm1
                shown["update_next_state"] = entered
                shown["update_reward"] = r_t
                shown["update_q_before"] = q_tm1
                shown["update_target"] = target
                shown["update_q_after"] = q_new
                shown["update_bootstrap"] = value
                shown["update_table"] = chosen // n_actions
                shown["update_factor"] = discount_factor
                shown["update_weight"] = _ONE
                shown["update_correction"] = _ZERO
                shown["update_steps"] = 1
                shown["update_rate"] = learning_rate

            s_tm1 = s_t
            if terminated or length == tables.max_steps:
                length = min(length, np.int64(INT32_MAX))
                episodes += 1
                if visits is not None and terminated:
                    visits[np.uint64(s_t)]["visits"] += 1
                s_tm1 = start
                if variant.several_starts:
                    s_tm1, rng = draw_start(tables, rng)
                epsilon = next_amount(variant, agent, epsilon, episodes)
                if ahead:
                    row = table + s_tm1 * row_width
                    bits, rng = next_u32(rng)
                    a_carried, rng = behave(
                        variant, flat, row, n_actions, False, epsilon, bits, rng
                    )
                if keep_statistics:
                    count_episode(agents, i, bins, steps, length, episode_return, epsilon)
                if frame is not None:
                    end_trail(frame[0], length, episode_return, s_t, s_tm1)
                length = np.int64(0)
                episode_return = _ZERO
                if episodes == agent["episode_limit"]:
                    last_step = steps
                    break

    store_rng(agent, rng)
    agent["state"] = s_tm1
    agent["action"] = a_carried
    agent["length"] = min(length, np.int64(INT32_MAX))
    agent["episode_return"] = episode_return
    store_amount(variant, agent, epsilon)
    agent["steps"] = steps
    agent["episodes"] = episodes


@cache
def make_advance(variant: Variant) -> Callable[..., int]:
    """The scalar kernel for one algorithm and kind of world (see the module's description)."""
    trace, watch = variant.trace, variant.watch
    counting = variant.rate == BY_COUNT
    n_actions = variant.n_actions  # handed over apart, see `advance_agent`

    @jit
    def advance(
        tables: Any,
        agents: Any,
        q: Any,
        bins: Any,
        control: Any,
        n_steps: Any,
        frame: Any = None,
        visits: Any = None,
        carried: Any = None,
    ) -> Any:
        shown = frame if trace else None
        counted = visits if watch else None
        kept = carried if counting else None
        all_steps = np.int64(0)
        for i in range(agents.size):
            steps = agents[i]["steps"]
            last_step = steps + min(n_steps, agents[i]["step_limit"] - steps)
            advance_agent(
                variant,
                n_actions,
                tables,
                agents,
                i,
                q,
                bins,
                control,
                last_step,
                shown,
                counted,
                kept,
            )
            all_steps += agents[i]["steps"] - steps
        return all_steps

    return advance
