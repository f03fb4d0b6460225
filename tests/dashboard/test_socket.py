"""The stream over real sockets: a real client against the real server, on a free port."""

import base64
import json
import os
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from typing import Any, Self

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from clock import sometimes
from gridworld_dashboard.server import DashboardServer
from gridworld_dashboard.wire.hub import MAX_OUTBOX

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


def test_the_first_message_is_the_whole_state_web_02(peer: Peer) -> None:
    """WEB-02."""
    first = peer.next()
    assert first["type"] == "state"
    assert {"run", "episode", "cells", "history", "truth", "world"} <= set(first["data"])


def test_updates_come_every_100_ms_by_the_clock_viz_04(peer: Peer) -> None:
    """VIZ-04, TRAIN-04: the same at one step a second and at full speed."""

    def are_in_time() -> bool:
        times = []
        for _ in range(12):
            peer.type("training_update")
            times.append(time.monotonic())
        gaps = [b - a for a, b in pairwise(times)]
        mean, median = (times[-1] - times[0]) / 11, statistics.median(gaps)
        return abs(mean - 0.1) <= 0.015 and abs(median - 0.1) <= 0.02

    for speed in (1, None):
        peer.ask("start_training", num_episodes=None, speed=speed)
        peer.type("training_update")
        assert sometimes(are_in_time)
        peer.ask("stop_training")


def test_every_command_is_answered_at_full_speed_within_100_ms_web_04(peer: Peer) -> None:
    """WEB-04."""

    def worst(commands: Sequence[str]) -> float:
        """Seconds of the tenth worst: a loaded machine is slow."""
        times = []
        for type_ in commands:
            begin = time.monotonic()
            peer.ask(type_)
            times.append(time.monotonic() - begin)
            time.sleep(0.005)
        return sorted(times)[len(times) * 9 // 10]

    def quick(command: str) -> bool:
        return worst([command]) < 0.1

    peer.ask("start_training", num_episodes=None, speed=None)
    assert sometimes(lambda: worst(["ping"] * 60) < 0.1)
    for type_ in ("save_qtable", "load_qtable", "step", "stop_training", "reset"):
        assert sometimes(partial(quick, type_)), type_


@pytest.mark.parametrize("frame", ["x" * 65_537, b"x" * 65_537, "x" * 1_000_000, "é" * 40_000])
def test_only_a_frame_over_64_kib_closes_its_connection(
    peer: Peer, url: str, frame: str | bytes
) -> None:
    with Peer(url) as other:
        other.ask("start_training", num_episodes=None, speed=50)
        assert peer.close_of(frame) == (1009, "Message is too big")
        assert other.ask("ping")["type"] == "pong"
        assert other.type("training_update")["data"]["running"]


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

        def are_in_time() -> bool:
            begin = time.monotonic()
            for _ in range(8):
                peer.type("training_update")
            return abs((time.monotonic() - begin) / 8 - 0.1) <= 0.02

        assert sometimes(are_in_time)
        begin = time.monotonic()
        peer.ask("stop_training")
        assert time.monotonic() - begin < 0.5
        assert server._stream is not None
        outboxes = [len(client.outbox) for client in server._stream.hub._copy()]
        assert max(outboxes) <= MAX_OUTBOX
    finally:
        for sock in silent:
            sock.close()


def test_the_server_says_goodbye(server: DashboardServer, peer: Peer) -> None:
    peer.next()
    closer = threading.Thread(target=server.close)
    closer.start()
    assert peer.close_of() == (1001, "the server stops")
    closer.join(10)
