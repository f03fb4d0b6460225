"""What agents carry beside their Q-tables: allocated, copied, saved, checked, shown."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld import memory
from gridworld.algorithms import ALGORITHMS
from gridworld.algorithms.base import Extent, Section, memory_sizes
from gridworld.batch import check_memory
from gridworld.live.shown import Shown
from gridworld.store.checkpoint import load_checkpoint, save_checkpoint


class Porter(gw.QLearning):
    """Carries a number for each pair, and the places of two states."""

    name = "porter"
    title = "Porter"

    def own_memory(self, extent: Extent) -> tuple[Section, ...]:
        return (
            Section("weight", "float", extent.n_states * extent.n_actions, 0, 1),
            Section("place", "int", 2, 0, extent.n_states - 1),
            Section("note", "float", 1),
        )

    def own_memory_fits(self, agents: Any, floats: Any, ints: Any, extent: Extent) -> bool:
        return bool((ints[:, 0] <= ints[:, 1]).all())


@pytest.fixture
def batch(monkeypatch: pytest.MonkeyPatch) -> gw.Batch:
    monkeypatch.setitem(ALGORITHMS, Porter.name, Porter)
    mdp = gw.compile_world(gw.make("default"))
    made = gw.Batch.create(mdp, Porter(), agents=3)
    made.floats[:] = np.linspace(0, 1, made.floats.size, dtype=np.float32).reshape(3, -1)
    made.ints[:] = [[0, 24], [3, 3], [7, 8]]
    return made


def test_sizes_are_sums_and_sections_lie_one_behind_the_other(batch: gw.Batch) -> None:
    assert memory_sizes(Porter().memory(Extent(25, 4, 0))) == (101, 2)
    assert batch.carries
    assert batch.floats.shape == (3, 101)
    assert batch.ints.shape == (3, 2)
    carried = batch.carried(1)
    assert list(carried) == ["weight", "place", "note"]
    assert carried["weight"].tolist() == batch.floats[1, :100].tolist()
    assert carried["note"].tolist() == batch.floats[1, 100:].tolist()
    assert carried["place"].tolist() == [3, 3]


def test_one_step_methods_carry_nothing() -> None:
    batch = gw.train(gw.make("default"), "sarsa", steps=10).batch
    assert not batch.carries
    assert batch.carried(0) == {}


def test_a_copy_is_its_own_and_a_reset_forgets(batch: gw.Batch) -> None:
    copy = batch.copy()
    assert copy.floats.tobytes() == batch.floats.tobytes()
    assert copy.ints.tobytes() == batch.ints.tobytes()
    batch.reset()
    assert not batch.floats.any()
    assert not batch.ints.any()
    assert copy.floats.any()
    assert copy.ints.any()
    with pytest.raises(ValueError, match="read-only"):
        copy.sealed().floats[0, 0] = 1


def test_checkpoints_bring_it_back(batch: gw.Batch, tmp_path: Path) -> None:
    loaded, _ = load_checkpoint(save_checkpoint(tmp_path / "a.npz", batch))
    assert loaded.floats.tobytes() == batch.floats.tobytes()
    assert loaded.ints.tobytes() == batch.ints.tobytes()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("floats", np.nan, r"weight must be in \[0, 1\], got nan"),
        ("floats", 1.5, r"weight must be in \[0, 1\], got 1.5"),
        ("ints", -1, r"place must be in \[0, 24\], got -1"),
        ("ints", 25, r"place must be in \[0, 24\], got 25"),
        ("ints", 24, "what Porter carries must fit together"),
    ],
)
def test_what_cannot_be_carried_is_refused(
    batch: gw.Batch, tmp_path: Path, name: str, value: float, sentence: str
) -> None:
    getattr(batch, name)[1, 0] = value
    path = save_checkpoint(tmp_path / "a.npz", batch)
    with pytest.raises(gw.FileError, match=sentence):
        load_checkpoint(path)


def test_another_size_is_refused(batch: gw.Batch, tmp_path: Path) -> None:
    batch.ints = batch.ints[:, :1]
    path = save_checkpoint(tmp_path / "a.npz", batch)
    with pytest.raises(gw.FileError, match=r"shapes \(3, 101\) and \(3, 2\), got"):
        load_checkpoint(path)


def test_memory_is_refused_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    n_states, agents = 10_000, 100
    table = agents * n_states * 4 * 4
    monkeypatch.setattr(memory, "free_memory", lambda: (int(table * 1.5), ""))
    check_memory(agents, Extent(n_states, 4, 0), gw.QLearning())
    with pytest.raises(gw.MemoryLimitError, match="the Q-tables and what Porter carries must fit"):
        check_memory(agents, Extent(n_states, 4, 0), Porter())


def test_a_snapshot_shows_it(batch: gw.Batch) -> None:
    snapshot = Shown(batch, 2, run=1, record=True).snapshot()
    assert snapshot.carried["place"].tolist() == [7, 8]
    batch.ints[2] = 0
    assert snapshot.carried["place"].tolist() == [7, 8]


def test_the_numbers_of_one_agent_are_taken_apart() -> None:
    algorithm = gw.Sarsa(epsilon=[0.1, 0.2], learning_rate=0.3)
    assert algorithm.of_agent(1) == gw.Sarsa(epsilon=0.2, learning_rate=0.3)
