"""Vectors of 16 lanes for jitted code: a Numba type with operators, on LLVM's own vectors.

`f32x16`, `i32x16` and `u32x16` broadcast a number; `mask` is what comparisons give. Operators
work lane by lane, a number beside a vector is broadcast, and arithmetic wraps or rounds exactly
as the scalar operation does. LLVM turns each operation into what the processor has: one AVX-512
instruction, two of AVX2, four of SSE or NEON, with the same bits.

Memory is reached through one scalar load or store for each lane. On processors where gathers are
microcoded (AMD up to Zen 4) this is much faster than gather instructions, elsewhere about equal,
because a lane's row of four values, or its outcome, is one access.

These functions exist in jitted code only.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

__all__ = [
    "LANES",
    "any_lane",
    "bits_of",
    "extract",
    "f32x16",
    "high_product",
    "i32x16",
    "insert",
    "load_each",
    "load_outcomes",
    "load_rows",
    "lowest",
    "maximum",
    "minimum",
    "select",
    "signed",
    "store_rows",
    "to_float",
    "u32x16",
    "unsigned",
]

LANES = 16

_I1, _I32, _I64, _F32 = ir.IntType(1), ir.IntType(32), ir.IntType(64), ir.FloatType()


class Vector(types.Type):  # type: ignore[misc]
    """16 lanes of `element`: float32, int32, uint32 or boolean (a mask)."""

    def __init__(self, element: Any) -> None:
        self.element = element
        super().__init__(f"{element}x{LANES}")


F32X16, I32X16, U32X16 = Vector(types.float32), Vector(types.int32), Vector(types.uint32)
MASK = Vector(types.boolean)

_LLVM = {F32X16: _F32, I32X16: _I32, U32X16: _I32, MASK: _I1}


@register_model(Vector)
class VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    """An LLVM vector, in registers and in memory."""

    def __init__(self, manager: Any, vector: Any) -> None:
        super().__init__(manager, vector, ir.VectorType(_LLVM[vector], LANES))


# --- operators

_Emit = Callable[[Any, Any, Any], Any]


def _float_or_integer(floating: str, integer: str) -> Callable[[Any], str]:
    return lambda element: floating if element == types.float32 else integer


def _shift_right(element: Any) -> str:
    return "lshr" if element == types.uint32 else "ashr"


_ARITHMETIC: dict[Any, Callable[[Any], str]] = {
    operator.add: _float_or_integer("fadd", "add"),
    operator.sub: _float_or_integer("fsub", "sub"),
    operator.mul: _float_or_integer("fmul", "mul"),
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


def _compare(builder: Any, sign: str, element: Any, a: Any, b: Any) -> Any:
    if element == types.float32:
        return builder.fcmp_ordered(sign, a, b)
    if element == types.uint32:
        return builder.icmp_unsigned(sign, a, b)
    return builder.icmp_signed(sign, a, b)


def _common(a: Any, b: Any) -> Any:
    """The vector type of an operation: both the same, or a number beside a vector."""
    if isinstance(a, Vector) and (a == b or isinstance(b, types.Number)):
        return a
    if isinstance(b, Vector) and isinstance(a, types.Number):
        return b
    return None


def _splat(builder: Any, vector: Any, value: Any) -> Any:
    single = builder.insert_element(
        ir.Constant(ir.VectorType(_LLVM[vector], LANES), ir.Undefined), value, _I32(0)
    )
    zeros = ir.Constant(ir.VectorType(_I32, LANES), [0] * LANES)
    return builder.shuffle_vector(single, single, zeros)


def _broadcast(context: Any, builder: Any, value: Any, source: Any, vector: Any) -> Any:
    if isinstance(source, Vector):
        return value
    return _splat(builder, vector, context.cast(builder, value, source, vector.element))


def _declare_binary(function: Any, result: Callable[[Any], Any], emit: Any) -> None:
    @infer_global(function)
    class Template(AbstractTemplate):  # type: ignore[misc]
        def generic(self, arguments: Any, keywords: Any) -> Any:
            vector = _common(*arguments) if len(arguments) == 2 else None
            return None if vector is None else signature(result(vector), *arguments)

    def lower(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        vector = _common(*sig.args)
        a, b = (
            _broadcast(context, builder, value, source, vector)
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
        lambda builder, element, a, b, sign=_sign: _compare(builder, sign, element, a, b),
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


# --- making vectors


def _splatter(vector: Any, meaning: str) -> Any:
    def splat(typing_context: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
            return _broadcast(context, builder, arguments[0], sig.args[0], vector)

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
        b = _broadcast(context, builder, arguments[1], sig.args[1], U32X16)
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
    vector = _common(yes, no)

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        a = _broadcast(context, builder, arguments[1], sig.args[1], vector)
        b = _broadcast(context, builder, arguments[2], sig.args[2], vector)
        return builder.select(arguments[0], a, b)

    return signature(vector, MASK, yes, no), generate


def _pairwise(sign: str, meaning: str) -> Any:
    def choose(typing_context: Any, a: Any, b: Any) -> Any:
        vector = _common(a, b)

        def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
            x = _broadcast(context, builder, arguments[0], sig.args[0], vector)
            y = _broadcast(context, builder, arguments[1], sig.args[1], vector)
            return builder.select(_compare(builder, sign, vector.element, y, x), y, x)

        return signature(vector, a, b), generate

    choose.__doc__ = meaning
    return intrinsic(choose)


minimum = _pairwise("<", "The lower of each pair, the first where they are equal, as `min`.")
maximum = _pairwise(">", "The higher of each pair, the first where they are equal, as `max`.")


# --- masks and single lanes


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


# --- memory


def _offsets(builder: Any, indices: Any) -> list[Any]:
    """The lanes of non-negative indices as 16 numbers of 64 bits.

    Two at a time: to get a lane out of a vector costs more than to split a word.
    """
    pairs = builder.bitcast(indices, ir.VectorType(_I64, LANES // 2))
    offsets = []
    for k in range(LANES // 2):
        pair = builder.extract_element(pairs, _I32(k))
        offsets += [builder.and_(pair, _I64(2**32 - 1)), builder.lshr(pair, _I64(32))]
    return offsets


def _data(context: Any, builder: Any, array_type: Any, array: Any) -> Any:
    return context.make_array(array_type)(context, builder, array).data


def _shuffle(builder: Any, a: Any, b: Any, lanes: list[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_I32, len(lanes)), lanes))


def _joined(builder: Any, parts: list[Any]) -> Any:
    """Vectors one behind the other."""
    while len(parts) > 1:
        n = parts[0].type.count
        parts = [
            _shuffle(builder, a, b, list(range(2 * n)))
            for a, b in zip(parts[::2], parts[1::2], strict=True)
        ]
    return parts[0]


def _in_quarters(pattern: list[int]) -> list[int]:
    """Shuffle indices that repeat a pattern of four in each quarter of 16 lanes.

    0 to 3 are the quarter's lanes of the first vector, 4 to 7 of the second. Shuffles within
    quarters are the cheap ones.
    """
    return [4 * j + k % 4 + LANES * (k // 4) for j in range(4) for k in pattern]


def _transposed(builder: Any, z: list[Any]) -> list[Any]:
    """Transpose the 4 x 4 block in each quarter of four vectors (its own inverse)."""
    low, high = _in_quarters([0, 4, 1, 5]), _in_quarters([2, 6, 3, 7])
    first, second = _in_quarters([0, 1, 4, 5]), _in_quarters([2, 3, 6, 7])
    a, b = _shuffle(builder, z[0], z[1], low), _shuffle(builder, z[2], z[3], low)
    c, d = _shuffle(builder, z[0], z[1], high), _shuffle(builder, z[2], z[3], high)
    return [
        _shuffle(builder, a, b, first),
        _shuffle(builder, a, b, second),
        _shuffle(builder, c, d, first),
        _shuffle(builder, c, d, second),
    ]


_ROW = ir.VectorType(_F32, 4)


def _row_pointers(builder: Any, data: Any, indices: Any) -> list[Any]:
    return [
        builder.bitcast(builder.gep(data, [offset]), _ROW.as_pointer())
        for offset in _offsets(builder, indices)
    ]


@intrinsic  # type: ignore[untyped-decorator]
def load_rows(typing_context: Any, q: Any, indices: Any) -> Any:
    """Four vectors: the values at `q[i]`, `q[i + 1]`, `q[i + 2]`, `q[i + 3]` of each lane's i."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data = _data(context, builder, sig.args[0], arguments[0])
        pointers = _row_pointers(builder, data, arguments[1])
        rows = [builder.load(pointer, align=4) for pointer in pointers]
        blocks = [_joined(builder, rows[k::4]) for k in range(4)]
        return context.make_tuple(builder, sig.return_type, _transposed(builder, blocks))

    return signature(types.UniTuple(F32X16, 4), q, I32X16), generate


