"""Checkpoints that contradict themselves, and those that only look strange."""

import contextlib
import io
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from gridworld.algorithms import ALGORITHMS
from gridworld.batch import Batch
from gridworld.errors import MOST_LETTERS, FileError
from gridworld.records import AGENT
from gridworld.store.checkpoint import load_checkpoint, read_extra, save_checkpoint

Arrays = dict[str, Any]


def rewritten(path: Path, change: Callable[[Arrays], None]) -> Path:
    """The checkpoint with other contents, whole as an archive."""
    with np.load(path) as archive:
        arrays = {name: archive[name].copy() for name in archive.files}
    arrays["meta"] = json.loads(bytes(arrays["meta"]))
    change(arrays)
    arrays["meta"] = np.frombuffer(json.dumps(arrays["meta"]).encode(), np.uint8)
    with path.open("wb") as file:
        np.savez(file, **arrays)
    return path


def refusal(path: Path) -> str:
    """The sentence that refuses it."""
    with pytest.raises(FileError) as caught:
        load_checkpoint(path)
    sentence = str(caught.value)
    assert len(sentence) <= MOST_LETTERS
    assert "\n" not in sentence
    return sentence


WORLDS = {
    "default": gw.make("default"),
    "several starts": gw.GridWorld.from_text("S.S\n.#G\nS.X"),
    "no limit": gw.make("windy"),
    "portals": gw.make("cliff-walking"),
    "slip": replace(gw.make("easy"), slip=0.25, max_steps=7),
    "one step": gw.GridWorld.from_text("SG", max_steps=1),
    "large": gw.make("maze-33"),
}


@pytest.mark.compiled
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("world", WORLDS)
def test_whatever_training_leaves_is_taken(tmp_path: Path, algorithm: str, world: str) -> None:
    path = tmp_path / "run.npz"
    record, grid = ALGORITHMS[algorithm], WORLDS[world]
    if algorithm == "monte_carlo":  # it keeps whole episodes
        grid = replace(grid, max_steps=grid.max_steps or 300)
    for agents in (1, 35):
        run = None
        for steps in (1, 2, 61, 977, 6_000):
            run = gw.train(grid, record(), agents=agents, steps=steps, resume=None) if (
                run is None
            ) else gw.train(resume=run, steps=steps)  # fmt: skip
            run.save(path)
            assert gw.Run.load(path).steps.tolist() == run.steps.tolist()


@pytest.mark.compiled
def test_whatever_a_large_batch_or_a_table_of_outcomes_leaves_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    gw.train(gw.make("default"), agents=600, steps=3_000, bins=100).save(path)
    assert gw.Run.load(path).bin_width > 1
    gw.train(gw.make("default"), agents=1, episodes=70_000).save(path)  # many folds in a bin
    assert gw.Run.load(path).episodes[0] == 70_000
    outcomes = {
        0: {0: [(0.5, 1, 1.0, False), (0.5, 0, 0.0, False)], 1: [(1.0, 0, 0.0, False)]},
        1: {0: [(1.0, 1, 2.0, True)], 1: [(1.0, 0, 0.0, False)]},
    }
    gw.train(gw.from_gymnasium(outcomes, start=0), agents=3, steps=500).save(path)
    assert gw.Run.load(path).steps.tolist() == [500] * 3


def test_agents_that_were_moved_into_another_world_are_taken(tmp_path: Path) -> None:
    one = gw.GridWorld.from_text("S..\n...\n..G")
    other = gw.GridWorld.from_text("#.S\n.X#\n#.G", max_steps=2)
    batch = gw.train(one, gw.QLearning(), agents=40, steps=90).batch.copy()
    batch.set_world(gw.compile_world(other))
    for steps in (1, 3, 200):
        path = save_checkpoint(tmp_path / "a.npz", batch)
        loaded = gw.Run.load(path)
        assert loaded.batch.agents.tobytes() == batch.agents.tobytes()
        batch = gw.train(resume=loaded, steps=steps).batch.copy()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> "Whole":
    run = gw.train(gw.make("default"), gw.QLearning(), agents=2, steps=40_003, seed=3)
    return Whole(run.save(tmp_path_factory.mktemp("whole") / "a.npz").read_bytes())


@pytest.fixture
def checkpoint(tmp_path: Path, whole: bytes) -> Path:
    path = tmp_path / "a.npz"
    path.write_bytes(whole)
    return path


