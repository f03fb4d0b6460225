"""HTTP with patience and bounds: what is slow, broken, endless or too many."""

import base64
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridworld_dashboard.access import Access
from gridworld_dashboard.app import create_app
from gridworld_dashboard.server import DashboardServer, room_for_viewers
from gridworld_dashboard.wire import http
from gridworld_dashboard.wire.hub import MAX_CLIENTS


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DashboardServer]:
    made = DashboardServer(port=0, folder=tmp_path_factory.mktemp("http"))
    made.start()
    yield made
    made.close()


def said(server: DashboardServer, *pieces: bytes, pause: float = 0.0) -> bytes:
    """All that is answered to bytes that are sent piece by piece."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sock:
        for piece in pieces:
            try:
                sock.sendall(piece.replace(b"HOST", b"Host: 127.0.0.1:%d" % server.port))
            except OSError:
                break
            time.sleep(pause)
        answer = b""
        try:
            while received := sock.recv(65536):
                answer += received
        except ConnectionError:
            pass
        return answer


def status(server: DashboardServer, *pieces: bytes) -> int:
    first = said(server, *pieces).split(b"\r\n")[0].split()
    return int(first[1]) if len(first) > 1 else 0


GET = b"GET / HTTP/1.1\r\nHOST\r\n\r\n"
POST = b"POST /world HTTP/1.1\r\nHOST\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
UPDATE = b"POST /_dash-update-component HTTP/1.1\r\nHOST\r\nContent-Type: application/json\r\n"
KEY = base64.b64encode(os.urandom(16))


def handshake(**changes: bytes | None) -> bytes:
    lines = {
        "Upgrade": b"websocket",
        "Connection": b"Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": b"13",
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    text = b"".join(f"{k}: ".encode() + v + b"\r\n" for k, v in lines.items() if v is not None)
    return b"GET /ws HTTP/1.1\r\nHOST\r\n" + text + b"\r\n"


BROKEN: dict[str, tuple[bytes, int]] = {
    "no HTTP": (b"hello\r\n\r\n", 400),
    "half an address": (b"GET http://[ HTTP/1.1\r\nHOST\r\n\r\n", 400),
    "a version": (b"GET / HTTP/9.9\r\nHOST\r\n\r\n", 505),
    "a long line": (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHOST\r\n\r\n", 414),
    "a long header": (b"GET / HTTP/1.1\r\nHOST\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
    "many headers": (b"GET / HTTP/1.1\r\nHOST\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 403),
    "two hosts": (b"GET / HTTP/1.1\r\nHOST\r\nHost: evil.example\r\n\r\n", 403),
    "an unknown path": (b"GET /nothing HTTP/1.1\r\nHOST\r\n\r\n", 404),
    "an unknown asset": (b"GET /assets/nothing.js HTTP/1.1\r\nHOST\r\n\r\n", 404),
    "out of the assets": (b"GET /assets/%2e%2e/app.py HTTP/1.1\r\nHOST\r\n\r\n", 404),
    "an unknown suite": (b"GET /_dash-component-suites/os/x.py HTTP/1.1\r\nHOST\r\n\r\n", 404),
    "another method": (b"DELETE / HTTP/1.1\r\nHOST\r\n\r\n", 405),
    "an unknown callback": (
        UPDATE + b'Content-Length: 33\r\n\r\n{"output":"a.b","inputs":[],"x":1}',
        400,
    ),
    "a callback of nothing": (UPDATE + b"Content-Length: 2\r\n\r\n[]", 400),
    "a callback that is no JSON": (UPDATE + b"Content-Length: 2\r\n\r\n{{", 400),
    "a large callback": (UPDATE + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000, 413),
    "no chunk": (CHUNKED + b"zz\r\n", 400),
    "a chunk below 0": (CHUNKED + b"-5\r\n", 400),
    "a chunk without an end": (CHUNKED + b"5\r\n{}   x\r\n", 400),
    "chunks that are no world": (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n", 400),
    "two lengths": (
        POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        400,
    ),
    "no key": (handshake(Sec_WebSocket_Key=None), 400),
    "a short key": (handshake(Sec_WebSocket_Key=b"YQ=="), 400),
    "a key of other letters": (handshake(Sec_WebSocket_Key=b"?" * 24), 400),
    "no version": (handshake(Sec_WebSocket_Version=None), 426),
    "another version": (handshake(Sec_WebSocket_Version=b"8"), 426),
    "no upgrade": (handshake(Upgrade=b"h2c"), 426),
    "no connection": (handshake(Connection=b"close"), 400),
    "a handshake by POST": (handshake().replace(b"GET", b"POST"), 400),
    "an old handshake": (handshake().replace(b"HTTP/1.1", b"HTTP/1.0"), 400),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_request_of_ours_is_told_so_and_is_no_fault(
    server: DashboardServer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    request, expected = BROKEN[kind]
    answer = said(server, request)
    assert int(answer.split()[1]) == expected, answer[:300]
    assert b"Traceback" not in answer
    assert len(answer) < 2000
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert status(server, GET) == 200


def test_a_fault_of_ours_is_logged_and_told_without_its_trace(
    server: DashboardServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(session: object) -> bool:
        raise KeyError("inner")

    monkeypatch.setattr("gridworld_dashboard.session.Session.is_well", fail)
    answer = said(server, b"GET /health HTTP/1.1\r\nHOST\r\n\r\n")
    assert b" 500 " in answer.split(b"\r\n")[0]
    assert b"a fault of the server; its log says more" in answer
    assert b"inner" not in answer
    assert any("GET /health failed" in record.message for record in caplog.records)


def test_the_server_does_not_tell_its_versions(server: DashboardServer) -> None:
    answer = said(server, GET)
    assert b"Server: gridworld-bench\r\n" in answer
    for name in (b"Werkzeug", b"Python"):
        assert name not in answer.split(b"\r\n\r\n")[0]


@pytest.mark.parametrize("way", ["declared", "chunked"])
def test_a_body_ends_where_it_may(
    server: DashboardServer, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr("gridworld_dashboard.app.MAX_WORLD_BYTES", 100_000)
    monkeypatch.setattr(http, "BODY_S", 3.0)
    megabyte = b"x" * 1_000_000
    if way == "declared":
        answer = said(server, POST + b"Content-Length: 3000000\r\n\r\n", *[megabyte] * 3)
    else:
        chunk = b"f4240\r\n" + megabyte + b"\r\n"
        answer = said(server, CHUNKED, *[chunk] * 3, b"0\r\n\r\n")
    assert b" 413 " in answer.split(b"\r\n")[0], answer
    assert b"a world must have at most 0 MB, got " in answer


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"GET / HT",),
        (b"GET / HTTP/1.1\r\nHOST\r\n",),
        (b"GET / HTTP/1.1\r\nHOST\r\n", *[b"X: y\r\n"] * 30),
        (POST + b"Content-Length: 20\r\n\r\n{",),
        (CHUNKED + b"5\r\n{",),
        (POST + b"Content-Length: 40\r\n\r\n", *[b" "] * 30),
    ],
    ids=["nothing", "a word", "a half", "drops", "half a body", "half a chunk", "drops of a body"],
)
def test_nobody_is_waited_for_for_ever(
    server: DashboardServer, monkeypatch: pytest.MonkeyPatch, pieces: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(http, "HEAD_S", 0.5)
    monkeypatch.setattr(http, "BODY_S", 0.5)
    before = threading.active_count()
    begin = time.monotonic()
    said(server, *pieces, pause=0.1)  # returns, since the server hangs up
    assert time.monotonic() - begin < 15
    while threading.active_count() > before:
        assert time.monotonic() - begin < 15
        time.sleep(0.01)
    assert status(server, GET) == 200


def test_a_crowd_of_silent_connections_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridworld_dashboard.server.REQUESTS", 8)
    monkeypatch.setattr("gridworld_dashboard.server.room_for_viewers", lambda: 12)
    made = DashboardServer(port=0, folder=tmp_path)
    made.start()
    crowd = []
    try:
        before = threading.active_count()
        for _ in range(100):
            crowd.append(socket.create_connection(("127.0.0.1", made.port), timeout=10))
            crowd[-1].sendall(b"GET ")
        assert status(made, GET) == 200
        assert threading.active_count() <= before + 20
    finally:
        for sock in crowd:
            sock.close()
        made.close()


def test_more_than_there_is_room_for_are_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridworld_dashboard.server.REQUESTS", 1)
    monkeypatch.setattr("gridworld_dashboard.server.room_for_viewers", lambda: 2)
    made = DashboardServer(port=0, folder=tmp_path)
    made.start()
    viewers = []
    try:
        for _ in range(2):
            viewers.append(socket.create_connection(("127.0.0.1", made.port), timeout=10))
            viewers[-1].sendall(handshake().replace(b"HOST", b"Host: localhost"))
            assert b" 101 " in viewers[-1].recv(4096)
        assert made._stream is not None
        while made._stream.hub.viewers < 2:
            time.sleep(0.01)
        assert b"there must be room for another viewer" in said(made, handshake())
        assert status(made, GET) == 200
        assert made._server is not None
        while made._server._room._value < 1:
            time.sleep(0.01)  # until the thread of that request has ended
        third = socket.create_connection(("127.0.0.1", made.port), timeout=10)
        viewers.append(third)
        third.sendall(POST.replace(b"HOST", b"Host: localhost") + b"Content-Length: 9\r\n\r\n")
        while made._server._room._value > 0:
            time.sleep(0.01)
        time.sleep(0.05)
        while made._server._silent:
            time.sleep(0.01)  # until it has asked it would be hung up, to make room
        deadline = time.monotonic() + 10
        while (answer := said(made, GET)) and b" 503 " not in answer.split(b"\r\n")[0]:
            assert time.monotonic() < deadline
        assert not answer or b"there must be room for another connection" in answer
    finally:
        for sock in viewers:
            sock.close()
        made.close()


def test_there_is_room_for_as_many_as_there_are_descriptors_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import resource

    limits = [1024, 1024]
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(limits))
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: limits.__setitem__(0, new[0]))
    few = room_for_viewers()
    assert 200 < few < 300
    limits[1] = 1_000_000  # as many as it takes may be had
    assert room_for_viewers() == MAX_CLIENTS
    assert 1024 < limits[0] < 1_000_000
    limits[:] = [64, 64]
    assert room_for_viewers() == 1


def test_an_app_is_made_for_rules_of_ones_own(server: DashboardServer) -> None:
    assert server._sessions is not None
    app = create_app(server._sessions, Access.of("127.0.0.1", token="12345678"))
    assert app.server.test_client().get("/", headers={"Host": "localhost"}).status_code == 401
