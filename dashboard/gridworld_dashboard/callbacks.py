"""Wires the controls to the WebSocket and the messages to the script.

Every callback runs in the browser, in `assets/main.mjs`: the server's only channel to the page
is the WebSocket.
"""

from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State

from gridworld_dashboard import ids

__all__ = ["register"]

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
)

_TOGGLES: Final = (ids.HEATMAP_TOGGLE, ids.POLICY_TOGGLE)

_FIELDS: Final = (
    ids.LEARNING_RATE,
    ids.EPSILON,
    ids.DISCOUNT_FACTOR,
    ids.NUM_EPISODES,
    ids.SPEED,
)

_GROUPS: Final = {
    "settings": (
        ids.LEARNING_RATE,
        ids.slider(ids.LEARNING_RATE),
        ids.EPSILON,
        ids.slider(ids.EPSILON),
        ids.DISCOUNT_FACTOR,
        ids.slider(ids.DISCOUNT_FACTOR),
        ids.NUM_EPISODES,
    ),
    "idle": (
        ids.START_BTN,
        ids.STEP_BTN,
        ids.STEP_EPISODE_BTN,
        ids.LOAD_QTABLE_BTN,
        ids.LOAD_AUTOSAVE_BTN,
    ),
    "running": (ids.STOP_BTN,),
    "link": (ids.RESET_BTN, ids.SAVE_QTABLE_BTN),
    "page": (ids.SPEED, ids.slider(ids.SPEED), ids.HEATMAP_TOGGLE, ids.POLICY_TOGGLE),
}
"""Controls that are enabled and disabled together, under the key of the mode that says so."""


def register(app: Dash) -> None:
    """Add the page's callbacks to an app whose layout is `layout.build()`."""
    in_browser: Any = app.clientside_callback  # Dash gives it no types.
    in_browser(
        ClientsideFunction("gridworld", "receive"),
        Input(ids.WEBSOCKET, "message"),
        prevent_initial_call=True,
    )
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
        *[Input(field, "value") for field in _FIELDS],
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
    for toggle in _TOGGLES:
        in_browser(
            ClientsideFunction("gridworld", "toggle"),
            Output(toggle, "aria-pressed"),
            Input(toggle, "n_clicks"),
            State(toggle, "aria-pressed"),
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
