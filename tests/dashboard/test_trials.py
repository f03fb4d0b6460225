"""Tests, games and looks back, and what one takes along, in a real browser."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
from playwright.sync_api import Browser, Page, Position, expect

import gridworld as gw
from dashboard.tab import Tab, canvas, differ, fill, settled, train, unfold, violations, wait
from dashboard.test_inquiries import condition
from dashboard.test_session import Desk
from gridworld_dashboard.inquiries import trials
from gridworld_dashboard.server import DashboardServer


class Around(Desk):
    """The session of a server, asked beside its page."""

    def __init__(self, server: DashboardServer) -> None:
        assert server._session is not None
        self.session = server._session
        self.said, self.told = [], []

    def train(self, episodes: int, **data: Any) -> None:
        """Start, and wait until the budget is used up: others hear of that."""
        self.ok("start_training", num_episodes=episodes, **{"speed": None} | data)
        wait(lambda: self.session.observer.finished, 60)


@pytest.fixture(scope="module")
def server(served: DashboardServer) -> DashboardServer:
    return served


@pytest.fixture(scope="module")
def tab(browser: Browser, server: DashboardServer) -> Iterator[Tab]:
    made = Tab(browser)
    made.open(server.url)
    yield made
    made.context.close()


@pytest.fixture
def page(tab: Tab) -> Iterator[Page]:
    yield tab.page
    assert tab.faults == []


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test is of how long it may take to work out a value."""
    monkeypatch.setattr(trials, "SOLVE_S", 300.0)


@pytest.fixture
def desk(page: Page, server: DashboardServer) -> Desk:
    """The page as it is at first, with 200 episodes behind it and the panel open."""
    desk = Around(server)
    desk.ok("stop_training")
    desk.ok("configure", world="default", slip=0.0, max_steps=100, algorithm="q_learning", agents=1)
    desk.ok("configure", seed=1, learning_rate=0.1, epsilon=1.0)
    desk.ok("reset")
    page.keyboard.press("Escape")
    train(page, 200)
    unfold(page, "trials-panel")
    expect(strip(page)).to_be_hidden()
    return desk


def strip(page: Page) -> Any:
    return page.locator("#showing")


def turn(page: Page, to: str) -> None:
    switch = page.locator(".trial-switch button", has_text=to)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")


def words(page: Page) -> Any:
    return page.locator(".trial:not([hidden]) .trial-words")


def reading(page: Page, name: str) -> str:
    row = page.locator(".trial:not([hidden]) dl > div", has=page.get_by_text(name, exact=True))
    return str(row.locator("dd").inner_text())


def steps_are(page: Page, steps: int) -> None:
    wait(lambda: reading(page, "Your steps") == str(steps))


def cell_at(page: Page, x: int, y: int, cells: int = 5) -> Position:
    box = page.locator("#grid-canvas").bounding_box()
    assert box is not None
    side = box["width"] / cells
    return {"x": (x + 0.5) * side, "y": (y + 0.5) * side}


def file_of(page: Page, button: str) -> Path:
    with page.expect_download(timeout=60_000) as caught:
        page.get_by_role("button", name=button, exact=True).click()
    path = Path(caught.value.path())
    named = path.with_name(caught.value.suggested_filename)
    return path.rename(named)


def look_back(page: Page, episode: int) -> None:
    page.locator("#look-back-episode").fill(str(episode))
    expect(strip(page)).to_contain_text(f"As it was after episode {episode}")


# --- a test


