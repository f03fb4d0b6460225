"""What the library says of an experiment, in the form that a page takes.

Every number with an interval is the library's: nothing is computed here but which runs stand for
a setting.
"""

import math
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from gridworld.errors import ExperimentError
from gridworld.experiments import statistics
from gridworld.experiments.answers import Best
from gridworld.experiments.measures import FAILURES, Measure
from gridworld.experiments.plans.settings import Setting
from gridworld.experiments.results import Results
from gridworld.experiments.selection import better
from gridworld.experiments.statistics import Interval

__all__ = [
    "MOST_LINES",
    "best_of",
    "better_of",
    "curves_of",
    "heat_of",
    "measured",
    "plain",
    "rows_of",
    "sensitivity_of",
    "typical",
]

MOST_LINES: Final = 8
"""Of a chart."""

MOST_ROWS: Final = 200
"""Of the table of settings."""

MOST_DOTS: Final = 15
"""Runs of a setting that are shown as dots, spread over all of them by their order."""

MOST_CELLS: Final = 10_000
"""Of a heat map."""

CURVE_POINTS: Final = 100

CURVE_RUNS: Final = 200
"""Of a setting, whose curves are computed again."""

CURVE_STEPS: Final = 400_000_000
"""Of all curves together: some seconds."""

Values: TypeAlias = npt.NDArray[np.float64]

Runs: TypeAlias = list[int | None]
"""Of each setting the number of the run that stands for it; None: none has a number."""


def measured(one: Measure) -> dict[str, str]:
    """What a measure is."""
    return {
        "name": one.name,
        "sentence": one.sentence,
        "unit": one.unit,
        "better": one.better,
    }


def told(setting: Setting) -> str:
    """What tells a setting from others of its plan."""
    values = setting.varied
    if not values:
        return setting.label
    return ", ".join(f"{key.replace('_', ' ')} {_short(value)}" for key, value in values.items())


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def typical(values: Values) -> Runs:
    """Of each setting the run that is nearest to the mean; None: none has a number."""
    found: Runs = []
    for row in values:
        finite = np.isfinite(row)
        if not finite.any():
            found.append(None)
            continue
        off = np.abs(row - row[finite].mean())
        found.append(int(np.nanargmin(np.where(finite, off, np.nan))))
    return found


def _dots(row: npt.NDArray[np.float64]) -> list[list[float]]:
    """Some runs of a setting, [number, value]: from the worst to the best, evenly by order."""
    finite = np.flatnonzero(np.isfinite(row))
    ordered = finite[np.argsort(row[finite], kind="stable")]
    if len(ordered) > MOST_DOTS:
        ordered = ordered[np.round(np.linspace(0, len(ordered) - 1, MOST_DOTS)).astype(int)]
    return [[int(run), float(row[run])] for run in ordered]


def rows_of(results: Results, one: Measure, runs: Runs) -> list[dict[str, Any]]:
    """Each setting's centre, and how many of its runs failed."""
    table = results.summary(one.name).slice(0, MOST_ROWS).to_pylist()
    return [
        {
            "setting": setting.index,
            "label": told(setting),
            "run": runs[setting.index],
            **{key: row[key] for key in ("n", "runs", "mean", "mean_low", "mean_high")},
            **{key: row[key] for key in FAILURES},
        }
        for setting, row in zip(results.plan.settings, table, strict=False)
    ]


def sensitivity_of(
    results: Results,
    axis: str,
    one: Measure,
    values: Values,
    runs: Runs,
) -> dict[str, Any]:
    """The U-curve of an axis; of some of its lines where there are too many."""
    found = results.sensitivity(axis, one.name)
    shown = list(found.lines)
    if len(shown) > MOST_LINES:
        step = np.round(np.linspace(0, len(shown) - 1, MOST_LINES)).astype(int)
        shown = [shown[i] for i in step]
    method = next((i.method for line in found.lines.values() for i in line), "")
    return {
        "axis": axis,
        "numeric": all(_is_number(value) for value in found.values),
        "values": list(found.values),
        "log": _is_logarithmic(found.values),
        "lines_in_all": len(found.lines),
        "method": method,
        "lines": [
            {
                "label": label.replace("_", " "),
                "near": found.near[label],
                "points": [
                    {
                        "x": value,
                        **ends(interval),
                        "setting": place,
                        "run": runs[place],
                        "dots": _dots(values[place]),
                    }
                    for value, interval, place in zip(
                        found.values, found.lines[label], found.places[label], strict=True
                    )
                ],
            }
            for label in shown
        ],
    }


