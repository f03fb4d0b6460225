"""The panels that open on demand, links, hints and many agents, in a real browser."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.tab import (
    Tab,
    fill,
    in_force,
    number_in,
    state_of,
    switch,
    train,
    unfold,
    violations,
    wait,
)
from gridworld.store.link import write_link
from gridworld_dashboard.page import ids
from gridworld_dashboard.server import DashboardServer


@pytest.fixture
def learnt(page: Page) -> Page:
    train(page, 60)
    return page


def test_panels_stay_as_they_were_put(page: Page) -> None:
    assert page.locator("details[open]").count() == 0
    unfold(page, "world-panel")
    unfold(page, "optimum-panel")
    page.click("#optimum-panel > summary")
    page.reload()
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    expect(page.locator("#world-panel")).to_have_attribute("open", "")
    assert page.locator("#optimum-panel").get_attribute("open") is None


def test_nothing_has_to_be_scrolled_at_first_sight(page: Page) -> None:
    height = page.evaluate("document.documentElement.scrollHeight")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert (width, height) <= (1280, 720)
    for id_ in ("grid-canvas", "start-btn", "return-chart", "speed-slider", "load-qtable-btn"):
        expect(page.locator(f"#{id_}")).to_be_in_viewport(ratio=1)


def test_a_world_is_in_force_as_soon_as_it_is_chosen(page: Page, server: DashboardServer) -> None:
    unfold(page, "world-panel")
    page.locator("#world-cliff-walking").hover()
    expect(page.locator("#world-sentence")).to_contain_text("cliff")
    page.click("#world-frozen-lake-4x4")
    wait(lambda: in_force(server)["world"] == "frozen-lake-4x4")
    expect(page.locator("#world-frozen-lake-4x4")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#world-default")).to_have_attribute("aria-pressed", "false")
    wait(lambda: number_in(page, "slip") == pytest.approx(2 / 3))
    assert not state_of(server)["running"]
    fill(page, "maze-size", 7)
    fill(page, "maze-seed", 3)
    page.click("#maze-btn")
    wait(lambda: in_force(server)["world"] == "maze-7:3")
    wait(lambda: number_in(page, "max-steps") == 196)
    fill(page, "maze-size", 3)
    expect(page.locator("#maze-size-note")).to_contain_text("from 4 to 2000")
    page.click("#start-btn")
    expect(page.locator("#world-easy")).to_be_disabled()


def test_an_algorithm_is_in_force_as_soon_as_it_is_chosen(
    page: Page, server: DashboardServer
) -> None:
    unfold(page, "agents-panel")
    page.click("#algorithm-sarsa")
    wait(lambda: in_force(server)["algorithm"] == "sarsa")
    expect(page.locator("#algorithm-sarsa")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#world-name")).to_contain_text("SARSA")


def test_a_preset_fills_the_numbers_and_epsilon_is_foreseen(
    page: Page, server: DashboardServer
) -> None:
    unfold(page, "numbers-panel")
    expect(page.locator("#preset-balanced")).to_have_attribute("aria-pressed", "true")
    page.click("#preset-conservative")
    wait(lambda: number_in(page, "learning-rate") == 0.05)
    expect(page.locator("#learning-rate-slider")).to_have_value("0.05")
    assert number_in(page, "epsilon-decay") == 0.999
    text = page.locator("#epsilon-preview-text")
    expect(text).to_contain_text("after 500 episodes")
    fill(page, "epsilon-decay", 0.9)
    expect(text).to_contain_text("from episode")
    assert page.locator("#epsilon-preview path.line").get_attribute("d")
    page.click("#start-btn")
    wait(lambda: in_force(server)["epsilon_decay"] == pytest.approx(0.9))
    assert in_force(server)["epsilon_min"] == pytest.approx(0.05)


def test_with_softmax_the_page_shows_the_temperature(page: Page, server: DashboardServer) -> None:
    unfold(page, "numbers-panel")
    expect(page.locator("#epsilon-value-label")).to_have_text("Epsilon")
    page.click("#exploration-softmax")
    wait(lambda: in_force(server)["exploration"] == "softmax", 60)
    expect(page.locator("#epsilon-value-label")).to_have_text("Temperature")
    expect(page.locator("#epsilon-preview-text")).to_contain_text(
        "The temperature falls from 1.000"
    )
    fill(page, "temperature", 2)
    fill(page, "temperature-decay", 0.5)
    unfold(page, "charts-panel")
    train(page, 3)
    expect(page.locator("figure:has(#epsilon-chart-now) h3")).to_have_text("Temperature")
    expect(page.locator("#epsilon-value")).not_to_have_text("1.000")
    page.click("#exploration-epsilon_greedy")
    expect(page.locator("figure:has(#epsilon-chart-now) h3")).to_have_text("Epsilon")


def test_start_says_beforehand_that_it_begins_a_new_run(
    learnt: Page, server: DashboardServer
) -> None:
    note = learnt.locator("#start-note")
    expect(note).to_have_text("")
    unfold(learnt, "agents-panel")
    fill(learnt, "seed", 5)
    expect(note).to_have_text("Start begins a new run: seed changed.")
    fill(learnt, "num-episodes", 20)
    learnt.click("#start-btn")
    wait(lambda: state_of(server)["total_episodes"] == 20)
    expect(note).to_have_text("")


def test_many_agents_say_whose_their_readings_are(page: Page, server: DashboardServer) -> None:
    unfold(page, "agents-panel")
    fill(page, "agents", 40)
    train(page, 100)
    expect(page.locator("#whose")).to_have_text("Agent 1 of 40 · 40 done")
    expect(page.locator("#steps-per-second-label")).to_contain_text("all agents")
    expect(page.locator("#band-note")).to_contain_text("interval of 95 %")
    page.click("#middle-btn")
    expect(page.locator("#band-note")).to_contain_text("interquartile mean")
    page.click("#next-agent-btn")
    expect(page.locator("#whose")).to_contain_text("Agent 2 of 40")
    fill(page, "shown-agent", 17)
    wait(lambda: state_of(server)["shown"] == 16)
    fill(page, "shown-agent", 41)
    expect(page.locator("#shown-agent-note")).to_contain_text("from 1 to 40")


def test_the_optimum_is_compared_with(page: Page) -> None:
    unfold(page, "optimum-panel")
    train(page, 3000)
    expect(page.locator("#optimum-panel-now")).to_have_text("optimal", timeout=10_000)
    expect(page.locator("#truth-note")).to_have_text("The greedy policy is optimal.")
    expect(page.locator("#regret")).to_have_text("0")
    assert page.locator("#optimum").inner_text() == page.locator("#agent-value").inner_text()
    expect(page.locator("#optimal-since")).to_contain_text("episode")
    wait(lambda: page.locator("#regret-chart path.js-line").count() > 0)


def test_closed_panels_draw_nothing(page: Page) -> None:
    train(page, 50)
    wait(lambda: page.locator("#return-chart path.js-line").count() > 0)
    assert page.locator("#length-chart svg").count() == 0
    unfold(page, "charts-panel")
    wait(lambda: page.locator("#length-chart path.js-line").count() > 0)


def test_the_last_update_is_spelt_out_where_it_can_be_read(page: Page) -> None:
    unfold(page, "update-panel")
    page.click("#step-btn")
    update = page.locator("#last-update")
    expect(update).to_contain_text("TD error")
    expect(update).to_contain_text("Q after")
    expect(update).to_contain_text("0.1 \N{MULTIPLICATION SIGN}")
    fill(page, "speed", 30)
    page.click("#start-btn")
    expect(update).to_contain_text("Slow down to 20 steps/s")
    fill(page, "speed", 5)
    expect(update).to_contain_text("TD error")


def test_a_step_pauses_what_runs(page: Page, server: DashboardServer) -> None:
    page.click("#start-btn")
    wait(lambda: state_of(server)["running"])
    page.click("#step-btn")
    wait(lambda: not state_of(server)["running"])
    assert page.locator("#notification-container .error").count() == 0


def test_bubbles_come_with_the_focus_and_go_at_escape(page: Page) -> None:
    page.locator("#epsilon").focus()
    bubble = page.locator("#epsilon-help")
    expect(bubble).to_be_visible()
    described = page.locator("#epsilon").get_attribute("aria-describedby") or ""
    assert "epsilon-help" in described.split()
    page.keyboard.press("Escape")
    expect(bubble).to_be_hidden()


def test_keys_are_listed_and_work(page: Page, server: DashboardServer) -> None:
    page.keyboard.press("?")
    dialog = page.locator("#keys-dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("e")
    wait(lambda: state_of(server)["total_episodes"] == 1)
    switch(page, "heatmap-toggle", on=False)
    page.keyboard.press("v")
    expect(page.locator("#heatmap-toggle")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("v")
    expect(page.locator("#layer-optimal")).to_have_attribute("aria-pressed", "true")


# --- Links ---


def link(server: DashboardServer, **settings: Any) -> str:
    whole = {"world": "four-rooms", "slip": 0.0, "max_steps": 500, "seed": 7, **settings}
    return write_link(whole, page=f"{server.url}/")


def address(page: Page) -> str:
    """As it is now: `page.url` learns of changes only while Playwright is at work."""
    return str(page.evaluate("location.href"))


def test_a_link_is_taken_at_once_where_nothing_was_learnt(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    view = {"layer": "visits", "arrows": True, "q_values": False, "agent": 2}
    page = open_tab(link(server, agents=4, learning_rate=0.3, ties="random", view=view)).page
    wait(lambda: in_force(server)["world"] == "four-rooms")
    assert in_force(server)["ties"] == "random"
    assert in_force(server)["seed"] == 7
    wait(lambda: number_in(page, "learning-rate") == 0.3)
    expect(page.locator("#layer-visits")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#policy-toggle")).to_have_attribute("aria-pressed", "true")
    wait(lambda: state_of(server)["shown"] == 2)
    expect(page.locator("#link-offer")).to_be_hidden()
    # and again: the address still says so, and nothing has to be asked
    train(page, 30)
    page.reload()
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    time.sleep(1)
    assert state_of(server)["total_episodes"] >= 30
    expect(page.locator("#link-offer")).to_be_hidden()


def test_a_link_to_another_run_asks_first(learnt: Page, server: DashboardServer) -> None:
    learnt.evaluate("hash => { location.hash = hash }", link(server).split("#")[1])
    offer = learnt.locator("#link-offer")
    expect(offer).to_be_visible()
    learnt.click("#keep-btn")
    expect(offer).to_be_hidden()
    assert state_of(server)["total_episodes"] == 60
    wait(lambda: address(learnt) != link(server))
    learnt.evaluate("hash => { location.hash = hash }", link(server, seed=8).split("#")[1])
    learnt.click("#open-link-btn")
    wait(lambda: in_force(server)["seed"] == 8)
    expect(offer).to_be_hidden()
    expect(learnt.locator("#world-name")).to_contain_text("four-rooms")


def test_a_broken_link_is_told_and_the_page_works(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    page = open_tab(f"{server.url}/#run=abc").page
    expect(page.locator("#notification-container")).to_contain_text("link is broken")
    train(page, 10)


def test_the_address_and_the_panel_hold_the_link(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    tab = open_tab(server.url)
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = tab.page
    time.sleep(1)
    assert "#" not in address(page)  # nothing differs from the defaults
    fill(page, "learning-rate", 0.25)
    wait(lambda: "#run=" in address(page))
    unfold(page, "link-panel")
    field = page.locator("#link-text")
    wait(lambda: field.input_value() == address(page))
    page.click("#copy-link-btn")
    expect(page.locator("#notification-container")).to_contain_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == address(page)
    command = page.locator("#command-text").input_value()
    assert re.fullmatch(r"gridworld-bench train --learning-rate=0.25", command)


# --- Hints ---


def test_a_hint_mends_an_epsilon_of_zero(page: Page) -> None:
    hint = page.locator("#hint")
    expect(hint).to_be_hidden()
    fill(page, "epsilon", 0)
    expect(hint).to_contain_text("epsilon 0")
    page.click("#hint-btn")
    wait(lambda: number_in(page, "epsilon") == 1)
    expect(hint).to_be_hidden()


def test_a_hint_allows_more_steps_and_can_be_closed(page: Page, server: DashboardServer) -> None:
    unfold(page, "world-panel")
    fill(page, "max-steps", 5)
    train(page, 120)
    hint = page.locator("#hint")
    expect(hint).to_contain_text("ends after 5 steps", timeout=10_000)
    page.click("#hint-btn")
    wait(lambda: in_force(server)["max_steps"] == 32)
    expect(hint).to_be_hidden()
    assert state_of(server)["total_steps"] == 0
    fill(page, "max-steps", 5)
    train(page, 120)
    expect(hint).to_be_visible(timeout=10_000)
    page.click("#dismiss-hint-btn")
    expect(hint).to_be_hidden()
    time.sleep(1.2)
    expect(hint).to_be_hidden()


# --- For everybody ---


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 720), (480, 900)])
def test_axe_finds_nothing(
    browser: Browser, server: DashboardServer, scheme: Any, size: tuple[int, int]
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator("#start-btn")).to_be_enabled(timeout=15_000)
    assert violations(page) == []
    for panel in ids.PANELS:
        unfold(page, panel)
    unfold(page, "more-views")
    switch(page, "heatmap-toggle", on=True)
    switch(page, "policy-toggle", on=True)
    fill(page, "agents", 3)
    fill(page, "learning-rate", 2)  # a field that is wrong
    fill(page, "learning-rate", 0.5)
    train(page, 60)
    fill(page, "seed", "")
    expect(page.locator("#agent-row")).to_be_visible()
    wait(lambda: page.locator("#regret-chart path").count() > 0)
    assert violations(page) == []
    context.close()


def test_news_cover_nothing_in_a_narrow_window(page: Page) -> None:
    page.set_viewport_size({"width": 480, "height": 800})
    page.click("#save-qtable-btn")
    toast = page.locator(".toast")
    expect(toast).to_be_visible()
    told, main = toast.bounding_box(), page.locator("main").bounding_box()
    assert told is not None
    assert main is not None
    assert main["y"] + main["height"] <= told["y"]