def test_a_test_leaves_the_bytes_of_the_training_as_they_are(page: Page, desk: Desk) -> None:
    before = condition(desk)
    live = settled(page)
    turn(page, "Test")
    expect(strip(page)).to_contain_text("Testing the greedy policy")
    found = gw.evaluate(gw.make("default"), desk.q(), episodes=1000)
    steps = int(found.lengths[0, 0])
    expect(words(page)).to_contain_text(f"From the start: return {found.returns[0, 0]:.2f}")
    expect(words(page)).to_contain_text(f"at a goal after {steps} steps")
    assert float(reading(page, "Mean of 1\u202f000")) == round(found.return_mean[0], 2)
    exact = gw.policy_value(gw.make("default"), desk.q(), discount_factor=0.99)[0]
    assert float(reading(page, "Exactly")) == round(exact, 2)
    assert differ(settled(page), live)  # the agent stands at the goal
    page.locator("#grid-canvas").click(position=cell_at(page, 3, 4))
    expect(words(page)).to_contain_text("From (3, 4): return 10, at a goal after 1 step")
    page.locator("#test-epsilon").fill("0.5")
    expect(strip(page)).to_contain_text("50 % random actions")
    page.get_by_role("button", name="From the start").click()
    expect(page.locator(".bars")).to_be_visible()
    page.get_by_role("button", name="Another episode").click()
    expect(words(page)).to_contain_text("From the start")
    page.locator("#test-epsilon").fill("0")
    page.keyboard.press("Escape")
    expect(strip(page)).to_be_hidden()
    expect(page.locator(".trial-switch button", has_text="Learning")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert not differ(settled(page), live)
    assert condition(desk) == before


def test_a_test_begins_at_the_cell_cursor_by_the_keyboard(page: Page, desk: Desk) -> None:
    turn(page, "Test")
    expect(words(page)).to_contain_text("From the start")
    page.locator("#grid-canvas").focus()
    page.keyboard.press("ArrowUp")  # on the agent, which stands at the goal
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(words(page)).to_contain_text("From (4, 3): return 10")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#notification-container")).to_contain_text("a cell in which one acts")
    expect(words(page)).to_contain_text("From the start")
    page.keyboard.press("Escape")


def test_training_goes_on_beside_a_test_and_another_run_ends_it(page: Page, desk: Desk) -> None:
    desk.ok("start_training", num_episodes=None, speed=100)
    turn(page, "Test")
    expect(words(page)).to_contain_text("From the start")
    still = settled(page)
    episodes = desk.state()["total_episodes"]
    wait(lambda: desk.state()["total_episodes"] > episodes + 3)
    assert not differ(canvas(page), still)
    desk.ok("reset")
    expect(strip(page)).to_be_hidden()


# --- a game


def test_a_game_is_played_with_the_arrow_keys(page: Page, desk: Desk) -> None:
    before = condition(desk)
    turn(page, "Play")
    expect(strip(page)).to_contain_text("move with the arrow keys")
    for key, steps in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 3), ("ArrowUp", 4)):
        page.keyboard.press(key)
        steps_are(page, steps)
    assert reading(page, "Your return") == "\N{MINUS SIGN}0.40"
    found = gw.evaluate(gw.make("default"), desk.q(), episodes=1)
    assert float(reading(page, "Agent's return")) == round(found.returns[0, 0], 2)
    page.keyboard.press("ArrowDown")
    expect(words(page)).to_contain_text("You ended with \N{MINUS SIGN}10.40")
    expect(words(page)).to_contain_text("less than the agent: at a pit after 5 steps")
    page.keyboard.press("ArrowDown")  # means nothing any more
    expect(page.locator(".pad button").first).to_be_disabled()
    page.get_by_role("button", name="New game").click()
    wait(lambda: reading(page, "Your steps") == "0")
    page.keyboard.press("Escape")
    expect(strip(page)).to_be_hidden()
    assert condition(desk) == before


def test_a_game_is_played_with_buttons_to_the_goal(page: Page, desk: Desk) -> None:
    turn(page, "Play")
    wait(lambda: reading(page, "Your steps") == "0")
    for i, name in enumerate(["Down"] * 4 + ["Right"] * 4):
        # (0, 0) to (0, 4) and along the last row
        page.get_by_role("button", name=name, exact=True).click()
        steps_are(page, i + 1)
    expect(words(page)).to_contain_text("You ended with 9.30")
    expect(words(page)).to_contain_text("at a goal after 8 steps")
    page.keyboard.press("Escape")


