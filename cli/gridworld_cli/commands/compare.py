"""`gridworld-bench compare`: other implementations of the same work, in the same run."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from gridworld_cli.options import COUNT, as_json, output_option
from gridworld_cli.report import print_json, short, status, table, writable, write_text

if TYPE_CHECKING:
    from gridworld_peers import Work

__all__ = ["compare"]

SCHEMA = "gridworld-bench/compare/2"

MEMORY_SHARE = 0.5
"""Part of the free memory that the cases of one work may take together."""


@click.command()
@click.option(
    "--size",
    "sizes",
    type=click.IntRange(2, 8192),
    multiple=True,
    default=(5, 64),
    show_default=True,
    help="Of the world; 5 is the default world; may be repeated.",
)
@click.option(
    "--agents",
    type=COUNT,
    multiple=True,
    default=(1, 32, 1024),
    show_default=True,
    help="Each with a table of its own; may be repeated.",
)
@click.option(
    "--algorithm",
    "algorithms",
    multiple=True,
    help="What is learnt by, q_learning or one of those of which there is a loop in C for one"
    " agent: sarsa_lambda, n_step_sarsa, dyna_q; may be repeated.  [default: all of them]",
)
@click.option("--repeats", type=COUNT, default=5, show_default=True, help="Of each case.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.001),
    default=0.3,
    show_default=True,
    help="About how long each repeat lasts.",
)
@output_option("--output", "Write the figures as JSON there.")
@output_option("--picture", "Draw them as SVG there.")
@as_json("the figures")
def compare(
    sizes: tuple[int, ...],
    agents: tuple[int, ...],
    algorithms: tuple[str, ...],
    repeats: int,
    seconds: float,
    output: str | None,
    picture: str | None,
    as_json: bool,
) -> None:
    """Measure this tool beside other ways of doing the same work.

    Q-learning with epsilon 0.1 on the default world and on open grids: a Python loop, a Gymnasium
    loop, JAX, C, and C with AVX-512 intrinsics, each where this machine has what it needs. And
    SARSA(lambda), n-step SARSA and Dyna-Q beside C, one agent each. What would take more than half
    of the free memory is skipped.
    """
    from gridworld_cli.chart import chart
    from gridworld_cli.measure import machine
    from gridworld_peers import ALGORITHMS, Work

    if unknown := [name for name in algorithms if name not in ALGORITHMS]:
        raise click.UsageError(
            f"--algorithm must be one of {', '.join(ALGORITHMS)}, got {unknown[0]!r}"
        )
    wanted = [
        Work(size, count, name)
        for name in algorithms or ALGORITHMS
        for size in sizes
        for count in (agents if name == "q_learning" else (1,))
    ]
    missing: dict[str, str] = {}
    with writable(output, picture):
        with status(silent=as_json) as tell:
            works = [
                _measured(work, repeats, seconds, missing, tell) for work in dict.fromkeys(wanted)
            ]
        data = {"schema": SCHEMA, "machine": machine(), "works": works, "missing": missing}
        if as_json:
            print_json(data)
        else:
            _show(data)
        for name, reason in missing.items():
            click.echo(f"left out: {name} ({reason})", err=as_json)
        for path, text in (
            (output, json.dumps(data, indent=2, allow_nan=False) + "\n"),
            (picture, chart(data)),
        ):
            if path is not None:
                write_text(path, text)
                click.echo(f"written to {path}", err=as_json)


def _measured(
    work: "Work",
    repeats: int,
    seconds: float,
    missing: dict[str, str],
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """One entry of `works`; all that was allocated for it is free again."""
    import psutil

    from gridworld_cli.chart import title
    from gridworld_cli.measure import Case, measure
    from gridworld_peers import PEERS, REFERENCE, Unavailable

    entry: dict[str, Any] = {
        "size": work.size,
        "agents": work.agents,
        "algorithm": work.algorithm,
    }
    able = [peer for peer in PEERS if peer.name not in missing and peer.can(work)]
    needs, free = len(able) * work.needs_bytes, psutil.virtual_memory().available
    if needs > MEMORY_SHARE * free:
        return entry | {"results": [], "skipped": {"needs_bytes": needs, "free_bytes": free}}
    name, cases = title(entry), []
    for peer in able:
        tell(f"{name}: preparing {peer.name}")
        try:
            cases.append(Case(peer.name, peer.prepare(work).run, {"threads": peer.threads}))
        except Unavailable as error:
            missing[peer.name] = str(error)
    results = measure(
        cases, repeats=repeats, seconds=seconds, tell=lambda text: tell(f"{name}: {text}")
    )
    first = next((result for result in results if result.case.name == REFERENCE), results[0])
    return entry | {
        "skipped": None,
        "results": [
            result.to_json() | {"ratio": result.median / first.median, "spread": result.spread}
            for result in results
        ],
    }


def _show(data: dict[str, Any]) -> None:
    from gridworld_cli.chart import case, ratio, skipped, title

    rows = []
    for work in data["works"]:
        if work["skipped"]:
            rows.append((title(work), skipped(work), "", "", ""))
        for i, result in enumerate(work["results"]):
            rows.append(
                (
                    "" if i else title(work),
                    case(result),
                    short(result["steps_per_second"]["median"]),
                    f"{result['spread']:.0%}",
                    ratio(result["ratio"]),
                )
            )
    table(("work", "case", "steps/s", "+-", "ratio"), rows, right=(2, 3, 4))
    facts = data["machine"]
    click.echo(
        f"\n{facts['processor']}, {facts['processors']} processors, "
        f"{facts['vector_instructions'] or 'no vector instructions'}; "
        f"Python {facts['python']}, Numba {facts['packages']['numba']}"
    )
