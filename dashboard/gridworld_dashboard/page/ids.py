"""The element ids: the page's contract with its callbacks, its script and other people's tests."""

from collections.abc import Mapping
from typing import Any, Final

from gridworld import tables
from gridworld.tables import PARAMETERS

# Commands
START_BTN: Final = "start-btn"
STOP_BTN: Final = "stop-btn"
RESET_BTN: Final = "reset-btn"
STEP_BTN: Final = "step-btn"
STEP_EPISODE_BTN: Final = "step-episode-btn"
SAVE_QTABLE_BTN: Final = "save-qtable-btn"
LOAD_QTABLE_BTN: Final = "load-qtable-btn"
LOAD_AUTOSAVE_BTN: Final = "load-autosave-btn"
DISMISS_AUTOSAVE_BTN: Final = "dismiss-autosave-btn"
OPEN_LINK_BTN: Final = "open-link-btn"
KEEP_BTN: Final = "keep-btn"
UNDO_BTN: Final = "undo-btn"
DISMISS_UNDO_BTN: Final = "dismiss-undo-btn"
HINT_BTN: Final = "hint-btn"
DISMISS_HINT_BTN: Final = "dismiss-hint-btn"
DEFAULTS_BTN: Final = "defaults-btn"
MAZE_BTN: Final = "maze-btn"
EDIT_BTN: Final = "edit-btn"
PREVIOUS_AGENT_BTN: Final = "previous-agent-btn"
NEXT_AGENT_BTN: Final = "next-agent-btn"
COPY_LINK_BTN: Final = "copy-link-btn"
COPY_COMMAND_BTN: Final = "copy-command-btn"
KEYS_BTN: Final = "keys-btn"
LESSONS_BTN: Final = "lessons-btn"
LETTERS_BTN: Final = "letters-btn"
KEYS_CLOSE_BTN: Final = "keys-close-btn"

# Fields
LEARNING_RATE: Final = "learning-rate"
EPSILON: Final = "epsilon"
DISCOUNT_FACTOR: Final = "discount-factor"
NUM_EPISODES: Final = "num-episodes"
NUM_STEPS: Final = "num-steps"
SPEED: Final = "speed"
EPSILON_DECAY: Final = "epsilon-decay"
EPSILON_MIN: Final = "epsilon-min"
INITIAL_VALUE: Final = "initial-value"
SLIP: Final = "slip"
MAX_STEPS: Final = "max-steps"
SEED: Final = "seed"
AGENTS: Final = "agents"
FIRST_AGENT: Final = "first-agent"
SHOWN_AGENT: Final = "shown-agent"
MAZE_SIZE: Final = "maze-size"
MAZE_SEED: Final = "maze-seed"
LINK_TEXT: Final = "link-text"
COMMAND_TEXT: Final = "command-text"

# Views
HEATMAP_TOGGLE: Final = "heatmap-toggle"
POLICY_TOGGLE: Final = "policy-toggle"
Q_VALUES_TOGGLE: Final = "q-values-toggle"
MORE_VIEWS: Final = "more-views"
SHOWING: Final = "showing"
SHOWING_WORD: Final = "showing-word"
SHOW_LIVE_BTN: Final = "show-live-btn"
ZOOM_IN: Final = "zoom-in"
ZOOM_OUT: Final = "zoom-out"
ZOOM_FIT: Final = "zoom-fit"
FOLLOW_AGENT: Final = "follow-agent"
CELL_CARD: Final = "cell-card"
SCHEME_TOGGLE: Final = "scheme-toggle"
EXPERIMENTS_LINK: Final = "experiments-link"

# Panels, which open on demand
CHARTS_PANEL: Final = "charts-panel"
OPTIMUM_PANEL: Final = "optimum-panel"
UPDATE_PANEL: Final = "update-panel"
TRIALS_PANEL: Final = "trials-panel"
TRIALS: Final = "trials"
WORLD_PANEL: Final = "world-panel"
AGENTS_PANEL: Final = "agents-panel"
NUMBERS_PANEL: Final = "numbers-panel"
SAVES_PANEL: Final = "saves-panel"
SAVES: Final = "saves"
LINK_PANEL: Final = "link-panel"
KEEPING: Final = "keeping"

