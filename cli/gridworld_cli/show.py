"""`gridworld-bench show`: map, values and policy in the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridworld.tables import DEFAULTS
from gridworld_cli.options import (
    Count,
    StepLimit,
    max_steps_option,
    read_world,
    slip_option,
    world_option,
)
from gridworld_cli.tables import read_tables

if TYPE_CHECKING:
    import gridworld as gw
    from gridworld.exact.solver import Solution

__all__ = ["show", "show_optimum"]


@click.command()
@world_option(default=None)
@slip_option
@max_steps_option
@click.option("--load", type=click.Path(path_type=Path), help="A checkpoint or an exchange JSON.")
@click.option("--agent", type=Count(0), default=0, show_default=True, help="Row of a checkpoint.")
@click.option(
    "--discount-factor",
    type=float,
    default=DEFAULTS["discount_factor"],
    show_default=True,
    help="Of the exact optimum.",
)
def show(
    world: str | None,
    slip: float | None,
    max_steps: StepLimit,
    load: Path | None,
    agent: int,
    discount_factor: float,
) -> None:
    """Draw a world, its values and the greedy policy.

    They are those that --load brings, else the exact optimum.
    """
    from gridworld_cli.drawing import draw_map, draw_policy, draw_values, greedy_actions

    if load is None:
        from gridworld.exact.solver import solve

        grid = read_world(world or "default", slip, max_steps)
        _head(grid)
        draw_map(grid)
        show_optimum(grid, solve(grid, discount_factor=discount_factor))
        return
    learnt = read_tables(load, world, slip, max_steps)
    found = learnt.mdp.world
    if found is None:
        raise click.ClickException(f"{load} must hold a grid to be drawn, got {learnt.mdp.name}")
    if agent >= len(learnt.q):
        raise click.UsageError(f"--agent must be below {len(learnt.q)}, got {agent}")
    q, known = learnt.q[agent], learnt.known[agent]
    _head(found)
    draw_map(found)
    click.echo("\nvalues (max over the actions)")
    draw_values(found, q.max(axis=1), known)
    click.echo("\ngreedy policy")
    draw_policy(found, greedy_actions(q), known)


def show_optimum(grid: "gw.GridWorld", solution: "Solution") -> None:
    """Draw the values and the policy of an exact solution."""
    import numpy as np

    from gridworld_cli.drawing import draw_policy, draw_values

    click.echo(f"\noptimal values (discount factor {solution.discount_factor:g})")
    draw_values(grid, solution.v, np.isfinite(solution.v))
    click.echo("\noptimal policy")
    draw_policy(grid, solution.policy, np.asarray(solution.policy.any(axis=1)))


def _head(grid: "gw.GridWorld") -> None:
    limit = "no limit of steps" if grid.max_steps is None else f"at most {grid.max_steps:,} steps"
    click.echo(f"{grid.name}: {grid.width} x {grid.height}, {limit}")
