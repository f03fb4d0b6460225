"""Jitted: episodes of a policy that does not learn."""

from typing import Any

import numpy as np

from gridworld.kernels.jit import inlined, jit
from gridworld.kernels.random import next_u32, pick, seed_state, unit
from gridworld.kernels.step import around, find_outcome, outcome, place


@inlined
def one_of(marked: Any, bits: Any) -> Any:
    """One of the actions that are marked, each as likely as the others, from 32 bits."""
    n = np.int64(0)
    for mark in marked:
        n += 1 if mark else 0
    before = pick(bits, n)
    for a in range(marked.size):
        if marked[a]:
            if before == 0:
                return np.int64(a)
            before -= 1
    return np.int64(0)


@jit
def roll_out(
    tables: Any,
    outcomes: Any,
    dynamics: Any,
    n_actions: Any,
    greedy: Any,
    tied: Any,
    epsilon: Any,
    discount: Any,
    limit: Any,
    root: Any,
    episodes: Any,
    begin: Any,
    end: Any,
    returns: Any,
    lengths: Any,
    ends: Any,
) -> None:
    """Run episodes, each with a random stream of its own.

    Args:
        tables: The process, `MdpTables`.
        outcomes: Its outcomes with rewards in float64.
        dynamics: How the world answers.
        n_actions: A.
        greedy: int32 `[agents, S]`.
        tied: bool `[agents, S, A]`, actions of which any is done, each as likely as the others, by
            one more draw; `[0, S, A]`: the greedy one is.
        epsilon: Probability of a random action.
        discount: Discount factor of the returns.
        limit: Steps after which an episode is truncated, at least 1.
        root: uint32 `[4]`, the seed of all streams.
        episodes: Episodes of each agent.
        begin: The first one to run; number i is episode `i % episodes` of agent `i // episodes`.
        end: One behind the last one.
        returns: float64 `[end - begin]`, filled.
        lengths: int32 of the same shape.
        ends: int32 of the same shape, the state in which it terminated; -1: it was truncated.
    """
    k_outcomes = outcomes.size // (greedy.shape[1] * n_actions)
    for i in range(begin, end):
        agent = i // episodes
        rng = seed_state(root, (agent << 32) | (i - agent * episodes))
        state, rng = place(tables, rng)
        total = 0.0
        weight = 1.0
        length = 0
        ended = False
        while not ended and length < limit:
            action = np.int64(greedy[agent, state])
            if tied.shape[0] > 0:
                choice, rng = next_u32(rng)
                action = one_of(tied[agent, state], choice)
            if epsilon > 0:
                bits, rng = next_u32(rng)
                more, rng = next_u32(rng)
                if unit(bits) < epsilon:
                    n = tables.available[state] if tables.available.size > 0 else n_actions
                    action = pick(more, n)
            j, rng = find_outcome(dynamics, n_actions, k_outcomes, tables, state, action, rng)
            state, reward = outcome(outcomes, j)
            if tables.reward_sd.size > 0:
                reward, rng = around(tables, j, reward, rng)
            total += weight * reward
            weight *= discount
            length += 1
            ended = bool(state < 0)
        returns[i - begin] = total
        lengths[i - begin] = length
        ends[i - begin] = ~state if ended else -1
