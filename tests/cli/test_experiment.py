"""`gridworld-bench experiment`."""

import csv
import json
import re
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import gridworld as gw
from cli.outcome import CommandLine
from gridworld.experiments.links import link_of

PLAN = """
worlds = ["default"]
algorithms = ["q_learning", "sarsa"]
runs = 40
episodes = 20
measures = ["return_mean", "regret"]
[vary]
learning_rate = [0.1, 0.5]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("experiment") / "s"
    gw.Experiment.from_toml(PLAN).run(folder)
    return folder


def test_a_plan_is_made_run_and_read(command_line: CommandLine, tmp_path: Path) -> None:
    plan = tmp_path / "p.toml"
    assert command_line("experiment", "new", "--world", "easy", "-o", str(plan)).code == 0
    again = command_line("experiment", "new", "-o", str(plan))
    assert (again.code, "must not exist yet" in again.err) == (1, True)
    plan.write_text(PLAN)
    dry = command_line("experiment", "run", str(plan), "--dry-run", "--json")
    assert json.loads(dry.out)["runs"] == 160
    assert [path.name for path in tmp_path.iterdir()] == ["p.toml"]
    done = command_line("experiment", "run", str(plan))
    assert done.code == 0, done.err
    assert "160 runs of 4 settings" in done.out
    assert "not told from the best" in done.out
    assert (tmp_path / "p" / "table.parquet").exists()
    plan.write_text(PLAN.replace("runs", "seed = 3\nruns", 1))
    other = command_line("experiment", "run", str(plan))
    assert (other.code, "must belong to the plan" in other.err) == (2, True)


def test_a_store_answers(command_line: CommandLine, store: Path, tmp_path: Path) -> None:
    folder = str(store)
    rows = json.loads(command_line("experiment", "summary", folder, "--json").out)
    assert [row["n"] for row in rows] == [40] * 4
    assert "95 % t interval" in command_line("experiment", "summary", folder).out
    found = command_line(
        "experiment", "compare", folder, "0", "algorithm=sarsa,learning_rate=0.5", "--json"
    )
    assert json.loads(found.out)[0]["difference"]["n"] == 40
    best = json.loads(command_line("experiment", "best", folder, "--json").out)
    assert best["choosing_runs"] + best["reporting_runs"] == 40
    lines = command_line("experiment", "table", folder).out.splitlines()
    assert len(lines) == 161
    parquet = tmp_path / "t.parquet"
    assert command_line("experiment", "table", folder, "--parquet", str(parquet)).code == 0
    assert pq.read_table(parquet).num_rows == 160
    curve = json.loads(
        command_line("experiment", "curve", folder, "1", "--points", "5", "--json").out
    )
    assert [row["episode"] for row in curve] == [4, 8, 12, 16, 20]
    picture = tmp_path / "u.svg"
    drawn = command_line("experiment", "figure", folder, "sensitivity", "-o", str(picture))
    assert drawn.code == 0, drawn.err
    assert picture.stat().st_size > 1000
    drawn = command_line(
        "experiment", "figure", folder, "profile", "-o", str(picture), "--csv", "-"
    )
    assert drawn.out.splitlines()[0] == '"setting","return_mean","share","low","high"'
    assert len(drawn.out.splitlines()) == 161


@pytest.mark.parametrize(
    ("question", "rows"),
    [(["summary"], 4), (["compare", "0", "1", "2"], 2), (["best"], None), (["table"], 160)],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_answer_is_written_as_json_csv_and_parquet(
    question: list[str], rows: int | None, command_line: CommandLine, store: Path, tmp_path: Path
) -> None:
    name, *rest = question
    files = {suffix: tmp_path / f"answer.{suffix}" for suffix in ("csv", "parquet")}
    options = [text for suffix, path in files.items() for text in (f"--{suffix}", str(path))]
    done = command_line("experiment", name, str(store), *rest, "--json", *options)
    assert done.code == 0, done.err
    document = json.loads(done.out)
    listed = document["not_told_from_the_best"] if name == "best" else document
    assert len(listed) == (rows or len(listed)) > 0
    table = pq.read_table(files["parquet"]).to_pylist()
    with files["csv"].open() as file:
        lines = list(csv.DictReader(file))
    assert len(table) == len(lines) == len(listed)
    for row, line, told in zip(table, lines, listed, strict=True):
        assert list(row) == list(line)
        for key, value in told.items():
            parts = value if isinstance(value, dict) else {"": value}
            for part, each in parts.items():
                assert row[f"{key}_{part}".rstrip("_")] == each
        for key, each in row.items():
            if isinstance(each, float):
                assert float(line[key]) == each
    alone = command_line("experiment", name, str(store), *rest, "--csv", "-")
    assert alone.out == files["csv"].read_text()


@pytest.mark.parametrize("number", [0, 7, 39])
def test_a_row_s_link_is_the_run_bit_for_bit(
    number: int, command_line: CommandLine, store: Path, tmp_path: Path
) -> None:
    link = command_line("experiment", "link", str(store), "3", str(number)).out.strip()
    save = tmp_path / "run.npz"
    done = command_line("train", "--config", link, "--save", str(save))
    assert done.code == 0, done.err
    setting = gw.Results.load(store).plan.settings[3]
    alone = gw.train(setting.mdp, setting.algorithm, first_agent=number, episodes=20)
    assert gw.Run.load(save).q.tobytes() == alone.q.tobytes()
    row = gw.Results.load(store).values()[3, number]
    assert row == pytest.approx(float(np.mean(alone.returns)), abs=1e-4)


@pytest.mark.parametrize("budget", [{"steps": 300}, {"steps": 300, "episodes": 4}])
@pytest.mark.parametrize("number", [3, 4095, 123_456, 999_999])
def test_a_link_holds_any_run_of_any_plan(
    number: int, budget: dict[str, Any], command_line: CommandLine, tmp_path: Path
) -> None:
    renamed = replace(gw.make("easy"), name="hard", slip=0.125)  # not what its name says
    plan = gw.Experiment(
        worlds=[renamed, "cliff-walking", "maze-9:3"],
        algorithms=["double_q_learning", gw.Sarsa(initial_value=2.5)],
        vary={"learning_rate": [0.3], "epsilon": [1 / 3]},
        runs=10**6,
        seed=2**53 - 1,
        **budget,
    )
    for setting in plan.settings:
        link = link_of(plan, setting, number, "http://127.0.0.1:8000/")
        save = tmp_path / f"{setting.index}.npz"
        assert command_line("train", "--config", link, "--save", str(save)).code == 0
        alone = gw.train(
            setting.mdp, setting.algorithm, first_agent=number, seed=plan.seed, **budget
        )
        found = gw.Run.load(save)
        assert found.q.tobytes() == alone.q.tobytes()
        assert found.steps.tolist() == alone.steps.tolist()


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_says_what_is_kept_and_how_to_go_on(
    kind: signal.Signals, command: tuple[str, ...], tmp_path: Path
) -> None:
    # the first line of progress comes when all is compiled that these measures need
    plan = PLAN.replace("runs = 40", "runs = 400_000_000").replace(', "regret"', "")
    (tmp_path / "p.toml").write_text(plan)
    arguments = [*command, "experiment", "run", "p.toml"]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(arguments, cwd=tmp_path, **pipes) as running:
        assert running.stdout is not None
        running.stdout.readline()  # a plain line of progress, as it is a pipe
        for _ in range(2):  # a terminal that is closed sends two
            running.send_signal(kind)
        _, err = running.communicate(timeout=300)
    assert running.returncode == 128 + kind
    assert "Traceback" not in err
    assert re.search(
        r"stopped with [\d,]+ of 1,600,000,000 runs finished, kept in p; the same command", err
    )


WALK = gw.Sarsa(learning_rate=0.1, discount_factor=1.0)


@pytest.mark.parametrize(
    "plan",
    [
        {"worlds": ["random-walk-19", "random-walk-5"], "algorithms": [WALK], "episodes": 12},
        {"worlds": ["king-windy", "king-windy-stochastic", "van-hasselt-3x3"], "steps": 400},
        {
            "worlds": ["blocking-maze", replace(gw.make("shortcut-maze"), name="mine")],
            "algorithms": ["sarsa", "dyna_q_plus"],
            "vary": {"slip": [0.0, 0.125]},
            "change": [(150, "blocking-maze-2"), (260, "shortcut-maze-2")],
            "steps": 400,
        },
        {"worlds": ["king-windy"], "change": [(99, "king-windy-stochastic")], "steps": 300},
        {"worlds": ["easy", gw.compile_world(gw.make("hard"))], "episodes": 3, "steps": 2**60},
    ],
    ids=["walks", "processes", "changes", "changing process", "long budget"],
)
def test_a_link_holds_processes_worlds_that_change_and_any_seed(
    plan: dict[str, Any], command_line: CommandLine, tmp_path: Path
) -> None:
    made = gw.Experiment(runs=10**6, seed=2**63 - 2, **plan)
    for setting in made.settings:
        link = link_of(made, setting, 123_456, "http://127.0.0.1:8000/")
        save = tmp_path / f"{setting.index}.npz"
        done = command_line("train", "--config", link, "--save", str(save), "--json")
        assert done.code == 0, done.err
        alone = gw.train(
            setting.mdp,
            setting.algorithm,
            first_agent=123_456,
            seed=made.seed,
            episodes=made.episodes,
            steps=made.steps,
            change=setting.changes,
        )
        assert gw.Run.load(save).q.tobytes() == alone.q.tobytes()
        assert done.json["world"] == setting.mdp.name
        told = done.json.get("change", [])
        assert told == [[step, mdp.name] for step, mdp in setting.changes]


def test_what_no_link_holds_is_refused_with_the_call_that_repeats_it() -> None:
    # not the process that its name makes
    process = replace(gw.make("random-walk-5"), name="random-walk-19")
    plan = gw.Experiment(worlds=[process], algorithms=["sarsa"], runs=9, steps=60, seed=2**60)
    results = plan.run()
    with pytest.raises(gw.ExperimentError, match="that a name makes, got random-walk-19") as caught:
        results.link(0, 7)
    code = str(caught.value).partition("in Python, ")[2].removesuffix(" repeat it")
    names: dict[str, Any] = {"plan": plan, "gridworld": gw}
    for line in code.split(" and "):
        exec(f"run = {line}" if line.startswith("gridworld") else line, names)
    assert results.values()[0, 7] == pytest.approx(np.nanmean(names["run"].returns))


def test_what_is_given_beside_a_link_to_a_process_or_a_change(command_line: CommandLine) -> None:
    walk = gw.write_link({"world": "random-walk-5", "num_episodes": 3})
    refused = command_line("train", "--config", walk, "--slip", "0.1")
    assert (refused.code, "--slip must be left out with the process" in refused.err) == (2, True)
    assert command_line("train", "--config", walk, "--world", "easy", "--json").json["slip"] == 0
    settings = {"world": "blocking-maze", "num_episodes": None, "num_steps": 50}
    change = gw.write_link({**settings, "change": [(20, {"world": "blocking-maze-2"})]})
    said = command_line("train", "--config", change).out
    assert "blocking-maze, after 20 steps blocking-maze-2" in said
    refused = command_line("train", "--config", change, "--episodes", "5")
    assert (refused.code, "must have a budget of steps alone" in refused.err) == (2, True)
    assert (
        "change" not in command_line("train", "--config", change, "--world", "easy", "--json").json
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "nowhere.toml"], "nowhere.toml"),
        (["summary", "nowhere"], "must be the folder of an experiment"),
    ],
)
def test_what_is_not_there_is_named(
    arguments: list[str], sentence: str, command_line: CommandLine
) -> None:
    found = command_line("experiment", *arguments)
    assert found.code in (1, 2)
    assert sentence in found.err
    assert "Traceback" not in found.err