# Readings
CONNECTION_STATUS: Final = "connection-status"
RETRY_NOTE: Final = "retry-note"
WORLD_NAME: Final = "world-name"
VIEWERS: Final = "viewers"
ROLE: Final = "role"
ROLE_NAME: Final = "role-name"
ROLE_SAYS: Final = "role-says"
WHY_NOT: Final = "why-not"
GRID_CANVAS: Final = "grid-canvas"
EPISODE_COUNTER: Final = "episode-counter"
STEP_COUNTER: Final = "step-counter"
EPSILON_VALUE: Final = "epsilon-value"
EPISODE_RETURN: Final = "episode-return"
STEPS_PER_SECOND: Final = "steps-per-second"
TOTAL_STEPS: Final = "total-steps"
RUN_STATUS: Final = "run-status"
PROGRESS: Final = "progress"
PROGRESS_TEXT: Final = "progress-text"
START_NOTE: Final = "start-note"
WORLD_SENTENCE: Final = "world-sentence"
WHOSE: Final = "whose"
AGENT_ROW: Final = "agent-row"
LAST_UPDATE: Final = "last-update"
RULES: Final = "rules"
VIEW_NOTE: Final = "view-note"
HEAT_LEGEND: Final = "heat-legend"
CELL_LEGEND: Final = "cell-legend"
RETURN_CHART: Final = "return-chart"
RETURN_PLOT: Final = "return-plot"
LENGTH_CHART: Final = "length-chart"
EPSILON_CHART: Final = "epsilon-chart"
REGRET_CHART: Final = "regret-chart"
EPSILON_PREVIEW: Final = "epsilon-preview"
EPSILON_PREVIEW_TEXT: Final = "epsilon-preview-text"
TRUTH_NOTE: Final = "truth-note"
TRUTH_LIVE: Final = "truth-live"
OPTIMUM: Final = "optimum"
AGENT_VALUE: Final = "agent-value"
REGRET: Final = "regret"
AGREEMENT: Final = "agreement"
OPTIMAL_SINCE: Final = "optimal-since"
MIDDLE_BTN: Final = "middle-btn"
PINS: Final = "pins"
PINS_LIST: Final = "pins-list"
BAND: Final = "band"
BAND_NOTE: Final = "band-note"
LINK_NOTE: Final = "link-note"
AUTOSAVE_OFFER: Final = "autosave-offer"
UNDO_OFFER: Final = "undo-offer"
LINK_OFFER: Final = "link-offer"
HINT: Final = "hint"
NOTIFICATION_CONTAINER: Final = "notification-container"
KEYS_DIALOG: Final = "keys-dialog"
LESSON: Final = "lesson"

# Machinery
WEBSOCKET: Final = "websocket"
CLOCK: Final = "clock"
MODE: Final = "mode"
PAGE: Final = "page"
CONTROLS: Final = "controls"


def field(key: str) -> str:
    """Id of the field of a parameter."""
    return key.replace("_", "-")


_NUMBERS: Final = tuple(
    each for each in PARAMETERS if each.kind in ("number", "whole") and each.scope != "view"
)

FIELDS: Final = tuple(field(each.key) for each in _NUMBERS)
"""Every number field of a start, in the order in which `edit` gets them: that of the table."""

SETTINGS: Final = tuple(field(each.key) for each in _NUMBERS if each.scope != "pacing")
"""Number fields that wait for the next start."""

SLIDERS: Final = tuple(field(each.key) for each in _NUMBERS if each.slider)
"""Fields that a slider is tied to."""

PRESETS: Final = tuple(preset.key for preset in tables.PRESETS)

PANELS: Final = (
    CHARTS_PANEL,
    OPTIMUM_PANEL,
    UPDATE_PANEL,
    TRIALS_PANEL,
    WORLD_PANEL,
    AGENTS_PANEL,
    NUMBERS_PANEL,
    SAVES_PANEL,
    LINK_PANEL,
)


def command(name: str) -> str:
    """Id of the button of a command of the wire that has no name of its own above."""
    return f"{name.replace('_', '-')}-btn"


def settings(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Parameters as the page's script takes them: numbers by their fields, choices by their keys.

    Args:
        values: Key to value.
    """
    chosen = {key: value for key, value in values.items() if tables.parameter(key).choices}
    numbers = {field(key): value for key, value in values.items() if key not in chosen}
    return {"numbers": numbers, "choices": chosen}


def slider(field: str) -> str:
    """Id of the slider that is tied to a number field."""
    return f"{field}-slider"


def note(field: str) -> str:
    """Id of the line below a field that says what is wrong with its value."""
    return f"{field}-note"


def bubble(control: str) -> str:
    """Id of the sentence that says what a control does."""
    return f"{control}-help"


def vary(field: str) -> str:
    """Id of the button beside a number that opens the experiment of that number."""
    return f"{field}-vary"


def in_force(field: str) -> str:
    """Id of the hint beside a field that shows the server's value while it differs."""
    return f"{field}-in-force"


def body(panel: str) -> str:
    """Id of what is in a panel."""
    return f"{panel}-body"


def now(chart: str) -> str:
    """Id of the reading in a chart's heading."""
    return f"{chart}-now"


def label(control: str) -> str:
    """Id of a name that changes with what it stands for."""
    return f"{control}-label"


def about(place: str) -> str:
    """Id of the *?* that says what stands in a place."""
    return f"about-{place}"


def world(name: str) -> str:
    """Id of the button that puts a named world in force."""
    return f"world-{name}"


def layer(key: str) -> str:
    """Id of the switch of a layer, but for the first, which is the heat map's."""
    return f"layer-{field(key)}"


def algorithm(name: str) -> str:
    """Id of the button that puts an algorithm in force."""
    return f"algorithm-{name}"


def preset(name: str) -> str:
    """Id of the button that fills the numbers of a preset."""
    return f"preset-{name}"
