"""Jitted: rows of Q of any number of actions in every lane, left in memory: `lanes.rows` for them.

A scan loads four actions at once, as many rows of 16 lanes fit no registers.
"""

from typing import Any, NamedTuple

import numpy as np

from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.memory import load_each, load_rows, store_each
from gridworld.kernels.lanes.simd import (
    high_product,
    i32x16,
    maximum,
    select,
    signed,
    unsigned,
)

__all__ = [
    "Wide",
    "greedy",
    "greedy_at_random",
    "highest",
    "mean",
    "select_row",
    "sum_rows",
    "value_of",
    "write",
]

_BLOCK = 4
"""Actions that are loaded at once."""


class Wide(NamedTuple):
    """A row in every lane.

    Attributes:
        index: Where the rows begin.
        other: Where the rows begin that are added to them; the same, if none are.
        summed: Whether some are: a constant.
    """

    index: Any
    other: Any
    summed: Any


@inlined
def block(q: Any, row: Any, first: Any) -> Any:
    """Four vectors, the values of actions `first` and on."""
    values = load_rows(q, row.index + first)
    if row.summed:
        more = load_rows(q, row.other + first)
        return (
            values[0] + more[0],
            values[1] + more[1],
            values[2] + more[2],
            values[3] + more[3],
        )
    return values


@inlined
def single(q: Any, row: Any, action: Any) -> Any:
    """The values of one action."""
    value = load_each(q, row.index + action)
    if row.summed:
        value = value + load_each(q, row.other + action)
    return value


@inlined
def raise_best(value: Any, action: Any, best: Any, chosen: Any) -> Any:
    """Take an action where it is better than the best before it: (values, actions)."""
    better = value > best
    return select(better, value, best), select(better, action, chosen)


@inlined
def greedy(row: Any, variant: Any, q: Any) -> Any:
    """The lowest of the best actions."""
    n = variant.n_actions
    chosen, begin = i32x16(0), 1
    if n < _BLOCK:
        best = single(q, row, 0)
    else:
        values = block(q, row, 0)
        best, begin = values[0], _BLOCK
        best, chosen = raise_best(values[1], 1, best, chosen)
        best, chosen = raise_best(values[2], 2, best, chosen)
        best, chosen = raise_best(values[3], 3, best, chosen)
    whole = n // _BLOCK * _BLOCK
    for a in range(begin, whole, _BLOCK):
        values = block(q, row, a)
        best, chosen = raise_best(values[0], a, best, chosen)
        best, chosen = raise_best(values[1], a + 1, best, chosen)
        best, chosen = raise_best(values[2], a + 2, best, chosen)
        best, chosen = raise_best(values[3], a + 3, best, chosen)
    for a in range(max(whole, 1), n):
        best, chosen = raise_best(single(q, row, a), a, best, chosen)
    return chosen


@inlined
def highest(row: Any, variant: Any, q: Any) -> Any:
    """The highest value."""
    n = variant.n_actions
    begin = 1
    if n < _BLOCK:
        best = single(q, row, 0)
    else:
        values = block(q, row, 0)
        begin = _BLOCK
        best = maximum(maximum(maximum(values[0], values[1]), values[2]), values[3])
    whole = n // _BLOCK * _BLOCK
    for a in range(begin, whole, _BLOCK):
        values = block(q, row, a)
        best = maximum(best, maximum(maximum(maximum(values[0], values[1]), values[2]), values[3]))
    for a in range(max(whole, 1), n):
        best = maximum(best, single(q, row, a))
    return best


@inlined
def mean(row: Any, variant: Any, q: Any) -> Any:
    """The mean of the values, added from the first to the last."""
    total = single(q, row, 0)
    for a in range(1, variant.n_actions):
        total = total + single(q, row, a)
    return total * np.float32(1.0 / variant.n_actions)


@inlined
def greedy_at_random(row: Any, variant: Any, q: Any, bits: Any) -> Any:
    """One of the best actions, each as likely as the others, from 32 bits."""
    best = highest(row, variant, q)
    none, one = i32x16(0), i32x16(1)
    tied = none
    for a in range(variant.n_actions):
        tied = tied + select(single(q, row, a) == best, one, none)
    before = signed(high_product(bits, unsigned(tied)))
    chosen = none
    for a in range(variant.n_actions):
        best_too = single(q, row, a) == best
        chosen = select(best_too & (before == 0), a, chosen)
        before = before - select(best_too, one, none)
    return chosen


@inlined
def value_of(row: Any, q: Any, action: Any) -> Any:
    """The value of the action."""
    return load_each(q, row.index + action)


@inlined
def write(row: Any, q: Any, index: Any, action: Any, value: Any) -> Any:
    """Replace the action's value at `q[i]` where the row begins: the row."""
    store_each(q, index + action, value)
    return row


@inlined
def select_row(yes: Any, no: Any, mask: Any) -> Any:
    """Rows from `yes` where the mask is set, else from `no`."""
    return Wide(
        select(mask, yes.index, no.index),
        select(mask, yes.other, no.other),
        yes.summed,
    )


@inlined
def sum_rows(a: Any, b: Any) -> Any:
    """Values of two tables, added."""
    return Wide(a.index, b.index, True)
