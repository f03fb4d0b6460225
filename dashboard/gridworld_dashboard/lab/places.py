"""Where experiments are below the data folder, and the bin that deleted ones go to."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gridworld.errors import ExperimentError, FileError

__all__ = ["BIN", "FOLDER", "MOST", "Places"]

FOLDER: Final = "experiments"
"""Below the data folder: what the page begins is kept there."""

BIN: Final = "bin"
"""Below that: of each name what was deleted last."""

MOST: Final = 200
"""Stores and plans that are listed, the newest first."""

MANIFEST: Final = "manifest.json"
"""What makes a folder a store."""

NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
"""Of a folder or a plan that the page speaks of: others are left alone."""


class Places:
    """The stores and plans of a data folder. A key is the path below it, with `/`.

    Stores that the command line made in the data folder itself are found as well.

    Args:
        folder: The data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._data = folder
        self.home = folder / FOLDER
        self._bin = self.home / BIN

    def stores(self, *, binned: bool = False) -> list[tuple[str, Path]]:
        """Key and folder of every store, the newest first."""
        folders = [self._bin] if binned else [self.home, self._data]
        found = [path for folder in folders for path in _inside(folder) if _is_store(path)]
        return self._keyed(found)

    def plans(self) -> list[tuple[str, Path]]:
        """Key and file of everything that may be a plan, the newest first."""
        found = [
            path
            for folder in (self.home, self._data)
            for path in _inside(folder)
            if path.suffix == ".toml" and path.is_file()
        ]
        return self._keyed(found)

    def store(self, key: str) -> Path:
        """The folder of a store.

        Raises:
            FileError: There is none.
        """
        path = self._path(key)
        if not _is_store(path):
            raise FileError(f"an experiment must be in the data folder, got no {key!r:.80}")
        return path

    def plan(self, key: str) -> Path:
        """The file of a plan.

        Raises:
            FileError: There is none.
        """
        path = self._path(key)
        if path.suffix != ".toml" or not path.is_file():
            raise FileError(f"a plan must be in the data folder, got no {key!r:.80}")
        return path

    def key(self, path: Path) -> str:
        """The inverse of `store`."""
        return path.relative_to(self._data).as_posix()

    def free(self, name: str) -> None:
        """Make room for a store of that name.

        Raises:
            ExperimentError: Something else has it.
        """
        path = self.home / name
        if path.exists() and not _is_store(path):
            raise ExperimentError(f"{name} must be free or an experiment's, got something else")

    def delete(self, key: str) -> str:
        """Put a store into the bin; the sentence that says so.

        Raises:
            FileError: There is none.
            OSError: It cannot be moved.
        """
        path = self.store(key)
        self._bin.mkdir(parents=True, exist_ok=True)
        target = self._bin / path.name
        if target.exists():
            _remove(target)
        path.rename(target)
        return f"{path.name} is in the bin"

    def restore(self, name: str) -> str:
        """Take a store out of the bin.

        Raises:
            FileError: The bin holds none of that name.
            ExperimentError: Another one has the name by now.
            OSError: It cannot be moved.
        """
        path = self._bin / name
        if not NAME.fullmatch(name) or not _is_store(path):
            raise FileError(f"an experiment must be in the bin, got no {name!r:.80}")
        target = self.home / name
        if target.exists():
            raise ExperimentError(f"the name {name} must be free, it is taken")
        path.rename(target)
        return f"{name} is back"

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        above = parts[:-1]
        if above not in ([], [FOLDER]) or not NAME.fullmatch(parts[-1]) or parts[-1] == BIN:
            raise FileError(f"an experiment must be in the data folder, got no {key!r:.80}")
        return self._data.joinpath(*parts)

    def _keyed(self, paths: list[Path]) -> list[tuple[str, Path]]:
        dated = sorted(((_modified(path), path) for path in paths), reverse=True)
        return [(self.key(path), path) for _, path in dated[:MOST]]


def _inside(folder: Path) -> Iterator[Path]:
    """What may be spoken of in a folder: no hidden files, nothing behind a link."""
    try:
        with os.scandir(folder) as entries:
            names = [one.name for one in entries if not one.is_symlink()]
    except OSError:
        return
    for name in names:
        if NAME.fullmatch(name) and name != BIN:
            yield folder / name


def _is_store(path: Path) -> bool:
    return not path.is_symlink() and (path / MANIFEST).is_file()


def _modified(path: Path) -> float:
    try:
        return max(one.stat().st_mtime for one in (path, *path.glob("blocks")))
    except OSError:
        return 0.0


def _remove(folder: Path) -> None:
    """Remove a store for good, as far as it is one."""
    import shutil

    shutil.rmtree(folder)
