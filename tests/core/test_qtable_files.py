"""Q-tables as JSON, written and read by the library."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw

WORLD = gw.GridWorld.from_text("S.X\n..G")


def table() -> Any:
    return np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "q.json"
    q = table()
    algorithm = gw.Sarsa(learning_rate=0.25, discount_factor=0.5)
    assert gw.write_qtable(path, WORLD, q, epsilon=0.125, algorithm=algorithm) == path
    found = gw.read_qtable(path, WORLD)
    assert isinstance(found, gw.Exchange)
    assert np.array_equal(found.q, q)
    assert (found.epsilon, found.algorithm) == (0.125, "sarsa")
    assert found.config == {"learning_rate": 0.25, "discount_factor": 0.5, "epsilon_decay": 0.995}
    data = json.loads(path.read_text())
    assert data["q_table"][2][1] == q[5].tolist()
    assert "grid_size" not in data


def test_another_programs_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "q.json"
    nested = table().reshape(2, 3, 4).transpose(1, 0, 2).tolist()
    path.write_text(json.dumps({"q_table": nested, "epsilon": 0.5}))
    found = gw.read_qtable(path, WORLD)
    assert np.array_equal(found.q, table())
    assert (found.config, found.algorithm) == ({}, None)


@pytest.mark.parametrize(
    ("q", "given", "words"),
    [
        (np.zeros((5, 4)), {}, r"shape \(6, 4\), got float64 \(5, 4\)"),
        (np.full((6, 4), np.nan), {}, "q must be finite"),
        (np.zeros((6, 4)), {"epsilon": 2}, "epsilon must be a number from 0 to 1, got 2"),
        (
            np.zeros((6, 4)),
            {"algorithm": gw.QLearning(learning_rate=[0.1, 0.2])},
            "learning_rate must be one number",
        ),
    ],
)
def test_what_no_file_can_hold_is_refused(
    q: Any, given: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(gw.InvalidValueError, match=words):
        gw.write_qtable(tmp_path / "q.json", WORLD, q, **given)
    assert not list(tmp_path.iterdir())


def test_a_world_that_is_too_large_and_a_broken_file_are_refused(tmp_path: Path) -> None:
    large = gw.make("maze-200")
    with pytest.raises(gw.InvalidValueError, match="at most 16,384 cells"):
        gw.write_qtable(tmp_path / "q.json", large, np.zeros((40_000, 4)))
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(gw.FileError, match=r"b\.json cannot be loaded: the file must hold JSON"):
        gw.read_qtable(tmp_path / "b.json", WORLD)
