"""How a plan's TOML spells its parts."""

from collections.abc import Mapping
from typing import Any, Final

from gridworld.algorithms import Algorithm, algorithm_from_json
from gridworld.errors import ExperimentError, GridworldError
from gridworld.experiments.plans.axes import Axis
from gridworld.experiments.plans.content import is_named_process
from gridworld.mdp import Mdp
from gridworld.world import GridWorld
from gridworld.worlds import make

__all__ = [
    "NEVER",
    "algorithm_in",
    "algorithm_out",
    "axes_out",
    "value_in",
    "value_out",
    "world_in",
    "world_out",
]

NEVER: Final = "none"
"""How TOML, which has no null, writes it."""


def world_out(world: GridWorld | Mdp) -> Any:
    """A name, or the world's table.

    Raises:
        ExperimentError: It is no grid.
    """
    if isinstance(world, Mdp):
        if is_named_process(world):
            return world.name
        raise ExperimentError(
            f"a plan's text cannot hold the process {world.name}, only grids and named processes"
        )
    try:
        if make(world.name) == world:
            return world.name
    except GridworldError:
        pass  # a world of one's own
    data = {key: value for key, value in world.to_json().items() if value not in (None, [], "")}
    return data | ({"max_steps": NEVER} if world.max_steps is None else {})


def world_in(given: Any) -> Any:
    """The inverse of `world_out`; a name stays one.

    Raises:
        ExperimentError: The table is no world's.
    """
    if not isinstance(given, dict):
        return given
    data = {key: value_in(key, value) for key, value in given.items()}
    try:
        return GridWorld.from_json(data)
    except GridworldError as error:
        raise ExperimentError(f"worlds cannot be: {error}") from None


def algorithm_out(algorithm: Algorithm) -> Any:
    """A name, or a table of the numbers that are not the defaults."""
    plain = type(algorithm)().to_json()
    changed = {k: v for k, v in algorithm.to_json().items() if v != plain.get(k)}
    return {"algorithm": algorithm.name, **changed} if changed else algorithm.name


def algorithm_in(given: Any) -> Any:
    """The inverse of `algorithm_out`; a name stays one.

    Raises:
        ExperimentError: The table is no algorithm's.
    """
    if not isinstance(given, dict):
        return given
    try:
        return algorithm_from_json(given)
    except GridworldError as error:
        raise ExperimentError(f"algorithms cannot be: {error}") from None


def axes_out(axes: Mapping[str, Axis]) -> dict[str, Any]:
    """Each axis as a list, or as the table that made it.

    TOML's writers put lists before tables: where there are both all are tables, so that the axes
    stay in order.
    """
    found = {}
    for name, axis in axes.items():
        listed = [value_out(value) for value in axis.values]
        found[name] = listed if isinstance(axis.spelt, list) else axis.spelt
    if any(isinstance(spelt, dict) for spelt in found.values()):
        return {k: {"values": v} if isinstance(v, list) else v for k, v in found.items()}
    return found


def value_out(value: Any) -> Any:
    """A value of a parameter."""
    return NEVER if value is None else value


def value_in(key: str, value: Any) -> Any:
    """The inverse of `value_out`."""
    return None if key == "max_steps" and value == NEVER else value
