"""Jitted: the kernel of methods that carry more from step to step than a Q-table.

`make_advance_carrying(variant)` gives a kernel that takes the arguments of the scalar one, with
`frame` and `visits` (None where they are not kept) and with `carried`. Agents behave, episodes end
and statistics are kept as there, with the same draws in the same order; what is learnt from a step
is written in the files beside this one. A method may draw more, after all that.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from gridworld.kernels.atomics import load_atomic
from gridworld.kernels.carrying.moves import Move, arrive
from gridworld.kernels.carrying.planning import learn_by_planning
from gridworld.kernels.carrying.returns import learn_by_returns
from gridworld.kernels.carrying.sweeping import learn_by_sweeping
from gridworld.kernels.carrying.traces import learn_by_traces
from gridworld.kernels.codes import (
    BY_COUNT,
    DYNA_Q,
    DYNA_Q_PLUS,
    INT32_MAX,
    MONTE_CARLO,
    N_STEP_SARSA,
    N_STEP_TREE_BACKUP,
    PRIORITIZED_SWEEPING,
    Q_LAMBDA,
    RANDOM,
    SARSA_LAMBDA,
)
from gridworld.kernels.exploration import amount, next_amount, store_amount
from gridworld.kernels.jit import inlined, jit
from gridworld.kernels.random import next_u32, unit
from gridworld.kernels.rows import behave, random_action
from gridworld.kernels.scalar import (
    POLL,
    begin_trail,
    count_episode,
    end_trail,
    enter_trail,
    load_rng,
    store_rng,
)
from gridworld.kernels.step import around, draw_start, find_outcome, outcome
from gridworld.kernels.targets import chooses_ahead
from gridworld.kernels.variant import Variant

__all__ = ["make_advance_carrying"]

_ZERO = np.float32(0)


class By(NamedTuple):
    """By what a method learns: one of these is not None."""

    traces: Any
    returns: Any
    planning: Any
    sweeping: Any


@inlined
def learn(
    variant: Any,
    n_actions: Any,
    by: Any,
    agent: Any,
    q: Any,
    table: Any,
    carried: Any,
    move: Any,
    rng: Any,
    frame: Any,
    visits: Any,
) -> Any:
    """What the algorithm makes of a step; the random state.

    What `by` says None of is not even compiled.
    """
    if by.traces is not None:
        learn_by_traces(variant, n_actions, agent, q, table, carried, move, frame, visits)
    if by.returns is not None:
        learn_by_returns(variant, n_actions, agent, q, table, carried, move, frame, visits)
    if by.planning is not None:
        rng = learn_by_planning(
            variant, n_actions, agent, q, table, carried, move, rng, frame, visits
        )
    if by.sweeping is not None:
        learn_by_sweeping(variant, n_actions, agent, q, table, carried, move, frame, visits)
    return rng


@inlined
def act(variant: Any, q: Any, row: Any, n_actions: Any, epsilon: Any, bits: Any, rng: Any) -> Any:
    """What `behave` does. In a large world the choice is anybody's guess, so that it selects."""
    if not variant.large or variant.ties == RANDOM or variant.uneven:
        return behave(variant, q, row, n_actions, False, epsilon, bits, rng)
    random, rng = random_action(n_actions, bits, rng)
    best = q[np.uint64(row)]
    action = np.int64(0)
    for a in range(1, n_actions):
        value = q[np.uint64(row + a)]
        better = value > best
        best = value if better else best
        action = np.int64(a) if better else action
    return (random if unit(bits) < epsilon else action), rng


