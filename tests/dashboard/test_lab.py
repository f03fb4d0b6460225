"""Experiments beside the training: what is asked of the server, and what becomes of it."""

import http.client
import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import gridworld as gw
from dashboard.process import Process
from gridworld.algorithms import algorithm_of
from gridworld.experiments import extras
from gridworld.experiments.results import Comparison
from gridworld.store.link import write_link
from gridworld_dashboard.access import Access
from gridworld_dashboard.lab import processes
from gridworld_dashboard.lab.answers import Answers
from gridworld_dashboard.lab.lab import DOINGS, QUESTIONS
from gridworld_dashboard.lab.places import BIN, FOLDER, Places
from gridworld_dashboard.server import DashboardServer

PATIENCE_S = 110.0

CLIFF = {
    "world": "cliff-walking",
    "num_episodes": 30,
    "epsilon": 0.1,
    "epsilon_decay": 1.0,
    "epsilon_min": 0.1,
    "discount_factor": 1.0,
}


def draft(**changes: Any) -> dict[str, Any]:
    axes = [{"key": "learning_rate", "low": 0.2, "high": 1.0, "count": 3, "log": False}]
    asked = {"link": write_link(CLIFF), "axes": axes, "runs": 12, "episodes": 30}
    return asked | {"measure": "return_mean"} | changes


def long_draft() -> dict[str, Any]:
    """It takes minutes: to be stopped."""
    return draft(runs=3000, episodes=100_000)


