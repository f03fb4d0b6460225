"""The middle of the page: how the training goes, in numbers and charts."""

from typing import Final

from dash import html
from dash.development.base_component import Component

from gridworld_dashboard.page import ids
from gridworld_dashboard.page.parts import about, aria, button, later, panel

__all__ = ["middle"]

_COUNTERS: Final = (
    ("Episode", ids.EPISODE_COUNTER, "episode"),
    ("Step", ids.STEP_COUNTER, "step"),
    ("Epsilon", ids.EPSILON_VALUE, "epsilon"),
    ("Return", ids.EPISODE_RETURN, "return"),
    ("Steps/s", ids.STEPS_PER_SECOND, "steps-per-second"),
    ("Steps in all", ids.TOTAL_STEPS, "steps-in-all"),
)
"""Name, element, and the quantity that is shown."""

_TRUTH: Final = (
    ("Optimum", ids.OPTIMUM, "optimum"),
    ("Greedy policy", ids.AGENT_VALUE, "greedy-policy"),
    ("Regret", ids.REGRET, "regret"),
    ("Agreement", ids.AGREEMENT, "agreement"),
    ("Optimal since", ids.OPTIMAL_SINCE, "optimal-since"),
)


def middle() -> Component:
    """Counters and one chart; the others in panels that open on demand."""
    return html.Section(
        [
            html.H2("Progress", className="unseen"),
            html.Div(
                [_status(), _readings(_COUNTERS, "counters"), _slot(), _return_chart()],
                className="overview",
            ),
            html.Div([_trials(), _more_charts(), _optimum(), _update()], className="panels"),
        ],
        className="middle",
    )


def _status() -> Component:
    return html.Div(
        [
            html.Span(id=ids.RUN_STATUS, className="run-status", role="status"),
            html.Span(id=ids.PROGRESS_TEXT, className="muted"),
            html.Span(id=ids.WHOSE, className="whose muted"),
            html.Div(
                html.Div(className="bar"),
                id=ids.PROGRESS,
                className="progress",
                role="progressbar",
                **aria(label="Episodes done", valuemin="0"),
            ),
        ],
        className="run",
    )


def _readings(names: tuple[tuple[str, str, str], ...], kind: str) -> Component:
    return html.Dl(
        [
            html.Div(
                [
                    html.Dt([html.Span(name, id=ids.label(id_)), about(key, id_)]),
                    html.Dd("\N{EN DASH}", id=id_),
                ]
            )
            for name, id_, key in names
        ],
        className=kind,
    )


def _slot() -> Component:
    """One line for what the page offers: at most one of them shows, in the chart's room."""
    return html.Div(
        [
            _offer(
                ids.LINK_OFFER,
                "This link describes another run.",
                button(ids.OPEN_LINK_BTN, "Open it", does="open_link", when="link"),
                button(ids.KEEP_BTN, "Keep what is here", "quiet", does="keep"),
            ),
            _offer(
                ids.AUTOSAVE_OFFER,
                "",
                button(
                    ids.LOAD_AUTOSAVE_BTN,
                    "Load it",
                    does="load_qtable",
                    given={"name": "autosave"},
                    when="idle",
                ),
                button(ids.DISMISS_AUTOSAVE_BTN, "Not now", "quiet", does="dismiss_autosave"),
            ),
            _offer(
                ids.UNDO_OFFER,
                "",
                button(ids.UNDO_BTN, "Bring it back", does="undo", when="idle", key="Z"),
                button(
                    ids.DISMISS_UNDO_BTN,
                    "\N{MULTIPLICATION SIGN}",
                    "quiet close",
                    does="dismiss_undo",
                    label="Close this offer",
                ),
            ),
            _offer(
                ids.HINT,
                "",
                button(ids.HINT_BTN, "Do it", does="follow_hint", when="link"),
                button(
                    ids.DISMISS_HINT_BTN,
                    "\N{MULTIPLICATION SIGN}",
                    "quiet close",
                    does="dismiss_hint",
                    label="Close this hint",
                ),
            ),
        ],
        className="slot",
    )


def _offer(id_: str, text: str, *buttons: Component) -> Component:
    return html.Div(
        [html.Span(text, className="text"), *buttons],
        id=id_,
        className="offer",
        role="status",
        hidden=True,
    )


def _return_chart() -> Component:
    pin = button(
        ids.command("pin"),
        "Pin",
        "quiet small",
        does="pin",
        when="link",
        title="Keeps the curves of this run beside those of the next ones",
        label="Pin this run",
    )
    return html.Figure(
        [
            _caption(ids.RETURN_CHART, "Episode return", "return", pin),
            later(ids.RETURN_PLOT, html.Div(id=ids.RETURN_CHART), "plot"),
            _pins(),
            html.Div(
                [
                    html.P(id=ids.BAND_NOTE),
                    about("interval", ids.BAND_NOTE),
                    button(
                        ids.MIDDLE_BTN,
                        "Middle half",
                        "quiet",
                        does="toggle_middle",
                        when="page",
                        pressed="false",
                        title="The mean of the agents in the middle, between their quartiles",
                    ),
                    about("iqm", ids.MIDDLE_BTN),
                ],
                id=ids.BAND,
                className="band-note",
                hidden=True,
            ),
        ],
        className="chart",
    )


def _pins() -> Component:
    """Furnished by the page (`assets/lib/says/pins.mjs`): what is pinned changes."""
    return html.Div(
        [
            html.Div(
                [
                    html.Span("This run against pinned ones:"),
                    html.Span(["difference", about("difference-to-pin", ids.PINS)]),
                    html.Span(["P(better)", about("p-better", ids.PINS_LIST)]),
                ],
                className="what",
            ),
            html.Div(id=ids.PINS_LIST),
        ],
        id=ids.PINS,
        className="pins",
        hidden=True,
    )


def _more_charts() -> Component:
    return panel(
        ids.CHARTS_PANEL,
        "Steps and exploration",
        [
            _chart(ids.LENGTH_CHART, "Steps per episode", "length"),
            _chart(ids.EPSILON_CHART, "Epsilon", "epsilon"),
        ],
    )


def _optimum() -> Component:
    return panel(
        ids.OPTIMUM_PANEL,
        "Compared with the optimum",
        [
            html.P(id=ids.TRUTH_NOTE, className="sentence"),
            html.P(id=ids.TRUTH_LIVE, className="unseen", role="status"),
            _readings(_TRUTH, "counters small"),
            _chart(ids.REGRET_CHART, "Regret", "regret"),
        ],
    )


def _trials() -> Component:
    """What is in it the page makes itself (`assets/lib/trial`)."""
    trials = html.Div(id=ids.TRIALS, className="trials")
    return panel(ids.TRIALS_PANEL, "Test, play and look back", [trials])


def _update() -> Component:
    learnt_by = html.P(["Learnt by its TD error", about("td-error", ids.LAST_UPDATE)])
    return panel(ids.UPDATE_PANEL, "Last update", [html.Div(id=ids.LAST_UPDATE), learnt_by])


def _chart(id_: str, title: str, key: str) -> Component:
    """A heading with the current values above a chart that the page draws once it shows.

    Args:
        id_: The chart.
        title: Of it.
        key: The quantity that it shows.
    """
    return html.Figure(
        [_caption(id_, title, key), html.Div(html.Div(id=id_), className="plot")],
        className="chart small",
    )


def _caption(id_: str, title: str, key: str, *more: Component) -> Component:
    named = html.Div([html.H3(title), about(key, id_), *more], className="named")
    return html.Figcaption([named, html.Span(id=ids.now(id_), className="now")])
