"""A plan as the keys of its TOML, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gridworld.errors import ExperimentError
from gridworld.experiments.plans.axes import Axis, axis_from_toml
from gridworld.experiments.plans.parts import several, table
from gridworld.experiments.plans.spelling import (
    algorithm_in,
    algorithm_out,
    axes_out,
    value_in,
    value_out,
    world_in,
    world_out,
)

__all__ = ["plan_in", "plan_out"]


def plan_out(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a plan's TOML.

    Args:
        plan: Its attributes.

    Raises:
        ExperimentError: It holds a process that has no grid, or a measure of your own, which no
            text holds.
    """
    data: dict[str, Any] = {"name": plan["name"]} if plan["name"] else {}
    data["worlds"] = [world_out(world) for world in plan["worlds"]]
    data["algorithms"] = [algorithm_out(a) for a in plan["algorithms"]]
    data["runs"] = plan["runs"]
    for name in ("episodes", "steps"):
        if plan[name] is not None:
            data[name] = plan[name]
    if plan["change"]:
        data["change"] = [[step, world_out(world)] for step, world in plan["change"]]
    data["seed"] = plan["seed"]
    for one in plan["measures"]:
        if not one.built_in:
            raise ExperimentError(f"a plan's text cannot hold the measure {one.name}")
    data["measures"] = [m.name for m in plan["measures"]]
    if plan["keep_curves"]:
        data["keep_curves"] = plan["keep_curves"]
    if plan["together"]:
        data["together"] = [list(group) for group in plan["together"]]
    if plan["fixed"]:
        data["fixed"] = {key: value_out(value) for key, value in plan["fixed"].items()}
    if plan["vary"]:
        data["vary"] = axes_out(plan["vary"])
    return data


def plan_in(data: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """The inverse of `plan_out`: the arguments of a plan.

    Args:
        data: Of a TOML text.
        known: What a plan may say.

    Raises:
        ExperimentError: A key is unknown, or a value cannot be.
    """
    values = dict(data)
    for key in values:
        if key not in known:
            raise ExperimentError(
                f"a plan must have no other keys than {', '.join(known)}, got {key!r:.80}"
            )
    if "worlds" in values:
        values["worlds"] = [world_in(w) for w in several("worlds", values["worlds"])]
    if "algorithms" in values:
        given = several("algorithms", values["algorithms"])
        values["algorithms"] = [algorithm_in(a) for a in given]
    if "change" in values:
        values["change"] = [
            [pair[0], world_in(pair[1])] if isinstance(pair, list) and len(pair) == 2 else pair
            for pair in several("change", values["change"])
        ]
    fixed, vary = (table(key, values.get(key, {})) for key in ("fixed", "vary"))
    values["fixed"] = {key: value_in(key, value) for key, value in fixed.items()}
    values["vary"] = {key: _axis_in(key, spelt) for key, spelt in vary.items()}
    return values


def _axis_in(key: str, spelt: Any) -> Any:
    axis = axis_from_toml(key, spelt)
    if isinstance(axis, Axis):
        return replace(axis, values=tuple(value_in(key, v) for v in axis.values))
    return axis
