"""The parts that the page is made of: panels, fields, sliders, buttons.

Each control says in one sentence what it does: in a bubble beside it, which CSS shows under the
pointer and under the keyboard's focus, and which screen readers read as its description.

It also says, in attributes of its element, what it does to the program and when it may: the script
carries that out (`assets/lib/page/buttons.mjs`), and `callbacks` reads it here.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from dash import dcc, html
from dash.development.base_component import Component

from gridworld.textbook.glossary import quantity
from gridworld_dashboard.page import ids

__all__ = [
    "DOES",
    "GIVEN",
    "LATER",
    "WHEN",
    "When",
    "about",
    "aria",
    "button",
    "data",
    "field",
    "later",
    "panel",
    "parts_of",
    "slider",
]

LATER: Final = "data-later"
"""Marks an element whose children come later."""

DOES: Final = "data-does"
"""On a button: a command of the wire, or an action of the page."""

GIVEN: Final = "data-given"
"""On a button: the command's data, or what the action is given, as JSON."""

WHEN: Final = "data-when"
"""On a button, or around a field: when it is enabled."""

When = Literal["always", "page", "steer", "link", "idle", "running", "settings", "board"]
"""When a control is enabled: always; once the page is there; all that follows where who is here may
change something: then at any time; while the server is there, and of that while nothing is being
trained, or something is; unless the server trains; when the board says so, for everybody.
`assets/lib/page/mode.mjs` knows these by name, except the first and the last.
"""


def panel(id_: str, title: str, children: list[Any]) -> Component:
    """Something that opens on demand; the page remembers which ones are open."""
    return html.Details(
        [
            html.Summary(
                [html.H2(title), html.Span(id=ids.now(id_), className="now muted")],
            ),
            later(ids.body(id_), children, "body"),
        ],
        id=id_,
        className="panel",
    )


def later(id_: str, children: Any, kind: str) -> Component:
    """An element that the page furnishes when the grid is on the screen (see `layout.build`)."""
    return html.Div(children, id=id_, className=kind, **{LATER: ""})  # type: ignore[arg-type]


def field(
    id_: str,
    name: str,
    value: float | None,
    *,
    says: str,
    symbol: str = "",
    placeholder: str = "",
    when: When = "settings",
    beside: Component | None = None,
) -> Component:
    """A labelled number field, with room for what is in force and for what is wrong.

    Args:
        id_: The field's id.
        name: Of what it holds.
        value: At first.
        says: What it does, in one sentence.
        symbol: As books write it.
        placeholder: What an empty field means.
        when: When it is enabled.
        beside: What stands beside the name.
    """
    label: list[Any] = [html.Span(name, id=ids.label(id_))]
    if symbol:
        label += [" ", html.I(symbol, **aria(hidden="true"))]
    return html.Div(
        [
            _named(html.Label(label, htmlFor=id_), beside),
            html.Span(id=ids.in_force(id_), className="in-force"),
            # No min, max or step: Dash turns what they refuse into None, and then nobody could
            # say what is wrong with it.
            dcc.Input(
                id=id_,
                type="number",
                step="any",
                value=value,
                placeholder=placeholder,
                disabled=True,
            ),
            html.Div(id=ids.note(id_), className="note", **aria(live="polite")),
            _bubble(id_, says),
        ],
        className="field told",
        **data(when=when),
    )


def _named(label: Component, beside: Component | None) -> Component:
    return label if beside is None else html.Div([label, beside], className="named")


def slider(
    of: str,
    name: str,
    smallest: float,
    largest: float,
    step: float,
    value: float,
    *,
    when: When = "settings",
    beside: Component | None = None,
) -> Component:
    """A native slider: `dcc.Slider` brings a number field of its own and an unnamed thumb."""
    id_ = ids.slider(of)
    return html.Div(
        [
            html.Label(name, htmlFor=id_, className="unseen"),
            dcc.Input(
                id=id_,
                type="range",
                min=smallest,
                max=largest,
                step=step,
                value=str(value),
                disabled=True,
            ),
            *([] if beside is None else [beside]),
        ],
        className="slider",
        **data(when=when),
    )


def button(
    id_: str,
    face: Any,
    kind: str = "",
    *,
    does: str,
    given: Mapping[str, object] | None = None,
    when: When = "always",
    key: str = "",
    held: bool = False,
    says: str = "",
    title: str = "",
    more: Mapping[str, Any] | None = None,
    **attributes: str,
) -> Component:
    """A button; with a sentence in a bubble, where it has something to say.

    Args:
        id_: The element's id.
        face: What stands on it.
        kind: Class names.
        does: What it does: a command of the wire (`wire.protocol.COMMANDS`), which needs nothing
            else to be written, or an action of the page (`assets/lib/page/actions.mjs`).
        given: The command's data, or what the action is given.
        when: When it is enabled.
        key: The key that presses it, as `aria-keyshortcuts` writes it.
        held: Whether that key, held down, presses it again and again.
        says: What it does, in one sentence.
        title: The same in the browser's own bubble, where there is no room for one of ours.
        more: Further attributes.
        attributes: ARIA attributes, without their prefix.
    """
    if says:
        attributes["describedby"] = ids.bubble(id_)
    if key:
        attributes["keyshortcuts"] = key
    extra = data(does=does, when=when) | aria(**attributes) | dict(more or {})
    if given:
        extra[GIVEN] = json.dumps(given, separators=(",", ":"))
    if held:
        extra |= data(held="")
    if title:
        extra["title"] = title
    made = html.Button(
        face,
        id=id_,
        type="button",
        className=kind,
        disabled=when != "always",
        # The script listens; Dash would tell its callbacks, of which there is none.
        disable_n_clicks=True,
        **extra,
    )
    return html.Div([made, _bubble(id_, says)], className="told") if says else made


def about(key: str, place: str) -> Component:
    """The *?* beside a name: says what it is, in a sentence, and leads to more.

    Args:
        key: Of the quantity (`gridworld.textbook.glossary`).
        place: The element that shows it.
    """
    found = quantity(key)
    return button(
        ids.about(place),
        "?",
        "about",
        does="explain",
        given={"at": ids.about(place), "key": key},
        when="page",
        title=found.says,
        label=f"What is this: {found.title}",
    )


def _bubble(id_: str, says: str) -> Component:
    return html.Span(says, id=ids.bubble(id_), className="bubble", role="tooltip")


def parts_of(component: Component) -> Iterator[Any]:
    """Every component inside of another, in the order of the page."""
    traverse: Any = component._traverse  # Dash gives neither it nor their properties types
    return (part for part in traverse() if isinstance(part, Component))


def aria(**attributes: str) -> dict[str, Any]:
    """ARIA attributes, whose names are no Python names."""
    return {f"aria-{name}": value for name, value in attributes.items()}


def data(**attributes: str) -> dict[str, Any]:
    """Attributes for the script."""
    return {f"data-{name}": value for name, value in attributes.items()}
