"""Jitted: what greedy policies are worth where every move is certain."""

from typing import Any

import numpy as np

from gridworld.kernels.jit import jit


@jit
def follow(
    outcomes: Any,
    n_actions: Any,
    starts: Any,
    weights: Any,
    q: Any,
    discount: Any,
    order: Any,
    sums: Any,
    factors: Any,
    values: Any,
    arrives: Any,
) -> None:
    """Follow each policy from every start until it ends, or comes where it has been.

    Args:
        outcomes: Records (`next_state`, `reward` float64) `[S * A]`.
        n_actions: A.
        starts: int32 `[m]`, where episodes begin.
        weights: float64 `[m]`, how often.
        q: float32 `[n, S, A]`; ties go to the lowest action.
        discount: float64, of the policies' returns.
        order: int64 `[S]`, zeros; changed.
        sums: float64 `[S]`, changed: the return up to when a state was entered.
        factors: float64 `[S]`, changed: the weight of the reward after it.
        values: float64 `[n]`, filled: the mean return over where episodes begin; -inf where it
            goes round for ever and not for free, undiscounted.
        arrives: bool `[n]`, filled: whether it ends from every start.
    """
    walk = np.int64(0)
    for i in range(q.shape[0]):
        value = 0.0
        ends = True
        for m in range(starts.size):
            first = walk
            state = np.int64(starts[m])
            total = 0.0
            factor = 1.0
            while True:
                if order[state] > first:
                    ends = False
                    lap = (total - sums[state]) / factors[state] if factors[state] > 0 else 0.0
                    ratio = factor / factors[state] if factors[state] > 0 else 0.0
                    if ratio < 1.0:
                        total = sums[state] + factors[state] * lap / (1.0 - ratio)
                    elif lap != 0.0:
                        total = -np.inf
                    break
                walk += 1
                order[state] = walk
                sums[state] = total
                factors[state] = factor
                best = np.int64(0)
                for a in range(1, n_actions):
                    if q[i, state, a] > q[i, state, best]:
                        best = np.int64(a)
                outcome = outcomes[state * n_actions + best]
                total += factor * outcome["reward"]
                factor *= discount
                state = np.int64(outcome["next_state"])
                if state < 0:
                    break
            value += weights[m] * total
        values[i] = value
        arrives[i] = ends
