"""`gridworld-bench evaluate`: how good a learnt policy is."""

from pathlib import Path

import click

from gridworld_cli.options import COUNT, Count, as_json, world_option
from gridworld_cli.report import pairs, print_json
from gridworld_cli.tables import read_tables

__all__ = ["evaluate"]

SCHEMA = "gridworld-bench/evaluate/1"


@click.command()
@click.option(
    "--load",
    type=click.Path(path_type=Path),
    required=True,
    help="A checkpoint or an exchange JSON.",
)
@world_option(default=None)
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
    "--discount-factor",
    type=float,
    default=1.0,
    show_default=True,
    help="Of the returns, in [0, 1].",
)
@as_json("the returns and lengths")
def evaluate(
    load: Path,
    world: str | None,
    episodes: int,
    seed: int,
    epsilon: float,
    discount_factor: float,
    as_json: bool,
) -> None:
    """Run the greedy policy of a learnt Q-table, without learning.

    Where the world has no limit of steps, an episode is given up after 10,000 steps, or more in
    a large world.
    """
    from gridworld import evaluation

    learnt = read_tables(load, world)
    result = evaluation.evaluate(
        learnt.mdp,
        learnt.q,
        episodes=episodes,
        seed=seed,
        epsilon=epsilon,
        discount_factor=discount_factor,
    )
    means = result.returns.mean(axis=1)
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "world": learnt.mdp.name,
                "agents": len(learnt.q),
                "episodes": episodes,
                "seed": seed,
                "epsilon": epsilon,
                "discount_factor": discount_factor,
                "mean_return": float(means.mean()),
                "mean_length": float(result.lengths.mean()),
                "terminated": float(result.terminated.mean()),
                "returns": result.returns.tolist(),
                "lengths": result.lengths.tolist(),
            }
        )
        return
    low, high = result.returns.min(), result.returns.max()
    rows = [
        ("world", learnt.mdp.name),
        ("agents", f"{len(learnt.q):,}"),
        ("episodes", f"{episodes:,} each"),
        ("return", f"{means.mean():.4g} (lowest {low:.4g}, highest {high:.4g})"),
        ("length", f"{result.lengths.mean():.4g} steps"),
        ("ended", f"{result.terminated.mean():.1%} (the others ran out of steps)"),
    ]
    if len(learnt.q) > 1:
        rows.append(("best agent", f"{means.argmax()}, return {means.max():.4g}"))
    pairs(rows)
