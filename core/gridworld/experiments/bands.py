"""Intervals of many samples of one size at once: what `statistics` says of each.

A sample is a row of `[k, n]`; all of it is finite. A plan may have many thousands of settings.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from gridworld.experiments.extras import scipy

__all__ = [
    "Bands",
    "Counted",
    "by_count",
    "fractional_ranks",
    "interquartile_means",
    "means",
    "named",
    "one_mores",
    "quantiles",
    "t_quantile",
]

RESAMPLES: Final = 2000

MOST_RESAMPLED: Final = 1000
"""Runs up to which the interquartile mean is bootstrapped; above, its normal limit is as good."""

MOST_AT_ONCE: Final = 4_000_000
"""Numbers of one array on the way."""

Rows = npt.NDArray[np.float64]


class Bands(NamedTuple):
    """An estimate and its interval for each row.

    Attributes:
        estimate: float64 `[k]`; NaN where a row is too short for one.
        low: float64 `[k]`.
        high: float64 `[k]`.
        method: How they were made, in words.
    """

    estimate: Rows
    low: Rows
    high: Rows
    method: str


class Counted(NamedTuple):
    """Bands of rows of which some have fewer values than others (see `by_count`).

    Attributes:
        estimate: float64 `[k]`.
        low: float64 `[k]`.
        high: float64 `[k]`.
        method: Of the rows with the most values.
        methods: Of each row.
    """

    estimate: Rows
    low: Rows
    high: Rows
    method: str
    methods: list[str]


def named(level: float, method: str) -> str:
    """A method with the level that it was used for."""
    return f"{100 * level:.4g} % {method}"


def by_count(find: Callable[[Rows], Bands], values: Rows) -> Counted:
    """Apply a function of rows to the finite values of each row of `[k, n]`."""
    finite = np.isfinite(values)
    counts = finite.sum(axis=1)
    ends = np.full((3, len(values)), np.nan)
    method, methods = "", np.full(len(values), "", np.object_)
    for n in np.unique(counts):
        which = np.flatnonzero(counts == n)
        found = find(values[which][finite[which]].reshape(len(which), n))
        ends[:, which] = found[:3]
        method = methods[which] = found.method  # the longest come last
    return Counted(ends[0], ends[1], ends[2], method, methods.tolist())


@lru_cache(maxsize=4096)
def t_quantile(p: float, degrees: int) -> float:
    """Of Student's distribution."""
    return float(scipy.stats.t.ppf(p, degrees))


def _nothing(k: int, method: str) -> Bands:
    nan = np.full(k, np.nan)
    return Bands(nan, nan, nan, method)


def means(x: Rows, level: float) -> Bands:
    """See `statistics.mean`."""
    method = named(level, "t interval")
    k, n = x.shape
    if n == 0:
        return _nothing(k, method)
    centre = x.mean(axis=1)
    if n == 1:
        return Bands(centre, np.full(k, -np.inf), np.full(k, np.inf), method)
    half = t_quantile(0.5 + level / 2, n - 1) * x.std(axis=1, ddof=1) / np.sqrt(n)
    return Bands(centre, centre - half, centre + half, method)


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
            return float(scipy.special.betainc(r, n + 1 - r, p)) - chance

        low, high = 1e-9, n + 1 - 1e-9
        root: Any = scipy.optimize.brentq(off, low, high, xtol=1e-9)
        return float(root)

    return rank(1 - tail), rank(tail)


def _at_rank(ordered: Rows, rank: float, below: float, above: float) -> Rows:
    k, n = ordered.shape
    if rank < 1 or rank > n:
        return np.full(k, below if rank < 1 else above)
    i = int(rank)
    if i == n:
        return ordered[:, -1]
    found: Rows = ordered[:, i - 1] + (rank - i) * (ordered[:, i] - ordered[:, i - 1])
    return found


def quantiles(x: Rows, p: float, level: float) -> Bands:
    """See `statistics.quantile`."""
    method = named(level, "interval by order statistics")
    k, n = x.shape
    if n == 0:
        return _nothing(k, method)
    ordered = np.sort(x, axis=1)
    low, high = fractional_ranks(n, p, level)
    return Bands(
        np.quantile(ordered, p, axis=1),
        _at_rank(ordered, low, -np.inf, np.inf),
        _at_rank(ordered, high, -np.inf, np.inf),
        method,
    )


