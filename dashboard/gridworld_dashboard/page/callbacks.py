"""Wires the fields and the WebSocket to the script.

Every callback runs in the browser, in `assets/main.mjs`: the server's only channel to the page is
the WebSocket, and its messages go past Dash (`assets/lib/wire/tap.mjs`). Buttons need no callback:
they say themselves what they do (`parts.button`), and the script listens to all of them at once.
"""

from collections import defaultdict
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc
from dash.development.base_component import Component

from gridworld_dashboard.page import ids
from gridworld_dashboard.page.parts import WHEN, parts_of

__all__ = ["fields_by_when", "register"]


def fields_by_when(page: Component) -> dict[str, list[str]]:
    """Ids of the fields and sliders that are enabled and disabled together.

    Dash has to know of these, or its own parts of a field would not follow. Buttons are the
    script's alone.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for part in parts_of(page):
        when = getattr(part, WHEN, None)
        if when is not None:
            inputs: list[Any] = [inner for inner in parts_of(part) if isinstance(inner, dcc.Input)]
            found[when] += [field.id for field in inputs]
    return {when: fields for when, fields in found.items() if fields}


def register(app: Dash, page: Component) -> None:
    """Add the page's callbacks to an app.

    Args:
        app: The app.
        page: All of the page (`layout.whole`).
    """
    in_browser: Any = app.clientside_callback  # Dash gives it no types.
    in_browser(
        ClientsideFunction("gridworld", "connect"),
        Output(ids.WEBSOCKET, "url"),
        Input(ids.CLOCK, "n_intervals"),
        Input(ids.WEBSOCKET, "state"),
        prevent_initial_call=True,
    )
    in_browser(
        ClientsideFunction("gridworld", "edit"),
        *[Input(field, "value") for field in ids.FIELDS],
        prevent_initial_call=True,
    )
    in_browser(
        ClientsideFunction("gridworld", "agent"),
        Input(ids.SHOWN_AGENT, "value"),
        prevent_initial_call=True,
    )
    for field in ids.SLIDERS:
        in_browser(
            ClientsideFunction("gridworld", "tie"),
            Output(field, "value"),
            Output(ids.slider(field), "value"),
            Input(field, "value"),
            Input(ids.slider(field), "value"),
            prevent_initial_call=True,
        )
    for when, fields in fields_by_when(page).items():
        in_browser(
            f"(disabled) => Array({len(fields)}).fill(disabled.{when})",
            [Output(field, "disabled") for field in fields],
            Input(ids.MODE, "data"),
            prevent_initial_call=True,
        )
