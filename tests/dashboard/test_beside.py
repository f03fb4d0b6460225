"""Two sessions beside each other: the same world and seed, one difference, in step."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

import gridworld as gw
from dashboard.tab import Tab, violations, wait
from gridworld_dashboard.classroom.sessions import Key
from gridworld_dashboard.server import DashboardServer
from gridworld_dashboard.session import Session

SLOWLY_MS = 60_000
"""Both halves load a whole page each, and a kernel may have to be compiled."""


@pytest.fixture(scope="module")
def server(served: DashboardServer) -> DashboardServer:
    return served


@pytest.fixture(scope="module")
def tab(browser: Browser, server: DashboardServer) -> Iterator[Tab]:
    made = Tab(browser)
    made.page.goto(f"{server.url}/beside")
    expect(made.page.locator("#status")).to_have_text("Connected", timeout=SLOWLY_MS)
    expect(made.page.locator("#start")).to_be_enabled(timeout=SLOWLY_MS)
    yield made
    made.context.close()
    assert made.faults == []


def session_of(server: DashboardServer, side: str) -> Session:
    assert server._sessions is not None
    with server._sessions.enter(Key("", side)) as stream:
        return stream.session


def half(page: Page, side: str) -> FrameLocator:
    return page.frame_locator(f"#{side}-frame")


def test_sarsa_stands_beside_q_learning_on_the_cliff_and_learns_in_step(
    tab: Tab, server: DashboardServer
) -> None:
    page = tab.page
    names = {"left": "Q-learning", "right": "SARSA"}
    for side, name in names.items():
        expect(page.locator(f"#{side}-name")).to_have_text(name)
        grid = half(page, side).locator("#grid-canvas")
        expect(grid).to_be_visible(timeout=SLOWLY_MS)
        expect(half(page, side).locator("#start-btn")).to_be_hidden()
    page.fill("#speed", "")
    page.fill("#num-steps", "3000")
    page.click("#start")
    for side in names:
        expect(half(page, side).locator("#run-status")).to_have_text("Finished", timeout=SLOWLY_MS)
    expect(page.locator("#steps")).to_have_text("3\N{NARROW NO-BREAK SPACE}000")
    world = gw.make("cliff-walking")
    for side, algorithm in (("left", "q_learning"), ("right", "sarsa")):
        session = session_of(server, side)
        learnt = session.observer.look()
        parameters = session.observer.scene.parameters
        assert (parameters.algorithm, parameters.world) == (algorithm, "cliff-walking")
        run = gw.train(world, parameters.build(), steps=3000, seed=0)
        assert learnt.q.tobytes() == run.q[0].tobytes()


def test_both_stop_at_the_same_step_and_step_together(tab: Tab, server: DashboardServer) -> None:
    page = tab.page
    page.click("#reset")
    expect(page.locator("#steps")).to_have_text("0")
    page.fill("#num-steps", "")
    page.click("#start")
    wait(lambda: all(session_of(server, side).observer.running for side in ("left", "right")))
    page.click("#stop")
    expect(page.locator("#start")).to_be_enabled(timeout=SLOWLY_MS)
    expect(page.locator("#stop")).to_be_disabled()

    def steps() -> list[int]:
        return [session_of(server, side).observer.look().all_steps for side in ("left", "right")]

    wait(lambda: len(set(steps())) == 1)
    before = steps()[0]
    assert before > 0
    page.click("#step")
    wait(lambda: steps() == [before + 1, before + 1])


def test_something_else_may_differ_and_the_address_says_so(
    tab: Tab, server: DashboardServer
) -> None:
    page = tab.page
    page.select_option("#world", "easy")
    page.select_option("#differs", "learning_rate")
    page.fill("#left", "0.1")
    page.fill("#right", "0.5")
    page.press("#right", "Tab")
    expect(page.locator("#right-name")).to_have_text("Learning rate 0.5")
    wait(lambda: session_of(server, "right").observer.scene.parameters.learning_rate == 0.5)
    left, right = (session_of(server, side).observer.scene.parameters for side in ("left", "right"))
    assert (left.world, right.world, left.learning_rate) == ("easy", "easy", 0.1)
    assert left.algorithm == right.algorithm
    for part in ("differs=learning_rate", "left=0.1", "right=0.5", "world=easy", "seed=0"):
        assert part in page.url
    page.fill("#right", "7")
    page.press("#right", "Tab")
    expect(page.locator("#problem")).to_contain_text("learning_rate must be in (0, 1], got 7")
    page.reload()
    expect(page.locator("#problem")).to_contain_text("learning_rate must be", timeout=SLOWLY_MS)
    page.fill("#right", "0.25")
    page.press("#right", "Tab")
    expect(page.locator("#problem")).to_be_empty()
    wait(lambda: session_of(server, "right").observer.scene.parameters.learning_rate == 0.25)


def test_its_buttons_stand_in_one_row(tab: Tab) -> None:
    boxes = [tab.page.locator(f"#{id_}").bounding_box() for id_ in ("start", "stop", "step")]
    assert len({round(box["y"]) for box in boxes if box}) == 1


def test_everybody_can_use_it(tab: Tab) -> None:
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        assert violations(tab.page, iframes=False) == []
    tab.page.emulate_media(color_scheme="light")


def test_the_live_page_is_untouched(server: DashboardServer) -> None:
    assert server._session is not None
    assert server._session.observer.look().all_steps == 0
