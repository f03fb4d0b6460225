"""Figures of the books: what is read of them, and how they are judged."""

from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

import gridworld as gw
from gridworld.experiments.statistics import Interval
from gridworld.textbook import batch_walk, report, runner, sources
from gridworld.textbook.gallery import FIGURES, find
from gridworld.textbook.runner import Runner
from gridworld.textbook.sources import by_axis, by_moment
from gridworld.textbook.verdict import Drawn, Figure, Line, Relation, Row, exactly, read

pytestmark = pytest.mark.compiled

RUNS = 12


def interval(value: float, half: float = 0.1) -> Interval:
    return Interval(value, value - half, value + half, 9, 0.95, "t interval")


@cache
def drawn(key: str) -> Drawn:
    """A figure of few runs."""
    return FIGURES[key].draw(Runner(most_runs=RUNS))


def test_every_figure_says_what_it_is() -> None:
    for key, figure in FIGURES.items():
        assert figure.key == key
        assert figure.title
        assert figure.source
        assert figure.tolerance.endswith(".")


def test_every_plan_that_ships_is_a_plan_with_the_books_numbers() -> None:
    folder = resources.files("gridworld.textbook") / "plans"
    names = [file.name.removesuffix(".toml") for file in folder.iterdir()]
    assert names
    for name in names:
        plan = runner.plan(name)
        assert gw.Experiment.from_toml(plan.to_toml()).identity == plan.identity
    assert runner.plan("figure-6.3").runs == 50_000
    assert len(runner.plan("figure-6.3")) == 57 * 50_000


@pytest.mark.parametrize("key", list(FIGURES))
def test_every_curve_of_the_book_has_one_of_ours_and_a_row_a_reading(key: str) -> None:
    found = drawn(key)
    assert found.rows
    assert set(found.readings) <= set(found.lines)
    for line in found.lines.values():
        assert len(line.x) == len(line.y)
        assert (np.diff(line.x) > 0).all()
    if key in ("figure-6.2", "figure-6.3", "figure-7.2"):
        rows = {(round(row.where or 0, 4), row.published) for row in found.rows}
        for points in sources.readings(key).values():
            assert {(round(x, 4), y) for x, y in points} <= rows


@pytest.mark.parametrize(
    "key", ["example-6.2", "figure-6.2", "figure-6.3", "figure-6.3-asymptotic", "figure-7.2"]
)
def test_few_runs_are_off_by_no_more_than_their_number_makes(key: str) -> None:
    for row in drawn(key).rows:
        if row.relation == "near":
            off = abs(row.ours.estimate - row.published)
            assert off <= row.tolerance + 2.5 * row.ours.half_width, row.what


def test_numbers_that_no_chance_is_in_are_as_published() -> None:
    assert drawn("exact-values").passed
    rows = drawn("example-6.2").rows
    assert all(row.passed for row in rows if row.what.startswith("exact"))


@pytest.mark.parametrize(
    ("relation", "ours", "passed"),
    [
        ("near", 1.1, True),
        ("near", 0.9, True),
        ("near", 1.11, False),
        ("near", 0.89, False),
        ("near", float("nan"), False),
        ("above", 0.95, True),
        ("above", 9.0, True),
        ("above", 0.85, False),
        ("above", float("nan"), False),
        ("below", 1.05, True),
        ("below", -9.0, True),
        ("below", 1.15, False),
    ],
)
def test_a_verdict_is_by_the_tolerance(relation: Relation, ours: float, passed: bool) -> None:
    assert Row("it", 1.0, interval(ours), 0.1000001, relation).passed is passed
    assert Drawn(rows=(Row("it", 1.0, interval(ours), 0.1000001, relation),)).passed is passed


def test_a_reading_is_compared_between_points_or_at_the_nearest() -> None:
    line = Line(np.array([0.0, 1.0, 2.0]), (interval(0.0), interval(10.0), interval(10.0)))
    assert line.at(0.25).estimate == 2.5
    assert (line.at(-3).estimate, line.at(9).estimate) == (0.0, 10.0)
    assert line.nearest(0.6).estimate == 10.0
    book = {"it": [[0.25, 3.0], [1.75, 10.0]]}
    between = read({"it": line}, book, 0.6)
    assert [row.ours.estimate for row in between] == [2.5, 10.0]
    assert [row.tolerance for row in between] == [0.6, 0.6]
    assert [row.passed for row in read({"it": line}, book, 0.4)] == [False, True]
    steep = read({"it": line}, book, 0.4, slack=0.1)
    assert [round(row.tolerance, 9) for row in steep] == [1.4, 0.4]
    assert [row.ours.estimate for row in read({"it": line}, book, 1, on_points=True)] == [0.0, 10.0]


