import shutil
from pathlib import Path

import numpy as np
import pytest

import gridworld as gw
from cli.outcome import CommandLine
from gridworld_peers import PEERS, available_peers, work


def test_bench_measures_one_agent_and_batches(command_line: CommandLine) -> None:
    data = command_line(
        "bench", "--world", "easy", "--repeats", 2, "--seconds", 0.01, "--json"
    ).json
    assert data["schema"] == "gridworld-bench/bench/1"
    assert [entry["agents"] for entry in data["results"]] == [1, 32, 1024]
    for entry in data["results"]:
        assert entry["world"] == "easy"
        assert len(entry["steps_per_second"]["all"]) == 2
        assert entry["steps_per_second"]["lowest"] > 1e5
    assert data["machine"]["python"]


def test_compare_measures_this_tool_beside_its_peers(
    command_line: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "figures.json"
    outcome = command_line("compare", "--repeats", 1, "--seconds", 0.01, "--output", path)
    assert outcome.code == 0
    assert "Python loop, NumPy table" in outcome.out
    assert "Gymnasium loop, NumPy table" in outcome.out
    assert "gridworld-bench, 32 agents" in outcome.out
    assert path.exists()


def test_every_peer_is_there_or_says_what_it_needs() -> None:
    peers, missing = available_peers()
    assert len(peers) + len(missing) == len(PEERS)
    assert "Python" not in missing
    assert "Gymnasium" not in missing
    if shutil.which("gcc"):
        assert "C" not in missing
    for reason in missing.values():
        assert reason


@pytest.mark.parametrize("name", PEERS)
def test_every_peer_learns_the_way_to_the_goal(name: str) -> None:
    peers, missing = available_peers()
    found = [peer for peer in peers if peer.name.startswith(name)]
    assert found or name in missing
    next_state, _ = work.outcomes()
    for peer in found:
        done = peer.run(30_000 * peer.facts["agents"])
        assert done >= 30_000
        state, path = 0, [0]
        while len(path) < 20:
            following = int(next_state[4 * state + int(np.argmax(peer.table()[state]))])
            if following < 0:
                state = ~following
                break
            state = following
            path.append(state)
        assert state == 24, path
        assert len(path) == 8, path


def test_peers_work_on_the_default_world() -> None:
    mdp = gw.compile_world(gw.make("default"))
    next_state, reward = work.outcomes()
    visited = np.repeat([cell not in b"GX" for cell in gw.make("default").cells], 4)
    np.testing.assert_array_equal(next_state[visited], mdp.outcomes["next_state"][visited])
    np.testing.assert_array_equal(reward[visited], mdp.outcomes["reward"][visited])
    assert mdp.max_steps == work.MAX_STEPS
