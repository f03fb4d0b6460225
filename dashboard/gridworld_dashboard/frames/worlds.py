"""The world as a frame shows it."""

from typing import Any, Final

from gridworld.world import GridWorld

__all__ = ["DEFINED_CELLS", "world_data"]

DEFINED_CELLS: Final = 10_000
"""Larger worlds without a name do not travel as a definition: no link could hold it."""


def world_data(world: GridWorld, *, named: bool) -> dict[str, Any]:
    """The world itself, which stays the same for a run.

    Args:
        world: As it is in force.
        named: Whether its name alone, with slip and the limit on the steps, makes it.
    """
    defined = not named and world.n_states <= DEFINED_CELLS
    return {
        "name": world.name,
        "rows": list(world.rows),
        "width": world.width,
        "height": world.height,
        "slip": world.slip,
        "wind": list(world.wind) or None,
        "portals": [[list(entry), list(exit_)] for entry, exit_ in world.portals],
        "max_steps": world.max_steps,
        "named": named,
        "definition": world.to_json() if defined else None,
    }
