"""`gridworld-bench experiment`: ask a question of many runs, and read the answer."""

import contextlib
import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridworld_cli import signals
from gridworld_cli.commands.results import ANSWERS, said_looks, say_best
from gridworld_cli.options import COUNT, world_option
from gridworld_cli.progress import ProgressReport
from gridworld_cli.report import duration, pairs, print_json, short, write_text

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from gridworld.experiments.running import Estimate, ExperimentProgress

__all__ = ["experiment"]

PATIENCE_S = 1.5
"""After which one wants to know what is going on."""

STARTING = (
    "Waiting for the workers, and checking that they compute the same bits as this process"
    " (the first time, each machine compiles the kernels) ..."
)

SCHEMA = "gridworld-bench/experiment/1"


@click.group()
def experiment() -> None:
    """Run plans of many settings and many runs, and judge what came of them.

    A plan is a TOML file; `new` writes one to begin with. Its results are kept in a folder, the
    store: running again computes what is missing and nothing else.
    """


for answer in ANSWERS:
    experiment.add_command(answer)


@experiment.command()
@world_option()
@click.option("-o", "--output", metavar="FILE", help="Write it there instead of printing it.")
def new(world: str, output: str | None) -> None:
    """Write a plan with comments, for a world."""
    from gridworld.experiments.example import commented_plan
    from gridworld_cli.options import read_world

    text = commented_plan(read_world(world))
    if output is None:
        click.echo(text, nl=False)
        return
    if Path(output).exists():
        raise click.ClickException(f"{output} must not exist yet, got a file of that name")
    write_text(output, text)
    click.echo(f"written to {output}; run it by: gridworld-bench experiment run {output}")


@experiment.command()
@click.argument("plan", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--store", metavar="DIR", help="Default: the plan's name without its suffix.")
@click.option("--dry-run", is_flag=True, help="Say what it would take, and write nothing.")
@click.option("--runs", type=COUNT, help="Of each setting, instead of the plan's.")
@click.option("--threads", type=COUNT, help="Default: one for each processor.")
@click.option("--workers", type=COUNT, help="Processes of a local Dask cluster instead.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that runs already.")
@click.option(
    "--until",
    metavar="RULE",
    help='Double the runs until a rule holds: "half-width 0.1 of return_mean, at most 5000 runs".',
)
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
def run(
    plan: Path,
    store: str | None,
    dry_run: bool,
    runs: int | None,
    threads: int | None,
    workers: int | None,
    scheduler: str | None,
    until: str | None,
    as_json: bool,
) -> None:
    """Run what the store lacks of a plan."""
    from dataclasses import replace

    import gridworld as gw
    from gridworld.experiments.measures.failures import said
    from gridworld.experiments.stopping import Until

    chosen = [name for name, value in (("--threads", threads), ("--workers", workers),
                                       ("--scheduler", scheduler)) if value]  # fmt: skip
    if len(chosen) > 1:
        raise click.UsageError(f"{' and '.join(chosen)} must not be given together")
    found = gw.Experiment.from_toml(plan)
    if runs is not None:
        found = replace(found, runs=runs)
    if until is not None:
        Until.parse(until)
    if dry_run:
        _tell_estimate(found.estimate(), as_json)
        return
    folder = store or str(plan.with_suffix(""))
    with (
        _said_for_a_terminal(),
        signals.held() as ended,
        _executor(workers, scheduler) as (executor, count),
        ProgressReport(_describe, silent=as_json) as told,
    ):
        results = found.run(
            folder,
            threads=threads,
            executor=executor,
            workers=count,
            until=until,
            progress=told,
            should_stop=ended,
        )
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "store": folder,
                "settings": len(results.plan.settings),
                "runs": results.plan.runs,
                "level": results.level,
                "looks": results.looks,
            }
        )
        return
    click.echo(f"{results.runs:,} runs of {len(results.plan.settings)} settings, in {folder}")
    if results.looks > 1:
        click.echo(said_looks(results))
    if failed := said(results.failures):
        click.echo(failed)
    if results.plan.runs > 1:
        with contextlib.suppress(gw.ExperimentError):  # no setting has the measure for all runs
            say_best(results, None, {})


@contextlib.contextmanager
def _said_for_a_terminal() -> Iterator[None]:
    """Let messages of what broke off speak of the command, and not of a call."""
    import gridworld as gw
    from gridworld.experiments.running import AGAIN

    def said(text: str) -> str:
        return text.replace(AGAIN, "the same command goes on from there")

    try:
        yield
    except gw.ExperimentInterrupted as error:
        raise gw.ExperimentInterrupted(said(str(error))) from None
    except gw.WorkersLostError as error:
        raise click.ClickException(said(str(error))) from error
    except OSError as error:
        if error.strerror is None:
            raise
        raise OSError(error.errno, said(error.strerror), error.filename) from error


@contextlib.contextmanager
def _executor(
    workers: int | None, scheduler: str | None
) -> "Iterator[tuple[Executor | None, int | None]]":
    """Where blocks are run; (None, None): here."""
    if workers is None and scheduler is None:
        yield None, None
        return
    from gridworld.experiments import cluster

    slow = threading.Timer(PATIENCE_S, click.echo, [STARTING], {"err": True})
    slow.daemon = True
    slow.start()
    with ExitStack() as stack:
        try:
            found = stack.enter_context(
                cluster.local_cluster(workers)
                if workers is not None
                else cluster.remote_cluster(str(scheduler))
            )
        finally:
            slow.cancel()
        yield found


def _describe(progress: "ExperimentProgress", elapsed: float) -> str:
    parts = [f"{progress.runs:,} of {progress.all_runs:,} runs"]
    if progress.new_runs:
        parts.append(f"{short(progress.new_runs / max(elapsed, 1e-9))} runs/s")
        parts.append(f"{short(progress.steps / max(elapsed, 1e-9))} steps/s")
    if 0 < progress.fraction < 1 and math.isfinite(progress.seconds_left):
        parts.append(f"ETA {duration(progress.seconds_left)}")
    if progress.best:
        parts.append(f"best so far: {progress.best}")
    return "  ".join(parts)


def _tell_estimate(estimate: "Estimate", as_json: bool) -> None:
    if as_json:
        print_json({"schema": SCHEMA, **vars(estimate)})
        return
    rows: Sequence[tuple[str, Any]] = [
        ("settings", f"{estimate.settings:,}"),
        ("runs", f"{estimate.runs:,} in {estimate.blocks:,} blocks"),
        ("steps", f"about {short(estimate.steps)}"),
        ("time", f"about {duration(estimate.seconds)} on {estimate.threads} threads"),
        ("store", f"about {short(estimate.bytes)}B"),
    ]
    pairs(rows)
