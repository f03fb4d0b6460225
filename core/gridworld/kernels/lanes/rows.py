"""Jitted: rows of Q in every lane: `gridworld.kernels.rows` for vectors.

A row of four actions is four vectors. Any other is left in memory (`gridworld.kernels.lanes.wide`):
which, the compiler knows by the row's type.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload

from gridworld.kernels.actions import N_ACTIONS
from gridworld.kernels.codes import RANDOM
from gridworld.kernels.jit import INLINED, inlined
from gridworld.kernels.lanes import wide
from gridworld.kernels.lanes.memory import load_rows, store_rows
from gridworld.kernels.lanes.random import next_u32, next_u32_where, unit
from gridworld.kernels.lanes.simd import high_product, i32x16, maximum, select, signed, unsigned

__all__ = [
    "Draws",
    "behave",
    "draw_for_action",
    "draw_where",
    "greedy_by",
    "highest",
    "load_row",
    "mean",
    "select_row",
    "sum_rows",
    "value_of",
    "write",
]

_QUARTER = np.float32(0.25)


def _of_either_kind(of_four: Callable[..., Any], of_wide: Callable[..., Any]) -> Any:
    """A function of a row, its first argument, that does as fits the row's type."""

    def function(*arguments: Any) -> Any:
        raise NotImplementedError("vectors exist in jitted code only")

    @overload(function, strict=False, jit_options=INLINED)  # type: ignore[untyped-decorator]
    def implementation(*arguments: Any) -> Any:
        chosen = of_four if isinstance(arguments[0], types.UniTuple) else of_wide

        def call(*arguments: Any) -> Any:
            return chosen(*arguments)

        return call

    return function


def load_row(variant: Any, q: Any, index: Any) -> Any:
    """The rows that begin at `q[i]` of each lane's i."""
    raise NotImplementedError("vectors exist in jitted code only")


@overload(load_row, strict=False, jit_options=INLINED)  # type: ignore[untyped-decorator]
def _overload_load_row(variant: Any, q: Any, index: Any) -> Any:
    if variant.variant.n_actions == N_ACTIONS:
        return lambda variant, q, index: load_rows(q, index)
    return lambda variant, q, index: wide.Wide(index, index, False)


@inlined
def greedy_of_four(row: Any, variant: Any, q: Any) -> Any:
    """The lowest of the best actions."""
    left = select(row[1] > row[0], i32x16(1), i32x16(0))
    right = select(row[3] > row[2], i32x16(3), i32x16(2))
    better = maximum(row[2], row[3]) > maximum(row[0], row[1])
    return select(better, right, left)


@inlined
def highest_of_four(row: Any, variant: Any, q: Any) -> Any:
    """The highest value."""
    return maximum(maximum(row[0], row[1]), maximum(row[2], row[3]))


@inlined
def mean_of_four(row: Any, variant: Any, q: Any) -> Any:
    """The mean of the values, added from the first to the last."""
    return (row[0] + row[1] + row[2] + row[3]) * _QUARTER


@inlined
def greedy_of_four_at_random(row: Any, variant: Any, q: Any, bits: Any) -> Any:
    """One of the best actions, each as likely as the others, from 32 bits."""
    best = highest_of_four(row, variant, q)
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
def value_of_four(row: Any, q: Any, action: Any) -> Any:
    """The value of the action."""
    first = select(action == 1, row[1], row[0])
    return select(action == 3, row[3], select(action == 2, row[2], first))


@inlined
def write_four(row: Any, q: Any, index: Any, action: Any, value: Any) -> Any:
    """Replace the action's value, in the row and at `q[i]` where it begins: the row."""
    written = (
        select(action == 0, value, row[0]),
        select(action == 1, value, row[1]),
        select(action == 2, value, row[2]),
        select(action == 3, value, row[3]),
    )
    store_rows(q, index, written)
    return written


@inlined
def select_four(yes: Any, no: Any, mask: Any) -> Any:
    """Rows from `yes` where the mask is set, else from `no`."""
    return (
        select(mask, yes[0], no[0]),
        select(mask, yes[1], no[1]),
        select(mask, yes[2], no[2]),
        select(mask, yes[3], no[3]),
    )


@inlined
def sum_fours(a: Any, b: Any) -> Any:
    """Values of two tables, added."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]


greedy = _of_either_kind(greedy_of_four, wide.greedy)
greedy_at_random = _of_either_kind(greedy_of_four_at_random, wide.greedy_at_random)
highest = _of_either_kind(highest_of_four, wide.highest)
mean = _of_either_kind(mean_of_four, wide.mean)
value_of = _of_either_kind(value_of_four, wide.value_of)
write = _of_either_kind(write_four, wide.write)
select_row = _of_either_kind(select_four, wide.select_row)
sum_rows = _of_either_kind(sum_fours, wide.sum_rows)


@inlined
def greedy_by(variant: Any, q: Any, row: Any, bits: Any) -> Any:
    """The greedy action as the variant breaks ties."""
    if variant.ties == RANDOM:
        return greedy_at_random(row, variant, q, bits)
    return greedy(row, variant, q)


@inlined
def takes_a_draw(variant: Any) -> Any:
    """Whether a random action takes a draw of its own (see `gridworld.kernels.rows`)."""
    n = variant.n_actions
    return n > 64 or n & (n - 1) != 0


@inlined
def behave(variant: Any, q: Any, row: Any, epsilon: Any, draws: Any) -> Any:
    """An epsilon-greedy action from the draws of `draw_for_action`."""
    n = variant.n_actions
    if takes_a_draw(variant):
        random = signed(high_product(draws.explore, np.uint32(n)))
    else:
        random = signed(draws.bits & (n - 1))
    return select(unit(draws.bits) < epsilon, random, greedy_by(variant, q, row, draws.ties))


class Draws(NamedTuple):
    """What an action may go by.

    Attributes:
        bits: Whether to explore.
        explore: Which random action, where that takes a draw of its own.
        ties: Which of the best, where ties are broken at random.
    """

    bits: Any
    explore: Any
    ties: Any


@inlined
def draw_for_action(variant: Any, rng: Any) -> Any:
    """Draw what an action goes by, whether it is needed or not: (draws, random states)."""
    bits, rng = next_u32(rng)
    explore = bits
    if takes_a_draw(variant):
        explore, rng = next_u32(rng)
    ties = bits
    if variant.ties == RANDOM:
        ties, rng = next_u32(rng)
    return Draws(bits, explore, ties), rng


@inlined
def draw_where(variant: Any, mask: Any, rng: Any) -> Any:
    """The same where the mask is set."""
    bits, rng = next_u32_where(mask, rng)
    explore = bits
    if takes_a_draw(variant):
        explore, rng = next_u32_where(mask, rng)
    ties = bits
    if variant.ties == RANDOM:
        ties, rng = next_u32_where(mask, rng)
    return Draws(bits, explore, ties), rng
