"""How figures look, and the numbers that they remember."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from gridworld.errors import ExperimentError
from gridworld.experiments import statistics
from gridworld.pictures.figure import new_figure

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "Tidy",
    "band",
    "colour",
    "dash",
    "done",
    "ends_of",
    "numbers",
    "numbers_of",
    "plain_figure",
    "scale",
    "short",
    "words",
]

COLOURS: Final = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#f0e442",
)  # fmt: skip
"""Told apart by the colour-blind (Okabe & Ito 2008); lines differ in their dashes as well."""

DASHES: Final = ("-", "--", "-.", ":")

MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")


class Tidy:
    """What a figure shows: a table with a row for each point."""

    def __init__(self) -> None:
        self._parts: list[dict[str, Any]] = []

    def add(self, **columns: Any) -> None:
        """Some rows: each column a list, or one value for all of them."""
        self._parts.append(columns)

    def table(self) -> "pa.Table":
        """All of them."""
        import pyarrow as pa

        parts = []
        for columns in self._parts:
            lists = {k: _listed(v) for k, v in columns.items()}
            n = max(len(v) for v in lists.values() if v is not None)
            parts.append(
                pa.table({k: [columns[k]] * n if v is None else v for k, v in lists.items()})
            )
        return pa.concat_tables(parts)


def _listed(values: Any) -> list[Any] | None:
    if isinstance(values, np.ndarray):
        listed: list[Any] = values.tolist()
        return listed
    return list(values) if isinstance(values, list | tuple) else None


_NUMBERS: Final["WeakKeyDictionary[Figure, Tidy]"] = WeakKeyDictionary()


def numbers_of(figure: "Figure") -> "pa.Table":
    """What a figure shows as a tidy table.

    Raises:
        ExperimentError: It was not drawn by `gridworld.experiments.figures`.
    """
    if figure not in _NUMBERS:
        raise ExperimentError("a figure must be one of gridworld.experiments.figures, got another")
    return _NUMBERS[figure].table()


def ends_of(intervals: Sequence[statistics.Interval]) -> dict[str, list[float]]:
    """Means and the ends of their intervals, as columns."""
    return {
        "mean": [one.estimate for one in intervals],
        "low": [one.low for one in intervals],
        "high": [one.high for one in intervals],
    }


def plain_figure() -> "tuple[Figure, Axes]":
    """An empty figure without a frame above and to the right.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, axes = new_figure()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def band(
    axes: "Axes",
    i: int,
    x: Any,
    intervals: Sequence[statistics.Interval],
    label: str,
) -> None:
    """A line of estimates with the band of their intervals."""
    centre = np.array([found.estimate for found in intervals])
    low, high = (np.array([getattr(f, end) for f in intervals]) for end in ("low", "high"))
    marker = MARKERS[i % len(MARKERS)] if len(intervals) <= 40 else ""
    axes.plot(x, centre, color=colour(i), linestyle=dash(i), marker=marker, markersize=3.5,
              label=label)  # fmt: skip
    axes.fill_between(x, low, high, color=colour(i), alpha=0.25, linewidth=0)


def done(figure: "Figure", axes: "Axes", note: str, tidy: Tidy, *, legend: bool = True) -> "Figure":
    """Finish a figure with what stands below it, and remember its numbers."""
    if legend and axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8)
    figure.supxlabel(note, fontsize=7, color="0.4")
    _NUMBERS[figure] = tidy
    return figure


def colour(i: int) -> str:
    """Of line number i."""
    return COLOURS[i % len(COLOURS)]


def dash(i: int) -> str:
    """Of line number i."""
    return DASHES[i // 2 % len(DASHES)]


def numbers(axis: str, values: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Where the values of an axis lie: in their order, where they are no numbers."""
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return np.array(values, np.float64)
    return np.arange(len(values), dtype=np.float64)


def scale(axes: "Axes", axis: str, values: Sequence[Any]) -> None:
    """Name an axis, with ticks or logarithms where its values want them."""
    x = numbers(axis, values)
    axes.set_xlabel(words(axis))
    if not all(isinstance(v, int | float) for v in values):
        axes.set_xticks(x, [short(v) for v in values])
    elif len(x) > 2 and x.min() > 0 and x.max() / x.min() > 50:
        axes.set_xscale("log")


def words(name: str) -> str:
    """A name as an axis says it."""
    return name.replace("_", " ")


def short(value: Any) -> str:
    """A value as a tick says it."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
