"""Saves: one commit for two files, whatever fails or breaks off; and what lies behind a name."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import gridworld as gw
from faults import ERRORS, Faults
from gridworld.batch import Batch
from gridworld.errors import FileError, InvalidValueError
from gridworld.store.checkpoint import save_checkpoint
from gridworld_dashboard.server import DashboardServer, ServerError
from gridworld_dashboard.session import Session
from gridworld_dashboard.storage import AUTOSAVE, Store
from power import recorded


@cache
def learnt(steps: int, world: str = "default") -> Batch:
    """The batch of a run, for reading."""
    return gw.train(gw.make(world), gw.QLearning(), steps=steps, seed=1).batch


FIRST, SECOND = 100, 200
LARGE = "maze-131"


def steps_of(store: Store, present: Batch, name: str = "a") -> int:
    """Of the save; it must be an exact one."""
    loaded = store.load(name, present)
    assert loaded.path == store.checkpoint_path(name)
    steps = int(loaded.batch.agents["steps"][0])
    np.testing.assert_array_equal(loaded.batch.q, learnt(steps, loaded.batch.mdp.name).q)
    return steps


def pair_is_one(store: Store, name: str = "a") -> bool:
    """Whether both files are of one save."""
    with np.load(store.checkpoint_path(name)) as archive:
        meta = json.loads(bytes(archive["meta"]))
    path = store.exchange_path(name)
    if meta["world"]["name"] == LARGE:
        return not path.exists()
    found: bool = json.loads(path.read_text())["save_id"] == meta["extra"]["save_id"]
    return found


@pytest.mark.parametrize(
    ("number", "world"), [*((number, "default") for number in ERRORS), (ERRORS[0], LARGE)]
)
def test_whatever_call_fails_one_of_the_two_saves_is_there(
    tmp_path: Path, number: int, world: str
) -> None:
    store = Store(tmp_path / "data")
    one, two = learnt(FIRST), learnt(SECOND, world)
    store.save(one, "a")
    kept = tmp_path / "kept"
    shutil.copytree(store.folder, kept)
    for at in range(200):
        shutil.rmtree(store.folder)
        shutil.copytree(kept, store.folder)
        faults = Faults(tmp_path, at, number=number)
        told = True
        with faults.injected():
            try:
                path, words = store.save(two, "a")
                told = path == store.checkpoint_path("a") and "could not be written" in words
            except OSError:
                saved = False
            else:
                saved = True
        if not faults.happened:
            break
        found = steps_of(store, one)
        if saved:
            assert found == SECOND, faults.calls
            assert told or faults.calls[-1] == "unlink", faults.calls
        elif found == SECOND:  # the last call of a rename that had happened, and was told
            assert faults.calls[-1] == "fsync"
        assert pair_is_one(store)
        Store(tmp_path / "data").clean()
        assert len(list(store.folder.iterdir())) == (1 if found == SECOND and world == LARGE else 2)
        store.save(two, "a")
        assert steps_of(store, one) == SECOND
    assert at > 15
    assert saved


KILLED = """
import os, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
import gridworld as gw
from faults import Faults
from gridworld_dashboard.storage import Store

folder = Path(sys.argv[1])
world = gw.make("default")
one, two = (gw.Batch.create(gw.compile_world(world), gw.QLearning(), seed=s) for s in (1, 2))
at, left = 0, None
while left != 0:
    store = Store(folder / str(at))
    store.save(one, "a")
    child = os.fork()  # no thread runs here
    if child == 0:
        with Faults(folder, at, lambda: os._exit(9)).injected():
            store.save(two, "a")
        os._exit(0)
    left = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    at += 1
print(at)
"""


def test_killed_at_whatever_call_one_of_the_two_saves_is_there(tmp_path: Path) -> None:
    path = [str(Path(__file__).parents[1]), *sys.path]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), *path],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.stderr == ""
    count = int(done.stdout)
    assert count > 15
    present = learnt(1)
    seeds = []
    for at in range(count):
        store = Store(tmp_path / str(at))
        loaded = store.load("a", present)
        assert loaded.path == store.checkpoint_path("a")
        assert pair_is_one(store)
        seeds.append(loaded.batch.seed)
        store.clean()
    commit = seeds.index(2)
    assert seeds == [1] * commit + [2] * (count - commit)
    assert commit < count - 3  # some were killed behind the commit


KILLS = """
import os, random, signal, sys, time
from pathlib import Path
import gridworld as gw
from gridworld.engine import Engine
from gridworld_dashboard.storage import Store

