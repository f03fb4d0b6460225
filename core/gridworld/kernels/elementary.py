"""Jitted: exponential and power in float64, from operations that every machine rounds alike.

Those of the C library and of the vector libraries that Numba may take instead differ in the last
bit from machine to machine, and an agent's path with them.
"""

import math
from typing import Any

import numpy as np

from gridworld.kernels.jit import inlined

__all__ = ["exponential", "power"]

_LOG2_E = 1.4426950408889634
_LN2_HIGH = 6.93147180369123816490e-01  # 32 bits: its products with whole numbers are exact
_LN2_LOW = 1.90821492927058770002e-10
_SQRT_HALF = 0.7071067811865476
_LOWEST = -745.0
"""Below, the exponential is 0 in float64."""

_EXP_TERMS, _LOG_TERMS = 14, 12


@inlined
def exponential(x: Any) -> Any:
    """e^x for x up to 700, to some 2e-16 of it."""
    if x < _LOWEST:
        return 0.0
    n = math.floor(x * _LOG2_E + 0.5)
    rest = (x - n * _LN2_HIGH) - n * _LN2_LOW
    total = 1.0
    for k in range(_EXP_TERMS, 0, -1):
        total = 1.0 + total * rest / k
    return math.ldexp(total, int(n))


@inlined
def logarithm(x: Any) -> Any:
    """Ln x for x above 0, to some 2e-16 of it."""
    fraction, n = math.frexp(x)
    if fraction < _SQRT_HALF:
        fraction *= 2.0
        n -= 1
    s = (fraction - 1.0) / (fraction + 1.0)
    square = s * s
    total = 0.0
    for k in range(_LOG_TERMS, -1, -1):
        total = total * square + 1.0 / (2 * k + 1)
    return n * _LN2_HIGH + (n * _LN2_LOW + 2.0 * s * total)


@inlined
def power(x: Any, exponent: Any) -> Any:
    """x^exponent for x from 1, exponent in [0, 10]; exact where the exponent is 1."""
    if exponent == 1.0:
        return np.float64(x)
    return exponential(exponent * logarithm(np.float64(x)))
