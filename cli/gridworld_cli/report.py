"""Numbers, tables and JSON as the commands print them."""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from gridworld_cli.measure import Result

__all__ = [
    "apart_from",
    "console",
    "duration",
    "on_terminal",
    "pairs",
    "present",
    "print_json",
    "rate",
    "short",
    "status",
    "table",
    "writable",
    "write_text",
]

SCALES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def on_terminal() -> bool:
    """Whether a person reads the output as it comes."""
    return sys.stdout.isatty()


def console() -> "Console":
    """Where rich text goes; only for a terminal."""
    from rich.console import Console

    return Console(highlight=False)


def short(number: float) -> str:
    """Three digits and a unit prefix: 123 M."""
    for scale, prefix in SCALES:
        if abs(number) >= scale * 0.9995:
            return f"{_three(number / scale)} {prefix}"
    return _three(number)


def rate(steps: float, seconds: float) -> str:
    """Steps in a second, with three digits."""
    return f"{short(steps / seconds) if seconds > 0 else 0} steps/s"


def duration(seconds: float) -> str:
    """Hours, minutes and seconds; below a minute with one decimal, below a second in ms."""
    if seconds < 1:
        return f"{_three(seconds * 1e3)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02} min"


def print_json(data: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(data, indent=2, allow_nan=False))


def write_text(path: str, text: str) -> None:
    """Replace a file by this text.

    Raises:
        OSError: It cannot be written.
    """
    from gridworld.store.files import write_atomically

    write_atomically(path, lambda file: file.write(text.encode()))


@contextmanager
def writable(*paths: str | None) -> Iterator[None]:
    """Find out before long work, not after it, whether these files can be written.

    Raises:
        OSError: One cannot.
    """
    with ExitStack() as stack:
        for path in filter(None, paths):
            from gridworld.store.files import ready_to_write

            stack.enter_context(ready_to_write(path))
        yield


@contextmanager
def apart_from(path: str | None) -> Iterator[None]:
    """Print to stderr instead, where this file is what stdout goes to: `--save /dev/stdout`."""
    try:
        there, here = Path(path or os.devnull).stat(), os.fstat(1)
    except OSError:
        yield
        return
    mixed = os.path.samestat(there, here) and not stat.S_ISCHR(here.st_mode)
    with redirect_stdout(sys.stderr) if mixed else nullcontext():
        yield


@contextmanager
def status(*, silent: bool) -> Iterator[Callable[[str], None]]:
    """A line on a terminal that says what is being done; it is gone afterwards."""
    if silent or not on_terminal():
        yield lambda text: None
        return
    with console().status("") as line:
        yield lambda text: line.update(text)


def present(schema: str, results: "Sequence[Result]", *, as_json: bool, output: str | None) -> None:
    """Figures as a table, or as JSON with the machine's facts; as JSON to a file as well.

    Args:
        schema: Name and version of the JSON's shape.
        results: The first one is what the others are compared with.
        as_json: Print JSON instead of the table.
        output: None: no file.
    """
    from gridworld_cli.measure import machine

    facts = machine()
    data = {
        "schema": schema,
        "machine": facts,
        "results": [result.to_json() for result in results],
    }
    if output is not None:
        write_text(output, json.dumps(data, indent=2, allow_nan=False) + "\n")
    if as_json:
        print_json(data)
        return
    first = results[0].median
    rows = [
        (
            result.case.name,
            short(result.median),
            f"{result.spread:.0%}",
            _ratio(result.median / first),
        )
        for result in results
    ]
    table(("case", "steps/s", "+-", "ratio"), rows, right=(1, 2, 3))
    click.echo(
        f"\n{facts['processor']}, {facts['processors']} processors, "
        f"{facts['vector_instructions'] or 'no vector instructions'}; "
        f"Python {facts['python']}, Numba {facts['packages']['numba']}"
    )
    if output is not None:
        click.echo(f"written to {output}")


def pairs(rows: Iterable[tuple[str, str]]) -> None:
    """Names and values in two columns."""
    rows = list(rows)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        click.echo(f"{name:<{width}}  {value}")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> None:
    """A table with a head; columns in `right` are aligned to the right."""
    lines = [tuple(heads), *(tuple(row) for row in rows)]
    if not on_terminal():
        widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
        for line in lines:
            cells = [
                f"{cell:>{width}}" if i in right else f"{cell:<{width}}"
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            click.echo("  ".join(cells).rstrip())
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for i, head in enumerate(heads):
        # the names stay whole; what is long is folded
        drawn.add_column(head, justify="right" if i in right else "left", no_wrap=i == 0)
    for line in lines[1:]:
        drawn.add_row(*line)
    console().print(drawn)


def _ratio(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _three(number: float) -> str:
    digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    return f"{number:.{digits}f}"
