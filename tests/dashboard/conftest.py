"""What the dashboard's tests share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboard.tab import ARGUMENTS, PATIENCE_MS, Tab
from gridworld_dashboard.server import DashboardServer
from gridworld_dashboard.warmup import warm_up

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Compile the kernels first: no test measures the compiler."""
    warm_up()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DashboardServer]:
    """One server for a whole module."""
    made = DashboardServer(port=0, folder=tmp_path_factory.mktemp("data"))
    made.start()
    yield made
    made.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DashboardServer]:
    made = DashboardServer(port=0, folder=tmp_path)
    made.start()
    yield made
    made.close()


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Callable[[str], Tab]]:
    """Opens tabs of windows of their own; any fault on one of them fails the test."""
    tabs: list[Tab] = []

    def open_one(url: str) -> Tab:
        tabs.append(Tab(browser))
        tabs[-1].open(url)
        return tabs[-1]

    yield open_one
    for tab in tabs:
        tab.context.close()
    assert [fault for tab in tabs for fault in tab.faults] == []


@pytest.fixture
def page(open_tab: Callable[[str], Tab], server: DashboardServer) -> Page:
    return open_tab(server.url).page
