"""Jitted: rows of Q in every lane, four vectors each: `gridworld.kernels.rows` for 4 actions."""

from typing import Any

from gridworld.kernels.codes import RANDOM
from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.random import unit
from gridworld.kernels.lanes.simd import high_product, i32x16, maximum, select, signed, unsigned

__all__ = ["behave", "greedy_by", "highest", "select_row", "sum_rows", "value_of", "with_value"]


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
def greedy_at_random(row: Any, bits: Any) -> Any:
    """One of the best actions, each as likely as the others, from 32 bits."""
    best = highest(row)
    none, one = i32x16(0), i32x16(1)
    # How many of the best there are up to each action: the one that is taken is the first with
    # more of them than come before it.
    up_to_0 = select(row[0] == best, one, none)
    up_to_1 = up_to_0 + select(row[1] == best, one, none)
    up_to_2 = up_to_1 + select(row[2] == best, one, none)
    tied = up_to_2 + select(row[3] == best, one, none)
    before = signed(high_product(bits, unsigned(tied)))
    first = select(before < up_to_0, none, one)
    return select(before < up_to_1, first, select(before < up_to_2, i32x16(2), i32x16(3)))


@inlined
def greedy_by(variant: Any, row: Any, bits: Any) -> Any:
    """The greedy action as the variant breaks ties."""
    if variant.ties == RANDOM:
        return greedy_at_random(row, bits)
    return greedy(row)


@inlined
def behave(variant: Any, row: Any, epsilon: Any, bits: Any, more: Any) -> Any:
    """An epsilon-greedy action; `more` breaks ties, where they are broken at random."""
    return select(unit(bits) < epsilon, signed(bits & 3), greedy_by(variant, row, more))


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
