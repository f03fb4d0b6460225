"""`gridworld-bench solve`: the exact optimum."""

import math
import time

import click

from gridworld_cli.commands.show import show_optimum
from gridworld_cli.options import as_json, discount_factor, read_world, slip_option, world_option
from gridworld_cli.report import duration, pairs, print_json
from gridworld_cli.rules import rules

__all__ = ["solve"]

SCHEMA = "gridworld-bench/solve/1"


@click.command()
@world_option()
@slip_option
@discount_factor
@as_json("the values and the policy")
def solve(world: str, slip: float | None, discount_factor: float, as_json: bool) -> None:
    """Compute the exact optimal values and policy; max_steps is ignored."""
    import gridworld.exact.solver

    grid = read_world(world, slip)
    begin = time.perf_counter()
    solution = gridworld.exact.solver.solve(grid, discount_factor=discount_factor)
    seconds = time.perf_counter() - begin
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "world": grid.name,
                "slip": grid.slip,
                "rewards": grid.rewards.to_json(),
                "discount_factor": discount_factor,
                "seconds": seconds,
                "iterations": solution.iterations,
                "error": _finite(solution.error),
                "expected_return": _finite(solution.expected_return),
                "values": [_finite(value) for value in solution.v.tolist()],
                "greedy_actions": [row.nonzero()[0].tolist() for row in solution.policy.ties],
            }
        )
        return
    pairs(
        [
            ("world", f"{grid.name}, {grid.width} x {grid.height}"),
            *rules(grid),
            ("return", f"{solution.expected_return:.6g} (expected, from the start, discounted)"),
            ("error", f"at most {solution.error:.1g}"),
            ("took", f"{duration(seconds)}, {solution.iterations} policies"),
        ]
    )
    show_optimum(grid, solution)


def _finite(value: float) -> float | None:
    """JSON has no infinity."""
    return value if math.isfinite(value) else None