def field(name: str, value: Any) -> Callable[[Arrays], None]:
    def change(arrays: Arrays) -> None:
        arrays["agents"][name][1] = value

    return change


def fields(**values: Any) -> Callable[[Arrays], None]:
    def change(arrays: Arrays) -> None:
        for name, value in values.items():
            field(name, value)(arrays)

    return change


def bins(name: str, value: float) -> Callable[[Arrays], None]:
    def change(arrays: Arrays) -> None:
        arrays["bins"][name][1, 3] = value

    return change


def meta(**values: Any) -> Callable[[Arrays], None]:
    return lambda arrays: arrays["meta"].update(values)


def world(**values: Any) -> Callable[[Arrays], None]:
    return lambda arrays: arrays["meta"]["world"].update(values)


CONTRADICTIONS: dict[str, tuple[Callable[[Arrays], None], str]] = {
    "another learning rate": (field("learning_rate", 0.9), "must be 0.1, got 0.9"),
    "another discount": (field("discount_factor", 0.5), "discount_factor of every agent must be"),
    "its algorithm's": (
        lambda a: a["meta"]["algorithm"].update(learning_rate=0.9),
        "must be 0.9, got 0.1",
    ),
    "a parameter that is infinite": (
        lambda a: a["meta"]["algorithm"].update(learning_rate=1e999),
        "finite number",
    ),
    "a seed below 0": (meta(seed=-5), "must be from 0, got -5"),
    "a seed of 70 bits": (meta(seed=2**70), "must be from 0"),
    "no steps": (field("steps", 0), "steps must be"),
    "most steps": (field("steps", 2**63 - 1), "steps must be in"),
    "many steps of all": (lambda a: a["agents"]["steps"].fill(2**58 + 1), "steps must be in"),
    "most episodes": (field("episodes", 2**63 - 1), "episodes must be in"),
    "one episode more": (
        lambda a: a["agents"]["episodes"].__iadd__(1),
        "episodes must be those of the bins",
    ),
    "fewer steps than episodes": (
        lambda a: a["agents"]["steps"].fill(3),
        "steps must be at least",
    ),
    "a limit below 0": (field("step_limit", -1), "step_limit must be in"),
    "wide bins": (field("bin_width", 2**62), "bin_width must be"),
    "bins of three": (field("bin_width", 3), "bin_width must be a power of two"),
    "an agent in a pit": (fields(state=6, length=5), "state must be a cell to stand on"),
    "an agent at the goal": (fields(state=24, length=5), "state must be a cell to stand on"),
    "an episode that begins elsewhere": (
        fields(length=0, state=1),
        "state must be a start",
    ),
    "a return of nothing": (
        fields(length=0, state=0, episode_return=1),
        "episode_return must be 0",
    ),
    "an infinite return": (field("bin_return_sum", np.inf), "bin_return_sum must be"),
    "extremes of nothing": (field("bin_return_min", np.inf), "extremes must be"),
    "lengths of nothing": (field("bin_length_min", 0), "extremes must be"),
    "a length below 0": (field("bin_length_sum", -1), "bin_length_sum must be"),
    "a fold before the run": (field("fold_start_step", -1), "fold_start_step must be"),
    "a fold after the run": (field("fold_start_step", 40_004), "fold_start_step must be"),
    "a mean that is none": (bins("return_mean", np.nan), "return_mean of bins must be finite"),
    "an epsilon that is none": (bins("epsilon", -0.5), "epsilon of bins must be at least 0"),
    "a mean above all": (bins("return_mean", 1e9), "means of returns must be between"),
    "episodes without steps": (bins("length_min", 0), "lengths of bins must be at least 1"),
    "another world": (world(map=["S...G"] * 6), "q must have the shape of the world"),
    "a long name": (meta(name="x" * 70_000), "description is incomplete"),
    "a name of no text": (meta(name=5), "description is incomplete"),
    "a long version": (meta(format_version="9" * 70_000), "format_version must be at most"),
    "a long algorithm": (meta(algorithm={"algorithm": "x" * 70_000}), "algorithm must be one"),
    "a long portal": (world(portals=[["x" * 70_000] * 3]), "a portal must be"),
    "a long reward": (world(rewards={"cells": {"x" * 70_000: 1}}), "a key of rewards.cells"),
    "no rows": (world(map="S" * 25), "q must have the shape of the world"),
    "no world": (meta(world=[]), "must be a checkpoint"),
    "a saved date that is no number": (
        lambda a: a["meta"]["extra"].update(saved=float("nan")),
        "finite number",
    ),
    "a long description": (meta(comment="x" * 1_100_000), "its description must have at most"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_what_contradicts_itself_is_refused(checkpoint: Path, case: str) -> None:
    change, words = CONTRADICTIONS[case]
    assert words in refusal(rewritten(checkpoint, change))


VALUES = [0, 1, -1, 2, 255, 2**31 - 1, -(2**31), 2**62, 2**63 - 1, -(2**63), 0.5, -0.5, 1e30, 3e38,
          float("inf"), float("-inf"), float("nan")]  # fmt: skip


def test_what_is_taken_can_be_shown_and_goes_on(checkpoint: Path, whole: bytes) -> None:
    """Any value in any field: a sentence, or a run that the trainer publishes and continues."""
    taken = 0
    for name in AGENT.names or ():
        for value in VALUES:
            checkpoint.write_bytes(whole)
            with np.errstate(all="ignore"):
                try:
                    rewritten(checkpoint, field(name, value))
                except (OverflowError, ValueError):  # the field cannot hold it
                    continue
            try:
                batch, _ = load_checkpoint(checkpoint)
            except FileError:
                continue
            taken += 1
            trainer = gw.Trainer(gw.make("easy"))
            trainer.replace(batch)
            trainer.start(episodes=2**63 - 1)
            trainer.stop()
            trainer.step(150)
            assert int(trainer.status()["total_steps"][0]) >= 150
            assert np.isfinite(trainer.snapshot().history.bins["return_mean"]).all()
            trainer.close()
    assert taken > 10  # what it changes may be what it was


FLIP = st.tuples(st.none() | st.integers(0, 9), st.integers(0, 10**6), st.integers(0, 7))
"""Anywhere, or where the archive and its arrays say what is in them; how far behind that; a bit."""


class Whole(bytes):
    """A file's content that is no line of a report."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


def test_a_header_that_ends_too_early_is_refused(checkpoint: Path) -> None:
    content = checkpoint.read_bytes().replace(b"'shape': (2,), }", b"'shape': (2,(, }")
    checkpoint.write_bytes(content)
    assert "must be a whole checkpoint" in refusal(checkpoint)


@given(flips=st.lists(FLIP, min_size=1, max_size=3))
def test_flipped_bits_are_refused_in_a_sentence(whole: Whole, flips: list[Any]) -> None:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        begins = [info.header_offset for info in archive.infolist()] + [archive.start_dir]
    content = bytearray(whole)
    for begin, offset, bit in flips:
        place = offset if begin is None else begins[begin % len(begins)] + offset % 90
        content[place % len(content)] ^= 1 << bit
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        for read in (load_checkpoint, read_extra):
            with contextlib.suppress(gw.GridworldError):
                read(file.name)


def test_an_encrypted_member_is_refused(checkpoint: Path) -> None:
    content = bytearray(checkpoint.read_bytes())
    with zipfile.ZipFile(checkpoint) as archive:
        content[archive.start_dir + 8] |= 1
    checkpoint.write_bytes(content)
    assert "must be a whole checkpoint" in refusal(checkpoint)


def test_a_world_is_not_compiled_for_a_table_of_another_size(checkpoint: Path) -> None:
    def change(arrays: Arrays) -> None:
        arrays["meta"]["world"] = {"map": ["S" + "." * 3998 + "G"] * 2000}

    begin = time.process_time()
    words = refusal(rewritten(checkpoint, change))
    assert "its description must have at most" in words
    assert time.process_time() - begin < 10


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.npz"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    assert refusal(path).endswith(f"must be a regular file, got a {kind}")


def test_a_budget_goes_as_far_as_64_bits(tmp_path: Path) -> None:
    run = gw.train(gw.make("default"), steps=10)
    batch: Batch = run.batch.copy()
    batch.set_budget(2**63 - 1, 2**63 - 1)
    assert batch.active.all()
    save_checkpoint(tmp_path / "a.npz", batch)
    assert load_checkpoint(tmp_path / "a.npz")[0].agents["step_limit"][0] == 2**63 - 1
