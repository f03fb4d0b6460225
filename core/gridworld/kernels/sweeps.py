"""Jitted: policies of processes with chance, by sweeps over the states or by elimination."""

from typing import Any

import numpy as np

from gridworld.kernels.jit import jit
from gridworld.kernels.model import action_value, n_terms, term


@jit
def sweep(
    model: Any, discount: Any, policy: Any, order: Any, backwards: Any, count_steps: Any, v: Any
) -> float:
    """One Gauss-Seidel sweep of policy evaluation, in place.

    What leads back to the state itself is solved for, so that bumping into walls costs no sweeps.
    A state that its action never leaves is passed over.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`; entries below 0 are left alone.
        order: int32 `[n]`, the states to visit.
        backwards: Visit them from the last to the first.
        count_steps: Take 1 for every reward: the value is the number of (discounted) steps.
        v: float64 `[S]`.

    Returns:
        The largest change.
    """
    largest = 0.0
    for i in range(order.size):
        s = order[order.size - 1 - i] if backwards else order[i]
        if policy[s] < 0:
            continue
        total = 0.0
        stay = 0.0
        for k in range(n_terms(model)):
            weight, next_state, reward = term(model, s, policy[s], k)
            if weight > 0:
                total += weight * (1.0 if count_steps else reward)
                if next_state == s:
                    stay += weight
                elif next_state >= 0:
                    total += weight * discount * v[next_state]
        leave = 1.0 - discount * stay
        if leave < 1e-12:
            continue
        value = total / leave
        largest = max(largest, abs(value - v[s]))
        v[s] = value
    return largest


@jit
def residual(model: Any, discount: Any, policy: Any, v: Any) -> float:
    """The largest error in the equation that a policy's values satisfy."""
    largest = 0.0
    for s in range(model.n_states):
        if policy[s] >= 0 and v[s] > -np.inf:
            error = abs(action_value(model, discount, v, s, policy[s]) - v[s])
            largest = max(largest, error)
    return largest


@jit
def optimality_gap(model: Any, discount: Any, v: Any) -> float:
    """How much the best action of any state is better than the state's value, at most."""
    largest = 0.0
    for s in range(model.n_states):
        if v[s] > -np.inf:
            for a in range(model.n_actions):
                largest = max(largest, action_value(model, discount, v, s, a) - v[s])
    return largest


@jit
def band_width(model: Any, policy: Any, number: Any) -> int:
    """The largest distance of two states, by their numbers, that a policy's equation joins."""
    width = 0
    for s in range(model.n_states):
        if number[s] >= 0:
            for k in range(n_terms(model)):
                weight, next_state, _ = term(model, s, policy[s], k)
                if weight > 0 and next_state >= 0 and number[next_state] >= 0:
                    width = max(width, abs(int(number[next_state]) - int(number[s])))
    return width


@jit
def fill_band(model: Any, discount: Any, policy: Any, number: Any, width: Any, band: Any) -> None:
    """Write `I - discount P` of a policy as a band matrix.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`.
        number: int32 `[S]`, rows of the states, -1: the value is 0.
        width: As `band_width` says.
        band: float64 `[n, 2 * width + 1]`, all 0 before: entry (i, j) at `[i, j - i + width]`.
    """
    for s in range(model.n_states):
        row = number[s]
        if row < 0:
            continue
        band[row, width] += 1.0
        for k in range(n_terms(model)):
            weight, next_state, _ = term(model, s, policy[s], k)
            if weight > 0 and next_state >= 0 and number[next_state] >= 0:
                band[row, number[next_state] - row + width] -= discount * weight


@jit
def factor_band(band: Any, begin: Any, end: Any) -> None:
    """Eliminate below the diagonal in columns `[begin, end)`, in place (LU).

    No rows change places: the matrix is an M-matrix, for which this is stable.
    """
    n, full = band.shape
    width = full // 2
    for j in range(begin, end):
        for i in range(j + 1, min(j + width + 1, n)):
            if band[i, j - i + width] != 0:
                factor = band[i, j - i + width] / band[j, width]
                band[i, j - i + width] = factor
                shift = j - i
                for c in range(width + 1, full):
                    band[i, c + shift] -= factor * band[j, c]


@jit
def solve_band(band: Any, right: Any) -> None:
    """Solve with the factors of `factor_band`; `right`, float64 `[n]`, becomes the solution."""
    n, full = band.shape
    width = full // 2
    for i in range(n):
        for j in range(max(0, i - width), i):
            right[i] -= band[i, j - i + width] * right[j]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, min(i + width + 1, n)):
            right[i] -= band[i, j - i + width] * right[j]
        right[i] /= band[i, width]


@jit
def errors(
    model: Any, discount: Any, policy: Any, count_steps: Any, v: Any, number: Any, wrong: Any
) -> None:
    """What is missing in a policy's equations, `r + discount P v - v`, by the states' numbers.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`.
        count_steps: Take 1 for every reward.
        v: float64 `[S]`.
        number: int32 `[S]`, -1: left out.
        wrong: float64 `[n]`, filled.
    """
    for s in range(model.n_states):
        if number[s] >= 0:
            total = 0.0
            for k in range(n_terms(model)):
                weight, next_state, reward = term(model, s, policy[s], k)
                if weight > 0:
                    total += weight * (1.0 if count_steps else reward)
                    if next_state >= 0:
                        total += weight * discount * v[next_state]
            wrong[number[s]] = total - v[s]


@jit
def fill_q(model: Any, discount: Any, v: Any, q: Any) -> None:
    """The value of every action, float64 `[S, A]`, from the values of the states."""
    for s in range(model.n_states):
        for a in range(model.n_actions):
            q[s, a] = action_value(model, discount, v, s, a)


@jit
def sweep_best(model: Any, discount: Any, policy: Any, order: Any, margin: Any, v: Any) -> float:
    """One Gauss-Seidel sweep of value iteration, in place.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`, raised to the best action; entries below 0 are left alone.
        order: int32 `[n]`, the states to visit.
        margin: Another action must be better by more than this.
        v: float64 `[S]`.

    Returns:
        The largest change.
    """
    largest = 0.0
    for i in range(order.size):
        s = order[i]
        if policy[s] < 0:
            continue
        best = action_value(model, discount, v, s, policy[s])
        for a in range(model.n_actions):
            value = action_value(model, discount, v, s, a)
            if value > best + margin:
                best = value
                policy[s] = a
        largest = max(largest, abs(best - v[s]))
        v[s] = best
    return largest
