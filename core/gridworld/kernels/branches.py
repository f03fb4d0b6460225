"""A hint for the compiler: branch here, do not select."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

__all__ = ["predicted"]


def predicted(condition: Any) -> Any:
    """The condition itself, marked as worth a branch.

    A select waits for its condition. Behind a branch the processor guesses and runs ahead,
    through the loads that depend on the choice; a learnt policy is guessed right most of the time.
    LLVM turns small branches into selects unless it believes that they are one-sided.
    """
    return condition


@intrinsic  # type: ignore[untyped-decorator]
def _predicted(typing_context: Any, condition: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bit = ir.IntType(1)
        expect = builder.module.declare_intrinsic(
            "llvm.expect", [bit], ir.FunctionType(bit, [bit, bit])
        )
        return builder.call(expect, [arguments[0], bit(0)])

    return types.boolean(types.boolean), generate


@overload(predicted, inline="always", strict=False)  # type: ignore[untyped-decorator]
def _overload_predicted(condition: Any) -> Any:
    return lambda condition: _predicted(condition)
