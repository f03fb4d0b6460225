"""Stores: whole at every moment, and the same to the last byte whatever happened on the way."""

import errno
import json
import os
import random
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import gridworld as gw
from gridworld.experiments import blocks, running, statistics, store
from gridworld.experiments.running import ExperimentProgress
from gridworld.experiments.stopping import Until

pytestmark = pytest.mark.compiled


PLAN = gw.Experiment(
    worlds=["default", "cliff-walking"],
    algorithms=["q_learning", "sarsa"],
    vary={"learning_rate": [0.1, 0.5, 1.0]},
    fixed={"epsilon": 0.1},
    runs=40,
    episodes=30,
    measures=["return_mean", "regret", "steps"],
)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_BLOCK_ROWS", 30)
    monkeypatch.setattr(store, "ROW_GROUP", 100)


def table_bytes(folder: Path) -> bytes:
    return (folder / store.TABLE).read_bytes()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed") / "store"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "MOST_BLOCK_ROWS", 30)
        patch.setattr(store, "ROW_GROUP", 100)
        PLAN.run(folder)
    return folder


def test_a_finished_store_is_a_table_that_anybody_reads(undisturbed: Path) -> None:
    names = sorted(path.name for path in undisturbed.iterdir() if path.is_file())
    assert names == [".lock", "manifest.json", "plan.toml", "table.parquet"]
    assert not list((undisturbed / "blocks").iterdir())
    table = pq.read_table(undisturbed / store.TABLE)
    assert table.num_rows == 12 * 40
    first = table.to_pylist()[40 * 4 + 3]
    assert (first["setting"], first["agent"], first["algorithm"]) == (4, 3, "sarsa")
    assert (first["learning_rate"], first["epsilon"], first["slip"]) == (0.5, 0.1, 0.0)
    assert first["max_steps"] == 100
    assert table["max_steps"].to_pylist()[-1] is None
    manifest = json.loads((undisturbed / "manifest.json").read_text())
    assert manifest["plan"] == PLAN.identity
    assert manifest["stream_version"] == 1
    loaded = gw.Results.load(undisturbed)
    assert loaded.complete
    np.testing.assert_array_equal(loaded.values("regret"), PLAN.run().values("regret"))


def test_the_table_is_the_same_whatever_the_blocks_and_the_threads(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MOST_BLOCK_ROWS", 7)
    PLAN.run(tmp_path / "a", threads=1)
    assert table_bytes(tmp_path / "a") == table_bytes(undisturbed)


def test_running_again_computes_nothing(undisturbed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "compute", pytest.fail)
    assert PLAN.run(undisturbed).complete


def test_more_runs_are_added_to_those_that_there_are(tmp_path: Path) -> None:
    computed: list[int] = []
    few = replace(PLAN, runs=20)
    few.run(tmp_path / "s")
    PLAN.run(tmp_path / "s", progress=lambda p: computed.append(p.new_runs))
    assert computed[-1] == len(PLAN) - len(few)
    PLAN.run(tmp_path / "t")
    assert table_bytes(tmp_path / "s") == table_bytes(tmp_path / "t")
    assert "runs = 40" in (tmp_path / "s" / "plan.toml").read_text()
    assert few.run(tmp_path / "s").values().shape == (12, 20)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seed": 1}, "must belong to the plan"),
        ({"episodes": 31}, "must belong to the plan"),
    ],
)
def test_the_store_of_another_plan_is_refused(
    undisturbed: Path, change: dict[str, Any], sentence: str
) -> None:
    before = table_bytes(undisturbed)
    with pytest.raises(gw.ExperimentError, match=sentence):
        replace(PLAN, **change).run(undisturbed)
    assert table_bytes(undisturbed) == before


