"""Jitted: rows of Q in every lane, four vectors each: `gridworld.kernels.rows` for 4 actions."""

from typing import Any

from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.random import unit
from gridworld.kernels.lanes.simd import i32x16, maximum, select, signed

__all__ = ["behave", "greedy", "highest", "select_row", "sum_rows", "value_of", "with_value"]


@inlined
def greedy(row: Any) -> Any:
    """The lowest of the best actions."""
    left = select(row[1] > row[0], i32x16(1), i32x16(0))
    right = select(row[3] > row[2], i32x16(3), i32x16(2))
    better = maximum(row[2], row[3]) > maximum(row[0], row[1])
    return select(better, right, left)


@inlined
def highest(row: Any) -> Any:
    """The highest value."""
    return maximum(maximum(row[0], row[1]), maximum(row[2], row[3]))


@inlined
def behave(row: Any, epsilon: Any, bits: Any) -> Any:
    """An epsilon-greedy action."""
    return select(unit(bits) < epsilon, signed(bits & 3), greedy(row))


@inlined
def value_of(row: Any, action: Any) -> Any:
    """The value of the action."""
    first = select(action == 1, row[1], row[0])
    return select(action == 3, row[3], select(action == 2, row[2], first))


@inlined
def with_value(row: Any, action: Any, value: Any) -> Any:
    """The row with the action's value replaced."""
    return (
        select(action == 0, value, row[0]),
        select(action == 1, value, row[1]),
        select(action == 2, value, row[2]),
        select(action == 3, value, row[3]),
    )


@inlined
def select_row(mask: Any, yes: Any, no: Any) -> Any:
    """Rows from `yes` where the mask is set, else from `no`."""
    return (
        select(mask, yes[0], no[0]),
        select(mask, yes[1], no[1]),
        select(mask, yes[2], no[2]),
        select(mask, yes[3], no[3]),
    )


@inlined
def sum_rows(a: Any, b: Any) -> Any:
    """Values of two tables, added."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]
