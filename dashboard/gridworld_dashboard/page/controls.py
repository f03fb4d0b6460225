"""What one sets and presses: pure functions that return components."""

import json
import math

from dash import dcc, html
from dash.development.base_component import Component

import gridworld as gw
from gridworld import worlds
from gridworld.algorithms import ALGORITHMS
from gridworld.parameter import Parameter
from gridworld.tables import DEFAULTS, LEARNING, PRESETS, of, parameter
from gridworld_dashboard.frames.worlds import cliffs
from gridworld_dashboard.page import ids
from gridworld_dashboard.page.parts import When, aria, button, data, field, panel, slider

__all__ = ["controls"]


def controls() -> Component:
    """The sidebar: what everybody needs first, the rest in panels that open on demand."""
    return html.Aside(
        [
            html.H2("Controls", className="unseen"),
            _commands(),
            # furnished by the page (`assets/lib/lesson/lessons.mjs`) when lessons are opened
            html.Section(id=ids.LESSON, className="lesson", hidden=True, **aria(label="Lessons")),
            _parameters(),
            _run(),
            html.Div(
                [_world(), _algorithm_and_agents(), _more_numbers(), _saves(), _link()],
                className="panels",
            ),
        ],
        id=ids.CONTROLS,
        className="controls",
        tabIndex=-1,
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
            *(_field(each) for each in LEARNING if each.slider),
        ],
        className="block",
    )


def _run() -> Component:
    return html.Div(
        [
            html.H2("Run", className="unseen"),
            _field(parameter("num_episodes")),
            _field(parameter("speed"), when="steer"),
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
                        says="Cells in a row of a random maze, walls included, from"
                        f" {worlds.SMALLEST_MAZE} to {worlds.LARGEST_MAZE}.",
                    ),
                    field(ids.MAZE_SEED, "Maze seed", 0, says="Another seed is another maze."),
                    button(
                        ids.MAZE_BTN,
                        "Make",
                        "quiet",
                        does="open_maze",
                        when="idle",
                        says="Makes this maze, and puts it in force.",
                    ),
                ],
                className="maze",
            ),
            button(
                ids.EDIT_BTN,
                "Edit this world",
                "quiet",
                does="edit",
                when="link",
                says="Draw walls, pits, goals and more on the board, while agents learn.",
            ),
            *(_field(each) for each in of("world") if each.range),
        ],
    )


def _thumbnail(name: str) -> Component:
    """A world as a button; the page draws it from `data-world` in the present colours."""
    title = worlds.title(name)
    world = gw.make(name)
    picture = {
        "width": world.width,
        "height": world.height,
        "rows": list(world.rows),
        "portals": [[list(entry), list(exit_)] for entry, exit_ in world.portals],
        "cliffs": cliffs(world),
        "slip": world.slip,
        "max_steps": world.max_steps,
        **ids.settings(worlds.numbers(name)),
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
                        algorithm.title,
                        "choice",
                        does="configure",
                        given={"algorithm": key},
                        when="idle",
                        says=algorithm.says,
                        pressed="false",
                    )
                    for key, algorithm in ALGORITHMS.items()
                ],
                className="row two",
                role="group",
                **aria(label="Algorithm"),
            ),
            html.P(html.A("Two of them side by side", href="beside"), className="sentence"),
            _field(parameter("agents")),
            _field(parameter("seed")),
            _field(parameter("first_agent")),
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
    further = [each for each in LEARNING if not each.slider]
    shown = {key for preset in PRESETS for key in preset.numbers}  # by the preview below them
    return panel(
        ids.NUMBERS_PANEL,
        "Exploration and presets",
        [
            html.Div(
                [
                    button(
                        ids.preset(preset.key),
                        preset.key.capitalize(),
                        "choice",
                        does="fill_preset",
                        given={"preset": preset.key},
                        when="settings",
                        says=preset.says,
                        pressed="false",
                    )
                    for preset in PRESETS
                ],
                className="row three even",
                role="group",
                **aria(label="Presets"),
            ),
            button(
                ids.DEFAULTS_BTN,
                "Back to defaults",
                "quiet",
                does="fill_defaults",
                when="settings",
                says="Fills every field with what it holds at first, and what this world brings.",
            ),
            *(_field(each) for each in further if each.key in shown),
            html.Figure(
                [
                    html.Div(id=ids.EPSILON_PREVIEW, className="preview", role="img"),
                    html.Figcaption(id=ids.EPSILON_PREVIEW_TEXT, className="muted"),
                ],
            ),
            *(_of_some(each) for each in further if each.key not in shown),
            _field(parameter("num_steps")),
        ],
    )