@intrinsic  # type: ignore[untyped-decorator]
def store_rows(typing_context: Any, q: Any, indices: Any, rows: Any) -> Any:
    """Write four vectors to `q[i]` .. `q[i + 3]` of each lane's i; no two lanes may meet."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data = _data(context, builder, sig.args[0], arguments[0])
        pointers = _row_pointers(builder, data, arguments[1])
        blocks = _transposed(builder, cgutils.unpack_tuple(builder, arguments[2], 4))
        for lane, pointer in enumerate(pointers):
            first = lane // 4 * 4
            row = _shuffle(
                builder, blocks[lane % 4], blocks[lane % 4], list(range(first, first + 4))
            )
            builder.store(row, pointer, align=4)
        return context.get_dummy_value()

    return signature(types.void, q, I32X16, rows), generate


@intrinsic  # type: ignore[untyped-decorator]
def load_outcomes(typing_context: Any, outcomes: Any, indices: Any) -> Any:
    """Each lane's record `outcomes[i]`: (next states int32, rewards float32)."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data = _data(context, builder, sig.args[0], arguments[0])
        base = builder.bitcast(data, _I64.as_pointer())
        records = [
            builder.load(builder.gep(base, [offset]), align=4)
            for offset in _offsets(builder, arguments[1])
        ]
        halves = []
        for begin in (0, 2):  # lanes 4 j + begin and the one behind it, for each quarter j
            half = ir.Constant(ir.VectorType(_I64, 8), ir.Undefined)
            for k in range(8):
                record = records[4 * (k // 2) + begin + k % 2]
                half = builder.insert_element(half, record, _I32(k))
            halves.append(builder.bitcast(half, ir.VectorType(_I32, LANES)))
        first, second = halves
        states = _shuffle(builder, first, second, _in_quarters([0, 2, 4, 6]))
        rewards = _shuffle(builder, first, second, _in_quarters([1, 3, 5, 7]))
        rewards = builder.bitcast(rewards, ir.VectorType(_F32, LANES))
        return context.make_tuple(builder, sig.return_type, [states, rewards])

    return signature(types.Tuple((I32X16, F32X16)), outcomes, I32X16), generate


@intrinsic  # type: ignore[untyped-decorator]
def load_each(typing_context: Any, array: Any, indices: Any) -> Any:
    """Each lane's `array[i]`, of an int32, uint32 or float32 array."""
    vector = Vector(array.dtype)

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data = _data(context, builder, sig.args[0], arguments[0])
        result = ir.Constant(ir.VectorType(_LLVM[vector], LANES), ir.Undefined)
        for lane, offset in enumerate(_offsets(builder, arguments[1])):
            value = builder.load(builder.gep(data, [offset]), align=4)
            result = builder.insert_element(result, value, _I32(lane))
        return result

    return signature(vector, array, I32X16), generate
