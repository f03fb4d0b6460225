"""Frames, answers and viewers: every piece but the port, by a clock that the tests move."""

import json
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from dashboard.room import Message, Peer, Room, floats
from gridworld_dashboard.frames.learnt import Learnt
from gridworld_dashboard.session import Session
from gridworld_dashboard.wire import publisher as publishing
from gridworld_dashboard.wire.hub import MAX_OUTBOX, Client, Hub
from gridworld_dashboard.wire.protocol import error, pong
from gridworld_dashboard.wire.publisher import CHANGE_GAP_S, Publisher


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.close()


@pytest.fixture
def peer(room: Room) -> Peer:
    """A viewer who has read the first message."""
    made = room.peer()
    assert made.next()["type"] == "state"
    return made


def of_type(messages: list[Message], type_: str) -> list[dict[str, Any]]:
    return [message["data"] for message in messages if message["type"] == type_]


def wait_for_training(room: Room, steps: int = 1000) -> None:
    """Until the trainer, which has a clock of its own, has got somewhere."""
    while room.session.observer.running:
        counters = room.session.observer.counters()
        if counters is not None and counters["total_steps"] >= steps:
            return


# --- frames


def test_the_first_message_is_the_whole_state(room: Room) -> None:
    """TRAIN-05, TRAIN-06."""
    first = room.peer().next()
    assert first["type"] == "state"
    assert {
        "run",
        "running",
        "episode",
        "step",
        "agent_pos",
        "epsilon",
        "total_steps",
        "total_episodes",
        "episode_return",
        "steps_per_second",
        "max_steps",
        "trail",
        "trail_count",
        "parameters",
        "target_episodes",
        "target_steps",
        "finished",
        "events",
        "viewers",
        "autosave",
        "update",
        "shown",
        "agents",
        "agents_done",
        "all_steps",
        "visits_since",
        "repeatable",
        "world",
        "cells",
        "overview",
        "goals",
        "history",
        "truth",
        "regrets",
        "learnt_at",
        "undo",
        "pins",
        "planned",
        "temperature",
        "versus",
    } == set(first["data"])
    assert first["data"]["viewers"] == 1
    assert first["data"]["world"]["rows"] == ["S....", ".X.X.", "..X..", ".....", "....G"]


def test_an_idle_server_sends_the_state_every_second(room: Room, peer: Peer) -> None:
    peer.until(lambda m: m["data"]["truth"]["at_episode"] is not None)  # no more news
    room.tick(10)
    peer.waiting()
    while not peer.waiting():
        room.tick()
    for _ in range(3):
        room.tick(9)
        assert peer.waiting() == []
        room.tick()
        assert [message["type"] for message in peer.waiting()] == ["state"]


def test_updates_come_every_100_ms_by_the_clock(room: Room, peer: Peer) -> None:
    """VIZ-04, TRAIN-04: the same at one step a second and at full speed."""
    for speed in (1, None):
        peer.ask("start_training", num_episodes=None, speed=speed)
        room.tick()
        peer.waiting()
        for _ in range(20):
            room.tick()
            assert [message["type"] for message in peer.waiting()] == ["training_update"]
        peer.ask("stop_training")


def test_a_late_publisher_skips_ticks_and_keeps_to_the_clock(room: Room, peer: Peer) -> None:
    peer.ask("start_training", num_episodes=None, speed=1)
    room.tick(2)
    peer.waiting()
    room.clock.advance(0.37)
    assert len(peer.waiting()) == 1
    room.clock.advance(0.02)
    assert peer.waiting() == []
    room.clock.advance(0.011)
    assert len(peer.waiting()) == 1


def test_updates_carry_the_path_of_the_agent_viz_01(room: Room, peer: Peer) -> None:
    """VIZ-01, VIZ-03: consecutive cells, so that the marker can move along them."""
    peer.ask("start_training", num_episodes=None, speed=None)
    wait_for_training(room)
    room.tick()
    data = peer.type("training_update")["data"]
    trail = data["trail"]
    assert data["trail_count"] >= len(trail) > 5
    for before, after in pairwise(trail):
        placed = len(after) == 3
        assert placed or abs(after[0] - before[0]) + abs(after[1] - before[1]) <= 1
    assert trail[-1][:2] == data["agent_pos"]


