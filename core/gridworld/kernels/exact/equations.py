"""Jitted: the linear equations that the values of a policy satisfy, `(I - discount P) x = right`.

Rows are the states in which the policy acts, in an order of the caller's, in blocks of which none
needs the values of a later one.
"""

from typing import Any, NamedTuple

import numpy as np

from gridworld.kernels.exact.model import n_terms, term
from gridworld.kernels.exact.pairs import exact_value, two_sum
from gridworld.kernels.jit import inlined, jit

NONE, BAND, DENSE, SPARSE = range(4)
"""How to eliminate a block of equations: not at all; as a band matrix; as a full one; as a sparse
one."""

MOST_BAND = 5e7
"""Numbers in the largest band matrix, and operations on it: less than a tenth of a second."""

MOST_DENSE = 12_000
"""Rows of the largest full matrix: 1.1 GiB."""

MOST_SPARSE = 300_000
"""Rows of the largest sparse matrix; the factors of a grid of that size take a good GiB."""

MOST_SWEEPS = 10_000_000


class Entries(NamedTuple):
    """`I - discount P` by rows.

    Attributes:
        first: int64 `[n + 1]`; the entries of row i are at `first[i]:first[i + 1]`.
        column: int32, of each entry off the diagonal.
        weight: float64, its value with the sign changed: a probability times the discount.
        diagonal: float64 `[n]`.
    """

    first: Any
    column: Any
    weight: Any
    diagonal: Any


@jit
def count_entries(model: Any, policy: Any, states: Any, number: Any, first: Any) -> None:
    """Fill `Entries.first`.

    Args:
        model: The process.
        policy: int32 `[S]`.
        states: int32 `[n]`, the states of the rows.
        number: int32 `[S]`, the rows of the states, -1: the value is 0.
        first: int64 `[n + 1]`, filled.
    """
    first[0] = 0
    for i in range(states.size):
        s = states[i]
        count = 0
        for k in range(n_terms(model)):
            weight, next_state, _ = term(model, s, policy[s], k)
            if weight > 0 and next_state >= 0 and next_state != s and number[next_state] >= 0:
                count += 1
        first[i + 1] = first[i] + count


@jit
def fill_entries(
    model: Any, discount: Any, policy: Any, states: Any, number: Any, entries: Any
) -> None:
    """Fill the rest of `Entries`; arguments as of `count_entries`."""
    for i in range(states.size):
        s = states[i]
        at = entries.first[i]
        stay = 0.0
        for k in range(n_terms(model)):
            weight, next_state, _ = term(model, s, policy[s], k)
            if weight > 0 and next_state >= 0:
                if next_state == s:
                    stay += weight
                elif number[next_state] >= 0:
                    entries.column[at] = number[next_state]
                    entries.weight[at] = discount * weight
                    at += 1
        # Above 0 on paper, but 1 - discount may be less than rounding.
        entries.diagonal[i] = max(1.0 - discount * stay, 1e-17)


@jit
def plan(entries: Any, begin_of: Any, way: Any, width: Any, most: Any) -> None:
    """Choose how to solve each block.

    The estimates are nanoseconds, measured on grids; what is tied together more tightly fills up
    under elimination as if it were full.

    Args:
        entries: The equations.
        begin_of: int64 `[blocks + 1]`, where blocks begin.
        way: int64 `[blocks]`, filled: how to eliminate the block, `NONE`: it would be too large.
        width: int64 `[blocks]`, filled: how far its entries are off the diagonal, at most.
        most: int64 `[blocks]`, filled: sweeps that take as long as that.
    """
    for block in range(way.size):
        begin = begin_of[block]
        rows = begin_of[block + 1] - begin
        size = 0
        off = 0
        for i in range(begin, begin + rows):
            for k in range(entries.first[i], entries.first[i + 1]):
                if entries.column[k] >= begin:
                    size += 1
                    off = max(off, abs(entries.column[k] - i))
        width[block] = off
        way[block] = NONE
        n = float(rows)
        cost = np.inf
        if n * off * off <= MOST_BAND and n * (2 * off + 1) <= MOST_BAND:
            way[block] = BAND
            cost = 300.0 + n * (10.0 + 4.0 * off + off * off)
        if rows <= MOST_DENSE and 2e5 + n * n * (5.0 + n / 30.0) < cost:
            way[block] = DENSE
            cost = 2e5 + n * n * (5.0 + n / 30.0)
        if rows <= MOST_SPARSE:
            tied = max(1.0, size / (8.0 * n)) ** 2
            sparse = 2e5 + min(tied * 40.0 * n**1.5, n**3 / 3.0)
            if sparse < cost:
                way[block] = SPARSE
                cost = sparse
        most[block] = 1 if rows == 1 else min(cost / (1.3 * size + 8.0 * n), MOST_SWEEPS)