class Client:
    """Asks a server."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.port = port
        self.headers = {"Content-Type": "application/json"}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"

    def request(
        self, method: str, path: str, data: object = None, **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            body = None if data is None else json.dumps(data)
            connection.request(method, f"/experiments{path}", body, self.headers | headers)
            response = connection.getresponse()
            return response.status, response.read(), dict(response.getheaders())
        finally:
            connection.close()

    def ask(self, question: str, **data: Any) -> Any:
        return self.post(f"/ask/{question}", data)

    def do(self, doing: str, **data: Any) -> Any:
        return self.post(f"/do/{doing}", data)

    def post(self, path: str, data: dict[str, Any]) -> Any:
        status, body, _ = self.request("POST", path, data)
        assert status == 200, body
        return json.loads(body)

    def refused(self, path: str, data: object) -> tuple[int, str]:
        status, body, _ = self.request("POST", path, data)
        assert status >= 400, body
        return status, str(json.loads(body)["message"])

    def entry(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = {one["key"]: one for one in self.ask("list")["stores"]}[key]
        return found

    def until(self, key: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while not holds(entry := self.entry(key)):
            assert time.monotonic() < deadline, entry
            time.sleep(0.05)
        return entry

    def finished(self, key: str) -> dict[str, Any]:
        return self.until(key, lambda entry: entry.get("state") in ("done", "failed", "stopped"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[DashboardServer]:
    made = DashboardServer(port=0, folder=folder)
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(server: DashboardServer) -> Client:
    return Client(server.port)


@pytest.fixture(scope="module")
def done(client: Client) -> str:
    """An experiment that is finished."""
    key: str = client.do("begin", **draft())["key"]
    assert client.finished(key)["state"] == "done"
    return key


def test_the_form_offers_the_numbers_that_count_and_what_they_are(client: Client) -> None:
    form = client.ask("form", link=write_link(CLIFF))
    axes = {axis["key"]: axis for axis in form["axes"]}
    assert axes["learning_rate"]["now"] == 0.1
    assert "temperature" not in axes  # epsilon-greedy: it counts for nothing
    assert {"epsilon", "slip", "max_steps"} <= set(axes)
    assert form["episodes"] == 30
    assert form["world"] == "cliff-walking"
    assert form["most_steps"] == 100 * 4 * 12
    soft = client.ask("form", link=write_link({"exploration": "softmax", "algorithm": "dyna_q"}))
    assert {"temperature", "planning_steps"} <= {axis["key"] for axis in soft["axes"]}
    for one in form["measures"]:
        gw.Experiment(episodes=30, runs=2, measures=[one["name"]])


def test_an_estimate_says_how_much_it_is(client: Client) -> None:
    found = client.ask("estimate", **draft())
    assert (found["settings"], found["runs"]) == (3, 36)
    assert found["seconds"] > 0


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no link": ({"link": None}, "link must be a text"),
    "a broken link": ({"link": "#run=xyz"}, "link must"),
    "no axis": ({"axes": []}, "axes must be a list of one or two"),
    "three axes": ({"axes": [{}, {}, {}]}, "axes must be a list of one or two"),
    "an axis that is none": ({"axes": [1]}, "an axis must be one of"),
    "an unknown axis": ({"axes": [{"key": "seed"}]}, "an axis must be one of"),
    "an axis twice": (
        {"axes": [draft()["axes"][0], draft()["axes"][0]]},
        "an axis must be one of .* each once",
    ),
    "no count": (
        {"axes": [{"key": "epsilon", "low": 0, "high": 1}]},
        "values of epsilon must be a whole number",
    ),
    "too many values": (
        {"axes": [{"key": "epsilon", "low": 0, "high": 1, "count": 101}]},
        "values of epsilon must be .*100",
    ),
    "an end that is none": (
        {"axes": [{"key": "epsilon", "low": "0", "high": 1, "count": 3}]},
        "the range of epsilon cannot be",
    ),
    "beyond the range": (
        {"axes": [{"key": "epsilon", "low": 0, "high": 2, "count": 3}]},
        r"epsilon must be in \[0, 1\], got",
    ),
    "no logarithm": (
        {"axes": [{"key": "epsilon", "low": 0, "high": 1, "count": 3, "log": True}]},
        "must be above 0",
    ),
    "one run": ({"runs": 1}, "runs must be a whole number"),
    "too many runs": ({"runs": 1_000_000}, "at most 2,000,000 runs"),
    "half a run": ({"runs": 2.5}, "runs must be a whole number"),
    "no episodes": ({"episodes": None}, "episodes must be a whole number"),
    "an unknown measure": ({"measure": "luck"}, "a measure must be one of"),
    "a measure that is none": ({"measure": ["return_mean"]}, "measure must be a text"),
    "a plan that is not here": ({"plan": "nothing.toml"}, "a plan must be in the data folder"),
    "a plan elsewhere": ({"plan": "../x.toml"}, "must be in the data folder"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_begun_meets_a_sentence(client: Client, folder: Path, case: str) -> None:
    changes, words = WRONG[case]
    before = sorted(folder.rglob("manifest.json"))
    status, said = client.refused("/do/begin", draft(**changes))
    assert status in (400, 404)
    assert re.search(words, said), said
    assert re.search(words, client.ask("estimate", **draft(**changes))["problem"])
    assert sorted(folder.rglob("manifest.json")) == before


def test_what_is_no_question_is_refused(client: Client) -> None:
    assert client.refused("/ask/export", {})[0] == 404
    assert client.refused("/do/view", {})[0] == 404
    assert client.refused("/ask/view", [])[0] == 400
    status, _, _ = client.request("POST", "/ask/view", {}, **{"Content-Type": "text/plain"})
    assert status == 415
    for key in ("", "nothing", "..", f"{FOLDER}/{BIN}", f"{FOLDER}/../x", "/etc", ".qtables"):
        status, said = client.refused("/ask/view", {"store": key})
        assert (status, "must be in the data folder" in said) == (404, True), key


def test_a_finished_experiment_says_what_the_library_says(
    client: Client, folder: Path, done: str
) -> None:
    results = gw.Results.load(folder / done)
    said = client.ask("view", store=done)
    assert (said["runs"], said["all_runs"], said["complete"]) == (36, 36, True)
    summary = results.summary().to_pylist()
    for row, wanted in zip(said["rows"], summary, strict=True):
        for key in ("n", "mean", "mean_low", "mean_high", "diverged", "never_arrived", "cut_off"):
            assert row[key] == wanted[key]
    curve = results.sensitivity("learning_rate")
    [line] = said["sensitivity"]["lines"]
    [intervals] = curve.lines.values()
    assert [p["x"] for p in line["points"]] == list(curve.values)
    assert [p["mean"] for p in line["points"]] == [i.estimate for i in intervals]
    assert [p["low"] for p in line["points"]] == [i.low for i in intervals]
    values = results.values()
    for point in line["points"]:
        row = values[point["setting"]]
        assert abs(row[point["run"]] - row.mean()) == np.abs(row - row.mean()).min()
        assert all(row[run] == value for run, value in point["dots"])
        assert len(point["dots"]) == 12
    found, best = client.ask("best", store=done), results.best()
    assert found["setting"] == best.chosen.index
    assert found["reported"]["mean"] == best.reported.estimate
    assert [c["setting"] for c in found["candidates"]] == [c.setting.index for c in best.candidates]
    pairs = client.ask("better", store=done)["pairs"]
    assert len(pairs) == 6
    compared = results.compare(0, 1)
    assert isinstance(compared, Comparison)
    assert pairs[0]["mean"] == compared.probability.estimate
    curves = client.ask("curves", store=done)
    wanted_curve = results.curves(0, points=100)
    assert curves["lines"][0]["x"] == wanted_curve.x.tolist()
    assert curves["lines"][0]["mean"] == pytest.approx(wanted_curve.returns.mean(axis=0))


def test_a_run_of_it_is_a_link_to_the_very_training(
    client: Client, folder: Path, done: str
) -> None:
    code = client.ask("link", store=done, setting=1, run=7)["code"]
    settings = gw.read_link(code)
    assert settings["learning_rate"] == pytest.approx(0.6)
    assert (settings["first_agent"], settings["agents"], settings["seed"]) == (7, 1, 0)
    run = gw.train(
        gw.link_world(settings),
        algorithm_of(settings),
        first_agent=7,
        episodes=settings["num_episodes"],
        steps=settings["num_steps"],
        seed=0,
    )
    value = gw.Results.load(folder / done).values()[1, 7]
    assert run.returns.mean() == pytest.approx(value, rel=1e-5)
    for setting, number in ((3, 0), (0, 12), (-1, 0), (0, -1), ("0", 0), (0, None)):
        status, _ = client.refused("/ask/link", {"store": done, "setting": setting, "run": number})
        assert status == 400


def test_the_same_plan_again_is_the_same_experiment(client: Client, done: str) -> None:
    assert client.do("begin", **draft())["key"] == done
    assert client.finished(done)["state"] == "done"
    more = client.do("go", store=done, runs=24)
    assert more["message"]
    entry = client.until(done, lambda one: one.get("state") == "done" and one["all_runs"] == 72)
    assert entry["runs"] == 72
    assert client.refused("/do/go", {"store": done, "runs": 1})[0] == 400


def test_two_numbers_make_a_map_with_a_line_around_the_best(client: Client, folder: Path) -> None:
    axes = [
        {"key": "learning_rate", "low": 0.1, "high": 1, "count": 3, "log": True},
        {"key": "epsilon", "low": 0, "high": 0.4, "count": 2, "log": False},
    ]
    key = client.do("begin", **draft(axes=axes))["key"]
    assert client.finished(key)["state"] == "done"
    said = client.ask("view", store=key)
    heat = said["heat"]
    assert heat["x"]["values"] == pytest.approx([0.1, 0.1**0.5, 1])
    assert len(heat["cells"]) == 6
    results = gw.Results.load(folder / key)
    near = {c.setting.index for c in results.best().candidates}
    assert {cell["setting"] for cell in heat["cells"] if cell["inside"]} == near
    along = client.ask("view", store=key, axis="epsilon")["sensitivity"]
    assert along["axis"] == "epsilon"
    assert len(along["lines"]) == 3


EXPORTS = {
    "csv": b'"setting",',
    "parquet": b"PAR1",
    "toml": b"name =",
    "python": b"import gridworld as gw",
    "svg": b"<?xml",
    "png": b"\x89PNG",
}


@pytest.mark.parametrize("what", EXPORTS)
def test_it_comes_out_as_a_file(client: Client, done: str, what: str) -> None:
    status, body, headers = client.request(
        "GET", f"/file?store={done}&what={what}&figure=sensitivity&axis=learning_rate"
    )
    assert (status, body[: len(EXPORTS[what])]) == (200, EXPORTS[what])
    assert "attachment" in headers["Content-Disposition"]
    if what == "toml":
        assert gw.Experiment.from_toml(body.decode()).vary["learning_rate"]


def test_a_file_that_cannot_be_meets_a_sentence(client: Client, done: str) -> None:
    for query in ("what=doc", "what=svg", "what=svg&figure=heat-map", "what=png&figure=pie"):
        status, body, _ = client.request("GET", f"/file?store={done}&{query}")
        assert status == 400
        assert " must " in json.loads(body)["message"]


def test_it_is_stopped_goes_on_and_is_binned_and_comes_back(client: Client, folder: Path) -> None:
    key = client.do("begin", **long_draft())["key"]
    client.until(key, lambda one: one.get("progress", {}).get("runs", 0) > 0)
    name = key.partition("/")[2]
    said = client.ask("view", store=key)
    assert 0 < said["runs"] < said["all_runs"]
    client.do("stop", store=key)
    stopped = client.finished(key)
    assert stopped["state"] == "stopped"
    assert 0 < stopped["runs"] < stopped["all_runs"]
    client.do("go", store=key)
    client.until(key, lambda one: one["state"] == "running")
    client.do("delete", store=key)
    listed = client.ask("list")
    assert key not in {one["key"] for one in listed["stores"]}
    assert {"key": f"{FOLDER}/{BIN}/{name}", "name": name} in listed["bin"]
    assert (folder / FOLDER / BIN / name / "plan.toml").exists()
    client.do("restore", store=name)
    assert client.entry(key)["runs"] >= stopped["runs"]
    assert client.refused("/do/restore", {"store": name})[0] == 404
    client.do("delete", store=key)


def test_one_runs_and_a_bounded_number_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST_WAITING", 2)
    server = DashboardServer(port=0, folder=tmp_path)
    server.start()
    try:
        client = Client(server.port)
        drafts = [long_draft() | {"episodes": 50_000 + n} for n in range(3)]
        keys = [client.do("begin", **each)["key"] for each in drafts]
        states = [client.entry(key)["state"] for key in keys]
        assert states == ["running", "waiting", "waiting"]
        status, said = client.refused("/do/begin", long_draft() | {"episodes": 70_000})
        assert (status, "at most 2 experiments may wait" in said) == (400, True)
        client.do("stop", store=keys[1])
        client.do("stop", store=keys[0])
        client.until(keys[2], lambda one: one["state"] == "running")
        assert client.entry(keys[1])["state"] == "stopped"
    finally:
        server.close()
    assert not [one for one in psutil.Process().children(recursive=True) if _is_helper(one)]


def _is_helper(process: psutil.Process) -> bool:
    try:
        line = process.cmdline()
    except psutil.Error:
        return False
    return processes.MODULE in line and "run" in line


def test_stores_and_plans_of_the_command_line_are_listed(client: Client, folder: Path) -> None:
    plan = gw.Experiment(vary={"epsilon": [0.1, 0.5]}, runs=3, episodes=5, name="by hand")
    plan.run(folder / "by-hand")
    (folder / "mine.toml").write_text(plan.to_toml())
    (folder / "broken.toml").write_text("vary = 1\n")
    (folder / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    listed = client.ask("list")
    stores = {one["key"]: one for one in listed["stores"]}
    assert (stores["by-hand"]["runs"], stores["by-hand"]["name"]) == (6, "by hand")
    plans = {one["key"]: one for one in listed["plans"]}
    assert set(plans) == {"mine.toml", "broken.toml"}
    assert plans["mine.toml"]["all_runs"] == 6
    assert "vary must be a table" in plans["broken.toml"]["problem"]
    key = client.do("begin", plan="mine.toml")["key"]
    assert key == f"{FOLDER}/mine"
    assert client.finished(key)["state"] == "done"
    assert client.ask("view", store="by-hand")["complete"]


def test_a_damaged_store_is_said_to_be_and_hurts_no_other(client: Client, folder: Path) -> None:
    bad = folder / FOLDER / "bad"
    bad.mkdir(parents=True, exist_ok=True)
    (bad / "manifest.json").write_text("{}")
    (bad / "plan.toml").write_text("runs = 'many'\n")
    assert "runs must be a whole number" in client.entry(f"{FOLDER}/bad")["problem"]
    assert client.refused("/ask/view", {"store": f"{FOLDER}/bad"})[0] == 400
    client.do("delete", store=f"{FOLDER}/bad")


def test_who_watches_may_look_and_nothing_else(tmp_path: Path) -> None:
    access = Access.of("127.0.0.1", token="presenters-token.1")
    server = DashboardServer(port=0, folder=tmp_path, access=access)
    server.start()
    try:
        viewer, stranger = Client(server.port, access.viewer_token), Client(server.port)
        presenter = Client(server.port, access.token)
        key = presenter.do("begin", **draft())["key"]
        presenter.finished(key)
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        for doing in DOINGS:
            status, said = viewer.refused(f"/do/{doing}", draft() | {"store": key})
            assert (status, "must come from who steers" in said) == (403, True)
        assert viewer.ask("view", store=key)["complete"]
        assert viewer.ask("best", store=key)["candidates"]
        assert viewer.request("GET", f"/file?store={key}&what=csv")[0] == 200
        assert b'data-role="viewer"' in viewer.request("GET", "")[1]
        assert b'data-role="presenter"' in presenter.request("GET", "")[1]
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
        paths = [("GET", ""), ("GET", f"/file?store={key}&what=csv")]
        paths += [("POST", f"/ask/{one}") for one in QUESTIONS]
        paths += [("POST", f"/do/{one}") for one in DOINGS]
        for method, path in paths:
            assert stranger.request(method, path, {})[0] == 401
    finally:
        server.close()


def test_without_the_extra_one_is_told_what_to_type(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "PACKAGES", ("nothing_of_this_name",))
    words = "pip install 'gridworld-bench[experiments]'"
    assert words in client.ask("list")["problem"]
    for path in ("/ask/form", "/do/begin"):
        status, said = client.refused(path, draft())
        assert status == 501
        assert words in said


def test_an_answerer_that_was_killed_is_followed_by_another(
    server: DashboardServer, client: Client, done: str
) -> None:
    process = server._lab._answerer._process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert client.ask("view", store=done)["complete"]


def test_no_experiment_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    with Process(tmp_path) as running:
        client = Client(running.port)
        key = client.do("begin", **long_draft())["key"]
        client.until(key, lambda one: one.get("state") == "running")
        helpers = [
            one
            for one in psutil.Process(running.process.pid).children(recursive=True)
            if processes.MODULE in one.cmdline()
        ]
        assert len(helpers) == 2
        running.process.kill()
        running.process.wait()
        gone, alive = psutil.wait_procs(helpers, timeout=20)
        assert (len(gone), alive) == (2, [])
    assert Places(tmp_path).store(key).is_dir()
    assert Answers(tmp_path).answer("list", {})["stores"][0]["key"] == key
