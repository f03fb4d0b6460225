"""Who may do what: a presenter and those who watch, a class of which each has a session."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from dashboard.tab import Tab, fill
from dashboard.test_access import AS_JSON, WORLD, ask, cookie_of, upgraded
from gridworld.errors import InvalidValueError
from gridworld_dashboard.access import Access
from gridworld_dashboard.classroom.sessions import FOLDER_OF_ALL, Own
from gridworld_dashboard.server import DashboardServer
from gridworld_dashboard.wire.protocol import COMMANDS
from gridworld_dashboard.wire.stream import WATCHING

PATIENCE_S = 20.0


def serving(folder: Path, own: Own | None = None, **rules: Any) -> Iterator[DashboardServer]:
    access = Access.of("127.0.0.1", **rules)
    made = DashboardServer(port=0, folder=folder, access=access, own=own)
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def presented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DashboardServer]:
    yield from serving(tmp_path_factory.mktemp("presented"), present=True)


@pytest.fixture(scope="module")
def class_of_two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DashboardServer]:
    """Each browser has a session; of two there is room."""
    yield from serving(tmp_path_factory.mktemp("own"), own=Own(sessions=2))


def socket_of(server: DashboardServer, token: str = "", cookie: str = "") -> ClientConnection:
    query = f"?token={token}" if token else ""
    headers = {"Cookie": cookie} if cookie else {}
    return connect(f"ws://127.0.0.1:{server.port}/ws{query}", additional_headers=headers)


def answer(ws: ClientConnection, type_: str, **data: Any) -> dict[str, Any]:
    ws.send(json.dumps({"type": type_, "data": data, "id": "x"}))
    while True:
        message: dict[str, Any] = json.loads(ws.recv(timeout=PATIENCE_S))
        if message.get("id") == "x":
            return message


# --- a presenter, and those who watch


def test_everybody_watches_and_only_the_link_steers(presented: DashboardServer) -> None:
    links = presented.links
    assert links is not None
    assert links["viewer"] == f"{presented.url}/"
    assert links["presenter"] == f"{presented.url}/?token={presented.access.token}"
    assert ask(presented)[0] == 200
    with socket_of(presented) as ws:
        assert json.loads(ws.recv(timeout=10))["data"]["you"] == {"role": "viewer", "session": None}
        assert answer(ws, "ping")["type"] == "pong"
        assert answer(ws, "step")["type"] == "error"
    with socket_of(presented, token=presented.access.token or "") as ws:
        first = json.loads(ws.recv(timeout=10))["data"]
        assert first["you"] == {"role": "presenter", "session": None}
        assert "you" not in json.loads(ws.recv(timeout=10))["data"]
        assert answer(ws, "step")["type"] == "step_complete"
        assert answer(ws, "reset")["type"] == "reset_complete"


GIVEN: dict[str, dict[str, Any]] = {
    "start_training": {"num_episodes": 5},
    "configure": {"learning_rate": 0.9},
    "set_speed": {"speed": 99.0},
    "save_qtable": {"name": "mine"},
    "load_qtable": {"name": "kept"},
    "rename_save": {"name": "kept", "to": "gone"},
    "delete_save": {"name": "kept"},
    "restore_save": {"name": "kept"},
    "note_save": {"name": "kept", "note": "seen"},
    "show_agent": {"agent": 1},
}
"""What each command would need to do something; the others need nothing."""

OVER_THE_WIRE: dict[str, Any] = {
    type_: {"type": type_, "data": GIVEN.get(type_, {})}
    for type_ in COMMANDS
    if type_ not in WATCHING
} | {
    "an array": [{"type": "ping"}, {"type": "reset"}, {"type": "step"}],
    "a watcher's own first": [{"type": "set_view", "data": {"layer": None}}, {"type": "undo"}],
    "a world": {"type": "configure", "data": {"world": "easy"}},
    "a start afresh": {"type": "start_training", "data": {"seed": 4, "agents": 2}},
    "a role of its own": {"type": "step", "role": "presenter"},
    "a token beside it": {"type": "step", "token": "presenter"},
    "a token in the data": {"type": "configure", "data": {"token": "x", "epsilon": 0.0}},
    "another case": {"type": "STEP"},
    "blanks": {"type": " step"},
    "an id like the presenter's": {"type": "step", "id": 1},
    "no command": {"type": "you", "data": {"role": "presenter"}},
    "nothing": {},
    "a number": 7,
}

MULTIPART = {"Content_Type": "multipart/form-data; boundary=x"}
BINARY = {"Content_Type": "application/octet-stream"}

BY_HTTP: dict[str, tuple[str, str, bytes | None, dict[str, str]]] = {
    "a world by POST": ("POST", "/world", WORLD, AS_JSON),
    "a world by PUT": ("PUT", "/world", WORLD, AS_JSON),
    "a world as a form": ("POST", "/world", WORLD, MULTIPART),
    "a world with a wrong token": ("POST", "/world?token=presenter", WORLD, AS_JSON),
    "a world with a wrong bearer": (
        "POST",
        "/world",
        WORLD,
        AS_JSON | {"Authorization": "Bearer presenter"},
    ),
    "a world with a role": ("POST", "/world?role=presenter", WORLD, AS_JSON),
    "a world by a method in a header": (
        "GET",
        "/world",
        None,
        {"X_HTTP_Method_Override": "POST"},
    ),
    "a save": ("POST", "/saves?name=mine.npz", b"PK", BINARY),
    "a save by PUT": ("PUT", "/saves/kept", b"PK", BINARY),
    "a save deleted": ("DELETE", "/saves/kept", None, {}),
    "a save outside": ("POST", "/saves?name=..%2F..%2Fmine.npz", b"PK", BINARY),
    "a callback": ("POST", "/_dash-update-component", b"{}", AS_JSON),
    "the page by POST": ("POST", "/", b"", {}),
    "a reload": ("GET", "/_reload-hash", None, {}),
    "health by POST": ("POST", "/health", b"", {}),
    "the socket by POST": ("POST", "/ws", b'{"type":"reset"}', AS_JSON),
}


def everything(server: DashboardServer) -> tuple[Any, ...]:
    """What a change would show in: what is in force, what was learnt, what is on the disk."""
    assert server._session is not None
    session = server._session
    batch = session._trainer.call(lambda batch: batch.copy())
    files = sorted(path for path in server._folder.rglob("*") if path.is_file())
    return (
        session.observer.scene,
        session.observer.running,
        int(session._trainer.status()["shown"][0]),
        batch.q.tobytes(),
        batch.agents.tobytes(),
        [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in files],
    )


@pytest.fixture(scope="module")
def watched(presented: DashboardServer) -> DashboardServer:
    """The server, where something was learnt, saved, put into the bin, and put aside."""
    with socket_of(presented, token=presented.access.token or "") as ws:
        for type_, data in (
            ("configure", {"agents": 2}),
            ("step", {}),
            ("save_qtable", {"name": "kept"}),
            ("save_qtable", {"name": "binned"}),
            ("delete_save", {"name": "binned"}),
            ("reset", {}),
            ("step", {}),
        ):
            assert answer(ws, type_, **data)["type"] != "error"
    return presented


def test_there_are_forty_kinds_of_request_and_more() -> None:
    assert len(OVER_THE_WIRE) + len(BY_HTTP) >= 40


@pytest.mark.parametrize("kind", OVER_THE_WIRE)
def test_no_command_of_a_viewer_changes_anything(watched: DashboardServer, kind: str) -> None:
    before = everything(watched)
    with socket_of(watched) as ws:
        ws.send(json.dumps(OVER_THE_WIRE[kind]))
        assert answer(ws, "ping")["type"] == "pong"  # behind it
    assert everything(watched) == before


@pytest.mark.parametrize("kind", BY_HTTP)
def test_no_request_of_a_viewer_changes_anything(watched: DashboardServer, kind: str) -> None:
    before = everything(watched)
    method, path, body, headers = BY_HTTP[kind]
    assert ask(watched, method, path, body, **headers)[0] != 500
    assert everything(watched) == before


def test_each_of_these_commands_would_change_something(watched: DashboardServer) -> None:
    """Else the test above would show nothing."""
    with socket_of(watched, token=watched.access.token or "") as ws:
        for type_ in ("configure", "step", "show_agent", "save_qtable", "reset", "undo"):
            before = everything(watched)
            assert answer(ws, type_, **GIVEN.get(type_, {}))["type"] != "error"
            assert everything(watched) != before, type_


def test_a_viewers_page_looks_and_cannot_touch(
    presented: DashboardServer, browser: Browser
) -> None:
    tab = Tab(browser)
    page = tab.page
    page.goto(presented.url)
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    expect(page.locator("#role-name")).to_have_text("Watching")
    expect(page.locator("#heatmap-toggle")).to_be_enabled()
    for id_ in ("start-btn", "stop-btn", "reset-btn", "step-btn", "save-qtable-btn"):
        expect(page.locator(f"#{id_}")).to_be_disabled()
    for id_ in ("learning-rate", "epsilon", "num-episodes", "speed"):
        expect(page.locator(f"#{id_}")).to_be_disabled()
    page.click("#role > summary")
    expect(page.locator("#role-says")).to_contain_text("presenter's link steers")
    page.keyboard.press("Space")
    with socket_of(presented, token=presented.access.token or "") as ws:
        answer(ws, "configure", learning_rate=0.37, speed=55.0)
        expect(page.locator("#learning-rate")).to_have_value("0.37")
        expect(page.locator("#speed")).to_have_value("55")
        answer(ws, "start_training", num_episodes=None, speed=None)
        expect(page.locator("#run-status")).to_have_text("Running")
        expect(page.locator("#stop-btn")).to_be_disabled()
        answer(ws, "stop_training")
    assert tab.faults == []
    tab.context.close()


def test_a_presenters_page_says_so(
    presented: DashboardServer, open_tab: Callable[[str], Tab]
) -> None:
    assert presented.links is not None
    page = open_tab(presented.links["presenter"]).page
    expect(page.locator("#role-name")).to_have_text("Presenting")
    expect(page.locator("#start-btn")).to_be_enabled()


def test_rules_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="a presenter must have a token"):
        Access.of("127.0.0.1", present=True, open_to_all=True)
    with pytest.raises(InvalidValueError, match="--present must be without --own"):
        DashboardServer(
            port=0, folder=tmp_path, access=Access.of("127.0.0.1", present=True), own=Own()
        )


def test_a_link_with_a_wrong_token_gives_no_cookie(presented: DashboardServer) -> None:
    status, got, _ = ask(presented, "GET", "/?token=nobodys-token")
    assert status == 200
    assert "set-cookie" not in got


# --- a session for each browser


def session_cookie(server: DashboardServer, **headers: str) -> tuple[str, list[str]]:
    """The cookie that a browser gets with the page, and its rules."""
    status, got, _ = ask(server, "GET", "/", None, **headers)
    assert status == 200
    cookie, *rules = got["set-cookie"].split("; ")
    return cookie, rules


def test_the_page_brings_a_cookie_that_nobody_guesses(class_of_two: DashboardServer) -> None:
    cookie, rules = session_cookie(class_of_two)
    assert re.fullmatch(rf"gridworld_session_{class_of_two.port}=[\w-]{{43}}", cookie)
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(rules)
    assert session_cookie(class_of_two)[0] != cookie
    assert session_cookie(class_of_two, Cookie=cookie)[0] == cookie  # it lasts longer
    short = cookie[:-1]
    assert session_cookie(class_of_two, Cookie=short)[0] not in (short, cookie)
    assert "set-cookie" not in ask(class_of_two, "GET", "/assets/base.css")[1]


def test_without_the_cookie_there_is_no_session(class_of_two: DashboardServer) -> None:
    words = "the cookie of a session must come with a request"
    status, _, text = ask(class_of_two, "GET", "/ws", None, **upgraded())
    assert (status, text.startswith(words)) == (403, True)
    status, _, text = ask(class_of_two, "POST", "/world", WORLD, **AS_JSON)
    assert (status, json.loads(text)["message"].startswith(words)) == (403, True)
    assert ask(class_of_two, "GET", "/saves/kept")[0] == 403
    assert ask(class_of_two, "GET", "/health")[0] == 200
    cookie = session_cookie(class_of_two)[0]
    status, _, text = ask(class_of_two, "GET", "/ws?at=above", None, **upgraded(Cookie=cookie))
    assert (status, text) == (400, "at must be one of left, right, or left out\n")


def test_requests_go_to_the_session_of_their_cookie(class_of_two: DashboardServer) -> None:
    one, two = (session_cookie(class_of_two)[0] for _ in range(2))
    assert ask(class_of_two, "POST", "/world", WORLD, Cookie=one, **AS_JSON)[0] == 200
    with (
        socket_of(class_of_two, cookie=one) as first,
        socket_of(class_of_two, cookie=two) as second,
    ):
        worlds = [
            json.loads(ws.recv(timeout=10))["data"]["world"]["rows"] for ws in (first, second)
        ]
        assert worlds[0] == ["S.G"] != worlds[1]
        assert answer(first, "save_qtable", name="mine")["data"]["success"]
        assert ask(class_of_two, "GET", "/saves/mine", Cookie=one)[0] == 200
        assert ask(class_of_two, "GET", "/saves/mine", Cookie=two)[0] == 404
        third = session_cookie(class_of_two)[0]
        with socket_of(class_of_two, cookie=third) as ws, pytest.raises(ConnectionClosed) as end:
            ws.recv(timeout=10)
        assert end.value.rcvd is not None
        assert end.value.rcvd.code == 1013
        assert end.value.rcvd.reason.startswith("there must be room for another session, got 2")
        assert ask(class_of_two, "POST", "/world", WORLD, Cookie=third, **AS_JSON)[0] == 503


@pytest.fixture
def class_of_one(tmp_path: Path) -> Iterator[DashboardServer]:
    yield from serving(tmp_path, own=Own(sessions=1))


def test_browsers_train_apart_and_the_next_is_told_and_let_in(
    class_of_one: DashboardServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two browsers, of which there is room for one at a time."""
    monkeypatch.setattr("gridworld_dashboard.classroom.sessions.GRACE_S", 0.0)
    first, second = Tab(browser), Tab(browser)
    page = first.page
    page.goto(class_of_one.url)
    expect(page.locator("#role-name")).to_have_text("Your own session", timeout=30_000)
    expect(page.locator("#start-btn")).to_be_enabled()
    page.click("#role > summary")
    expect(page.locator("#role-says")).to_contain_text("1 session at a time")
    expect(page.locator("#role-says")).to_contain_text("10 minutes without a browser")
    fill(page, "num-episodes", 12)
    fill(page, "speed", "")
    page.click("#start-btn")
    expect(page.locator("#run-status")).to_have_text("Finished", timeout=60_000)
    learnt = page.locator("#total-steps").inner_text()

    other = second.page
    other.goto(class_of_one.url)
    why = other.locator("#why-not")
    expect(why).to_contain_text("room for another session, got 1", timeout=30_000)
    expect(other.locator("#connection-status")).to_have_text("Disconnected")
    expect(other.locator(".veil")).to_be_visible()
    page.goto("about:blank")
    expect(other.locator("#connection-status")).to_have_text("Connected", timeout=30_000)
    expect(why).to_be_empty()
    expect(other.locator("#total-steps")).to_have_text("0")
    other.goto("about:blank")

    page.goto(class_of_one.url)
    expect(page.locator("#role-says")).to_contain_text("So it just did.", timeout=30_000)
    expect(page.locator("#total-steps")).to_have_text(learnt)
    assert first.faults == []
    for tab in (first, second):
        tab.context.close()


