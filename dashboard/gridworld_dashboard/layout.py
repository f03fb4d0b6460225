"""What is on the page: pure functions that return components.

Elements whose text changes with every frame are left empty here: `assets/main.mjs` owns their
content, so that React never has to render for a counter.
"""

from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component
from dash_extensions import WebSocket

from gridworld_dashboard import ids

__all__ = ["INDEX_STRING", "build"]

CLOCK_MS: Final = 250
"""How often the connection is looked after; the first retry must come within a second."""

_ICON: Final = (
    "data:image/svg+xml,"
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='3' fill='%232f5fd0'/%3E"
    "%3Cpath d='M4 4h3v3H4zM9 9h3v3H9z' fill='white'/%3E"
    "%3Cpath d='M9 4h3v3H9zM4 9h3v3H4z' fill='white' opacity='.4'/%3E%3C/svg%3E"
)

# The scheme is set before the first paint, else a dark page would flash white.
INDEX_STRING: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
{{%metas%}}
<meta name="color-scheme" content="light dark">
<title>{{%title%}}</title>
<link rel="icon" href="{_ICON}">
<script>
try {{
  const scheme = localStorage.getItem("gridworld-bench.scheme");
  if (scheme) document.documentElement.dataset.scheme = JSON.parse(scheme);
}} catch {{}}
</script>
{{%css%}}
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


def build() -> Component:
    """The whole page; everything that needs the server is disabled until it is there."""
    return html.Div(
        id=ids.PAGE,
        className="page",
        children=[
            _header(),
            html.Main([_stage(), _controls(), _charts()]),
            html.Div(
                id=ids.NOTIFICATION_CONTAINER,
                className="toasts",
                role="region",
                **_aria(label="Notifications"),
            ),
            WebSocket(id=ids.WEBSOCKET),
            # Starts when the script is ready: a tick before that would find no function to call.
            dcc.Interval(id=ids.CLOCK, interval=CLOCK_MS, disabled=True),
            dcc.Store(id=ids.MODE),
        ],
    )


def _header() -> Component:
    return html.Header(
        [
            html.H1("gridworld-bench"),
            html.Span(id=ids.WORLD_NAME, className="muted"),
            html.Span(className="spring"),
            html.Span(id=ids.VIEWERS, className="muted"),
            html.Span(
                [
                    html.Span("Connecting", id=ids.CONNECTION_STATUS, role="status"),
                    html.Span(id=ids.RETRY_NOTE, className="muted"),
                ],
                className="connection",
            ),
            _button(ids.SCHEME_TOGGLE, "Dark", "quiet", disabled=False),
        ]
    )


def _stage() -> Component:
    return html.Section(
        [
            html.H2("World", className="unseen"),
            html.Div(
                [
                    html.Canvas(
                        id=ids.GRID_CANVAS, role="img", **_aria(label="The world, not loaded yet")
                    ),
                    html.Div(html.Span("Disconnected"), className="veil", **_aria(hidden="true")),
                ],
                className="board",
            ),
            _readout(),
        ],
        className="stage",
    )


def _readout() -> Component:
    readings = [
        ("Episode", ids.EPISODE_COUNTER),
        ("Step", ids.STEP_COUNTER),
        ("Epsilon", ids.EPSILON_VALUE),
        ("Return", ids.EPISODE_RETURN),
        ("Steps/s", ids.STEPS_PER_SECOND),
        ("Steps in all", ids.TOTAL_STEPS),
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Span(id=ids.RUN_STATUS, className="run-status", role="status"),
                    html.Span(id=ids.PROGRESS_TEXT, className="muted"),
                    html.Div(
                        html.Div(className="bar"),
                        id=ids.PROGRESS,
                        className="progress",
                        role="progressbar",
                        **_aria(label="Episodes done", valuemin="0"),
                    ),
                ],
                className="run",
            ),
            html.Dl(
                [
                    html.Div([html.Dt(name), html.Dd("\N{EN DASH}", id=id_)])
                    for name, id_ in readings
                ],
                className="counters",
            ),
            html.Div(
                [
                    _toggle(ids.HEATMAP_TOGGLE, "Heat map"),
                    _toggle(ids.POLICY_TOGGLE, "Policy arrows"),
                    html.Span(id=ids.VIEW_NOTE, className="muted", role="status"),
                ],
                className="toggles",
                role="group",
                **_aria(label="Views"),
            ),
            html.Div(
                [
                    html.Span("max Q(s, a)", className="muted"),
                    html.Span(className="lo"),
                    html.Canvas(width=255, height=1, **_aria(hidden="true")),
                    html.Span(className="hi"),
                ],
                id=ids.HEAT_LEGEND,
                className="heat-legend",
                hidden=True,
            ),
            html.Ul(id=ids.CELL_LEGEND, className="cell-legend", **_aria(label="Cells")),
            html.Div(
                [html.Div("Last update", className="muted"), html.Div(id=ids.LAST_UPDATE)],
                className="last-update",
            ),
            html.Div(
                [
                    html.Span(className="text"),
                    _button(ids.LOAD_AUTOSAVE_BTN, "Load it"),
                    _button(ids.DISMISS_AUTOSAVE_BTN, "Not now", "quiet", disabled=False),
                ],
                id=ids.AUTOSAVE_OFFER,
                className="offer",
                role="status",
                hidden=True,
            ),
        ],
        className="readout",
    )


