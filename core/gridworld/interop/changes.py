"""Worlds with other numbers."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from gridworld.errors import WorldError
from gridworld.given import named
from gridworld.mdp import Mdp, compile_world
from gridworld.rewards import Rewards, with_cells_by_row
from gridworld.validation import step_limit
from gridworld.world import GridWorld

__all__ = ["CHANGES", "changed", "process_of"]

CHANGES = tuple(each.name for each in fields(GridWorld) if each.name not in ("cells", "width"))
"""What of a grid may differ."""


def changed(world: GridWorld | Mdp, changes: Mapping[str, Any]) -> Mdp:
    """The process of a world with other numbers.

    Args:
        world: A grid world or a process.
        changes: Fields of a `GridWorld`, and `rewards` as `Rewards.from_json` reads them as well.

    Raises:
        WorldError: It is no world, or cannot have these numbers.
    """
    for key in changes:
        if key not in CHANGES:
            raise WorldError(
                f"what differs of a world must be one of {', '.join(CHANGES)}, got {key!r:.80}"
            )
    if isinstance(world, Mdp):
        if not changes:
            return world
        if world.world is None:
            if not set(changes) <= {"max_steps", "name"}:
                raise WorldError(
                    "a process without a grid can have another max_steps or name alone,"
                    f" got {', '.join(changes)}"
                )
            limit = step_limit(changes.get("max_steps", world.max_steps or None), WorldError)
            return replace(world, max_steps=limit or 0, name=changes.get("name", world.name))
        world = world.world
    if not isinstance(world, GridWorld):
        return compile_world(world)  # which says what must hold
    values = dict(changes)
    rewards = values.get("rewards")
    if rewards is not None and not isinstance(rewards, Rewards):
        values["rewards"] = Rewards.from_json(with_cells_by_row(rewards, world.cells, world.width))
    return compile_world(replace(world, **values) if values else world)


def process_of(world: GridWorld | Mdp | str, changes: Mapping[str, Any]) -> Mdp:
    """A process by its name or from what describes it, a grid with other numbers.

    Raises:
        WorldError: There is no such world, or it cannot have them.
    """
    return changed(named(world), changes)
