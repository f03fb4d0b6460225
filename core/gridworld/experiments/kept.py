"""Curves that are kept with the runs, because to compute them again would take too long."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gridworld.experiments.curves import Curves, forward
from gridworld.experiments.outcome import Cut, Outcome
from gridworld.experiments.plans.plan import Plan
from gridworld.experiments.plans.settings import Setting

__all__ = ["EPISODES", "KEPT", "RETURN", "kept_columns", "kept_curves", "kept_cuts"]

RETURN: Final = "curve_return"
"""float32: the mean return of the episodes that ended since the point before; NaN: none did."""

EPISODES: Final = "curve_episodes"
"""int64: episodes that had ended by the point."""

KEPT: Final = (RETURN, EPISODES)
"""Columns of lists, one number for each point."""


def kept_cuts(plan: Plan) -> list[Cut]:
    """The points, at equal distances in the unit of the budget (episodes, where it has both)."""
    if not plan.keep_curves:
        return []
    unit, budget = ("episodes", plan.episodes) if plan.episodes else ("steps", plan.steps)
    assert budget is not None
    counts = np.linspace(0, budget, min(plan.keep_curves, budget) + 1).astype(np.int64)[1:]
    return [Cut(unit, int(count)) for count in counts]  # type: ignore[arg-type]


def kept_columns(plan: Plan, outcome: Outcome) -> dict[str, npt.NDArray[Any]]:
    """The columns `[runs, points]` of a block."""
    marks = [outcome.marks[cut] for cut in kept_cuts(plan)]
    if not marks:
        return {}
    episodes = np.stack([mark.episodes for mark in marks], axis=1)
    count = np.diff(episodes, axis=1, prepend=0)
    total = np.diff(np.stack([mark.return_sum for mark in marks], axis=1), axis=1, prepend=0.0)
    returns = np.full(count.shape, np.nan)
    np.divide(total, count, out=returns, where=count > 0)
    return {RETURN: returns.astype(np.float32), EPISODES: episodes}


def kept_curves(
    plan: Plan, setting: Setting, columns: dict[str, npt.NDArray[Any]], points: int
) -> Curves:
    """The curves of a setting from the columns `[runs, points]` that were kept.

    Args:
        plan: That kept them.
        setting: Of these runs.
        columns: Each of `KEPT`.
        points: At most; neighbours are joined where more were kept.
    """
    cuts = kept_cuts(plan)
    counts = np.diff(columns[EPISODES], axis=1, prepend=0)
    totals = np.where(counts > 0, columns[RETURN].astype(np.float64) * counts, 0.0)
    edges = np.unique(np.linspace(0, len(cuts), min(points, len(cuts)) + 1).astype(np.int64))
    count = np.add.reduceat(counts, edges[:-1], axis=1)
    total = np.add.reduceat(totals, edges[:-1], axis=1)
    mean = np.full(count.shape, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    x = np.array([cut.count for cut in cuts], np.int64)[edges[1:] - 1]
    by = "episode" if cuts[0].unit == "episodes" else "step"
    return Curves(setting, by, x, forward(mean))  # type: ignore[arg-type]
