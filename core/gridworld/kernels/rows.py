"""Jitted: what is asked of a row of Q, the values of the actions in one state."""

from typing import Any

import numpy as np

from gridworld.kernels.branches import predicted
from gridworld.kernels.codes import RANDOM
from gridworld.kernels.jit import inlined
from gridworld.kernels.random import next_u32, pick, unit
from gridworld.kernels.step import outcome

__all__ = ["behave", "greedy", "greedy_by", "greedy_outcome", "highest", "random_action"]


@inlined
def greedy(q: Any, row: Any, n_actions: Any, summed: Any) -> Any:
    """The lowest action among those of the highest value, in `q[row : row + n_actions]`.

    Args:
        q: float32, flat.
        row: Where the row begins.
        n_actions: A.
        summed: Whether to take the sum with the row of the second table, which follows.
    """
    best = q[np.uint64(row)]
    if summed:
        best += q[np.uint64(row + n_actions)]
    action = np.int64(0)
    for a in range(1, n_actions):
        value = q[np.uint64(row + a)]
        if summed:
            value += q[np.uint64(row + n_actions + a)]
        if predicted(value > best):
            best = value
            action = np.int64(a)
    return action


@inlined
def highest(q: Any, row: Any, n_actions: Any) -> Any:
    """The highest value in `q[row : row + n_actions]`."""
    best = q[np.uint64(row)]
    for a in range(1, n_actions):
        value = q[np.uint64(row + a)]
        best = value if value > best else best
    return best


@inlined
def greedy_outcome(
    q: Any, row: Any, n_actions: Any, summed: Any, large: Any, outcomes: Any, first: Any
) -> Any:
    """The greedy action and its outcome where each action has one: (action, next state, reward).

    All outcomes of the state are loaded while the values are compared, instead of one after the
    action is known. In a small world the policy soon settles, and the processor guesses the
    comparisons right. In a large one most are anybody's guess: there they select.

    Args:
        q: float32, flat.
        row: Where the row begins.
        n_actions: A.
        summed: Whether to take the sum with the row of the second table, which follows.
        large: Whether to select.
        outcomes: Of the world.
        first: Where the state's begin.
    """
    best = q[np.uint64(row)]
    if summed:
        best += q[np.uint64(row + n_actions)]
    action = np.int64(0)
    entered, reward = outcome(outcomes, first)
    for a in range(1, n_actions):
        value = q[np.uint64(row + a)]
        if summed:
            value += q[np.uint64(row + n_actions + a)]
        next_state, pays = outcome(outcomes, first + a)
        better = value > best
        if large:
            action = np.int64(a) if better else action
            entered = next_state if better else entered
            reward = pays if better else reward
            best = value if better else best
        elif predicted(better):
            action, entered, reward, best = np.int64(a), next_state, pays, value
    return action, entered, reward


@inlined
def greedy_at_random(q: Any, row: Any, n_actions: Any, summed: Any, bits: Any) -> Any:
    """One of the actions of the highest value, each as likely as the others, from 32 bits.

    Args:
        q: float32, flat.
        row: Where the row begins.
        n_actions: A.
        summed: Whether to take the sum with the row of the second table, which follows.
        bits: A draw that nothing else goes by.
    """
    best = q[np.uint64(row)]
    if summed:
        best += q[np.uint64(row + n_actions)]
    action, tied = np.int64(0), np.int64(1)
    for a in range(1, n_actions):
        value = q[np.uint64(row + a)]
        if summed:
            value += q[np.uint64(row + n_actions + a)]
        if predicted(value > best):
            best, action, tied = value, np.int64(a), np.int64(1)
        elif predicted(value == best):
            tied += 1
    if tied > 1:
        before = pick(bits, tied)
        for a in range(n_actions):
            value = q[np.uint64(row + a)]
            if summed:
                value += q[np.uint64(row + n_actions + a)]
            if value == best:
                if before == 0:
                    action = np.int64(a)
                before -= 1
    return action


@inlined
def greedy_by(variant: Any, q: Any, row: Any, n_actions: Any, summed: Any, rng: Any) -> Any:
    """The greedy action as the variant breaks ties: (action, random state)."""
    if variant.ties == RANDOM:
        bits, rng = next_u32(rng)
        return greedy_at_random(q, row, n_actions, summed, bits), rng
    return greedy(q, row, n_actions, summed), rng


@inlined
def random_action(n_actions: Any, bits: Any, rng: Any) -> Any:
    """An action from 32 bits: (action, random state).

    It comes from the low bits where A is a power of two up to 64, else from a second draw, which
    is taken whether it is needed or not.
    """
    if n_actions <= 64 and n_actions & (n_actions - 1) == 0:
        return np.int64(bits & np.uint32(n_actions - 1)), rng
    more, rng = next_u32(rng)
    return pick(more, n_actions), rng


@inlined
def behave(
    variant: Any,
    q: Any,
    row: Any,
    n_actions: Any,
    summed: Any,
    epsilon: Any,
    bits: Any,
    rng: Any,
) -> Any:
    """An epsilon-greedy action from 32 bits: (action, random state).

    A draw that breaks ties is taken whether it is needed or not.

    Args:
        variant: How ties are broken.
        q: float32, flat.
        row: Where the row begins.
        n_actions: A.
        summed: Whether to behave on the sum with the row of the second table, which follows.
        epsilon: Probability of a random action.
        bits: The draw that decides whether to explore.
        rng: The random state.
    """
    random, rng = random_action(n_actions, bits, rng)
    if variant.ties == RANDOM:
        best, rng = greedy_by(variant, q, row, n_actions, summed, rng)
        return (random if unit(bits) < epsilon else best), rng
    if predicted(unit(bits) < epsilon):
        return random, rng
    return greedy(q, row, n_actions, summed), rng
