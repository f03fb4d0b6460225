"""The element ids: the page's contract with its callbacks, its script and other people's tests."""

from typing import Final

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

# Fields
LEARNING_RATE: Final = "learning-rate"
EPSILON: Final = "epsilon"
DISCOUNT_FACTOR: Final = "discount-factor"
NUM_EPISODES: Final = "num-episodes"
SPEED: Final = "speed"

# Views
HEATMAP_TOGGLE: Final = "heatmap-toggle"
POLICY_TOGGLE: Final = "policy-toggle"
SCHEME_TOGGLE: Final = "scheme-toggle"

# Readings
CONNECTION_STATUS: Final = "connection-status"
RETRY_NOTE: Final = "retry-note"
WORLD_NAME: Final = "world-name"
VIEWERS: Final = "viewers"
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
LAST_UPDATE: Final = "last-update"
VIEW_NOTE: Final = "view-note"
HEAT_LEGEND: Final = "heat-legend"
CELL_LEGEND: Final = "cell-legend"
RETURN_CHART: Final = "return-chart"
LENGTH_CHART: Final = "length-chart"
EPSILON_CHART: Final = "epsilon-chart"
AUTOSAVE_OFFER: Final = "autosave-offer"
NOTIFICATION_CONTAINER: Final = "notification-container"

# Machinery
WEBSOCKET: Final = "websocket"
CLOCK: Final = "clock"
MODE: Final = "mode"
PAGE: Final = "page"

SLIDERS: Final = (LEARNING_RATE, EPSILON, DISCOUNT_FACTOR, SPEED)
"""Fields that a slider is tied to."""


def slider(field: str) -> str:
    """Id of the slider that is tied to a number field."""
    return f"{field}-slider"


def note(field: str) -> str:
    """Id of the line below a field that says what is wrong with its value."""
    return f"{field}-note"


def in_force(field: str) -> str:
    """Id of the hint beside a field that shows the server's value while it differs."""
    return f"{field}-in-force"


def now(chart: str) -> str:
    """Id of the reading in a chart's heading."""
    return f"{chart}-now"
