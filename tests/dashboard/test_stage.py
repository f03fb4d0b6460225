"""The board with its layers, its zoom and its cell card, in a real browser."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, Page, WebSocket, expect

from dashboard.tab import (
    canvas,
    differ,
    fill,
    in_force,
    settled,
    state_of,
    switch,
    train,
    unfold,
    wait,
)
from gridworld_dashboard.server import DashboardServer

COMPILES = 120.0
"""Seconds for what may have to compile a kernel first."""

Views = list[dict[str, Any]]

LAYERS = {
    "heatmap-toggle": "Value",
    "layer-optimal": "Optimal value",
    "layer-difference": "Difference",
    "layer-visits": "Visits",
    "layer-td-error": "Last TD error",
}


def pressed(page: Page, id_: str) -> bool:
    return page.locator(f"#{id_}").get_attribute("aria-pressed") == "true"


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def enter_maze(page: Page, server: DashboardServer, size: int) -> None:
    unfold(page, "world-panel")
    fill(page, "maze-size", size)
    fill(page, "maze-seed", 0)
    page.click("#maze-btn")
    wait(lambda: in_force(server)["world"] in {f"maze-{size}", f"maze-{size}:0"})
    expect(page.locator("#world-name")).to_contain_text(f"maze-{size}")


def test_layers_exclude_each_other_and_say_what_they_show(page: Page) -> None:
    switch(page, "heatmap-toggle", on=False)
    train(page, 300)
    unfold(page, "more-views")
    seen = [settled(page)]
    for id_, title in LAYERS.items():
        page.click(f"#{id_}")
        assert [other for other in LAYERS if pressed(page, other)] == [id_]
        legend = page.locator("#heat-legend")
        expect(legend.locator(".title")).to_contain_text(title)
        wait(lambda: re.search(r"\d", page.locator("#heat-legend .ticks").inner_text()) is not None)
        seen.append(settled(page))
        assert all(differ(seen[-1], before) for before in seen[:-1])
    page.reload()
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    assert pressed(page, "layer-td-error")  # and its switch is in sight
    expect(page.locator("#layer-td-error")).to_be_visible()
    wait(lambda: not differ(canvas(page), seen[-1]))
    page.click("#layer-td-error")
    expect(page.locator("#heat-legend")).to_be_hidden()


def test_traces_model_and_planning_are_seen_where_they_exist(
    page: Page, server: DashboardServer
) -> None:
    unfold(page, "more-views")
    for id_ in ("layer-eligibility", "layer-model"):
        expect(page.locator(f"#{id_}")).to_be_hidden()
    unfold(page, "agents-panel")
    page.click("#algorithm-sarsa_lambda")
    wait(lambda: in_force(server)["algorithm"] == "sarsa_lambda", COMPILES)
    expect(page.locator("#layer-model")).to_be_hidden()
    page.click("#layer-eligibility")
    expect(page.locator("#view-note")).to_have_text("No traces: the episode has just begun.")
    for _ in range(2):
        page.click("#step-btn")
    title = page.locator("#heat-legend .title")
    expect(title).to_have_text("Eligibility", timeout=1000 * COMPILES)
    expect(page.locator("#heat-legend .ticks")).to_contain_text("1")
    page.click("#algorithm-dyna_q")
    wait(lambda: in_force(server)["algorithm"] == "dyna_q", COMPILES)
    expect(page.locator("#layer-eligibility")).to_be_hidden()
    page.click("#layer-model")
    train(page, 30)
    expect(title).to_have_text("Model")
    page.click("#step-btn")
    wait(lambda: len(state_of(server)["planned"]) == 5, COMPILES)
    shown = settled(page)
    unfold(page, "numbers-panel")
    fill(page, "planning-steps", 0)
    page.click("#start-btn")
    wait(
        lambda: not state_of(server)["running"] and in_force(server)["planning_steps"] == 0,
        COMPILES,
    )
    page.click("#step-btn")
    wait(lambda: state_of(server)["planned"] == [], COMPILES)
    assert differ(settled(page), shown)


def test_four_values_a_cell_replace_the_layer_while_they_are_on(page: Page) -> None:
    train(page, 300)
    switch(page, "heatmap-toggle", on=True)
    values = settled(page)
    unfold(page, "more-views")
    page.click("#q-values-toggle")
    expect(page.locator("#heat-legend .title")).to_have_text("Q-values")
    assert differ(settled(page), values)
    page.click("#q-values-toggle")
    expect(page.locator("#heat-legend .title")).to_have_text("Value")
    assert pressed(page, "heatmap-toggle")


def test_the_keyboard_reads_single_cells(page: Page) -> None:
    train(page, 300)
    card, live = page.locator("#cell-card"), page.locator(".cell-live")
    expect(card).to_be_hidden()
    page.locator("#more-views > summary").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "grid-canvas"
    expect(card).to_be_visible()
    for _ in range(5):
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowLeft")
    expect(card.locator(".at")).to_have_text("(0, 0)")
    expect(card.locator(".kind")).to_have_text("Start")
    assert card.locator(".greedy").count() >= 1
    expect(live).to_contain_text("greedy")
    expect(live).to_contain_text("optimal value 8.641")
    page.keyboard.press("ArrowRight")
    expect(card.locator(".at")).to_have_text("(1, 0)")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(live).to_be_empty()


def test_the_card_is_beside_the_cell_under_the_pointer(page: Page) -> None:
    grid, card = page.locator("#grid-canvas"), page.locator("#cell-card")
    area = box(grid)
    for x, y in [(0, 0), (4, 0), (2, 2), (0, 4), (4, 4)]:
        page.mouse.move(
            area["x"] + (x + 0.5) * area["width"] / 5, area["y"] + (y + 0.5) * area["height"] / 5
        )
        expect(card.locator(".at")).to_have_text(f"({x}, {y})")
        there, ring = box(card), box(page.locator(".cell-ring"))
        beside = there["x"] >= ring["x"] + ring["width"] or ring["x"] >= there["x"] + there["width"]
        assert beside
        assert there["y"] >= area["y"]
        assert there["y"] + there["height"] <= area["y"] + area["height"] + 1
    expect(page.locator(".cell-live")).to_be_empty()  # pointers have eyes
    page.mouse.move(2, 2)
    expect(card).to_be_hidden()


def test_a_small_world_leaves_the_wheel_to_the_page(page: Page) -> None:
    expect(page.locator("#zoom-in")).to_be_hidden()
    before = settled(page)
    area = box(page.locator("#grid-canvas"))
    page.mouse.move(area["x"] + 30, area["y"] + 30)
    page.mouse.wheel(0, -400)
    page.mouse.move(2, 2)
    assert not differ(settled(page), before)


def wait_for_page(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for what the page reports: nothing of that is heard in an ordinary sleep."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        page.wait_for_timeout(50)


@pytest.fixture
def sent(page: Page) -> Views:
    """The views that the page asks for, from a reload on."""
    views: Views = []

    def keep(payload: str | bytes) -> None:
        found = json.loads(payload)
        commands = found if isinstance(found, list) else [found]
        views.extend(command["data"] for command in commands if command["type"] == "set_view")

    def watch(socket: WebSocket) -> None:
        socket.on("framesent", keep)

    page.on("websocket", watch)
    page.reload()
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    return views


def test_a_large_world_is_zoomed_to_exact_cells(
    page: Page, server: DashboardServer, sent: Views
) -> None:
    enter_maze(page, server, 130)
    switch(page, "heatmap-toggle", on=True)
    switch(page, "policy-toggle", on=True)
    expect(page.locator("#view-note")).to_contain_text("Zoom in")
    expect(page.locator("#zoom-in")).to_be_visible()
    expect(page.locator("#follow-agent")).to_be_hidden()
    fill(page, "num-episodes", "")  # until stopped
    fill(page, "speed", "")
    page.click("#start-btn")
    expect(page.locator("#stop-btn")).to_be_enabled()
    time.sleep(0.5)
    page.click("#stop-btn")
    fitted = settled(page)
    area = box(page.locator("#grid-canvas"))
    page.mouse.move(area["x"] + 12, area["y"] + 12)
    page.keyboard.press("Shift")
    for _ in range(8):
        page.mouse.wheel(0, -120)
    wait_for_page(page, lambda: len(sent) > 0 and sent[-1]["window"] is not None)
    x, y, width, height = sent[-1]["window"]
    assert (x, y) == (0, 0)
    assert max(width, height) <= 64
    expect(page.locator("#view-note")).to_be_empty()
    assert page.evaluate("scrollY") == 0
    expect(page.locator("#cell-card .at")).to_be_visible()
    page.locator("#grid-canvas").focus()
    for _ in range(14):
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#cell-card .at")).to_have_text("(1, 1)")
    expect(page.locator("#cell-card .rows")).to_contain_text("Optimal value")
    assert differ(settled(page), fitted)

    before = len(sent)
    # Its window reaches some way beyond what is on show: only far drags have to ask.
    for _ in range(20):
        page.mouse.move(area["x"] + 300, area["y"] + 300)
        page.mouse.down()
        for i in range(40):
            page.mouse.move(area["x"] + 300 - 6 * i, area["y"] + 300 - 6 * i)
        page.mouse.up()
        page.wait_for_timeout(200)
        if len(sent) > before:
            break
    assert len(sent) > before
    page.wait_for_timeout(300)
    assert len(sent) - before <= 12  # not at each of 120 moves

    page.click("#follow-agent")
    assert pressed(page, "follow-agent")
    page.click("#zoom-fit")
    assert not pressed(page, "follow-agent")
    page.mouse.move(2, 2)
    wait_for_page(page, lambda: sent[-1]["window"] is None)
    page.locator("#grid-canvas").blur()
    wait(lambda: not differ(canvas(page), fitted))


def test_a_layer_of_a_large_world_is_asked_for(
    page: Page, server: DashboardServer, sent: Views
) -> None:
    enter_maze(page, server, 70)
    page.click("#step-episode-btn")
    unfold(page, "more-views")
    page.click("#layer-visits")
    wait_for_page(page, lambda: bool(sent) and sent[-1]["layer"] == "visits")
    wait(lambda: re.search(r"[1-9]", page.locator("#heat-legend .ticks").inner_text()) is not None)
    page.wait_for_timeout(600)  # the address follows a moment later
    before = len(sent)
    page.reload()
    wait_for_page(page, lambda: len(sent) > before and sent[-1]["layer"] == "visits")
    wait(lambda: re.search(r"[1-9]", page.locator("#heat-legend .ticks").inner_text()) is not None)
