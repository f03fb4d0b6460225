"""What may be given wherever a world is asked for: the world, its arrays, or a name."""

from gridworld.errors import WorldError
from gridworld.mdp import Mdp, compile_world
from gridworld.world import GridWorld
from gridworld.worlds import make

__all__ = ["as_grid", "as_mdp", "named"]


def named(world: GridWorld | Mdp | str) -> GridWorld | Mdp:
    """What is meant by a name; anything else is what it was.

    Raises:
        WorldError: There is no world of that name.
    """
    return make(world) if isinstance(world, str) else world


def as_mdp(world: GridWorld | Mdp | str) -> Mdp:
    """The arrays of a world.

    Raises:
        WorldError: There is no world of that name, or it is no world.
    """
    found = named(world)
    return found if isinstance(found, Mdp) else compile_world(found)


def as_grid(world: GridWorld | Mdp | str, what: str) -> GridWorld:
    """The grid of a world.

    Args:
        world: A grid world, its arrays, or its name.
        what: What needs a grid, for the error.

    Raises:
        WorldError: There is no world of that name, or it has no grid.
    """
    found = named(world)
    grid = found.world if isinstance(found, Mdp) else found
    if not isinstance(grid, GridWorld):
        raise WorldError(f"{what} must be of a grid world, got {world!r:.80}")
    return grid
