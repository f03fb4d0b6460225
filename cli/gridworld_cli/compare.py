"""`gridworld-bench compare`: other implementations of the same work, in the same run."""

from pathlib import Path

import click

from gridworld_cli.bench import Work, own_case
from gridworld_cli.options import COUNT, as_json
from gridworld_cli.report import present, status

__all__ = ["compare"]

SCHEMA = "gridworld-bench/compare/1"

OWN = (
    ("gridworld-bench, 1 agent", Work()),
    ("gridworld-bench, 32 agents", Work(agents=32)),
    ("gridworld-bench, 8,192 agents, all threads", Work(agents=8192, threads=None)),
)


@click.command()
@click.option("--repeats", type=COUNT, default=5, show_default=True, help="Of each case.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.001),
    default=0.3,
    show_default=True,
    help="About how long each repeat lasts.",
)
@click.option("--output", type=click.Path(path_type=Path), help="Write the figures as JSON there.")
@as_json("the figures")
def compare(repeats: int, seconds: float, output: Path | None, as_json: bool) -> None:
    """Measure this tool beside other ways of doing the same work.

    Q-learning on the default world, epsilon 0.1: a Python loop, a Gymnasium loop, JAX, C, and C
    with AVX-512 intrinsics, each where this machine has what it needs.
    """
    from gridworld_cli.measure import Case, measure
    from gridworld_peers import available_peers

    with status(silent=as_json) as tell:
        tell("preparing")
        peers, missing = available_peers()
        cases = [Case(peer.name, peer.run, peer.facts) for peer in peers]
        cases += [own_case(work, name) for name, work in OWN]
        results = measure(cases, repeats=repeats, seconds=seconds, tell=tell)
    present(SCHEMA, results, as_json=as_json, output=output)
    for name, reason in missing.items():
        click.echo(f"left out: {name} ({reason})", err=as_json)