def one_mores(x: Rows, level: float) -> Bands:
    """See `statistics.one_more`."""
    method = named(level, "prediction interval by order statistics")
    k, n = x.shape
    if n < 2:
        return _nothing(k, method)
    ordered = np.sort(x, axis=1)
    tail = (1 - level) / 2
    centre = np.median(ordered, axis=1)
    rank = (n + 1) * tail
    if rank >= 1:
        low, high = (_at_rank(ordered, r, -np.inf, np.inf) for r in (rank, n + 1 - rank))
        return Bands(centre, low, high, method)
    middle, sd = ordered.mean(axis=1), ordered.std(axis=1, ddof=1)
    half = t_quantile(1 - tail, n - 1) * sd * np.sqrt(1 + 1 / n)
    method = named(level, "prediction interval of a normal distribution")
    return Bands(centre, middle - half, middle + half, method)


def interquartile_means(x: Rows, level: float) -> Bands:
    """See `statistics.interquartile_mean`."""
    k, n = x.shape
    method = named(level, f"studentised bootstrap, {RESAMPLES} resamples")
    if n < 4:
        return _nothing(k, method)
    ordered = np.sort(x, axis=1)
    estimate, spread = _trimmed(ordered)
    if n > MOST_RESAMPLED:
        half = t_quantile(0.5 + level / 2, n - 2 * (n // 4) - 1) * spread
        method = named(level, "normal interval with winsorised variance")
        return Bands(estimate, estimate - half, estimate + half, method)
    low, high = np.empty(k), np.empty(k)
    step = max(1, MOST_AT_ONCE // RESAMPLES)
    for begin in range(0, k, step):
        part = slice(begin, begin + step)
        low[part], high[part] = _bootstrapped(ordered[part], estimate[part], spread[part], level)
    return Bands(estimate, low, high, method)


def _trimmed(ordered: Rows) -> tuple[Rows, Rows]:
    """The mean of the middle half of each ordered row, and its standard error."""
    n = ordered.shape[1]
    cut = n // 4
    middle = ordered[:, cut : n - cut]
    winsorised = np.clip(ordered, middle[:, :1], middle[:, -1:])
    error = winsorised.std(axis=1, ddof=1) / ((1 - 2 * cut / n) * np.sqrt(n))
    return middle.mean(axis=1), error


@lru_cache(maxsize=2)
def _resamples(n: int) -> tuple[Rows, Rows]:
    """Resamples of n ordered values, the same for every sample of that size.

    Returns:
        float64 `[resamples, n]`: by which to multiply the values for the mean of the middle half of
        each resample; and how often each is among the n of the winsorised resample.
    """
    rng = np.random.Generator(np.random.PCG64(n))
    drawn = np.sort(rng.integers(0, n, (RESAMPLES, n)), axis=1)
    cut = n // 4
    middle = drawn[:, cut : n - cut]
    place = np.arange(RESAMPLES)
    flat = (place[:, None] * n + middle).ravel()
    counts = np.bincount(flat, minlength=RESAMPLES * n).reshape(RESAMPLES, n).astype(np.float64)
    winsorised = counts.copy()
    for end in (middle[:, 0], middle[:, -1]):
        winsorised[place, end] += cut
    return counts / middle.shape[1], winsorised


def _bootstrapped(ordered: Rows, estimate: Rows, spread: Rows, level: float) -> tuple[Rows, Rows]:
    """The ends of the studentised bootstrap interval of each row."""
    n = ordered.shape[1]
    kept, winsorised = _resamples(n)
    centred = (ordered - estimate[:, None]).T
    centres = kept @ centred
    total, squares = winsorised @ centred, winsorised @ centred**2
    variance = (squares - total**2 / n) / (n - 1)
    variance[variance < 1e-12 * (centred**2).max(axis=0)] = 0  # but for rounding
    errors = np.sqrt(variance) / ((1 - 2 * (n // 4) / n) * np.sqrt(n))
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = centres / errors
        tails = [(1 - level) / 2, (1 + level) / 2]
        lower, upper = np.quantile(scores, tails, axis=0)
        low, high = estimate - upper * spread, estimate - lower * spread
    for i in np.flatnonzero(~np.isfinite(scores).all(axis=0)):
        finite = scores[np.isfinite(scores[:, i]), i]
        if spread[i] == 0:
            low[i] = high[i] = estimate[i]
        elif len(finite) < RESAMPLES // 2:  # the middle half is one value: nothing to studentise by
            low[i], high[i] = estimate[i] + np.quantile(centres[:, i], tails)
        else:
            lower, upper = np.quantile(finite, tails)
            low[i], high[i] = estimate[i] - upper * spread[i], estimate[i] - lower * spread[i]
    return low, high
