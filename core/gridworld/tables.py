"""What may be set, said once: parameters, layers of the grid, presets.

Everything else derives from here: ranges and checks of the library, columns of the records, the
wire's types, the page's fields, the options of the command line, tables of the documents. It
needs the standard library alone, so that `--help` may ask it.

The algorithms say of themselves what they are (`gridworld.algorithms`), and so do the named worlds
(`gridworld.worlds`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from gridworld.parameter import Choice, Parameter, Range, Scope

__all__ = [
    "COLUMNS",
    "DEFAULTS",
    "LAYERS",
    "LEARNING",
    "PARAMETERS",
    "PRESETS",
    "Layer",
    "Preset",
    "of",
    "parameter",
]


@dataclass(frozen=True)
class Layer:
    """Something that the colours of the page's grid may show of each cell.

    Attributes:
        key: Its name on the wire and in links.
        title: Above the legend.
        symbol: As books write it.
        chip: On its switch.
        says: What it shows, without a full stop.
        ramp: Colours. "value" has 0 in its middle, so that it keeps its colour whatever is learnt;
            "diverging" is read as more or less than 0; the scales of both are symmetric.
        where: Cells that show it: those in which agents act (no goals, pits, walls), or of them
            those of which the Q-table says something.
        log: Whether the scale is that of log10(1 + v).
        whole: Whether its numbers are whole.
        carries: What agents carry beside their Q-tables that it shows (`Algorithm.own_memory`): the
            algorithms that carry it have the layer; "": all have.
        nothing: What is said where there is nothing to show.
    """

    key: str
    title: str
    symbol: str
    chip: str
    says: str
    ramp: Literal["value", "cool", "diverging"] = "value"
    where: Literal["acts", "learnt"] = "acts"
    log: bool = False
    whole: bool = False
    carries: str = ""
    nothing: str = "Nothing learnt yet."


@dataclass(frozen=True)
class Preset:
    """Numbers under one name, on the page.

    Attributes:
        key: Its name.
        says: What it is like, in one sentence.
        numbers: Parameter to value.
    """

    key: str
    says: str
    numbers: Mapping[str, float]


_UNIT: Final = Range(0, 1)
_SHARE: Final = Range(0, 1, above=True)

LAYERS: Final = (
    Layer(
        "value",
        "Value",
        "max Q(s, a)",
        "Heat map",
        "The highest of the learnt values of each cell",
        where="learnt",
    ),
    Layer(
        "optimal",
        "Optimal value",
        "V*(s)",
        "V*",
        "Optimal values: what the best policy is worth from each cell",
    ),
    Layer(
        "difference",
        "Difference",
        "V*(s) \N{MINUS SIGN} max Q(s, a)",
        "V* \N{MINUS SIGN} V",
        "How far the learnt values are from the optimum",
        ramp="diverging",
        where="learnt",
    ),
    Layer(
        "visits",
        "Visits (log)",
        "N(s)",
        "Visits",
        "How often each cell was updated",
        ramp="cool",
        log=True,
    ),
    Layer(
        "td_error",
        "Last TD error",
        "\N{GREEK SMALL LETTER DELTA}",
        "TD error",
        "The last temporal-difference error of each cell",
        ramp="diverging",
    ),
    Layer(
        "eligibility",
        "Eligibility",
        "max e(s, a)",
        "Traces",
        "How much of the next surprise reaches back to each cell",
        ramp="cool",
        carries="trace",
        nothing="No traces: the episode has just begun.",
    ),
    Layer(
        "model",
        "Model",
        "a known of s",
        "Model",
        "Of how many actions of each cell the outcome is remembered",
        ramp="cool",
        whole=True,
        carries="outcome",
        nothing="Nothing remembered yet.",
    ),
)

PARAMETERS: Final = (
    Parameter(
        "learning_rate",
        "Learning rate",
        "How far each update moves a value towards what was just seen.",
        "learning",
        "number",
        0.1,
        _SHARE,
        column="<f4",
        symbol="\N{GREEK SMALL LETTER ALPHA}",
        slider=(0.01, 1),
    ),
    Parameter(
        "epsilon",
        "Epsilon",
        "How often the agent tries a random action instead of the best it knows.",
        "learning",
        "number",
        1.0,
        _UNIT,
        column="<f4",
        symbol="\N{GREEK SMALL LETTER EPSILON}",
        slider=(0, 1),
    ),
    Parameter(
        "discount_factor",
        "Discount factor",
        "How much a reward counts for each step that it lies further ahead.",
        "learning",
        "number",
        0.99,
        _UNIT,
        column="<f4",
        symbol="\N{GREEK SMALL LETTER GAMMA}",
        slider=(0, 1),
    ),
    Parameter(
        "epsilon_decay",
        "Epsilon decay",
        "Epsilon is multiplied by this after every episode.",
        "learning",
        "number",
        0.995,
        _SHARE,
        column="<f4",
        unit=0.001,
    ),
    Parameter(
        "epsilon_min",
        "Lowest epsilon",
        "Epsilon falls no lower than this.",
        "learning",
        "number",
        0.01,
        _UNIT,
        column="<f4",
    ),
    Parameter(
        "initial_value",
        "Initial value",
        "What every entry of the table begins with; a high one makes curious.",
        "learning",
        "number",
        0.0,
        Range(-1e30, 1e30),
        effect="afresh",
        unit=1,
    ),
    Parameter(
        "ties",
        "Ties",
        "Which of several actions of the highest value is the greedy one.",
        "learning",
        "choice",
        "lowest",
        later=True,
        choices=(
            Choice("lowest", "Lowest", "The first of them: up, down, left, right."),
            Choice("random", "Random", "Any of them, each as likely as the others."),
        ),
    ),
    Parameter(
        "exploration",
        "Exploration",
        "How the agent tries what does not look best.",
        "learning",
        "choice",
        "epsilon_greedy",
        later=True,
        choices=(
            Choice(
                "epsilon_greedy", "Epsilon-greedy", "Now and then any action, else the best known."
            ),
            Choice("softmax", "Softmax", "Every action now and then, the better the oftener."),
        ),
    ),
    Parameter(
        "temperature",
        "Temperature",
        "With softmax: how little the values matter; towards 0 it takes the best alone.",
        "learning",
        "number",
        1.0,
        Range(0, 1e30, above=True),
        column="<f4",
        unit=0.1,
        where=("exploration", "softmax"),
        later=True,
    ),
    Parameter(
        "temperature_decay",
        "Temperature decay",
        "With softmax: the temperature is multiplied by this after every episode.",
        "learning",
        "number",
        0.995,
        _SHARE,
        column="<f4",
        unit=0.001,
        where=("exploration", "softmax"),
        later=True,
    ),
    Parameter(
        "temperature_min",
        "Lowest temperature",
        "With softmax: the temperature falls no lower than this by factor or line.",
        "learning",
        "number",
        0.01,
        Range(0, 1e30),
        column="<f4",
        where=("exploration", "softmax"),
        later=True,
    ),
    Parameter(
        "exploration_schedule",
        "Schedule",
        "How epsilon, or the temperature, changes from episode to episode.",
        "learning",
        "choice",
        "factor",
        later=True,
        choices=(
            Choice("factor", "Factor", "Times its decay after every episode."),
            Choice("linear", "Linear", "From the first value to the lowest along a line."),
            Choice("inverse", "Inverse", "The first value over a power of the episode."),
            Choice("constant", "Constant", "Always the first value."),
        ),
    ),
    Parameter(
        "exploration_episodes",
        "Episodes to the lowest",
        "With the linear schedule: after so many episodes the lowest value is reached.",
        "learning",
        "whole",
        500,
        Range(1, 2**31 - 1),
        column="<i4",
        unit=100,
        where=("exploration_schedule", "linear"),
        later=True,
    ),
    Parameter(
        "exploration_power",
        "Power",
        "With the inverse schedule: the first value is divided by the episode to this power.",
        "learning",
        "number",
        1.0,
        Range(0, 10),
        column="<f4",
        unit=0.1,
        where=("exploration_schedule", "inverse"),
        later=True,
    ),
    Parameter(
        "learning_rate_schedule",
        "Learning rate schedule",
        "How the learning rate changes from update to update.",
        "learning",
        "choice",
        "constant",
        effect="afresh",
        later=True,
        choices=(
            Choice("constant", "Constant", "Always the same."),
            Choice("count", "Count", "Over a power of the updates that the pair has had."),
        ),
    ),
    Parameter(
        "learning_rate_power",
        "Power of the count",
        "With the schedule count: a pair's n-th update divides the learning rate by n to this.",
        "learning",
        "number",
        1.0,
        _UNIT,
        column="<f4",
        unit=0.1,
        where=("learning_rate_schedule", "count"),
        later=True,
    ),
    Parameter(
        "trace_decay",
        "Trace decay",
        "How far a surprise reaches back: 0 is the last step alone, 1 the whole episode.",
        "learning",
        "number",
        0.9,
        _UNIT,
        column="<f4",
        symbol="\N{GREEK SMALL LETTER LAMDA}",
    ),
    Parameter(
        "traces",
        "Traces",
        "What becomes of the trace of an action that is taken again.",
        "learning",
        "choice",
        "replacing",
        effect="afresh",
        choices=(
            Choice("accumulating", "Accumulating", "It grows by one each time."),
            Choice("replacing", "Replacing", "It becomes one again."),
            Choice("dutch", "Dutch", "Between the two: what makes learning truly online."),
        ),
    ),
    Parameter(
        "n_steps",
        "Steps of a return",
        "How many rewards an update waits for before it bootstraps.",
        "learning",
        "whole",
        4,
        Range(1, 10**6),
        effect="afresh",
        column="<i4",
        symbol="n",
        unit=1,
    ),
    Parameter(
        "planning_steps",
        "Planning steps",
        "How many remembered steps it learns from after each real one.",
        "learning",
        "whole",
        5,
        Range(0, 10**6),
        column="<i4",
        unit=1,
    ),
    Parameter(
        "exploration_bonus",
        "Exploration bonus",
        "How much it is drawn to what it has not tried for long.",
        "learning",
        "number",
        0.001,
        Range(0, 10**6),
        column="<f4",
        symbol="\N{GREEK SMALL LETTER KAPPA}",
        unit=0.001,
    ),
    Parameter(
        "priority_threshold",
        "Priority threshold",
        "What would move by less than this is left alone.",
        "learning",
        "number",
        0.0001,
        Range(0, 1e30),
        column="<f4",
        symbol="\N{GREEK SMALL LETTER THETA}",
        unit=0.0001,
    ),
    Parameter(
        "num_episodes",
        "Episodes",
        "How many episodes a start adds.",
        "run",
        "whole",
        500,
        Range(1, 10**12),
        null="until stopped",
        unit=100,
        flag="episodes",
    ),
    Parameter(
        "num_steps",
        "Most steps",
        "How many steps of each agent a start adds at most, whatever the episodes.",
        "run",
        "whole",
        None,
        Range(1, 10**15),
        null="no limit",
        unit=100,
        flag="steps",
    ),
    Parameter(
        "speed",
        "Steps per second",
        "How many steps a second it takes, at any time.",
        "pacing",
        "number",
        30.0,
        Range(0, 10**9, above=True),
        null="full speed",
        effect="at once",
        scale="logarithmic",
        slider=(1, 10**7),
        flag=None,
    ),
    Parameter(
        "world",
        "World",
        "What the agents learn on.",
        "world",
        "world",
        "default",
        effect="afresh",
    ),
    Parameter(
        "slip",
        "Slip",
        "How often a step goes to the side instead of ahead.",
        "world",
        "number",
        0.0,
        _UNIT,
        effect="afresh",
    ),
    Parameter(
        "max_steps",
        "Steps per episode",
        "An episode is truncated after so many steps.",
        "world",
        "whole",
        100,
        Range(1, 2**31 - 1),
        null="no limit",
        effect="afresh",
        unit=100,
    ),
    Parameter(
        "algorithm",
        "Algorithm",
        "How the agents learn.",
        "run",
        "algorithm",
        "q_learning",
        effect="afresh",
    ),
    Parameter(
        "first_agent",
        "First agent",
        "The number of the first agent: of one seed, each number has a chance of its own.",
        "run",
        "whole",
        0,
        Range(0, 2**63 - 1),
        effect="afresh",
        unit=1,
    ),
    Parameter(
        "seed",
        "Seed",
        "The number that all chance comes from: the same seed, the same run.",
        "run",
        "whole",
        0,
        Range(0, 2**63 - 1),
        effect="afresh",
        unit=1,
    ),
    Parameter(
        "agents",
        "Agents",
        "How many learn at once, each alone with its own chance.",
        "run",
        "whole",
        1,
        Range(1, 4096),
        effect="afresh",
        unit=1,
    ),
    Parameter(
        "layer",
        "Layer",
        "What the colours of the grid show.",
        "view",
        "choice",
        None,
        null="no colours",
        effect="at once",
        choices=tuple(Choice(layer.key, layer.title, f"{layer.says}.") for layer in LAYERS),
        flag=None,
    ),
    Parameter(
        "arrows",
        "Policy arrows",
        "The greedy actions of each cell.",
        "view",
        "flag",
        False,
        effect="at once",
        flag=None,
    ),
    Parameter(
        "q_values",
        "Q-values",
        "Four triangles in each cell: the value of each action.",
        "view",
        "flag",
        False,
        effect="at once",
        flag=None,
    ),
)

DEFAULTS: Final[Mapping[str, Any]] = {each.key: each.default for each in PARAMETERS}
"""Key of a parameter to its default."""

_BY_KEY: Final = {each.key: each for each in PARAMETERS}


def of(*scopes: Scope) -> tuple[Parameter, ...]:
    """The parameters of these scopes, in the order of the table."""
    return tuple(each for each in PARAMETERS if each.scope in scopes)


def parameter(key: str) -> Parameter:
    """The parameter of that name."""
    return _BY_KEY[key]


LEARNING: Final = of("learning")
"""Fields of the algorithms."""

COLUMNS: Final = tuple(each for each in LEARNING if each.column)
"""What each agent carries a value of its own of, and may change on the way."""

PRESETS: Final = (
    Preset(
        "conservative",
        "Small steps, much exploration for long: slow and steady.",
        {"learning_rate": 0.05, "epsilon": 1.0, "epsilon_decay": 0.999, "epsilon_min": 0.05},
    ),
    Preset(
        "balanced",
        "The numbers that this page begins with.",
        {
            key: DEFAULTS[key]
            for key in ("learning_rate", "epsilon", "epsilon_decay", "epsilon_min")
        },
    ),
    Preset(
        "aggressive",
        "Large steps, little exploration: quick, and easily misled by chance.",
        {"learning_rate": 0.5, "epsilon": 1.0, "epsilon_decay": 0.97, "epsilon_min": 0.01},
    ),
)