store, times = Store(Path(sys.argv[1])), int(sys.argv[2])
chance = random.Random(1)
batch = gw.train(gw.make("default"), steps=1, threads=1).batch.copy()
store.save(batch, "a")


def save_for_ever(told):
    with Engine(1) as engine:
        while True:
            batch.agents["step_limit"] += 1
            engine.advance(batch, 1)
            store.save(batch, "a")
            os.write(told, b"%d " % batch.agents["steps"][0])


for _ in range(times):
    reading, writing = os.pipe()
    child = os.fork()  # no thread runs here
    if child == 0:
        save_for_ever(writing)
    os.close(writing)
    time.sleep(chance.uniform(0.002, 0.06))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as answers:
        told = [int(batch.agents["steps"][0]), *map(int, answers.read().split())][-1]
    loaded = store.load("a", batch)
    steps = int(loaded.batch.agents["steps"][0])
    assert loaded.path == store.checkpoint_path("a"), loaded.note
    assert told <= steps <= told + 1, (told, steps)
    batch = loaded.batch
print(steps)
"""


def killed_saves(folder: Path, times: int) -> int:
    """Kill a process that saves for ever, at moments of chance; each time a whole save is there.

    Returns:
        The steps of the last one.
    """
    done = subprocess.run(
        [sys.executable, "-c", KILLS, str(folder), str(times)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr == ""
    assert pair_is_one(Store(folder))
    return int(done.stdout)


def test_two_hundred_kills_lose_no_save_that_was_told(tmp_path: Path) -> None:
    assert killed_saves(tmp_path, 200) > 1


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_ten_thousand_kills_lose_no_save_that_was_told(tmp_path: Path) -> None:
    assert killed_saves(tmp_path, int(os.environ.get("KILLS", "10000"))) > 1


@pytest.mark.parametrize("world", ["default", LARGE])
def test_after_a_power_cut_at_any_moment_one_of_the_two_saves_is_there(
    tmp_path: Path, world: str
) -> None:
    store = Store(tmp_path / "data")
    one, two = learnt(FIRST), learnt(SECOND, world)
    store.save(one, "a")
    moments = recorded(store.folder, lambda: store.save(two, "a"))
    found = {}
    again = Store(tmp_path / "again")
    for number, moment in enumerate(moments):
        for state in moment.states():
            key = tuple(sorted((n, c) for n, c in state.items() if not n.endswith(".tmp")))
            if key not in found:
                shutil.rmtree(again.folder, ignore_errors=True)
                again.folder.mkdir(parents=True)
                for name, content in state.items():
                    (again.folder / name).write_bytes(content)
                    # as they were written: all that is staged is younger than the JSON
                    os.utime(again.folder / name, (2, 2) if name.startswith(".") else (1, 1))
                again.clean()
                found[key] = steps_of(again, one)
                assert pair_is_one(again)
            if number == 0:
                assert found[key] == FIRST
    assert set(found.values()) == {FIRST, SECOND}
    assert found[next(reversed(found))] == SECOND
    assert len(found) >= 5


def test_a_save_that_was_broken_off_is_ended_at_the_next_start(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(learnt(FIRST), "a")
    calls = Faults(tmp_path)
    with calls.injected():
        store.save(learnt(FIRST), "a")
    renames = [i for i, name in enumerate(calls.calls) if name == "replace"]
    with Faults(tmp_path, renames[-1]).injected():
        path, words = store.save(learnt(SECOND), "a")
    assert path == store.checkpoint_path("a")
    assert words.startswith(f"Saved {path}; a.json could not be written, and follows when")
    assert not pair_is_one(store)
    Session(tmp_path).close()
    assert pair_is_one(store)
    assert sorted(p.name for p in store.folder.iterdir()) == ["a.json", "a.npz"]


def test_a_json_that_somebody_put_there_meanwhile_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one = learnt(FIRST)
    store.save(one, "a")
    calls = Faults(tmp_path)
    with calls.injected():
        store.save(one, "a")
    renames = [i for i, name in enumerate(calls.calls) if name == "replace"]
    with Faults(tmp_path, renames[-1]).injected():
        store.save(learnt(SECOND), "a")
    (staged,) = store.folder.glob(".*.json")
    os.utime(staged, (1e9, 1e9))
    loaded = store.load("a", one)
    assert loaded.path == store.exchange_path("a")
    assert "a.npz was left out, since it is of another save" in loaded.note
    assert not staged.exists()


# --- what lies behind a name


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.mkdir()


def local_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        before = Path.cwd()
        os.chdir(path.parent)  # the path of a socket is short
        try:
            made.bind(path.name)
        finally:
            os.chdir(before)


KINDS = {"pipe": pipe, "device": device, "folder": folder, "socket": local_socket}


@pytest.mark.parametrize("suffix", ["json", "npz"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, kind: str, suffix: str) -> None:
    store, batch = Store(tmp_path), learnt(1)
    store.save(batch, "a")
    path = store.folder / f"a.{suffix}"
    path.unlink()
    KINDS[kind](path)
    words = f"a.{suffix} must be a regular file, got a {kind}"
    with pytest.raises(FileError, match=words):
        store.save(batch, "a")
    if suffix == "json":
        with pytest.raises(FileError, match=words):
            store.load("a", batch)
    else:
        assert words in store.load("a", batch).note
        store.exchange_path("a").unlink()
        with pytest.raises(FileError, match=words):
            store.load("a", batch)


BAD_AUTOSAVES: dict[str, Callable[[Path], object]] = KINDS | {
    "nothing": lambda path: path.write_bytes(b""),
    "rubbish": lambda path: path.write_bytes(os.urandom(5000)),
    "without end": lambda path: path.symlink_to("/dev/zero"),
    "loop": lambda path: path.symlink_to(path),
    "sparse": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1 << 40),
}


@pytest.mark.parametrize("kind", BAD_AUTOSAVES)
def test_a_bad_autosave_never_stops_a_start(tmp_path: Path, kind: str) -> None:
    store = Store(tmp_path)
    store.folder.mkdir()
    BAD_AUTOSAVES[kind](store.checkpoint_path(AUTOSAVE))
    session = Session(tmp_path)
    counters = session.observer.counters()
    assert counters is not None
    assert counters["autosave"] is None
    session.close()


@pytest.mark.parametrize("saved", [float("nan"), 1e400, "x" * 70_000, [1], {"a": 1}, 5, None])
def test_what_an_autosave_says_of_itself_is_a_short_text_or_left_out(
    tmp_path: Path, saved: object
) -> None:
    store, batch = Store(tmp_path), learnt(5)
    path = store.autosave(batch)
    save_checkpoint(path, batch, {"saved": saved})
    offer = store.autosave_offer()
    assert offer is None or offer == {"saved": None, "episodes": int(batch.agents["episodes"][0])}


@pytest.mark.parametrize("name", ["AUTOSAVE", "Autosave", "CON", "nul.1", "com1", "LPT9.x", "a."])
def test_names_that_some_system_takes_for_others_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidValueError, match="name must"):
        Store(tmp_path).save(learnt(1), name)
    assert not (tmp_path / ".qtables").exists()


def test_names_differ_by_more_than_their_case(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(learnt(1), "v1.2")
    store.save(learnt(1), "v1.2")
    with pytest.raises(
        InvalidValueError, match=r"name must differ from 'v1\.2' by more than its c"
    ):
        store.save(learnt(1), "V1.2")


# --- two servers


def test_a_folder_is_served_by_one_dashboard_at_a_time(tmp_path: Path) -> None:
    first = DashboardServer(port=0, folder=tmp_path)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    for same in (tmp_path, link):
        with pytest.raises(ServerError, match="must be of one dashboard at a time"):
            DashboardServer(port=0, folder=same)
    (tmp_path / "other").mkdir()
    DashboardServer(port=0, folder=tmp_path / "other").close()
    first.close()
    DashboardServer(port=0, folder=tmp_path).close()
