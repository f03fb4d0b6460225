"""Jitted: what is asked of a row of Q, the values of the actions in one state."""

from typing import Any

import numpy as np

from gridworld.kernels.branches import predicted
from gridworld.kernels.codes import RANDOM, SOFTMAX
from gridworld.kernels.elementary import exponential
from gridworld.kernels.jit import inlined
from gridworld.kernels.random import next_u32, pick, unit
from gridworld.kernels.step import outcome

__all__ = [
    "behave",
    "chance_of",
    "count_available",
    "greedy",
    "greedy_by",
    "greedy_outcome",
    "highest",
    "mean_value",
    "random_action",
]

_ONE = np.float32(1)
_NOTHING = np.float32(-np.inf)


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
def count_available(q: Any, row: Any, n_actions: Any) -> Any:
    """How many actions there are where the table says it: those behind them hold -inf."""
    n = np.int64(1)
    for a in range(1, n_actions):
        n += 1 if q[np.uint64(row + a)] > _NOTHING else 0
    return n


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
def value_at(q: Any, row: Any, n_actions: Any, summed: Any, action: Any) -> Any:
    """The value of an action, or the sum of those of two tables."""
    value = q[np.uint64(row + action)]
    if summed:
        value += q[np.uint64(row + n_actions + action)]
    return value


@inlined
def softmax_weight(value: Any, best: Any, temperature: Any) -> Any:
    """How much an action counts beside the best, which counts 1: float64 in [0, 1].

    It is the exponential of a difference that is never above 0, so that no value is too large.
    """
    if value >= best:
        return 1.0
    if temperature <= 0:
        return 0.0
    return exponential((np.float64(value) - np.float64(best)) / np.float64(temperature))


@inlined
def softmax_total(q: Any, row: Any, n_actions: Any, summed: Any, temperature: Any) -> Any:
    """The highest value and the sum of all weights: (float32, float64)."""
    best = value_at(q, row, n_actions, summed, 0)
    for a in range(1, n_actions):
        best = max(best, value_at(q, row, n_actions, summed, a))
    total = 0.0
    for a in range(n_actions):
        total += softmax_weight(value_at(q, row, n_actions, summed, a), best, temperature)
    return best, total


@inlined
def softmax_action(
    q: Any, row: Any, n_actions: Any, summed: Any, temperature: Any, bits: Any
) -> Any:
    """An action by the weights exp(Q / temperature), from 32 bits.

    Sutton & Barto 2018, section 13.1, with Q for the preferences. Two tables count as their mean.
    """
    heat = np.float64(temperature) * (2.0 if summed else 1.0)
    best, total = softmax_total(q, row, n_actions, summed, heat)
    bound = np.float64(bits) * 2.0**-32 * total
    reached = 0.0
    for a in range(n_actions):
        reached += softmax_weight(value_at(q, row, n_actions, summed, a), best, heat)
        if bound < reached:
            return np.int64(a)
    return np.int64(n_actions - 1)


@inlined
def mean_value(variant: Any, q: Any, row: Any, n_actions: Any, epsilon: Any) -> Any:
    """The mean value of what the agent's policy does next: what Expected SARSA learns from.

    Ties change nothing: actions of one value have one value.
    """
    if variant.exploration == SOFTMAX:
        best, total = softmax_total(q, row, n_actions, False, epsilon)
        below = 0.0
        for a in range(n_actions):
            value = q[np.uint64(row + a)]
            weight = softmax_weight(value, best, epsilon)
            if weight > 0:
                below += weight * (np.float64(value) - np.float64(best))
        return np.float32(np.float64(best) + below / total)
    total = q[np.uint64(row)]
    if variant.uneven:
        n = count_available(q, row, n_actions)
        for a in range(1, n):
            total += q[np.uint64(row + a)]
        mean = total * np.float32(1.0 / n)
    else:
        for a in range(1, n_actions):
            total += q[np.uint64(row + a)]
        mean = total * np.float32(1.0 / n_actions)
    return (_ONE - epsilon) * highest(q, row, n_actions) + epsilon * mean


@inlined
def chance_of(variant: Any, q: Any, row: Any, n_actions: Any, epsilon: Any, action: Any) -> Any:
    """How likely the agent's policy takes an action: float32."""
    if variant.exploration == SOFTMAX:
        best, total = softmax_total(q, row, n_actions, False, epsilon)
        return np.float32(softmax_weight(q[np.uint64(row + action)], best, epsilon) / total)
    n = count_available(q, row, n_actions) if variant.uneven else np.int64(n_actions)
    chance = epsilon * np.float32(1.0 / n)
    if variant.ties == RANDOM:
        best, tied = highest(q, row, n_actions), 0
        for a in range(n_actions):
            tied += 1 if q[np.uint64(row + a)] == best else 0
        if q[np.uint64(row + action)] == best:
            chance += (_ONE - epsilon) / np.float32(tied)
    elif action == greedy(q, row, n_actions, False):
        chance += _ONE - epsilon
    return chance


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
    """The action of the agent's policy from 32 bits: (action, random state).

    A draw that breaks ties is taken whether it is needed or not.

    Args:
        variant: How it explores, and how ties are broken.
        q: float32, flat.
        row: Where the row begins.
        n_actions: A.
        summed: Whether to behave on the two tables of which the second's row follows.
        epsilon: Probability of a random action; with softmax the temperature.
        bits: The draw that decides whether to explore.
        rng: The random state.
    """
    if variant.uneven:
        random, rng = random_action(count_available(q, row, n_actions), bits, rng)
    else:
        random, rng = random_action(n_actions, bits, rng)
    if variant.exploration == SOFTMAX:
        return softmax_action(q, row, n_actions, summed, epsilon, bits), rng
    if variant.ties == RANDOM:
        best, rng = greedy_by(variant, q, row, n_actions, summed, rng)
        return (random if unit(bits) < epsilon else best), rng
    if predicted(unit(bits) < epsilon):
        return random, rng
    return greedy(q, row, n_actions, summed), rng
