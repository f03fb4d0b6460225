"""The real page in a real browser: what its tests share."""

import base64
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect

from gridworld_dashboard.server import DashboardServer

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


PATIENCE_MS = 20_000
"""A busy machine is slow, not wrong."""


class Tab:
    """A page that remembers what went wrong on it."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 720})
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was closed, or left
            self.faults.append(f"failed: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def open(self, url: str) -> Page:
        self.page.goto(url)
        expect(self.page.locator("#connection-status")).to_have_text("Connected", timeout=60_000)
        expect(self.page.locator("#start-btn")).to_be_enabled()
        return self.page


def violations(page: Page, **options: Any) -> list[tuple[str, Any]]:
    """What axe-core finds on a page: the rule, and where."""
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


def number(page: Page, id_: str) -> float:
    return float(page.locator(f"#{id_}").inner_text())


Picture = npt.NDArray[np.int16]

SHRINK = """canvas => {
    const small = document.createElement("canvas");
    small.width = small.height = 100;
    const context = small.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0, 100, 100);
    return btoa(String.fromCharCode(...context.getImageData(0, 0, 100, 100).data));
}"""


def canvas(page: Page) -> Picture:
    """The grid as it looks: `[100, 100, 4]`."""
    data = page.locator("#grid-canvas").evaluate(SHRINK)
    pixels = np.frombuffer(base64.b64decode(data), np.uint8).astype(np.int16)
    return pixels.reshape(100, 100, 4)


def differ(one: Picture, other: Picture) -> bool:
    """Whether a viewer sees a difference: drawn again, edges are smoothed a little otherwise."""
    return bool((np.abs(one - other) > 24).any())


def settled(page: Page) -> Picture:
    """The grid, once nothing moves any more."""
    before, since = canvas(page), time.monotonic()
    deadline = since + 10
    while time.monotonic() < since + 0.4:
        assert time.monotonic() < deadline, "the canvas does not come to rest"
        time.sleep(0.05)
        now = canvas(page)
        if differ(now, before):
            before, since = now, time.monotonic()
    return before


def fill(page: Page, id_: str, value: object) -> None:
    page.locator(f"#{id_}").fill(str(value))
    page.locator(f"#{id_}").press("Tab")


def wait(condition: Callable[[], bool], timeout: float = 30.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def train(page: Page, episodes: int, seconds: float = 60) -> None:
    """Train at full speed until the budget is used up; a kernel may have to be compiled first."""
    fill(page, "num-episodes", episodes)
    fill(page, "speed", "")
    page.click("#start-btn")
    expect(page.locator("#run-status")).to_have_text("Finished", timeout=1000 * seconds)


def switch(page: Page, toggle: str, *, on: bool) -> None:
    """Bring the switch of a view into a position."""
    place = page.locator(f"#{toggle}")
    if (place.get_attribute("aria-pressed") == "true") != on:
        place.click()
    expect(place).to_have_attribute("aria-pressed", "true" if on else "false")


def unfold(page: Page, panel: str) -> None:
    """Open a panel, as it then stays."""
    if not page.locator(f"#{panel}").evaluate("panel => panel.open"):
        page.click(f"#{panel} > summary")


def number_in(page: Page, id_: str) -> float:
    return float(page.locator(f"#{id_}").input_value())


def in_force(server: DashboardServer) -> dict[str, Any]:
    return dict(state_of(server)["parameters"])


def state_of(server: DashboardServer) -> dict[str, Any]:
    assert server._session is not None
    counters = None
    while counters is None:
        counters = server._session.observer.counters()
    return counters
