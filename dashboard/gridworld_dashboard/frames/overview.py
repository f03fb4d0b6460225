"""A whole world in one byte a sample: what the colours of the grid show of a large one."""

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gridworld.tables import LAYERS
from gridworld.world import GOAL, PIT, WALL, GridWorld
from gridworld_dashboard.frames.learnt import Learnt
from gridworld_dashboard.frames.numbers import finite, pack

__all__ = ["MAX_SIDE", "overview_data"]

MAX_SIDE: Final = 256
"""Samples in each direction."""

_TABLE: Final = {layer.key: layer for layer in LAYERS}


def overview_data(
    learnt: Learnt, optimal: npt.NDArray[np.float64] | None, layer: str
) -> dict[str, Any]:
    """One layer, sampled: byte 0 is no value, 1 to 255 are `lo` to `hi`.

    A sample covers `scale` x `scale` cells and shows the largest value among them, or the one
    that is largest in size where the scale is symmetric around 0.

    Args:
        learnt: By the shown agent.
        optimal: V*, float64 `[states]`; None: not known yet.
        layer: A key of `tables.LAYERS`.
    """
    world = learnt.world
    scale = math.ceil(max(world.width, world.height) / MAX_SIDE)
    symmetric, log = _TABLE[layer].ramp == "diverging", _TABLE[layer].log
    cells = _LAYERS[layer](learnt, optimal)
    if log:
        cells = np.log10(cells + np.float32(1))
    grid = cells.reshape(world.height, world.width)
    samples = _sampled(grid, scale, symmetric=symmetric)
    there = np.isfinite(samples)
    # The scale is that of all cells: a window of them is coloured by it too.
    known = cells[np.isfinite(cells)]
    lo, hi = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if symmetric:
        hi = max(-lo, hi)
        lo = -hi
    elif _TABLE[layer].ramp == "cool":
        lo = 0.0
    data = np.zeros(samples.shape, np.uint8)
    if hi > lo:
        data[there] = np.rint(1 + (samples[there].astype(np.float64) - lo) * (254 / (hi - lo)))
    else:
        data[there] = 128 if symmetric else 255
    height, width = samples.shape
    return {
        "layer": layer,
        "width": width,
        "height": height,
        "scale": scale,
        "lo": finite(lo),
        "hi": finite(hi),
        "data": pack(data, "u1"),
    }


def _value(learnt: Learnt, optimal: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float32]:
    """max_a Q(s, a) where anything was learnt."""
    q, first = learnt.q, np.float32(learnt.initial_value)
    best = q[:, 0].copy()
    touched = best != first
    for action in range(1, q.shape[1]):
        column = q[:, action].copy()  # read twice, and slow to get at
        touched |= column != first
        np.maximum(best, column, out=best)
    touched &= ~_idle(learnt.world)
    return np.where(touched, best, np.float32(np.nan))


def _optimal(learnt: Learnt, optimal: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float32]:
    values = np.full(len(learnt.q), np.nan, np.float32)
    if optimal is not None:
        np.copyto(values, optimal, where=~_idle(learnt.world), casting="same_kind")
    return values


def _difference(learnt: Learnt, optimal: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float32]:
    """What is true less what the agent believes."""
    values = _value(learnt, None)
    if optimal is None:
        values.fill(np.nan)
    else:
        np.subtract(optimal, values, out=values, casting="same_kind")
    return values


def _visits(learnt: Learnt, optimal: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float32]:
    """Where there were any."""
    return np.where(learnt.visits > 0, learnt.visits.astype(np.float32), np.float32(np.nan))


def _td_error(learnt: Learnt, optimal: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float32]:
    return learnt.td_error


def _eligibility(
    learnt: Learnt, optimal: npt.NDArray[np.float64] | None
) -> npt.NDArray[np.float32]:
    return _where_any(learnt, learnt.eligibility)


def _model(learnt: Learnt, optimal: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float32]:
    return _where_any(learnt, learnt.model)


def _where_any(learnt: Learnt, values: npt.NDArray[np.float32] | None) -> npt.NDArray[np.float32]:
    """Values where they are not 0; none where the algorithm has none."""
    if values is None:
        return np.full(len(learnt.q), np.nan, np.float32)
    return np.where(values > 0, values, np.float32(np.nan))


_LAYERS: Final = {
    "value": _value,
    "optimal": _optimal,
    "difference": _difference,
    "visits": _visits,
    "td_error": _td_error,
    "eligibility": _eligibility,
    "model": _model,
}


@lru_cache(maxsize=2)
def _idle(world: GridWorld) -> npt.NDArray[np.bool_]:
    """Cells in which nobody ever acts: goals, pits, walls. bool `[states]`.

    A file of another program may have numbers there.
    """
    idle: npt.NDArray[np.bool_] = np.isin(
        world.array.reshape(-1), [ord(kind) for kind in (GOAL, PIT, WALL)]
    )
    idle.setflags(write=False)
    return idle


def _sampled(
    grid: npt.NDArray[np.float32], scale: int, *, symmetric: bool
) -> npt.NDArray[np.float32]:
    """One value for each `scale` x `scale` block; blocks at the far edges may be cut.

    Slices instead of a reduction over blocks: NumPy takes ten times as long for that.
    """
    if scale == 1:
        return grid
    height, width = grid.shape
    shape = math.ceil(height / scale), math.ceil(width / scale)
    largest = np.full(shape, np.nan, np.float32)
    smallest = largest.copy()
    for dy in range(scale):
        for dx in range(scale):
            part = grid[dy::scale, dx::scale]
            inside = slice(part.shape[0]), slice(part.shape[1])
            np.fmax(largest[inside], part, out=largest[inside])
            if symmetric:
                np.fmin(smallest[inside], part, out=smallest[inside])
    if not symmetric:
        return largest
    return np.where(-smallest > largest, smallest, largest)
