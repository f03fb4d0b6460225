"""A lesson, the sentences about quantities, and pinned runs, in a real browser."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.tab import Tab, fill, in_force, state_of, train, unfold, violations, wait
from gridworld.store.link import read_link
from gridworld_dashboard.lessons.reading import own_lessons
from gridworld_dashboard.server import DashboardServer

GAMMA = own_lessons()["3-gamma"]


@pytest.fixture
def tab(served: DashboardServer, open_tab: Callable[[str], Tab]) -> Tab:
    """A window of its own on the module's server, where nothing was learnt."""
    made = open_tab(served.url)
    made.page.click("#reset-btn")
    return made


def answers_of(page: Page, name: str) -> str:
    with page.expect_download() as caught:
        page.click(f"#lesson button[aria-label='Download the answers as {name}']")
    return Path(caught.value.path()).read_text("utf-8-sig")


def set_up(link: Locator) -> None:
    """Press a lesson's link until its run is set up: a busy machine may lose a connection."""

    def is_set_up() -> bool:
        link.click()
        link.page.wait_for_timeout(2000)
        return "opened" in (link.get_attribute("class") or "")

    wait(is_set_up, 60)


def start(page: Page) -> None:
    page.click("#start-btn")
    expect(page.locator("#run-status")).to_have_text("Finished", timeout=60_000)


def test_a_lesson_is_done_to_its_end_and_handed_in(tab: Tab, served: DashboardServer) -> None:
    page, lesson = tab.page, tab.page.locator("#lesson")
    page.click("#lessons-btn")
    expect(lesson.locator("h2")).to_have_text("Lessons")
    expect(lesson.locator("li")).to_have_count(len(own_lessons()))
    assert lesson.evaluate("one => one.scrollWidth <= one.clientWidth")  # no title is cut off
    lesson.get_by_role("button", name=GAMMA.title).click()
    expect(lesson.locator("[aria-current]")).to_have_text("Predict")

    lesson.get_by_role("button", name="Next").click()  # nothing was predicted
    expect(lesson.locator(".ways [role=status]")).to_contain_text("Answer first")
    expect(lesson.locator("[aria-current]")).to_have_text("Predict")
    lesson.locator("input[type=radio]").nth(0).check()
    lesson.get_by_role("button", name="Next").click()  # nor was all
    expect(lesson.locator("[aria-current]")).to_have_text("Predict")
    lesson.locator("input[type=radio]").nth(2).check()
    lesson.get_by_role("button", name="Next").click()
    expect(lesson.locator("[aria-current]")).to_have_text("Run")
    lesson.get_by_role("button", name="Back").click()
    expect(lesson.locator("input[type=radio]").nth(1)).to_be_disabled()  # it was predicted
    lesson.get_by_role("button", name="Next").click()

    for gamma in (0.5, 0.9):
        link = lesson.get_by_role("link", name=f"Gamma {gamma}")
        set_up(link)
        assert (in_force(served)["discount_factor"], state_of(served)["all_steps"]) == (gamma, 0)
        start(page)
        if gamma == 0.5:
            page.click("#pin-btn")
    versus = page.locator("#pins .versus")
    expect(page.locator("#pins b")).to_have_text("Discount factor 0.5")
    expect(versus).to_contain_text("P(better)")
    expect(versus).to_contain_text("100 agents, episodes 401 to 500")

    page.reload()  # what was answered, and where one was, is still there
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=60_000)
    expect(lesson.locator("[aria-current]")).to_have_text("Run", timeout=60_000)
    expect(page.locator("#pins b")).to_have_text("Discount factor 0.5")
    lesson.get_by_role("button", name="Next").click()
    predicted = lesson.locator(".predicted")
    expect(predicted.nth(0)).to_contain_text("That is what happened.")
    expect(predicted.nth(1)).to_contain_text("What happened: To the 10.")
    lesson.get_by_role("button", name="Done").click()
    expect(lesson.locator(".ways [role=status]")).to_contain_text("Answer first")
    lesson.locator("textarea").fill("Where 10 x gamma^8 is 1: =1+1")
    lesson.get_by_role("button", name="Done").click()
    expect(lesson.locator("li.done")).to_contain_text(GAMMA.title)

    page.fill("#student", "Ada")
    rows = json.loads(answers_of(page, "JSON"))["answers"]
    assert [(row["student"], row["lesson"], row["step"], row["right"]) for row in rows] == [
        ("Ada", GAMMA.title, "predict", "yes"),
        ("Ada", GAMMA.title, "predict", "no"),
        ("Ada", GAMMA.title, "explain", ""),
    ]
    assert rows[2]["answer"].endswith("=1+1")
    assert rows[0]["finished"] > rows[0]["answered"]
    table = list(csv.DictReader(answers_of(page, "CSV").splitlines()))
    assert table == rows
    assert "Ada" in answers_of(page, "Text")
    lesson.get_by_role("button", name="Close the lessons").click()
    expect(lesson).to_be_hidden()
    page.locator("#pins .close").click()
    expect(page.locator("#pins")).to_be_hidden()