def test_with_a_token_a_class_needs_its_link(tmp_path: Path) -> None:
    for server in serving(tmp_path, own=Own(sessions=2), token="teachers-token"):
        assert ask(server)[0] == 401
        cookie = cookie_of(server, server.access.viewer_token or "")
        own, _ = session_cookie(server, Cookie=cookie)
        with socket_of(server, cookie=f"{cookie}; {own}") as ws:
            first = json.loads(ws.recv(timeout=10))["data"]["you"]
            assert first["role"] == "viewer"
            assert first["session"]["most"] == 2
            assert answer(ws, "step")["type"] == "step_complete"  # in one's own everybody steers
        with pytest.raises(InvalidStatus, match="401"), socket_of(server, cookie=own):
            pass


def test_a_clean_end_keeps_all_sessions(tmp_path: Path) -> None:
    cookies = []
    for server in serving(tmp_path, own=Own(sessions=2)):
        for _ in range(2):
            cookies.append(session_cookie(server)[0])
            with socket_of(server, cookie=cookies[-1]) as ws:
                assert answer(ws, "step")["type"] == "step_complete"
        port = server.port
    assert len(list((tmp_path / FOLDER_OF_ALL).rglob("autosave.npz"))) == 2
    for server in serving(tmp_path, own=Own(sessions=2)):
        again = cookies[0].replace(str(port), str(server.port))
        with socket_of(server, cookie=again) as ws:
            assert json.loads(ws.recv(timeout=10))["data"]["total_steps"] == 1


