"""Worlds drawn with the mouse, the keyboard and a finger, in a real browser."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import gridworld as gw
from dashboard.tab import Tab, fill, in_force, state_of, train, unfold, violations, wait
from gridworld.store.link import link_world, read_link
from gridworld_dashboard.server import DashboardServer
from gridworld_dashboard.wire.protocol import Command, Message

Cell = tuple[int, int]

STRIP = ".edit-strip"

pytestmark = pytest.mark.timeout(300)  # strokes go to the server and back, on a busy machine too


@pytest.fixture(scope="module")
def server(served: DashboardServer) -> DashboardServer:
    return served


@pytest.fixture(scope="module")
def tab(browser: Browser, server: DashboardServer) -> Iterator[Tab]:
    made = Tab(browser)
    made.context.grant_permissions(["clipboard-read", "clipboard-write"])
    made.open(server.url)
    yield made
    made.context.close()
    assert made.faults == []


def order(server: DashboardServer, type_: str, **data: Any) -> None:
    answers: list[Message] = []
    assert server._session is not None
    server._session.execute(
        Command(type_, data), lambda message, tell=False: answers.append(message)
    )
    assert answers[0]["type"] != "error", answers


@pytest.fixture
def page(tab: Tab, server: DashboardServer) -> Page:
    """The page as at first: the usual world, nothing learnt, nothing drawn."""
    order(server, "stop_training")
    order(server, "configure", world="default", agents=1, num_episodes=500, speed=30.0)
    order(server, "reset")
    # what is under way must not be remembered after all
    tab.page.evaluate("Storage.prototype.setItem = () => {}; localStorage.clear()")
    tab.page.goto(server.url)
    expect(tab.page.locator("#start-btn")).to_be_enabled(timeout=60_000)
    return tab.page


def edit(page: Page) -> Page:
    unfold(page, "world-panel")
    page.click("#edit-btn")
    expect(page.locator("#edit-strip")).to_be_visible()
    expect(note(page)).to_contain_text("n force")
    return page


def note(page: Page) -> Any:
    return page.locator("#edit-strip .edit-note")


def take(page: Page, tool: str) -> None:
    page.locator(f'#edit-strip input[value="{tool}"]').check(force=True)


def press(page: Page, name: str) -> None:
    page.locator(STRIP).get_by_role("button", name=name, exact=True).click()


def field(page: Page, name: str) -> Any:
    return page.locator(STRIP).get_by_label(name, exact=True)


def place(page: Page, cell: Cell, size: Cell = (5, 5)) -> tuple[float, float]:
    """The middle of a cell on the screen."""
    box = page.locator("#grid-canvas").bounding_box()
    assert box is not None
    x, y = ((at + 0.5) / count for at, count in zip(cell, size, strict=True))
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def drag(page: Page, *cells: Cell, size: Cell = (5, 5)) -> None:
    """Press in the first cell, move through the others, and let go."""
    page.mouse.move(*place(page, cells[0], size))
    page.mouse.down()
    for cell in cells[1:]:
        page.mouse.move(*place(page, cell, size), steps=3)
    page.mouse.up()


def world(server: DashboardServer) -> gw.GridWorld:
    assert server._session is not None
    return server._session.observer.world


def rows(server: DashboardServer, *expected: str) -> None:
    wait(lambda: world(server).rows == expected)


# --- three hands


def test_a_world_is_drawn_with_the_mouse(page: Page, server: DashboardServer) -> None:
    edit(page)
    drag(page, (0, 1), (0, 3))
    take(page, "free")
    drag(page, (1, 1))
    take(page, "pit")
    drag(page, (4, 0))
    drag(page, (0, 0), (2, 1))  # the start is carried, whatever is in the hand
    drag(page, (4, 4), (4, 3))
    rows(server, "....X", "#.SX.", "#.X..", "#...G", ".....")
    expect(page.locator("#world-name")).to_contain_text("default, edited")
    take(page, "reward")
    page.locator("#edit-strip input[type=number]").fill("-3")
    page.keyboard.press("Tab")
    drag(page, (4, 4), (3, 4))
    take(page, "wind")
    drag(page, (1, 0))
    take(page, "portal")
    drag(page, (0, 4), (4, 2))
    wait(lambda: world(server).portals == (((0, 4), (4, 2)),))
    assert world(server).wind == (0, 1, 0, 0, 0)
    assert world(server).rewards.cells == (((3, 4), -3.0), ((4, 4), -3.0))
    expect(note(page)).to_have_text("In force.")
    # the exact optimum follows, and the run can be repeated: nothing was learnt before
    page.click("#show-live-btn")
    expect(page.locator("#edit-strip")).to_have_count(0)
    unfold(page, "optimum-panel")
    train(page, 30)
    optimum = gw.solve(world(server), discount_factor=0.99).expected_return
    expect(page.locator("#optimum")).to_have_text(f"{optimum:.3g}".replace("-", "\N{MINUS SIGN}"))
    assert state_of(server)["repeatable"]


def test_a_world_is_drawn_with_the_keyboard(page: Page, server: DashboardServer) -> None:
    unfold(page, "world-panel")
    page.locator("#edit-btn").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#grid-canvas")).to_be_focused()
    keys = ["ArrowRight", "w", "ArrowRight", "x", "ArrowDown", " ", "ArrowRight", "f"]
    for key in [*keys, "ArrowDown", "g", "ArrowDown", "#", "ArrowLeft", "s"]:
        page.keyboard.press(key)
    rows(server, "S#X..", ".XX..", "..XG.", "..S#.", "....G")
    expect(page.locator(".cell-live")).to_contain_text("Cell (2, 3), start")
    page.keyboard.press("m")
    expect(note(page)).to_contain_text("From (2, 3)")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    rows(server, "S#X..", ".XX..", "..XG.", ".S.#.", "....G")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    rows(server, "S#X..", ".XX..", "..XG.", "...#.", "....G")
    page.keyboard.press("Control+y")
    rows(server, "S#X..", ".XX..", "..XG.", "..S#.", "....G")
    assert not state_of(server)["running"]  # no letter pressed a button as well
    page.keyboard.press("Escape")
    expect(page.locator("#showing")).to_be_hidden()
    expect(page.locator("#heatmap-toggle")).to_be_visible()


def test_a_world_is_drawn_by_touch(browser: Browser, page: Page, server: DashboardServer) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    phone = context.new_page()
    phone.goto(server.url)
    expect(phone.locator("#start-btn")).to_be_enabled(timeout=60_000)
    edit(phone)
    session = context.new_cdp_session(phone)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    before = phone.locator("main").evaluate("e => e.scrollTop")
    touch("touchStart", place(phone, (0, 3)))
    for x in (1, 2, 3):
        touch("touchMove", place(phone, (x, 3)))
    touch("touchEnd")
    rows(server, "S....", ".X.X.", "..X..", "####.", "....G")
    assert phone.locator("main").evaluate("e => e.scrollTop") == before
    touch("touchStart", place(phone, (4, 4)))
    touch("touchMove", place(phone, (4, 3)))
    touch("touchMove", place(phone, (4, 2)))
    touch("touchEnd")
    rows(server, "S....", ".X.X.", "..X.G", "####.", ".....")
    # a second finger means the view, and what the first had begun was none
    touch("touchStart", place(phone, (0, 1)))
    touch("touchMove", place(phone, (0, 2)))
    touch("touchStart", place(phone, (0, 2)), place(phone, (4, 0)))
    touch("touchEnd")
    press(phone, "Undo")
    rows(server, "S....", ".X.X.", "..X..", "####.", "....G")
    context.close()


# --- while it trains


def test_a_wall_is_drawn_at_full_speed_with_1024_agents(
    page: Page, server: DashboardServer
) -> None:
    order(server, "configure", agents=1024)
    fill(page, "speed", "")
    fill(page, "num-episodes", "")
    edit(page)
    page.click("#start-btn")
    wait(lambda: state_of(server)["total_steps"] > 2000)
    drag(page, (3, 0), (3, 0))
    wait(lambda: world(server).rows[0] == "S..#.")
    steps = state_of(server)["total_steps"]
    wait(lambda: state_of(server)["total_steps"] > steps + 2000)
    assert state_of(server)["running"]
    assert not state_of(server)["repeatable"]
    expect(note(page)).to_contain_text("no longer repeatable from its start")
    assert page.locator("#notification-container .error").count() == 0
    unfold(page, "link-panel")
    expect(page.locator("#link-note")).to_contain_text("the link begins the run anew")
    page.click("#stop-btn")
    wait(lambda: not state_of(server)["running"])
    # and one click brings the run back as it was before
    page.click("#show-live-btn")
    expect(page.locator("#undo-offer")).to_contain_text("Before the world was changed")
    page.click("#undo-btn")
    wait(lambda: world(server) == gw.make("default"))
    assert state_of(server)["repeatable"]


def test_another_size_waits_for_a_word_where_something_was_learnt(
    page: Page, server: DashboardServer
) -> None:
    train(page, 20)
    edit(page)
    field(page, "Width").fill("6")
    field(page, "Width").press("Enter")
    expect(note(page)).to_contain_text("it begins a new run")
    assert world(server).width == 5
    # what is drawn is kept when one leaves, and after a reload
    page.keyboard.press("Escape")
    expect(page.locator("#notification-container")).to_contain_text("The draft is kept")
    page.reload()
    expect(page.locator("#start-btn")).to_be_enabled(timeout=60_000)
    edit(page)
    expect(note(page)).to_contain_text("left here")
    press(page, "Put in force")
    wait(lambda: world(server).width == 6)
    assert state_of(server)["total_steps"] == 0
    expect(note(page)).to_have_text("In force.")
    drag(page, (5, 4), size=(6, 5))
    wait(lambda: world(server).rows[4] == "....G#")
    # the limit on the steps came with the size, and follows it
    field(page, "Width").fill("30")
    field(page, "Width").press("Enter")
    wait(lambda: (world(server).n_states, world(server).max_steps) == (150, 600))


def test_what_a_world_needs_is_said_while_it_is_drawn(page: Page, server: DashboardServer) -> None:
    edit(page)
    take(page, "free")
    drag(page, (0, 0))
    sentence = "a map must have at least one start (S), got none"
    expect(note(page)).to_have_text(f"Not in force: {sentence}.")
    assert world(server) == gw.make("default")
    take(page, "start")
    drag(page, (0, 4))
    rows(server, ".....", ".X.X.", "..X..", ".....", "S...G")
    expect(note(page)).to_have_text("In force.")
    press(page, "Undo")
    expect(note(page)).to_contain_text("Not in force")
    press(page, "Undo")
    wait(lambda: world(server) == gw.make("default"))
    assert in_force(server)["world"] == "default"  # with its name again
    field(page, "Live").uncheck()
    take(page, "wall")
    drag(page, (2, 0))
    expect(note(page)).to_have_text("A draft that is not in force.")
    press(page, "Put in force")
    wait(lambda: world(server).rows[0] == "S.#..")


# --- texts and files


def test_maps_and_json_are_pasted_copied_opened_and_saved(
    page: Page, server: DashboardServer, tmp_path: Path
) -> None:
    edit(page)
    page.evaluate("navigator.clipboard.writeText('S.#\\n..G\\n')")
    page.locator("#grid-canvas").focus()
    page.keyboard.press("Control+v")
    rows(server, "S.#", "..G")
    text = page.locator("#edit-more textarea")
    expect(text).to_have_value("S.#\n..G\n")
    field(page, "JSON").check()
    press(page, "Copy")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert gw.GridWorld.from_json(copied) == world(server)
    text.fill(json.dumps({"map": ["SG"], "max_steps": 7, "name": "tiny"}))
    press(page, "Use this text")
    wait(lambda: world(server).name == "tiny")
    assert world(server).max_steps == 7
    text.fill("S?G")
    press(page, "Use this text")
    expect(note(page)).to_contain_text("a cell must be one of S G X # . F H")
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"map": ["S.G"], "wind": [0, 1, 0], "name": "mine"}))
    page.locator("#edit-more input[type=file]").set_input_files(file)
    wait(lambda: world(server).name == "mine")
    with page.expect_download() as download:
        press(page, "Download")
    assert download.value.suggested_filename == "mine.json"
    assert gw.GridWorld.from_json(Path(download.value.path()).read_text()) == world(server)


def test_a_file_is_dropped_on_the_board(page: Page, server: DashboardServer) -> None:
    drop = """(target, text) => {
        const data = new DataTransfer();
        data.items.add(new File([text], "world.txt"));
        const event = { bubbles: true, cancelable: true, dataTransfer: data };
        target.dispatchEvent(new DragEvent("dragover", event));
        target.dispatchEvent(new DragEvent("drop", event));
    }"""
    page.locator("#grid-canvas").evaluate(drop, "SFF\nFHG")
    rows(server, "S..", ".XG")
    expect(page.locator("#edit-strip")).to_be_visible()


def test_the_world_travels_in_the_link(page: Page, server: DashboardServer) -> None:
    edit(page)
    drag(page, (1, 0), (1, 0))
    wait(lambda: world(server).rows[0] == "S#...")

    def linked() -> bool:
        href = str(page.evaluate("location.href"))
        return "#run=" in href and link_world(read_link(href)) == world(server)

    wait(linked)


# --- others, and everybody


def test_a_world_that_somebody_else_opens_is_followed_where_nothing_was_drawn(
    page: Page, server: DashboardServer
) -> None:
    edit(page)
    order(server, "configure", world="easy")
    expect(page.locator("#edit-more textarea")).to_have_value("\n".join(world(server).rows) + "\n")
    field(page, "Live").uncheck()
    drag(page, (1, 0), (1, 0))
    order(server, "configure", world="default")
    time.sleep(0.5)
    expect(page.locator("#edit-more textarea")).to_have_value("S#...\n" + 3 * ".....\n" + "....G\n")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_axe_finds_nothing_while_a_world_is_drawn(
    browser: Browser, page: Page, server: DashboardServer, scheme: Any, size: Cell
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    other = context.new_page()
    other.goto(server.url)
    expect(other.locator("#start-btn")).to_be_enabled(timeout=60_000)
    edit(other)
    take(other, "reward")
    assert violations(other) == []
    take(other, "free")
    drag(other, (0, 0))
    expect(note(other)).to_contain_text("Not in force")
    assert violations(other) == []
    width = other.evaluate("document.documentElement.scrollWidth")
    assert width <= size[0]
    context.close()


def test_the_editor_is_fetched_when_somebody_goes_there(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    tab = open_tab(server.url)
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    assert not any("/edit/" in url for url in asked)
    edit(tab.page)
    assert any("/edit/editor.mjs" in url for url in asked)
