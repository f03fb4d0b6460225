"""What is on the page: pure functions that return components.

Elements whose text changes with every frame are left empty here: `assets/main.mjs` owns their
content, so that React never has to render for a counter.
"""

import json
from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component
from dash_extensions import WebSocket

from gridworld_dashboard.page import ids
from gridworld_dashboard.page.board import board
from gridworld_dashboard.page.controls import controls
from gridworld_dashboard.page.document import ASSETS, ICON, SCHEME, preloads
from gridworld_dashboard.page.middle import middle
from gridworld_dashboard.page.parts import LATER, aria, button, later, parts_of

__all__ = ["INDEX_STRING", "build", "whole"]

CLOCK_MS: Final = 250
"""How often the connection is looked after; the first retry must come within a second."""

_ON_DEMAND: Final = ("beside", "edit", "keep", "lab", "lesson", "trial")
"""Rooms of the script that are fetched when somebody goes there."""

_PRELOADS: Final = preloads(
    module for module in (ASSETS / "lib").rglob("*.mjs") if module.parent.name not in _ON_DEMAND
)

INDEX_STRING: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
{{%metas%}}
<meta name="color-scheme" content="light dark">
<title>{{%title%}}</title>
<link rel="icon" href="{ICON}">
<script>
{SCHEME}
if (new URLSearchParams(location.search).has("compact")) {{
  document.documentElement.dataset.compact = "";
}}
</script>
{{%css%}}
{_PRELOADS}
</head>
<body>
{{%app_entry%}}
<noscript>This page needs JavaScript.</noscript>
<footer>
{{%config%}}
{{%scripts%}}
{{%renderer%}}
</footer>
</body>
</html>
"""

_OTHER_KEYS: Final = (
    ("V", "Next view of the grid"),
    ("Esc", "Close a bubble or this list; back to the live view"),
)
"""Keys that press no button; `assets/lib/page/keys.mjs` and the browser take them."""


def build() -> Component:
    """The page as it is served: what is to come later waits as text in an attribute.

    Dash takes a millisecond or two for each component: with all of them, the first picture of the
    grid would come half a second later.
    """
    page = whole()
    place: Any
    for place in [part for part in parts_of(page) if hasattr(part, LATER)]:
        text = json.dumps(place.children, default=lambda part: part.to_plotly_json())
        setattr(place, LATER, text)
        place.children = None
    return page


def whole() -> Component:
    """The whole page; everything that needs the server is disabled until it is there."""
    header, main = _header(), html.Main([_board_column(), middle(), controls()])
    return html.Div(
        id=ids.PAGE,
        className="page",
        children=[
            header,
            main,
            html.Div(
                id=ids.NOTIFICATION_CONTAINER,
                className="toasts",
                role="region",
                **aria(label="Notifications"),
            ),
            _keys([*parts_of(main), *parts_of(header)]),
            WebSocket(id=ids.WEBSOCKET),
            # Starts when the script is ready: a tick before that would find no function to call.
            dcc.Interval(id=ids.CLOCK, interval=CLOCK_MS, disabled=True),
            dcc.Store(id=ids.MODE),
        ],
    )


def _header() -> Component:
    return html.Header(
        [
            html.A("Skip to the controls", href=f"#{ids.CONTROLS}", className="skip"),
            html.H1("gridworld-bench"),
            html.Span(id=ids.WORLD_NAME, className="muted"),
            html.Span(className="spring"),
            html.Details(
                [html.Summary(id=ids.ROLE_NAME), html.P(id=ids.ROLE_SAYS)],
                id=ids.ROLE,
                className="role",
                hidden=True,
            ),
            html.Span(id=ids.VIEWERS, className="muted"),
            html.A("Experiments", href="experiments", id=ids.EXPERIMENTS_LINK, className="go"),
            html.Span(
                [
                    html.Span("Connecting", id=ids.CONNECTION_STATUS, role="status"),
                    html.Span(id=ids.RETRY_NOTE, className="muted"),
                ],
                className="connection",
            ),
            button(ids.LESSONS_BTN, "Lessons", "quiet", does="show_lessons", when="page"),
            button(ids.KEYS_BTN, "Shortcuts", "quiet", does="show_keys", key="?"),
            button(ids.SCHEME_TOGGLE, "Dark", "quiet", does="change_scheme"),
        ]
    )


def _board_column() -> Component:
    return html.Section(
        [
            html.H2("World", className="unseen"),
            board(),
        ],
        className="board-column",
    )


def _keys(parts: list[Any]) -> Component:
    """The list of keys: those that buttons name, and what they press."""
    pressed: dict[str, list[str]] = {}
    for part in parts:
        props = part.to_plotly_json()["props"]
        if key := props.get("aria-keyshortcuts"):
            pressed.setdefault(key, []).append(props.get("aria-label", props["children"]))
    named = [(key, ", ".join(names).capitalize()) for key, names in pressed.items()]
    rows = [
        html.Div([html.Dt(html.Kbd(key)), html.Dd(action)])
        for key, action in (*named, *_OTHER_KEYS)
    ]
    letters = button(
        ids.LETTERS_BTN,
        "Letters are shortcuts",
        "toggle",
        does="toggle_letters",
        when="page",
        pressed="true",
        title="Off: no single letter or sign presses anything; Space, Esc and arrows go on",
    )
    close = button(ids.KEYS_CLOSE_BTN, "Close", does="close_keys")
    return html.Dialog(
        later(
            ids.body(ids.KEYS_DIALOG),
            [html.H2("Shortcuts"), html.Dl(rows), html.Div([letters, close], className="row two")],
            "body",
        ),
        id=ids.KEYS_DIALOG,
        className="keys",
        **aria(label="Shortcuts"),
    )
