"""Who comes in: hosts, origins, tokens and roles, over every kind of request."""

import base64
import http.client
import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from websockets.sync.client import connect

from dashboard.tab import Tab
from gridworld.errors import InvalidValueError
from gridworld_dashboard.access import AUTO, Access, check_request
from gridworld_dashboard.guard import WEBSOCKET_PATH
from gridworld_dashboard.server import DashboardServer

TOKEN = "presenters-token.1"

KEY = base64.b64encode(os.urandom(16)).decode()

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


def serving(folder: Path, **rules: Any) -> Iterator[DashboardServer]:
    made = DashboardServer(port=0, folder=folder, access=Access.of("127.0.0.1", **rules))
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DashboardServer]:
    """A server that wants a token."""
    yield from serving(tmp_path_factory.mktemp("closed"), token=TOKEN)


@pytest.fixture(scope="module")
def open_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DashboardServer]:
    """A server on loopback, as ever, that knows a proxy."""
    yield from serving(
        tmp_path_factory.mktemp("open"),
        allow_hosts=["proxy.example"],
        allow_origins=["https://Lab.example"],
    )


def ask(
    server: DashboardServer,
    method: str = "GET",
    path: str = "/",
    body: bytes | None = None,
    **headers: str,
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of what a request is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.putrequest(method, path, skip_host="Host" in sent, skip_accept_encoding=True)
        for name, value in sent.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        got = {name.lower(): value for name, value in response.getheaders()}
        text = b"" if response.status == 101 else response.read()
        return response.status, got, text.decode("utf-8", "replace")
    finally:
        connection.close()


def upgraded(**more: str) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in UPGRADE.items()} | more


WORLD = b'{"map": ["S.G"]}'
AS_JSON = {"Content_Type": "application/json"}

