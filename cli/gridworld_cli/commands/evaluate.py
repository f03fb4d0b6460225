"""`gridworld-bench evaluate`: how good a learnt policy is."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridworld.tables import parameter
from gridworld_cli.options import (
    COUNT,
    Count,
    StepLimit,
    as_json,
    max_steps_option,
    slip_option,
    world_option,
)
from gridworld_cli.report import pairs, print_json
from gridworld_cli.tables import read_tables

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["evaluate"]

SCHEMA = "gridworld-bench/evaluate/2"

MOST_LISTED = 64
"""Agents whose means are printed one by one."""


@click.command()
@click.option(
    "--load",
    type=click.Path(path_type=Path),
    required=True,
    help="A checkpoint or an exchange JSON.",
)
@world_option(default=None)
@slip_option
@max_steps_option
@click.option("--episodes", type=COUNT, default=100, show_default=True, help="For each agent.")
@click.option(
    "--seed", type=Count(0), default=0, show_default=True, help="Source of all random numbers."
)
@click.option(
    "--epsilon",
    type=float,
    default=0.0,
    show_default=True,
    help="Probability of a random action, in [0, 1].",
)
@click.option(
    "--ties",
    type=click.Choice([each.key for each in parameter("ties").choices]),
    default="lowest",
    show_default=True,
    help=parameter("ties").says,
)
@click.option(
    "--discount-factor",
    type=float,
    default=1.0,
    show_default=True,
    help="Of the returns, in [0, 1].",
)
@as_json(
    "mean, quartiles (of up to 10 million episodes) and, of at most 64 agents, each one's mean"
)
@click.option("--full", is_flag=True, help="With --json: the figures of every episode as well.")
def evaluate(
    load: Path,
    world: str | None,
    slip: float | None,
    max_steps: StepLimit,
    episodes: int,
    seed: int,
    epsilon: float,
    ties: str,
    discount_factor: float,
    as_json: bool,
    full: bool,
) -> None:
    """Run the greedy policy of a learnt Q-table, without learning.

    Where the world has no limit of steps, an episode is given up after 10,000 steps, or more in
    a large world.
    """
    from gridworld.exact import evaluation

    if full and not as_json:
        raise click.UsageError("--full must come with --json, got it alone")
    learnt = read_tables(load, world, slip, max_steps)
    result = evaluation.evaluate(
        learnt.mdp,
        learnt.q,
        episodes=episodes,
        seed=seed,
        epsilon=epsilon,
        ties=ties,
        discount_factor=discount_factor,
        keep="episodes" if full else "auto",
    )
    means = result.return_mean
    kept = result.figures is not None
    if as_json:
        data: dict[str, Any] = {
            "schema": SCHEMA,
            "world": learnt.mdp.name,
            "agents": len(learnt.q),
            "episodes": episodes,
            "seed": seed,
            "epsilon": epsilon,
            "ties": ties,
            "discount_factor": discount_factor,
            "mean_return": float(means.mean()),
            "mean_length": float(result.length_mean.mean()),
            "terminated": float(result.ended.mean() / episodes),
            "return_quartiles": _quartiles(result.returns) if kept else None,
            "length_quartiles": _quartiles(result.lengths) if kept else None,
        }
        if len(means) <= MOST_LISTED:
            data["agent_returns"] = means.tolist()
            data["agent_lengths"] = result.length_mean.tolist()
        if full:
            data["returns"] = result.returns.tolist()
            data["lengths"] = result.lengths.tolist()
        print_json(data)
        return
    low, high = result.return_min.min(), result.return_max.max()
    rows = [
        ("world", learnt.mdp.name),
        ("agents", f"{len(learnt.q):,}"),
        ("episodes", f"{episodes:,} each"),
        ("return", f"{means.mean():.4g} (lowest {low:.4g}, highest {high:.4g})"),
        ("length", f"{result.length_mean.mean():.4g} steps"),
        ("ended", f"{result.ended.mean() / episodes:.1%} (the others ran out of steps)"),
    ]
    if len(learnt.q) > 1:
        rows.append(("best agent", f"{means.argmax()}, return {means.max():.4g}"))
    pairs(rows)


def _quartiles(values: "npt.NDArray[np.float64 | np.int32]") -> list[float]:
    """Lowest, 25 %, median, 75 % and highest, over all episodes of all agents."""
    import numpy as np

    found: list[float] = np.percentile(values, (0, 25, 50, 75, 100)).tolist()
    return found
