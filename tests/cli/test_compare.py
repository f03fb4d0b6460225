import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import psutil
import pytest

import gridworld as gw
from cli.outcome import CommandLine
from gridworld_cli.chart import chart
from gridworld_peers import ALGORITHMS, PEERS, Peer, Unavailable, Work, work

QUICK = ("--repeats", 1, "--seconds", 0.001)

SVG = "{http://www.w3.org/2000/svg}"


def at_hand(peer: Peer) -> bool:
    """Whether this machine has what the peer needs."""
    try:
        peer.prepare(next(what for what in (Work(5, 1), Work(5, 32)) if peer.can(what)))
    except Unavailable:
        return False
    return True


AT_HAND = [peer for peer in PEERS if at_hand(peer)]
"""JAX, a C compiler and AVX-512 need not be there; what is there is tested."""


def test_the_peers_that_need_nothing_are_always_at_hand() -> None:
    names = {peer.name for peer in AT_HAND}
    assert {"Python loop", "Gymnasium loop", "gridworld-bench"} <= names
    assert ("C" in names) == (shutil.which("gcc") is not None)


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_compare_measures_every_case_and_writes_figures_and_picture(
    command_line: CommandLine, tmp_path: Path
) -> None:
    figures, picture = tmp_path / "figures.json", tmp_path / "picture.svg"
    files = ("--output", figures, "--picture", picture)
    sizes = ("--size", 5, "--size", 9, "--agents", 1, "--agents", 32, "--algorithm", "q_learning")
    data = command_line("compare", *QUICK, *sizes, *files, "--json").json
    assert data["schema"] == "gridworld-bench/compare/2"
    assert data["machine"]["processor"]
    assert [(entry["size"], entry["agents"]) for entry in data["works"]] == [
        (5, 1),
        (5, 32),
        (9, 1),
        (9, 32),
    ]
    for entry in data["works"]:
        assert entry["skipped"] is None
        able = [peer for peer in PEERS if peer.can(Work(entry["size"], entry["agents"]))]
        assert [(result["name"], result["threads"]) for result in entry["results"]] == [
            (peer.name, peer.threads) for peer in able if peer.name not in data["missing"]
        ]
        first = next(
            (result for result in entry["results"] if result["name"] == "C"), entry["results"][0]
        )
        assert first["ratio"] == 1
        for result in entry["results"]:
            rates = result["steps_per_second"]
            assert rates["lowest"] <= rates["median"] <= rates["highest"]
            assert result["ratio"] == rates["median"] / first["steps_per_second"]["median"]
            assert result["spread"] >= 0
            assert result["steps"][0] > 0
    assert figures.exists()
    bars = [text for text in texts(picture.read_text("utf-8")) if " x " not in text]
    for entry in data["works"]:
        for result in entry["results"]:
            assert any(text.startswith(result["name"]) for text in bars)


def test_compare_prints_a_table(command_line: CommandLine) -> None:
    outcome = command_line("compare", *QUICK, "--agents", 1, "--size", 5)
    assert outcome.code == 0
    for title in ("SARSA(\N{GREEK SMALL LETTER LAMDA})", "n-step SARSA", "Dyna-Q"):
        assert f"5 x 5, 1 agent, {title}" in outcome.out
    assert re.search(r"^5 x 5, 1 agent +Python loop", outcome.out, re.MULTILINE)
    assert "Gymnasium loop" in outcome.out
    assert "gridworld-bench" in outcome.out
    assert "AVX-512" not in outcome.out.partition("\n\n")[0]


def test_compare_skips_and_shows_what_memory_cannot_hold(
    command_line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=10**9, total=1))
    arguments = ("compare", *QUICK, "--size", 1024, "--agents", 1024, "--algorithm", "q_learning")
    path = tmp_path / "picture.svg"
    outcome = command_line(*arguments, "--picture", path)
    assert outcome.code == 0
    cases = len([peer for peer in PEERS if peer.can(Work(1024, 1024))])
    needs = cases * 1024**2 * (32 + 16 * 1024)
    words = f"skipped: needs {needs / 1e9:.1f} GB, more than half of 1.0 GB"
    assert words in outcome.out
    assert words in texts(path.read_text("utf-8"))
    assert command_line(*arguments, "--json").json["works"] == [
        {
            "size": 1024,
            "agents": 1024,
            "algorithm": "q_learning",
            "results": [],
            "skipped": {"needs_bytes": needs, "free_bytes": 10**9},
        }
    ]


def test_an_algorithm_that_nobody_else_has_is_refused(command_line: CommandLine) -> None:
    outcome = command_line("compare", "--algorithm", "sarsa")
    assert outcome.code == 2
    assert (
        "must be one of q_learning, sarsa_lambda, n_step_sarsa, dyna_q, got 'sarsa'" in outcome.err
    )


@pytest.mark.skipif(shutil.which("gcc") is None, reason="C is compiled by gcc")
@pytest.mark.parametrize("algorithm", ALGORITHMS[1:])
def test_loops_in_c_learn_as_the_library_does(algorithm: str) -> None:
    """Not to the bit, for their random numbers differ, but to the same values on the way."""
    what = Work(5, 1, algorithm)
    values = []
    for peer in PEERS:
        if peer.can(what):
            ready = peer.prepare(what)
            tables = []
            for _ in range(60):
                ready.run(20_000)
                tables.append(np.array(ready.table()).max(axis=-1).reshape(-1)[[0, 22, 23]])
            values.append(np.mean(tables[10:], axis=0))
    assert len(values) == 2
    assert np.abs(values[0] - values[1]).max() < 0.7
    assert values[1][-1] == pytest.approx(10, abs=0.1)


