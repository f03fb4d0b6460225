"""What one axis does to a measure, whatever else a plan varies."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.experiments import statistics
from gridworld.experiments.answers import Sensitivity
from gridworld.experiments.measures import Measure
from gridworld.experiments.plans.plan import Plan, Setting
from gridworld.experiments.statistics import Interval

__all__ = ["sensitivity_of"]


def sensitivity_of(
    plan: Plan,
    axis: str,
    one: Measure,
    values: npt.NDArray[np.float64],
    owns: Sequence[Mapping[str, Any]],
    level: float,
    within: float,
) -> Sensitivity:
    """The U-curve of an axis, one line for each combination of the rest.

    Args:
        plan: Varies the axis.
        axis: Its name.
        one: The measure.
        values: Of it, `[settings, runs]`.
        owns: What tells each setting apart.
        level: Of the intervals.
        within: Share of the range between a line's best and worst that counts as near.
    """
    along = {axis, *(name for group in plan.together if axis in group for name in group)}
    lines: dict[str, list[tuple[Setting, Interval]]] = {}
    for setting, own in zip(plan.settings, owns, strict=True):
        if axis in setting.varied:  # an algorithm without it does not go along it
            label = ", ".join(f"{key} {value}" for key, value in own.items() if key not in along)
            found = statistics.mean(values[setting.index], level)
            lines.setdefault(label, []).append((setting, found))
    first = next(iter(lines.values()))
    return Sensitivity(
        axis,
        one.name,
        tuple(setting.varied[axis] for setting, _ in first),
        {label: tuple(found for _, found in points) for label, points in lines.items()},
        {label: _near(points, one, within) for label, points in lines.items()},
        within,
        {label: tuple(setting.index for setting, _ in points) for label, points in lines.items()},
    )


def _near(points: Sequence[tuple[Setting, Interval]], one: Measure, within: float) -> float:
    """The share of a line's points that are near its best; NaN where none has a value."""
    sign = 1.0 if one.better == "higher" else -1.0
    centres = sign * np.array([found.estimate for _, found in points])
    known = centres[np.isfinite(centres)]
    if not len(known):  # of a store that has just been begun
        return float("nan")
    return float(np.mean(centres >= known.max() - within * np.ptp(known)))
