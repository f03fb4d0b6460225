"""Runs as Arrow tables, which stores keep and workers send, and back as arrays."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gridworld import tables
from gridworld.experiments import bands
from gridworld.experiments.bands import by_count
from gridworld.experiments.blocks import Rows
from gridworld.experiments.kept import EPISODES, KEPT, RETURN, kept_cuts
from gridworld.experiments.measures import FAILURES
from gridworld.experiments.plans.plan import Plan
from gridworld.experiments.statistics import FEW

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["column_names", "from_bytes", "gather", "in_rows", "summary_of", "table_of", "to_bytes"]


def column_names(plan: Plan, curves: bool) -> list[str]:
    """Every measure and failure, and the curves that are kept."""
    kept = KEPT if curves and plan.keep_curves else ()
    return [*(m.name for m in plan.measures), *FAILURES, *kept]


def gather(
    plan: Plan,
    tables: Iterator["pa.Table"],
    *,
    curves: bool = False,
    only: int | None = None,
    runs: int | None = None,
) -> tuple[dict[str, npt.NDArray[Any]], npt.NDArray[np.bool_]]:
    """Tables of blocks as arrays `[settings, runs]` (see `Store.read`); `only` of one setting."""
    shape = (len(plan.settings) if only is None else 1, runs or plan.runs)
    arrays: dict[str, npt.NDArray[Any]] = {
        m.name: np.full(shape, np.nan) for m in plan.measures
    } | {name: np.zeros(shape, np.bool_) for name in FAILURES}
    if curves and plan.keep_curves:
        points = len(kept_cuts(plan))
        arrays[RETURN] = np.full((*shape, points), np.nan, np.float32)
        arrays[EPISODES] = np.zeros((*shape, points), np.int64)
    there = np.zeros(shape, np.bool_)
    for table in tables:
        place = table["setting"].to_numpy() - (only or 0), table["agent"].to_numpy()
        inside = (place[0] < shape[0]) & (place[1] < shape[1])
        where = place[0][inside], place[1][inside]
        for name, array in arrays.items():
            array[where] = _numbers_of(table[name])[inside]
        there[where] = True
    return arrays, there


def table_of(plan: Plan, rows: Rows) -> "pa.Table":
    """Rows as an Arrow table: each setting's numbers, agent number, measures, failures."""
    import pyarrow as pa

    places = pa.array(rows.setting, pa.int32())
    columns: dict[str, Any] = {"setting": places}
    names = {
        "world": [s.world_name for s in plan.settings],
        "algorithm": [s.algorithm.name for s in plan.settings],
    }
    for key, texts in names.items():
        known = list(dict.fromkeys(texts))
        index = np.array([known.index(text) for text in texts], np.int32)
        columns[key] = pa.DictionaryArray.from_arrays(pa.array(index[rows.setting]), known)
    for each in tables.LEARNING:
        own = [getattr(s.algorithm, each.key, None) for s in plan.settings]
        if any(value is not None for value in own):
            columns[each.key] = pa.array(own).take(places)
    slip = [getattr(s.world, "slip", None) for s in plan.settings]
    limit = [s.mdp.max_steps or None for s in plan.settings]
    columns["slip"] = pa.array(slip, pa.float64()).take(places)
    columns["max_steps"] = pa.array(limit, pa.int64()).take(places)
    columns["agent"] = pa.array(rows.agent, pa.int64())
    for key, column in rows.columns.items():
        columns[key] = _column(column)
    return pa.table(columns)


def to_bytes(table: "pa.Table") -> bytes:
    """A table as an Arrow stream: how a block travels."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def from_bytes(data: bytes) -> "pa.Table":
    """The inverse of `to_bytes`."""
    import pyarrow as pa

    return pa.ipc.open_stream(data).read_all()


def in_rows(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """`[settings, runs, …]` as `[settings * runs, …]`."""
    return array.reshape(-1, *array.shape[2:])


def _column(values: npt.NDArray[Any]) -> "pa.Array":
    """An array `[n]`, or `[n, points]` as lists."""
    import pyarrow as pa

    if values.ndim == 1:
        return pa.array(values)
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])


def _numbers_of(column: "pa.ChunkedArray") -> npt.NDArray[Any]:
    """The inverse of `_column`."""
    import pyarrow as pa

    if not pa.types.is_fixed_size_list(column.type):
        numbers: npt.NDArray[Any] = column.to_numpy()
        return numbers
    width = column.type.list_size
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    return np.concatenate([part.reshape(-1, width) for part in parts])


def summary_of(
    measure: str,
    owns: Sequence[Mapping[str, Any]],
    values: npt.NDArray[np.float64],
    there: npt.NDArray[np.bool_],
    failures: Mapping[str, npt.NDArray[Any]],
    level: float,
) -> "pa.Table":
    """One row for each setting (see `Results.summary`).

    Args:
        measure: Its name.
        owns: What tells each setting apart.
        values: The measure, `[settings, runs]`.
        there: Which runs there are, of the same shape.
        failures: By name, of the same shape.
        level: Of the intervals.
    """
    import pyarrow as pa

    columns: dict[str, Any] = {}
    found = {
        "mean": by_count(lambda x: bands.means(x, level), values),
        "median": by_count(lambda x: bands.quantiles(x, 0.5, level), values),
        "iqm": by_count(lambda x: bands.interquartile_means(x, level), values),
        "one_more": by_count(lambda x: bands.one_mores(x, level), values),
    }
    for key in dict.fromkeys(key for own in owns for key in own):
        columns[key] = [own.get(key) for own in owns]  # of an algorithm without it: none
    columns["n"] = np.isfinite(values).sum(axis=1)
    columns["runs"] = there.sum(axis=1)
    for key, ends in found.items():
        if key != "one_more":
            columns[key] = ends.estimate
        columns |= {f"{key}_low": ends.low, f"{key}_high": ends.high}
    columns |= {key: array.sum(axis=1) for key, array in failures.items()}
    columns |= {
        f"{key}_method": pa.array(ends.methods).dictionary_encode() for key, ends in found.items()
    }
    methods = {key: ends.method for key, ends in found.items()}
    few = int(there.sum(axis=1).min()) < FEW
    notes = {"measure": measure, **methods} | ({"few": f"fewer than {FEW} runs"} if few else {})
    return pa.table(columns).replace_schema_metadata(notes)
