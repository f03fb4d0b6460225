"""What a figure of a book is compared by: lines, readings and rows with a verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from gridworld.experiments.statistics import Interval
from gridworld.textbook.runner import Runner

__all__ = ["SIGNS", "Drawn", "Figure", "Line", "Relation", "Row", "exactly", "read"]

Relation = Literal["near", "above", "below"]

SIGNS: Final = {"near": "", "above": "> ", "below": "< "}


@dataclass(frozen=True)
class Row:
    """One published number beside ours.

    Attributes:
        what: It is of.
        published: The number, or the bound that ours must be above or below.
        ours: With its interval.
        tolerance: How far ours may be from it, or on the wrong side of it.
        relation: How ours must stand to it.
        where: On the x axis of the figure; None: it is no point of a curve.
    """

    what: str
    published: float
    ours: Interval
    tolerance: float
    relation: Relation = "near"
    where: float | None = None

    @property
    def passed(self) -> bool:
        """Whether ours is as it must be; NaN never is."""
        off = self.ours.estimate - self.published
        if self.relation == "near":
            return bool(abs(off) <= self.tolerance)
        return bool(off > -self.tolerance if self.relation == "above" else off < self.tolerance)


@dataclass(frozen=True)
class Line:
    """One of our curves.

    Attributes:
        x: float64 `[points]`, ascending.
        y: As many intervals.
    """

    x: npt.NDArray[np.float64]
    y: tuple[Interval, ...]

    def at(self, x: float) -> Interval:
        """Between two points in proportion; at the ends no further than the ends."""
        last = self.y[-1]
        estimate, low, high = (
            float(np.interp(x, self.x, [getattr(found, name) for found in self.y]))
            for name in ("estimate", "low", "high")
        )
        return Interval(estimate, low, high, last.n, last.level, last.method)

    def nearest(self, x: float) -> Interval:
        """At the point of ours that is nearest."""
        return self.y[int(np.abs(self.x - x).argmin())]


@dataclass(frozen=True)
class Drawn:
    """What came of a figure.

    Attributes:
        lines: Our curves by their names.
        readings: The book's points, `[[x, y], …]`, by the same names.
        rows: All numbers that are compared.
        note: How ours was made, for the caption.
    """

    lines: Mapping[str, Line] = field(default_factory=dict)
    readings: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether every number is as it must be."""
        return all(row.passed for row in self.rows)


@dataclass(frozen=True)
class Figure:
    """A figure, an example or a list of numbers of a book.

    Attributes:
        key: Its name: `figure-6.3`, `example-6.5`.
        title: What it shows.
        source: Where it stands.
        x: Its axis, with the unit.
        y: The same.
        tolerance: What differences are allowed, and why, in one sentence.
        draw: Does the work.
        explains: If it is not reproduced: why, as far as we know.
        low: Of the picture's y axis; None: as the lines ask.
        high: The same.
    """

    key: str
    title: str
    source: str
    x: str
    y: str
    tolerance: str
    draw: Callable[[Runner], Drawn]
    explains: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def number(self) -> str:
        """What it is asked for by, beside its key: `6.3`."""
        _, _, rest = self.key.partition("-")
        return rest.partition("-")[0] if rest[:1].isdigit() else ""


def read(
    lines: Mapping[str, Line],
    readings: Mapping[str, Sequence[Sequence[float]]],
    tolerance: float,
    *,
    slack: float = 0.0,
    on_points: bool = False,
    axis: str = "",
) -> tuple[Row, ...]:
    """A row for each reading of the book's curves.

    Args:
        lines: Ours.
        readings: The book's.
        tolerance: Of each.
        slack: How far off the x of a reading may be: where a curve is steep, the tolerance is wider
            by what that makes.
        on_points: Compare at the point of ours that is nearest, not between two: where the book
            marks the points that it computed, and the curve is steep.
        axis: Before the x of a row.
    """
    rows = []
    for name, points in readings.items():
        for x, y in points:
            line = lines[name]
            ours = line.nearest(x) if on_points else line.at(x)
            rise = abs(line.at(x + slack).estimate - line.at(x - slack).estimate) / 2
            rows.append(Row(f"{name}, {axis} {x:.4g}", y, ours, tolerance + rise, where=x))
    return tuple(rows)


def exactly(value: float, error: float = 0.0) -> Interval:
    """A number that no chance is in.

    Args:
        value: The number.
        error: Bound on its error.
    """
    return Interval(value, value - error, value + error, 1, 1.0, "exact")
