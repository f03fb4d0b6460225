"""Wires the controls to the WebSocket.

Its messages go past Dash to the script (`assets/lib/wire/tap.mjs`). Every callback runs in the
browser, in `assets/main.mjs`: the server's only channel to the page is the WebSocket.
"""

from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output

import gridworld as gw
from gridworld.algorithms import ALGORITHMS
from gridworld_dashboard.page import ids

__all__ = ["register"]

_CHOICES: Final = (
    *(ids.world(name) for name in gw.world_names()),
    *(ids.algorithm(name) for name in ALGORITHMS),
    ids.MAZE_BTN,
)
"""Buttons that put something in force at once."""

_COMMANDS: Final = (
    ids.START_BTN,
    ids.STOP_BTN,
    ids.RESET_BTN,
    ids.STEP_BTN,
    ids.STEP_EPISODE_BTN,
    ids.SAVE_QTABLE_BTN,
    ids.LOAD_QTABLE_BTN,
    ids.LOAD_AUTOSAVE_BTN,
    ids.DISMISS_AUTOSAVE_BTN,
    ids.OPEN_LINK_BTN,
    ids.KEEP_BTN,
    ids.HINT_BTN,
    ids.DISMISS_HINT_BTN,
    ids.PREVIOUS_AGENT_BTN,
    ids.NEXT_AGENT_BTN,
    ids.COPY_LINK_BTN,
    ids.COPY_COMMAND_BTN,
    ids.KEYS_BTN,
    *(ids.preset(name) for name in ids.PRESETS),
    *_CHOICES,
)

_SLIDERS: Final = (ids.LEARNING_RATE, ids.EPSILON, ids.DISCOUNT_FACTOR)

_GROUPS: Final = {
    "settings": (
        *ids.SETTINGS,
        *(ids.slider(field) for field in _SLIDERS),
        *(ids.preset(name) for name in ids.PRESETS),
        ids.MAZE_SIZE,
        ids.MAZE_SEED,
    ),
    "idle": (ids.START_BTN, ids.LOAD_QTABLE_BTN, ids.LOAD_AUTOSAVE_BTN, *_CHOICES),
    "running": (ids.STOP_BTN,),
    "link": (
        ids.RESET_BTN,
        ids.SAVE_QTABLE_BTN,
        ids.STEP_BTN,
        ids.STEP_EPISODE_BTN,
        ids.SHOWN_AGENT,
        ids.PREVIOUS_AGENT_BTN,
        ids.NEXT_AGENT_BTN,
        ids.OPEN_LINK_BTN,
        ids.HINT_BTN,
    ),
    "page": (
        ids.SPEED,
        ids.slider(ids.SPEED),
        ids.COPY_LINK_BTN,
        ids.COPY_COMMAND_BTN,
    ),
}
"""Controls that are enabled and disabled together, under the key of the mode that says so."""


def register(app: Dash) -> None:
    """Add the page's callbacks to an app whose layout is `layout.build()`."""
    in_browser: Any = app.clientside_callback  # Dash gives it no types.
    in_browser(
        ClientsideFunction("gridworld", "connect"),
        Output(ids.WEBSOCKET, "url"),
        Input(ids.CLOCK, "n_intervals"),
        Input(ids.WEBSOCKET, "state"),
        prevent_initial_call=True,
    )
    in_browser(
        ClientsideFunction("gridworld", "command"),
        *[Input(button, "n_clicks") for button in _COMMANDS],
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
    in_browser(
        ClientsideFunction("gridworld", "scheme"),
        Input(ids.SCHEME_TOGGLE, "n_clicks"),
        prevent_initial_call=True,
    )
    for group, controls in _GROUPS.items():
        in_browser(
            f"(disabled) => Array({len(controls)}).fill(disabled.{group})",
            [Output(control, "disabled") for control in controls],
            Input(ids.MODE, "data"),
            prevent_initial_call=True,
        )
