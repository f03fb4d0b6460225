"""A plan as the lines of Python that make it."""

from collections.abc import Mapping
from typing import Any, Final

from gridworld.algorithms import ALGORITHMS
from gridworld.experiments.plans.plan import Plan
from gridworld.experiments.plans.plantext import plan_out
from gridworld.experiments.plans.spelling import value_in

__all__ = ["python_of"]

_USUAL: Final = {"seed": 0, "fixed": {}, "together": []}
"""What a plan says all the same."""


def python_of(plan: Plan, store: str) -> str:
    """Lines that make a plan, run it, and say what is best.

    Args:
        plan: What a text can hold (see `Plan.to_toml`).
        store: The folder of its results.

    Raises:
        ExperimentError: No text holds the plan.
    """
    data = plan_out(plan.__getstate__())
    lines = []
    for key, value in data.items():
        if value == _USUAL.get(key):
            continue
        lines.append(f"    {key}={_argument(key, value)},")
    return "\n".join(
        [
            "import gridworld as gw",
            "",
            "plan = gw.Experiment(",
            *lines,
            ")",
            f"results = plan.run({store!r})",
            "print(results.best())",
            "",
        ]
    )


def _argument(key: str, value: Any) -> str:
    if key == "worlds":
        return _list([_world(each) for each in value])
    if key == "algorithms":
        return _list([_algorithm(each) for each in value])
    if key == "change":
        return _list([f"({step}, {_world(world)})" for step, world in value])
    if key == "vary":
        return _table({name: _axis(name, spelt) for name, spelt in value.items()})
    if key == "fixed":
        return _table({name: repr(value_in(name, one)) for name, one in value.items()})
    return repr(value)


def _world(given: Any) -> str:
    if not isinstance(given, dict):
        return repr(given)
    data = {key: value_in(key, value) for key, value in given.items()}
    return f"gw.GridWorld.from_json({data!r})"


def _algorithm(given: Any) -> str:
    numbers = dict(given) if isinstance(given, dict) else {"algorithm": given}
    name = ALGORITHMS[numbers.pop("algorithm")].__name__
    return f"gw.{name}({', '.join(f'{key}={value!r}' for key, value in numbers.items())})"


def _axis(name: str, spelt: Any) -> str:
    if isinstance(spelt, list):
        return repr([value_in(name, value) for value in spelt])
    table = dict(spelt)
    if "values" in table:
        return _axis(name, table["values"])
    more = ", log=True" if table.pop("log", False) else ""
    [(maker, arguments)] = table.items()
    return f"gw.{maker}({', '.join(map(repr, arguments))}{more})"


def _list(parts: list[str]) -> str:
    return f"[{', '.join(parts)}]"


def _table(parts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key!r}: {value}" for key, value in parts.items()) + "}"