def test_four_sessions_train_at_once_and_answer(tmp_path: Path) -> None:
    """A small class at full speed: each gets frames, answers, and some of the processors."""
    for server in serving(tmp_path, own=Own(sessions=4)):
        done: list[int] = []

        def take_part(server: DashboardServer, done: list[int]) -> None:
            with socket_of(server, cookie=session_cookie(server)[0]) as ws:
                answer(ws, "start_training", num_episodes=None, speed=None)
                steps, frames = set[int](), 0
                while frames < 20 or len(steps) < 5:
                    message = json.loads(ws.recv(timeout=PATIENCE_S))
                    if message["type"] == "training_update":
                        frames += 1
                        steps.add(message["data"]["total_steps"])
                    if frames % 5 == 0:
                        assert answer(ws, "ping")["type"] == "pong"
                assert answer(ws, "stop_training")["type"] == "training_stopped"
                done.append(max(steps))

        threads = [threading.Thread(target=take_part, args=(server, done)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 4
        assert min(done) > 0


# --- in a frame of somebody else's page


FRAME = {
    "Sec_Fetch_Site": "cross-site",
    "Sec_Fetch_Mode": "navigate",
    "Sec_Fetch_Dest": "iframe",
}
"""What a browser says of the first request of a frame in another site's page."""


def test_a_course_page_may_show_it_and_nothing_else(tmp_path: Path) -> None:
    for server in serving(
        tmp_path, own=Own(sessions=2), embed_from=["https://Course.example"], token="teachers-token"
    ):
        status, got, _ = ask(server, "GET", "/?token=teachers-token", None, **FRAME)
        assert status == 200
        policy = got["content-security-policy"]
        assert policy.endswith("frame-ancestors 'self' https://course.example")
        cookie, *rules = got["set-cookie"].split("; ")
        assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned"} <= set(rules)
        _, rules = session_cookie(server, Cookie=cookie, **FRAME)
        assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned"} <= set(rules)
        _, rules = session_cookie(server, Cookie=cookie)
        assert "SameSite=Strict" in rules  # where it is opened by itself
        for foreign in ({"Origin": "https://course.example"}, FRAME | {"Sec_Fetch_Dest": "image"}):
            assert ask(server, "GET", "/", None, Cookie=cookie, **foreign)[0] == 403
        assert ask(server, "POST", "/world", WORLD, Cookie=cookie, **AS_JSON, **FRAME)[0] == 403
    with pytest.raises(InvalidValueError, match="an origin to allow must be like"):
        Access.of("127.0.0.1", embed_from=["course.example"])
