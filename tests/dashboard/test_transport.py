"""What lies under a WebSocket: nobody waits for a viewer, and nothing follows the end."""

import socket
import threading

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Event, Ping, TextMessage

from gridworld_dashboard.wire.transport import Transport, Wake, text_frame


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_text_frames_have_the_header_of_their_length(size: int) -> None:
    frame = text_frame("x" * size)
    head = {0: 2, 125: 2, 126: 4, 65535: 4, 65536: 10}[size]
    assert len(frame) == head + size
    assert frame[0] == 0x81
    assert frame[head:] == b"x" * size


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
        reader.join(0.05)
        assert got == []
        waiting[0] = 0
        reader.join(5)
        assert got == [b"data"]
    finally:
        near.close()
        far.close()


@pytest.mark.parametrize(
    "before",
    [(), (Ping(b"x"),), (TextMessage("y" * 130), TextMessage("z" * 70_000), Ping())],
    ids=len,
)
def test_nothing_follows_the_close_frame(before: tuple[Event, ...]) -> None:
    """A browser tells of a frame behind it as of an error."""
    near, far = socket.socketpair()
    transport, server = Transport(near), Connection(ConnectionType.SERVER)
    reader = threading.Thread(target=lambda: [None for _ in iter(lambda: far.recv(65536), b"")])
    reader.start()
    try:
        transport.send(b"".join(map(server.send, before)))
        assert transport.writable(5)
        assert transport.offer(lambda: text_frame("a frame"))
        transport.send(server.send(Ping()) + server.send(CloseConnection(1000, "bye")))
        assert not transport.offer(lambda: text_frame("late"))
        with pytest.raises(ConnectionError, match="closed"):
            transport.send(text_frame("later"))
    finally:
        near.shutdown(socket.SHUT_RDWR)
        reader.join(5)
        near.close()
        far.close()