def heat_of(results: Results, one: Measure, values: Values, runs: Runs) -> dict[str, Any] | None:
    """Two axes, and what cannot be told from the best, once all runs are there."""
    plan = results.plan
    x, y = plan.vary
    if len(plan.settings) != len(plan.vary[x]) * len(plan.vary[y]):
        return None
    if len(plan.settings) > MOST_CELLS:
        return None
    near: set[int] = set()
    if results.complete:
        try:
            near = {c.setting.index for c in results.best(one.name).candidates}
        except ExperimentError:  # no setting has the measure for all of its runs
            near = set()
    xs, ys = list(plan.vary[x]), list(plan.vary[y])
    means = [statistics.mean(row, results.level) for row in values]
    return {
        "x": {"axis": x, "values": xs},
        "y": {"axis": y, "values": ys},
        "level": results.level,
        "told": bool(near),
        "cells": [
            {
                "x": xs.index(setting.varied[x]),
                "y": ys.index(setting.varied[y]),
                **ends(means[setting.index]),
                "shade": shade,
                "inside": setting.index in near,
                "setting": setting.index,
                "run": runs[setting.index],
            }
            for setting, shade in zip(plan.settings, _shades(means), strict=True)
        ],
    }


def _shades(means: Sequence[Interval]) -> list[float | None]:
    """The place of each among all, from 0 to 1: one bad setting must not make all others alike."""
    known = sorted({each.estimate for each in means if math.isfinite(each.estimate)})
    places = {value: i / max(1, len(known) - 1) for i, value in enumerate(known)}
    return [places.get(each.estimate) for each in means]


def affordable(results: Results, settings: int) -> int:
    """Runs of each setting whose curves are computed again in some seconds."""
    plan = results.plan
    count = min(plan.runs, CURVE_RUNS)
    steps = float(plan.steps or math.inf)
    if plan.episodes is not None and "length_mean" in {m.name for m in plan.measures}:
        lengths = results.values("length_mean")
        if np.isfinite(lengths).any():
            steps = min(steps, plan.episodes * float(np.nanmean(lengths)))
    if math.isfinite(steps):
        count = min(count, int(CURVE_STEPS / max(1.0, steps * settings)))
    if count < 1:
        raise ExperimentError(
            "curves of so long runs take too long here: gridworld-bench experiment curve computes"
            " them"
        )
    return count


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_logarithmic(values: Any) -> bool:
    """Whether values lie better on a logarithmic axis."""
    if not all(_is_number(value) and value > 0 for value in values):
        return False
    return len(values) > 2 and max(values) / min(values) > 50


def ends(found: Interval) -> dict[str, Any]:
    """An estimate and its interval."""
    return {"mean": found.estimate, "low": found.low, "high": found.high, "n": found.n}


def best_of(found: Best) -> dict[str, Any]:
    """The best setting, and all that cannot be told from it."""
    return {
        "setting": found.chosen.index,
        "label": told(found.chosen),
        "reported": ends(found.reported),
        "naive": found.naive,
        "optimism": found.optimism,
        "choosing": found.choosing,
        "reporting": found.reporting,
        "level": found.level,
        "candidates": [
            {
                "setting": each.setting.index,
                "label": told(each.setting),
                "probability": each.probability,
                "reported": ends(each.reported),
            }
            for each in found.candidates
        ],
        "left_out": [told(setting) for setting in found.left_out],
    }


def better_of(results: Results, one: Measure) -> dict[str, Any]:
    """How often a run of each setting does better than one of each other."""
    found = better(results.values(one.name), one, results.level)
    return {
        "labels": [told(setting) for setting in results.plan.settings],
        "pairs": [{"a": a, "b": b, **ends(interval)} for (a, b), interval in found.items()],
        "runs": results.plan.runs,
        "level": results.level,
    }


def curves_of(results: Results, settings: Sequence[Setting], one: Measure) -> dict[str, Any]:
    """Learning curves of some settings, computed again.

    Raises:
        ExperimentError: That would take too long.
    """
    count = affordable(results, len(settings))
    runs = typical(results.values(one.name))
    lines = []
    method = ""
    for setting in settings:
        curves = results.curves(setting, points=CURVE_POINTS, runs=count)
        middle = [statistics.mean(column, results.level) for column in curves.returns.T]
        method = next((each.method for each in middle), "")
        lines.append(
            {
                "setting": setting.index,
                "run": runs[setting.index],
                "label": told(setting),
                "x": curves.x.tolist(),
                "mean": [each.estimate for each in middle],
                "low": [each.low for each in middle],
                "high": [each.high for each in middle],
            }
        )
    return {"lines": lines, "runs": count, "method": method, "left": results.plan.runs - count}


def plain(found: dict[str, Any]) -> dict[str, Any]:
    """As JSON has it, which knows no infinity and nothing that is no number."""
    return {key: _plain(value) for key, value in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value
