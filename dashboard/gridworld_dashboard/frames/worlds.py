"""The world as a frame shows it."""

from typing import Any, Final

from gridworld.errors import WorldError, shortened
from gridworld.rewards import describe_rewards
from gridworld.world import GridWorld

__all__ = ["DEFINED_CELLS", "cliffs", "rules", "world_data", "world_judged"]

DEFINED_CELLS: Final = 10_000
"""Larger worlds without a name do not travel as a definition: no link could hold it."""

MOST_OF_PROBLEM: Final = 400
"""Letters of what is wrong with a world."""


def rules(world: GridWorld) -> str:
    """What the map does not show, in a line: what is paid, slip, wind, and when an episode ends."""
    paid = describe_rewards(world.rewards, world.cells, brief=True)
    parts = paid.replace("-", "\N{MINUS SIGN}").split(", ")
    if world.slip:
        parts.append(f"{100 * world.slip:.3g} % of the moves slip aside")
    if any(world.wind):
        low, high = min(world.wind), max(world.wind)
        ways = [f"up to {high} up"] * (high > 0) + [f"up to {-low} down"] * (low < 0)
        parts.append(f"wind blows {' and '.join(ways)}")
    fatal = cliffs(world)
    if fatal:
        parts.append(f"the cliff leads to {', '.join(_places(world, fatal))}")
    if other := len(world.portals) - len(fatal):
        parts.append(f"{other} cell{'s lead' if other > 1 else ' leads'} elsewhere")
    if world.max_steps is not None:
        parts.append(f"at most {world.max_steps} steps")
    return " \N{MIDDLE DOT} ".join(parts)


def cliffs(world: GridWorld) -> list[list[int]]:
    """Cells that cost more than a step and throw the agent elsewhere."""
    costs = dict(world.rewards.cells)
    entries = [entry for entry, _ in world.portals]
    return [list(cell) for cell in entries if costs.get(cell, 0.0) < min(0.0, world.rewards.step)]


def _places(world: GridWorld, entries: list[list[int]]) -> list[str]:
    exits = dict.fromkeys(exit_ for entry, exit_ in world.portals if list(entry) in entries)
    starts = {divmod(int(state), world.width)[::-1] for state in world.starts}
    if set(exits) <= starts:
        return ["the start"]
    return [str(tuple(cell)) for cell in exits]


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
        "cliffs": cliffs(world),
        "max_steps": world.max_steps,
        "rules": rules(world),
        "named": named,
        "definition": world.to_json() if defined else None,
    }


def world_judged(given: object) -> tuple[str | None, dict[str, Any] | None]:
    """What the library says of a world that somebody draws.

    Args:
        given: A world, or what `GridWorld.from_json` reads.

    Returns:
        Why it cannot be, in a sentence, and nothing; or nothing, and the world as a frame shows it,
        with its definition.
    """
    try:
        world = given if isinstance(given, GridWorld) else GridWorld.from_json(given)
    except WorldError as error:
        return shortened(str(error), MOST_OF_PROBLEM), None
    return None, world_data(world, named=True) | {"definition": world.to_json()}
