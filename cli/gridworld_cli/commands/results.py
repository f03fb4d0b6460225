"""`gridworld-bench experiment summary`, `best` and so on: what a store says."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from gridworld_cli.formats import flat, format_options, write_formats
from gridworld_cli.options import COUNT
from gridworld_cli.report import table

if TYPE_CHECKING:
    from gridworld.experiments.results import Results
    from gridworld.experiments.statistics import Interval

__all__ = ["ANSWERS", "said_looks", "say_best"]

_STORE = click.argument("store", type=click.Path(file_okay=False))

_MEASURE = click.option("--measure", metavar="NAME", help="Default: the plan's first.")

SETTING_HELP: Final = (
    "A SETTING is its place in the plan, from 0, or what tells it from the others, with commas"
    " between them: algorithm=sarsa,learning_rate=0.5."
)


@click.command()
@_STORE
@_MEASURE
@format_options
def summary(
    store: str, measure: str | None, as_json: bool, csv: str | None, parquet: str | None
) -> None:
    """Each setting's centre with its interval, and how many of its runs failed."""
    results = _load(store)
    found = results.summary(measure)
    if write_formats(found, as_json, csv, parquet):
        return
    notes = {key.decode(): text.decode() for key, text in (found.schema.metadata or {}).items()}
    hidden = {"median", "median_low", "median_high", "iqm", "iqm_low", "iqm_high"}
    if found["n"].equals(found["runs"]):
        hidden.add("runs")
    kept = [n for n in found.column_names if n not in hidden and not n.endswith("_method")]
    rows = [[_cell(row[name]) for name in kept] for row in found.select(kept).to_pylist()]
    table(kept, rows, right=range(len(kept)))
    click.echo(f"\n{notes['measure']}: {results.measure(measure).sentence}")
    if "runs" in kept:
        click.echo("n: those of the runs that have it")
    click.echo(f"mean: {notes['mean']}; one more run: {notes['one_more']}")
    if results.looks > 1:
        click.echo(said_looks(results))
    if not results.complete:
        click.echo(f"not finished: {results.runs:,} of {len(results.plan):,} runs")
    if "few" in notes:
        click.echo(f"few runs: {notes['few']}")


@click.command(epilog=SETTING_HELP)
@_STORE
@click.argument("setting")
@click.argument("others", nargs=-1, required=True)
@_MEASURE
@format_options
def compare(
    store: str,
    setting: str,
    others: tuple[str, ...],
    measure: str | None,
    as_json: bool,
    csv: str | None,
    parquet: str | None,
) -> None:
    """A setting against one or several others, run by run on the same luck."""
    results = _load(store)
    found = results.compare(_setting(setting), [_setting(o) for o in others], measure)
    assert isinstance(found, list)
    rows = [
        {
            "a": c.a.label,
            "b": c.b.label,
            "measure": c.measure,
            "difference": _interval(c.difference),
            "p_value": c.p_value,
            "corrected_for": c.corrected,
            "probability_better": _interval(c.probability),
            "left_out": c.left_out,
        }
        for c in found
    ]
    if write_formats(flat(rows), as_json, csv, parquet, rows):
        return
    for one in found:
        click.echo(str(one))


@click.command()
@_STORE
@_MEASURE
@click.option("--by", metavar="SETTINGS", help="Only among these: algorithm=sarsa.")
@click.option("--report-runs", type=COUNT, help="Report on so many fresh runs, run now.")
@format_options
def best(
    store: str,
    measure: str | None,
    by: str | None,
    report_runs: int | None,
    as_json: bool,
    csv: str | None,
    parquet: str | None,
) -> None:
    """The best setting, and all that cannot be told from it.

    Runs that choose never report: what is said of the best is not the luck that made it win. As
    CSV or Parquet: a row for each setting that cannot be told from the best.
    """
    options: dict[str, Any] = {} if report_runs is None else {"report_runs": report_runs}
    found = _load(store).best(measure, by=_values(by) if by else {}, **options)
    candidates = [
        {
            "setting": c.setting.index,
            "label": c.setting.label,
            "probability": c.probability,
            "reported": _interval(c.reported),
            "worse_by": _interval(c.worse_by),
        }
        for c in found.candidates
    ]
    about = {
        "naive": found.naive,
        "optimism": found.optimism,
        "choosing_runs": found.choosing,
        "reporting_runs": found.reporting,
    }
    document = {
        "measure": found.measure,
        "setting": found.chosen.index,
        "label": found.chosen.label,
        "reported": _interval(found.reported),
        **about,
        "not_told_from_the_best": candidates,
        "left_out": [s.index for s in found.left_out],
    }
    rows = [
        {"measure": found.measure, "chosen": row["setting"] == found.chosen.index, **row, **about}
        for row in candidates
    ]
    if not write_formats(flat(rows), as_json, csv, parquet, document):
        click.echo(str(found))


