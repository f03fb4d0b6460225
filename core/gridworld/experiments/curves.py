"""Learning curves, computed again from the plan: they are cheaper to run than to keep."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import ExperimentError
from gridworld.experiments.plans.plan import MOST_POINTS, Plan, Setting
from gridworld.training import train

__all__ = ["Curves", "check_asked", "forward", "recompute"]


@dataclass(frozen=True)
class Curves:
    """How runs of one setting learnt.

    Attributes:
        setting: Of all of them.
        by: What `x` counts.
        x: int64 `[points]`, episodes finished, or steps taken.
        returns: float64 `[runs, points]`, the mean undiscounted return of the episodes that ended
            since the point before; where none did, of those that ended last: ragged runs are
            copied forward. NaN before the first.
    """

    setting: Setting
    by: Literal["episode", "step"]
    x: npt.NDArray[np.int64]
    returns: npt.NDArray[np.float64]


def recompute(
    plan: Plan,
    setting: Setting,
    runs: int,
    points: int = 100,
    by: Literal["episode", "step"] = "episode",
    threads: int | None = None,
) -> Curves:
    """The curves of the first runs of a setting.

    Args:
        plan: Its plan.
        setting: One of its settings.
        runs: How many, from number 0.
        points: At most.
        by: What to count along the axis.
        threads: Kernels at the same time; None: one for each processor.

    Raises:
        ExperimentError: A number cannot be.
    """
    check_asked(plan, runs, points, by)
    run = train(
        setting.mdp,
        setting.algorithm,
        agents=runs,
        episodes=plan.episodes,
        steps=plan.steps,
        seed=plan.seed,
        change=setting.changes,
        threads=threads,
    )
    returns = run.returns.astype(np.float64)
    width = run.bin_width
    if by == "episode":
        if plan.episodes is not None:  # all settings go to its end, runs that are cut off as well
            rest = max(0, -(-plan.episodes // width) - returns.shape[1])
            returns = np.pad(returns, ((0, 0), (0, rest)), constant_values=np.nan)
        last = np.arange(1, returns.shape[1] + 1) * width
        edges = np.unique(np.linspace(0, len(last), min(points, len(last)) + 1).astype(np.int64))
        columns = [_mean(returns[:, a:b]) for a, b in pairwise(edges)]
        x = last[edges[1:] - 1]
        return Curves(setting, by, x, forward(_stacked(columns, runs)))
    ends = np.cumsum(np.nan_to_num(run.lengths.astype(np.float64)) * width, axis=1)
    ends[np.isnan(returns)] = np.inf
    most = plan.steps or int(run.steps.max())
    x = np.unique(np.linspace(0, most, points + 1).astype(np.int64))[1:]
    columns = []
    for low, high in zip([0, *x[:-1]], x, strict=True):
        inside = (ends > low) & (ends <= high)
        columns.append(_mean(np.where(inside, returns, np.nan)))
    return Curves(setting, by, x, forward(_stacked(columns, runs)))


def check_asked(plan: Plan, runs: int, points: int, by: str) -> None:
    """Refuse what no curve can be.

    Raises:
        ExperimentError: A number cannot be.
    """
    if by not in ("episode", "step"):
        raise ExperimentError(f"by must be episode or step, got {by!r:.80}")
    if not 1 <= points <= MOST_POINTS or not 1 <= runs <= plan.runs:
        raise ExperimentError(
            f"points must be in [1, {MOST_POINTS}] and runs in [1, {plan.runs}],"
            f" got {points} and {runs}"
        )


def _mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    there = np.isfinite(values)
    count = there.sum(axis=1)
    total = np.where(there, values, 0.0).sum(axis=1)
    mean: npt.NDArray[np.float64] = np.divide(
        total, count, out=np.full(len(values), np.nan), where=count > 0
    )
    return mean


def _stacked(columns: list[npt.NDArray[np.float64]], runs: int) -> npt.NDArray[np.float64]:
    return np.stack(columns, axis=1) if columns else np.zeros((runs, 0))


def forward(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where there is nothing, what stood before."""
    index = np.where(np.isnan(values), 0, np.arange(values.shape[1]))
    np.maximum.accumulate(index, axis=1, out=index)
    filled: npt.NDArray[np.float64] = np.take_along_axis(values, index, axis=1)
    return filled
