"""A run of an experiment as a link, which anybody repeats on the command line or the page."""

from typing import Any

from gridworld import tables
from gridworld.errors import ExperimentError, LinkError
from gridworld.experiments.plans.content import is_named_process
from gridworld.experiments.plans.plan import Plan, Setting
from gridworld.mdp import Mdp
from gridworld.store.link import write_link
from gridworld.worlds import is_named

__all__ = ["link_of"]


def link_of(plan: Plan, setting: Setting, run: int, page: str) -> str:
    """A link to run number `run` of a setting: one agent of that number.

    Raises:
        ExperimentError: There is no such run; or no link holds it, because a world of it is a
            process that no name makes, or is too large. The message says how to repeat it in
            Python.
    """
    if not 0 <= run < plan.runs:
        raise ExperimentError(f"the run must be in [0, {plan.runs}), got {run}")
    settings: dict[str, Any] = {
        **setting.algorithm.to_json(),
        "num_episodes": _budget("num_episodes", plan.episodes),
        "num_steps": _budget("num_steps", plan.steps),
        "seed": plan.seed,
        "first_agent": run,
        "speed": None,
    }
    try:
        settings |= _world(setting.mdp)
        if setting.changes:
            settings["change"] = [(step, _world(mdp)) for step, mdp in setting.changes]
        return write_link(settings, page)
    except LinkError as error:
        raise ExperimentError(f"{error}: {_in_python(plan, setting, run)}") from None


def _budget(key: str, count: int | None) -> int | None:
    """What a link holds at most is more than any run comes to."""
    most = tables.parameter(key).range
    return None if count is None or most is None else min(count, int(most.high))


def _world(mdp: Mdp) -> dict[str, Any]:
    """What a link says of a world.

    Raises:
        LinkError: No link holds it.
    """
    if (world := mdp.world) is not None:
        named = world.name if is_named(world) else world.to_json()
        return {"world": named, "slip": world.slip, "max_steps": world.max_steps}
    if is_named_process(mdp):
        return {"world": mdp.name, "slip": 0.0, "max_steps": None}
    raise LinkError(f"a link must be to grids or processes that a name makes, got {mdp.name}")


def _in_python(plan: Plan, setting: Setting, run: int) -> str:
    """How to repeat a run without a link."""
    budget = {"episodes": plan.episodes, "steps": plan.steps}
    given = [f"{key}={count}" for key, count in budget.items() if count is not None]
    if setting.changes:
        given.append("change=s.changes")
    return (
        f"in Python, s = plan.setting({setting.index}) and gridworld.train(s.mdp, s.algorithm,"
        f" first_agent={run}, seed={plan.seed}, {', '.join(given)}) repeat it"
    )
