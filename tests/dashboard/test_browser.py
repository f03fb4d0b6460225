"""The real page in a real browser, against the real server. Any console error fails a test."""

import json
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.process import Process
from dashboard.tab import (
    Tab,
    canvas,
    differ,
    fill,
    in_force,
    number,
    number_in,
    settled,
    state_of,
    switch,
    train,
    unfold,
    wait,
)
from gridworld_dashboard.server import DashboardServer

FIELDS = ("learning-rate", "epsilon", "discount-factor")


def test_the_page_opens_and_is_live_web_01(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    """WEB-01, WEB-02, TRAIN-05, TRAIN-06: connected, with counters that hold a number alone."""
    tab = open_tab(server.url)
    assert number(tab.page, "episode-counter") == 1
    assert number(tab.page, "step-counter") == 0
    assert number(tab.page, "epsilon-value") == 1
    assert tab.page.locator("html").get_attribute("lang")
    assert {host for host in tab.hosts if host} == {f"127.0.0.1:{server.port}"}


def test_start_moves_the_agent_and_stop_holds_it_train_01(page: Page) -> None:
    """TRAIN-01, TRAIN-02, TRAIN-04, VIZ-01, VIZ-03, VIZ-04."""
    still = canvas(page)
    page.click("#start-btn")
    expect(page.locator("#stop-btn")).to_be_enabled()
    seen = set()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        seen.add(canvas(page).tobytes())
    assert differ(still, canvas(page))
    assert len(seen) >= 10  # ten updates a second, and movement between them
    page.click("#stop-btn")
    expect(page.locator("#start-btn")).to_be_enabled()
    episode, step = number(page, "episode-counter"), number(page, "step-counter")
    assert (episode, step) != (1, 0)
    time.sleep(0.4)
    assert (number(page, "episode-counter"), number(page, "step-counter")) == (episode, step)
    page.click("#start-btn")  # goes on where it stopped
    wait(lambda: number(page, "episode-counter") > episode)


def test_inputs_are_locked_while_training_runs_param_04(page: Page) -> None:
    """PARAM-04."""
    locked = [page.locator(f"#{id_}{part}") for id_ in FIELDS for part in ("", "-slider")]
    for field in [*locked, page.locator("#num-episodes")]:
        expect(field).to_be_enabled()
    fill(page, "learning-rate", 0.25)
    page.click("#start-btn")
    for field in [*locked, page.locator("#num-episodes")]:
        expect(field).to_be_disabled()
    expect(page.locator("#speed")).to_be_enabled()
    page.click("#stop-btn")
    for field in locked:
        expect(field).to_be_enabled()
    assert number_in(page, "learning-rate") == 0.25


def test_parameters_are_set_by_field_and_slider_param_01(
    page: Page, server: DashboardServer
) -> None:
    """PARAM-01, PARAM-02, PARAM-03, PARAM-05: tied together, taken, kept over a reload."""
    for id_ in FIELDS:
        fill(page, id_, 0.37)
        expect(page.locator(f"#{id_}-slider")).to_have_value("0.37")
        page.locator(f"#{id_}-slider").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"#{id_}")).to_have_value("0.38")
    page.click("#start-btn")
    keys = ("learning_rate", "epsilon", "discount_factor")
    wait(lambda: [in_force(server)[key] for key in keys] == pytest.approx([0.38] * 3))
    page.click("#stop-btn")
    expect(page.locator("#epsilon")).to_be_enabled()
    page.reload()
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    wait(lambda: [number_in(page, id_) for id_ in FIELDS] == pytest.approx([0.38] * 3))


def test_a_wrong_value_is_told_beside_its_field_and_nothing_starts(
    page: Page, server: DashboardServer
) -> None:
    fill(page, "learning-rate", 1.5)
    expect(page.locator("#learning-rate-note")).to_contain_text("1.5")
    page.click("#start-btn")
    time.sleep(0.3)
    assert not state_of(server)["running"]
    fill(page, "learning-rate", 0.5)
    expect(page.locator("#learning-rate-note")).to_have_text("")


def test_the_speed_changes_while_training_runs(page: Page, server: DashboardServer) -> None:
    page.click("#start-btn")
    wait(lambda: state_of(server)["running"])
    fill(page, "speed", 200)
    wait(lambda: in_force(server)["speed"] == 200)


def test_kinds_of_cells_look_different_viz_02(page: Page) -> None:
    """VIZ-02: by colour and by shape; the legend names them."""
    kinds = {"start": (0, 0), "free": (2, 0), "pit": (1, 1), "goal": (4, 4)}
    settled(page)
    cells = {
        kind: page.locator("#grid-canvas").evaluate(
            """(canvas, [x, y]) => {
                const side = canvas.width / 5;
                const data = canvas.getContext("2d").getImageData(
                    x * side + 3, y * side + 3, side - 6, side - 6).data;
                return Array.from(data).join();
            }""",
            list(at),
        )
        for kind, at in kinds.items()
    }
    assert len(set(cells.values())) == len(kinds)
    legend = page.locator("#cell-legend").inner_text().lower()
    for word in ("start", "goal", "pit"):
        assert word in legend


