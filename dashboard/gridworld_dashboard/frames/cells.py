"""The exact numbers of the cells that a viewer looks at."""

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from gridworld.world import GridWorld
from gridworld_dashboard.frames.learnt import Learnt
from gridworld_dashboard.frames.numbers import pack

__all__ = ["WINDOW_SIDE", "Window", "cells_data", "clip", "is_small"]

WINDOW_SIDE: Final = 64
"""Cells of a window in each direction; worlds up to this size are shown whole."""

Window: TypeAlias = tuple[int, int, int, int]
"""(x, y, width, height) in cells."""


def is_small(world: GridWorld) -> bool:
    """Whether all its cells travel, so that nothing has to be sampled."""
    return max(world.width, world.height) <= WINDOW_SIDE


def clip(window: Window | None, world: GridWorld) -> Window | None:
    """The part of a window that lies on the world, at least one cell and at most 64 x 64.

    None: the whole world where it is small, else nothing.
    """
    if window is None:
        return (0, 0, world.width, world.height) if is_small(world) else None
    x, width = _clip(window[0], window[2], world.width)
    y, height = _clip(window[1], window[3], world.height)
    return x, y, width, height


def _clip(first: int, length: int, size: int) -> tuple[int, int]:
    begin = min(max(first, 0), size - 1)
    end = min(max(first + length, begin + 1), size)
    return begin, min(end - begin, WINDOW_SIDE)


def cells_data(
    learnt: Learnt, optimal: npt.NDArray[np.float64] | None, window: Window | None
) -> dict[str, Any] | None:
    """The numbers of the cells in a window.

    Args:
        learnt: By the shown agent.
        optimal: V*, float64 `[states]`, NaN in walls; None: not known yet.
        window: Inside the world; None: no cells.
    """
    if window is None:
        return None
    x, y, width, height = window
    shape = learnt.world.height, learnt.world.width
    eligibility, model = learnt.eligibility, learnt.model

    def cut(values: npt.NDArray[Any], dtype: str) -> str:
        part = values.reshape(*shape, -1)[y : y + height, x : x + width]
        return pack(part, dtype)

    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite in it
        return {
            "x": x,
            "y": y,
            "width": width,
            "height": height,
            "q": cut(learnt.q, "<f4"),
            "visits": cut(learnt.visits, "<f8"),
            "td_error": cut(learnt.td_error, "<f4"),
            "optimal": None if optimal is None else cut(optimal, "<f4"),
            "eligibility": None if eligibility is None else cut(eligibility, "<f4"),
            "model": None if model is None else cut(model, "<f4"),
        }
