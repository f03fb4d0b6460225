"""What one sets and presses: pure functions that return components."""

import json
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

import gridworld as gw
from gridworld_dashboard.page import ids
from gridworld_dashboard.page.parts import aria, button, data, field, panel, slider

__all__ = ["controls"]

_ALGORITHMS: Final = (
    (
        "q_learning",
        "Q-learning",
        "Learns from the best value of the next cell, whatever the agent does there.",
    ),
    (
        "sarsa",
        "SARSA",
        "Learns from the action that the agent really takes next, exploration included.",
    ),
    (
        "expected_sarsa",
        "Expected SARSA",
        "Learns from the average over what the agent may do next.",
    ),
    (
        "double_q_learning",
        "Double Q-learning",
        "Keeps two tables that check each other, against values that are too high.",
    ),
)

_WORLD_TITLES: Final = {
    "frozen-lake-4x4": "Lake 4 \N{MULTIPLICATION SIGN} 4",
    "frozen-lake-8x8": "Lake 8 \N{MULTIPLICATION SIGN} 8",
    "cliff-walking": "Cliff",
    "dyna-maze": "Dyna maze",
    "four-rooms": "Four rooms",
}

_PRESETS: Final = {
    "conservative": "Small steps, much exploration for long: slow and steady.",
    "balanced": "The numbers that this page begins with.",
    "aggressive": "Large steps, little exploration: quick, and easily misled by chance.",
}


def controls() -> Component:
    """The sidebar: what everybody needs first, the rest in panels that open on demand."""
    return html.Aside(
        [
            html.H2("Controls", className="unseen"),
            _commands(),
            _parameters(),
            _run(),
            html.Div(
                [_world(), _algorithm_and_agents(), _more_numbers(), _link()],
                className="panels",
            ),
        ],
        className="controls",
        **aria(label="Controls"),
    )


def _commands() -> Component:
    return html.Div(
        [
            html.Div(
                [
                    button(
                        ids.START_BTN,
                        "Start",
                        "primary",
                        does="start",
                        when="idle",
                        key="Space",
                        says="Trains from where it stands, with the numbers below.",
                    ),
                    button(
                        ids.STOP_BTN,
                        "Stop",
                        does="stop_training",
                        when="running",
                        key="Space",
                        says="Holds the training at once.",
                    ),
                    button(
                        ids.RESET_BTN,
                        "Reset",
                        does="reset",
                        when="link",
                        key="R",
                        says="Forgets all that was learnt.",
                    ),
                ],
                className="row three large",
            ),
            html.Div(
                [
                    button(
                        ids.STEP_BTN,
                        "Step",
                        "quiet",
                        does="step",
                        when="link",
                        key="N",
                        held=True,
                        says="One step of the agent and one update; pauses first.",
                    ),
                    button(
                        ids.STEP_EPISODE_BTN,
                        "Step episode",
                        "quiet",
                        does="step_episode",
                        when="link",
                        key="E",
                        says="On to the end of this episode; pauses first.",
                    ),
                ],
                className="row two",
            ),
            html.P(id=ids.START_NOTE, className="start-note", role="status"),
        ],
        className="commands",
    )


def _parameters() -> Component:
    return html.Div(
        [
            html.H2("Parameters", className="unseen"),
            _parameter(
                ids.LEARNING_RATE,
                "Learning rate",
                "\N{GREEK SMALL LETTER ALPHA}",
                0.1,
                "How far each update moves a value towards what was just seen.",
                smallest=0.01,
            ),
            _parameter(
                ids.EPSILON,
                "Epsilon",
                "\N{GREEK SMALL LETTER EPSILON}",
                1.0,
                "How often the agent tries a random action instead of the best it knows.",
            ),
            _parameter(
                ids.DISCOUNT_FACTOR,
                "Discount factor",
                "\N{GREEK SMALL LETTER GAMMA}",
                0.99,
                "How much a reward counts for each step that it lies further ahead.",
            ),
        ],
        className="block",
    )


