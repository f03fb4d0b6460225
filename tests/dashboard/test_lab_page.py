"""Vary and the page of experiments, in a real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import gridworld as gw
from dashboard.tab import (
    PATIENCE_MS,
    Tab,
    fill,
    in_force,
    state_of,
    unfold,
    violations,
    wait,
)
from gridworld.algorithms import algorithm_of
from gridworld.store.link import MARK
from gridworld_dashboard.access import Access
from gridworld_dashboard.server import DashboardServer

LONG_MS = 100_000


@pytest.fixture(scope="module")
def server(served: DashboardServer) -> DashboardServer:
    return served


@pytest.fixture(scope="module", autouse=True)
def _patient() -> Iterator[None]:
    """What is computed in other processes may have to be compiled there first."""
    expect.set_options(timeout=LONG_MS)
    yield
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def cliff(page: Page, server: DashboardServer) -> Page:
    """The live page on the cliff, with the numbers of the book."""
    if state_of(server)["running"]:
        page.click("#stop-btn")
    unfold(page, "world-panel")
    page.click("#world-cliff-walking")
    wait(lambda: in_force(server)["world"] == "cliff-walking")
    unfold(page, "numbers-panel")
    numbers = {"epsilon": 0.1, "epsilon-decay": 1, "epsilon-min": 0.1, "num-episodes": 40}
    for id_, value in {**numbers, "discount-factor": 1}.items():
        fill(page, id_, value)
    return page


def begin(page: Page, number: str = "learning-rate", **fields: object) -> None:
    """Press vary, fill in the form, and go."""
    page.click(f"#{number}-vary")
    page.wait_for_url("**/experiments#vary=*")
    for id_, value in fields.items():
        page.fill(f"#{id_.replace('_', '-')}", str(value))
    page.get_by_role("button", name="Go", exact=True).click()
    page.wait_for_url("**/experiments#store=*")


def finished(page: Page) -> None:
    expect(page.locator(".pace")).to_contain_text(re.compile(r"^(\d+).* of \1"))
    expect(page.locator(".finding")).to_be_visible(timeout=PATIENCE_MS)


def click_point(page: Page, trace: int, point: int) -> None:
    """Click on a point of the chart, where Plotly has drawn it."""
    place = page.locator(".lab-plot .drawn")
    x, y = place.evaluate(
        """(graph, [trace, point]) => {
            const { xaxis, yaxis } = graph._fullLayout;
            const { x, y } = graph.data[trace];
            return [xaxis._offset + xaxis.d2p(x[point]), yaxis._offset + yaxis.d2p(y[point])];
        }""",
        [trace, point],
    )
    box = place.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x + 1, box["y"] + y)
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.click(box["x"] + x, box["y"] + y)


def chosen(page: Page) -> dict[str, Any]:
    """What the link says that the live page was opened with."""
    page.wait_for_url(f"**/{MARK}*")
    return gw.read_link(page.url)


def run_on(page: Page, server: DashboardServer, settings: dict[str, Any]) -> bytes:
    """Start what was opened; the Q-table that comes of it."""
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    wait(lambda: in_force(server)["first_agent"] == settings["first_agent"])
    wait(lambda: in_force(server)["learning_rate"] == pytest.approx(settings["learning_rate"]))
    expect(page.locator("#start-btn")).to_be_enabled()
    wait(lambda: page.locator("#num-steps").input_value() == str(settings["num_steps"]))
    page.click("#start-btn")
    expect(page.locator("#run-status")).to_have_text("Finished")
    assert server._session is not None
    table: bytes = server._session._trainer.call(lambda batch: batch.q.tobytes())
    return table


def trained(settings: dict[str, Any]) -> bytes:
    """The Q-table of the very run, by the library."""
    run = gw.train(
        gw.link_world(settings),
        algorithm_of(settings),
        first_agent=settings["first_agent"],
        episodes=settings["num_episodes"],
        steps=settings["num_steps"],
        seed=settings["seed"],
    )
    return bytes(run.q.tobytes())


def test_a_point_of_the_u_curve_opens_that_very_run(cliff: Page, server: DashboardServer) -> None:
    begin(cliff, runs=20)
    finished(cliff)
    expect(
        cliff.locator("h2", has_text="Learning rate: Q-learning on cliff-walking")
    ).to_be_visible()
    said = cliff.locator(".lab-plot .drawn").evaluate(
        "graph => graph.data.map(({ customdata }) => customdata ?? null)"
    )
    band, dots, means = said
    assert band is None
    assert len(dots) == 10 * 15
    assert len(means) == 10
    click_point(cliff, 2, 4)
    settings = chosen(cliff)
    assert settings["learning_rate"] == pytest.approx(0.5)
    assert settings["first_agent"] == means[4][1]
    assert settings["world"] == "cliff-walking"
    table = run_on(cliff, server, settings)
    assert table == trained(settings)
    assert any(table)
    # a single run, and that another one was learnt meanwhile is no hindrance
    cliff.goto(f"{server.url}/experiments")
    cliff.locator("#rack a.item").first.click()
    finished(cliff)
    click_point(cliff, 1, 9 * 15)
    settings = chosen(cliff)
    assert [settings["first_agent"]] == [dots[9 * 15][1]]
    assert settings["learning_rate"] == pytest.approx(1.0)
    assert run_on(cliff, server, settings) == trained(settings)


def test_a_second_number_makes_a_map_whose_cells_open_runs(
    cliff: Page, server: DashboardServer
) -> None:
    cliff.click("#epsilon-vary")
    cliff.select_option("#vary-1", "learning_rate")
    for id_, value in {"vary-0-count": 3, "vary-1-count": 4, "runs": 10, "episodes": 20}.items():
        cliff.fill(f"#{id_}", str(value))
    expect(cliff.locator(".estimate")).to_contain_text("12 settings of 10 runs")
    cliff.get_by_role("button", name="Go", exact=True).click()
    finished(cliff)
    expect(cliff.locator(".heat rect")).to_have_count(12)
    assert cliff.locator(".heat line").count() >= 8
    cliff.locator('.heat rect[data-setting="5"]').click()
    settings = chosen(cliff)
    assert settings["epsilon"] == pytest.approx(0.5)
    assert settings["learning_rate"] == pytest.approx(0.4)
    assert run_on(cliff, server, settings) == trained(settings)


def test_a_run_is_only_offered_while_another_trains(cliff: Page, server: DashboardServer) -> None:
    begin(cliff, runs=5, vary_0_count=2, episodes=10)
    finished(cliff)
    address = cliff.url
    cliff.goto(server.url)
    expect(cliff.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    fill(cliff, "speed", 5)
    fill(cliff, "num-episodes", "")
    cliff.click("#start-btn")
    wait(lambda: bool(state_of(server)["running"]))
    before = in_force(server)
    cliff.goto(address)
    finished(cliff)
    cliff.get_by_role("button", name=re.compile("^Open run .* learning rate 1")).click()
    expect(cliff.locator("#link-offer")).to_be_visible(timeout=15_000)
    assert state_of(server)["running"]
    assert in_force(server) == before
    cliff.click("#open-link-btn")
    wait(lambda: in_force(server)["learning_rate"] == 1.0)
    assert not state_of(server)["running"]


def test_it_is_filled_in_while_it_runs_and_can_be_stopped(
    cliff: Page, server: DashboardServer
) -> None:
    begin(cliff, "discount-factor", runs=4000, episodes=20_000, vary_0_count=5)
    expect(cliff.locator(".pace")).to_contain_text("runs/s")
    expect(cliff.locator(".pace")).to_contain_text("best so far")
    expect(cliff.locator(".lab-plot .scatterlayer .trace")).to_have_count(3)
    [runs] = re.findall(r"Of ([\d\s]+) runs", cliff.locator(".failures").inner_text())
    assert 0 < int(re.sub(r"\s", "", runs)) < 20_000
    cliff.get_by_role("button", name="Stop", exact=True).click()
    expect(cliff.get_by_role("button", name="Go on", exact=True)).to_be_visible()
    expect(cliff.locator("#rack [aria-current]")).to_contain_text("stopped at")
    cliff.get_by_role("button", name="Delete", exact=True).click()
    expect(cliff.locator("#content")).to_contain_text("not here any more")
    cliff.get_by_role("button", name=re.compile("^Bring back")).first.click()
    expect(cliff.locator("#rack")).to_contain_text("stopped at")


def test_what_cannot_be_is_said_before_it_is_begun(cliff: Page) -> None:
    cliff.click("#learning-rate-vary")
    note = cliff.locator(".estimate")
    cliff.fill("#vary-0-high", "1.5")
    expect(note).to_contain_text("learning_rate must be in (0, 1], got")
    expect(cliff.get_by_role("button", name="Go", exact=True)).to_be_disabled()
    cliff.fill("#vary-0-high", "")
    expect(note).to_contain_text("The range of learning rate cannot be")
    # a refusal of the server is an answer, and no fault of the page
    cliff.fill("#vary-0-high", "1")
    expect(note).to_contain_text("10 settings of 100 runs")
    expect(cliff.get_by_role("button", name="Go", exact=True)).to_be_enabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_from_using_it(
    cliff: Page, server: DashboardServer, scheme: str
) -> None:
    def check(state: str) -> None:
        assert violations(cliff) == [], state

    cliff.evaluate(
        "scheme => localStorage.setItem('gridworld-bench.scheme', JSON.stringify(scheme))", scheme
    )
    cliff.reload()
    expect(cliff.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    check("live page")
    cliff.goto(f"{server.url}/experiments")
    expect(cliff.locator("#rack .group")).not_to_have_count(0)
    check("welcome")
    cliff.go_back()
    cliff.click("#learning-rate-vary")
    expect(cliff.locator(".estimate")).to_contain_text("runs,")
    check("draft")
    cliff.select_option("#vary-1", "epsilon")
    for id_ in ("vary-0-count", "vary-1-count"):
        cliff.fill(f"#{id_}", "3")
    for id_, value in {"runs": 6, "episodes": 10}.items():
        cliff.fill(f"#{id_}", str(value))
    expect(cliff.locator(".estimate")).to_contain_text("9 settings of 6 runs")
    cliff.get_by_role("button", name="Go", exact=True).click()
    finished(cliff)
    for kind in ("Heat map", "U-curve", "Learning curves", "P(better)"):
        cliff.get_by_role("button", name=kind, exact=True).click()
        inside = {"Heat map": ".heat rect", "P(better)": ".matrix td"}
        wanted = inside.get(kind, ".lab-plot .scatterlayer .trace")
        expect(cliff.locator(wanted).first).to_be_attached(timeout=PATIENCE_MS)
        check(kind)
    for size in ((1280, 720), (1920, 1080), (390, 844)):
        cliff.set_viewport_size({"width": size[0], "height": size[1]})
        width = cliff.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0]
        check(f"{size}")


def test_who_watches_sees_them_and_is_offered_nothing_else(
    browser: Browser, tmp_path: Path
) -> None:
    access = Access.of("127.0.0.1", token="presenters-token.1")
    server = DashboardServer(port=0, folder=tmp_path, access=access)
    server.start()
    tab = Tab(browser)
    try:
        gw.Experiment(vary={"epsilon": [0.1, 0.5]}, runs=40, episodes=5).run(tmp_path / "shared")
        page = tab.page
        page.goto(f"{server.url}/?token={access.viewer_token}")
        expect(page.locator("#connection-status")).to_have_text("Connected")
        expect(page.locator("#learning-rate-vary")).to_be_enabled()
        page.click("#learning-rate-vary")
        expect(page.locator(".estimate")).to_contain_text("Who steers may begin it")
        expect(page.get_by_role("button", name="Go", exact=True)).to_be_disabled()
        page.locator("#rack a.item").click()
        finished(page)
        assert page.locator("#content .tools button").count() == 0
        with page.expect_download() as got:
            page.get_by_role("link", name="CSV").click()
        assert Path(got.value.path()).read_bytes().startswith(b'"setting",')
        page.get_by_role("button", name=re.compile("^Open run")).first.click()
        page.wait_for_url(f"**/{MARK}*")
        expect(page.locator("#connection-status")).to_have_text("Connected")
        expect(page.locator("#link-offer")).to_be_hidden()
        assert in_force(server)["world"] == "default"
    finally:
        tab.context.close()
        server.close()
    assert tab.faults == []


def test_the_live_page_loads_nothing_of_it(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    tab = open_tab(server.url)
    loaded = tab.page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert any("assets/lib/page/" in one for one in loaded)
    assert not [one for one in loaded if "assets/lib/lab/" in one]
