"""Atomic loads and stores of int64 arrays, and a fence, for jitted code.

A plain load of a stop word is hoisted out of the loop that polls it; plain stores of a record
may become visible after the counter that announces it. Called from plain Python these functions
do the same on whole, aligned words, which the interpreter neither caches nor reorders.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

__all__ = ["fence", "load_atomic", "store_atomic"]

_WORD_BYTES = 8


def load_atomic(words: npt.NDArray[np.int64], index: int) -> int:
    """Read one word; later reads and writes stay behind it (acquire)."""
    return int(words[index])


def store_atomic(words: npt.NDArray[np.int64], index: int, value: int) -> None:
    """Write one word; earlier reads and writes stay before it (release)."""
    words[index] = value


def fence() -> None:
    """Let no read or write pass, in either direction (sequentially consistent)."""


def _word_pointer(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return cgutils.gep(builder, array.data, arguments[1])


def _is_words(words: Any) -> bool:
    return (
        isinstance(words, types.Array)
        and words.dtype == types.int64
        and words.ndim == 1
        and words.layout == "C"
    )


@intrinsic  # type: ignore[untyped-decorator]
def _load_atomic(typing_context: Any, words: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _word_pointer(context, builder, signature, arguments)
        return builder.load_atomic(pointer, "acquire", _WORD_BYTES, typ=ir.IntType(64))

    return types.int64(words, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]
def _store_atomic(typing_context: Any, words: Any, index: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _word_pointer(context, builder, signature, arguments)
        builder.store_atomic(arguments[2], pointer, "release", _WORD_BYTES)
        return context.get_dummy_value()

    return types.void(words, types.intp, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _fence(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


@overload(load_atomic, inline="always", strict=False)  # type: ignore[untyped-decorator]
def _overload_load(words: Any, index: Any) -> Any:
    return (lambda words, index: _load_atomic(words, index)) if _is_words(words) else None


@overload(store_atomic, inline="always", strict=False)  # type: ignore[untyped-decorator]
def _overload_store(words: Any, index: Any, value: Any) -> Any:
    if not _is_words(words):
        return None
    return lambda words, index, value: _store_atomic(words, index, value)


@overload(fence, inline="always", strict=False)  # type: ignore[untyped-decorator]
def _overload_fence() -> Any:
    return lambda: _fence()