@jit
def defects(model: Any, discount: Any, policy: Any, states: Any, values: Any, wrong: Any) -> float:
    """What is missing in a policy's equations, `r + discount P v - v`, to 106 bits.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`.
        states: int32 `[n]`.
        values: Two float64 `[S]`, the values in pairs.
        wrong: float64 `[n]`, filled.

    Returns:
        The largest of them.
    """
    high, low = values
    largest = 0.0
    for i in range(states.size):
        s = states[i]
        value, rest = exact_value(model, discount, high, low, s, policy[s])
        wrong[i] = (value - high[s]) + (rest - low[s])
        largest = max(largest, abs(wrong[i]))
    return largest


@jit
def correct(states: Any, change: Any, values: Any) -> None:
    """Add to values in pairs, in place.

    Args:
        states: int32 `[n]`.
        change: float64 `[n]`.
        values: Two float64 `[S]`.
    """
    high, low = values
    for i in range(states.size):
        s = states[i]
        total, rest = two_sum(high[s], change[i])
        high[s], low[s] = two_sum(total, rest + low[s])


@inlined
def _sum_of_others(entries: Any, i: Any, x: Any) -> Any:
    """What a row has off the diagonal times `x`, its sign changed; four sums beside each other."""
    begin = entries.first[i]
    end = entries.first[i + 1]
    total = 0.0
    if end - begin >= 8:
        b = 0.0
        c = 0.0
        d = 0.0
        while end - begin >= 4:
            total += entries.weight[begin] * x[entries.column[begin]]
            b += entries.weight[begin + 1] * x[entries.column[begin + 1]]
            c += entries.weight[begin + 2] * x[entries.column[begin + 2]]
            d += entries.weight[begin + 3] * x[entries.column[begin + 3]]
            begin += 4
        total = (total + b) + (c + d)
    for k in range(begin, end):
        total += entries.weight[k] * x[entries.column[k]]
    return total


@inlined
def _leak(entries: Any, i: Any, begin: Any) -> Any:
    """What a row sums to within its block: the chance to leave it, the discount included."""
    total = entries.diagonal[i]
    for k in range(entries.first[i], entries.first[i + 1]):
        if entries.column[k] >= begin:
            total -= entries.weight[k]
    return total


@jit
def relax(
    entries: Any, begin_of: Any, most: Any, right: Any, enough: Any, at: Any, work: Any, x: Any
) -> None:
    """Solve block after block by Gauss-Seidel sweeps, in place.

    Where a block is seldom left, its values rise and fall together, which takes sweeps for ever:
    now and then all of them are moved by what makes the sum of the defects 0, if that helps.
    Source: Bertsekas & Castanon 1989, "Adaptive aggregation methods for infinite horizon dynamic
    programming", with the block as the one aggregate.

    Args:
        entries: The equations.
        begin_of: int64 `[blocks + 1]`, where blocks begin.
        most: int64 `[blocks]`, sweeps to try. 0, and written there where they were not enough:
            the caller must solve the block.
        right: float64 `[n]`.
        enough: Defect at which a block is solved.
        at: int64 `[4]`, where to go on: block, sweeps done in it, the sweep before the next move,
            sweeps between two; all 0 at first. Done when the block is the number of blocks.
        work: Entries to visit, more or less, before coming back.
        x: float64 `[n]`.
    """
    first, diagonal = entries.first, entries.diagonal
    while at[0] < most.size and work > 0:
        block = at[0]
        begin = begin_of[block]
        end = begin_of[block + 1]
        if at[1] >= most[block]:
            most[block] = 0
            return
        work -= first[end] - first[begin] + 2 * (end - begin)
        largest = 0.0
        scale = 0.0
        for j in range(begin, end):
            # Three sweeps from what comes later to what leads there, one the other way.
            i = begin + end - 1 - j if at[1] % 4 == 3 else j
            total = right[i] + _sum_of_others(entries, i, x)
            largest = max(largest, abs(total - diagonal[i] * x[i]))
            x[i] = total / diagonal[i]
            scale = max(scale, abs(x[i]))
        at[1] += 1
        if end - begin == 1 or largest <= max(enough, 4.5e-16 * scale):
            at[0] += 1
            at[1] = 0
            at[2] = 0
            at[3] = 0
        elif at[1] > at[2]:
            work -= first[end] - first[begin] + 2 * (end - begin)
            gain = _move(entries, begin, end, right, x)
            at[3] = 1 if gain < 0.5 else min(2 * at[3] + 1, 32)
            at[2] = at[1] + at[3]


