"""Means over the episodes of a run, from the sums that were noted on its way."""

import numpy as np
import numpy.typing as npt

from gridworld.experiments.measures.record import Compute
from gridworld.experiments.outcome import Mark, Numbers

__all__ = ["mean_of", "over", "whole_run"]


def mean_of(total: npt.ArrayLike, count: npt.ArrayLike) -> Numbers:
    """NaN where there was nothing to count, float64 `[runs]`."""
    total, count = np.asarray(total, np.float64), np.asarray(count, np.float64)
    mean: Numbers = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


def over(of: str, mark: Mark) -> Numbers:
    """The sum over complete episodes of what is asked for, "return" or "length"."""
    return np.asarray(mark.return_sum if of == "return" else mark.length_sum, np.float64)


def whole_run(of: str) -> Compute:
    """The mean over all complete episodes."""
    return lambda outcome: mean_of(over(of, outcome.end), outcome.episodes)
