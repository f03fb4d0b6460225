"""Frames, answers and viewers: a real client against the real server, on a free port."""

import base64
import json
import os
import socket
import statistics
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from gridworld_dashboard.server import DashboardServer
from gridworld_dashboard.session import Session
from gridworld_dashboard.wire import publisher as publishing
from gridworld_dashboard.wire.hub import MAX_OUTBOX, Client, Hub
from gridworld_dashboard.wire.protocol import error, pong
from gridworld_dashboard.wire.publisher import Publisher
from gridworld_dashboard.wire.transport import Transport, Wake, text_frame

Message = dict[str, Any]


class Peer:
    """A client that keeps every message, with the time of its arrival."""

    def __init__(self, url: str) -> None:
        self._stack = ExitStack()
        self.ws: ClientConnection = self._stack.enter_context(
            connect(url, compression=None, max_size=None, close_timeout=1)
        )
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def next(self, timeout: float = 10.0) -> Message:
        message = json.loads(self.ws.recv(timeout=timeout))
        assert isinstance(message, dict)
        return message

    def until(self, matches: Callable[[Message], bool], timeout: float = 10.0) -> Message:
        deadline = time.monotonic() + timeout
        while True:
            message = self.next(max(0.01, deadline - time.monotonic()))
            if matches(message):
                return message

    def type(self, *types: str) -> Message:
        return self.until(lambda message: message["type"] in types)

    def send(self, type_: str, **data: Any) -> str:
        self._count += 1
        id_ = f"{id(self)}-{self._count}"
        self.ws.send(json.dumps({"type": type_, "data": data, "id": id_}))
        return id_

    def close_of(self, frame: str | bytes | None = None) -> tuple[int, str]:
        """Code and reason of the close frame that the server sends, in answer to `frame`."""
        closed: ConnectionClosed | None = None
        try:
            if frame is not None:
                self.ws.send(frame)
            while True:
                self.next()
        except ConnectionClosed as error:
            closed = error
        assert closed.rcvd is not None, "the connection broke off without a close frame"
        return closed.rcvd.code, closed.rcvd.reason

    def ask(self, type_: str, **data: Any) -> Message:
        """One command and its answer."""
        id_ = self.send(type_, **data)
        return self.until(lambda message: message.get("id") == id_)


@pytest.fixture
def url(server: DashboardServer) -> str:
    return f"ws://127.0.0.1:{server.port}/ws"


@pytest.fixture
def peer(url: str) -> Iterator[Peer]:
    with Peer(url) as made:
        yield made


def floats(text: str) -> npt.NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), "<f4")


# --- frames


def test_the_first_message_is_the_whole_state_web_02(peer: Peer) -> None:
    """WEB-02, TRAIN-05, TRAIN-06."""
    first = peer.next()
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
    } == set(first["data"])
    assert first["data"]["viewers"] == 1
    assert first["data"]["world"]["rows"] == ["S....", ".X.X.", "..X..", ".....", "....G"]


def test_an_idle_server_sends_the_state_every_second(peer: Peer) -> None:
    peer.next()
    times = []
    for _ in range(3):
        assert peer.next()["type"] == "state"
        times.append(time.monotonic())
    assert [b - a for a, b in pairwise(times)] == [pytest.approx(1.0, abs=0.25)] * 2


def test_updates_come_every_100_ms_by_the_clock_viz_04(peer: Peer) -> None:
    """VIZ-04, TRAIN-04: the same at one step a second and at full speed."""
    for speed in (1, None):
        peer.ask("start_training", num_episodes=None, speed=speed)
        peer.type("training_update")
        times = []
        for _ in range(20):
            peer.type("training_update")
            times.append(time.monotonic())
        assert (times[-1] - times[0]) / 19 == pytest.approx(0.1, rel=0.15)
        gaps = [b - a for a, b in pairwise(times)]
        assert statistics.median(gaps) == pytest.approx(0.1, abs=0.02)
        peer.ask("stop_training")