def test_what_was_learnt_comes_twice_a_second_qval_01(room: Room, peer: Peer) -> None:
    """QVAL-01, QVAL-04, POL-01, POL-04, METRIC-04, METRIC-05."""
    peer.ask("start_training", num_episodes=None, speed=None)
    wait_for_training(room, 100_000)
    peer.waiting()
    frames = []
    for _ in range(20):
        room.tick()
        frames += of_type(peer.waiting(), "training_update")
    with_parts = [frame for frame in frames if "cells" in frame]
    assert len(with_parts) == 4
    for frame in with_parts:
        assert {"overview", "goals", "history", "truth", "regrets"} <= set(frame)
    last = with_parts[-1]
    assert floats(last["cells"]["q"]).max() == pytest.approx(10, abs=0.5)
    assert last["overview"] is None
    assert last["goals"] > 0
    assert len(floats(last["history"]["rolling_return"])) > 0
    assert last["history"]["episodes"] > 0
    assert sum("world" in frame for frame in frames) <= 4  # the same for the whole run


def test_a_frame_that_shows_what_was_learnt_is_of_one_moment(
    room: Room, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counters, Q-table, visits and history belong together, at full speed."""
    look = room.session.observer.look

    def look_and_be_late() -> Learnt:
        learnt = look()
        wait_for_training(room, int(learnt.status["total_steps"][0]) + 1)
        return learnt

    monkeypatch.setattr(room.session.observer, "look", look_and_be_late)
    frames: list[dict[str, Any]] = []
    while len(frames) < 5:
        peer.ask("reset")
        peer.ask("start_training", num_episodes=None, speed=None, seed=4)
        wait_for_training(room)
        for _ in range(5):
            room.tick()
            frames += [f for f in of_type(peer.waiting(), "training_update") if "cells" in f]
        peer.ask("stop_training")
    for frame in frames:
        steps = frame["total_steps"]
        assert frame["learnt_at"] == {
            "total_episodes": frame["total_episodes"],
            "total_steps": steps,
        }
        assert steps >= 1000
        run = gw.train(gw.make("default"), steps=steps, seed=4)
        assert floats(frame["cells"]["q"]).tobytes() == run.q.tobytes()
        visits = np.frombuffer(floats(frame["cells"]["visits"]).tobytes(), np.float64)
        assert np.delete(visits, [6, 8, 12, 24]).sum() == steps
        assert frame["epsilon"] == pytest.approx(run.batch.agents["epsilon"][0], rel=1e-5)
        assert frame["history"]["episodes"] <= frame["total_episodes"]


def test_a_crowd_gets_what_was_learnt_in_turns(room: Room) -> None:
    peers = [room.peer() for _ in range(12)]
    for each in peers:
        each.next()
    peers[0].ask("start_training", num_episodes=None, speed=1000)
    room.tick()
    turns = []
    for each in (peers[0], peers[-1]):
        each.waiting()
    for tick in range(20):
        room.tick()
        for each in (peers[0], peers[-1]):
            frames = of_type(each.waiting(), "training_update")
            turns += [(each, tick) for frame in frames if "cells" in frame]
    first = [tick for each, tick in turns if each is peers[0]]
    last = [tick for each, tick in turns if each is peers[-1]]
    assert len(first) == 4
    assert last == [tick + 1 for tick in first][: len(last)]
    assert len(last) >= 3


def test_a_new_run_brings_its_world_and_its_values_at_once(peer: Peer) -> None:
    peer.ask("start_training", world="easy", num_episodes=None, speed=50)
    frame = peer.type("training_update", "state")
    assert frame["data"]["world"]["name"] == "easy"
    assert frame["data"]["run"] == 2
    assert "cells" in frame["data"]


def test_a_change_is_shown_at_once(room: Room, peer: Peer) -> None:
    room.tick()
    peer.ask("set_speed", speed=7)
    room.clock.advance(1.5 * CHANGE_GAP_S)
    states = of_type(peer.waiting(), "state")
    assert states[-1]["parameters"]["speed"] == 7
    assert states[-1]["events"][-1]["type"] == "speed_set"


def test_no_frame_of_before_follows_the_answer_to_a_command(room: Room, peer: Peer) -> None:
    for _ in range(8):
        assert peer.ask("start_training", num_episodes=None, speed=1000)["type"] != "error"
        room.tick()
        peer.ask("reset")
        frame = peer.type("training_update", "state")
        assert not frame["data"]["running"]
        assert frame["data"]["total_steps"] == 0


def test_frames_repeat_the_last_events_numbered(peer: Peer) -> None:
    ids = []
    for _ in range(20):
        answer = peer.ask("stop_training")
        ids.append(answer["id"])
    peer.ask("ping")
    frame = peer.until(
        lambda m: m["type"] == "state" and m["data"]["events"][-1].get("id") == ids[-1]
    )
    events = frame["data"]["events"]
    assert [event["id"] for event in events] == ids[-16:]
    assert [event["n"] for event in events] == list(range(5, 21))


# --- what one viewer sees


def test_a_view_is_of_one_viewer_alone(room: Room, peer: Peer) -> None:
    peer.ask("configure", world="maze-100")
    other = room.peer()
    first = other.next()["data"]
    assert first["cells"] is None
    assert (first["overview"]["layer"], first["overview"]["width"]) == ("value", 100)
    answer = peer.ask("set_view", layer="visits", window=[-5, 90, 40, 200])
    assert answer["type"] == "view_set"
    assert answer["data"] == {"layer": "visits", "window": [0, 90, 35, 10]}
    frame = peer.until(lambda m: m["type"] == "state" and m["data"]["cells"] is not None)
    cells = frame["data"]["cells"]
    assert [cells[key] for key in ("x", "y", "width", "height")] == [0, 90, 35, 10]
    assert len(floats(cells["q"])) == 35 * 10 * 4
    assert frame["data"]["overview"]["layer"] == "visits"
    assert peer.ask("set_view", layer=None)["data"]["window"] == [0, 90, 35, 10]
    assert peer.ask("set_view", window=None)["data"] == {"layer": None, "window": None}
    peer.until(lambda m: m["type"] == "state" and m["data"]["overview"] is None)
    seen = other.type("state")["data"]
    assert (seen["cells"], seen["overview"]["layer"]) == (None, "value")
    assert seen["events"][-1]["type"] == "configured"  # a view is no event for others
    assert room.peer().next()["data"]["overview"]["layer"] == "value"


def test_the_next_update_shows_another_view(room: Room, peer: Peer) -> None:
    peer.ask("start_training", world="maze-100", num_episodes=None, speed=None)
    room.tick(7)
    peer.waiting()
    peer.ask("set_view", window=[0, 0, 8, 8], layer="td_error")
    room.tick(2)
    updates = of_type(peer.waiting(), "training_update")
    cells = [update["cells"] for update in updates if update.get("cells")]
    assert cells[0]["width"] == 8
    assert any(update["overview"]["layer"] == "td_error" for update in updates if "cells" in update)


def test_a_large_world_is_not_repeated_for_ever(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridworld_dashboard.wire.stream.LARGE_WORLD", 24)
    peer.ask("stop_training")
    frames = []
    for _ in range(7):
        peer.send("ping")
        peer.send("set_speed", speed=30)
        frames.append(peer.type("state")["data"])
    assert "world" not in frames[-1]
    assert sum("world" in frame for frame in frames) < 4
    peer.ask("reset")
    assert "world" in peer.type("state")["data"]


def test_any_agent_is_shown_to_all(room: Room, peer: Peer) -> None:
    other = room.peer()
    other.type("state")
    peer.ask("configure", agents=20)
    peer.ask("step")
    assert peer.ask("show_agent", agent=7)["data"] == {"agent": 7}
    frame = other.until(lambda m: m["type"] == "state" and m["data"]["shown"] == 7)["data"]
    assert (frame["agents"], frame["total_steps"], frame["all_steps"]) == (20, 1, 20)
    assert frame["history"]["agents"] == 20
    assert frame["visits_since"] == 1
    assert np.isfinite(floats(frame["cells"]["td_error"])[0])  # of its step


def test_the_truth_comes_as_soon_as_it_is_known(peer: Peer) -> None:
    frame = peer.until(
        lambda m: m["type"] == "state" and m["data"]["truth"]["at_episode"] is not None
    )
    assert frame["data"]["truth"]["state"] == "ready"
    assert frame["data"]["truth"]["optimal_length"] == 8
    assert floats(frame["data"]["cells"]["optimal"])[0] == pytest.approx(8.62, abs=0.1)


def test_a_step_stops_and_others_hear_of_both(room: Room, peer: Peer) -> None:
    other = room.peer()
    other.type("state")  # before that it has not joined
    peer.ask("start_training", num_episodes=None, speed=50)
    other.type("training_started")
    assert peer.ask("step")["type"] == "step_complete"
    assert other.type("training_stopped", "step_complete")["type"] == "training_stopped"
    frame = peer.type("state")["data"]
    assert not frame["running"]
    assert [event["type"] for event in frame["events"]][-2:] == [
        "training_stopped",
        "step_complete",
    ]


# --- commands


def test_an_array_of_commands_is_answered_one_by_one_in_order(peer: Peer) -> None:
    commands = [
        {"type": "ping", "id": 1},
        {"type": "set_speed", "data": {"speed": 99}, "id": 2},
        {"type": "nonsense", "id": 3},
        {"type": "stop_training", "id": 4},
    ]
    peer.say(json.dumps(commands))
    answers = [peer.until(lambda m: "id" in m) for _ in commands]
    assert [(a["id"], a["type"]) for a in answers] == [
        (1, "pong"),
        (2, "speed_set"),
        (3, "error"),
        (4, "training_stopped"),
    ]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("hello", "must be JSON"),
        ('{"type": "ping", "id": NaN}', "NaN"),
        ('{"type": "start_training", "data": {"learning_rate": 1.5}}', "in (0, 1], got 1.5"),
        ('{"type": "start_training", "data": {"epsilon": true}}', "got true"),
        ('{"type": "start_training", "data": {"num_episodes": 1e308}}', "got 1e+308"),
        ('{"type": "save_qtable", "data": {"name": "../x"}}', 'got "../x"'),
        ('{"type": "fly"}', "type must be one of"),
        (b"\xff\x00", "binary"),
        ("[" * 60_000, "nested too deeply"),
        ("x" * 65_000, "must be JSON"),
    ],
)
def test_nonsense_is_answered_and_everything_goes_on(
    peer: Peer, frame: str | bytes, words: str
) -> None:
    peer.ask("start_training", num_episodes=None, speed=50)
    peer.say(frame)
    answer = peer.type("error")
    assert words in answer["data"]["message"]
    assert "id" not in answer
    assert peer.type("training_update")["data"]["running"]


@pytest.mark.parametrize("frame", ["x" * 65_537, "é" * 40_000])
def test_a_frame_over_64_kib_closes_its_connection(peer: Peer, frame: str) -> None:
    peer.say(frame)
    assert peer.end() == (1009, "Message is too big")


def test_answers_go_to_who_asked_and_changes_to_all(room: Room, peer: Peer) -> None:
    other = room.peer()
    other.next()
    peer.ask("ping")
    peer.ask("set_speed", speed=None)
    peer.ask("start_training", num_episodes=5)
    peer.type("training_complete")
    peer.ask("start_training", num_episodes=None)
    peer.ask("stop_training")
    peer.ask("save_qtable")
    peer.ask("load_qtable")
    peer.ask("configure", speed=3)
    peer.ask("configure", seed=3)
    peer.ask("set_view", layer="visits")
    peer.ask("show_agent", agent=0)
    peer.ask("reset")
    peer.ask("fly")
    heard: list[Message] = []
    while not heard or heard[-1]["type"] != "reset_complete":
        message = other.next()
        if message["type"] not in ("state", "training_update"):
            heard.append(message)
    assert [message["type"] for message in heard] == [
        "training_started",
        "training_complete",
        "training_started",
        "training_stopped",
        "load_complete",
        "configured",
        "reset_complete",
    ]
    assert not any("id" in message for message in heard)


def test_viewers_are_counted(room: Room, peer: Peer) -> None:
    other = room.peer()
    assert other.next()["data"]["viewers"] == 2
    other.leave()
    peer.until(lambda m: m["type"] == "state" and m["data"]["viewers"] == 1)


# --- viewers who do not behave


def test_a_client_that_reads_nothing_changes_nothing_for_others(room: Room, peer: Peer) -> None:
    peer.ask("start_training", num_episodes=None, speed=None)
    silent = [room.peer() for _ in range(3)]
    for each in silent:  # and asks for more than it ever reads
        each.line.input_buffer += ['{"type": "ping"}'] * 20_000
        each.line.event.set()
    room.tick(2)
    peer.waiting()
    for _ in range(30):
        room.tick()
        assert len(of_type(peer.waiting(), "training_update")) == 1
    assert peer.ask("stop_training")["type"] == "training_stopped"
    outboxes = [len(client.outbox) for client in room.stream.hub._copy()]
    assert max(outboxes) <= MAX_OUTBOX
    assert all(each.line.input_buffer for each in silent)  # it answers no more until they read


def test_a_client_that_reads_slowly_gets_newer_frames_not_more(
    room: Room, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridworld_dashboard.wire.transport.SEND_BUFFER_BYTES", 16 * 1024)
    slow = room.peer()
    slow.next()
    peer.ask("start_training", num_episodes=None, speed=None)
    wait_for_training(room)
    for _ in range(3):
        room.tick(100)
        read = of_type(slow.waiting(), "training_update")
        assert 0 < len(read) < 60  # those that fitted in between
        room.tick()
        [newest] = of_type(slow.waiting(), "training_update")
        assert newest["total_steps"] > read[-1]["total_steps"]
        counters = room.session.observer.counters()
        assert counters is not None
        # what it reads then is of now
        assert newest["total_steps"] > 0.5 * counters["total_steps"]
        peer.waiting()


def test_the_stream_says_goodbye(room: Room, peer: Peer) -> None:
    closer = threading.Thread(target=room.stream.close)
    closer.start()
    assert peer.end() == (1001, "the server stops")
    closer.join(10)
    assert not closer.is_alive()


# --- the pieces


def test_an_outbox_is_bounded() -> None:
    client = Client(lambda: None)
    for _ in range(MAX_OUTBOX + 1):
        client.post("x")
    assert client.overflowed
    assert len(client.outbox) == MAX_OUTBOX


def test_events_are_answers_with_an_id_and_what_all_must_know() -> None:
    hub = Hub()
    client = Client(lambda: None)
    hub.join(client)
    hub.answer(client, pong(1.0), "a", tell=False)
    hub.answer(client, error("x"), None, tell=False)
    hub.answer(client, error("y"), "b", tell=False)
    hub.announce({"type": "training_complete", "data": {}})
    assert hub.events == [
        {"n": 1, "type": "error", "data": {"message": "y"}, "id": "b"},
        {"n": 2, "type": "training_complete", "data": {}},
    ]
    assert len(client.outbox) == 4


def test_what_was_learnt_is_looked_at_again_only_when_it_may_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(tmp_path)
    looked = []
    look = session.observer.look

    def count() -> Any:
        looked.append(1)
        return look()

    monkeypatch.setattr(session.observer, "look", count)
    try:
        publisher = Publisher(session, Hub())
        frames = [publisher.build("state") for _ in range(3)]
        assert len(looked) == 1
        assert [frame.number for frame in frames if frame is not None] == [1, 2, 3]
        session._trainer.step()
        publisher.build("state")
        assert len(looked) == 2
        publisher.build("state")
        assert len(looked) == 2
    finally:
        session.close()


def test_the_ticks_are_those_of_the_specification() -> None:
    assert publishing.TICK_S == 0.1
    assert publishing.IDLE_TICKS * publishing.TICK_S == 1.0


def test_errors_make_no_frame_large(room: Room) -> None:
    peer, other = room.peer(), room.peer()
    usual = len(json.dumps(other.type("state")))
    long = "x" * 20_000
    for world in (
        {"map": ["S.G"], "portals": [[long] * 3]},
        {"map": ["S.G"], long: 1},
        {"map": ["S.G"], "rewards": {"cells": {long: 1}}},
        {"map": [long]},
        {"map": ["S.G"], "name": long},
    ):
        for _ in range(5):
            answer = peer.ask("configure", world=world)
            assert answer["type"] == "error"
            assert len(answer["data"]["message"]) <= 800
    room.tick(12)
    frames = [message for message in other.waiting() if message["type"] == "state"]
    assert len(frames[-1]["data"]["events"]) == 16
    assert len(json.dumps(frames[-1])) < usual + 16 * 1000
