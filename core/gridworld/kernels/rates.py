"""Jitted: the learning rate of an update."""

from typing import Any

import numpy as np

from gridworld.kernels.codes import INT32_MAX, STEADY
from gridworld.kernels.elementary import power
from gridworld.kernels.jit import inlined

__all__ = ["rate_of"]


@inlined
def rate_of(variant: Any, first: Any, exponent: Any, updates: Any, entry: Any) -> Any:
    """The learning rate of an update, float32; where it goes by them, the update is counted.

    Args:
        variant: How it changes; a constant where this is called.
        first: float32, of the first update.
        exponent: float32, of the number of updates in what it is divided by.
        updates: int32, of each entry of the Q-table, changed in place where they count.
        entry: Which one is updated.
    """
    if variant.rate == STEADY:
        return first
    n = min(np.int64(updates[np.uint64(entry)]) + 1, np.int64(INT32_MAX))
    updates[np.uint64(entry)] = n
    return np.float32(np.float64(first) / power(n, np.float64(exponent)))
