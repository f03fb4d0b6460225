"""The world: the board, the switches of its views, and what they mean.

Nothing here has a callback: `assets/lib/board/board.mjs` owns the board from the moment that the
page is there, so that a switch takes effect without a way through React.
"""

from typing import Any, Final

from dash import html
from dash.development.base_component import Component

from gridworld_dashboard.page import ids
from gridworld_dashboard.page.parts import aria

__all__ = ["board"]

_LAYERS: Final = (
    (ids.LAYER_OPTIMAL, "V*", "Optimal values: what the best policy is worth from each cell"),
    (ids.LAYER_DIFFERENCE, "V* \N{MINUS SIGN} V", "How far the learnt values are from the optimum"),
    (ids.LAYER_VISITS, "Visits", "How often each cell was updated"),
    (ids.LAYER_TD_ERROR, "TD error", "The last temporal-difference error of each cell"),
)


def board() -> Component:
    """The canvas with its switches above and its legends below."""
    return html.Div([_switches(), _canvas(), _legends()], className="world")


def _switches() -> Component:
    further: list[Any] = [_switch(id_, text, "chip", title=title) for id_, text, title in _LAYERS]
    q_values = _switch(
        ids.Q_VALUES_TOGGLE,
        "Q-values",
        "chip",
        title="Four triangles in each cell: the value of each action",
    )
    return html.Div(
        [
            _switch(ids.HEATMAP_TOGGLE, "Heat map", "toggle"),
            _switch(ids.POLICY_TOGGLE, "Policy arrows", "toggle"),
            html.Details(
                [
                    html.Summary(["More views", html.Span(id=ids.now(ids.MORE_VIEWS))]),
                    html.Div([*further, html.Span(className="rule"), q_values], className="chips"),
                ],
                id=ids.MORE_VIEWS,
                className="more-views",
            ),
        ],
        className="views",
        role="group",
        **aria(label="Views"),
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
            html.Div(html.Span("Disconnected"), className="veil", **aria(hidden="true")),
        ],
        className="board",
    )


def _zoom() -> Component:
    return html.Div(
        [
            _small(ids.ZOOM_IN, "+", "Zoom in"),
            _small(ids.ZOOM_OUT, "\N{MINUS SIGN}", "Zoom out"),
            _small(ids.ZOOM_FIT, "Fit", "Show all of the world"),
            _small(ids.FOLLOW_AGENT, "Follow", "Follow the agent", pressed="false"),
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
        ],
        className="legends",
    )


def _switch(id_: str, text: str, kind: str, *, title: str | None = None) -> Component:
    """A button that stays pressed: `dcc.Checklist` nests controls, which screen readers refuse."""
    return html.Button(
        text,
        id=id_,
        type="button",
        className=kind,
        title=title,
        disabled=True,
        **aria(pressed="false"),
    )


def _small(id_: str, text: str, name: str, **more: str) -> Component:
    return html.Button(
        text, id=id_, type="button", title=name, disabled=True, **aria(label=name, **more)
    )
