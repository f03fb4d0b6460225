"""The one decorator for jitted code.

- nogil: a kernel never delays the web server, and kernels run on threads beside each other.
- kept on disk (`gridworld.kernels.cache`): a second process starts without compiling.
- no fastmath, no contraction: the scalar kernel, the vector kernel and the plain oracle in the
  tests agree to the last bit, which a fused or reordered operation would break.
- no reference counts (_nrt) in helpers: they allocate nothing, what they get is held by the
  caller, and to count each array that is handed on would cost more than the helper.
- compiled on a thread beside the main one: Ctrl-C is raised on the main thread alone, and the
  compiler's callbacks swallow what is raised in them.
- error_model "numpy": no checks for division by zero inside loops; kernels raise nothing.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import register_jitable

from gridworld.kernels.cache import KernelCache

__all__ = ["INLINED", "inlined", "jit", "pasted", "shared"]

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}

INLINED: dict[str, Any] = {"forceinline": True, "_nrt": False, **_OPTIONS}
"""Options of a helper that becomes part of its callers."""

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    """Compile a kernel at its first call, or read it from the cache on disk.

    With NUMBA_DISABLE_JIT it runs as plain Python, where uint32 must be told to wrap.
    """
    if numba.config.DISABLE_JIT:
        return np.errstate(over="ignore")(function)
    compiled: Any = numba.njit(**_OPTIONS)(function)
    compiled._cache = KernelCache(function)
    compiled.compile = _beside_the_main_thread(compiled.compile)
    return cast(F, compiled)


def _beside_the_main_thread(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function on a thread of its own; a Ctrl-C meanwhile is raised when it has returned."""

    def work(argument: Any, future: "Future[Any]") -> None:
        try:
            future.set_result(function(argument))
        except BaseException as error:
            future.set_exception(error)

    def call(argument: Any) -> Any:
        # A function that is compiled for another holds the compiler's lock already.
        if threading.current_thread() is not threading.main_thread() or _compiling():
            return function(argument)
        future: Future[Any] = Future()
        threading.Thread(target=work, args=(argument, future), name="gridworld-compile").start()
        late: KeyboardInterrupt | None = None
        while not future.done():
            try:
                wait([future])
            except KeyboardInterrupt as error:
                late = error
        if late is not None:
            raise late
        return future.result()

    return call


def _compiling() -> bool:
    return bool(global_compiler_lock.is_locked())


def inlined(function: F) -> F:
    """Compile a helper into every kernel that calls it; never called from Python in a loop."""
    return cast(F, numba.njit(**INLINED)(function))


def shared(function: F) -> F:
    """Leave a function of one line what it is in Python, and paste it where kernels call it."""
    return cast(F, register_jitable(inline="always")(function))


def pasted(function: F) -> F:
    """Make a function part of its callers before they are compiled.

    For a large one with one caller: as `inlined` it would be compiled once more by itself, which
    takes seconds. And for a small one of the innermost loop: as `inlined` it hands its results
    over through memory at first, and what is left of that after optimisation may cost 2 %.
    """
    return cast(F, numba.njit(inline="always", **_OPTIONS)(function))
