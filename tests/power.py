"""Power loss, simulated: what a disk may hold afterwards of what was written to it.

Only what was fsynced is sure. Of a file that was not, nothing may be there, or a part, or all; of
the names in a folder that was not, any of the changes may have reached the disk, each for itself.
"""

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

__all__ = ["recorded"]

Names = dict[str, int]
"""Name in the folder to the file's number."""

Contents = dict[str, bytes]

MOST_PENDING = 8


@dataclass
class Moment:
    """What a power cut at one moment meets.

    Attributes:
        names: Of which the disk is sure.
        changes: Made since to names: (the name, its file; None: it has gone).
        sure: Of each file, what was fsynced.
        seen: What was written of it.
    """

    names: Names
    changes: list[dict[str, int | None]]
    sure: dict[int, bytes]
    seen: dict[int, bytes]

    def states(self) -> Iterator[Contents]:
        """Every folder that may be found afterwards."""
        assert len(self.changes) <= MOST_PENDING
        for chosen in itertools.product((False, True), repeat=len(self.changes)):
            names: dict[str, int | None] = dict(self.names)
            for change, applied in zip(self.changes, chosen, strict=True):
                names |= change if applied else {}
            files = {name: number for name, number in names.items() if number is not None}
            options = [self._contents(number) for number in files.values()]
            for contents in itertools.product(*options):
                yield dict(zip(files, contents, strict=True))

    def _contents(self, number: int) -> set[bytes]:
        seen = self.seen.get(number, b"")
        sure = self.sure.get(number)
        return {seen} if sure == seen else {b"", seen[: len(seen) // 2], seen}


@dataclass
class _Disk:
    """Watches the calls that change a folder."""

    folder: Path
    moments: list[Moment] = field(default_factory=list)
    names: Names = field(default_factory=dict)
    changes: list[dict[str, int | None]] = field(default_factory=list)
    sure: dict[int, bytes] = field(default_factory=dict)
    kept: dict[int, bytes] = field(default_factory=dict)

    def look(self) -> None:
        """Remember this moment."""
        self.kept |= {p.stat().st_ino: p.read_bytes() for p in self.folder.iterdir()}
        self.moments.append(
            Moment(dict(self.names), list(self.changes), dict(self.sure), dict(self.kept))
        )

    def begin(self) -> None:
        """What is there is on the disk."""
        self.sure = {p.stat().st_ino: p.read_bytes() for p in self.folder.iterdir()}
        self.names = {p.name: p.stat().st_ino for p in self.folder.iterdir()}
        self.look()


def recorded(folder: Path, work: Callable[[], object]) -> list[Moment]:
    """Every moment of some work in a flat folder, which is on the disk at the beginning."""
    disk = _Disk(folder)
    disk.begin()
    with _watched(disk):
        work()
    return disk.moments


@contextlib.contextmanager
def _watched(disk: _Disk) -> Iterator[None]:
    opened, replaced, unlinked = Path.open, Path.replace, Path.unlink
    synced = os.fsync

    def open_(path: Path, mode: str = "r", *arguments: Any, **more: Any) -> Any:
        new = "x" in mode and path.parent == disk.folder
        file = opened(path, mode, *arguments, **more)
        if new:
            disk.changes.append({path.name: path.stat().st_ino})
            disk.look()
        return file

    def replace(path: Path, target: Path) -> Any:
        number = path.stat().st_ino
        done = replaced(path, target)
        disk.changes.append({path.name: None, Path(target).name: number})
        disk.look()
        return done

    def unlink(path: Path, missing_ok: bool = False) -> None:
        there = path.exists()
        unlinked(path, missing_ok)
        if there:
            disk.changes.append({path.name: None})
            disk.look()

    def fsync(handle: int) -> None:
        disk.look()
        synced(handle)
        path = Path(f"/proc/self/fd/{handle}").resolve()
        if path == disk.folder:
            for change in disk.changes:
                for name, number in change.items():
                    if number is None:
                        disk.names.pop(name, None)
                    else:
                        disk.names[name] = number
            disk.changes = []
        else:
            disk.sure[os.fstat(handle).st_ino] = path.read_bytes()
        disk.look()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", open_)
        patch.setattr(Path, "replace", replace)
        patch.setattr(Path, "unlink", unlink)
        patch.setattr(os, "fsync", fsync)
        yield
