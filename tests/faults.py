"""Calls that write, failing or breaking off at the n-th: what is left of files then.

The calls are those that `gridworld.store.files` makes: open, write, fsync, rename, unlink, mkdir.
Each has its number, from 0; a fault is raised instead of the call, or after a part of a write.
"""

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

__all__ = ["ERRORS", "Faults"]

ERRORS = (errno.ENOSPC, errno.EIO)
"""A full disk, and one that fails."""


class Faults:
    """Counts the calls that write below a folder, and lets the n-th of them fail.

    Args:
        folder: Calls elsewhere are not counted.
        at: The number of the call that fails; None: none does.
        act: What happens instead; by default `OSError` of `number` is raised.
        number: Of the error.

    Attributes:
        calls: What was called, in order.
    """

    def __init__(
        self,
        folder: Path,
        at: int | None = None,
        act: Callable[[], None] | None = None,
        number: int = errno.ENOSPC,
    ) -> None:
        self._folder = folder.resolve()
        self._at = at
        self._act = act or self._fail
        self._number = number
        self.calls: list[str] = []

    @property
    def happened(self) -> bool:
        """Whether there was an n-th call."""
        return self._at is not None and len(self.calls) > self._at

    def _fail(self) -> None:
        raise OSError(self._number, os.strerror(self._number))

    def call(self, name: str) -> None:
        """Count a call, which fails where it is its turn."""
        self.calls.append(name)
        if len(self.calls) - 1 == self._at:
            self._act()

    def concerns(self, path: object) -> bool:
        """Whether a path is below the folder."""
        if not isinstance(path, str | os.PathLike):
            return False
        found = Path(os.path.realpath(os.fsdecode(path)))
        return found == self._folder or self._folder in found.parents

    @contextlib.contextmanager
    def injected(self) -> Iterator["Faults"]:
        """Watch the calls within the block."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("replace", "unlink", "mkdir"):
                patch.setattr(Path, name, self._on_path(name, getattr(Path, name)))
            patch.setattr(Path, "open", self._open(Path.open))
            patch.setattr(os, "fsync", self._before("fsync", os.fsync))
            yield self

    def _before(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            self.call(name)
            return function(*arguments, **more)

        return call

    def _on_path(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Path, *arguments: Any, **more: Any) -> Any:
            if self.concerns(path):
                self.call(name)
            return function(path, *arguments, **more)

        return call

    def _open(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Path, mode: str = "r", *arguments: Any, **more: Any) -> Any:
            if not self.concerns(path) or not set(mode) & set("wxa+"):
                return function(path, mode, *arguments, **more)
            self.call("open")
            return _Written(function(path, mode, *arguments, **more), self)

        return call


class _Written:
    """A file of which a write may fail when half of it is there."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file = file
        self._faults = faults

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        half = len(view) // 2
        self._file.write(view[:half])
        self._faults.call("write")
        self._file.write(view[half:])
        return len(view)