def _run() -> Component:
    return html.Div(
        [
            html.H2("Run", className="unseen"),
            field(
                ids.NUM_EPISODES,
                "Episodes",
                500,
                says="How many episodes Start adds; empty: until you press Stop.",
                placeholder="until stopped",
            ),
            # The slider is logarithmic: its position is turned into steps per second by the page.
            html.Div(
                [
                    field(
                        ids.SPEED,
                        "Steps per second",
                        30,
                        says="How fast it goes, at any time; empty, or the slider's end: full.",
                        placeholder="full speed",
                        when="page",
                    ),
                    slider(ids.SPEED, "Steps per second, slider", 0, 100, 1, 21, when="page"),
                ],
                className="parameter",
            ),
            html.Div(
                [
                    button(
                        ids.SAVE_QTABLE_BTN,
                        "Save",
                        "quiet",
                        does="save_qtable",
                        when="link",
                        says="Writes what was learnt into a file beside the server.",
                    ),
                    button(
                        ids.LOAD_QTABLE_BTN,
                        "Load",
                        "quiet",
                        does="load_qtable",
                        when="idle",
                        says="Goes back to what was saved last.",
                    ),
                ],
                className="row two",
            ),
        ],
        className="block",
    )


def _world() -> Component:
    return panel(
        ids.WORLD_PANEL,
        "World",
        [
            html.Div(
                [_thumbnail(name) for name in gw.world_names()],
                className="gallery",
                role="group",
                **aria(label="Named worlds"),
            ),
            html.P(id=ids.WORLD_SENTENCE, className="sentence", **aria(hidden="true")),
            html.Div(
                [
                    field(
                        ids.MAZE_SIZE,
                        "Maze size",
                        21,
                        says="Cells in a row of a random maze, walls included, from 4 to 2000.",
                    ),
                    field(ids.MAZE_SEED, "Maze seed", 0, says="Another seed is another maze."),
                    button(
                        ids.MAZE_BTN,
                        "Open",
                        "quiet",
                        does="open_maze",
                        when="idle",
                        says="Puts this maze in force.",
                    ),
                ],
                className="maze",
            ),
            field(
                ids.SLIP,
                "Slip",
                None,
                says="How often a step goes to the side instead of ahead, from 0 to 1.",
            ),
            field(
                ids.MAX_STEPS,
                "Steps per episode",
                None,
                says="An episode is truncated after so many steps; empty: never.",
                placeholder="no limit",
            ),
        ],
    )


def _thumbnail(name: str) -> Component:
    """A world as a button; the page draws it from `data-world` in the present colours."""
    title = _WORLD_TITLES.get(name, name.replace("-", " ").capitalize())
    world = gw.make(name)
    picture = {
        "width": world.width,
        "height": world.height,
        "rows": list(world.rows),
        "portals": [[list(entry), list(exit_)] for entry, exit_ in world.portals],
        "slip": world.slip,
        "max_steps": world.max_steps,
    }
    sentence = gw.describe(name)
    return button(
        ids.world(name),
        [
            html.Canvas(**aria(hidden="true")),
            html.Span(title),
            html.Span(sentence, id=ids.bubble(ids.world(name)), className="unseen"),
        ],
        "thumbnail",
        does="open_world",
        given={"world": name},
        when="idle",
        more=data(world=json.dumps(picture, separators=(",", ":"))),
        pressed="false",
        label=title.replace("\N{MULTIPLICATION SIGN}", "by"),
        describedby=ids.bubble(ids.world(name)),
    )