def _of_some(each: Parameter) -> Component:
    """A parameter's field, hidden while it counts for nothing.

    That is while the algorithm in force does not have it, or where something else is chosen.
    """
    if each.where is not None:
        choice, key = each.where
        usual = DEFAULTS[choice] == key
        return html.Div(_field(each), hidden=not usual, **data(where=json.dumps({choice: key})))
    having = [name for name, cls in ALGORITHMS.items() if each in cls.parameters()]
    if len(having) == len(ALGORITHMS):
        return _field(each)
    usual = DEFAULTS["algorithm"] in having
    return html.Div(_field(each), hidden=not usual, **data(algorithms=" ".join(having)))


def _saves() -> Component:
    """Furnished by the page (`assets/lib/form/saves.mjs`): what there is changes."""
    return panel(ids.SAVES_PANEL, "Saves", [html.Div(id=ids.SAVES, className="saves")])


def _link() -> Component:
    return panel(
        ids.LINK_PANEL,
        "Share",
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
            html.Div(id=ids.KEEPING, className="keeping"),
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


def _field(each: Parameter, when: When = "settings") -> Component:
    """What a parameter is set by: a number field, with a slider where it has one, or buttons."""
    if each.kind == "choice":
        return _choice(each)
    id_, own = ids.field(each.key), each.scope == "world"  # a world brings its own values
    made = field(
        id_,
        each.title,
        None if own else each.default,
        says=_says(each),
        symbol=each.symbol,
        placeholder=each.null,
        when=when,
        beside=_vary(each) if each.scope == "learning" and each.slider is None else None,
    )
    if each.slider is None:
        return made
    low, high = each.slider
    ends: tuple[float, float, float, float] = (low, high, each.unit, each.default)
    if each.scale == "logarithmic":
        # Its position is turned into the value by the page (`assets/lib/form/speed.mjs`).
        ends = (0, 100, 1, round(100 * math.log(each.default / low) / math.log(high / low)))
    return html.Div(
        [
            made,
            slider(
                id_,
                f"{each.title}, slider",
                *ends,
                when=when,
                beside=_vary(each) if each.scope == "learning" else None,
            ),
        ],
        className="parameter",
    )


def _vary(each: Parameter) -> Component:
    """Opens the experiment of a number on the present world (`lab`)."""
    return button(
        ids.vary(ids.field(each.key)),
        "vary",
        "vary",
        does="vary",
        given={"key": each.key},
        when="page",
        label=f"Vary: {each.title}",
        says="Opens an experiment: what other values of this number do, over many runs.",
    )


def _says(each: Parameter) -> str:
    """What a parameter does, how far a count goes, and what an empty field means."""
    words = each.says
    if each.range is not None and each.kind == "whole" and each.range.high <= 10**6:
        words = f"{words[:-1]}, {each.range.words}."
    if each.null:
        words += f" Empty{', or at the end of the slider' if each.slider else ''}: {each.null}."
    return words


def _choice(each: Parameter) -> Component:
    """One button for each choice, of which the one in force is pressed."""
    return html.Div(
        [
            button(
                f"{ids.field(each.key)}-{choice.key}",
                choice.title,
                "choice",
                does="configure",
                given={each.key: choice.key},
                when="idle",
                says=choice.says,
                pressed="false",
            )
            for choice in each.choices
        ],
        className="row two",
        role="group",
        **aria(label=each.title),
    )