@jit
def _move(entries: Any, begin: int, end: int, right: Any, x: Any) -> float:
    """Move a block's values together; return by what factor that makes the largest defect less."""
    diagonal = entries.diagonal
    defect_sum = 0.0
    leak_sum = 0.0
    before = 0.0
    for i in range(begin, end):
        defect = right[i] - diagonal[i] * x[i] + _sum_of_others(entries, i, x)
        leak = _leak(entries, i, begin)
        defect_sum += defect
        leak_sum += leak
        before = max(before, abs(defect))
    if not (leak_sum > 0 and before > 0):
        return 1.0
    shift = defect_sum / leak_sum
    after = 0.0
    for i in range(begin, end):
        defect = right[i] - diagonal[i] * x[i] + _sum_of_others(entries, i, x)
        leak = _leak(entries, i, begin)
        after = max(after, abs(defect - shift * leak))
    if after >= 0.9 * before:
        return 1.0
    for i in range(begin, end):
        x[i] += shift
    return after / before


@jit
def known_part(entries: Any, begin: Any, end: Any, right: Any, x: Any, known: Any) -> None:
    """The right side of a block, float64 `[n]`, once what comes before it is known."""
    for i in range(begin, end):
        total = right[i]
        for k in range(entries.first[i], entries.first[i + 1]):
            if entries.column[k] < begin:
                total += entries.weight[k] * x[entries.column[k]]
        known[i - begin] = total


@jit
def fill_dense(entries: Any, begin: Any, end: Any, matrix: Any) -> None:
    """Write a block as a matrix, float64 `[n, n]`, all 0 before."""
    for i in range(begin, end):
        matrix[i - begin, i - begin] = entries.diagonal[i]
        for k in range(entries.first[i], entries.first[i + 1]):
            if entries.column[k] >= begin:
                matrix[i - begin, entries.column[k] - begin] -= entries.weight[k]


@jit
def fill_band(entries: Any, begin: Any, end: Any, width: Any, band: Any) -> None:
    """Write a block as a band matrix.

    Args:
        entries: The equations.
        begin: First row of the block.
        end: The row behind its last.
        width: How far entries are off the diagonal, at most.
        band: float64 `[n, 2 * width + 1]`, all 0 before: entry (i, j) at `[i, j - i + width]`.
    """
    for i in range(begin, end):
        band[i - begin, width] = entries.diagonal[i]
        for k in range(entries.first[i], entries.first[i + 1]):
            if entries.column[k] >= begin:
                band[i - begin, entries.column[k] - i + width] -= entries.weight[k]


@jit
def factor_band(band: Any) -> None:
    """Eliminate below the diagonal, in place (LU).

    No rows change places: the matrix is an M-matrix, for which this is stable.
    """
    n, full = band.shape
    width = full // 2
    for j in range(n):
        for i in range(j + 1, min(j + width + 1, n)):
            if band[i, j - i + width] != 0:
                factor = band[i, j - i + width] / band[j, width]
                band[i, j - i + width] = factor
                shift = j - i
                for c in range(width + 1, full):
                    band[i, c + shift] -= factor * band[j, c]


@jit
def solve_band(band: Any, right: Any) -> None:
    """Solve with the factors of `factor_band`; `right`, float64 `[n]`, becomes the solution."""
    n, full = band.shape
    width = full // 2
    for i in range(n):
        for j in range(max(0, i - width), i):
            right[i] -= band[i, j - i + width] * right[j]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, min(i + width + 1, n)):
            right[i] -= band[i, j - i + width] * right[j]
        right[i] /= band[i, width]


@jit
def least_gain(entries: Any, x: Any) -> float:
    """The least of `(I - discount P) x` in any row, its rounding taken off; for `x` above 0."""
    least = np.inf
    for i in range(x.size):
        total = entries.diagonal[i] * x[i]
        size = total
        for k in range(entries.first[i], entries.first[i + 1]):
            part = entries.weight[k] * x[entries.column[k]]
            total -= part
            size += part
        count = entries.first[i + 1] - entries.first[i]
        least = min(least, total - (count + 8) * 2.3e-16 * (size + 2.0 * x[i]))
    return least


@jit
def doubt(model: Any) -> float:
    """By how much probabilities may differ from what was meant, summed over any action's outcomes.

    It is what they miss the sum 1 by, and at least the rounding of their sum, unless all are
    fractions so short that they were not rounded.
    """
    largest = 0.0
    for i in range(model.n_states * model.n_actions):
        total = -1.0
        rest = 0.0
        for k in range(i * model.n_outcomes, (i + 1) * model.n_outcomes):
            chance = model.probability[k]
            total, lost = two_sum(total, chance)
            rest += lost
            if chance * 2.0**40 != np.floor(chance * 2.0**40):
                largest = max(largest, 2.0**-53)
        largest = max(largest, 1.0001 * abs(total + rest))
    return largest
