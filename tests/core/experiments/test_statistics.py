"""Intervals hold as often as they say, over simulated experiments whose answer is known."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from gridworld.experiments import bands, statistics
from gridworld.experiments.statistics import Interval

SIMULATIONS = 2000

Draw = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]

NORMAL: Draw = lambda rng, n: rng.normal(3, 2, n)  # noqa: E731  # three of a kind, in a table
SKEWED: Draw = lambda rng, n: rng.exponential(1.0, n)  # noqa: E731
ZERO_ONE: Draw = lambda rng, n: (rng.random(n) < 0.3).astype(np.float64)  # noqa: E731

MIDDLE_OF_EXPONENTIAL = float(stats.expon.expect(lb=np.log(4 / 3), ub=np.log(4)) * 2)


def coverage(
    draw: Draw, find: Callable[[npt.NDArray[np.float64]], Interval], n: int, truth: float
) -> float:
    """How often the interval holds the truth."""
    rng = np.random.default_rng(1000 + n)
    found = [find(draw(rng, n)) for _ in range(SIMULATIONS)]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


@pytest.mark.parametrize(
    ("draw", "find", "n", "truth"),
    [
        (NORMAL, statistics.mean, 10, 3.0),
        (NORMAL, statistics.mean, 200, 3.0),
        (SKEWED, statistics.mean, 400, 1.0),
        (ZERO_ONE, statistics.mean, 400, 0.3),
        (NORMAL, statistics.quantile, 31, 3.0),
        (SKEWED, statistics.quantile, 101, float(np.log(2))),
        (SKEWED, lambda x: statistics.quantile(x, 0.9), 200, float(np.log(10))),
        (NORMAL, statistics.interquartile_mean, 60, 3.0),
        (SKEWED, statistics.interquartile_mean, 100, MIDDLE_OF_EXPONENTIAL),
        (SKEWED, statistics.interquartile_mean, 2000, MIDDLE_OF_EXPONENTIAL),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_an_interval_holds_what_it_is_about(draw: Draw, find: Any, n: int, truth: float) -> None:
    assert 0.94 <= coverage(draw, find, n, truth) <= 0.96


@pytest.mark.parametrize("draw", [NORMAL, SKEWED], ids=["normal", "skewed"])
@pytest.mark.parametrize("n", [60, 400])
def test_one_more_run_lies_where_it_is_said(draw: Draw, n: int) -> None:
    rng = np.random.default_rng(1000 + n)
    inside = []
    for _ in range(SIMULATIONS):
        found = statistics.one_more(draw(rng, n))
        inside.append((found.low <= (more := draw(rng, 20))) & (more <= found.high))
    assert 0.94 <= float(np.mean(inside)) <= 0.96


def test_one_more_run_of_few_is_that_of_a_normal_distribution() -> None:
    rng = np.random.default_rng(1)
    found = [(statistics.one_more(NORMAL(rng, 12)), NORMAL(rng, 1)[0]) for _ in range(SIMULATIONS)]
    assert 0.94 <= np.mean([one.low <= more <= one.high for one, more in found]) <= 0.96
    assert "normal" in found[0][0].method
    assert found[0][0].few


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_paired_difference_holds(shift: float) -> None:
    rng = np.random.default_rng(5)
    held, p_values = [], []
    for _ in range(SIMULATIONS):
        luck = rng.normal(0, 10, 50)
        a, b = luck + rng.normal(shift, 1, 50), luck + rng.normal(0, 1, 50)
        found, p = statistics.paired(a, b)
        held.append(found.low <= shift <= found.high)
        p_values.append(p)
    assert 0.94 <= np.mean(held) <= 0.96
    rejected = float(np.mean(np.array(p_values) < 0.05))
    assert 0.04 <= rejected <= 0.06 if shift == 0 else rejected > 0.5


@pytest.mark.parametrize("kind", ["continuous", "ties"])
def test_the_chance_to_be_better_holds(kind: str) -> None:
    rng = np.random.default_rng(6)

    def pair() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        if kind == "continuous":
            return rng.normal(0.5, 1, 100), rng.normal(0, 1, 100)
        a, b = rng.random((2, 100)) < [[0.6], [0.4]]
        return a.astype(np.float64), b.astype(np.float64)

    truth = float(stats.norm.cdf(0.5 / np.sqrt(2))) if kind == "continuous" else 0.36 + 0.48 / 2
    found = [statistics.probability_better(*pair()) for _ in range(SIMULATIONS)]
    assert 0.94 <= np.mean([one.low <= truth <= one.high for one in found]) <= 0.96
    lower = [statistics.probability_better(*pair(), higher=False).estimate for _ in range(50)]
    assert np.mean(lower) == pytest.approx(1 - truth, abs=0.03)


def test_ranks_are_those_of_the_binomial_distribution() -> None:
    low, high = statistics.fractional_ranks(50, 0.5, 0.95)
    assert (int(low), int(np.ceil(high))) == (18, 33)
    assert low + high == pytest.approx(51)


def test_many_samples_at_once_are_each_as_alone() -> None:
    rng = np.random.default_rng(11)
    values = rng.exponential(1.0, (40, 60))
    values[3, :10] = values[7] = values[8, 1:] = values[9, 5:] = np.nan
    values[10] = 2.0  # no spread
    values[11] = np.round(values[11])  # ties, so that resamples may have none
    pairs: list[tuple[Any, Any]] = [
        (bands.means, statistics.mean),
        (lambda x, level: bands.quantiles(x, 0.5, level), statistics.quantile),
        (bands.one_mores, statistics.one_more),
        (bands.interquartile_means, statistics.interquartile_mean),
    ]
    for many, one in pairs:
        found = bands.by_count(partial(many, level=0.95), values)
        for i, row in enumerate(values):
            alone = one(row) if one is not statistics.quantile else one(row, 0.5)
            got = found.estimate[i], found.low[i], found.high[i]
            np.testing.assert_allclose(got, (alone.estimate, alone.low, alone.high), rtol=1e-9)


def test_holm_corrects_as_in_a_worked_example() -> None:
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])


def test_the_chance_of_being_best_is_shared_by_equals_and_knows_the_winner() -> None:
    rng = np.random.default_rng(8)
    luck = rng.normal(0, 5, 300)
    equal = np.stack([luck, luck, luck])
    assert statistics.chance_of_best(equal, True) == pytest.approx([1 / 3] * 3)
    many = np.repeat(equal, 11, axis=1)[:, :3001]  # resampled in groups
    assert statistics.chance_of_best(many, True) == pytest.approx([1 / 3] * 3)
    a, b = rng.normal([[0.0], [0.02]], 1.0, (2, 20_000))
    z = (b.mean() - a.mean()) / np.std(b - a) * np.sqrt(20_000)
    chance = statistics.chance_of_best(np.stack([a, b]), True)[1]
    assert chance == pytest.approx(stats.norm.cdf(z), abs=0.03)
    better = equal + np.array([[0.0], [1.0], [0.5]])
    assert statistics.chance_of_best(better, True).tolist() == [0, 1, 0]
    assert statistics.chance_of_best(better, False).tolist() == [1, 0, 0]


def test_what_is_not_finite_is_left_out_and_counted() -> None:
    x = [1.0, 2.0, 3.0, np.nan, np.inf]
    for find in (statistics.mean, statistics.quantile, statistics.one_more):
        assert find(x).n == 3
        assert find(x).estimate == 2
    assert np.isnan(statistics.mean([]).estimate)
    assert statistics.mean([1.0]).high == np.inf


def test_an_interval_says_how_it_was_made() -> None:
    said = str(statistics.mean([1.0, 2.0, 3.0]))
    assert "95 % t interval" in said
    assert "n = 3, which is few" in said
    assert "few" not in str(statistics.mean(np.arange(30.0)))
