"""Choosing the best of many settings, and saying of it what will hold again."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from gridworld.errors import ExperimentError
from gridworld.experiments import statistics
from gridworld.experiments.answers import Best, Candidate
from gridworld.experiments.bands import by_count, means
from gridworld.experiments.measures import Measure
from gridworld.experiments.plans.settings import Setting
from gridworld.experiments.statistics import Interval

__all__ = ["MOST_COMPARED", "better", "select"]

MOST_COMPARED: Final = 24
"""Settings of a matrix of comparisons: of more, nobody reads one."""

Values = npt.NDArray[np.float64]


def select(
    one: Measure,
    settings: Sequence[Setting],
    choosing: Values,
    reporting: Values,
    level: float,
    *,
    naive: Values,
    left_out: Sequence[Setting] = (),
) -> Best:
    """The best setting by its mean.

    Args:
        one: The measure.
        settings: To choose from.
        choosing: `[settings, runs]`, finite: of the runs that choose.
        reporting: `[settings, runs]`: of others, which report.
        level: Of the intervals.
        naive: `[settings, runs]`: all runs, by which a naive choice would be made and reported.
        left_out: Settings that were not to be chosen from.
    """
    sign = 1.0 if one.better == "higher" else -1.0
    at = int(np.argmax(sign * choosing.mean(axis=1)))
    reported = statistics.mean(reporting[at], level)
    chances = statistics.chance_of_best(choosing, one.better == "higher")
    # one-sided tests, corrected for their number
    corrected = max(1 - 2 * (1 - level) / max(1, len(settings) - 1), 0.0)
    worse = by_count(lambda x: means(x, corrected), sign * (reporting[at] - reporting))
    candidates = []
    for i, row in enumerate(reporting):
        if i == at or not worse.low[i] > 0:
            candidates.append(
                Candidate(
                    settings[i],
                    float(chances[i]),
                    statistics.mean(row, level),
                    statistics.paired(sign * reporting[at], sign * row, level)[0],
                )
            )
    candidates.sort(key=lambda c: -c.probability)
    return Best(
        measure=one.name,
        chosen=settings[at],
        reported=reported,
        naive=float(sign * (sign * naive.mean(axis=1)).max()),
        optimism=float(sign * (choosing[at].mean() - reported.estimate)),
        candidates=tuple(candidates),
        level=level,
        choosing=choosing.shape[1],
        reporting=reporting.shape[1],
        left_out=tuple(left_out),
    )


def better(values: Values, one: Measure, level: float) -> dict[tuple[int, int], Interval]:
    """How often a run of one setting does better than that of another, on the same luck.

    Args:
        values: `[settings, runs]`, of at most `MOST_COMPARED` settings.
        one: Their measure.
        level: Of the intervals.

    Returns:
        Two places to what there is of the first against the second.

    Raises:
        ExperimentError: There are too many settings.
    """
    if len(values) > MOST_COMPARED:
        raise ExperimentError(
            f"a matrix must have at most {MOST_COMPARED} settings, got {len(values)}"
        )
    places = range(len(values))
    return {
        (i, j): statistics.probability_better(
            values[i], values[j], level, higher=one.better == "higher"
        )
        for i in places
        for j in places
        if i != j
    }
