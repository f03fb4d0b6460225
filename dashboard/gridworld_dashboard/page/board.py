"""The world: the board, the switches of its views, and what they mean."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from gridworld.algorithms import carrying
from gridworld.tables import LAYERS, Layer, parameter
from gridworld_dashboard.page import ids
from gridworld_dashboard.page.parts import When, about, aria, button, data

__all__ = ["board"]


def board() -> Component:
    """The canvas with its switches above and its legends below."""
    return html.Div([_switches(), _showing(), _canvas(), _legends()], className="world")


def _switches() -> Component:
    first, *others = LAYERS
    further: list[Any] = [_layer(ids.layer(layer.key), layer) for layer in others]
    q_values = _switch(
        ids.Q_VALUES_TOGGLE,
        parameter("q_values").title,
        "chip",
        does="toggle_q_values",
        title=parameter("q_values").says,
    )
    return html.Div(
        [
            _layer(ids.HEATMAP_TOGGLE, first, kind="toggle", key="H"),
            _switch(
                ids.POLICY_TOGGLE,
                parameter("arrows").title,
                "toggle",
                does="toggle_arrows",
                key="P",
            ),
            html.Details(
                [
                    html.Summary(["More views", html.Span(id=ids.now(ids.MORE_VIEWS))]),
                    html.Div(
                        [
                            *further,
                            html.Span(className="rule"),
                            q_values,
                            about("value", ids.MORE_VIEWS),
                        ],
                        className="chips",
                    ),
                ],
                id=ids.MORE_VIEWS,
                className="more-views",
            ),
        ],
        className="views",
        role="group",
        **aria(label="Views"),
    )


def _showing() -> Component:
    """What the board shows in the place of the live training, and the way back."""
    return html.Div(
        [
            html.Span(id=ids.SHOWING_WORD, className="word", role="status"),
            button(
                ids.SHOW_LIVE_BTN,
                "Live view",
                does="show_live",
                when="page",
                title="Esc leads back as well",
            ),
        ],
        id=ids.SHOWING,
        className="showing",
        hidden=True,
    )


def _canvas() -> Component:
    return html.Div(
        [
            # A widget with keys of its own: a screen reader hands the arrow keys on to it.
            html.Canvas(
                id=ids.GRID_CANVAS,
                tabIndex=0,
                role="application",
                **aria(label="The world, not loaded yet"),
            ),
            html.Div(className="cell-ring", hidden=True, **aria(hidden="true")),
            html.Div(id=ids.CELL_CARD, className="cell-card", hidden=True, **aria(hidden="true")),
            html.Div(className="cell-live unseen", **aria(live="polite")),
            _zoom(),
            html.Div(
                [
                    html.Span("Disconnected", **aria(hidden="true")),
                    html.P(id=ids.WHY_NOT, role="status"),
                ],
                className="veil",
            ),
        ],
        className="board",
    )


def _zoom() -> Component:
    return html.Div(
        [
            _zoomer(ids.ZOOM_IN, "+", "Zoom in", does="zoom_in", when="board"),
            _zoomer(ids.ZOOM_OUT, "\N{MINUS SIGN}", "Zoom out", does="zoom_out", when="board"),
            _zoomer(ids.ZOOM_FIT, "Fit", "Show all of the world", does="zoom_fit"),
            _zoomer(ids.FOLLOW_AGENT, "Follow", "Follow the agent", does="follow", pressed="false"),
        ],
        className="zoom",
        role="group",
        **aria(label="Zoom"),
    )


def _legends() -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [html.Span(className="title"), html.Span(className="symbol muted")],
                        className="name",
                    ),
                    html.Div(
                        [
                            html.Canvas(width=255, height=1, **aria(hidden="true")),
                            html.Div(className="ticks"),
                        ],
                        className="scale",
                    ),
                ],
                id=ids.HEAT_LEGEND,
                className="heat-legend",
                hidden=True,
            ),
            html.Div(
                [
                    html.Ul(id=ids.CELL_LEGEND, className="cell-legend", **aria(label="Cells")),
                    html.Div(id=ids.VIEW_NOTE, className="muted", role="status"),
                ],
                className="words",
            ),
            html.P(id=ids.RULES, className="rules muted"),
        ],
        className="legends",
    )


def _layer(id_: str, layer: Layer, *, kind: str = "chip", key: str = "") -> Component:
    """The switch of one layer; the layers exclude each other."""
    given, title = {"layer": layer.key}, layer.says
    having = data(algorithms=" ".join(carrying(layer.carries))) if layer.carries else {}
    return _switch(
        id_,
        layer.chip,
        kind,
        does="toggle_layer",
        given=given,
        title=title,
        key=key,
        more=having | ({"hidden": True} if having else {}),
    )


def _switch(id_: str, face: str, kind: str, **more: Any) -> Component:
    """A button that stays pressed: `dcc.Checklist` nests controls, which screen readers refuse."""
    return button(id_, face, kind, when="page", pressed="false", **more)


def _zoomer(
    id_: str, face: str, name: str, *, does: str, when: When = "page", **more: Any
) -> Component:
    return button(id_, face, does=does, when=when, title=name, label=name, **more)
