"""Answers as JSON, CSV and Parquet."""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from gridworld_cli.report import print_json

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["flat", "format_options", "write_formats"]

Function = TypeVar("Function", bound=Callable[..., Any])


def format_options(function: Function) -> Function:
    """`--json`, `--csv FILE`, `--parquet FILE`."""
    for option in (
        click.option("--parquet", metavar="FILE", help="Write it as Parquet."),
        click.option("--csv", metavar="FILE", help="Write it as CSV; - for stdout."),
        click.option("--json", "as_json", is_flag=True, help="Print it as JSON."),
    ):
        function = option(function)
    return function


def write_formats(
    made: "pa.Table", as_json: bool, csv: str | None, parquet: str | None, document: Any = None
) -> bool:
    """Write a table where it was asked for; False: nowhere. As JSON: the document, if there is."""
    from gridworld.store.files import write_atomically

    if as_json:
        print_json(_plain(made.to_pylist() if document is None else document))
    if csv == "-":
        _write_csv(made, sys.stdout.buffer)
    elif csv is not None:
        write_atomically(csv, lambda file: _write_csv(made, file))
    if parquet is not None:
        write_atomically(parquet, lambda file: _write_parquet(made, file))
    for path in (csv, parquet):
        if path not in (None, "-"):
            click.echo(f"written to {Path(str(path))}", err=True)
    return bool(as_json or csv or parquet)


def _write_csv(made: "pa.Table", file: BinaryIO) -> None:
    from pyarrow import csv

    csv.write_csv(made, file)


def _write_parquet(made: "pa.Table", file: BinaryIO) -> None:
    from pyarrow import parquet

    parquet.write_table(made, file)


def flat(rows: Sequence[Mapping[str, Any]]) -> "pa.Table":
    """Rows as a table: what is within a value has a column of its own, such as `reported_low`."""
    import pyarrow as pa

    columns: dict[str, list[Any]] = {}
    for row in rows:
        for key, value in row.items():
            parts = value.items() if isinstance(value, Mapping) else [("", value)]
            for part, each in parts:
                columns.setdefault(f"{key}_{part}".rstrip("_"), []).append(each)
    return pa.table(columns)


def _plain(value: Any) -> Any:
    """A document as JSON has it, which has no infinity."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