def test_the_run_of_a_lesson_begins_anew_on_what_was_learnt(
    tab: Tab, served: DashboardServer
) -> None:
    """Agents could go on with the other numbers, which would be another run."""
    page, lesson = tab.page, tab.page.locator("#lesson")
    page.evaluate(
        """localStorage.setItem("gridworld-bench.lessons", JSON.stringify(
            {open: "1-epsilon", student: "", lessons: {"1-epsilon": {
                step: 1, reached: 1, done: null, answers: {}}}}))"""
    )
    page.reload()
    runs = lesson.locator("a.to-run")
    expect(runs).to_have_count(3, timeout=60_000)
    for i in (0, 1, 1):  # the last one is in force already, and begins anew as well
        runs.nth(i).click()
        asked = read_link(str(runs.nth(i).get_attribute("href")))
        wait(lambda asked=asked: in_force(served)["epsilon"] == asked["epsilon"])  # type: ignore[misc]
        wait(lambda: state_of(served)["all_steps"] == 0)
        assert state_of(served)["repeatable"]
        fill(page, "num-episodes", 3)
        start(page)
        wait(lambda: state_of(served)["total_episodes"] == 3)


def test_a_quantity_is_explained_where_it_stands(tab: Tab) -> None:
    page = tab.page
    unfold(page, "optimum-panel")
    page.click("#about-regret")
    about = page.locator("#about")
    expect(about).to_contain_text("What the greedy policy gives away")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(about).to_be_hidden()
    expect(page.locator("#about-regret")).to_be_focused()
    page.keyboard.press("Enter")
    expect(about).to_be_visible()
    box, window = about.bounding_box(), page.viewport_size
    assert box is not None
    assert window is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= window["width"]
    with page.context.expect_page() as opened:
        about.get_by_role("link").click()
    glossary = opened.value
    glossary.wait_for_load_state()
    assert glossary.url.endswith("/glossary#regret")
    expect(glossary.locator("section#regret h2")).to_be_in_viewport()
    assert violations(glossary) == []
    page.bring_to_front()
    page.click("#about-return-chart")
    expect(about).to_contain_text("added up without discount")


def test_a_run_is_pinned_compared_opened_again_and_taken_away(
    tab: Tab, served: DashboardServer
) -> None:
    page = tab.page
    unfold(page, "agents-panel")
    fill(page, "agents", 50)
    fill(page, "learning-rate", 0.5)
    train(page, 200)
    page.click("#pin-btn")
    pin = page.locator("#pins .pin")
    expect(pin.locator("b")).to_have_text("Same settings, 200 episodes")
    first = served._session.observer.look().q.tobytes()  # type: ignore[union-attr]
    page.click("#reset-btn")
    fill(page, "learning-rate", 0.02)
    train(page, 200)
    expect(pin.locator("b")).to_have_text("Learning rate 0.5")
    expect(pin.locator(".versus")).to_contain_text("50 agents, episodes 101 to 200")
    dashed = page.locator("#return-chart path.js-line[style*='stroke-dasharray']")
    expect(dashed).to_have_count(1)
    page.reload()
    expect(pin.locator("b")).to_have_text("Learning rate 0.5", timeout=60_000)
    pin.get_by_role("button", name="Open the pinned run").click()
    wait(lambda: in_force(served)["learning_rate"] == 0.5)
    wait(lambda: state_of(served)["all_steps"] == 0)
    start(page)
    wait(lambda: state_of(served)["agents_done"] == 50)
    assert served._session.observer.look().q.tobytes() == first  # type: ignore[union-attr]
    expect(pin.locator("b")).to_have_text("Same settings, 200 episodes")
    pin.get_by_role("button", name="Unpin").click()
    expect(page.locator("#pins")).to_be_hidden()
    expect(dashed).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_axe_finds_nothing_in_lessons_and_pins(
    browser: Browser, served: DashboardServer, scheme: Any, size: tuple[int, int]
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    page = context.new_page()
    page.goto(served.url)
    expect(page.locator("#start-btn")).to_be_enabled(timeout=60_000)
    page.click("#reset-btn")
    train(page, 40)
    page.click("#pin-btn")
    expect(page.locator("#pins .pin").first).to_be_visible()
    page.click("#lessons-btn")
    expect(page.locator("#lesson li").first).to_be_visible()
    assert violations(page) == []
    page.locator("#lesson li button").first.click()
    page.locator("#lesson input[type=radio]").first.check()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    while page.locator("#pins .close").count():
        page.locator("#pins .close").first.click()
        page.wait_for_timeout(100)
    context.close()
