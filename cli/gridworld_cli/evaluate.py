"""`gridworld-bench evaluate`: how good a learnt policy is."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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

    import gridworld as gw

__all__ = ["evaluate"]

SCHEMA = "gridworld-bench/evaluate/2"

ENDS = (
    ("reached_goal", "at a goal"),
    ("reached_pit", "in a pit"),
    ("reached_end", "at an end"),
    ("cut_off", "cut off (out of steps)"),
)
"""How episodes end, and how that is said; `reached_end` is of worlds without cells."""

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
    discount_factor: float,
    as_json: bool,
    full: bool,
) -> None:
    """Run the greedy policy of a learnt Q-table, without learning.

    A checkpoint brings its world. A JSON is for the world that it names, for that of --world, or
    for the default one; a name in it that differs from --world is refused.

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
        discount_factor=discount_factor,
        keep="episodes" if full else "auto",
    )
    means = result.return_mean
    kept = result.figures is not None
    ends = _ends(learnt.mdp, result)
    if as_json:
        data: dict[str, Any] = {
            "schema": SCHEMA,
            "world": learnt.mdp.name,
            "agents": len(learnt.q),
            "episodes": episodes,
            "seed": seed,
            "epsilon": epsilon,
            "discount_factor": discount_factor,
            "mean_return": float(means.mean()),
            "mean_length": float(result.length_mean.mean()),
            "terminated": float(result.ended.mean() / episodes),
            **ends,
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
        (
            "ended",
            ", ".join(f"{_percent(ends[key])} {words}" for key, words in ENDS if ends.get(key)),
        ),
    ]
    if len(learnt.q) > 1:
        rows.append(("best agent", f"{means.argmax()}, return {means.max():.4g}"))
    pairs(rows)


def _ends(mdp: "gw.Mdp", result: "gw.Evaluation") -> dict[str, float]:
    """Which part of the episodes ended how; only what the world has."""
    import numpy as np

    count = len(result.ended) * result.episodes
    ended = int(result.ended.sum())
    cut_off = {"cut_off": (count - ended) / count}
    if mdp.world is None:
        return {"reached_end": ended / count} | cut_off
    cells = np.frombuffer(mdp.world.cells, "S1")
    goals, pits = (float(result.ends[cells == cell].sum() / count) for cell in (b"G", b"X"))
    return {"reached_goal": goals, "reached_pit": pits} | cut_off


def _percent(share: float) -> str:
    """With one decimal; what is not all or nothing does not look like it."""
    text = f"{share:.1%}"
    if text == "0.0%" and share > 0:
        return "less than 0.1%"
    return "more than 99.9%" if text == "100.0%" and share < 1 else text


def _quartiles(values: "npt.NDArray[np.float64 | np.int32]") -> list[float]:
    """Lowest, 25 %, median, 75 % and highest, over all episodes of all agents."""
    import numpy as np

    found: list[float] = np.percentile(values, (0, 25, 50, 75, 100)).tolist()
    return found
