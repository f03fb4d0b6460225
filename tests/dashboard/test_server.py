"""How the dashboard is served: who may come in, how it begins and how it ends."""

import base64
import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from websockets.sync.client import connect

from dashboard.process import Process
from gridworld.worlds import make
from gridworld_dashboard.access import Access
from gridworld_dashboard.server import (
    DashboardServer,
    ServerError,
    _about_access,
    check_request,
    serve,
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DashboardServer]:
    made = DashboardServer(port=0, folder=tmp_path)
    made.start()
    yield made
    made.close()


def get(url: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(
        url, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def handshake(port: int, **headers: str) -> str:
    """The HTTP response to a WebSocket handshake with these headers."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    text = "GET /ws HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(text.encode())
        response = b""
        while b"\r\n\r\n" not in response:
            chunk = sock.recv(4096)
            if not chunk:
                break
            response += chunk
    return response.split(b"\r\n\r\n")[0].decode()


# --- who may come in


def test_the_page_is_served_on_localhost_web_01(server: DashboardServer) -> None:
    """WEB-01."""
    status, text = get(server.url)
    assert status == 200
    assert "gridworld-bench" in text
    assert get(f"{server.url}/_dash-layout")[0] == 200


def test_a_plain_get_of_the_websocket_is_told_to_upgrade(server: DashboardServer) -> None:
    status, text = get(f"{server.url}/ws")
    assert (status, text) == (426, "/ws speaks WebSocket only.\n")


def test_a_page_of_somebody_else_is_refused(server: DashboardServer) -> None:
    assert get(server.url, Origin="http://evil.example") == (
        403,
        "Origin must be this server's own, got 'http://evil.example'\n",
    )
    assert get(server.url, Host="evil.example")[0] == 403
    assert " 403 " in handshake(server.port, Origin="http://evil.example")
    assert " 403 " in handshake(server.port, Origin="null")
    assert " 403 " in handshake(server.port, Host=f"evil.example:{server.port}")
    assert " 101 " in handshake(server.port, Origin=f"http://127.0.0.1:{server.port}")
    assert " 101 " in handshake(server.port)


@pytest.mark.parametrize(
    ("host", "origin", "bound", "passes"),
    [
        ("localhost:8000", None, "127.0.0.1", True),
        ("127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1", True),
        ("LOCALHOST:9000", "http://localhost:9000", "127.0.0.1", True),  # forwarded
        ("[::1]:8000", "http://[::1]:8000", "::1", True),
        ("127.0.0.2:8000", None, "127.0.0.2", True),
        ("localhost:8000", "http://localhost:8001", "127.0.0.1", False),
        ("localhost:8000", "http://localhost", "127.0.0.1", False),
        ("localhost:8000", "null", "127.0.0.1", False),
        ("localhost:8000", "", "127.0.0.1", False),
        ("localhost:8000", "file://localhost:8000", "127.0.0.1", False),
        ("localhost.evil.example", None, "127.0.0.1", False),
        ("evil.example:8000", "http://evil.example:8000", "127.0.0.1", False),
        ("[::1", None, "127.0.0.1", False),
        ("", None, "127.0.0.1", False),
        ("my-machine:8000", "http://my-machine:8000", None, True),
        ("my-machine:8000", None, None, True),
        ("my-machine:8000", "http://evil.example", None, False),
    ],
)
def test_host_and_origin(host: str, origin: str | None, bound: str | None, passes: bool) -> None:
    refusal = check_request(host, origin, bound)
    assert (refusal is None) == passes
    assert passes or "must be" in str(refusal)


def test_compression_is_declined(server: DashboardServer) -> None:
    response = handshake(server.port, Sec_WebSocket_Extensions="permessage-deflate")
    assert " 101 " in response
    assert "permessage-deflate" not in response
    with connect(f"ws://127.0.0.1:{server.port}/ws") as ws:  # asks for it
        assert json.loads(ws.recv(timeout=10))["type"] == "state"
        assert ws.protocol.extensions == []


def test_viewers_beyond_the_limit_are_refused(
    server: DashboardServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridworld_dashboard.wire.hub.MAX_CLIENTS", 1)
    with connect(f"ws://127.0.0.1:{server.port}/ws") as ws:
        ws.recv(timeout=10)
        assert " 503 " in handshake(server.port)


# --- worlds that are too large for a frame


def post(url: str, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    made = {"Content-Type": "application/json"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    request = urllib.request.Request(f"{url}/world", body, made, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            text = error.read().decode()
            return error.code, json.loads(text) if text.startswith("{") else {"message": text}


def test_a_world_is_posted(server: DashboardServer) -> None:
    body = json.dumps(make("maze-300").to_json()).encode()
    answer = {"world": "maze-300", "width": 300, "height": 300}
    with connect(f"ws://127.0.0.1:{server.port}/ws", max_size=None) as ws:
        ws.recv(timeout=10)
        assert post(server.url, body) == (200, {"fresh": True} | answer)
        # States come in between, once a second.
        told = [json.loads(ws.recv(timeout=10))]
        while told[-1]["type"] != "configured" and len(told) < 20:
            told.append(json.loads(ws.recv(timeout=10)))
        assert {"type": "configured", "data": {"fresh": True}} in told
        assert post(server.url, body) == (200, {"fresh": False} | answer)


def test_a_post_that_is_no_world_is_told_why(
    server: DashboardServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(body: bytes, **headers: str) -> tuple[int, str]:
        status, answer = post(server.url, body, **headers)
        return status, answer["message"]

    world = b'{"map": ["S.G"]}'
    assert refused(b"{")[0] == 400
    assert refused(b"")[0] == 400
    assert refused(b'{"map": ["..G"]}') == (400, "a map must have at least one start (S), got none")
    assert refused(world, Content_Type="text/plain") == (
        415,
        "the type of a world must be application/json, got text/plain",
    )
    assert refused(world, Origin="http://evil.example")[0] == 403
    assert refused(world, Host="evil.example")[0] == 403
    with monkeypatch.context() as patch:
        patch.setattr("gridworld_dashboard.app.MAX_WORLD_BYTES", 1_000_000)
        assert refused(b" " * 1_500_000) == (413, "a world must have at most 1 MB, got 1.5 MB")
    with connect(f"ws://127.0.0.1:{server.port}/ws") as ws:
        ws.send('{"type": "start_training", "data": {"num_episodes": null}, "id": 1}')
        while json.loads(ws.recv(timeout=10)).get("id") != 1:
            pass
        assert refused(world) == (
            409,
            "training must be stopped before a change, it is running",
        )


# --- how it begins


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port} on 127.0.0.1 must be free") as error:
            DashboardServer(port=port, folder=tmp_path)
    assert "in use" in str(error.value)


@pytest.mark.parametrize("host", ["256.1.1.1", "192.0.2.1", "no such host", "\ud800"])
def test_a_host_that_is_not_this_machine_is_told(tmp_path: Path, host: str) -> None:
    with pytest.raises(ServerError, match="must be"):
        DashboardServer(host=host, port=0, folder=tmp_path)


def test_nobody_can_connect_before_the_start(tmp_path: Path) -> None:
    server = DashboardServer(port=0, folder=tmp_path)
    try:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=5)
    finally:
        server.close()


def test_a_missing_data_folder_is_made(tmp_path: Path) -> None:
    DashboardServer(port=0, folder=tmp_path / "a" / "b").close()
    assert (tmp_path / "a" / "b").is_dir()


def test_a_data_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerError, match="the data folder must be writable, got"):
        DashboardServer(port=0, folder=tmp_path / "file")
    (tmp_path / ".qtables").write_text("")
    with pytest.raises(ServerError, match=r"must be writable, got .*\.qtables: Not a directory"):
        DashboardServer(port=0, folder=tmp_path)
    (tmp_path / ".qtables").unlink()
    # root may write anywhere, so the answer of the system is put in its mouth
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ServerError, match="Permission denied"):
        DashboardServer(port=0, folder=tmp_path)


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1"), ("localhost", "http://localhost"), ("::1", "http://[::1]")],
)
def test_the_url_is_one_that_a_browser_takes(tmp_path: Path, host: str, url: str) -> None:
    server = DashboardServer(host=host, port=0, folder=tmp_path)
    try:
        assert server.url == f"{url}:{server.port}"
    finally:
        server.close()


# --- how it ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly_and_saves(tmp_path: Path, number: signal.Signals) -> None:
    with Process(tmp_path) as server:
        assert server.lines[0].startswith("Compiling the kernels")
        assert server.lines[1].startswith("Serving the dashboard on http://127.0.0.1:")
        with connect(f"ws://127.0.0.1:{server.port}/ws") as ws:
            command = {"type": "start_training", "data": {"num_episodes": None, "speed": None}}
            ws.send(json.dumps(command))
            while json.loads(ws.recv(timeout=10))["type"] != "training_update":
                pass
            begin = time.monotonic()
            if number != signal.SIGINT:  # a terminal that is closed sends two
                server.process.send_signal(number)
            code, out, err = server.end(number)
            assert time.monotonic() - begin < 10
    autosave = tmp_path / ".qtables" / "autosave.npz"
    assert autosave.exists()
    assert f"Saved {autosave}" in out
    if number != signal.SIGINT:
        assert (code, err) == (0, "")
    else:  # left to the command line, which makes exit code 130 of it
        assert code == -signal.SIGINT
        assert err.rstrip().endswith("KeyboardInterrupt")


def test_after_a_kill_no_half_file_is_left(tmp_path: Path) -> None:
    with Process(tmp_path) as server, connect(f"ws://127.0.0.1:{server.port}/ws") as ws:
        ws.send('[{"type": "step"}, {"type": "save_qtable", "id": 1}]')
        while json.loads(ws.recv(timeout=10)).get("id") != 1:
            pass
        for _ in range(20):
            ws.send('{"type": "save_qtable"}')
        server.process.kill()
        server.process.wait(10)
    with Process(tmp_path) as again, connect(f"ws://127.0.0.1:{again.port}/ws") as ws:
        ws.send('{"type": "load_qtable", "id": 2}')
        while (answer := json.loads(ws.recv(timeout=10))).get("id") != 2:
            pass
        assert answer["data"]["success"], answer


def said_on(host: str, folder: Path, access: Access | None = None) -> list[str]:
    """What a server says that listens there, until it is ended."""
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if "To watch it" in line or "listens on" in line:
            os.kill(os.getpid(), signal.SIGTERM)

    serve(host, 0, folder, say, access=access)
    return said


def test_what_others_need_is_said(tmp_path: Path) -> None:
    *_, steer, watch = said_on("0.0.0.0", tmp_path)
    assert re.fullmatch(r"To steer it, open http://[0-9.]+:\d+/\?token=[\w-]{43}", steer)
    assert re.fullmatch(r"To watch it, open http://[0-9.]+:\d+/\?token=[\w-]{43}", watch)


def modules(lines: list[str]) -> list[list[int]]:
    """The code that lines show: 1 where it is dark."""
    rows: list[list[int]] = []
    for line in lines:
        face = re.fullmatch(r"\x1b\[38;5;16;48;5;231m([ ▀▄█]+)\x1b\[0m", line)
        assert face is not None, line
        rows += [[int(part in "▀█") for part in face[1]], [int(part in "▄█") for part in face[1]]]
    return rows


def test_on_a_terminal_the_address_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridworld_dashboard.server._shows_pictures", lambda: True)
    server = DashboardServer("0.0.0.0", port=0, folder=tmp_path)
    try:
        said = list(_about_access(server))
        links = server.links
    finally:
        server.close()
    assert links is not None
    code = segno.make(links["viewer"], error="m", micro=False)
    expected = [[int(dark) for dark in row] for row in code.matrix_iter(border=2)]
    assert modules(said[2:])[: len(expected)] == expected
    here = DashboardServer(port=0, folder=tmp_path)
    try:
        assert list(_about_access(here)) == []
    finally:
        here.close()


def test_that_others_need_nothing_is_said_in_plain_words(tmp_path: Path) -> None:
    assert said_on("0.0.0.0", tmp_path, Access.of("0.0.0.0", open_to_all=True))[-1] == (
        "Everybody who can reach this machine can steer it and write into its data folder,"
        " since it listens on 0.0.0.0 without a token"
    )
