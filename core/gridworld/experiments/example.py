"""A plan to begin with."""

import json

from gridworld.experiments.extras import require_extra
from gridworld.experiments.measures import measure, measure_names
from gridworld.experiments.plans.spelling import NEVER, world_out
from gridworld.tables import DEFAULTS, LEARNING
from gridworld.world import GridWorld

__all__ = ["commented_plan"]


def commented_plan(world: GridWorld) -> str:
    """A plan for a world as TOML, with a word on everything that it may say.

    Raises:
        MissingExtraError: The extra `[experiments]` is not installed.
    """
    require_extra()
    import tomli_w

    worlds = tomli_w.dumps({"worlds": [world_out(world)]})
    measures = "\n".join(f"#   {name:20} {_sentence(name)}" for name in measure_names())
    numbers = "\n".join(
        f"# {each.key} = {_toml(DEFAULTS[each.key])}  # {each.says}" for each in LEARNING
    )
    limit = f', or "{NEVER}"' if world.max_steps is None else ""
    return f"""\
# What is asked: how well these settings learn, over many runs of each.
# Run it by: gridworld-bench experiment run THIS_FILE

# Names (gridworld-bench worlds), or tables with a map.
{worlds}
# Each with its defaults, or a table: {{algorithm = "sarsa", epsilon = 0.2}}.
algorithms = ["q_learning", "sarsa"]

# Of each setting. Run j of every setting has the same luck, so that settings compare.
runs = 1000

# The budget of a run: episodes, or steps, or both: the first reached ends it.
episodes = 200
# steps = 100000

# In which worlds of the same shape runs go on, after how many steps (a budget of steps alone):
# change = [[1000, "blocking-maze-2"]]

seed = 0

# What is kept of a run:
{measures}
measures = ["return_mean"]

# Points of a learning curve that is kept with each run. Curves of short runs are computed again
# in milliseconds; keep those of long ones:
# keep_curves = 100

# Axes that go along with each other instead of being crossed:
# together = [["epsilon", "epsilon_min"]]

# Numbers of all settings. These are the defaults:
[fixed]
{numbers}
# slip = 0.0
# max_steps = 100{limit}

# What is varied: a list, or {{linspace = [first, last, n]}}, {{logspace = [first, last, n]}},
# {{random = [low, high, n], log = true}}.
[vary]
learning_rate = {{linspace = [0.1, 1.0, 10]}}
"""


def _toml(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)


def _sentence(name: str) -> str:
    return measure(name.replace("K", "10")).sentence.replace("10", "K")