@click.command(name="table")
@_STORE
@format_options
def every_run(store: str, as_json: bool, csv: str | None, parquet: str | None) -> None:
    """Every run as a row: its setting's numbers, agent number, measures and failures."""
    found = _load(store).table()
    if not write_formats(found, as_json, csv, parquet):
        write_formats(found, False, "-", None)


@click.command(epilog=SETTING_HELP)
@_STORE
@click.argument("setting")
@click.option("--points", type=COUNT, default=20, show_default=True, help="Of the curve.")
@click.option("--by", type=click.Choice(["episode", "step"]), default="episode", show_default=True)
@click.option("--runs", type=COUNT, help="Default: all.")
@format_options
def curve(
    store: str,
    setting: str,
    points: int,
    by: Any,
    runs: int | None,
    as_json: bool,
    csv: str | None,
    parquet: str | None,
) -> None:
    """The learning curve of a setting, computed again, with its interval."""
    import pyarrow as pa

    from gridworld.experiments import statistics

    results = _load(store)
    found = results.curves(_setting(setting), points=points, by=by, runs=runs)
    middle = [statistics.mean(column, results.level) for column in found.returns.T]
    made = pa.table(
        {
            by: found.x,
            "return": [m.estimate for m in middle],
            "low": [m.low for m in middle],
            "high": [m.high for m in middle],
            "n": [m.n for m in middle],
            "method": [m.method for m in middle],
        }
    )
    if not write_formats(made, as_json, csv, parquet):
        rows = [[_cell(value) for value in row.values()] for row in made.to_pylist()]
        table(made.column_names, rows, right=range(len(made.column_names) - 1))


@click.command(epilog=SETTING_HELP)
@_STORE
@click.argument("setting")
@click.argument("number", type=int)
def link(store: str, setting: str, number: int) -> None:
    """A link to run NUMBER of a setting: the page, or `train --config`, repeats it bit for bit."""
    click.echo(_load(store).link(_setting(setting), number))


@click.command()
@_STORE
@click.argument(
    "kind",
    type=click.Choice(["curves", "sensitivity", "heat-map", "profile", "better", "runs-needed"]),
)
@_MEASURE
@click.option("--axis", "axes", multiple=True, metavar="NAME", help="Of sensitivity and heat-map.")
@click.option("--setting", "settings", multiple=True, help="Of curves; several times.")
@click.option("-o", "--output", metavar="FILE", required=True, help=".svg, .pdf, .png or .eps.")
@click.option("--csv", metavar="FILE", help="Write what it shows as CSV as well; - for stdout.")
@click.option("--parquet", metavar="FILE", help="Write what it shows as Parquet as well.")
def figure(
    store: str,
    kind: str,
    measure: str | None,
    axes: tuple[str, ...],
    settings: tuple[str, ...],
    output: str,
    csv: str | None,
    parquet: str | None,
) -> None:
    """Draw a figure with its method and its number of runs below."""
    from gridworld.experiments import figures

    results = _load(store)
    names = list(axes) or list(results.plan.vary)
    wanted = {"sensitivity": 1, "heat-map": 2}.get(kind, 0)
    if len(names) < wanted or (axes and len(axes) != wanted):
        raise click.UsageError(f"{kind} must have {wanted} --axis, got {len(axes)}")
    draw: Any = figures.FIGURES[kind]
    if kind == "curves":
        made = draw(results, [_setting(s) for s in settings] or None)
    else:
        made = draw(results, *names[:wanted], measure)
    click.echo(f"written to {figures.save(made, output)}", err=csv == "-")
    if csv or parquet:
        write_formats(figures.numbers_of(made), False, csv, parquet)


ANSWERS: Final = (summary, compare, best, every_run, figure, curve, link)
"""The commands that read a store."""


def say_best(
    results: "Results", measure: str | None, by: Mapping[str, Any], **options: Any
) -> None:
    """Print the best setting, honestly."""
    click.echo(str(results.best(measure, by=by, **options)))


def said_looks(results: "Results") -> str:
    """That there were several looks at the runs, and what each of them spent."""
    return (
        f"after {results.looks} looks: each spends its part of the error, the last one's intervals"
        f" are of {100 * results.level:.4g} %"
    )


def _load(store: str) -> "Results":
    import gridworld as gw

    return gw.Results.load(store)


def _setting(text: str) -> int | dict[str, Any]:
    """What names a setting: its place, or values."""
    return int(text) if text.isdecimal() else _values(text)


def _values(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals:
            raise click.UsageError(f"a setting must be a number or like a=1,b=2, got {text!r:.80}")
        try:
            found[key.strip()] = json.loads(value)
        except ValueError:
            found[key.strip()] = None if value.strip() == "none" else value.strip()
    return found


def _interval(found: "Interval") -> dict[str, Any]:
    return dict(vars(found))


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
