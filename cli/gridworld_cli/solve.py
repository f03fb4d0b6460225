"""`gridworld-bench solve`: the exact optimum."""

import click

from gridworld_cli.options import as_json, discount_factor, read_world, world_option
from gridworld_cli.report import duration, pairs, print_json
from gridworld_cli.show import show_optimum

__all__ = ["solve"]

SCHEMA = "gridworld-bench/solve/1"


@click.command()
@world_option()
@discount_factor
@as_json("the values and the policy")
def solve(world: str, discount_factor: float, as_json: bool) -> None:
    """Compute the exact optimal values and policy; max_steps is ignored."""
    import time

    import gridworld as gw
    from gridworld_cli.drawing import TIE, greedy_actions

    grid = read_world(world)
    begin = time.perf_counter()
    solution = gw.solve(grid, discount_factor=discount_factor)
    seconds = time.perf_counter() - begin
    at_start = float(solution.v[grid.starts].mean())
    if as_json:
        greedy = greedy_actions(solution.q, TIE)
        print_json(
            {
                "schema": SCHEMA,
                "world": grid.name,
                "discount_factor": discount_factor,
                "seconds": seconds,
                "start_value": at_start,
                "values": solution.v.tolist(),
                "greedy_actions": [row.nonzero()[0].tolist() for row in greedy],
            }
        )
        return
    pairs(
        [
            ("world", f"{grid.name}, {grid.width} x {grid.height}"),
            ("value at the start", f"{at_start:.6g}"),
            ("took", duration(seconds)),
        ]
    )
    show_optimum(grid, solution, discount_factor)
