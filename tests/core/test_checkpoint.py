"""Checkpoints: what comes back is what was saved, and nothing broken comes in."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.algorithms import ALGORITHMS
from gridworld.batch import Batch
from gridworld.store.checkpoint import load_checkpoint, save_checkpoint


def trained(**options: Any) -> Batch:
    options = {"steps": 700, "agents": 2, "seed": 3} | options
    return gw.train(gw.make("default"), gw.QLearning(), **options).batch


def assert_equal(one: Batch, other: Batch) -> None:
    assert np.array_equal(one.q, other.q)
    assert one.agents.tobytes() == other.agents.tobytes()
    assert one.bins.tobytes() == other.bins.tobytes()
    assert one.algorithm == other.algorithm
    assert one.seed == other.seed
    assert one.numbers.tolist() == other.numbers.tolist()


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_a_run_saved_and_loaded_goes_on_bit_for_bit(name: str, tmp_path: Path) -> None:
    """QL-05: save the Q-table, close everything, load it, and go on training from it."""
    world, algorithm = gw.make("default"), ALGORITHMS[name](epsilon=[0.3, 0.9])
    path = tmp_path / "run.npz"
    first = gw.train(world, algorithm, agents=2, steps=1003, seed=5)
    first.save(path)
    loaded = gw.Run.load(path)
    assert_equal(loaded.batch, first.batch)
    whole = gw.train(world, algorithm, agents=2, steps=2006, seed=5)
    more = gw.train(resume=loaded, steps=1003)
    assert_equal(more.batch, whole.batch)


def test_agents_of_any_numbers_come_back(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    first = trained(agents=None, numbers=[9, 4, 9])
    save_checkpoint(path, first)
    loaded = load_checkpoint(path)[0]
    assert_equal(loaded, first)
    loaded.reset()
    fresh = gw.Batch.create(first.mdp, first.algorithm, seed=3, numbers=[9, 4, 9])
    assert_equal(loaded, fresh)


def test_agents_in_a_row_are_written_as_ever(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "run.npz", trained(first_agent=3))
    with zipfile.ZipFile(tmp_path / "run.npz") as archive:
        names = archive.namelist()
        meta = json.loads(bytes(np.load(archive.open("meta.npy"))))
    assert sorted(names) == ["agents.npy", "bins.npy", "meta.npy", "q.npy"]
    assert meta["first_agent"] == 3


def test_extra_values_and_the_world_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    save_checkpoint(path, trained(), {"save_id": "x", "epsilon": 0.5})
    batch, extra = load_checkpoint(path)
    assert extra == {"save_id": "x", "epsilon": 0.5}
    assert batch.mdp.world == gw.make("default")
    assert batch.mdp.name == "default"


def test_a_missing_file_is_a_file_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "none.npz")


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return save_checkpoint(tmp_path / "a.npz", trained())


def test_a_truncated_file_is_refused_at_every_length(checkpoint: Path) -> None:
    whole = checkpoint.read_bytes()
    for length in [0, 1, 100, *range(200, len(whole), len(whole) // 40), len(whole) - 1]:
        checkpoint.write_bytes(whole[:length])
        with pytest.raises(gw.FileError, match="must be a"):
            load_checkpoint(checkpoint)


def test_a_flipped_bit_in_an_array_is_refused(checkpoint: Path) -> None:
    whole = bytearray(checkpoint.read_bytes())
    with zipfile.ZipFile(checkpoint) as archive:
        info = archive.getinfo("q.npy")
    whole[info.header_offset + 300] ^= 1
    checkpoint.write_bytes(whole)
    with pytest.raises(gw.FileError, match="CRC"):
        load_checkpoint(checkpoint)


Arrays = dict[str, np.ndarray[Any, Any]]


def set_value(array: str, value: float, field: str | None = None) -> Callable[[Arrays], None]:
    def change(arrays: Arrays) -> None:
        target = arrays[array] if field is None else arrays[array][field]
        target.flat[-1] = value

    return change


def set_meta(**changes: Any) -> Callable[[Arrays], None]:
    def change(arrays: Arrays) -> None:
        meta = json.loads(bytes(arrays["meta"])) | changes
        arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (set_value("q", np.nan), "q must hold finite numbers"),
        (set_value("q", np.inf), "q must hold finite numbers"),
        (set_value("agents", 25, "state"), r"state must be in \[0, 24\], got 25"),
        (set_value("agents", -1, "state"), r"state must be in \[0, 24\], got -1"),
        (set_value("agents", 7, "action"), "action must be"),
        (set_value("agents", 100, "length"), "length must be"),
        (set_value("agents", 1.5, "epsilon"), "epsilon must be"),
        (set_value("agents", np.nan, "learning_rate"), "learning_rate must be"),
        (set_value("agents", -3, "steps"), "steps must be"),
        (set_value("agents", 10**6, "bins"), "bins must be"),
        (set_value("agents", 0, "bin_width"), "bin_width must be"),
        (set_value("agents", 300, "fold_count"), "fold_count must be"),
        (lambda a: a["agents"]["rng"].fill(0), "random state"),
        (lambda a: a.update(q=a["q"][:, :20]), "q must have the shape"),
        (lambda a: a.update(q=a["q"].astype(np.float64)), "q must be a 4-dimensional array"),
        (lambda a: a.update(agents=a["agents"][:1]), "must have the shape"),
        (lambda a: a.pop("bins"), "bins"),
        (lambda a: a.pop("meta"), "no description"),
        (lambda a: a.update(meta=np.frombuffer(b"[1]", np.uint8)), "JSON object"),
        (lambda a: a.update(meta=np.frombuffer(b"{", np.uint8)), "must be a checkpoint"),
        (set_meta(format_version=2), "format_version must be at most 1, got 2"),
        (set_meta(stream_version=99), "stream_version must be at most 1, got 99"),
        (set_meta(format_version=True), "format_version must be"),
        (set_meta(world={"map": ["S?"]}), "cannot be loaded"),
        (set_meta(world={"map": ["SG"]}), "must have the shape"),
        (set_meta(algorithm={"algorithm": "dqn"}), "algorithm must be one of"),
        (set_meta(algorithm={"algorithm": "double_q_learning"}), "must have the shape"),
        (set_meta(extra=None), "description is incomplete"),
        (set_meta(seed=-1), "seed and first_agent must be from 0, got -1 and 0"),
        (set_meta(first_agent=-1), "seed and first_agent must be from 0, got 3 and -1"),
        (set_meta(first_agent=2**63 - 1), "seed and first_agent must be from 0"),
        (lambda a: a.update(numbers=np.array([1, -2])), "numbers must be 2 whole numbers from 0"),
        (lambda a: a.update(numbers=np.array([1, 2, 3])), "numbers must be 2 whole numbers from 0"),
        (lambda a: a.update(numbers=np.array([1.0, 2.0])), "numbers must be a 1-dimensional array"),
    ],
)
def test_values_that_training_cannot_leave_are_refused(
    checkpoint: Path, change: Callable[[Arrays], None], sentence: str
) -> None:
    with np.load(checkpoint) as archive:
        arrays = {name: archive[name].copy() for name in archive.files}
    change(arrays)
    with checkpoint.open("wb") as file:
        np.savez(file, **arrays)
    with pytest.raises(gw.FileError, match=sentence):
        load_checkpoint(checkpoint)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meta.npy", b"0" * 1000)
    with pytest.raises(gw.FileError, match="without compression"):
        load_checkpoint(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("meta.npy", b"not an array")
    with pytest.raises(gw.FileError, match="must be a checkpoint"):
        load_checkpoint(path)


def test_a_header_that_promises_more_than_there_is_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    head = np.lib.format.header_data_from_array_1_0(np.zeros(1, np.uint8))
    with zipfile.ZipFile(path, "w") as archive, archive.open("meta.npy", "w") as file:
        np.lib.format.write_array_header_1_0(file, head | {"shape": (10**15,)})
    with pytest.raises(gw.FileError, match="as many bytes as its header says"):
        load_checkpoint(path)


def test_a_file_older_than_a_parameter_gets_its_value_from_the_algorithm(tmp_path: Path) -> None:
    run = gw.train(gw.make("easy"), gw.QLearning(epsilon_min=0.25), agents=3, steps=40)
    path = run.save(tmp_path / "run.npz")
    with np.load(path) as archive:
        members = {name: archive[name] for name in archive.files}
    agents = members["agents"]
    names = [name for name in agents.dtype.names or () if name != "epsilon_min"]
    older = np.zeros(3, [(name, agents.dtype[name]) for name in names])
    for name in names:
        older[name] = agents[name]
    np.savez(path, allow_pickle=False, **members | {"agents": older})
    again = gw.Run.load(path)
    assert again.batch.agents.dtype == run.batch.agents.dtype
    assert (again.batch.agents == agents).all()
    without = np.zeros(3, [(name, agents.dtype[name]) for name in names if name != "steps"])
    without["rng"] = agents["rng"]
    np.savez(path, allow_pickle=False, **members | {"agents": without})
    with pytest.raises(gw.FileError, match="agents must be"):
        gw.Run.load(path)