@pytest.mark.parametrize("key", ["format", "stream_version"])
def test_the_store_of_another_version_is_refused(key: str, tmp_path: Path) -> None:
    replace(PLAN, runs=1).run(tmp_path / "s")
    path = tmp_path / "s" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: 99}))
    with pytest.raises(gw.ExperimentError, match=r"must belong to the .* 1, got one of .* 99"):
        replace(PLAN, runs=1).run(tmp_path / "s")


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(gw.ExperimentError, match="an empty folder or an experiment's"):
        PLAN.run(tmp_path)
    with pytest.raises(gw.ExperimentError, match="must be a folder, got a file"):
        PLAN.run(tmp_path / "letter.txt")
    with pytest.raises(gw.FileError, match="must be the folder of an experiment"):
        gw.Results.load(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_store_whose_plan_no_text_holds_is_read_with_it(tmp_path: Path) -> None:
    own = gw.Measure("own", lambda outcome: outcome.steps)
    plan = gw.Experiment(runs=3, episodes=2, measures=[own])
    values = plan.run(tmp_path / "s").values()
    with pytest.raises(gw.FileError, match=r"must be given, Results.load.folder, plan"):
        gw.Results.load(tmp_path / "s")
    loaded = gw.Results.load(tmp_path / "s", plan)
    np.testing.assert_array_equal(loaded.values(), values)
    with pytest.raises(gw.ExperimentError, match="must belong to the plan"):
        gw.Results.load(tmp_path / "s", replace(plan, seed=1))
    with pytest.raises(gw.FileError, match="got no manifest"):
        gw.Results.load(tmp_path / "nothing", plan)


def test_until_does_not_wait_for_numbers_that_never_come() -> None:
    never = gw.Experiment(runs=4, episodes=1, measures=["optimal_since"])
    assert never.run(until="half-width 0.1, at most 64 runs").plan.runs == 4


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    first = store.Store(tmp_path / "s", PLAN)
    first.begin()
    with first.locked(), pytest.raises(gw.ExperimentError, match="one process at a time"):
        PLAN.run(tmp_path / "s")
    assert PLAN.run(tmp_path / "s").complete


@pytest.mark.parametrize("cut", [0, 10, -1])
def test_a_damaged_block_is_named(cut: int, tmp_path: Path) -> None:
    def stop(progress: ExperimentProgress) -> None:
        if progress.new_runs > 200:
            raise KeyboardInterrupt

    with pytest.raises(gw.ExperimentInterrupted):
        PLAN.run(tmp_path / "s", progress=stop)
    path = next((tmp_path / "s" / "blocks").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(gw.FileError, match=path.name):
        gw.Results.load(tmp_path / "s")


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(
    undisturbed: Path, tmp_path: Path
) -> None:
    def stop(progress: ExperimentProgress) -> None:
        if progress.new_runs > 150:
            raise KeyboardInterrupt

    with pytest.raises(gw.ExperimentInterrupted, match="the same call goes on") as stopped:
        PLAN.run(tmp_path / "s", progress=stop)
    assert "of 480 runs finished" in str(stopped.value)
    partial = gw.Results.load(tmp_path / "s")
    assert not partial.complete
    assert partial.runs > 100
    told: list[ExperimentProgress] = []
    PLAN.run(tmp_path / "s", progress=told.append)
    assert told[0].runs == partial.runs
    assert told[-1].new_runs == 480 - partial.runs
    assert table_bytes(tmp_path / "s") == table_bytes(undisturbed)


@pytest.mark.parametrize("number", [1, 4, 9])
def test_a_full_disk_loses_nothing(
    number: int, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, calls = os.fsync, 0

    def fail(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls >= 2 * number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="No space left") as failed:
            PLAN.run(tmp_path / "s")
        assert failed.value.errno == errno.ENOSPC
    if number > 1:  # the first files are the manifest and the plan
        said = re.search(
            r"stopped with (\d+) of 480 runs finished, .* the same call goes on", str(failed.value)
        )
        assert said is not None
        # a file may be there whose folder could not be synchronised
        assert 0 <= gw.Results.load(tmp_path / "s").runs - int(said[1]) <= 30
    PLAN.run(tmp_path / "s")
    assert table_bytes(tmp_path / "s") == table_bytes(undisturbed)
    assert not list((tmp_path / "s").rglob(".*.tmp"))


KILLED = """
import os, signal, sys, threading, time
from gridworld.experiments import blocks, store
from core.experiments.test_store import PLAN
blocks.MOST_BLOCK_ROWS, store.ROW_GROUP = 30, 100
if len(sys.argv) > 2:
    kill = threading.Timer(float(sys.argv[2]), os.kill, (os.getpid(), signal.SIGKILL))
    kill.daemon = True
    kill.start()
begin = time.monotonic()
PLAN.run(sys.argv[1])
print(time.monotonic() - begin)
"""


def run_until_killed(folder: Path, *seconds: float) -> "subprocess.CompletedProcess[str]":
    tests = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), *map(str, seconds)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), *sys.path])},
        timeout=120,
    )


