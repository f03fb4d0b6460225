"""`gridworld-bench reproduce`: figures and examples of the books, with a verdict on each number."""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridworld_cli import signals
from gridworld_cli.options import COUNT, as_json
from gridworld_cli.progress import ProgressReport
from gridworld_cli.report import duration, print_json, short, table, write_text

if TYPE_CHECKING:
    from gridworld.experiments.running import ExperimentProgress
    from gridworld.textbook.report import Reproduced
    from gridworld.textbook.verdict import Figure

__all__ = ["reproduce"]

SCHEMA = "gridworld-bench/reproduce/1"

PASSED, FAILED = 0, 1


@click.command()
@click.argument("figures", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write report.md, report.html and a picture of each figure there.",
)
@click.option("--threads", type=COUNT, help="Default: one for each processor.")
@click.option(
    "--runs",
    type=COUNT,
    help="At most so many runs of each setting, to try it out: numbers then scatter more.",
)
@as_json("the numbers")
def reproduce(
    figures: Sequence[str],
    everything: bool,
    output: Path | None,
    threads: int | None,
    runs: int | None,
    as_json: bool,
) -> int:
    """Reproduce figures of the books: published numbers beside ours, with a verdict on each.

    FIGURES are keys or numbers (figure-6.3, 6.3); without any they are listed. Exit code 1: a
    number is not as published.
    """
    from gridworld.textbook.gallery import FIGURES, find

    if everything and figures:
        raise click.UsageError("--all must not be given with figures")
    if not (everything or figures):
        _list(as_json)
        return PASSED
    chosen = list(
        FIGURES.values()
        if everything
        else dict.fromkeys(figure for word in figures for figure in find(word))
    )
    if output is not None:
        output.mkdir(exist_ok=True)
    found = []
    for one in _run(chosen, threads, runs, silent=as_json):
        found.append(one)
        if not as_json:
            _tell(one)
    if output is not None:
        _write(found, output, silent=as_json)
    if as_json:
        print_json({"schema": SCHEMA, "figures": [_as_data(one) for one in found]})
    elif len(found) > 1:
        from gridworld.textbook.report import SUMMARY_HEADS, summary_of

        click.echo("")
        table(SUMMARY_HEADS, map(summary_of, found), right=(2, 4))
    return PASSED if all(one.drawn.passed for one in found) else FAILED


def _list(as_json: bool) -> None:
    from gridworld.textbook.gallery import FIGURES

    if as_json:
        print_json(
            [
                {"figure": each.key, "title": each.title, "source": each.source}
                for each in FIGURES.values()
            ]
        )
        return
    rows = [(each.key, each.title, each.source) for each in FIGURES.values()]
    table(("figure", "what it shows", "source"), rows)
    click.echo("\nrun one by: gridworld-bench reproduce 6.3")


def _run(
    figures: "Sequence[Figure]", threads: int | None, runs: int | None, *, silent: bool
) -> "Iterator[Reproduced]":
    from gridworld.textbook.report import Reproduced
    from gridworld.textbook.runner import Runner

    for figure in figures:
        begin = time.perf_counter()
        with (
            signals.held() as ended,
            ProgressReport(partial(_describe, figure.key), silent=silent) as told,
        ):
            runner = Runner(threads=threads, most_runs=runs, progress=told, should_stop=ended)
            drawn = figure.draw(runner)
        yield Reproduced(figure, drawn, time.perf_counter() - begin)


def _describe(key: str, progress: "ExperimentProgress", elapsed: float) -> str:
    return (
        f"{key}: {progress.runs:,} of {progress.all_runs:,} runs, {short(progress.steps)} steps,"
        f" {duration(elapsed)}"
    )


def _tell(one: "Reproduced") -> None:
    from gridworld.textbook.report import HEADS, cells_of

    figure = one.figure
    click.echo(f"\n{figure.key}: {figure.title}\n{figure.source}")
    table(HEADS, map(cells_of, one.drawn.rows), right=(1, 2, 3, 4))
    passed = sum(row.passed for row in one.drawn.rows)
    click.echo(f"{one.verdict}: {passed} of {len(one.drawn.rows)} numbers, {duration(one.seconds)}")
    if not one.drawn.passed and figure.explains:
        click.echo(f"why not: {figure.explains}")


def _write(found: "Sequence[Reproduced]", folder: Path, *, silent: bool) -> None:
    from gridworld.errors import MissingExtraError
    from gridworld.experiments import figures
    from gridworld.textbook import report
    from gridworld.textbook.picture import picture
    from gridworld_cli.measure import machine

    pictures = {}
    try:
        for one in found:
            if one.drawn.lines:
                name = f"{one.figure.key}.svg"
                figures.save(picture(one.figure, one.drawn), folder / name)
                pictures[one.figure.key] = name
    except MissingExtraError as error:
        click.echo(f"without pictures: {error}", err=True)
    facts = machine()
    told = {
        "gridworld-bench": str(facts["packages"].get("gridworld-bench", "")),
        "processor": f"{facts['processor']} ({facts['processors']} processors)",
    }
    told = {name: value for name, value in told.items() if value}
    for name, write in (("report.md", report.as_markdown), ("report.html", report.as_html)):
        write_text(str(folder / name), write(found, pictures, told))
    if not silent:
        click.echo(f"\nwritten to {folder}: report.md, report.html, {len(pictures)} pictures")


def _as_data(one: "Reproduced") -> dict[str, Any]:
    return {
        "figure": one.figure.key,
        "title": one.figure.title,
        "source": one.figure.source,
        "tolerance": one.figure.tolerance,
        "passed": one.drawn.passed,
        "seconds": one.seconds,
        "numbers": [
            {
                "what": row.what,
                "relation": row.relation,
                "published": row.published,
                "ours": row.ours.estimate,
                "low": row.ours.low,
                "high": row.ours.high,
                "n": row.ours.n,
                "method": row.ours.method,
                "tolerance": row.tolerance,
                "passed": row.passed,
            }
            for row in one.drawn.rows
        ],
    }