@inlined
def advance_agent(
    variant: Any,
    n_actions: Any,
    by: Any,
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
) -> None:
    """Run agent i until its steps are `last_step`, it is done, or the stop word is seen."""
    agent = agents[i]
    ahead = chooses_ahead(variant.algorithm)
    n_outcomes = tables.outcomes.size // (q.shape[1] * n_actions)
    flat = q.reshape(-1)
    table = i * q.shape[1] * n_actions
    # What counts the updates of each pair, where the learning rate goes by them, comes first.
    n_counts = q.shape[1] * n_actions if variant.rate == BY_COUNT else 0
    own = carried.floats[i], carried.ints[i][n_counts:], carried.ints[i][:n_counts]
    rng = load_rng(agent)
    s_tm1, a_t = np.int64(agent["state"]), np.int64(agent["action"])
    length, episode_return = np.int64(agent["length"]), agent["episode_return"]
    epsilon, steps, episodes = amount(variant, agent), agent["steps"], agent["episodes"]
    if episodes >= agent["episode_limit"]:
        last_step = steps
    if frame is not None:
        begin_trail(frame[0], s_tm1)

    while steps < last_step and load_atomic(control, 0) == 0:
        for _ in range(min(np.int64(POLL), last_step - steps)):
            a_tm1 = a_t
            if not ahead:
                bits, rng = next_u32(rng)
                row_tm1 = table + s_tm1 * n_actions
                a_tm1, rng = act(variant, flat, row_tm1, n_actions, epsilon, bits, rng)
            k, rng = find_outcome(
                variant.dynamics, n_actions, n_outcomes, tables, s_tm1, a_tm1, rng
            )
            entered, r_t = outcome(tables.outcomes, k)
            if variant.noisy:
                paid, rng = around(tables, k, r_t, rng)
                r_t = np.float32(paid)
            terminated = entered < 0
            s_t = ~entered if terminated else entered
            steps += 1
            length += 1
            episode_return += r_t
            ended = terminated or length == tables.max_steps
            if ahead:
                bits, rng = next_u32(rng)
                row_t = table + s_t * n_actions
                a_t, rng = act(variant, flat, row_t, n_actions, epsilon, bits, rng)
            move = Move(s_tm1, a_tm1, r_t, s_t, terminated, ended, a_t, epsilon, length, steps)
            rng = learn(variant, n_actions, by, agent, flat, table, own, move, rng, frame, visits)
            if frame is not None:
                enter_trail(frame[0], s_t)

            s_tm1 = s_t
            if ended:
                length = min(length, np.int64(INT32_MAX))
                episodes += 1
                if terminated:
                    arrive(visits, s_t)
                s_tm1 = np.int64(tables.starts[0])
                if variant.several_starts:
                    s_tm1, rng = draw_start(tables, rng)
                epsilon = next_amount(variant, agent, epsilon, episodes)
                if ahead:
                    bits, rng = next_u32(rng)
                    row = table + s_tm1 * n_actions
                    a_t, rng = act(variant, flat, row, n_actions, epsilon, bits, rng)
                if bins.shape[1] > 0:
                    count_episode(agents, i, bins, steps, length, episode_return, epsilon)
                if frame is not None:
                    end_trail(frame[0], length, episode_return, s_t, s_tm1)
                length = np.int64(0)
                episode_return = _ZERO
                if episodes == agent["episode_limit"]:
                    last_step = steps
                    break

    store_rng(agent, rng)
    agent["state"], agent["action"] = s_tm1, a_t
    agent["length"], agent["episode_return"] = min(length, np.int64(INT32_MAX)), episode_return
    store_amount(variant, agent, epsilon)
    agent["steps"], agent["episodes"] = steps, episodes


@cache
def make_advance_carrying(variant: Variant) -> Callable[..., int]:
    """The kernel for one algorithm and kind of world (see the module's description)."""
    trace, watch = variant.trace, variant.watch
    traces = variant.algorithm in (SARSA_LAMBDA, Q_LAMBDA)
    returns = variant.algorithm in (N_STEP_SARSA, N_STEP_TREE_BACKUP, MONTE_CARLO)
    planning = variant.algorithm in (DYNA_Q, DYNA_Q_PLUS)
    sweeping = variant.algorithm == PRIORITIZED_SWEEPING
    n_actions = variant.n_actions  # apart: as a field of the variant loops are unrolled too late

    @jit
    def advance_carrying(
        tables: Any,
        agents: Any,
        q: Any,
        bins: Any,
        control: Any,
        n_steps: Any,
        frame: Any,
        visits: Any,
        carried: Any,
    ) -> Any:
        shown = frame if trace else None
        counted = visits if watch else None
        by = By(
            1 if traces else None,
            1 if returns else None,
            1 if planning else None,
            1 if sweeping else None,
        )
        all_steps = np.int64(0)
        for i in range(agents.size):
            steps = agents[i]["steps"]
            last_step = steps + min(n_steps, agents[i]["step_limit"] - steps)
            advance_agent(
                variant,
                n_actions,
                by,
                tables,
                agents,
                i,
                q,
                bins,
                control,
                last_step,
                shown,
                counted,
                carried,
            )
            all_steps += agents[i]["steps"] - steps
        return all_steps

    return advance_carrying
