"""What a list says of stores and plans, without reading their numbers."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from gridworld.experiments.plans.plan import Plan
from gridworld.experiments.store import BLOCKS, TABLE, Store

__all__ = ["changed", "signature", "stamps", "steadily", "told", "told_plan"]

T = TypeVar("T")

TRIES: Final = 5


def steadily(read: Callable[[], T]) -> T:
    """Read from a store that is perhaps being compacted: its blocks go when the table is there.

    Raises:
        OSError: What `read` raises, again and again.
    """
    for _ in range(TRIES - 1):
        try:
            return read()
        except FileNotFoundError:
            continue
    return read()


def told(folder: Path) -> dict[str, Any]:
    """What a list says of a store, without reading its numbers."""
    import pyarrow.parquet as pq

    plan = Store.open(folder).plan
    files = [path for path in (folder / TABLE, *_blocks(folder)) if path.exists()]
    rows = sum(int(pq.read_metadata(path).num_rows) for path in files)
    return {
        "name": plan.name,
        "axes": list(plan.vary),
        "settings": len(plan.settings),
        "runs": min(rows, len(plan)),
        "all_runs": len(plan),
    }


def told_plan(path: Path) -> dict[str, Any]:
    """What a list says of a plan; nothing of a file that is about something else."""
    keys = set(tomllib.loads(path.read_text("utf-8")))
    if not keys & {"vary", "algorithms", "measures"}:
        return {}
    plan = Plan.from_toml(path)
    return {"name": plan.name, "settings": len(plan.settings), "all_runs": len(plan)}


def _blocks(folder: Path) -> list[Path]:
    return sorted((folder / BLOCKS).glob("*.parquet"))


def signature(folder: Path) -> tuple[Any, ...]:
    """Another one, once there is more in a store."""
    return stamps([folder / "plan.toml", folder / TABLE, *_blocks(folder)])


def stamps(paths: list[Path]) -> tuple[Any, ...]:
    """Another one, once some of these files are other ones."""
    stamps = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        stamps.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(stamps)


def changed(path: Path) -> str:
    """When: ISO 8601, UTC."""
    try:
        seconds = path.stat().st_mtime
    except OSError:
        seconds = 0.0
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
