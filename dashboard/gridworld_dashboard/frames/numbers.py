"""Numbers as they travel: short decimals, or packed where there are many.

What grows with the world or with the run is packed as base64: lists of numbers would be ten times
as long.
"""

import base64
import math
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["decimal", "finite", "number", "pack"]


def decimal(value: np.float32) -> float:
    """The shortest decimal that is this float32: 0.995, not 0.9950000047683716."""
    return float(str(np.float32(value)))


def finite(value: float) -> float | None:
    """The value for JSON; None where JSON has no word for it."""
    return value if math.isfinite(value) else None


def pack(array: npt.NDArray[Any], dtype: str) -> str:
    """The numbers in base64."""
    return base64.b64encode(np.ascontiguousarray(array, dtype).data).decode("ascii")


def number(value: np.float32) -> float | None:
    """A float32 for JSON; None where JSON has no word for it."""
    return decimal(value) if np.isfinite(value) else None
