"""The plans and the published readings, files that ship with the package, and how they are run."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from gridworld.experiments import statistics
from gridworld.experiments.plans.plan import Setting
from gridworld.experiments.results import Results
from gridworld.textbook.verdict import Line

__all__ = ["by_axis", "by_moment", "readings"]


@cache
def _published() -> dict[str, Any]:
    file = resources.files("gridworld.textbook") / "published.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def readings(figure: str) -> dict[str, list[list[float]]]:
    """The points of the book's curves, by the names of the curves."""
    curves: dict[str, list[list[float]]] = _published()[figure]["curves"]
    return curves


def by_axis(
    results: Results, axis: str, label: Callable[[Setting], str] | None = None
) -> dict[str, Line]:
    """The first measure along an axis: a line for each algorithm, or each label."""
    values = results.values()
    found: dict[str, list[tuple[float, statistics.Interval]]] = {}
    for setting in results.plan.settings:
        name = setting.algorithm.name if label is None else label(setting)
        point = float(setting.varied[axis]), statistics.mean(values[setting.index])
        found.setdefault(name, []).append(point)
    return {
        name: Line(np.array([x for x, _ in points]), tuple(y for _, y in points))
        for name, points in found.items()
    }


def by_moment(
    results: Results,
    moments: Iterable[tuple[float, str]],
    *,
    scale: float = 1.0,
    shift: float = 0.0,
    label: Callable[[Setting], str] | None = None,
) -> dict[str, Line]:
    """Measures of moments along a run: a line for each setting, by its algorithm or its label.

    Args:
        results: Of a plan.
        moments: x of each point, and the measure that is its y.
        scale: Times the measure.
        shift: Added to it before.
        label: Names a line.
    """
    known = list(moments)
    found: Mapping[str, Line] = {
        setting.algorithm.name if label is None else label(setting): Line(
            np.array([x for x, _ in known]),
            tuple(
                statistics.mean((results.values(name)[setting.index] + shift) * scale)
                for _, name in known
            ),
        )
        for setting in results.plan.settings
    }
    return dict(found)
