"""Curves that are kept: those that would be computed again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import gridworld as gw
from gridworld.experiments import blocks, results
from gridworld.experiments.running import ExperimentProgress

pytestmark = pytest.mark.compiled

EPISODES = gw.Experiment(
    worlds=["default", "cliff-walking"],
    vary={"learning_rate": [0.1, 0.5]},
    runs=20,
    episodes=60,
    keep_curves=12,
)
STEPS = replace(EPISODES, episodes=None, steps=1200)
BOTH = replace(EPISODES, steps=700)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_BLOCK_ROWS", 9)


@pytest.mark.parametrize(
    ("plan", "by"), [(EPISODES, "episode"), (BOTH, "episode"), (STEPS, "step")]
)
@pytest.mark.parametrize("points", [100, 12, 4])
def test_kept_curves_are_those_that_are_computed_again(
    plan: gw.Experiment, by: Any, points: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = replace(plan, keep_curves=0).run()
    kept = plan.run()
    plan.run(tmp_path / "s")
    stored = gw.Results.load(tmp_path / "s")
    np.testing.assert_array_equal(kept.values(), again.values())
    for setting in range(4):
        # where one point is one moment of the other
        wanted = again.curves(setting, points=min(points, 12), by=by, runs=15)
        monkeypatch.setattr(results, "recompute", pytest.fail)
        for found in (kept, stored):
            got = found.curves(setting, points=points, by=by, runs=15)
            np.testing.assert_array_equal(got.x, wanted.x)
            np.testing.assert_allclose(got.returns, wanted.returns, rtol=1e-4, atol=1e-4)
        monkeypatch.undo()


def test_another_unit_is_computed_again() -> None:
    curves = EPISODES.run().curves(0, points=10, by="step")
    wanted = replace(EPISODES, keep_curves=0).run().curves(0, points=10, by="step")
    np.testing.assert_array_equal(curves.returns, wanted.returns)


def test_what_is_not_kept_yet_is_computed_again(tmp_path: Path) -> None:
    def stop(progress: ExperimentProgress) -> None:
        if progress.new_runs:
            raise KeyboardInterrupt

    with pytest.raises(gw.ExperimentInterrupted):
        EPISODES.run(tmp_path / "s", progress=stop)
    partial = gw.Results.load(tmp_path / "s")
    assert 0 < partial.runs < len(EPISODES)
    whole = EPISODES.run()
    for setting in range(4):
        got = partial.curves(setting, points=12).returns
        np.testing.assert_allclose(got, whole.curves(setting, points=12).returns, rtol=1e-5)
    EPISODES.run(tmp_path / "s")
    EPISODES.run(tmp_path / "t", threads=1)
    tables = [(tmp_path / name / "table.parquet").read_bytes() for name in "st"]
    assert tables[0] == tables[1]


def test_a_kept_curve_is_a_list_in_the_table(tmp_path: Path) -> None:
    plan = replace(EPISODES, runs=3, keep_curves=True)
    assert plan.keep_curves == 100
    plan.run(tmp_path / "s")
    row = pq.read_table(tmp_path / "s" / "table.parquet").to_pylist()[0]
    assert len(row["curve_return"]) == 60  # no more than episodes
    assert row["curve_episodes"] == list(range(1, 61))
    run = gw.train(gw.make("default"), gw.QLearning(learning_rate=0.1), episodes=60)
    np.testing.assert_allclose(row["curve_return"], run.returns[0], rtol=1e-4, atol=1e-5)
    with pytest.raises(gw.ExperimentError, match="a measure of this plan must be one of"):
        gw.Results.load(tmp_path / "s").values("curve_return")
