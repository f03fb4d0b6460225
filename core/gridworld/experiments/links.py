"""A run of an experiment as a link, which anybody repeats on the page or the command line."""

from gridworld.errors import ExperimentError
from gridworld.experiments.plans.plan import Plan, Setting
from gridworld.store.link import write_link
from gridworld.world import GridWorld
from gridworld.worlds import is_named

__all__ = ["link_of"]


def link_of(plan: Plan, setting: Setting, run: int, page: str) -> str:
    """A link to run number `run` of a setting: one agent of that number.

    Raises:
        ExperimentError: There is no such run; or no link holds it, because its world is no grid.
        LinkError: The seed or a budget is above what a link holds (see `gridworld.write_link`).
    """
    if not 0 <= run < plan.runs:
        raise ExperimentError(f"the run must be in [0, {plan.runs}), got {run}")
    if not isinstance(setting.world, GridWorld):
        raise ExperimentError(f"a link holds grid worlds only, got {setting.mdp.name}")
    if setting.changes:
        raise ExperimentError("a link holds one world, got a plan with a change of it")
    world = setting.world
    return write_link(
        {
            "world": world.name if is_named(world) else world.to_json(),
            "slip": world.slip,
            "max_steps": world.max_steps,
            **setting.algorithm.to_json(),
            "num_episodes": plan.episodes,
            "num_steps": plan.steps,
            "seed": plan.seed,
            "first_agent": run,
            "speed": None,
        },
        page,
    )
