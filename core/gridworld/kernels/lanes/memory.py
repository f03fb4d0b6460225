"""Lanes and memory, for jitted code: one scalar load or store for each lane.

On processors where gathers are microcoded (AMD up to Zen 4) this is much faster than gather
instructions, elsewhere about equal, because a lane's row of four values, or its outcome, is one
access.

These functions exist in jitted code only.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import signature
from numba.extending import intrinsic

from gridworld.kernels.lanes.vectors import ELEMENTS, F32X16, I32X16, LANES, Vector

__all__ = [
    "fetch_f32",
    "fetch_i32",
    "load_each",
    "load_outcomes",
    "load_rows",
    "put",
    "scratch",
    "store_each",
    "store_rows",
]

_I32, _I64, _F32 = ir.IntType(32), ir.IntType(64), ir.FloatType()


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


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def scratch(typing_context: Any, size: Any) -> Any:
    """The address of so many bytes on the stack, a constant, for as long as the kernel runs."""
    if not isinstance(size, types.IntegerLiteral):
        return None

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        array = ir.ArrayType(ir.IntType(8), size.literal_value)
        place = cgutils.alloca_once(builder, array)
        place.align = 4 * LANES
        return builder.ptrtoint(place, _I64)

    return signature(types.int64, size), generate


@intrinsic  # type: ignore[untyped-decorator]
def put(typing_context: Any, address: Any, value: Any) -> Any:
    """Write a vector to an address, which is a multiple of its size."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], arguments[1].type.as_pointer())
        builder.store(arguments[1], pointer, align=4 * LANES)
        return context.get_dummy_value()

    return signature(types.void, types.int64, value), generate


def _fetcher(element: Any, kind: Any, meaning: str) -> Any:
    def fetch(typing_context: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
            pointer = builder.inttoptr(arguments[0], kind.as_pointer())
            return builder.load(pointer, align=4)

        return signature(element, types.int64), generate

    fetch.__doc__ = meaning
    return intrinsic(fetch)


fetch_f32 = _fetcher(types.float32, _F32, "The float32 at an address.")
fetch_i32 = _fetcher(types.int32, _I32, "The int32 at an address.")


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
        result = ir.Constant(ir.VectorType(ELEMENTS[vector], LANES), ir.Undefined)
        for lane, offset in enumerate(_offsets(builder, arguments[1])):
            value = builder.load(builder.gep(data, [offset]), align=4)
            result = builder.insert_element(result, value, _I32(lane))
        return result

    return signature(vector, array, I32X16), generate


@intrinsic  # type: ignore[untyped-decorator]
def store_each(typing_context: Any, array: Any, indices: Any, values: Any) -> Any:
    """Write each lane's value to its `array[i]`; lanes that meet must bring the same."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        data = _data(context, builder, sig.args[0], arguments[0])
        for lane, offset in enumerate(_offsets(builder, arguments[1])):
            value = builder.extract_element(arguments[2], _I32(lane))
            builder.store(value, builder.gep(data, [offset]), align=4)
        return context.get_dummy_value()

    return signature(types.void, array, I32X16, values), generate