def test_updates_carry_the_path_of_the_agent_viz_01(peer: Peer) -> None:
    """VIZ-01, VIZ-03: consecutive cells, so that the marker can move along them."""
    peer.ask("start_training", num_episodes=None, speed=50)
    peer.type("training_update")
    data = {}
    for _ in range(5):
        data = peer.type("training_update")["data"]
    trail = data["trail"]
    assert data["trail_count"] >= len(trail) > 5
    for before, after in pairwise(trail):
        placed = len(after) == 3
        assert placed or abs(after[0] - before[0]) + abs(after[1] - before[1]) <= 1
    assert trail[-1][:2] == data["agent_pos"]


def test_what_was_learnt_comes_twice_a_second_qval_01(peer: Peer) -> None:
    """QVAL-01, QVAL-04, POL-01, POL-04, METRIC-04, METRIC-05."""
    peer.ask("start_training", num_episodes=None, speed=None)
    frames = [peer.type("training_update")["data"] for _ in range(22)]
    with_parts = [frame for frame in frames if "cells" in frame]
    assert 3 <= len(with_parts) <= 7
    for frame in with_parts:
        assert {"overview", "goals", "history", "truth", "regrets"} <= set(frame)
    last = with_parts[-1]
    assert floats(last["cells"]["q"]).max() == pytest.approx(10, abs=0.5)
    assert last["overview"] is None
    assert last["goals"] > 0
    assert len(base64.b64decode(last["history"]["rolling_return"])) % 4 == 0
    assert last["history"]["episodes"] > 0
    assert sum("world" in frame for frame in frames) <= 4  # the same for the whole run


def test_a_crowd_gets_what_was_learnt_in_turns(url: str) -> None:
    with ExitStack() as stack:
        peers = [stack.enter_context(Peer(url)) for _ in range(12)]
        peers[0].ask("start_training", num_episodes=None, speed=1000)
        for peer in (peers[0], peers[-1]):
            peer.type("training_update")
            frames = [peer.type("training_update")["data"] for _ in range(12)]
            assert 2 <= sum("cells" in frame for frame in frames) <= 4


def test_a_new_run_brings_its_world_and_its_values_at_once(peer: Peer) -> None:
    peer.next()
    peer.ask("start_training", world="easy", num_episodes=None, speed=50)
    frame = peer.type("training_update", "state")
    assert frame["data"]["world"]["name"] == "easy"
    assert frame["data"]["run"] == 2
    assert "cells" in frame["data"]


def test_a_change_is_shown_at_once(peer: Peer) -> None:
    peer.next()
    begin = time.monotonic()
    peer.send("set_speed", speed=7)
    frame = peer.until(
        lambda m: m["type"] == "state" and m["data"]["parameters"]["speed"] == 7, timeout=2
    )
    assert frame["data"]["events"][-1]["type"] == "speed_set"
    assert time.monotonic() - begin < 0.3


def test_no_frame_of_before_follows_the_answer_to_a_command(peer: Peer) -> None:
    for _ in range(8):
        assert peer.ask("start_training", num_episodes=None, speed=1000)["type"] != "error"
        time.sleep(0.05)
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


def test_a_view_is_of_one_viewer_alone(peer: Peer, url: str) -> None:
    peer.ask("configure", world="maze-100")
    with Peer(url) as other:
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
        frame = peer.until(lambda m: m["type"] == "state")
        assert (frame["data"]["cells"], frame["data"]["overview"]) == (None, None)
        seen = other.type("state")["data"]
        assert (seen["cells"], seen["overview"]["layer"]) == (None, "value")
        assert seen["events"][-1]["type"] == "configured"  # a view is no event for others
    with Peer(url) as again:
        assert again.next()["data"]["overview"]["layer"] == "value"


def test_the_next_update_shows_another_view(peer: Peer) -> None:
    peer.ask("start_training", world="maze-100", num_episodes=None, speed=None)
    for _ in range(7):
        peer.type("training_update")
    peer.ask("set_view", window=[0, 0, 8, 8], layer="td_error")
    updates = [peer.type("training_update")["data"] for _ in range(2)]
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


