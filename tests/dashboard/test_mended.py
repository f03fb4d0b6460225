"""What a class met in its first hour, in a real browser: kinds of faults, so that none returns."""

import base64
import json
import re
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

import gridworld as gw
from dashboard.tab import (
    Tab,
    fill,
    in_force,
    number_in,
    state_of,
    train,
    unfold,
    wait,
)
from gridworld.store.link import write_link
from gridworld_dashboard.page import ids
from gridworld_dashboard.server import DashboardServer


@pytest.fixture
def open_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Windows of another kind: forced colours, fingers, paper."""
    made: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        made.append(browser.new_context(**options))
        return made[-1]

    yield open_one
    for context in made:
        context.close()


def ready(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#start-btn")).to_be_enabled(timeout=15_000)
    return page


# --- Windows ---


@pytest.mark.parametrize("size", [(900, 700), (640, 360), (390, 844), (320, 560)])
def test_the_window_is_never_longer_than_what_is_in_it(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for panel in ids.PANELS:
        unfold(page, panel)
    page.mouse.move(size[0] / 2, size[1] / 2)
    page.mouse.wheel(0, 100_000)
    page.wait_for_timeout(200)
    window = page.evaluate(
        "[document.documentElement.scrollHeight, document.documentElement.scrollWidth, scrollY]"
    )
    assert window == [size[1], size[0], 0]
    last = page.locator("#regret-chart").bounding_box()  # of the last column
    assert last is not None
    assert last["y"] < size[1]


def colours(page: Page, selector: str) -> set[str]:
    """How the canvases look, each as one text."""
    read = """canvases => canvases.map(canvas => {
        const c = canvas.getContext("2d");
        return Array.from(c.getImageData(0, 0, canvas.width, canvas.height).data).join();
    })"""
    return set(page.locator(selector).evaluate_all(read))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shapes_tell_cells_apart_where_colours_are_forced_viz_02(
    open_context: Callable[..., BrowserContext], server: DashboardServer, scheme: str
) -> None:
    """VIZ-02: on the board, in its legend and on the pictures of worlds."""
    page = ready(open_context(forced_colors="active", color_scheme=scheme), server.url)
    unfold(page, "world-panel")
    page.wait_for_timeout(500)
    assert len(colours(page, "#cell-legend canvas")) == 3
    maps = {str((gw.make(name).cells, gw.make(name).portals)) for name in gw.world_names()}
    assert len(colours(page, ".thumbnail canvas")) == len(maps)
    cell = """(canvas, [x, y]) => {
        const side = canvas.width / 5;
        const c = canvas.getContext("2d");
        const data = c.getImageData(x * side + 3, y * side + 3, side - 6, side - 6).data;
        return new Set(new Uint32Array(data.buffer)).size;
    }"""
    for x, y in [(1, 1), (4, 4), (0, 0)]:
        assert page.locator("#grid-canvas").evaluate(cell, [x, y]) > 1, "one plain colour"


def test_a_long_name_leaves_the_header_where_it_is(page: Page, server: DashboardServer) -> None:
    assert server._session is not None
    world = {"map": ["S.", ".G"], "name": "W" * 200}
    server._session.put_world(json.dumps(world).encode())
    expect(page.locator("#world-name")).to_contain_text("WWW")
    for size in ((1280, 720), (390, 844)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for id_ in ("connection-status", "keys-btn", "scheme-toggle"):
            expect(page.locator(f"#{id_}")).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_print_holds_the_whole_page(page: Page) -> None:
    page.set_viewport_size({"width": 700, "height": 500})
    train(page, 30)
    unfold(page, "optimum-panel")
    page.emulate_media(media="print")
    for id_ in ("grid-canvas", "return-chart", "optimum"):
        place = page.locator(f"#{id_}").bounding_box()
        assert place is not None
        assert place["y"] + place["height"] <= page.evaluate(
            "document.documentElement.scrollHeight"
        )
    assert page.locator("main").evaluate("e => e.scrollHeight - e.clientHeight") <= 0


def test_a_first_visit_is_light_and_loads_nothing_twice(
    open_context: Callable[..., BrowserContext], server: DashboardServer
) -> None:
    page = open_context().new_page()
    sizes: dict[str, int] = {}

    def count(request: Request) -> None:
        assert request.url not in sizes
        told = request.sizes()
        sizes[request.url] = told["responseBodySize"] + told["responseHeadersSize"]

    page.on("requestfinished", count)
    page.goto(server.url)
    expect(page.locator("#start-btn")).to_be_enabled(timeout=15_000)
    train(page, 20)
    expect(page.locator("#return-chart path.js-line").first).to_be_attached()
    assert sum(sizes.values()) < 1_500_000
    assert [url for url in sizes if "plotly" in url and "basic" not in url] == []


# --- Several pages, several agents ---


def test_a_speed_set_elsewhere_reaches_the_page_that_set_its_own(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    one, two = open_tab(server.url).page, open_tab(server.url).page
    one.click("#start-btn")
    fill(one, "speed", 7)
    wait(lambda: in_force(server)["speed"] == 7)
    fill(two, "speed", 300)
    wait(lambda: in_force(server)["speed"] == 300)
    wait(lambda: number_in(one, "speed") == 300)
    wait(lambda: number_in(two, "speed") == 300)


def test_the_agent_shown_elsewhere_reaches_the_page_that_chose_its_own(
    open_tab: Callable[[str], Tab], server: DashboardServer
) -> None:
    one, two = open_tab(server.url).page, open_tab(server.url).page
    unfold(one, "agents-panel")
    fill(one, "agents", 5)
    train(one, 20)
    unfold(two, "agents-panel")
    fill(one, "shown-agent", 4)
    wait(lambda: state_of(server)["shown"] == 3)
    wait(lambda: number_in(two, "shown-agent") == 4)
    fill(two, "shown-agent", 1)
    wait(lambda: state_of(server)["shown"] == 0)
    wait(lambda: number_in(one, "shown-agent") == 1)
    time.sleep(0.5)
    assert state_of(server)["shown"] == 0, "the pages must not answer each other"


def test_another_agent_comes_with_all_that_is_its_own(page: Page, server: DashboardServer) -> None:
    unfold(page, "agents-panel")
    unfold(page, "optimum-panel")
    fill(page, "agents", 32)
    train(page, 300)
    page.click("#next-agent-btn")
    expect(page.locator("#whose")).to_contain_text("Agent 2 of 32")
    assert page.locator("#episode-counter").inner_text() == "300"
    assert state_of(server)["step"] > 0
    page.locator("#grid-canvas").focus()
    page.keyboard.press("ArrowUp")
    visits = page.locator("#cell-card .rows")
    expect(visits).to_be_visible()
    assert state_of(server)["visits_since"] == 1
    since = page.locator("#optimal-since")
    wait(lambda: re.search(r"episode \d+$", since.inner_text()) is not None)
    assert since.inner_text() != "episode 300"


# --- Links ---


def test_a_link_that_is_refused_changes_nothing(page: Page, server: DashboardServer) -> None:
    train(page, 40)
    before = in_force(server)
    # no way to the goal is a matter of taste; a portal into a wall is none
    world = {"map": ["S.", ".G"], "portals": [[[0, 1], [9, 9]]]}
    whole = {"world": world, "slip": 0.0, "max_steps": 50, "learning_rate": 0.77, "seed": 12}
    view = {"layer": "visits", "arrows": False, "q_values": True, "agent": 0}
    bad = write_link_unchecked({**whole, "view": view}, f"{server.url}/")
    page.evaluate("hash => { location.hash = hash }", bad.split("#")[1])
    page.click("#open-link-btn")
    expect(page.locator("#notification-container .error")).to_be_visible()
    page.wait_for_timeout(600)
    assert number_in(page, "learning-rate") == 0.1
    assert page.locator("#layer-visits").get_attribute("aria-pressed") == "false"
    assert in_force(server) == before
    fill(page, "num-episodes", 10)
    page.click("#start-btn")
    wait(lambda: state_of(server)["total_episodes"] == 50)
    assert in_force(server)["learning_rate"] == before["learning_rate"]


def write_link_unchecked(settings: dict[str, Any], page: str) -> str:
    """A link as another program could write it: its world cannot be."""
    good = write_link({"seed": 1}, page=page)
    mark = good.partition("#run=")[0] + "#run="
    code = good.removeprefix(mark)
    data = json.loads(zlib.decompress(base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))))
    packed = zlib.compress(json.dumps({**data, **settings}).encode())
    return mark + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def test_a_link_says_how_much_of_a_longer_run_it_repeats(page: Page) -> None:
    unfold(page, "link-panel")
    note = page.locator("#link-note")
    train(page, 100)
    expect(note).to_contain_text("from its beginning, bit for bit")
    train(page, 100)
    expect(note).to_contain_text("from its beginning, 100 of the 200 episodes")


# --- Hands ---


def test_space_starts_and_stops_after_a_click_on_anything(
    page: Page, server: DashboardServer
) -> None:
    for id_ in ("heatmap-toggle", "scheme-toggle", "step-btn"):
        before = page.locator(f"#{id_}").get_attribute("aria-pressed")
        page.click(f"#{id_}")
        after = page.locator(f"#{id_}").get_attribute("aria-pressed")
        page.keyboard.press("Space")
        wait(lambda: state_of(server)["running"])
        assert page.locator(f"#{id_}").get_attribute("aria-pressed") == after
        page.keyboard.press("Space")
        wait(lambda: not state_of(server)["running"])
        assert (before is None) == (after is None)
    page.locator("#more-views > summary").focus()
    page.keyboard.press("Shift+Tab")  # to the switch of the arrows, by the keyboard
    pressed = page.locator("#policy-toggle").get_attribute("aria-pressed")
    page.keyboard.press("Space")
    expect(page.locator("#policy-toggle")).not_to_have_attribute("aria-pressed", str(pressed))
    assert not state_of(server)["running"]


def test_a_key_that_turns_a_view_turns_the_picture(page: Page) -> None:
    train(page, 100)
    unfold(page, "more-views")
    page.click("#q-values-toggle")
    title = page.locator("#heat-legend .title")
    expect(title).to_have_text("Q-values")
    for key, shown in (("v", "Value"), ("v", "Optimal value"), ("v", "Difference")):
        page.keyboard.press(key)
        expect(title).to_have_text(shown)
        assert page.locator("#q-values-toggle").get_attribute("aria-pressed") == "false"
    page.click("#q-values-toggle")
    page.keyboard.press("h")
    expect(title).to_have_text("Value")


def test_the_first_tab_leads_past_the_header(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "start-btn"


def finger(context: BrowserContext, page: Page, begin: tuple[float, float], dy: float) -> None:
    """Swipe, as a finger does."""
    session = context.new_cdp_session(page)
    x, y = begin
    touch = "Input.dispatchTouchEvent"
    session.send(touch, {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for i in range(1, 11):
        point = {"x": x, "y": y + dy * i / 10}
        session.send(touch, {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(16)
    session.send(touch, {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(200)


@pytest.fixture
def phone(
    open_context: Callable[..., BrowserContext], server: DashboardServer
) -> tuple[BrowserContext, Page]:
    context = open_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    return context, ready(context, server.url)


@pytest.mark.parametrize(
    "id_", ["learning-rate-slider", "speed-slider", "grid-canvas", "return-chart"]
)
def test_a_swipe_scrolls_the_page_and_changes_nothing(
    phone: tuple[BrowserContext, Page], id_: str
) -> None:
    context, page = phone
    train(page, 20)
    place = page.locator(f"#{id_}")
    place.scroll_into_view_if_needed()
    place.evaluate("e => e.scrollIntoView({ block: 'center' })")
    area = place.bounding_box()
    assert area is not None
    value = page.locator("#learning-rate-slider").input_value()
    speed = page.locator("#speed-slider").input_value()
    before = page.locator("main").evaluate("e => e.scrollTop")
    dy = -160 if id_ != "return-chart" else 160
    finger(context, page, (area["x"] + 0.7 * area["width"], area["y"] + area["height"] / 2), dy)
    page.wait_for_timeout(300)
    assert page.locator("main").evaluate("e => e.scrollTop") != before
    assert page.locator("#learning-rate-slider").input_value() == value
    assert page.locator("#speed-slider").input_value() == speed


def test_a_tap_shows_the_card_of_a_cell_and_the_help_of_a_control(
    phone: tuple[BrowserContext, Page],
) -> None:
    _, page = phone
    page.locator("#grid-canvas").scroll_into_view_if_needed()
    page.locator("#grid-canvas").tap()
    expect(page.locator("#cell-card .at")).to_have_text("(2, 2)")
    page.wait_for_timeout(300)
    expect(page.locator("#cell-card")).to_be_visible()
    page.locator("label[for=epsilon]").tap()
    expect(page.locator("#cell-card")).to_be_hidden()
    expect(page.locator("#epsilon-help")).to_be_visible()
    page.locator("#step-btn").tap()
    expect(page.locator("#step-btn-help")).to_be_visible()
    expect(page.locator("#epsilon-help")).to_be_hidden()


# --- What somebody made ---


@pytest.mark.parametrize("episodes", [30, 120])
def test_a_reset_is_undone_by_one_click(page: Page, server: DashboardServer, episodes: int) -> None:
    train(page, episodes)
    counters = page.locator(".counters dd")
    before = counters.all_inner_texts()
    assert server._session is not None
    learnt = server._session.observer.look().q.tobytes()
    page.keyboard.press("r")
    wait(lambda: state_of(server)["total_steps"] == 0)
    offer = page.locator("#undo-offer")
    expect(offer).to_contain_text(f"{episodes} episodes")
    page.click("#undo-btn")
    wait(lambda: state_of(server)["total_episodes"] == episodes)
    wait(lambda: counters.all_inner_texts() == before)
    assert server._session.observer.look().q.tobytes() == learnt
    expect(offer).to_be_hidden()


def test_a_load_is_undone_and_what_load_takes_is_said(page: Page, server: DashboardServer) -> None:
    help_ = page.locator("#load-qtable-btn-help")
    expect(help_).to_contain_text("nothing yet")
    train(page, 20)
    page.click("#save-qtable-btn")
    expect(help_).to_contain_text("agent_latest: 20 episodes")
    train(page, 40)
    page.click("#load-qtable-btn")
    wait(lambda: state_of(server)["total_episodes"] == 20)
    page.click("#undo-btn")
    wait(lambda: state_of(server)["total_episodes"] == 60)


def test_saves_are_named_renamed_deleted_and_brought_back(
    page: Page, server: DashboardServer
) -> None:
    unfold(page, "saves-panel")
    train(page, 20)
    page.fill("#save-name", "first")
    page.get_by_role("button", name="Save under this name").click()
    items = page.locator(".saves-list li")
    expect(items).to_have_count(1)
    expect(items).to_contain_text("20 episodes")
    items.get_by_role("button", name="Note").click()
    page.keyboard.type("a good one")
    page.keyboard.press("Enter")
    expect(items).to_contain_text("a good one")
    items.get_by_role("button", name="Rename").click()
    page.keyboard.type("second")
    page.keyboard.press("Enter")
    expect(items.locator("b")).to_have_text("second")
    items.get_by_role("button", name="Delete").click()
    expect(items).to_contain_text("in the bin")
    items.get_by_role("button", name="Bring back").click()
    expect(items).not_to_contain_text("in the bin")
    page.click("#reset-btn")
    items.get_by_role("button", name="Load").click()
    wait(lambda: state_of(server)["total_episodes"] == 20)


def test_a_downloaded_save_is_uploaded_again(
    page: Page, server: DashboardServer, tmp_path: Path
) -> None:
    unfold(page, "saves-panel")
    train(page, 20)
    page.click("#save-qtable-btn")
    items = page.locator(".saves-list li")
    expect(items).to_have_count(1)
    with page.expect_download() as given:
        items.get_by_role("link", name="Download").click()
    file = tmp_path / "from-home.npz"
    given.value.save_as(file)
    page.locator("#saves input[type=file]").set_input_files(file)
    expect(items).to_have_count(2)
    page.click("#reset-btn")
    page.get_by_role("button", name="Load: from-home").click()
    wait(lambda: state_of(server)["total_episodes"] == 20)


def test_single_letters_can_be_switched_off(page: Page, server: DashboardServer) -> None:
    page.click("#keys-btn")
    page.click("#letters-btn")
    page.click("#keys-close-btn")
    train(page, 10)
    for key in ("r", "n", "e", "h", "?"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert state_of(server)["total_episodes"] == 10
    expect(page.locator("#keys-dialog")).to_be_hidden()
    page.keyboard.press("Space")
    wait(lambda: state_of(server)["total_episodes"] == 20)
    page.reload()
    expect(page.locator("#connection-status")).to_have_text("Connected", timeout=15_000)
    expect(page.locator("#letters-btn")).to_have_attribute("aria-pressed", "false")


def test_all_fields_go_back_to_their_defaults(page: Page) -> None:
    unfold(page, "numbers-panel")
    fill(page, "learning-rate", 0.7)
    fill(page, "epsilon-decay", 0.9)
    page.click("#defaults-btn")
    wait(lambda: number_in(page, "learning-rate") == 0.1)
    wait(lambda: number_in(page, "epsilon-decay") == 0.995)


# --- Words and numbers ---


@pytest.mark.parametrize("seed", [8589934592, 2**53 - 1, 2**53 + 1, 2**63 - 1])
def test_a_seed_is_exact_to_the_last_digit(page: Page, server: DashboardServer, seed: int) -> None:
    assert server._session is not None
    server._session._force.put({"seed": seed})
    unfold(page, "agents-panel")
    unfold(page, "link-panel")
    field = page.locator("#seed")
    expect(field).to_have_value(str(seed))
    train(page, 20)
    assert in_force(server)["seed"] == seed
    expect(field).to_have_value(str(seed))
    expect(page.locator("#start-note")).to_have_text("")
    train(page, 10)
    wait(lambda: state_of(server)["total_episodes"] == 30)
    if seed < 2**53:
        wait(lambda: f"--seed={seed}" in page.locator("#command-text").input_value())
    else:
        expect(page.locator("#link-note")).to_contain_text("seeds up to 9007199254740991")
    fill(page, "seed", 2**53 + 1)
    expect(page.locator("#seed-note")).to_contain_text(
        "from 0 to 9007199254740991, not 9007199254740993" if seed != 2**53 + 1 else ""
    )


def test_large_counters_are_grouped_for_the_eye_and_hold_the_number_alone(page: Page) -> None:
    # at one go: the next frame writes the true ones
    episode, step, groups, room = page.evaluate(
        """() => import("/assets/lib/page/dom.mjs").then(({ writeCount, element }) => {
            writeCount("episode-counter", 1000097895400);
            writeCount("step-counter", 43567);
            const [one, two] = ["episode-counter", "step-counter"].map(element);
            const parts = [...one.querySelectorAll(".digits")];
            const end = parts.at(-1).getBoundingClientRect().right;
            const begin = two.querySelector(".digits").getBoundingClientRect().left;
            const texts = parts.map((part) => part.innerText);
            return [one.innerText, two.innerText, texts, begin - end];
        })"""
    )
    assert float(episode) == 1000097895400
    assert float(step) == 43567
    assert groups == ["1", "000", "097", "895", "400"]
    assert room >= 8


def test_the_optimum_is_read_aloud_at_rest_alone(page: Page) -> None:
    unfold(page, "optimum-panel")
    assert page.locator("#truth-note").get_attribute("role") is None
    live = page.locator("#truth-live")
    fill(page, "num-episodes", "")
    fill(page, "speed", "")
    page.wait_for_timeout(1200)
    page.evaluate(
        """() => {
            window.said = 0;
            new MutationObserver(() => { window.said += 1; }).observe(
                document.getElementById("truth-live"), { childList: true, characterData: true });
        }"""
    )
    page.click("#start-btn")
    expect(page.locator("#optimum-panel-now")).to_have_text("optimal", timeout=15_000)
    assert page.evaluate("window.said") == 0
    page.click("#stop-btn")
    expect(live).to_contain_text("The greedy policy")
