"""What is done with vectors of 16 lanes in jitted code, beside their operators.

`f32x16`, `i32x16` and `u32x16` broadcast a number; a mask is what comparisons give. These
functions exist in jitted code only.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import signature
from numba.extending import intrinsic

from gridworld.kernels.lanes.vectors import (
    F32X16,
    I32X16,
    LANES,
    MASK,
    U32X16,
    broadcast,
    common,
    compare,
)

__all__ = [
    "any_lane",
    "bits_of",
    "extract",
    "f32x16",
    "high_product",
    "i32x16",
    "insert",
    "lowest",
    "maximum",
    "minimum",
    "select",
    "signed",
    "to_float",
    "u32x16",
    "unsigned",
]

_I32, _I64, _F32 = ir.IntType(32), ir.IntType(64), ir.FloatType()


def _splatter(vector: Any, meaning: str) -> Any:
    def splat(typing_context: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
            return broadcast(context, builder, arguments[0], sig.args[0], vector)

        return signature(vector, value), generate

    splat.__doc__ = meaning
    return intrinsic(splat)


f32x16 = _splatter(F32X16, "A float32 in every lane.")
i32x16 = _splatter(I32X16, "An int32 in every lane.")
u32x16 = _splatter(U32X16, "A uint32 in every lane.")


def _bitcaster(source: Any, target: Any, meaning: str) -> Any:
    def cast(typing_context: Any, vector: Any) -> Any:
        if vector != source:
            return None
        return signature(target, source), lambda context, builder, sig, arguments: arguments[0]

    cast.__doc__ = meaning
    return intrinsic(cast)


signed = _bitcaster(U32X16, I32X16, "The same bits as int32.")
unsigned = _bitcaster(I32X16, U32X16, "The same bits as uint32.")


@intrinsic  # type: ignore[untyped-decorator]
def high_product(typing_context: Any, vector: Any, number: Any) -> Any:
    """The upper 32 bits of the 64-bit products of uint32 lanes and a number."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        wide = ir.VectorType(_I64, LANES)
        b = broadcast(context, builder, arguments[1], sig.args[1], U32X16)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(b, wide))
        upper = builder.lshr(product, ir.Constant(wide, [32] * LANES))
        return builder.trunc(upper, ir.VectorType(_I32, LANES))

    return signature(U32X16, U32X16, number), generate


@intrinsic  # type: ignore[untyped-decorator]
def to_float(typing_context: Any, vector: Any) -> Any:
    """Int32 lanes as float32."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        return builder.sitofp(arguments[0], ir.VectorType(_F32, LANES))

    return signature(F32X16, I32X16), generate


@intrinsic  # type: ignore[untyped-decorator]
def select(typing_context: Any, condition: Any, yes: Any, no: Any) -> Any:
    """Each lane from `yes` where the mask is set, else from `no`; numbers are broadcast."""
    vector = common(yes, no)

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        a = broadcast(context, builder, arguments[1], sig.args[1], vector)
        b = broadcast(context, builder, arguments[2], sig.args[2], vector)
        return builder.select(arguments[0], a, b)

    return signature(vector, MASK, yes, no), generate


def _pairwise(sign: str, meaning: str) -> Any:
    def choose(typing_context: Any, a: Any, b: Any) -> Any:
        vector = common(a, b)

        def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
            x = broadcast(context, builder, arguments[0], sig.args[0], vector)
            y = broadcast(context, builder, arguments[1], sig.args[1], vector)
            return builder.select(compare(builder, sign, vector.element, y, x), y, x)

        return signature(vector, a, b), generate

    choose.__doc__ = meaning
    return intrinsic(choose)


minimum = _pairwise("<", "The lower of each pair, the first where they are equal, as `min`.")
maximum = _pairwise(">", "The higher of each pair, the first where they are equal, as `max`.")


@intrinsic  # type: ignore[untyped-decorator]
def bits_of(typing_context: Any, condition: Any) -> Any:
    """A mask as int64, lane i in bit i."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        return builder.zext(builder.bitcast(arguments[0], ir.IntType(LANES)), _I64)

    return signature(types.int64, MASK), generate


@intrinsic  # type: ignore[untyped-decorator]
def any_lane(typing_context: Any, condition: Any) -> Any:
    """Whether the mask is set in any lane."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], ir.IntType(LANES))
        return builder.icmp_unsigned("!=", bits, ir.IntType(LANES)(0))

    return signature(types.boolean, MASK), generate


@intrinsic  # type: ignore[untyped-decorator]
def extract(typing_context: Any, vector: Any, lane: Any) -> Any:
    """One lane as a number."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        return builder.extract_element(arguments[0], builder.trunc(arguments[1], _I32))

    return signature(vector.element, vector, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def insert(typing_context: Any, vector: Any, lane: Any, value: Any) -> Any:
    """The vector with one lane replaced."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        number = context.cast(builder, arguments[2], sig.args[2], vector.element)
        return builder.insert_element(arguments[0], number, builder.trunc(arguments[1], _I32))

    return signature(vector, vector, types.int64, value), generate


@intrinsic  # type: ignore[untyped-decorator]
def lowest(typing_context: Any, vector: Any) -> Any:
    """The lowest lane of an int32 vector, as int64."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        function = ir.FunctionType(_I32, [ir.VectorType(_I32, LANES)])
        name = f"llvm.vector.reduce.smin.v{LANES}i32"
        reduce = cgutils.get_or_insert_function(builder.module, function, name)
        return builder.sext(builder.call(reduce, arguments), _I64)

    return signature(types.int64, I32X16), generate