def test_lines_are_the_means_of_the_plans_measures() -> None:
    plan = gw.Experiment(
        worlds=["easy"],
        algorithms=["q_learning", "sarsa"],
        vary={"learning_rate": [0.2, 0.4]},
        runs=8,
        episodes=6,
        measures=["return_mean", "return_of_episode_2"],
    )
    results = plan.run()
    line = by_axis(results, "learning_rate")["sarsa"]
    assert [y.estimate for y in line.y] == results.values()[2:].mean(axis=1).tolist()
    moments = by_moment(
        results,
        [(2.0, "return_of_episode_2")],
        scale=-2.0,
        shift=1.0,
        label=lambda setting: f"{setting.algorithm.name} {setting.varied['learning_rate']}",
    )
    want = -2 * (results.values("return_of_episode_2")[3].mean() + 1)
    assert moments["sarsa 0.4"].y[0].estimate == pytest.approx(want)


def test_a_figure_is_found_by_its_key_or_its_number() -> None:
    assert [figure.key for figure in find("figure-6.3")] == ["figure-6.3"]
    assert [f.key for f in find("6.3")] == ["figure-6.3", "figure-6.3-asymptotic"]
    assert [f.key for f in find("6.2")] == ["example-6.2", "figure-6.2"]
    for word in ("6", "", "figure", "6.3-asymptotic", "9.9"):
        with pytest.raises(gw.InvalidValueError, match=r"one of example-6\.2, .*, or its number"):
            find(word)


def trained_in_batch(episodes: list[list[int]]) -> npt.NDArray[np.float64]:
    """TD(0) and MC over the same episodes again and again, the slow way: values `[2, states]`."""
    values = np.full((2, batch_walk.STATES), batch_walk.INITIAL)
    for _ in range(40_000):
        change = np.zeros_like(values)
        for states in episodes:
            won = float(states[-1] == batch_walk.STATES)
            for s, after in pairwise(states):
                inside = 0 <= after < batch_walk.STATES
                target = values[0, after] if inside else won
                change[:, s] += [target - values[0, s], won - values[1, s]]
        values += 0.01 * change
        if np.abs(change).max() < 1e-9:
            break
    return values


def test_batch_training_ends_where_going_through_the_episodes_again_and_again_does() -> None:
    count, seed = 6, 3
    errors = batch_walk.batch_errors(1, count, seed)
    random = np.random.default_rng(seed)
    episodes: list[list[int]] = []
    for k in range(count):
        states = [batch_walk.STATES // 2]
        while 0 <= states[-1] < batch_walk.STATES:
            states.append(states[-1] + 2 * int(random.integers(2, size=1)[0]) - 1)
        episodes.append(states)
        off = trained_in_batch(episodes) - batch_walk.TRUE
        slow = np.sqrt((off**2).mean(axis=1))
        assert errors["td"][0, k] == pytest.approx(slow[0], abs=1e-6)
        assert errors["monte_carlo"][0, k] == pytest.approx(slow[1], abs=1e-6)


def test_a_report_shows_every_number_and_what_failed_with_the_reason() -> None:
    rows = (
        Row("a <b> | c", 1.0, exactly(1.0), 0.01),
        Row("d", 2.0, interval(3.0), 0.5),
        Row("e", 0.0, interval(3.0), 0.0, "above"),
    )
    figure = Figure("figure-1.1", "It", "A book", "x", "y", "0.01.", lambda runner: Drawn(), "luck")
    one = report.Reproduced(figure, Drawn(rows=rows, note="7 runs"), 1.25)
    assert report.summary_of(one) == ("figure-1.1", "It", "2 of 3", "FAIL", "1.2")
    text = report.as_markdown([one], {"figure-1.1": "it.svg"}, {"processor": "this one"})
    page = report.as_html([one], {"figure-1.1": "it.svg"}, {"processor": "this one"})
    for part in ("Not reproduced: figure-1.1.", "Why not: luck", "7 runs", "this one", "it.svg"):
        assert part in text
        assert part in page
    assert "| a <b> \\| c | 1.000 | 1.000 | exact | 0.01 | pass |" in text
    assert "| d | 2.00 | 3.00 | 2.90 to 3.10 | 0.5 | FAIL |" in text
    assert "| e | > 0" in text
    assert "<td>a &lt;b&gt; | c</td>" in page
    assert page.count('class="FAIL"') == 2
    fine = report.Reproduced(figure, Drawn(rows=rows[:1]), 1.0)
    assert "Why not" not in report.as_markdown([fine], {}, {})
    assert "All are reproduced." in report.as_html([fine], {}, {})


def test_a_picture_has_our_lines_and_the_books_points() -> None:
    from gridworld.textbook.picture import picture

    key = "figure-6.3"
    axes = picture(FIGURES[key], drawn(key)).axes[0]
    labels = axes.get_legend_handles_labels()[1]
    assert labels == ["q learning", "sarsa", "expected sarsa"]
    dots = [np.asarray(line.get_xdata()) for line in axes.lines if line.get_marker() == "o"]
    assert sum(map(len, dots)) == sum(map(len, sources.readings(key).values()))
