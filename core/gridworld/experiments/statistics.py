"""What a sample of runs says, and how surely. Every interval names how it was made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gridworld.experiments import bands
from gridworld.experiments.bands import (
    MOST_AT_ONCE,
    MOST_RESAMPLED,
    RESAMPLES,
    Bands,
    fractional_ranks,
    t_quantile,
)
from gridworld.experiments.extras import scipy

__all__ = [
    "FEW",
    "Interval",
    "chance_of_best",
    "fractional_ranks",
    "holm",
    "interquartile_mean",
    "mean",
    "one_more",
    "paired",
    "probability_better",
    "quantile",
]

FEW: Final = 30
"""Below so many runs every interval says that it rests on few."""

Sample = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval.

    Attributes:
        estimate: What the sample says.
        low: The interval's lower end.
        high: Its upper end.
        n: Runs that it rests on.
        level: How often such intervals hold what they are about.
        method: How it was made, in words.
    """

    estimate: float
    low: float
    high: float
    n: int
    level: float
    method: str

    @property
    def half_width(self) -> float:
        """Half of what lies between the ends."""
        return (self.high - self.low) / 2

    @property
    def few(self) -> bool:
        """Whether it rests on fewer than 30 runs."""
        return self.n < FEW

    def __str__(self) -> str:
        said = f"{self.estimate:.6g} ({self.low:.6g} to {self.high:.6g})"
        return f"{said}, n = {self.n}{', which is few' if self.few else ''}, {self.method}"


def _finite(x: npt.ArrayLike) -> Sample:
    sample = np.asarray(x, np.float64).ravel()
    return sample[np.isfinite(sample)]


def _single(find: Callable[[Sample], Bands], x: npt.ArrayLike, level: float) -> Interval:
    sample = _finite(x)
    found = find(sample[None])
    estimate, low, high = (float(end[0]) for end in found[:3])
    return Interval(estimate, low, high, len(sample), level, found.method)


def _nothing(n: int, level: float, method: str) -> Interval:
    nan = float("nan")
    return Interval(nan, nan, nan, n, level, method)


def mean(x: npt.ArrayLike, level: float = 0.95) -> Interval:
    """The mean with Student's t interval, over what is finite.

    Source: Student 1908. For skewed samples it holds its level from some hundred runs on.
    """
    return _single(lambda rows: bands.means(rows, level), x, level)


def quantile(x: npt.ArrayLike, p: float = 0.5, level: float = 0.95) -> Interval:
    """A quantile with an interval by (fractional) order statistics: nothing is assumed.

    An end is infinite where the sample is too small for the level.
    """
    return _single(lambda rows: bands.quantiles(rows, p, level), x, level)


def one_more(x: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Between which values one more run will lie: wider than what a mean is known to.

    By order statistics; of samples too small for that, as of a normal distribution.
    """
    return _single(lambda rows: bands.one_mores(rows, level), x, level)


def interquartile_mean(x: npt.ArrayLike, level: float = 0.95) -> Interval:
    """The mean of the middle half, with a bootstrap interval.

    Source: Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical
    precipice". Above 1,000 runs its normal limit takes the bootstrap's place, with the winsorised
    variance (Tukey & McLaughlin 1963).
    """
    return _single(lambda rows: bands.interquartile_means(rows, level), x, level)


def paired(a: npt.ArrayLike, b: npt.ArrayLike, level: float = 0.95) -> tuple[Interval, float]:
    """The mean of a - b, run by run on the same luck, with a t interval, and its p-value."""
    difference = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    found = mean(difference, level)
    sample = _finite(difference)
    if len(sample) < 2:
        return found, 1.0
    spread = sample.std(ddof=1)
    if spread == 0:
        return found, 1.0 if sample[0] == 0 else 0.0
    score = abs(found.estimate) / (spread / np.sqrt(len(sample)))
    return found, float(2 * scipy.special.stdtr(len(sample) - 1, -score))


def probability_better(
    a: npt.ArrayLike, b: npt.ArrayLike, level: float = 0.95, *, higher: bool = True
) -> Interval:
    """How often a run of `a` does better than that of `b` on the same luck; a tie counts half.

    With Wilson's score interval (1927), for as many runs as would vary so much without ties, and
    Student's quantile, since that is estimated.
    """
    first, second = np.asarray(a, np.float64), np.asarray(b, np.float64)
    both = np.isfinite(first) & np.isfinite(second)
    first, second = first[both], second[both]
    method = bands.named(level, "score interval")
    n = len(first)
    if n == 0:
        return _nothing(n, level, method)
    if not higher:
        first, second = second, first
    wins = (first > second) + 0.5 * (first == second)
    p = float(wins.mean())
    varies = float(wins.var(ddof=1)) if n > 1 else 0.0
    size = n * p * (1 - p) / varies if varies > 0 else n
    z2 = t_quantile(0.5 + level / 2, max(n - 1, 1)) ** 2
    centre = (p + z2 / (2 * size)) / (1 + z2 / size)
    half = np.sqrt(z2 * (p * (1 - p) / size + z2 / (4 * size * size))) / (1 + z2 / size)
    return Interval(p, max(0.0, centre - half), min(1.0, centre + half), n, level, method)


def holm(p_values: npt.ArrayLike) -> Sample:
    """P-values corrected for their number (Holm 1979), in the order given."""
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    factors = len(p) - np.arange(len(p))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors))
    return corrected


def chance_of_best(
    values: npt.NDArray[np.float64], higher: bool, resamples: int = RESAMPLES
) -> Sample:
    """How often each setting has the best mean, over bootstrap resamples of the runs.

    Runs are resampled together for all settings: they share their luck.

    Args:
        values: `[settings, runs]`, finite.
        higher: Whether more is better.
        resamples: How many.
    """
    centred = values - values.mean()
    if values.shape[1] > MOST_RESAMPLED:
        # Sums of groups of runs are resampled instead: a mean of as many is as good as normal.
        begins = np.linspace(0, values.shape[1], MOST_RESAMPLED + 1).astype(np.int64)[:-1]
        centred = np.add.reduceat(centred, begins, axis=1)
    settings, runs = centred.shape
    rng = np.random.Generator(np.random.PCG64(settings))
    wins = np.zeros(settings)
    sign = 1.0 if higher else -1.0
    step = max(1, 5 * MOST_AT_ONCE // max(runs, settings))
    # Sums are of differences from the middle, so that float32 holds them.
    small = centred.T.astype(np.float32)
    for begin in range(0, resamples, step):
        count = min(step, resamples - begin)
        weights = rng.poisson(1.0, (count, runs)).astype(np.float32)
        sums = sign * (weights @ small)
        best = sums == sums.max(axis=1, keepdims=True)
        wins += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    return wins / resamples
