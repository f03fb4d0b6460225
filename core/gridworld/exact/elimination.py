"""Direct solutions of a block of a policy's equations: which way is the quickest, and each of them.

Small blocks are eliminated here, as band matrices; full ones by LAPACK, piece by piece; sparse ones
by SuperLU (Demmel et al. 1999) through SciPy, which is imported when the first block needs it.
Without SciPy sparse ones of a few thousand rows are taken as full ones, and larger ones refused.
No rows change places for size, since the matrices are M-matrices.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.errors import require
from gridworld.kernels.exact import equations
from gridworld.kernels.exact.equations import BAND, DENSE, Entries

__all__ = ["Plan", "Solver", "eliminated", "quickest"]

Vector = npt.NDArray[np.float64]
Solver = Callable[[Vector], Vector]

_PIECE = 4e9
"""Operations on a full matrix between two questions whether to stop."""

_AT_ONCE = 10_000
"""Rows of a sparse matrix that takes no longer than a tenth of a second."""

_MOST_FULL = 4096
"""Rows of a sparse matrix that is eliminated as a full one where there is no SciPy."""

_PATIENCE = 0.05
"""Seconds between two questions whether to stop while SuperLU works."""


@dataclass(frozen=True)
class Plan:
    """How to solve blocks of equations.

    Attributes:
        begin_of: int64 `[blocks + 1]`, where blocks begin.
        way: int64 `[blocks]`, how to eliminate each, `NONE`: not at all.
        width: int64 `[blocks]`, how far its entries are off the diagonal, at most.
        most: int64 `[blocks]`, sweeps to try before that.
    """

    begin_of: npt.NDArray[np.int64]
    way: npt.NDArray[np.int64]
    width: npt.NDArray[np.int64]
    most: npt.NDArray[np.int64]


def quickest(entries: Entries, begin_of: npt.NDArray[np.int64]) -> Plan:
    """How to solve each block: sweeps, and what to do when they took as long as that would."""
    way, width, most = (np.empty(len(begin_of) - 1, np.int64) for _ in range(3))
    equations.plan(entries, begin_of, way, width, most)
    return Plan(begin_of, way, width, most)


def eliminated(entries: Entries, plan: Plan, block: int, check_stop: Callable[[], None]) -> Solver:
    """Factor a block.

    Args:
        entries: The equations.
        plan: How to solve them.
        block: Which of them.
        check_stop: Asked from time to time; raises to give up.

    Returns:
        What makes the solution, float64 `[rows]`, of a right side.
    """
    begin, end = int(plan.begin_of[block]), int(plan.begin_of[block + 1])
    if plan.way[block] == BAND:
        return _band(entries, begin, end, int(plan.width[block]))
    if plan.way[block] == DENSE:
        return _dense(entries, begin, end, check_stop)
    return _sparse(entries, begin, end, check_stop)


def _band(entries: Entries, begin: int, end: int, width: int) -> Solver:
    band = np.zeros((end - begin, 2 * width + 1))
    equations.fill_band(entries, begin, end, width, band)
    equations.factor_band(band)

    def solve(right: Vector) -> Vector:
        x = right.copy()
        equations.solve_band(band, x)
        return x

    return solve


def _dense(entries: Entries, begin: int, end: int, check_stop: Callable[[], None]) -> Solver:
    lu_factor, lu_solve = _factors()
    n = end - begin
    matrix = np.zeros((n, n))
    equations.fill_dense(entries, begin, end, matrix)
    width = int(np.clip(_PIECE / (2 * n * n), 32, n))
    pieces = [slice(at, min(at + width, n)) for at in range(0, n, width)]
    corners = []
    for piece in pieces:
        check_stop()
        corner = lu_factor(matrix[piece, piece], check_finite=False)
        corners.append(corner)
        rest = slice(piece.stop, n)
        below = lu_solve(corner, matrix[rest, piece].T, trans=1, check_finite=False).T
        matrix[rest, piece] = below
        matrix[rest, rest] -= below @ matrix[piece, rest]

    def solve(right: Vector) -> Vector:
        x = right.copy()
        for piece in pieces:
            x[piece.stop :] -= matrix[piece.stop :, piece] @ x[piece]
        for piece, corner in zip(reversed(pieces), reversed(corners), strict=True):
            known = x[piece] - matrix[piece, piece.stop :] @ x[piece.stop :]
            x[piece] = lu_solve(corner, known, check_finite=False)
        return x

    return solve


def _factors() -> tuple[Callable[..., Any], Callable[..., Vector]]:
    """LAPACK's factors and their use; without SciPy an inverse, which costs three times as much."""
    try:
        from scipy.linalg import lu_factor, lu_solve
    except ImportError:

        def invert(matrix: Vector, check_finite: bool) -> Vector:
            inverse: Vector = np.linalg.inv(matrix).astype(np.float64, copy=False)
            return inverse

        def apply(inverse: Vector, right: Vector, trans: int = 0, *, check_finite: bool) -> Vector:
            found: Vector = (inverse.T if trans else inverse) @ right
            return found

        return invert, apply
    return lu_factor, lu_solve


def _sparse(entries: Entries, begin: int, end: int, check_stop: Callable[[], None]) -> Solver:
    if end - begin <= _MOST_FULL and find_spec("scipy") is None:
        return _dense(entries, begin, end, check_stop)
    require("exact solutions of large worlds where moves are uncertain", "exact", "scipy")
    from scipy.sparse import csr_matrix, diags_array
    from scipy.sparse.linalg import splu

    first = entries.first[begin : end + 1]
    column = entries.column[first[0] : first[-1]] - begin
    rows = np.repeat(np.arange(end - begin, dtype=np.int32), np.diff(first))
    inside = column >= 0
    weights = entries.weight[first[0] : first[-1]][inside]
    shape = (end - begin, end - begin)
    joined = csr_matrix((-weights, (rows[inside], column[inside])), shape)
    matrix = (joined + diags_array(entries.diagonal[begin:end])).tocsc()
    factor = partial(
        splu,
        matrix,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    solve: Solver
    if end - begin <= _AT_ONCE:
        solve = factor().solve
        return solve
    # SuperLU cannot be interrupted: who gives up leaves it to end by itself.
    worker = ThreadPoolExecutor(1)
    try:
        factored = worker.submit(factor)
        while True:
            try:
                solve = factored.result(timeout=_PATIENCE).solve
                return solve
            except TimeoutError:
                check_stop()
    finally:
        worker.shutdown(wait=False)
