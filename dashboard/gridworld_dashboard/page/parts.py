"""The parts that the page is made of: panels, fields, sliders, buttons.

Each control says in one sentence what it does: in a bubble beside it, which CSS shows under the
pointer and under the keyboard's focus, and which screen readers read as its description.
"""

from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component

from gridworld_dashboard.page import ids

__all__ = ["LATER", "aria", "button", "field", "later", "panel", "slider"]

LATER: Final = "data-later"
"""Marks an element whose children come later."""


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
) -> Component:
    """A labelled number field, with room for what is in force and for what is wrong."""
    label: list[Any] = [html.Span(name, id=ids.label(id_))]
    if symbol:
        label += [" ", html.I(symbol, **aria(hidden="true"))]
    return html.Div(
        [
            html.Label(label, htmlFor=id_),
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
    )


def slider(
    of: str, name: str, smallest: float, largest: float, step: float, value: float
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
        ],
        className="slider",
    )


def button(
    id_: str,
    text: str,
    kind: str = "",
    *,
    says: str = "",
    disabled: bool = True,
    **attributes: str,
) -> Component:
    """A button; with a sentence in a bubble, where it has something to say.

    Args:
        id_: The element's id.
        text: What stands on it.
        kind: Class names.
        says: What it does, in one sentence.
        disabled: Whether it waits for the server.
        attributes: ARIA attributes, without their prefix.
    """
    if says:
        attributes["describedby"] = ids.bubble(id_)
    made = html.Button(
        text,
        id=id_,
        type="button",
        className=kind,
        n_clicks=0,
        disabled=disabled,
        **aria(**attributes),
    )
    return html.Div([made, _bubble(id_, says)], className="told") if says else made


def _bubble(id_: str, says: str) -> Component:
    return html.Span(says, id=ids.bubble(id_), className="bubble", role="tooltip")


def aria(**attributes: str) -> dict[str, Any]:
    """ARIA attributes, whose names are no Python names."""
    return {f"aria-{name}": value for name, value in attributes.items()}