def test_kill_9_at_any_moment_loses_no_finished_block(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    whole = float(run_until_killed(tmp_path / "whole").stdout)
    rng = random.Random(0)
    seen: dict[str, tuple[int, int]] = {}
    killed = 0
    for _ in range(6):
        killed += run_until_killed(folder, rng.uniform(0, whole / 2)).returncode == -signal.SIGKILL
        for path in folder.rglob("*.parquet"):
            stat = path.stat()
            assert seen.setdefault(path.name, (stat.st_ino, stat.st_mtime_ns)) == (
                stat.st_ino,
                stat.st_mtime_ns,
            ), "a finished block ran twice"
    assert killed > 0
    PLAN.run(folder)
    assert table_bytes(folder) == table_bytes(undisturbed)


def test_until_doubles_the_runs_and_says_so(tmp_path: Path) -> None:
    plan = gw.Experiment(vary={"learning_rate": [0.1, 0.5]}, runs=10, episodes=20)
    results = plan.run(tmp_path / "s", until="half-width 0.2 of return_mean")
    assert results.looks > 1
    assert results.plan.runs == 10 * 2 ** (results.looks - 1)
    assert results.level > 0.95
    summary = results.summary().to_pylist()
    assert all((row["mean_high"] - row["mean_low"]) / 2 <= 0.2 for row in summary)
    limited = plan.run(until="half-width 0.001, at most 25 runs")
    assert limited.plan.runs == 25


def test_who_reads_a_store_later_gets_the_intervals_of_the_last_look(tmp_path: Path) -> None:
    plan = gw.Experiment(vary={"learning_rate": [0.1, 0.5]}, runs=10, episodes=20)
    results = plan.run(tmp_path / "s", until="half-width 0.2")
    assert results.looks > 1
    found = replace(plan, runs=results.plan.runs)
    for again in (gw.Results.load(tmp_path / "s"), found.run(tmp_path / "s")):
        assert (again.looks, again.level) == (results.looks, results.level)
        assert again.summary().equals(results.summary(), check_metadata=True)
    more = replace(plan, runs=found.runs + 1).run(tmp_path / "s")
    assert (more.looks, more.level) == (1, 0.95)  # it was not looks that chose so many
    (tmp_path / "s" / store.LOOKS).write_text("{}")
    with pytest.raises(gw.FileError, match="must say runs, looks and level"):
        gw.Results.load(tmp_path / "s")


def test_a_rule_about_a_measure_that_is_not_kept_is_refused_before_anything_runs(
    tmp_path: Path,
) -> None:
    with pytest.raises(
        gw.ExperimentError, match="a measure of this plan must be one of return_mean"
    ):
        PLAN.run(tmp_path / "s", until="half-width 1 of length_mean")
    assert not (tmp_path / "s").exists()


def test_the_table_of_another_plan_is_refused(undisturbed: Path, tmp_path: Path) -> None:
    other = replace(PLAN, seed=1, runs=2)
    other.run(tmp_path / "s")
    (tmp_path / "s" / store.TABLE).write_bytes(table_bytes(undisturbed))
    for read in (gw.Results.load, other.run):
        with pytest.raises(gw.FileError, match=r"must be of the plan \w{12}, got one of the plan"):
            read(tmp_path / "s")


def test_what_asks_whether_to_stop_ends_it_as_ctrl_c_does(
    undisturbed: Path, tmp_path: Path
) -> None:
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 8

    with pytest.raises(gw.ExperimentInterrupted, match="the same call goes on"):
        PLAN.run(tmp_path / "s", should_stop=should_stop)
    assert not gw.Results.load(tmp_path / "s").complete
    PLAN.run(tmp_path / "s", should_stop=lambda: False)
    assert table_bytes(tmp_path / "s") == table_bytes(undisturbed)


def test_ctrl_c_within_a_lock_is_no_error_of_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("release unlocked lock")

    monkeypatch.setattr(running, "compute", interrupted)
    with pytest.raises(gw.ExperimentInterrupted, match="0 of 480 runs finished"):
        PLAN.run(tmp_path / "s")


@pytest.mark.parametrize("text", ["", "0.1", "half-width x", "half-width 0", "nan"])
def test_a_rule_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(gw.ExperimentError, match="half-width"):
        PLAN.run(until=text)


def test_the_interval_after_many_looks_still_holds() -> None:
    rng = np.random.default_rng(0)
    rule = Until.parse("half-width 0.3")
    held = []
    for _ in range(1000):
        x = rng.normal(0, 1, 4096)
        n, looks = 8, 1
        while True:
            level = rule.level(looks)
            found = statistics.mean(x[:n], level)
            if found.half_width <= rule.half_width:
                break
            n, looks = 2 * n, looks + 1
        held.append(found.low <= 0 <= found.high)
    assert np.mean(held) >= 0.95


def test_an_estimate_is_near_what_it_takes() -> None:
    made = PLAN.estimate()
    assert (made.settings, made.runs) == (12, 480)
    steps = PLAN.run().values("steps").sum()
    assert 0.5 * steps < made.steps < 2 * steps