def test_a_size_without_an_inner_cell_is_refused(command_line: CommandLine) -> None:
    assert command_line("compare", "--size", 1).code == 2


def test_peers_are_asked_only_for_what_they_are_made_for() -> None:
    def names(what: Work) -> set[str]:
        return {peer.name for peer in PEERS if peer.can(what)}

    loops, vector = {"Python loop", "Gymnasium loop"}, {"C with AVX-512"}
    everyone = {peer.name for peer in PEERS}
    assert names(Work(5, 1)) == everyone - vector
    assert names(Work(5, 33)) == everyone - loops - vector
    assert names(Work(64, 1024)) == everyone - loops
    assert "C with AVX-512" not in names(Work(1024, 1024)), "31 bits number its entries"
    assert all(peer.threads == 1 for peer in PEERS if peer.name.startswith(("C", "Python")))


@pytest.mark.parametrize("peer", AT_HAND, ids=lambda peer: f"{peer.name}, {peer.threads} threads")
def test_every_peer_learns_the_way_to_the_goal(peer: Peer) -> None:
    what = next(what for what in (Work(5, 1), Work(5, 32)) if peer.can(what))
    ready = peer.prepare(what)
    done = ready.run(30_000 * what.agents)
    assert done >= 30_000 * what.agents
    next_state, _ = what.outcomes()
    state, path = 0, [0]
    while len(path) < 20:
        following = int(next_state[4 * state + int(np.argmax(ready.table()[state]))])
        if following < 0:
            state = ~following
            break
        state = following
        path.append(state)
    assert state == 24, path
    assert len(path) == 8, path


@pytest.mark.parametrize("peer", AT_HAND, ids=lambda peer: f"{peer.name}, {peer.threads} threads")
def test_every_peer_works_on_a_larger_grid(peer: Peer) -> None:
    what = next(what for what in (Work(40, 1), Work(40, 64)) if peer.can(what))
    ready = peer.prepare(what)
    assert ready.run(20_000) > 0
    table = np.asarray(ready.table())
    assert table.shape == (1600, 4)
    touched = np.flatnonzero(table.any(axis=1))
    assert len(touched) > 4
    assert touched.max() > 40, "it never left the first row"


def test_peers_work_on_the_default_world() -> None:
    mdp = gw.compile_world(gw.make("default"))
    next_state, reward = Work(5).outcomes()
    visited = np.repeat([cell not in b"GX" for cell in gw.make("default").cells], 4)
    np.testing.assert_array_equal(next_state[visited], mdp.outcomes["next_state"][visited])
    np.testing.assert_array_equal(reward[visited], mdp.outcomes["reward"][visited])
    assert mdp.max_steps == work.MAX_STEPS


@pytest.mark.parametrize("size", [2, 3, 6, 64, 101])
def test_peers_work_on_the_same_open_grid(size: int) -> None:
    world = gw.GridWorld.from_text(Work(size).rows, max_steps=work.MAX_STEPS)
    assert world.starts.tolist() == [0]
    assert world.goals.tolist() == [size**2 - 1]
    assert len(world.pits) == len(range(5, size, 8)) * len(range(3, size, 8))
    outcomes = gw.compile_world(world).outcomes
    next_state, reward = Work(size).outcomes()
    visited = np.repeat([cell not in b"GX" for cell in world.cells], 4)
    np.testing.assert_array_equal(next_state[visited], outcomes["next_state"][visited])
    np.testing.assert_array_equal(reward[visited], outcomes["reward"][visited])


def test_a_longer_bar_is_a_faster_case_by_decades() -> None:
    results = [
        {
            "name": name,
            "threads": threads,
            "ratio": rate / 1e6,
            "steps_per_second": {"median": rate},
        }
        for name, threads, rate in (("A & B", 1, 1e5), ("C", 1, 1e6), ("D", 2, 1e7))
    ]
    machine = {"processor": "<P>", "processors": 2, "date": "2026-01-02T03:04:05Z"}
    data = {
        "works": [{"size": 64, "agents": 1024, "results": results, "skipped": None}],
        "machine": machine,
    }
    svg = chart(data)
    shown = texts(svg)
    for text in ("64 x 64, 1,024 agents", "A & B", "D, 2 threads", "<P>, 2 processors, 2026-01-02"):
        assert text in shown
    bars = [
        float(bar.attrib["width"])
        for bar in ElementTree.fromstring(svg).iter(f"{SVG}rect")
        if "x" in bar.attrib
    ]
    assert len(bars) == 3
    assert bars[2] - bars[1] == pytest.approx(bars[1] - bars[0], abs=0.2)


@pytest.mark.parametrize("command", ["bench", "compare"])
def test_an_unwritable_file_is_found_out_before_measuring(
    command_line: CommandLine, tmp_path: Path, command: str
) -> None:
    path = tmp_path / "missing" / "figures.json"
    outcome = command_line(command, "--seconds", 1e6, "--output", path)  # it would run for days
    assert outcome.code == 1
    assert outcome.err == f"gridworld-bench: {path.parent}: No such folder.\n"