def test_a_game_is_played_by_swipes(browser: Browser, server: DashboardServer, desk: Desk) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator("#start-btn")).to_be_enabled(timeout=15_000)
    unfold(page, "trials-panel")
    turn(page, "Play")
    wait(lambda: reading(page, "Your steps") == "0")
    page.locator("#grid-canvas").scroll_into_view_if_needed()
    box = page.locator("#grid-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = context.new_cdp_session(page)

    def swipe(dx: float, dy: float) -> None:
        for kind, points in (
            ("touchStart", [{"x": x, "y": y}]),
            ("touchMove", [{"x": x + dx, "y": y + dy}]),
            ("touchEnd", []),
        ):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    swipe(80, 10)
    wait(lambda: reading(page, "Your steps") == "1")
    swipe(-10, 80)
    expect(words(page)).to_contain_text("at a pit after 2 steps")
    context.close()


# --- a look back


def test_a_look_back_is_a_run_that_was_stopped_there_and_python_makes_it(
    page: Page, desk: Desk
) -> None:
    before = condition(desk)
    unfold(page, "link-panel")
    turn(page, "Look back")
    expect(strip(page)).to_contain_text("As it was after episode 200")
    pictures = []
    for episode in (3, 50, 7):
        look_back(page, episode)
        run = gw.train(gw.make("default"), gw.QLearning(), seed=1, episodes=episode)
        assert reading(page, "Steps in all") == f"{run.steps[0]:,}".replace(",", "\u202f")
        page.locator("#keep-what").select_option("grid")
        rows = list(csv.DictReader(io.StringIO(file_of(page, "Save as CSV").read_text())))
        assert q_in(rows).tobytes() == run.q[0].tobytes()
        expect(page.locator("#python-text")).to_have_value(re.compile(f"episodes={episode}\\)"))
        names: dict[str, Any] = {}
        exec(lines(page), names)
        assert names["run"].q.tobytes() == run.q.tobytes()
        pictures.append(settled(page))
    assert differ(pictures[0], pictures[1])
    assert differ(pictures[1], pictures[2])
    page.click("#show-live-btn")
    expect(strip(page)).to_be_hidden()
    wait(lambda: "episodes=200)" in lines(page))
    assert condition(desk) == before


def lines(page: Page) -> str:
    return page.locator("#python-text").input_value()


def q_in(rows: list[dict[str, str]]) -> npt.NDArray[np.float32]:
    keys = ("q_up", "q_down", "q_left", "q_right")
    return np.array([[row[key] for key in keys] for row in rows], np.float32)


def test_the_past_is_played_to_its_end_or_until_it_is_stopped(page: Page, desk: Desk) -> None:
    turn(page, "Look back")
    expect(strip(page)).to_contain_text("episode 200")
    player = page.locator(".trial:not([hidden]) .row button").first
    player.click()
    expect(strip(page)).to_contain_text("at the beginning")
    expect(player).to_have_text("Stop")
    player.click()
    expect(strip(page)).not_to_contain_text("episode 200")
    player.click()
    expect(strip(page)).to_contain_text("episode 200", timeout=60_000)
    expect(player).to_have_text("Play")
    page.keyboard.press("Escape")


def test_a_past_that_cannot_be_repeated_says_so(page: Page, desk: Desk) -> None:
    desk.ok("configure", learning_rate=0.3)
    desk.train(5)
    turn(page, "Look back")
    note = page.locator(".trial:not([hidden]) .sentence")
    expect(note).to_contain_text("its past cannot be repeated")
    expect(page.locator("#look-back-episode")).to_be_disabled()
    turn(page, "Learning")
    unfold(page, "link-panel")
    expect(page.locator("#python-text")).to_have_value(re.compile("^# It was loaded or changed"))


# --- files


def test_the_animation_is_saved_as_gif_and_as_webm(page: Page, desk: Desk) -> None:
    turn(page, "Look back")
    expect(strip(page)).to_contain_text("episode 200")
    gif = file_of(page, "Save the animation as a GIF")
    with PIL.Image.open(gif) as image:
        assert gif.name == "default-learning.gif"
        assert image.format == "GIF"
        assert getattr(image, "n_frames", 0) > 30
        first = np.asarray(image.convert("RGB"))
        image.seek(getattr(image, "n_frames", 0) - 1)
        assert (np.asarray(image.convert("RGB")) != first).any()
    webm = file_of(page, "Save the animation as a WebM film").read_bytes()
    assert webm.startswith(b"\x1a\x45\xdf\xa3")
    size = page.evaluate(
        """async bytes => {
            const video = document.createElement("video");
            video.src = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
            await new Promise((done, fail) => {
                video.onloadeddata = done;
                video.onerror = () => fail(new Error("it does not play"));
            });
            return [video.videoWidth, video.videoHeight];
        }""",
        list(webm),
    )
    assert size[0] == first.shape[1]
    assert size[1] == first.shape[0]
    page.keyboard.press("Escape")


def test_the_grid_and_every_chart_are_saved_as_pictures_and_data(page: Page, desk: Desk) -> None:
    unfold(page, "link-panel")
    wait(lambda: desk.session.truth.report.points[0].size > 2)
    page.wait_for_timeout(1200)
    look = desk.session.observer.look()
    for what in ("grid", "return-chart", "length-chart", "epsilon-chart", "regret-chart"):
        page.locator("#keep-what").select_option(what)
        png = file_of(page, "Save as PNG")
        assert png.name == f"default-{what}.png"
        with PIL.Image.open(png) as image:
            image.load()
            assert min(image.size) > 200
            assert len(np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0)) > 3
        svg = ElementTree.parse(file_of(page, "Save as SVG")).getroot()
        assert svg.tag == "{http://www.w3.org/2000/svg}svg"
        rows = list(csv.DictReader(io.StringIO(file_of(page, "Save as CSV").read_text())))
        assert len(rows) > 2
        if what == "grid":
            assert q_in(rows).tobytes() == look.q.tobytes()
            assert [int(row["visits"]) for row in rows] == look.visits.tolist()
        elif what != "regret-chart":
            assert [int(row["episode"]) for row in rows] == list(range(1, 201))
            returns = np.array([row["return"] for row in rows], np.float32)
            np.testing.assert_array_equal(returns, look.bins["return_mean"][0])


