"""A Numba type for vectors of 16 lanes, with operators, on LLVM's own vectors.

Operators work lane by lane, a number beside a vector is broadcast, and arithmetic wraps or rounds
exactly as the scalar operation does. LLVM turns each operation into what the processor has: one
AVX-512 instruction, two of AVX2, four of SSE or NEON, with the same bits.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import models, register_model

__all__ = [
    "ELEMENTS",
    "F32X16",
    "I32X16",
    "LANES",
    "MASK",
    "U32X16",
    "Vector",
    "broadcast",
    "common",
    "compare",
]

LANES = 16

_I32 = ir.IntType(32)


class Vector(types.Type):  # type: ignore[misc]
    """16 lanes of `element`: float32, int32, uint32 or boolean (a mask)."""

    def __init__(self, element: Any) -> None:
        self.element = element
        super().__init__(f"{element}x{LANES}")


F32X16, I32X16, U32X16 = Vector(types.float32), Vector(types.int32), Vector(types.uint32)
MASK = Vector(types.boolean)

ELEMENTS = {F32X16: ir.FloatType(), I32X16: _I32, U32X16: _I32, MASK: ir.IntType(1)}
"""What LLVM calls a lane of each."""


@register_model(Vector)
class VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    """An LLVM vector, in registers and in memory."""

    def __init__(self, manager: Any, vector: Any) -> None:
        super().__init__(manager, vector, ir.VectorType(ELEMENTS[vector], LANES))


def _float_or_integer(floating: str, integer: str) -> Callable[[Any], str]:
    return lambda element: floating if element == types.float32 else integer


def _shift_right(element: Any) -> str:
    return "lshr" if element == types.uint32 else "ashr"


_ARITHMETIC: dict[Any, Callable[[Any], str]] = {
    operator.add: _float_or_integer("fadd", "add"),
    operator.sub: _float_or_integer("fsub", "sub"),
    operator.mul: _float_or_integer("fmul", "mul"),
    operator.truediv: lambda element: "fdiv",
    operator.and_: lambda element: "and_",
    operator.or_: lambda element: "or_",
    operator.xor: lambda element: "xor",
    operator.lshift: lambda element: "shl",
    operator.rshift: _shift_right,
}
_COMPARISONS = {
    operator.lt: "<",
    operator.le: "<=",
    operator.gt: ">",
    operator.ge: ">=",
    operator.eq: "==",
    operator.ne: "!=",
}


def compare(builder: Any, sign: str, element: Any, a: Any, b: Any) -> Any:
    """The mask of a comparison, by the sign that stands for it."""
    if element == types.float32:
        return builder.fcmp_ordered(sign, a, b)
    if element == types.uint32:
        return builder.icmp_unsigned(sign, a, b)
    return builder.icmp_signed(sign, a, b)


def common(a: Any, b: Any) -> Any:
    """The vector type of an operation: both the same, or a number beside a vector."""
    if isinstance(a, Vector) and (a == b or isinstance(b, types.Number)):
        return a
    if isinstance(b, Vector) and isinstance(a, types.Number):
        return b
    return None


def _splat(builder: Any, vector: Any, value: Any) -> Any:
    single = builder.insert_element(
        ir.Constant(ir.VectorType(ELEMENTS[vector], LANES), ir.Undefined), value, _I32(0)
    )
    zeros = ir.Constant(ir.VectorType(_I32, LANES), [0] * LANES)
    return builder.shuffle_vector(single, single, zeros)


def broadcast(context: Any, builder: Any, value: Any, source: Any, vector: Any) -> Any:
    """A number in every lane of a vector type; a vector is what it is."""
    if isinstance(source, Vector):
        return value
    return _splat(builder, vector, context.cast(builder, value, source, vector.element))


def _declare_binary(function: Any, result: Callable[[Any], Any], emit: Any) -> None:
    @infer_global(function)
    class Template(AbstractTemplate):  # type: ignore[misc]
        def generic(self, arguments: Any, keywords: Any) -> Any:
            vector = common(*arguments) if len(arguments) == 2 else None
            return None if vector is None else signature(result(vector), *arguments)

    def lower(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        vector = common(*sig.args)
        a, b = (
            broadcast(context, builder, value, source, vector)
            for value, source in zip(arguments, sig.args, strict=True)
        )
        return emit(builder, vector.element, a, b)

    for left, right in ((Vector, Vector), (Vector, types.Number), (types.Number, Vector)):
        lower_builtin(function, left, right)(lower)


for _function, _name in _ARITHMETIC.items():
    _declare_binary(
        _function,
        lambda vector: vector,
        lambda builder, element, a, b, name=_name: getattr(builder, name(element))(a, b),
    )
for _function, _sign in _COMPARISONS.items():
    _declare_binary(
        _function,
        lambda vector: MASK,
        lambda builder, element, a, b, sign=_sign: compare(builder, sign, element, a, b),
    )


@infer_global(operator.invert)
class _InvertTemplate(AbstractTemplate):  # type: ignore[misc]
    def generic(self, arguments: Any, keywords: Any) -> Any:
        if len(arguments) == 1 and isinstance(arguments[0], Vector):
            return signature(arguments[0], *arguments)
        return None


@lower_builtin(operator.invert, Vector)  # type: ignore[untyped-decorator]
def _lower_invert(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
    return builder.not_(arguments[0])