def test_any_agent_is_shown_to_all(peer: Peer, url: str) -> None:
    with Peer(url) as other:
        other.type("state")
        peer.ask("configure", agents=20)
        peer.ask("step")
        assert peer.ask("show_agent", agent=7)["data"] == {"agent": 7}
        frame = other.until(lambda m: m["type"] == "state" and m["data"]["shown"] == 7)["data"]
        assert (frame["agents"], frame["total_steps"], frame["all_steps"]) == (20, 1, 20)
        assert frame["history"]["agents"] == 20
        assert floats(frame["cells"]["td_error"])[0] != floats(frame["cells"]["td_error"])[0]  # NaN


def test_the_truth_comes_as_soon_as_it_is_known(peer: Peer) -> None:
    frame = peer.until(
        lambda m: m["type"] == "state" and m["data"]["truth"]["at_episode"] is not None, timeout=3
    )
    assert frame["data"]["truth"]["state"] == "ready"
    assert frame["data"]["truth"]["optimal_length"] == 8
    assert floats(frame["data"]["cells"]["optimal"])[0] == pytest.approx(8.62, abs=0.1)


def test_a_step_stops_and_others_hear_of_both(peer: Peer, url: str) -> None:
    with Peer(url) as other:
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


def test_every_command_is_answered_at_full_speed_within_100_ms_web_04(peer: Peer) -> None:
    """WEB-04."""
    peer.ask("start_training", num_episodes=None, speed=None)
    times = []
    for _ in range(60):
        begin = time.monotonic()
        peer.ask("ping")
        times.append(time.monotonic() - begin)
        time.sleep(0.005)
    for type_ in ("save_qtable", "load_qtable", "step", "stop_training", "reset"):
        begin = time.monotonic()
        peer.ask(type_)
        times.append(time.monotonic() - begin)
    times.sort()
    assert times[len(times) * 9 // 10] < 0.1  # the tenth worst: a loaded machine is slow


def test_an_array_of_commands_is_answered_one_by_one_in_order(peer: Peer) -> None:
    peer.next()
    commands = [
        {"type": "ping", "id": 1},
        {"type": "set_speed", "data": {"speed": 99}, "id": 2},
        {"type": "nonsense", "id": 3},
        {"type": "stop_training", "id": 4},
    ]
    peer.ws.send(json.dumps(commands))
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
    peer.ws.send(frame)
    answer = peer.type("error")
    assert words in answer["data"]["message"]
    assert "id" not in answer
    assert peer.type("training_update")["data"]["running"]


@pytest.mark.parametrize("frame", ["x" * 65_537, b"x" * 65_537, "x" * 1_000_000, "é" * 40_000])
def test_only_a_frame_over_64_kib_closes_its_connection(
    peer: Peer, url: str, frame: str | bytes
) -> None:
    with Peer(url) as other:
        other.ask("start_training", num_episodes=None, speed=50)
        assert peer.close_of(frame) == (1009, "Message is too big")
        assert other.ask("ping")["type"] == "pong"
        assert other.type("training_update")["data"]["running"]


def test_answers_go_to_who_asked_and_changes_to_all(peer: Peer, url: str) -> None:
    with Peer(url) as other:
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


def test_viewers_are_counted(peer: Peer, url: str) -> None:
    peer.next()
    with Peer(url) as other:
        assert other.next()["data"]["viewers"] == 2
    peer.until(lambda m: m["type"] == "state" and m["data"]["viewers"] == 1)


# --- viewers who do not behave


def raw_connection(port: int) -> socket.socket:
    """A client that shakes hands and then reads nothing unless told to."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    sock.sendall(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return sock


def masked(text: str) -> bytes:
    """A text frame of a client (at most 125 characters), masked with zeros."""
    payload = text.encode()
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload


def test_a_client_that_reads_nothing_changes_nothing_for_others(
    server: DashboardServer, peer: Peer
) -> None:
    peer.ask("start_training", num_episodes=None, speed=None)
    silent = [raw_connection(server.port) for _ in range(3)]
    try:
        for sock in silent:  # and asks for more than it ever reads
            sock.setblocking(False)
            for _ in range(2000):
                try:
                    sock.send(masked('{"type": "ping"}'))
                except BlockingIOError:
                    break
        peer.type("training_update")
        times = [time.monotonic()]
        for _ in range(15):
            peer.type("training_update")
            times.append(time.monotonic())
        assert (times[-1] - times[0]) / 15 == pytest.approx(0.1, rel=0.2)
        begin = time.monotonic()
        peer.ask("stop_training")
        assert time.monotonic() - begin < 0.5
        assert server._stream is not None
        outboxes = [len(client.outbox) for client in server._stream.hub._copy()]
        assert max(outboxes) <= MAX_OUTBOX
    finally:
        for sock in silent:
            sock.close()


def test_a_client_that_reads_slowly_gets_newer_frames_not_more(
    server: DashboardServer, peer: Peer
) -> None:
    peer.ask("start_training", num_episodes=None, speed=None)
    sock = raw_connection(server.port)
    try:
        time.sleep(3.0)
        sock.settimeout(5.0)
        got = bytearray()
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            got += sock.recv(1 << 20)
        steps = peer.type("training_update")["data"]["total_steps"]
        last = json.loads(last_text(bytes(got)))["data"]["total_steps"]
        # what it reads at last is of about now, not of three seconds ago
        assert last > steps * 0.5
    finally:
        sock.close()


def last_text(stream: bytes) -> bytes:
    """The last whole frame behind the HTTP response."""
    at = stream.index(b"\r\n\r\n") + 4
    text = b""
    while at + 10 < len(stream):
        size, head = stream[at + 1], 2
        if size == 126:
            size, head = struct.unpack_from("!H", stream, at + 2)[0], 4
        elif size == 127:
            size, head = struct.unpack_from("!Q", stream, at + 2)[0], 10
        if at + head + size > len(stream):
            break
        if stream[at] == 0x81:
            text = stream[at + head : at + head + size]
        at += head + size
    return text


def test_the_server_says_goodbye(server: DashboardServer, peer: Peer) -> None:
    peer.next()
    closer = threading.Thread(target=server.close)
    closer.start()
    assert peer.close_of() == (1001, "the server stops")
    closer.join(10)


# --- the pieces


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_text_frames_have_the_header_of_their_length(size: int) -> None:
    frame = text_frame("x" * size)
    head = {0: 2, 125: 2, 126: 4, 65535: 4, 65536: 10}[size]
    assert len(frame) == head + size
    assert frame[0] == 0x81
    assert last_text(b"\r\n\r\n" + frame + text_frame("padding" * 3)) in (
        b"x" * size,
        b"padding" * 3,
    )


def test_a_poke_ends_the_wait_without_a_message() -> None:
    wake = Wake()
    wake.poke()
    assert wake.wait(5) is False
    wake.set()
    wake.poke()
    assert wake.wait(5) is True
    wake.clear()
    assert wake.wait(0) is False


def test_the_transport_neither_waits_nor_sends_twice() -> None:
    near, far = socket.socketpair()
    transport = Transport(near)
    try:
        assert transport.offer(lambda: b"one")
        assert far.recv(10) == b"one"
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sent = 0
        while transport.offer(lambda: b"x" * 10_000):
            sent += 1
            assert sent < 1000
        assert not transport.writable()
        reader = threading.Thread(target=lambda: None)
        reader.start()
        far.close()
        transport.finish(reader)
        with pytest.raises(ConnectionError, match="closed"):
            transport.send(b"late")
    finally:
        near.close()
        far.close()


def test_the_transport_makes_a_flooding_sender_wait() -> None:
    near, far = socket.socketpair()
    transport = Transport(near)
    waiting = [1000]
    transport.backlog = lambda: waiting[0]
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(transport.recv(10)))
    try:
        far.send(b"data")
        reader.start()
        time.sleep(0.05)
        assert got == []
        waiting[0] = 0
        reader.join(5)
        assert got == [b"data"]
    finally:
        near.close()
        far.close()


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
    learnt = session.learnt

    def count() -> Any:
        looked.append(1)
        return learnt()

    monkeypatch.setattr(session, "learnt", count)
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