REQUESTS: dict[str, tuple[str, str, bytes | None, dict[str, str]]] = {
    "page": ("GET", "/", None, {}),
    "page by HEAD": ("HEAD", "/", None, {}),
    "page with a state": ("GET", "/?x=1", None, {}),
    "page by OPTIONS": ("OPTIONS", "/", None, {}),
    "page by POST": ("POST", "/", b"", {}),
    "page by TRACE": ("TRACE", "/", None, {}),
    "page by a method of its own": ("FETCH", "/", None, {}),
    "two slashes": ("GET", "//", None, {}),
    "a dot": ("GET", "/./", None, {}),
    "dots": ("GET", "/assets/../assets/main.mjs", None, {}),
    "layout": ("GET", "/_dash-layout", None, {}),
    "dependencies": ("GET", "/_dash-dependencies", None, {}),
    "callback": ("POST", "/_dash-update-component", b"{}", AS_JSON),
    "reload": ("GET", "/_reload-hash", None, {}),
    "icon": ("GET", "/_favicon.ico", None, {}),
    "suite": ("GET", "/_dash-component-suites/dash/deps/react.js", None, {}),
    "style": ("GET", "/assets/base.css", None, {}),
    "style, encoded": ("GET", "/%61ssets/base.css", None, {}),
    "style, in capitals": ("GET", "/ASSETS/base.css", None, {}),
    "script": ("GET", "/assets/main.mjs", None, {}),
    "module": ("GET", "/assets/lib/wire/socket.mjs", None, {}),
    "nothing": ("GET", "/nothing", None, {}),
    "a file": ("GET", "/.qtables/agent_latest.json", None, {}),
    "world": ("POST", "/world", WORLD, AS_JSON),
    "world, drawn": ("POST", "/world?how=change_world", WORLD, AS_JSON),
    "world by PUT": ("PUT", "/world", WORLD, AS_JSON),
    "world by GET": ("GET", "/world", None, {}),
    "world as a form": ("POST", "/world", WORLD, {"Content_Type": "text/plain"}),
    "socket": ("GET", "/ws", None, upgraded()),
    "socket with a key": ("GET", "/ws?k=7", None, upgraded()),
    "socket in capitals": ("GET", "/ws", None, upgraded(Upgrade="WebSocket")),
    "socket without upgrade": ("GET", "/ws", None, {}),
    "socket, encoded": ("GET", "/%77s", None, upgraded()),
    "empty token": ("GET", "/?token=", None, {}),
    "wrong token": ("GET", "/?token=presenters-token.2", None, {}),
    "a part of it": ("GET", f"/?token={TOKEN[:-1]}", None, {}),
    "more than it": ("GET", f"/?token={TOKEN}x", None, {}),
    "another case": ("GET", f"/?token={TOKEN.upper()}", None, {}),
    "another key": ("GET", f"/?Token={TOKEN}", None, {}),
    "behind a mark": ("GET", f"/#?token={TOKEN}", None, {}),
    "letters of others": ("GET", "/?token=%F0%9F%94%91%00", None, {}),
    "bearer": ("GET", "/", None, {"Authorization": "Bearer nothing"}),
    "basic": ("GET", "/", None, {"Authorization": "Basic " + KEY}),
    "bare": ("GET", "/", None, {"Authorization": TOKEN}),
    "cookie": ("GET", "/", None, {"Cookie": "gridworld_token_1=" + TOKEN}),
    "forwarded": ("GET", "/", None, {"X_Forwarded_For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}),
    "rewritten": ("GET", "/", None, {"X_Original_URL": "/health", "X_Rewrite_URL": "/health"}),
    "another method": ("GET", "/", None, {"X_HTTP_Method_Override": "POST"}),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_without_the_token_nothing_is_given(closed: DashboardServer, kind: str) -> None:
    method, path, body, headers = REQUESTS[kind]
    status, got, text = ask(closed, method, path, body, **headers)
    assert status == 401
    assert got["www-authenticate"] == "Bearer"
    assert "set-cookie" not in got or "token" not in got["set-cookie"]
    if method != "HEAD":
        assert text.startswith("a token must come with a request")
    assert not (closed._folder / ".qtables").exists()


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize(
    "foreign",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost@evil.example"},
        {"Host": "10.1.2.3"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "Same-Site", "Sec_Fetch_Mode": "no-cors"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
    ],
    ids=str,
)
def test_a_foreign_page_or_name_is_given_nothing(
    open_one: DashboardServer, kind: str, foreign: dict[str, str]
) -> None:
    method, path, body, headers = REQUESTS[kind]
    if foreign.get("Sec_Fetch_Dest") == "iframe":
        foreign = foreign | {"Sec_Fetch_Dest": "image"}  # of frames see below
    status, _, text = ask(open_one, method, path, body, **headers, **foreign)
    assert status == 403
    assert method == "HEAD" or " must " in text


def test_a_post_from_a_foreign_form_is_refused_and_a_link_is_not(open_one: DashboardServer) -> None:
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert ask(open_one, "GET", "/", None, **link, Sec_Fetch_Dest="document")[0] == 200
    assert ask(open_one, "POST", "/world", WORLD, **link, Sec_Fetch_Dest="document")[0] == 403


def test_the_page_and_its_parts_are_given_to_ones_own(open_one: DashboardServer) -> None:
    own = {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors"}
    page = ask(open_one, "GET", "/", None, **own)[2]
    parts = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert len(parts) > 10
    for path in (*parts, "/_dash-layout", "/_dash-dependencies", "/assets/lib/wire/socket.mjs"):
        assert ask(open_one, "GET", path, None, **own)[0] == 200, path
    assert ask(open_one, "GET", "/nothing", None, **own)[0] == 404
    assert ask(open_one, Host="localhost")[0] == 200
    assert ask(open_one, Host=f"[::1]:{open_one.port}")[0] == 200
    with connect(f"ws://localhost:{open_one.port}/ws") as ws:  # as other programs do
        assert json.loads(ws.recv(timeout=10))["type"] == "state"


def test_a_proxy_and_its_pages_are_let_in_where_they_are_named(open_one: DashboardServer) -> None:
    assert ask(open_one, Host="Proxy.example:8443")[0] == 200
    status, got, _ = ask(open_one, Host="proxy.example", Origin="https://lab.example")
    assert status == 200
    assert got["content-security-policy"] == "frame-ancestors 'self' https://lab.example"
    assert ask(open_one, Origin="https://lab.example.evil.example")[0] == 403
    assert ask(open_one, Origin="http://lab.example")[0] == 403
    frame = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert ask(open_one, "GET", "/", None, **frame, Sec_Fetch_Dest="iframe")[0] == 200


# --- the token


def cookie_of(server: DashboardServer, token: str) -> str:
    status, got, text = ask(server, "GET", f"/?token={token}")
    assert status == 200
    assert "location.replace" in text
    assert got["cache-control"] == "no-store"
    cookie, *rules = got["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(rules)
    assert cookie.startswith(f"gridworld_token_{server.port}=")
    return cookie


def test_the_link_gives_a_cookie_for_everything(closed: DashboardServer) -> None:
    cookie = cookie_of(closed, TOKEN)
    for path in ("/", "/_dash-layout", "/assets/main.mjs", "/assets/lib/wire/socket.mjs"):
        assert ask(closed, "GET", path, Cookie=cookie)[0] == 200
    assert ask(closed, "POST", "/world", WORLD, Cookie=cookie, **AS_JSON)[0] == 200
    assert ask(closed, "GET", "/ws", None, **upgraded(Cookie=cookie))[0] == 101
    assert ask(closed, Cookie=cookie, Origin="http://evil.example")[0] == 403
    assert ask(closed, Cookie=cookie, Host="evil.example")[0] == 403


def test_the_page_comes_up_behind_the_link_and_its_address_keeps_no_token_web_01(
    closed: DashboardServer, open_tab: Callable[[str], Tab]
) -> None:
    """WEB-01: opened by the link, all of it is there; opened again, the cookie is enough."""
    page = open_tab(f"{closed.url}/?x=1&token={TOKEN}&y=2").page
    expect(page).to_have_url(re.compile(rf"^{re.escape(closed.url)}/\?x=1&y=2(#.*)?$"))
    page.goto(closed.url)
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    assert page.evaluate("document.cookie") == ""


def test_programs_send_the_token_themselves(closed: DashboardServer) -> None:
    assert ask(closed, Authorization=f"Bearer {TOKEN}")[0] == 200
    with connect(f"ws://127.0.0.1:{closed.port}{WEBSOCKET_PATH}?token={TOKEN}") as ws:
        assert json.loads(ws.recv(timeout=10))["type"] == "state"


def test_who_watches_sees_all_and_changes_nothing(closed: DashboardServer) -> None:
    token = closed.access.viewer_token
    assert token is not None
    cookie = cookie_of(closed, token)
    assert ask(closed, Cookie=cookie)[0] == 200
    status, _, text = ask(closed, "POST", "/world", WORLD, Cookie=cookie, **AS_JSON)
    assert (status, json.loads(text)["message"]) == (
        403,
        "a world must come from who steers, got one from a viewer",
    )
    with connect(f"ws://127.0.0.1:{closed.port}/ws?token={token}") as ws:

        def answer(type_: str) -> dict[str, Any]:
            ws.send(json.dumps({"type": type_, "id": type_}))
            while True:
                message: dict[str, Any] = json.loads(ws.recv(timeout=10))
                if message.get("id") == type_:
                    return message

        assert answer("ping")["type"] == "pong"
        assert answer("set_view")["type"] == "view_set"
        assert answer("check_world")["data"]["problem"] is None
        assert answer("test_policy")["type"] == "tested"
        assert answer("play")["type"] == "played"
        for type_ in ("start_training", "step", "reset", "save_qtable", "load_qtable", "configure"):
            assert answer(type_)["data"]["message"] == (
                f"{type_} must come from who steers, got it from who watches"
            )
    assert not (closed._folder / ".qtables").exists()


def test_a_world_that_is_drawn_comes_by_http_where_it_is_large(open_one: DashboardServer) -> None:
    def post(how: str, world: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        body = json.dumps(world).encode()
        status, _, text = ask(open_one, "POST", f"/world?how={how}", body, **AS_JSON)
        return status, json.loads(text)

    status, said = post("check_world", {"map": ["..G"]})
    assert (status, said["world"]) == (200, None)
    assert "must have at least one start" in said["problem"]
    status, said = post("check_world", {"map": "S.\n.G"})
    assert (status, said["problem"], said["world"]["definition"]["map"]) == (
        200,
        None,
        ["S.", ".G"],
    )
    wide = {"map": ["S" + "." * 30_000 + "G"], "rewards": {"cells": {"3,0": 1}}}
    assert post("change_world", wide)[1]["width"] == 30_002
    assert open_one._session is not None
    assert open_one._session.observer.world.width == 30_002
    assert post("change_world", {"map": ["..G"]})[0] == 400
    status, said = post("jump", {"map": ["SG"]})
    assert (status, "how must be one of configure, change_world" in said["message"]) == (400, True)


def test_health_says_nothing_else_and_needs_no_token(closed: DashboardServer) -> None:
    status, _, text = ask(closed, "GET", "/health")
    assert (status, json.loads(text)) == (200, {"status": "ok"})
    assert ask(closed, "GET", "/health", Host="evil.example")[0] == 403


def test_the_comparison_takes_as_long_wherever_a_token_is_wrong() -> None:
    access = Access.of("127.0.0.1", token="a" * 64)
    wrong = {"at once": "b" * 64, "at the end": "a" * 63 + "b", "short": "a", "right": "a" * 64}
    times: dict[str, list[float]] = {kind: [] for kind in wrong}
    for _ in range(300):  # in turn, so that what else goes on here meets all of them alike
        for kind, token in wrong.items():
            begin = time.perf_counter()
            for _ in range(10):
                access.role_of(token)
            times[kind].append(time.perf_counter() - begin)
    quickest = [min(each) for each in times.values()]  # what else goes on can only add to it
    assert max(quickest) < 1.5 * min(quickest)


@pytest.mark.parametrize(
    ("host", "needed"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True), ("::", True)],
)
def test_a_token_is_made_where_others_can_come(host: str, needed: bool) -> None:
    access = Access.of(host)
    assert (access.token is not None) == needed
    assert access.token != Access.of(host).token or not needed
    assert Access.of(host, open_to_all=True).token is None
    assert len(Access.of(host, token=AUTO).token or "") == 43
    if needed:
        name = socket.gethostname().lower()
        assert {name, "127.0.0.1", "localhost"} <= access.hosts


@pytest.mark.parametrize(
    "rules",
    [
        {"token": "short"},
        {"token": ""},
        {"token": "with blanks in it"},
        {"token": "x" * 201},
        {"token": TOKEN, "open_to_all": True},
        {"allow_hosts": ["http://a"]},
        {"allow_hosts": ["0.0.0.0"]},
        {"allow_hosts": [""]},
        {"allow_hosts": ["*"]},
        {"allow_origins": ["*"]},
        {"allow_origins": ["example.org"]},
        {"allow_origins": ["https://example.org/page"]},
        {"allow_origins": ["file://x"]},
    ],
    ids=str,
)
def test_rules_that_cannot_be_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match=r" must be "):
        Access.of("127.0.0.1", **rules)


def test_the_older_check_is_as_it_was() -> None:
    assert check_request("my-machine:8000", "http://my-machine:8000", None) is None
    assert check_request("evil.example", None, "127.0.0.1") is not None