def test_python_makes_the_run_as_it_stands(page: Page, desk: Desk) -> None:
    unfold(page, "link-panel")
    desk.ok("configure", world="cliff-walking", algorithm="sarsa", slip=0.1, epsilon=0.2, agents=3)
    desk.ok("step_episode")
    desk.ok("step")
    wait(lambda: "Sarsa" in lines(page) and "steps=" in lines(page))
    fill(page, "learning-rate", 0.9)  # of the next start
    page.wait_for_timeout(1500)
    names: dict[str, Any] = {}
    exec(lines(page), names)
    assert "the others have taken other numbers of steps" in lines(page)
    assert names["run"].q[0].tobytes() == desk.q().tobytes()
    desk.ok("reset")
    desk.train(9)
    wait(lambda: "episodes=9" in lines(page))
    exec(lines(page), names)
    assert names["run"].agents == 3
    batch = desk.session.observer.copy(lambda shown: shown.batch.q.copy())
    assert names["run"].batch.q.tobytes() == batch.tobytes()
    desk.ok("configure", world={"map": ["S..", ".#.", "..G"], "name": "own"}, agents=1)
    desk.train(12)
    wait(lambda: "from_json" in lines(page) and "episodes=12" in lines(page))
    exec(lines(page), names)
    assert names["run"].q[0].tobytes() == desk.q().tobytes()


# --- for everybody


@pytest.mark.parametrize(("scheme", "size"), [("light", (1280, 720)), ("dark", (390, 844))])
def test_axe_finds_nothing_in_any_of_them(
    browser: Browser, server: DashboardServer, desk: Desk, scheme: Any, size: tuple[int, int]
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator("#start-btn")).to_be_enabled(timeout=15_000)
    unfold(page, "trials-panel")
    unfold(page, "link-panel")
    expect(page.locator("#python-text")).to_be_visible()
    for mode, sign in (("Test", "Testing"), ("Play", "Your game"), ("Look back", "As it was")):
        turn(page, mode)
        expect(strip(page)).to_contain_text(sign)
        page.wait_for_timeout(300)
        assert violations(page) == []
    context.close()


def test_what_is_tried_out_comes_when_it_is_asked_for(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    tab = open_tab(server.url)
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.reload()
    expect(tab.page.locator("#start-btn")).to_be_enabled(timeout=15_000)
    tab.page.wait_for_timeout(500)
    late = ("/trial/", "keeping.mjs", "gifenc")
    assert not [url for url in asked if any(part in url for part in late)]
    unfold(tab.page, "trials-panel")
    expect(tab.page.locator(".trial-switch")).to_be_visible()
    assert json.dumps(asked).count("/trial/trials.mjs") == 1
