"""From the live page's settings to a plan: what may be varied, and the plan of what was chosen."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from gridworld import tables
from gridworld.algorithms import Algorithm, algorithm_of
from gridworld.errors import ExperimentError
from gridworld.experiments.experiment import Experiment
from gridworld.experiments.measures import measure, measure_names
from gridworld.experiments.plans.axes import Axis
from gridworld.experiments.plans.usual import Span, spread, usual_span
from gridworld.parameter import Parameter
from gridworld.store.link import link_world, read_link
from gridworld.validation import whole
from gridworld.world import GridWorld

__all__ = ["MOST_RUNS", "folder_name", "form_of", "plan_of"]

MOST_RUNS: Final = 2_000_000
"""Of all settings of a plan that the page begins: answers hold all of them in memory."""

MOST_VALUES: Final = 100
"""Of one axis: a heat map of more has no room on a screen."""

USUAL_RUNS: Final = 100

LAST: Final = 10
"""The last so many episodes are a measure of their own, of what was learnt in the end."""

ALWAYS: Final = ("return_mean", "length_mean")
"""Measures that cost next to nothing, kept whatever is asked for."""

STEPS_OF_CELL: Final = 100
"""An episode that no limit ends is given up after so many steps for each cell of the world."""

_KINDS: Final = ("number", "whole")


def form_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a page has to know to ask for a plan.

    Args:
        data: `link`: of a run, whose settings all stay but those that are varied.

    Raises:
        GridworldError: It is no link.
    """
    settings, world, algorithm = _present(data)
    episodes = settings["num_episodes"] or tables.DEFAULTS["num_episodes"]
    return {
        "world": world.name or "a world of your own",
        "algorithm": algorithm.title,
        "axes": [_described(each, settings[each.key]) for each in _varied(algorithm)],
        "runs": USUAL_RUNS,
        "episodes": episodes,
        "measures": [_sentence(name) for name in _measures(episodes)],
        "most_values": MOST_VALUES,
        "most_runs": MOST_RUNS,
        "most_steps": None if world.max_steps else STEPS_OF_CELL * _cells(world),
    }


def plan_of(data: Mapping[str, Any]) -> Experiment:
    """The plan that a page asks for.

    Args:
        data: `link`, `axes` (one or two of `key`, `low`, `high`, `count`, `log`), `runs`,
            `episodes`, and `measure`, a name.

    Raises:
        GridworldError: Something cannot be; the message says what.
    """
    settings, world, algorithm = _present(data)
    episodes = whole("episodes", data.get("episodes"), 1, 2**53, ExperimentError)
    runs = whole("runs", data.get("runs"), 2, MOST_RUNS, ExperimentError)
    axes = _axes(data.get("axes"), algorithm)
    settings_count = 1
    for axis in axes.values():
        settings_count *= len(axis)
    if settings_count * runs > MOST_RUNS:
        raise ExperimentError(
            f"an experiment of the page must have at most {MOST_RUNS:,} runs,"
            f" got {settings_count:,} settings of {runs:,} runs"
        )
    steps = settings["num_steps"]
    if steps is None and not world.max_steps and "max_steps" not in axes:
        steps = episodes * STEPS_OF_CELL * _cells(world)
    first = _text(data, "measure")
    names = " and ".join(tables.parameter(key).title.lower() for key in axes)
    return Experiment(
        worlds=[world],
        algorithms=[algorithm],
        vary=axes,
        runs=runs,
        episodes=episodes,
        steps=steps,
        seed=settings["seed"],
        measures=list(dict.fromkeys([first, *ALWAYS, *_ends(episodes)])),
        name=f"{names.capitalize()}: {algorithm.title} on {world.name or 'a world of your own'}",
    )


def folder_name(plan: Experiment) -> str:
    """What the folder of a plan is called: the same for the same plan."""
    world = plan.worlds[0].name or "world"
    words = re.sub(r"[^A-Za-z0-9]+", "-", f"{world} {' '.join(plan.vary)}").strip("-")
    return f"{words[:48]}-{plan.identity[:8]}"


def _present(data: Mapping[str, Any]) -> tuple[dict[str, Any], GridWorld, Algorithm]:
    """The settings of a link, their world and their algorithm.

    Raises:
        GridworldError: It is no link, or to something that the page does not show.
    """
    settings = read_link(_text(data, "link"))
    world = link_world(settings)
    if not isinstance(world, GridWorld) or settings.get("change"):
        raise ExperimentError("an experiment of the page must be on one grid, got a link to others")
    return settings, world, algorithm_of(settings)


def _axes(given: object, algorithm: Algorithm) -> dict[str, Axis]:
    if not isinstance(given, list) or not 1 <= len(given) <= 2:
        raise ExperimentError("axes must be a list of one or two, got something else")
    known = {each.key: each for each in _varied(algorithm)}
    found: dict[str, Axis] = {}
    for each in given:
        one: dict[str, Any] = each if isinstance(each, dict) else {}
        key = one.get("key")
        if key not in known or key in found:
            raise ExperimentError(
                f"an axis must be one of {', '.join(known)}, each once, got {key!r:.80}"
            )
        title = known[key].title.lower()
        count = whole(f"the values of {title}", one.get("count"), 1, MOST_VALUES, ExperimentError)
        try:
            low, high = (one.get(end, math.nan) for end in ("low", "high"))
            span = Span(low, high, count, one.get("log") is True)
            found[key] = spread(known[key], span)
        except ExperimentError as error:
            raise ExperimentError(f"the range of {title} cannot be: {error}") from None
    return found


def _varied(algorithm: Algorithm) -> list[Parameter]:
    """What may be varied: the numbers of the algorithm that count, and those of the world."""
    own = [
        each
        for each in algorithm.parameters()
        if each.where is None or getattr(algorithm, each.where[0]) == each.where[1]
    ]
    return [each for each in (*own, *tables.of("world")) if each.kind in _KINDS]


def _described(each: Parameter, value: Any) -> dict[str, Any]:
    span = usual_span(each, value)
    return {
        "key": each.key,
        "title": each.title,
        "symbol": each.symbol,
        "says": each.says,
        "must": each.must,
        "now": each.null if value is None else value,
        **vars(span),
    }


def _measures(episodes: int) -> tuple[str, ...]:
    """Measures of a run that need no number of their own."""
    plain = [name for name in measure_names() if "K" not in name]
    return tuple(dict.fromkeys([*ALWAYS, *_ends(episodes), *plain]))


def _ends(episodes: int) -> list[str]:
    return [f"return_mean_last_{LAST}"] if episodes > LAST else []


def _sentence(name: str) -> dict[str, str]:
    found = measure(name)
    return {"name": name, "sentence": found.sentence, "unit": found.unit, "better": found.better}


def _cells(world: GridWorld) -> int:
    return world.width * world.height


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise ExperimentError(f"{key} must be a text, got {value!r:.80}")
    return value