def test_the_heat_map_shows_what_was_learnt_qval_01(page: Page) -> None:
    """QVAL-01, QVAL-02, QVAL-03, QVAL-04."""
    toggle = page.locator("#heatmap-toggle")
    expect(toggle).to_have_attribute("aria-pressed", "true")  # a beginner sees what is learnt
    switch(page, "policy-toggle", on=False)
    toggle.click()
    bare = settled(page)
    toggle.click()
    train(page, 300)
    early = settled(page)
    assert differ(early, bare)
    legend = page.locator("#heat-legend")
    expect(legend).to_be_visible()
    assert re.search(r"\d", legend.inner_text())
    train(page, 3000)
    wait(lambda: differ(canvas(page), early))  # it follows the training
    hot = settled(page)
    toggle.click()
    wait(lambda: differ(canvas(page), hot))
    expect(legend).to_be_hidden()


def test_arrows_show_the_greedy_actions_pol_01(page: Page) -> None:
    """POL-01, POL-02, POL-03, POL-04: none before anything was learnt."""
    toggle = page.locator("#policy-toggle")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    switch(page, "heatmap-toggle", on=False)
    toggle.click()
    bare = settled(page)
    toggle.click()
    assert not differ(settled(page), bare)
    train(page, 2000)
    with_arrows = settled(page)
    assert differ(with_arrows, bare)
    toggle.click()
    wait(lambda: differ(canvas(page), with_arrows))


def test_charts_show_every_episode_and_survive_a_reload_metric_01(page: Page) -> None:
    """METRIC-01, METRIC-02, METRIC-03, METRIC-04, METRIC-05."""
    unfold(page, "charts-panel")
    train(page, 150)

    def drawn() -> bool:
        charts = ("return-chart", "length-chart", "epsilon-chart")
        return all(page.locator(f"#{chart} path.js-line").count() > 0 for chart in charts)

    wait(drawn)
    for chart in ("return-chart", "length-chart", "epsilon-chart"):
        assert re.search(r"\d", page.locator(f"#{chart}-now").inner_text())
    # raw and rolling mean
    assert page.locator("#return-chart path.js-line").count() >= 2
    assert page.locator("#length-chart path.js-line").count() >= 2
    page.reload()
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    wait(drawn)
    assert number(page, "episode-counter") >= 150


def test_save_reset_load_go_round_ql_05(
    page: Page, server: DashboardServer, tmp_path: Path
) -> None:
    """QL-05, TRAIN-03."""
    train(page, 120)
    page.click("#save-qtable-btn")
    expect(page.locator("#notification-container")).to_contain_text("agent_latest.json")
    data = json.loads((tmp_path / ".qtables" / "agent_latest.json").read_text())
    assert len(data["q_table"]) == 5
    page.click("#reset-btn")
    wait(lambda: state_of(server)["total_steps"] == 0)
    expect(page.locator("#episode-counter")).to_have_text("1")
    expect(page.locator("#step-counter")).to_have_text("0")
    page.click("#load-qtable-btn")
    wait(lambda: state_of(server)["total_episodes"] == 120)
    wait(lambda: number(page, "episode-counter") >= 120)
    train(page, 10)
    assert state_of(server)["total_episodes"] == 130


def test_a_failed_load_is_told(page: Page) -> None:
    page.click("#load-qtable-btn")
    expect(page.locator("#notification-container")).to_contain_text("must exist")


def test_two_clicks_in_one_tick_are_both_carried_out(page: Page, server: DashboardServer) -> None:
    page.evaluate(
        """() => {
            document.getElementById("step-btn").click();
            document.getElementById("save-qtable-btn").click();
        }"""
    )
    wait(lambda: state_of(server)["total_steps"] == 1)
    expect(page.locator("#notification-container")).to_contain_text("agent_latest")


def test_everybody_sees_the_same_training(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    one, two = open_tab(server.url).page, open_tab(server.url).page
    one.click("#start-btn")
    expect(two.locator("#stop-btn")).to_be_enabled()
    expect(two.locator("#learning-rate")).to_be_disabled()
    two.click("#stop-btn")
    expect(one.locator("#start-btn")).to_be_enabled()
    wait(lambda: number(one, "step-counter") == number(two, "step-counter"))


def test_a_reload_finds_the_training_running(page: Page) -> None:
    page.click("#start-btn")
    expect(page.locator("#stop-btn")).to_be_enabled()
    page.reload()
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    expect(page.locator("#stop-btn")).to_be_enabled()
    wait(lambda: number(page, "step-counter") > 0)


def test_the_page_recovers_from_a_restart_of_the_server_web_03(
    browser: Browser, tmp_path: Path
) -> None:
    """WEB-03."""
    tab = Tab(browser)
    try:
        with Process(tmp_path) as first:
            port = first.port
            page = tab.open(f"http://127.0.0.1:{port}")
            train(page, 50)
            first.end(signal.SIGTERM)
        status = page.locator("#connection-status")
        expect(status).to_have_text("Disconnected", timeout=5_000)
        expect(page.locator("#start-btn")).to_be_disabled()
        time.sleep(1.0)
        with Process(tmp_path, port=port):
            expect(status).to_have_text("Connected", timeout=6_000)
            # after a restart the server is idle and fresh, and offers what it saved
            expect(page.locator("#episode-counter")).to_have_text("1")
            page.click("#load-autosave-btn")
            wait(lambda: number(page, "episode-counter") >= 50)
            expect(page.locator("#start-btn")).to_be_enabled()
    finally:
        tab.context.close()
    refused = [fault for fault in tab.faults if "WebSocket connection to" in fault]
    assert [fault for fault in tab.faults if fault not in refused] == []
