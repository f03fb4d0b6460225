"""Worlds that one can step in; Gymnasium is imported when somebody asks for one."""

from typing import TYPE_CHECKING, Any

from gridworld.errors import require
from gridworld.mdp import Mdp
from gridworld.world import GridWorld

if TYPE_CHECKING:
    from gridworld.interop.env import GridEnv, Observation
    from gridworld.interop.vector import GridVectorEnv

__all__ = ["make_env", "make_vec_env"]


def make_env(
    world: GridWorld | Mdp | str,
    *,
    observation: "Observation" = "state",
    render_mode: str | None = None,
    **changes: Any,
) -> "GridEnv":
    """A world to step in, with Gymnasium's `reset`, `step` and `render`.

    Args:
        world: A grid world, an `Mdp`, or the name of a world.
        observation: `"state"`: the number of the state; `"xy"`: the cell (x, y), y downwards.
        render_mode: None, `"ansi"`, `"rgb_array"` or `"human"`.
        **changes: Of a grid world, what differs: `slip`, `max_steps`, `rewards`, `wind`, `portals`.

    Returns:
        `gridworld.interop.env.GridEnv`, a `gymnasium.Env`.

    Raises:
        WorldError: The world or a change of it is impossible.
        MissingExtraError: Gymnasium is not installed.
    """
    require("environments", "gymnasium", "gymnasium")
    from gridworld.interop.env import GridEnv

    return GridEnv(world, observation=observation, render_mode=render_mode, **changes)


def make_vec_env(
    world: GridWorld | Mdp | str,
    num_envs: int,
    *,
    observation: "Observation" = "state",
    autoreset: str = "next-step",
    **changes: Any,
) -> "GridVectorEnv":
    """Many copies of a world that are stepped together, in NumPy.

    Args:
        world: A grid world, an `Mdp`, or the name of a world.
        num_envs: Copies, at least 1.
        observation: As in `make_env`.
        autoreset: When a copy whose episode is over begins another: `"next-step"` (Gymnasium's
            way: the step after, whose action counts for nothing), `"same-step"` (at once; the
            last observation is in the info), or `"disabled"` (by `reset` alone).
        **changes: As in `make_env`.

    Returns:
        `gridworld.interop.vector.GridVectorEnv`, a `gymnasium.vector.VectorEnv`.

    Raises:
        WorldError: The world or a change of it is impossible.
        MissingExtraError: Gymnasium is not installed.
    """
    require("environments", "gymnasium", "gymnasium")
    from gridworld.interop.vector import GridVectorEnv

    return GridVectorEnv(num_envs, world, observation=observation, autoreset=autoreset, **changes)
