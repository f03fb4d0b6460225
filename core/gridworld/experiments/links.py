"""A run of an experiment as a link, which anybody repeats on the page or the command line."""

from gridworld import tables
from gridworld.errors import ExperimentError
from gridworld.experiments.plan import Plan, Setting
from gridworld.store.link import write_link
from gridworld.world import GridWorld
from gridworld.worlds import is_world_name

__all__ = ["link_of"]


def link_of(plan: Plan, setting: Setting, run: int, page: str) -> str:
    """A link to run number `run` of a setting.

    A link holds how many agents learn, not the number of the first: it runs all up to this one, and
    shows this one.

    Raises:
        ExperimentError: There is no such run; or no link holds it, because its world is no grid,
            its budget is one of steps, or its number is above what a page runs at once.
    """
    if not 0 <= run < plan.runs:
        raise ExperimentError(f"the run must be in [0, {plan.runs}), got {run}")
    if not isinstance(setting.world, GridWorld):
        raise ExperimentError(f"a link holds grid worlds only, got {setting.mdp.name}")
    if plan.episodes is None or plan.steps is not None:
        raise ExperimentError("a link holds a budget of episodes alone, got one of steps")
    most = tables.parameter("agents").range
    assert most is not None
    if run >= most.high:
        raise ExperimentError(f"a link holds runs up to number {most.high - 1}, got {run}")
    world = setting.world
    named = is_world_name(world.name)
    return write_link(
        {
            "world": world.name if named else world.to_json(),
            "slip": world.slip,
            "max_steps": world.max_steps,
            **setting.algorithm.to_json(),
            "num_episodes": plan.episodes,
            "seed": plan.seed,
            "agents": run + 1,
            "view": {"agent": run},
            "speed": None,
        },
        page,
    )
