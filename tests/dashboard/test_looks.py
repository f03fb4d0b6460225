"""Looks and frames: every piece is made once, for all who want the same."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gridworld.mdp import compile_world
from gridworld.records import AGENT, BIN, STATUS
from gridworld.world import GridWorld
from gridworld.worlds import make
from gridworld_dashboard.frames import looks
from gridworld_dashboard.frames.learnt import Learnt
from gridworld_dashboard.frames.looks import Look, View
from gridworld_dashboard.session import Session
from gridworld_dashboard.truth import Report
from gridworld_dashboard.wire.hub import Client, Hub
from gridworld_dashboard.wire.publisher import LEARNT_TICKS, QUICK_LOOK_S, Publisher


def look(world: GridWorld, optimal: Any = None, number: int = 1) -> Look:
    n, agents = world.n_states, np.zeros(1, AGENT)
    agents["bin_width"] = 1
    status = np.zeros(1, STATUS)
    status["run"], status["all_steps"] = 1, 9
    learnt = Learnt(
        status=status,
        world=world,
        q=np.zeros((n, 4), np.float32),
        initial_value=0.0,
        visits=np.zeros(n, np.int64),
        td_error=np.full(n, np.nan, np.float32),
        agents=agents,
        bins=np.zeros((1, 0), BIN),
    )
    report = Report(1, 1, compile_world(world), {}, optimal, (np.zeros(0), np.zeros(0)))
    return Look(number, learnt, report)


def pieces(of: Look, view: View) -> dict[str, Any]:
    return dict(json.loads("{" + of.pieces(of.reduced(view)) + "}"))


def test_a_small_world_travels_whole_whatever_the_layer() -> None:
    made = look(make("default"))
    assert made.reduced(View("visits")) == made.reduced(View(None)) == View(None, (0, 0, 5, 5))
    data = pieces(made, View())
    assert set(data) == {"cells", "overview", "learnt_at", "goals", "history"}
    assert (data["overview"], data["cells"]["width"], data["cells"]["optimal"]) == (None, 5, None)


def test_a_large_world_is_an_overview_and_a_window() -> None:
    made = look(make("maze-65"))
    assert made.reduced(View()) == View("value", None)
    data = pieces(made, View("visits", (60, 0, 64, 64)))
    assert data["overview"]["layer"] == "visits"
    assert (data["cells"]["x"], data["cells"]["width"], data["cells"]["height"]) == (60, 5, 64)
    assert pieces(made, View(None))["cells"] is None


def test_the_optimum_of_another_world_is_not_shown() -> None:
    world = make("default")
    report = Report(1, 1, compile_world(make("easy")), {}, np.zeros(25), (np.zeros(0), np.zeros(0)))
    made = Look(1, look(world).learnt, report)
    assert pieces(made, View())["cells"]["optimal"] is None
    assert pieces(look(world, np.zeros(25)), View())["cells"]["optimal"] is not None


def test_pieces_are_made_once_and_only_where_somebody_wants_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    for name in ("cells_data", "overview_data", "history_data"):
        function = getattr(looks, name)

        def count(*args: Any, name: str = name, function: Any = function) -> Any:
            made.append(name)
            return function(*args)

        monkeypatch.setattr(looks, name, count)
    of = look(make("maze-100"))
    here, there = View("value", (0, 0, 9, 9)), View("visits", (0, 0, 9, 9))
    assert not of.has(of.reduced(here))
    of.prepare([here, there, here])
    assert sorted(made) == ["cells_data", "history_data", "overview_data", "overview_data"]
    assert of.has(of.reduced(here))
    of.pieces(of.reduced(there))
    assert len(made) == 4
    of.prepare([View("value", (1, 0, 9, 9))])
    assert made[4:] == ["cells_data"]
    assert not of.has(of.reduced(here))  # nobody looks there any more


# --- the publisher


@pytest.fixture
def session(tmp_path: Path) -> Any:
    made = Session(tmp_path)
    yield made
    made.close()


def test_viewers_of_the_same_get_the_same_bytes(session: Session) -> None:
    publisher = Publisher(session, Hub())
    frame = publisher.build("state")
    assert frame is not None
    reduced = frame.look.reduced(View())
    first = frame.encoded(view=reduced, truth=True, world=True)
    assert frame.encoded(view=frame.look.reduced(View("visits")), truth=True, world=True) is first
    data = json.loads(first[4:])["data"]
    assert {"cells", "overview", "goals", "history", "truth", "regrets", "world"} <= set(data)
    small = json.loads(frame.encoded(view=None, truth=False, world=False)[4:])["data"]
    assert not {"cells", "truth", "regrets", "world", "history"} & set(small)
    told = json.loads(frame.encoded(view=None, truth=True, world=False)[4:])["data"]
    assert set(told) - set(small) == {"truth"}


def test_a_frame_that_is_due_does_not_wait_for_a_look(session: Session) -> None:
    now = [100.0]
    publisher = Publisher(session, Hub(), lambda: now[0])
    first = publisher.build("state")
    assert first is not None
    session._trainer.start(speed=None)
    try:
        while session._trainer.status()["total_steps"][0] < 1000:
            time.sleep(0.001)
        later = publisher.build("training_update")
        assert later is not None
        assert later.look is first.look
        now[0] += 10
        state = publisher.build("state")
        assert state is not None
        assert state.look is first.look
        newcomer = publisher.build("state", newcomer=True)
        assert newcomer is not None
        assert newcomer.look is not first.look
    finally:
        session._trainer.stop()


def test_looks_that_take_long_are_taken_less_often(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    hub = Hub()
    publisher = Publisher(session, hub, lambda: now[0])
    hub.join(Client(lambda: None, lambda: True))
    session._trainer.start(speed=1.0)
    look = session.observer.look

    def slowly() -> Learnt:
        now[0] += 0.5
        return look()

    monkeypatch.setattr(session.observer, "look", slowly)
    try:
        publisher.build("state")
        looked = 0
        for tick in range(1, 61):
            now[0] += 0.1
            publisher._turn(True, tick, 0.1)
            if publisher._look_due.is_set():  # in place of the thread
                publisher._look_due.clear()
                publisher._look_again()
                looked += 1
        assert 60 // LEARNT_TICKS > 2 * looked > 0
        assert looked * 0.5 <= 0.25 * (now[0] - 100)
    finally:
        session._trainer.stop()


def test_a_quick_look_is_taken_for_the_frame_that_shows_it_and_a_long_one_beside(
    session: Session,
) -> None:
    now = [100.0]
    hub = Hub()
    publisher = Publisher(session, hub, lambda: now[0])
    hub.join(Client(lambda: None, lambda: True))
    session._trainer.start(speed=None)
    try:
        for took, beside in ((0.0, False), (2 * QUICK_LOOK_S, True)):
            publisher.build("state", newcomer=True)
            publisher._look_took = took
            steps = session._trainer.status()["total_steps"][0]
            while session._trainer.status()["total_steps"][0] == steps:
                time.sleep(0.001)
            now[0] += 1
            publisher._turn(True, LEARNT_TICKS, 0.1)
            assert publisher._look_due.is_set() == beside
            frame = publisher.latest
            assert frame is not None
            counters = json.loads(frame.encoded(view=None, truth=False, world=False)[4:])["data"]
            then = frame.look.learnt.status[0]
            assert (counters["total_steps"] == then["total_steps"]) != beside
    finally:
        session._trainer.stop()


def test_a_new_optimum_needs_no_new_copy(session: Session) -> None:
    while session.truth.report.data["at_episode"] is None:
        time.sleep(0.001)
    publisher = Publisher(session, Hub())
    first = publisher.build("state")
    session.truth._stage += 1
    session.truth.report = session.truth._make_report()
    second = publisher.build("state")
    assert first is not None
    assert second is not None
    assert second.look is not first.look
    assert second.look.learnt is first.look.learnt
