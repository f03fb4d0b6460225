"""Matplotlib's figures, as all of ours begin. They need the extra `[plot]`."""

import io
from functools import cache
from typing import TYPE_CHECKING

from gridworld.errors import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["new_figure"]

SHOWN_DPI = 120
"""Of the picture in a notebook; a file has what it is saved with."""


def new_figure() -> "tuple[Figure, Axes]":
    """An empty figure, and its axes.

    Raises:
        MissingExtraError: Matplotlib is not installed.
    """
    require("figures", "plot", "matplotlib")
    figure = _shown()(figsize=(6.4, 4.4), layout="constrained")
    return figure, figure.add_subplot()


@cache
def _shown() -> "type[Figure]":
    """A figure that a notebook shows: Matplotlib's own does only once pyplot was imported."""
    from matplotlib.figure import Figure

    class Shown(Figure):
        def _repr_png_(self) -> bytes:
            file = io.BytesIO()
            self.savefig(file, format="png", dpi=SHOWN_DPI)
            return file.getvalue()

    return Shown
