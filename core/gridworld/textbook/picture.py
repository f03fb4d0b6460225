"""The picture of a figure: our curves with their bands, over the book's points."""

from typing import TYPE_CHECKING

import numpy as np

from gridworld.experiments.style import COLOURS, DASHES, plain_figure
from gridworld.textbook.verdict import Drawn, Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

__all__ = ["picture"]


def picture(figure: Figure, drawn: Drawn) -> "Picture":
    """Our lines, their intervals as bands, and the book's readings as dots.

    Raises:
        MissingExtraError: Matplotlib is not installed.
    """
    made, axes = plain_figure()
    for i, (name, line) in enumerate(drawn.lines.items()):
        colour = COLOURS[i % len(COLOURS)]
        y, low, high = (
            np.array([getattr(found, part) for found in line.y])
            for part in ("estimate", "low", "high")
        )
        dash = DASHES[i // len(COLOURS) % len(DASHES)]
        axes.plot(line.x, y, color=colour, linestyle=dash, label=name.replace("_", " "))
        axes.fill_between(line.x, low, high, color=colour, alpha=0.25, linewidth=0)
        points = np.array(drawn.readings.get(name, ())).reshape(-1, 2)
        axes.plot(*points.T, "o", color=colour, markersize=4, markerfacecolor="none")
    axes.set(xlabel=figure.x, ylabel=figure.y, title=figure.title)
    axes.title.set_fontsize(10)
    if figure.low is not None:
        axes.set_ylim(bottom=figure.low)
    if figure.high is not None:
        axes.set_ylim(top=figure.high)
    axes.legend(frameon=False, fontsize=8)
    note = f"Lines: ours, {drawn.note}, 95 % bands. Circles: {figure.source}."
    made.supxlabel(note, fontsize=7, color="0.4")
    return made
