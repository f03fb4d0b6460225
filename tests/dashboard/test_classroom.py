"""Sessions of one's own: apart from each other, within bounds, put away and brought back."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gridworld.errors import GridworldError
from gridworld_dashboard.classroom.allowance import Allowance, Terms
from gridworld_dashboard.classroom.sessions import (
    FOLDER_OF_ALL,
    GRACE_S,
    MOST_KEPT,
    SHARED,
    FullError,
    Key,
    Own,
    Sessions,
    key_of,
)
from gridworld_dashboard.session import Session
from gridworld_dashboard.wire.protocol import Command, Message
from gridworld_dashboard.wire.stream import MOST_REASON, Stream

PATIENCE_S = 60.0

FEW = Own(sessions=3, idle_s=600.0)


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def sessions(tmp_path: Path, clock: Time) -> Iterator[Sessions]:
    made = Sessions(tmp_path, FEW, clock=clock)
    yield made
    end(made)


def end(sessions: Sessions) -> list[Path]:
    sessions.end_frames()
    saved = sessions.save()
    sessions.say_goodbye()
    return saved


def ask(session: Session, type_: str, **data: Any) -> Message:
    answers: list[Message] = []
    answered = threading.Event()

    def reply(message: Message, *, tell: bool | Message = False) -> None:
        answers.append(message)
        answered.set()

    session.execute(Command(type_, data), reply)
    assert answered.wait(PATIENCE_S)
    return answers[0]


def ok(session: Session, type_: str, **data: Any) -> None:
    answer = ask(session, type_, **data)
    assert answer["type"] != "error", answer
    assert answer["data"].get("success", True), answer


def refused(session: Session, type_: str, **data: Any) -> str:
    answer = ask(session, type_, **data)
    assert answer["type"] == "error" or answer["data"]["success"] is False, answer
    return str(answer["data"]["message"])


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.002)


def train(session: Session, steps: int, **data: Any) -> None:
    """At full speed, until the budget is used up."""
    given = {"num_episodes": None, "num_steps": steps, "speed": None}
    ok(session, "start_training", **given | data)
    wait(lambda: not session.observer.running)


def learnt(session: Session) -> bytes:
    return bytes(session.observer.look().q.tobytes())


def put_away(sessions: Sessions, clock: Time) -> None:
    """All that nobody uses, as the sweeper would."""
    clock.now += FEW.idle_s + 1
    wait(lambda: sessions._put_away(FEW.idle_s) == 0)


# --- apart from each other


def test_each_has_a_session_that_others_do_not_touch(sessions: Sessions) -> None:
    with sessions.enter(key_of("one")) as one, sessions.enter(key_of("two")) as two:
        train(one.session, 500, seed=3)
        assert two.session.observer.look().all_steps == 0
        ok(two.session, "configure", world="easy")
        assert one.session.observer.world.name == "default"
        ok(one.session, "save_qtable", name="mine")
        assert "mine" not in str(ask(two.session, "list_saves"))
        assert "mine" in str(ask(one.session, "list_saves"))
    with sessions.enter(key_of("one")) as again:
        assert again is one


def test_one_browser_has_two_more_beside_it(sessions: Sessions) -> None:
    with sessions.enter(key_of("one")) as page, sessions.enter(key_of("one", "left")) as left:
        assert page is not left
        train(left.session, 100)
        assert page.session.observer.look().all_steps == 0


def test_folders_do_not_tell_the_secret() -> None:
    secret = "a-secret-that-nobody-guesses"
    assert secret not in key_of(secret).folder
    assert key_of(secret) == key_of(secret)
    assert len({key_of(secret).folder, key_of(secret, "left").folder, key_of("x").folder}) == 3
    assert Key("", "left").folder == "all-left"


def test_those_who_come_at_once_share_one_session(sessions: Sessions) -> None:
    found: list[Stream] = []
    ready, leave = threading.Barrier(9), threading.Event()

    def come() -> None:
        ready.wait()
        with sessions.enter(key_of("one")) as stream:
            found.append(stream)
            leave.wait(PATIENCE_S)

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    ready.wait()
    wait(lambda: len(found) == 8)
    leave.set()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
    assert len(sessions.streams) == 1


# --- within bounds


def test_the_next_beyond_the_limit_is_told_so(sessions: Sessions, clock: Time) -> None:
    with ExitStack() as stack:
        for name in "abc":
            stack.enter_context(sessions.enter(key_of(name)))
        words = r"must be room for another session, got 3 in use"
        with pytest.raises(FullError, match=words) as told, sessions.enter(key_of("d")):
            pass
        assert len(str(told.value)) <= MOST_REASON
        with sessions.enter(key_of("a")):  # who is here may come again
            pass
    with pytest.raises(FullError), sessions.enter(key_of("d")):
        pass  # a page that is loaded again is away for a moment
    clock.now += GRACE_S
    with sessions.enter(key_of("b")), sessions.enter(key_of("d")):
        assert len(sessions.streams) == 3
        with sessions.enter(key_of("c")) as stream:  # the one that was used least lately has gone
            assert stream.session.is_well()
        with pytest.raises(FullError), sessions.enter(key_of("a")):
            pass


def test_a_session_takes_no_more_than_it_may(tmp_path: Path) -> None:
    allowance = Allowance(memory=4_000_000, disk=60_000, cells=1000)
    session = Session(tmp_path, terms=Terms(allowance))
    try:
        assert "at most 1,000 cells in a session of one's own, got 1,089" in refused(
            session, "configure", world="maze-33"
        )
        assert "at most 1 MB of tables and histories" in refused(session, "configure", agents=4096)
        assert session.observer.scene.parameters.agents == 1
        train(session, 1000)
        ok(session, "save_qtable", name="small")
        for n in range(8):
            answer = ask(session, "save_qtable", name=f"more-{n}")
            if not answer["data"]["success"]:
                break
        assert "saves of a session must have at most 0 MB" in answer["data"]["message"]
        ok(session, "delete_save", name="small")
    finally:
        session.close()


def test_a_file_that_is_too_large_is_not_loaded(tmp_path: Path) -> None:
    large = Session(tmp_path)
    ok(large, "configure", agents=512)
    ok(large, "step")
    ok(large, "save_qtable", name="large")
    large.close()
    small = Session(tmp_path, terms=Terms(Allowance(memory=400_000)))
    try:
        before = learnt(small)
        assert "a run must have at most 0 MB" in refused(small, "load_qtable", name="large")
        assert learnt(small) == before
    finally:
        small.close()


def test_no_more_are_kept_on_the_disk_than_may_be(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridworld_dashboard.classroom.sessions.MOST_KEPT", 2)
    assert MOST_KEPT == 1000
    folder = tmp_path / FOLDER_OF_ALL
    with sessions.enter(key_of("here")) as stream:
        train(stream.session, 10)
        stream.session.autosave.on_the_way()
        for n, name in enumerate(("oldest", "older", "old", key_of("here").folder)):
            (folder / name).mkdir(exist_ok=True)
            import os

            os.utime(folder / name, (n, n))
        sessions._forget_oldest()
        assert {one.name for one in folder.iterdir()} == {"older", "old", key_of("here").folder}


# --- put away, and brought back


def test_what_was_put_away_comes_back_as_it_was(sessions: Sessions, clock: Time) -> None:
    key = key_of("one")
    with sessions.enter(key) as stream:
        first = stream.session
        train(first, 2000, world="hard", seed=7, agents=3, epsilon=0.4)
        ok(first, "configure", num_episodes=77, speed=12.5, planning_steps=9)
        before, scene = learnt(first), first.observer.scene
        assert sessions.describe(key) == {
            "most": 3,
            "memory_mb": 128,
            "cells": 16384,
            "idle_minutes": 10.0,
            "back": False,
        }
    put_away(sessions, clock)
    assert sessions.streams == []
    assert not first.is_well()
    with sessions.enter(key) as stream:
        again = stream.session
        assert again is not first
        assert learnt(again) == before
        assert again.observer.scene.parameters == scene.parameters
        assert again.observer.scene.repeatable == scene.repeatable
        described = sessions.describe(key)
        assert described is not None
        assert described["back"]
        described = sessions.describe(key)
        assert described is not None
        assert not described["back"]  # it is told once
        train(again, 1000)
        train(first_of(sessions, "twin"), 3000, **run_of(scene.parameters))
        assert learnt(again) == learnt(first_of(sessions, "twin"))


def first_of(sessions: Sessions, name: str) -> Session:
    with sessions.enter(key_of(name)) as stream:
        return stream.session


def run_of(parameters: Any) -> dict[str, Any]:
    keys = ("world", "seed", "agents", "epsilon")
    return {key: getattr(parameters, key) for key in keys}


def test_one_that_trains_is_put_away_too_and_stands_still_then(
    sessions: Sessions, clock: Time
) -> None:
    with sessions.enter(key_of("one")) as stream:
        ok(stream.session, "start_training", num_episodes=None, speed=None)
        wait(lambda: stream.session.observer.look().all_steps > 0)
    put_away(sessions, clock)
    with sessions.enter(key_of("one")) as stream:
        assert not stream.session.observer.running
        assert stream.session.observer.look().all_steps > 0


def test_a_new_one_begins_afresh_and_leaves_nothing(
    sessions: Sessions, clock: Time, tmp_path: Path
) -> None:
    with sessions.enter(key_of("one")) as stream:
        assert stream.session.observer.look().all_steps == 0
    put_away(sessions, clock)
    assert list((tmp_path / FOLDER_OF_ALL).rglob("*.npz")) == []
    with sessions.enter(key_of("one")) as stream:
        assert stream.session.observer.look().all_steps == 0


def test_what_was_only_set_comes_back_too(sessions: Sessions, clock: Time) -> None:
    with sessions.enter(key_of("one")) as stream:
        ok(stream.session, "configure", speed=5.0, learning_rate=0.25)
        parameters = stream.session.observer.scene.parameters
    put_away(sessions, clock)
    with sessions.enter(key_of("one")) as stream:
        assert stream.session.observer.scene.parameters == parameters


def test_one_that_somebody_uses_stays(sessions: Sessions, clock: Time) -> None:
    with sessions.enter(key_of("one")) as stream, sessions.enter(key_of("two")):
        clock.now += 10 * FEW.idle_s
        assert sessions._put_away(FEW.idle_s) == 0
        assert stream.session.is_well()
    clock.now += 1
    assert sessions._put_away(FEW.idle_s) == 0  # it has only just gone
    assert len(sessions.streams) == 2


def test_a_broken_file_does_not_keep_anybody_out(sessions: Sessions, clock: Time) -> None:
    with sessions.enter(key_of("one")) as stream:
        train(stream.session, 100)
    put_away(sessions, clock)
    (found,) = sessions._folder.rglob("autosave.npz")
    found.write_bytes(found.read_bytes()[:300])
    with sessions.enter(key_of("one")) as stream:
        assert stream.session.observer.look().all_steps == 0
        train(stream.session, 100)


def test_those_who_come_while_it_is_put_away_find_it_whole(sessions: Sessions, clock: Time) -> None:
    key, stop = key_of("one"), threading.Event()
    with sessions.enter(key) as stream:
        train(stream.session, 500)
        before = learnt(stream.session)
    seen: list[bytes] = []
    failed: list[BaseException] = []

    def come_and_go() -> None:
        try:
            while not stop.is_set():
                with sessions.enter(key) as stream:
                    seen.append(learnt(stream.session))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=come_and_go)
    thread.start()
    for _ in range(5):
        clock.now += FEW.idle_s + 1
        sessions._put_away(FEW.idle_s)
        time.sleep(0.01)
    wait(lambda: len(seen) > 5 or not thread.is_alive())
    stop.set()
    thread.join()
    assert failed == []
    assert set(seen) == {before}


def test_the_end_saves_all_of_them(tmp_path: Path) -> None:
    made = Sessions(tmp_path, FEW)
    for name in "ab":
        with made.enter(key_of(name)) as stream:
            train(stream.session, 100)
    with made.enter(key_of("c")):
        pass
    saved = end(made)
    assert len(saved) == 2
    assert all(path.is_file() for path in saved)
    assert not made.is_well()
    with pytest.raises(FullError, match="it ends"), made.enter(key_of("d")):
        pass
    assert end(made) == []
    later = Sessions(tmp_path, FEW)
    with later.enter(key_of("a")) as stream:
        assert stream.session.observer.look().all_steps == 100
    end(later)


def test_the_shared_one_is_never_put_away(tmp_path: Path, clock: Time) -> None:
    made = Sessions(tmp_path, clock=clock)
    try:
        with made.enter(SHARED) as stream, made.enter(Key("", "left")) as left:
            assert stream is made.shared
            assert made.describe(SHARED) is None
            train(left.session, 50)
        clock.now += 1e6
        wait(lambda: made._put_away(FEW.idle_s) == 0)
        assert made.streams == [stream]
        with made.enter(Key("", "left")) as again:
            assert again.session.observer.look().all_steps == 50
    finally:
        end(made)


def test_a_folder_that_cannot_be_made_takes_no_place(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / FOLDER_OF_ALL).write_text("")
    with sessions.enter(key_of("one")) as stream:
        assert stream.session.is_well()
        with pytest.raises((GridworldError, OSError)):
            stream.session.autosave.on_the_way()
