"""The one decorator for jitted code.

- nogil: a kernel never delays the web server, and kernels run on threads beside each other.
- kept on disk (`gridworld.kernels.cache`): a second process starts without compiling.
- no fastmath, no contraction: the scalar kernel, the vector kernel and the plain oracle in the
  tests agree to the last bit, which a fused or reordered operation would break.
- no reference counts (_nrt) in helpers: they allocate nothing, what they get is held by the
  caller, and to count each array that is handed on would cost more than the helper.
- error_model "numpy": no checks for division by zero inside loops; kernels raise nothing.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from gridworld.kernels.cache import KernelCache

__all__ = ["inlined", "jit", "pasted"]

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    """Compile a kernel at its first call, or read it from the cache on disk.

    With NUMBA_DISABLE_JIT it runs as plain Python, where uint32 must be told to wrap.
    """
    if numba.config.DISABLE_JIT:
        return np.errstate(over="ignore")(function)
    compiled: Any = numba.njit(**_OPTIONS)(function)
    compiled._cache = KernelCache(function)
    return cast(F, compiled)


def inlined(function: F) -> F:
    """Compile a helper into every kernel that calls it; never called from Python in a loop."""
    return cast(F, numba.njit(forceinline=True, _nrt=False, **_OPTIONS)(function))


def pasted(function: F) -> F:
    """Make a function part of its callers before they are compiled.

    For a large one with one caller: as `inlined` it would be compiled once more by itself, which
    takes seconds. And for a small one of the innermost loop: as `inlined` it hands its results
    over through memory at first, and what is left of that after optimisation may cost 2 %.
    """
    return cast(F, numba.njit(inline="always", **_OPTIONS)(function))
