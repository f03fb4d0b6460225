"""An experiment as a file: its table, its figures, its plan, the lines of Python that make it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from gridworld.errors import ExperimentError
from gridworld.experiments.plans.pythonic import python_of
from gridworld.experiments.results import Results
from gridworld.store.files import write_atomically

__all__ = ["export"]

FIGURES: Final = {"sensitivity": 1, "heat-map": 2, "curves": 0, "better": 0}
"""Kind of a figure to how many axes it takes."""


def export(results: Results, data: Mapping[str, Any]) -> str:
    """Write an experiment into a file; the name that it should have elsewhere.

    Args:
        results: Of the experiment.
        data: `path` to write to; `what`: csv, parquet, toml, python, svg or png; of the last two
            `figure`, `measure` and `axis`.

    Raises:
        ExperimentError: It cannot be written so.
        MissingExtraError: Figures need matplotlib.
        OSError: The file cannot be written.
    """
    what, path = data.get("what"), Path(str(data["path"]))
    stem = results.folder.name if results.folder else "experiment"
    writers: dict[str, tuple[str, Callable[[BinaryIO], object]]] = {
        "csv": ("csv", lambda file: _csv(results, file)),
        "parquet": ("parquet", lambda file: _parquet(results, file)),
        "toml": ("toml", lambda file: file.write(results.plan.to_toml().encode())),
        "python": ("py", lambda file: file.write(python_of(results.plan, stem).encode())),
    }
    if what in ("svg", "png"):
        return f"{stem}-{_figure(results, data, path, str(what))}"
    if what not in writers:
        raise ExperimentError(
            f"what must be one of {', '.join(writers)}, svg, png, got {what!r:.80}"
        )
    suffix, write = writers[what]
    write_atomically(path, write)
    return f"{stem}.{suffix}"


def _figure(results: Results, data: Mapping[str, Any], path: Path, suffix: str) -> str:
    """Draw a figure into a file; what it is called behind the experiment's name."""
    from gridworld.experiments import figures

    kind, measure = data.get("figure"), data.get("measure")
    if kind not in FIGURES:
        raise ExperimentError(f"a figure must be one of {', '.join(FIGURES)}, got {kind!r:.80}")
    vary = list(results.plan.vary)
    axes = [data["axis"]] if kind == "sensitivity" and data.get("axis") else vary[: FIGURES[kind]]
    if len(axes) < FIGURES[kind]:
        raise ExperimentError(f"{kind} must have {FIGURES[kind]} axes, got {len(axes)}")
    draw: Any = figures.FIGURES[kind]
    if kind == "curves":
        made = draw(results, data.get("settings") or None)
    else:
        made = draw(results, *axes, measure)
    drawn = path.with_suffix(f".{suffix}")
    figures.save(made, drawn)
    drawn.replace(path)
    return f"{kind}.{suffix}"


def _csv(results: Results, file: BinaryIO) -> None:
    from pyarrow import csv

    csv.write_csv(results.table(), file)


def _parquet(results: Results, file: BinaryIO) -> None:
    from pyarrow import parquet

    parquet.write_table(results.table(), file)
