"""What results say: honestly, with their intervals, and again as a run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.figure import Figure

import gridworld as gw
from gridworld.experiments import figures
from gridworld.experiments.measures import FAILURES
from gridworld.experiments.results import Best, Comparison

pytestmark = pytest.mark.compiled


def invented(values: npt.NDArray[np.float64], *measures: str) -> gw.Results:
    """Results of a plan of as many settings, with values of our own."""
    settings, runs = values.shape
    plan = gw.Experiment(
        vary={"learning_rate": gw.linspace(0.1, 0.9, settings)},
        runs=runs,
        episodes=1,
        measures=measures or ["return_mean"],
    )
    arrays: dict[str, Any] = {m.name: values for m in plan.measures}
    arrays |= {name: np.zeros(values.shape, np.bool_) for name in FAILURES}
    return gw.Results(plan, arrays, np.ones(values.shape, np.bool_))


def test_the_best_of_equals_is_reported_without_bias_and_the_naive_one_is_not() -> None:
    rng = np.random.default_rng(0)
    reported, naive = [], []
    for _ in range(300):
        found = invented(rng.normal(0, 1, (20, 40))).best()
        reported.append(found.reported.estimate)
        naive.append(found.naive)
    error = np.std(reported) / np.sqrt(len(reported))
    assert abs(np.mean(reported)) < 3 * error
    assert np.mean(naive) > 20 * error


def test_the_interval_of_the_best_holds_and_so_does_the_set() -> None:
    rng = np.random.default_rng(1)
    truth = np.linspace(0, 1, 8)
    held, kept = [], []
    for _ in range(400):
        found = invented(truth[:, None] + rng.normal(0, 1, (8, 200))).best()
        held.append(found.reported.low <= truth[found.chosen.index] <= found.reported.high)
        kept.append(7 in {c.setting.index for c in found.candidates})
    assert 0.92 <= np.mean(held) <= 0.98
    assert np.mean(kept) >= 0.95


def test_a_clear_winner_stands_alone() -> None:
    rng = np.random.default_rng(2)
    found = invented(np.array([[0.0], [5.0], [1.0]]) + rng.normal(0, 1, (3, 100))).best()
    assert [c.setting.index for c in found.candidates] == [1]
    assert found.candidates[0].probability == 1
    assert "95 % t interval" in str(found)
    lower = invented(np.array([[0.0], [5.0]]) + rng.normal(0, 1, (2, 100)), "regret").best()
    assert lower.chosen.index == 0


def test_the_best_may_be_reported_on_fresh_runs() -> None:
    plan = gw.Experiment(vary={"learning_rate": [0.1, 0.5]}, runs=20, episodes=20)
    found = plan.run().best(report_runs=30)
    assert isinstance(found, Best)
    assert (found.choosing, found.reporting) == (20, 30)
    again = gw.Experiment(vary={"learning_rate": [0.1, 0.5]}, runs=50, episodes=20).run()
    fresh = again.values()[found.chosen.index, 20:]
    assert found.reported.estimate == pytest.approx(fresh.mean())


def test_the_best_says_which_settings_were_left_out() -> None:
    values = np.random.default_rng(0).normal(0, 1, (5, 40))
    values[1, 3] = values[4] = np.nan
    found = invented(values).best()
    assert [setting.index for setting in found.left_out] == [1, 4]
    assert "left out, since some of their runs have no return_mean: 2 (" in str(found)
    assert not {1, 4} & {c.setting.index for c in found.candidates}


def test_the_best_needs_settings_and_runs() -> None:
    with pytest.raises(gw.ExperimentError, match="at least 2 runs"):
        invented(np.ones((3, 1))).best()
    with pytest.raises(gw.ExperimentError, match="settings all of whose runs have it"):
        invented(np.full((3, 10), np.nan)).best()
    with pytest.raises(gw.ExperimentError, match="no setting of the plan"):
        invented(np.ones((3, 10))).best(by={"learning_rate": 0.7777})


def test_comparisons_are_paired_and_corrected() -> None:
    rng = np.random.default_rng(3)
    luck = rng.normal(0, 100, 60)
    results = invented(np.stack([luck, luck + 1 + rng.normal(0, 0.1, 60), luck]))
    one = results.compare(0, 1)
    assert isinstance(one, Comparison)
    assert one.difference.low < -1 < one.difference.high
    assert one.difference.half_width < 0.1
    assert one.p_value < 1e-20
    assert one.probability.estimate == 0
    several = results.compare(0, [1, {"learning_rate": 0.9}])
    assert isinstance(several, list)
    assert [c.corrected for c in several] == [2, 2]
    assert several[0].p_value == pytest.approx(2 * one.p_value)
    assert several[1].p_value == 1
    assert several[0].difference.level == pytest.approx(0.975)
    assert "Holm" in str(several[0])


def test_a_summary_counts_what_failed_and_what_is_few() -> None:
    values = np.array([[1.0, 2.0, np.nan, 3.0], [4.0, 4.0, 4.0, 4.0]])
    table = invented(values).summary()
    first, second = table.to_pylist()
    assert (first["n"], first["runs"], first["mean"]) == (3, 4, 2.0)
    assert (second["mean_low"], second["mean_high"]) == (4, 4)
    assert table.schema.metadata[b"few"] == b"fewer than 30 runs"
    assert b"t interval" in table.schema.metadata[b"mean"]


def test_the_sensitivity_is_a_line_for_each_of_the_rest() -> None:
    plan = gw.Experiment(
        algorithms=["q_learning", "sarsa"],
        vary={"learning_rate": [0.1, 0.5, 0.9]},
        runs=30,
        episodes=10,
    )
    results = plan.run()
    found = results.sensitivity("learning_rate", within=1.0)
    assert found.values == (0.1, 0.5, 0.9)
    assert list(found.lines) == ["algorithm q_learning", "algorithm sarsa"]
    assert set(found.near.values()) == {1.0}
    mean = results.values()[4].mean()
    assert found.lines["algorithm sarsa"][1].estimate == pytest.approx(mean)
    with pytest.raises(gw.ExperimentError, match="an axis must be one of learning_rate, got"):
        results.sensitivity("epsilon")


def several(**more: Any) -> gw.Results:
    return gw.Experiment(runs=6, episodes=5, **more).run()


def test_an_algorithm_without_an_axis_does_not_go_along_it() -> None:
    axes = {"learning_rate": [0.1, 0.5], "trace_decay": [0.5, 0.9]}
    results = several(algorithms=["q_learning", "sarsa_lambda"], vary=axes)
    rows = results.summary().to_pylist()
    assert [row["trace_decay"] for row in rows] == [None, None, 0.5, 0.9, 0.5, 0.9]
    found = results.sensitivity("trace_decay")
    assert found.values == (0.5, 0.9)
    assert list(found.lines) == [
        "algorithm sarsa_lambda, learning_rate 0.1",
        "algorithm sarsa_lambda, learning_rate 0.5",
    ]
    assert len(results.sensitivity("learning_rate").lines) == 3


def test_axes_that_go_together_are_one_line() -> None:
    axes = {"epsilon": [0.1, 0.2, 0.3], "epsilon_min": [0.0, 0.1, 0.2], "slip": [0.0, 0.1]}
    results = several(vary=axes, together=[["epsilon", "epsilon_min"]])
    found = results.sensitivity("epsilon")
    assert list(found.lines) == ["slip 0.0", "slip 0.1"]
    assert found.values == (0.1, 0.2, 0.3)
    assert {len(line) for line in found.lines.values()} == {3}


def test_namesakes_are_told_apart_by_what_differs() -> None:
    map_ = ["S.G"], ["S..G"]
    results = several(
        worlds=[
            gw.make("easy"),
            replace(gw.make("easy"), slip=0.25),
            *map(gw.GridWorld.from_text, map_),
        ],
        algorithms=[gw.Sarsa(), gw.Sarsa(epsilon=0.5), "q_learning"],
        vary={"learning_rate": [0.1, 0.5]},
    )
    labels = [setting.label for setting in results.plan.settings]
    assert len(set(labels)) == len(labels) == 24
    assert labels[8] == "SARSA on easy, slip 0.25, epsilon 0.5, learning_rate 0.1"
    assert labels[18] == "SARSA on custom (2), epsilon 1, learning_rate 0.1"
    assert len(results.sensitivity("learning_rate").lines) == 12
    rows = results.summary().to_pylist()
    assert [rows[i]["slip"] for i in (0, 6, 12)] == [0.0, 0.25, None]
    found = results.plan.setting({"world": "custom (2)", "epsilon": 0.5, "learning_rate": 0.5})
    assert found.index == 21
    plain = gw.Experiment(algorithms=[gw.Sarsa(epsilon=0.5)], runs=6, episodes=5)
    assert "epsilon" not in plain.settings[0].varied


def test_runs_without_a_number_are_counted_beside_those_that_have_one() -> None:
    values = np.random.default_rng(0).normal(0, 1, (3, 40))
    values[1, [3, 5]] = values[2, 5] = np.nan
    results = invented(values)
    alone, found = results.compare(0, 1), results.compare(1, [0, 2])
    assert isinstance(alone, Comparison)
    assert isinstance(found, list)
    assert alone.left_out == 2
    assert [c.left_out for c in found] == [2, 2]
    assert "2 runs left out: no such number" in str(found[1])
    assert "left out" not in str(invented(np.ones((2, 9))).compare(0, 1))


def test_every_interval_of_a_summary_names_its_method() -> None:
    values = np.random.default_rng(0).normal(0, 1, (2, 60))
    values[1, 20:] = np.nan
    first, second = invented(values).summary().to_pylist()
    assert first["mean_method"] == "95 % t interval"
    assert first["one_more_method"] == "95 % prediction interval by order statistics"
    assert second["one_more_method"] == "95 % prediction interval of a normal distribution"
    assert {f"{key}_method" for key in ("mean", "median", "iqm", "one_more")} <= set(first)


@pytest.mark.parametrize("by", ["episode", "step"])
def test_curves_are_those_of_the_same_runs(by: Any) -> None:
    plan = gw.Experiment(runs=10, episodes=40, seed=3)
    curves = plan.run().curves(0, points=40, by=by)
    run = gw.train(gw.make("default"), agents=10, episodes=40, seed=3)
    if by == "episode":
        np.testing.assert_array_equal(curves.x, np.arange(1, 41))
        np.testing.assert_array_equal(curves.returns, run.returns)
        return
    ends = np.cumsum(run.lengths, axis=1)
    for row in range(10):
        assert curves.returns[row, -1] == pytest.approx(
            run.returns[row][
                ends[row] > curves.x[np.searchsorted(curves.x, ends[row, -1]) - 1]
            ].mean()
        )
    before = curves.x < ends.min()
    assert np.isnan(curves.returns[:, before]).all()


def test_ragged_curves_are_copied_forward() -> None:
    plan = gw.Experiment(runs=10, episodes=50, steps=300, seed=3)
    curves = plan.run().curves(0, points=50)
    run = gw.train(gw.make("default"), agents=10, episodes=50, steps=300, seed=3)
    fewest = int(run.episodes.argmin())
    last = int(run.episodes[fewest])
    assert last < run.episodes.max()
    assert (curves.returns[fewest, last:] == run.returns[fewest, last - 1]).all()


def test_unknown_names_are_refused() -> None:
    results = invented(np.ones((2, 4)))
    for ask in (results.values, results.summary, results.best):
        with pytest.raises(gw.ExperimentError, match="a measure of this plan must be one of"):
            ask("happiness")
    with pytest.raises(gw.ExperimentError, match="by must be episode or step"):
        results.curves(0, by="day")  # type: ignore[arg-type]
    with pytest.raises(gw.ExperimentError, match=r"runs in \[1, 4\]"):
        results.curves(0, runs=5)


@pytest.mark.parametrize("kind", figures.FIGURES)
def test_every_figure_is_drawn_with_its_method_below(kind: str, tmp_path: Path) -> None:
    plan = gw.Experiment(
        vary={"learning_rate": [0.1, 0.5], "epsilon": [0.1, 0.5, 1.0]}, runs=12, episodes=10
    )
    results = plan.run()
    draw: Any = figures.FIGURES[kind]
    axes = {"sensitivity": ["learning_rate"], "heat-map": ["learning_rate", "epsilon"]}
    figure = draw(results, *axes.get(kind, []))
    [path, again] = [figures.save(figure, tmp_path / f"{i}.svg") for i in range(2)]
    text = path.read_text()
    assert "runs" in figure._supxlabel.get_text()
    numbers = figures.numbers_of(figure)
    assert numbers.num_rows >= {"better": 30, "heat-map": 6, "sensitivity": 6}.get(kind, 60)
    assert len(set(numbers.column_names)) >= 3
    assert "<svg" in text
    assert figures.save(figure, tmp_path / "a.png").stat().st_size > 5000
    assert again.exists()
    with pytest.raises(gw.ExperimentError, match=r"must end in \.svg"):
        figures.save(figure, tmp_path / "a.txt")


def test_a_figure_has_its_numbers() -> None:
    results = invented(np.arange(40.0).reshape(2, 20))
    numbers = figures.numbers_of(figures.sensitivity(results, "learning_rate")).to_pylist()
    assert [row["learning_rate"] for row in numbers] == [0.1, 0.9]
    assert [row["mean"] for row in numbers] == [9.5, 29.5]
    assert numbers[0]["low"] < 9.5 < numbers[0]["high"]
    profile = figures.numbers_of(figures.profile(results)).to_pylist()
    assert (profile[0]["return_mean"], profile[0]["share"]) == (0, 1)
    better = figures.numbers_of(figures.better_matrix(results)).to_pylist()
    assert [row["probability_better"] for row in better] == [0, 1]
    with pytest.raises(gw.ExperimentError, match=r"one of gridworld\.experiments\.figures"):
        figures.numbers_of(Figure())


def test_figures_refuse_what_nobody_could_read() -> None:
    results = invented(np.ones((30, 4)))
    for draw in (figures.profile, figures.runs_needed, figures.learning_curves):
        with pytest.raises(gw.ExperimentError, match="at most 8 lines, got 30"):
            draw(results)
    with pytest.raises(gw.ExperimentError, match="at most 24 settings"):
        figures.better_matrix(results)
    with pytest.raises(gw.ExperimentError, match="varies two axes and nothing else"):
        figures.heat_map(results, "learning_rate", "epsilon")
