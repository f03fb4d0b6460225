"""`gridworld-bench show`: map, values and policy in the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridworld.tables import DEFAULTS, parameter
from gridworld_cli.options import (
    Count,
    Number,
    StepLimit,
    help_of,
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
@click.option("--agent", type=Count(0), help="With --load: its row of the checkpoint. Default: 0.")
@click.option(
    "--discount-factor",
    type=Number(),
    help=help_of(parameter("discount_factor")) + " Not with --load.",
)
def show(
    world: str | None,
    slip: float | None,
    max_steps: StepLimit,
    load: Path | None,
    agent: int | None,
    discount_factor: float | None,
) -> None:
    """Draw a world, its values and the greedy policy.

    They are those that --load brings, else the exact optimum.
    """
    from gridworld_cli.drawing import draw_map, draw_policy, draw_values, greedy_actions

    if load is None:
        from gridworld.exact.solver import solve

        if agent is not None:
            raise click.UsageError("--agent must come with --load, got it alone")
        if discount_factor is None:
            discount_factor = DEFAULTS["discount_factor"]
        grid = read_world(world or DEFAULTS["world"], slip, max_steps)
        _head(grid)
        draw_map(grid)
        show_optimum(grid, solve(grid, discount_factor=discount_factor))
        return
    if discount_factor is not None:
        raise click.UsageError(
            "--discount-factor must be left out with --load: what was learnt has its own"
        )
    agent = agent or 0
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
    draw_policy(grid, solution.policy.ties, solution.policy.any(axis=1))


def _head(grid: "gw.GridWorld") -> None:
    limit = "no limit of steps" if grid.max_steps is None else f"at most {grid.max_steps:,} steps"
    click.echo(f"{grid.name}: {grid.width} x {grid.height}, {limit}")
