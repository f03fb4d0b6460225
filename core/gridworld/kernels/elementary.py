"""Jitted: functions in float64, from operations that every machine rounds alike.

Those of the C library and of the vector libraries that Numba may take instead differ in the last
bit from machine to machine, and an agent's path with them.
"""

import math
from typing import Any

import numpy as np

from gridworld.kernels.jit import inlined

__all__ = ["exponential", "normal", "power"]

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


_MIDDLE, _EDGE, _SHIFT = 0.425, 0.180625, 1.6


@inlined
def normal(bits: Any) -> Any:
    """A standard normal number from 32 bits: the quantile at (bits + 1/2) / 2^32.

    Source: Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution"
    (PPND16, relative error 1e-16), without the tails beyond what 32 bits reach, 6.34 either way.
    """
    p = (np.float64(bits) + 0.5) * 2.0**-32
    q = p - 0.5
    if abs(q) <= _MIDDLE:
        r = _EDGE - q * q
        above = 2509.0809287301226727 * r + 33430.575583588128105
        above = above * r + 67265.770927008700853
        above = above * r + 45921.953931549871457
        above = above * r + 13731.693765509461125
        above = above * r + 1971.5909503065514427
        above = above * r + 133.14166789178437745
        above = above * r + 3.387132872796366608
        below = 5226.495278852854561 * r + 28729.085735721942674
        below = below * r + 39307.89580009271061
        below = below * r + 21213.794301586595867
        below = below * r + 5394.1960214247511077
        below = below * r + 687.1870074920579083
        below = below * r + 42.313330701600911252
        below = below * r + 1.0
        return q * above / below
    r = np.sqrt(-logarithm(p if q < 0 else 1.0 - p)) - _SHIFT
    above = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
    above = above * r + 0.24178072517745061177
    above = above * r + 1.27045825245236838258
    above = above * r + 3.64784832476320460504
    above = above * r + 5.7694972214606914055
    above = above * r + 4.6303378461565452959
    above = above * r + 1.42343711074968357734
    below = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
    below = below * r + 0.0151986665636164571966
    below = below * r + 0.14810397642748007459
    below = below * r + 0.68976733498510000455
    below = below * r + 1.6763848301838038494
    below = below * r + 2.05319162663775882187
    below = below * r + 1.0
    return -above / below if q < 0 else above / below
