"""Jitted: numbers as pairs of float64 whose sum is the number, with 106 bits.

A path may be a million steps long, and a value may be a hundred thousand times the reward that it
is made of: plain sums would lose the ninth decimal. Sources of the exact operations: Knuth, TAOCP
2, 4.2.2 (sum); Dekker 1971 (product).
"""

from typing import Any

import numpy as np

from gridworld.kernels.codes import DETERMINISTIC
from gridworld.kernels.exact.model import n_terms, term
from gridworld.kernels.jit import inlined


@inlined
def two_sum(a: Any, b: Any) -> Any:
    """The sum of two floats, and what its rounding lost (Knuth 1998, 4.2.2)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


@inlined
def two_product(a: Any, b: Any) -> Any:
    """The product of two floats, and what its rounding lost (Dekker 1971)."""
    product = a * b
    c = 134217729.0 * a
    a_high = c - (c - a)
    a_low = a - a_high
    c = 134217729.0 * b
    b_high = c - (c - b)
    b_low = b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


@inlined
def backup(reward: Any, discount: Any, high: Any, low: Any) -> Any:
    """`reward + discount * (high + low)` as such a pair."""
    product, error = two_product(discount, high)
    total, rest = two_sum(reward, product)
    return two_sum(total, rest + (error + discount * low))


@inlined
def exact_value(model: Any, discount: Any, high: Any, low: Any, state: Any, action: Any) -> Any:
    """Q(s, a) under values in pairs, as a pair; (-inf, 0) where it may come to such a state.

    Its error is below `(K + 8) * 2^-102` times the largest reward and value, K outcomes.
    """
    total = 0.0
    rest = 0.0
    for k in range(n_terms(model)):
        weight, next_state, reward = term(model, state, action, k)
        if weight > 0:
            value = reward
            value_low = 0.0
            if next_state >= 0:
                if high[next_state] == -np.inf:
                    return -np.inf, 0.0
                value, value_low = backup(reward, discount, high[next_state], low[next_state])
            if model.dynamics == DETERMINISTIC:
                return value, value_low
            product, error = two_product(weight, value)
            total, carry = two_sum(total, product)
            rest += carry + (error + weight * value_low)
    return two_sum(total, rest)
