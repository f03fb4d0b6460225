"""A stream and its viewers in one process: no port, and a clock that the tests move."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from simple_websocket import ConnectionClosed  # type: ignore[import-untyped]

from gridworld_dashboard.session import Session
from gridworld_dashboard.wire.publisher import TICK_S
from gridworld_dashboard.wire.stream import Stream
from gridworld_dashboard.wire.transport import Transport, Wake, text_frame

Message = dict[str, Any]

PATIENCE_S = 20.0


def floats(text: str) -> npt.NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), "<f4")


class Clock:
    """Seconds that pass when a test says so, and an event whose `wait` goes by them."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.changed = threading.Condition()
        self.wake = _Wake(self)

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass, and return when what was due then is done."""
        with self.changed:
            self.now += seconds
            self.changed.notify_all()
        self.settle()

    def settle(self) -> None:
        """Wait until whoever waits on the event has nothing left to do now."""
        with self.changed:
            assert self.changed.wait_for(self.wake.at_rest, PATIENCE_S)


class _Wake(threading.Event):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._until: float | None = None  # while somebody waits

    def at_rest(self) -> bool:
        """Whether somebody waits, and neither the time nor a call ends that."""
        return self._until is not None and self._clock.now < self._until and not self.is_set()

    def set(self) -> None:
        with self._clock.changed:
            super().set()
            self._clock.changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        with self._clock.changed:
            self._until = self._clock.now + (1e9 if timeout is None else timeout)
            self._clock.changed.notify_all()
            self._clock.changed.wait_for(
                lambda: self.is_set() or self._clock.now >= (self._until or 0)
            )
            self._until = None
            return self.is_set()


class Rest(Wake):
    """The server's event, which tells whether the viewer's thread has nothing left to do."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = False

    @property
    def at_rest(self) -> bool:
        with self._condition:
            return self._waiting and not self._message and not self._poked

    def wait(self, timeout: float | None = None) -> bool:
        self._waiting = True
        try:
            return super().wait(timeout)
        finally:
            self._waiting = False


class Line:
    """Stands in for simple-websocket's `Server`: the server's end of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = Transport(sock)
        self.event = Rest()
        self.thread = threading.Thread(target=lambda: None)  # the reader, which has ended
        self.thread.start()
        self.input_buffer: list[str | bytes] = []
        self.closed: tuple[int | None, str | None] | None = None
        self.hung_up = False

    def send(self, data: str) -> None:
        self.sock.send(text_frame(data))

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        if self.hung_up:
            raise ConnectionClosed
        if not self.event.wait(timeout) or not self.input_buffer:
            return None
        received = self.input_buffer.pop(0)
        if not self.input_buffer:
            self.event.clear()
        return received

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        self.closed = (reason, message)


class Peer:
    """The viewer's end of a connection."""

    def __init__(self, stream: Stream, clock: Clock) -> None:
        self._clock = clock
        near, self.sock = socket.socketpair()
        self.sock.settimeout(PATIENCE_S)
        self._near = near
        self.line = Line(near)
        self._bytes = b""
        self._count = 0
        self._thread = threading.Thread(target=stream.handle, args=(self.line,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Hang up, and wait until the stream has noticed."""
        self.line.hung_up = True
        self.line.event.poke()
        self.sock.close()
        self._thread.join(PATIENCE_S)
        self._near.close()

    # --- what it says

    def say(self, frame: str | bytes) -> None:
        self.line.input_buffer.append(frame)
        self.line.event.set()

    def send(self, type_: str, **data: Any) -> str:
        self._count += 1
        id_ = f"{id(self)}-{self._count}"
        self.say(json.dumps({"type": type_, "data": data, "id": id_}))
        return id_

    def ask(self, type_: str, **data: Any) -> Message:
        """One command and its answer."""
        id_ = self.send(type_, **data)
        while (message := self.next()).get("id") != id_:
            pass
        return message

    # --- what it hears

    def next(self) -> Message:
        """The next message, as soon as it is there."""
        while (found := self._cut()) is None:
            received = self.sock.recv(1 << 20)
            assert received, "the server has hung up"
            self._bytes += received
        return found

    def waiting(self) -> list[Message]:
        """All messages that are there, when the server has sent what it has to send."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.line.event.at_rest:
            assert time.monotonic() < deadline, "the server never comes to rest"
            time.sleep(0.0005)
        self.sock.setblocking(False)
        try:
            while received := self.sock.recv(1 << 20):
                self._bytes += received
        except BlockingIOError:
            pass
        finally:
            self.sock.settimeout(PATIENCE_S)
        found = []
        while (message := self._cut()) is not None:
            found.append(message)
        return found

    def _cut(self) -> Message | None:
        """The first whole frame of the bytes that came (RFC 6455, 5.2; unmasked)."""
        data, head = self._bytes, 2
        if len(data) < 10:
            return None
        assert data[0] == 0x81
        size = data[1]
        if size >= 126:
            head = 4 if size == 126 else 10
            size = int.from_bytes(data[2:head], "big")
        if len(data) < head + size:
            return None
        self._bytes = data[head + size :]
        message = json.loads(data[head : head + size])
        assert isinstance(message, dict)
        return message

    def until(self, matches: Callable[[Message], bool]) -> Message:
        """The next message that matches; while none is there, time passes, a frame at a step."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            while (message := self._soon()) is not None:
                if matches(message):
                    return message
            assert time.monotonic() < deadline, "it did not come"
            self._clock.advance(TICK_S)

    def _soon(self) -> Message | None:
        """The next message, if it comes without a step of the clock."""
        if (found := self._cut()) is not None:
            return found
        self.sock.settimeout(0.005)
        try:
            received = self.sock.recv(1 << 20)
        except TimeoutError:
            return None
        finally:
            self.sock.settimeout(PATIENCE_S)
        assert received, "the server has hung up"
        self._bytes += received
        return self._soon()

    def end(self) -> tuple[int | None, str | None]:
        """Code and reason with which the server closes the connection."""
        while self.sock.recv(1 << 20):
            pass
        assert self.line.closed is not None, "it broke off without a reason"
        return self.line.closed

    def type(self, *types: str) -> Message:
        return self.until(lambda message: message["type"] in types)


class Room:
    """A session, its stream, and peers."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.session = Session(folder)
        self.stream = Stream(self.session, self.clock, self.clock.wake)
        self.clock.settle()
        self._peers: list[Peer] = []

    def peer(self) -> Peer:
        """A viewer more."""
        self._peers.append(Peer(self.stream, self.clock))
        return self._peers[-1]

    def tick(self, n: int = 1) -> None:
        """So many tenths of a second, each with what is due in it."""
        for _ in range(n):
            self.clock.advance(TICK_S)

    def close(self) -> None:
        for peer in self._peers:
            peer.leave()
        self.session.close()
        self.stream.close()
