"""What a sample of runs says, and how surely. Every interval names how it was made."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

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

RESAMPLES: Final = 2000

MOST_RESAMPLED: Final = 1000
"""Runs up to which the interquartile mean is bootstrapped; above, its normal limit is as good."""

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


def _named(level: float, method: str) -> str:
    return f"{100 * level:.4g} % {method}"


def _nothing(n: int, level: float, method: str) -> Interval:
    nan = float("nan")
    return Interval(nan, nan, nan, n, level, method)


def mean(x: npt.ArrayLike, level: float = 0.95) -> Interval:
    """The mean with Student's t interval, over what is finite.

    Source: Student 1908. For skewed samples it holds its level from some hundred runs on.
    """
    sample = _finite(x)
    method = _named(level, "t interval")
    n = len(sample)
    if n == 0:
        return _nothing(n, level, method)
    centre = float(sample.mean())
    if n == 1:
        return Interval(centre, -np.inf, np.inf, n, level, method)
    half = float(stats.t.ppf(0.5 + level / 2, n - 1) * sample.std(ddof=1) / np.sqrt(n))
    return Interval(centre, centre - half, centre + half, n, level, method)


@lru_cache(maxsize=1024)
def fractional_ranks(n: int, p: float, level: float) -> tuple[float, float]:
    """Ranks, counted from 1 and not whole, between whose values the p-quantile lies.

    The chance that the r-th of n is below the quantile is a beta distribution's in r, also where r
    is not whole. Source: Hutson 1999, "Calculating nonparametric confidence intervals for
    quantiles using fractional order statistics", J. Applied Statistics 26:3. Where n is too small
    for the level they are 0 and n + 1.
    """
    tail = (1 - level) / 2

    def rank(chance: float) -> float:
        def off(r: float) -> float:
            return float(special.betainc(r, n + 1 - r, p)) - chance

        low, high = 1e-9, n + 1 - 1e-9
        root: Any = optimize.brentq(off, low, high, xtol=1e-9)
        return float(root)

    return rank(1 - tail), rank(tail)


def _at_rank(ordered: Sample, rank: float, below: float, above: float) -> float:
    n = len(ordered)
    if rank < 1:
        return below
    if rank > n:
        return above
    i = int(rank)
    if i == n:
        return float(ordered[-1])
    return float(ordered[i - 1] + (rank - i) * (ordered[i] - ordered[i - 1]))


def quantile(x: npt.ArrayLike, p: float = 0.5, level: float = 0.95) -> Interval:
    """A quantile with an interval by (fractional) order statistics: nothing is assumed.

    An end is infinite where the sample is too small for the level.
    """
    ordered = np.sort(_finite(x))
    method = _named(level, "interval by order statistics")
    n = len(ordered)
    if n == 0:
        return _nothing(n, level, method)
    low, high = fractional_ranks(n, p, level)
    return Interval(
        float(np.quantile(ordered, p)),
        _at_rank(ordered, low, -np.inf, np.inf),
        _at_rank(ordered, high, -np.inf, np.inf),
        n,
        level,
        method,
    )


def one_more(x: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Between which values one more run will lie: wider than what a mean is known to.

    By order statistics; of samples too small for that, as of a normal distribution.
    """
    ordered = np.sort(_finite(x))
    n = len(ordered)
    method = _named(level, "prediction interval by order statistics")
    if n < 2:
        return _nothing(n, level, method)
    tail = (1 - level) / 2
    centre = float(np.median(ordered))
    rank = (n + 1) * tail
    if rank >= 1:
        low, high = (_at_rank(ordered, r, -np.inf, np.inf) for r in (rank, n + 1 - rank))
        return Interval(centre, low, high, n, level, method)
    middle, sd = float(ordered.mean()), float(ordered.std(ddof=1))
    half = float(stats.t.ppf(1 - tail, n - 1)) * sd * np.sqrt(1 + 1 / n)
    method = _named(level, "prediction interval of a normal distribution")
    return Interval(centre, middle - half, middle + half, n, level, method)


def interquartile_mean(x: npt.ArrayLike, level: float = 0.95) -> Interval:
    """The mean of the middle half, with a bootstrap interval.

    Source: Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical
    precipice". Above 1,000 runs its normal limit takes the bootstrap's place, with the winsorised
    variance (Tukey & McLaughlin 1963).
    """
    ordered = np.sort(_finite(x))
    n = len(ordered)
    method = _named(level, f"studentised bootstrap, {RESAMPLES} resamples")
    if n < 4:
        return _nothing(n, level, method)
    centre, error = _trimmed(ordered[None])
    estimate, spread = float(centre[0]), float(error[0])
    if n > MOST_RESAMPLED:
        half = float(stats.t.ppf(0.5 + level / 2, n - 2 * (n // 4) - 1)) * spread
        method = _named(level, "normal interval with winsorised variance")
        return Interval(estimate, estimate - half, estimate + half, n, level, method)
    if spread == 0:
        return Interval(estimate, estimate, estimate, n, level, method)
    rng = np.random.Generator(np.random.PCG64(n))
    drawn = np.sort(rng.integers(0, n, (RESAMPLES, n)), axis=1)
    centres, errors = _trimmed(ordered[drawn])
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = (centres - estimate) / errors
    scores = scores[np.isfinite(scores)]
    if len(scores) < RESAMPLES // 2:  # the middle half is one value: nothing to studentise by
        low, high = np.quantile(centres, [(1 - level) / 2, (1 + level) / 2])
        return Interval(estimate, float(low), float(high), n, level, method)
    lower, upper = np.quantile(scores, [(1 - level) / 2, (1 + level) / 2])
    return Interval(
        estimate,
        float(estimate - upper * spread),
        float(estimate - lower * spread),
        n,
        level,
        method,
    )


def _trimmed(ordered: Sample) -> tuple[Sample, Sample]:
    """The mean of the middle half of each ordered row, and its standard error."""
    n = ordered.shape[1]
    cut = n // 4
    middle = ordered[:, cut : n - cut]
    winsorised = np.clip(ordered, middle[:, :1], middle[:, -1:])
    kept = 1 - 2 * cut / n
    error = winsorised.std(axis=1, ddof=1) / (kept * np.sqrt(n))
    return middle.mean(axis=1), error


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
    return found, float(2 * stats.t.sf(score, len(sample) - 1))


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
    method = _named(level, "score interval")
    n = len(first)
    if n == 0:
        return _nothing(n, level, method)
    if not higher:
        first, second = second, first
    wins = (first > second) + 0.5 * (first == second)
    p = float(wins.mean())
    varies = float(wins.var(ddof=1)) if n > 1 else 0.0
    size = n * p * (1 - p) / varies if varies > 0 else n
    z2 = float(stats.t.ppf(0.5 + level / 2, max(n - 1, 1))) ** 2
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
    settings, runs = values.shape
    rng = np.random.Generator(np.random.PCG64(settings))
    wins = np.zeros(settings)
    sign = 1.0 if higher else -1.0
    step = max(1, 20_000_000 // runs)
    # Sums are of differences from the middle, so that float32 holds them.
    centred = (values - values.mean()).T.astype(np.float32)
    for begin in range(0, resamples, step):
        count = min(step, resamples - begin)
        weights = rng.poisson(1.0, (count, runs)).astype(np.float32)
        means = sign * (weights @ centred)
        best = means == means.max(axis=1, keepdims=True)
        wins += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    return wins / resamples
