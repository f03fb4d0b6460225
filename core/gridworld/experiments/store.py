"""The store: the folder that holds the results of a plan, whole at every moment."""

import contextlib
import json
import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from gridworld.errors import ExperimentError, FileError
from gridworld.experiments.arrow import column_names, gather, in_rows, table_of
from gridworld.experiments.blocks import Block, Rows
from gridworld.experiments.extras import require_extra
from gridworld.experiments.kept import KEPT
from gridworld.experiments.plans.plan import FORMAT, Plan
from gridworld.kernels.random import STREAM_VERSION
from gridworld.store.files import lock, remove_leftovers, write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Store"]

MANIFEST: Final = "manifest.json"
PLAN: Final = "plan.toml"
BLOCKS: Final = "blocks"
TABLE: Final = "table.parquet"
LOOKS: Final = "looks.json"
LOCK: Final = ".lock"

ROW_GROUP: Final = 131_072
"""Rows that the whole table keeps together."""


class Store:
    """Results of one plan in a folder: `plan.toml`, `manifest.json`, and Parquet files.

    While it runs, `blocks/` holds one file for each block; when all is there, `table.parquet`
    holds everything, ordered by setting and agent number. Its bytes depend on the plan and on the
    versions of the packages alone.

    Args:
        folder: Made, with its parents' last part, where it is missing.
        plan: What it is for.

    Raises:
        ExperimentError: The folder belongs to another plan, stream version or format; nothing was
            written.
        OSError: It cannot be written.
    """

    def __init__(self, folder: str | os.PathLike[str], plan: Plan) -> None:
        self.folder = Path(folder)
        self.plan = plan
        self._refuse_another()

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> "Store":
        """The store in a folder that has one, to read.

        Raises:
            FileError: The folder holds no store.
        """
        require_extra()
        path = Path(folder) / PLAN
        try:
            plan = Plan.from_toml(path)
        except FileNotFoundError:
            if (Path(folder) / MANIFEST).exists():
                raise FileError(
                    f"the plan of {folder} must be given, Results.load(folder, plan): no text holds"
                    " a process or a measure of one's own"
                ) from None
            raise FileError(
                f"{folder} must be the folder of an experiment, got no {PLAN}"
            ) from None
        return cls(folder, plan)

    @classmethod
    def of(cls, folder: str | os.PathLike[str], plan: Plan) -> "Store":
        """The store of a plan in a folder that has one, to read.

        Raises:
            FileError: The folder holds no store.
            ExperimentError: It is another plan's.
        """
        require_extra()
        if not (Path(folder) / MANIFEST).exists():
            raise FileError(f"{folder} must be the folder of an experiment, got no {MANIFEST}")
        return cls(folder, plan)

    def _refuse_another(self) -> None:
        path = self.folder / MANIFEST
        try:
            text = path.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            if self.folder.is_dir() and any(self.folder.iterdir()):
                raise ExperimentError(
                    f"{self.folder} must be an empty folder or an experiment's, got other files"
                ) from None
            if self.folder.exists() and not self.folder.is_dir():
                raise ExperimentError(f"{self.folder} must be a folder, got a file") from None
            return
        try:
            manifest = json.loads(text)
            found = {key: manifest[key] for key in ("format", "stream_version", "plan")}
        except (ValueError, KeyError, TypeError):
            raise FileError(
                f"{path} must be an experiment's manifest, got something else"
            ) from None
        wanted = {"format": FORMAT, "stream_version": STREAM_VERSION, "plan": self.plan.identity}
        for key, value in wanted.items():
            if found[key] != value:
                what = key.replace("_", " ")
                raise ExperimentError(
                    f"{self.folder} must belong to the {what} {str(value)[:12]},"
                    f" got one of the {what} {str(found[key])[:12]}: name another folder"
                )

    def begin(self) -> None:
        """Make the folder, and note what it is for.

        Raises:
            OSError: It cannot be written.
        """
        (self.folder / BLOCKS).mkdir(parents=True, exist_ok=True)
        for folder in (self.folder, self.folder / BLOCKS):
            remove_leftovers(folder)
        plan = self.plan
        if not (self.folder / MANIFEST).exists():
            self._write(MANIFEST, json.dumps(_manifest(plan), indent=2) + "\n")
        with contextlib.suppress(ExperimentError):  # no text holds a process without a grid
            text = plan.to_toml()
            if not (self.folder / PLAN).exists() or self._runs_noted() < plan.runs:
                self._write(PLAN, text)

    def _runs_noted(self) -> int:
        return Plan.from_toml(self.folder / PLAN).runs

    def _write(self, name: str, text: str) -> None:
        write_atomically(self.folder / name, lambda file: file.write(text.encode()))

    def note_looks(self, looks: int, level: float) -> None:
        """Note how often the runs were looked at before they were enough, for who reads them.

        Raises:
            OSError: It cannot be written.
        """
        noted = {"runs": self.plan.runs, "looks": looks, "level": level}
        self._write(LOOKS, json.dumps(noted, indent=2) + "\n")

    def looks(self) -> tuple[int, float] | None:
        """How often, and the level of the last look; None: these runs were not looked at.

        Raises:
            FileError: The note is damaged.
        """
        path = self.folder / LOOKS
        try:
            noted = json.loads(path.read_text("utf-8"))
            runs, looks, level = int(noted["runs"]), int(noted["looks"]), float(noted["level"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise FileError(f"{path} must say runs, looks and level, got something else") from None
        return (looks, level) if runs == self.plan.runs else None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store: a second process that would run the same plan is refused.

        Raises:
            ExperimentError: Another process holds it.
        """
        with lock(self.folder / LOCK) as held:
            if not held:
                raise ExperimentError(
                    f"{self.folder} must be run by one process at a time, got a second one"
                )
            yield

    # --- blocks

    def has(self, block: Block) -> bool:
        """Whether a block is there, as a file of its own or in the table."""
        return self._path(block).exists() or block.end <= self.runs_in_table

    @property
    def runs_in_table(self) -> int:
        """Runs of every setting that the table holds."""
        path = self.folder / TABLE
        if not path.exists():
            return 0
        metadata = _metadata(path)
        if metadata["plan"] != self.plan.identity:
            raise FileError(
                f"{path} must be of the plan {self.plan.identity[:12]}, got one of the plan"
                f" {str(metadata['plan'])[:12]}"
            )
        return int(metadata["runs"])

    def write_block(self, block: Block, table: "pa.Table") -> None:
        """Add a block, atomically.

        Raises:
            OSError: It cannot be written; what was there is whole.
        """
        write_atomically(self._path(block), lambda file: _write_parquet(table, file))

    def _path(self, block: Block) -> Path:
        return self.folder / BLOCKS / f"{block.key}.parquet"

    def compact(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Write the whole table, and remove the blocks that are in it.

        Args:
            arrays: Every measure, failure and kept curve, `[settings, runs]` and points, all runs
                of the plan.
        """
        import pyarrow.parquet as pq

        settings, runs = next(iter(arrays.values())).shape[:2]
        schema = table_of(self.plan, _nothing(arrays)).schema.with_metadata(
            {b"gridworld": json.dumps({"runs": runs, "plan": self.plan.identity}).encode()}
        )

        def write(file: BinaryIO) -> None:
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                for begin in range(0, settings * runs, ROW_GROUP):
                    place = np.arange(begin, min(begin + ROW_GROUP, settings * runs))
                    columns = {k: in_rows(a)[place] for k, a in arrays.items()}
                    rows = Rows((place // runs).astype(np.int32), place % runs, columns, 0)
                    table = table_of(self.plan, rows).replace_schema_metadata(schema.metadata)
                    writer.write_table(table, row_group_size=ROW_GROUP)

        write_atomically(self.folder / TABLE, write)
        for path in (self.folder / BLOCKS).glob("*.parquet"):
            path.unlink()

    def read(
        self, *, curves: bool = False
    ) -> tuple[dict[str, npt.NDArray[Any]], npt.NDArray[np.bool_]]:
        """Everything that is there.

        Args:
            curves: Those that are kept as well.

        Returns:
            Every measure and failure by name, float64 or bool `[settings, runs]`, and which runs
            there are, bool of the same shape; curves `[settings, runs, points]`.

        Raises:
            FileError: A file is damaged.
        """
        return gather(self.plan, self._tables(curves), curves=curves)

    def read_curves(self, setting: int, runs: int) -> dict[str, npt.NDArray[Any]] | None:
        """The curves `[runs, points]` of the first runs of a setting; None: they are not all kept.

        Raises:
            FileError: A file is damaged.
        """
        if not self.plan.keep_curves:
            return None
        arrays, there = gather(
            self.plan, self._tables(True, setting), curves=True, only=setting, runs=runs
        )
        return {name: arrays[name][0] for name in KEPT} if there.all() else None

    def _tables(self, curves: bool, only: int | None = None) -> Iterator["pa.Table"]:
        names = ["setting", "agent", *column_names(self.plan, curves)]
        # Blocks are listed first: those that another process puts into the table meanwhile are
        # there when it is read.
        paths = sorted((self.folder / BLOCKS).glob("*.parquet"))
        if self.runs_in_table:
            yield _read_parquet(self.folder / TABLE, names, only)
        for path in paths:
            try:
                yield _read_parquet(path, names, only)
            except FileNotFoundError:
                if not self.runs_in_table:
                    raise
                yield _read_parquet(self.folder / TABLE, names, only)
                return


def _nothing(arrays: Mapping[str, npt.NDArray[Any]]) -> Rows:
    columns = {key: in_rows(array)[:0] for key, array in arrays.items()}
    return Rows(np.zeros(0, np.int32), np.zeros(0, np.int64), columns, 0)


def _write_parquet(table: "pa.Table", file: BinaryIO) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, file, compression="zstd")


def _read_parquet(path: Path, names: list[str], only: int | None) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        filters = None if only is None else [("setting", "=", only)]
        return pq.read_table(path, columns=names, filters=filters)
    except (pa.ArrowException, KeyError) as error:
        raise FileError(f"{path} must be a whole block of this plan, got {error}") from None


def _metadata(path: Path) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
        found: dict[str, Any] = json.loads(metadata[b"gridworld"])
        return found
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise FileError(f"{path} must be an experiment's table, got {error}") from None


def _manifest(plan: Plan) -> dict[str, Any]:
    import numba
    import pyarrow as pa

    import gridworld

    return {
        "format": FORMAT,
        "stream_version": STREAM_VERSION,
        "plan": plan.identity,
        "versions": {
            "gridworld": gridworld.__version__,
            "numpy": np.__version__,
            "numba": numba.__version__,
            "pyarrow": pa.__version__,
            "python": platform.python_version(),
        },
        "machine": {"system": platform.system(), "processor": platform.machine()},
    }