def _algorithm_and_agents() -> Component:
    return panel(
        ids.AGENTS_PANEL,
        "Algorithm and agents",
        [
            html.Div(
                [
                    button(
                        ids.algorithm(key),
                        name,
                        "choice",
                        does="configure",
                        given={"algorithm": key},
                        when="idle",
                        says=says,
                        pressed="false",
                    )
                    for key, name, says in _ALGORITHMS
                ],
                className="row two",
                role="group",
                **aria(label="Algorithm"),
            ),
            field(
                ids.AGENTS,
                "Agents",
                1,
                says="How many learn at once, each alone with its own chance, from 1 to 4096.",
            ),
            field(
                ids.SEED,
                "Seed",
                0,
                says="The number that all chance comes from: the same seed, the same run.",
            ),
            html.Div(
                [
                    field(
                        ids.SHOWN_AGENT,
                        "Agent shown",
                        1,
                        says="Whose table, counters and optimum the page shows.",
                        when="link",
                    ),
                    button(
                        ids.PREVIOUS_AGENT_BTN,
                        "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
                        "quiet",
                        does="turn_to_agent",
                        given={"by": -1},
                        when="link",
                        says="The agent before.",
                        label="Previous agent",
                    ),
                    button(
                        ids.NEXT_AGENT_BTN,
                        "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
                        "quiet",
                        does="turn_to_agent",
                        given={"by": 1},
                        when="link",
                        says="The agent after.",
                        label="Next agent",
                    ),
                ],
                id=ids.AGENT_ROW,
                className="agent-row",
                hidden=True,
            ),
        ],
    )


def _more_numbers() -> Component:
    return panel(
        ids.NUMBERS_PANEL,
        "More numbers",
        [
            html.Div(
                [
                    button(
                        ids.preset(name),
                        name.capitalize(),
                        "choice",
                        does="fill_preset",
                        given={"preset": name},
                        when="settings",
                        says=says,
                        pressed="false",
                    )
                    for name, says in _PRESETS.items()
                ],
                className="row three even",
                role="group",
                **aria(label="Presets"),
            ),
            field(
                ids.EPSILON_DECAY,
                "Epsilon decay",
                0.995,
                says="Epsilon is multiplied by this after every episode.",
            ),
            field(
                ids.EPSILON_MIN,
                "Lowest epsilon",
                0.01,
                says="Epsilon falls no lower than this.",
            ),
            html.Figure(
                [
                    html.Div(id=ids.EPSILON_PREVIEW, className="preview", role="img"),
                    html.Figcaption(id=ids.EPSILON_PREVIEW_TEXT, className="muted"),
                ],
            ),
            field(
                ids.INITIAL_VALUE,
                "Initial value",
                0,
                says="What every entry of the table begins with; a high one makes curious.",
            ),
        ],
    )


def _link() -> Component:
    return panel(
        ids.LINK_PANEL,
        "Link and command",
        [
            html.P(id=ids.LINK_NOTE, className="sentence"),
            _text(ids.LINK_TEXT, "Link"),
            button(
                ids.COPY_LINK_BTN,
                "Copy",
                "quiet",
                does="copy",
                given={"field": ids.LINK_TEXT, "done": "Link copied."},
                when="page",
                key="L",
                label="Copy link",
                says="Opened anywhere, it gives the same run, bit for bit.",
            ),
            _text(ids.COMMAND_TEXT, "Command line"),
            button(
                ids.COPY_COMMAND_BTN,
                "Copy",
                "quiet",
                does="copy",
                given={"field": ids.COMMAND_TEXT, "done": "Command line copied."},
                when="page",
                label="Copy command line",
                says="Trains the same in a terminal, without a page.",
            ),
        ],
    )


def _text(id_: str, name: str) -> Component:
    return html.Div(
        [
            html.Label(name, htmlFor=id_),
            dcc.Input(id=id_, type="text", value="", readOnly=True, className="text"),
        ],
        className="text-field",
    )


def _parameter(
    id_: str, name: str, symbol: str, value: float, says: str, *, smallest: float = 0.0
) -> Component:
    """A number field and a slider for the same number in [smallest, 1]."""
    return html.Div(
        [
            field(id_, name, value, says=says, symbol=symbol),
            slider(id_, f"{name}, slider", smallest, 1, 0.01, value),
        ],
        className="parameter",
    )