def _controls() -> Component:
    return html.Aside(
        [
            html.H2("Controls", className="unseen"),
            html.Div(
                [
                    _button(ids.START_BTN, "Start", "primary"),
                    _button(ids.STOP_BTN, "Stop"),
                    _button(ids.RESET_BTN, "Reset"),
                ],
                className="row three",
            ),
            html.Div(
                [
                    _button(ids.STEP_BTN, "Step", "quiet"),
                    _button(ids.STEP_EPISODE_BTN, "Step episode", "quiet"),
                ],
                className="row two",
            ),
            html.H2("Parameters"),
            _parameter(
                ids.LEARNING_RATE,
                "Learning rate",
                "\N{GREEK SMALL LETTER ALPHA}",
                0.1,
                smallest=0.01,
            ),
            _parameter(ids.EPSILON, "Epsilon", "\N{GREEK SMALL LETTER EPSILON}", 1.0),
            _parameter(
                ids.DISCOUNT_FACTOR, "Discount factor", "\N{GREEK SMALL LETTER GAMMA}", 0.99
            ),
            html.H2("Run"),
            _field(ids.NUM_EPISODES, "Episodes", 500, placeholder="until stopped"),
            # The slider is logarithmic: its position is turned into steps per second by the page.
            _field(ids.SPEED, "Steps per second", 30, placeholder="full speed"),
            _slider(ids.SPEED, "Steps per second, slider", 0, 100, 1, 21),
            html.H2("Q-table"),
            html.Div(
                [
                    _button(ids.SAVE_QTABLE_BTN, "Save"),
                    _button(ids.LOAD_QTABLE_BTN, "Load"),
                ],
                className="row two",
            ),
            html.P(
                [
                    *_key("Space", "start, stop"),
                    *_key("R", "reset"),
                    *_key("N", "step"),
                    *_key("H", "heat map"),
                    *_key("P", "arrows"),
                ],
                className="keys",
            ),
        ],
        className="controls",
        **_aria(label="Controls"),
    )


def _charts() -> Component:
    charts = [
        (ids.RETURN_CHART, "Episode return"),
        (ids.LENGTH_CHART, "Steps per episode"),
        (ids.EPSILON_CHART, "Epsilon"),
    ]
    return html.Section(
        [html.H2("Charts", className="unseen")] + [_chart(id_, title) for id_, title in charts],
        className="charts",
    )


def _chart(id_: str, title: str) -> Component:
    """A heading with the current values above a chart that `main.mjs` draws."""
    return html.Figure(
        [
            html.Figcaption(
                [html.H3(title), html.Span(id=ids.now(id_), className="now")],
            ),
            html.Div(
                dcc.Graph(
                    id=id_,
                    responsive=True,
                    config={"displayModeBar": False, "doubleClick": "reset+autosize"},
                    figure={"data": [], "layout": _blank_axes()},
                ),
                className="plot",
            ),
        ],
        className="chart",
    )


def _blank_axes() -> dict[str, Any]:
    """A figure that shows nothing: Plotly's own default would flash an empty grid."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
    }


def _parameter(
    id_: str, name: str, symbol: str, value: float, *, smallest: float = 0.0
) -> Component:
    """A number field and a slider for the same number in [smallest, 1]."""
    return html.Div(
        [
            _field(id_, name, value, symbol=symbol),
            _slider(id_, f"{name}, slider", smallest, 1, 0.01, value),
        ],
        className="parameter",
    )


def _field(
    id_: str, name: str, value: float, *, symbol: str = "", placeholder: str = ""
) -> Component:
    label: list[Any] = [name]
    if symbol:
        label += [" ", html.I(symbol, **_aria(hidden="true"))]
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
            html.Div(id=ids.note(id_), className="note", **_aria(live="polite")),
        ],
        className="field",
    )


def _slider(
    field: str, name: str, smallest: float, largest: float, step: float, value: float
) -> Component:
    """A native slider: `dcc.Slider` brings a number field of its own and an unnamed thumb."""
    id_ = ids.slider(field)
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


def _button(id_: str, text: str, kind: str = "", *, disabled: bool = True) -> Component:
    return html.Button(text, id=id_, type="button", className=kind, n_clicks=0, disabled=disabled)


def _toggle(id_: str, text: str) -> Component:
    """A button that stays pressed: `dcc.Checklist` nests controls, which screen readers refuse."""
    return html.Button(
        text,
        id=id_,
        type="button",
        className="toggle",
        n_clicks=0,
        disabled=True,
        **_aria(pressed="false"),
    )


def _key(key: str, action: str) -> list[Any]:
    return [html.Kbd(key), f" {action} "]


def _aria(**attributes: str) -> dict[str, Any]:
    """ARIA attributes, whose names are no Python names."""
    return {f"aria-{name}": value for name, value in attributes.items()}
