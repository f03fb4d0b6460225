"""Files that are whole at every moment: the old one, or the new one."""

import contextlib
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

__all__ = ["remove_leftovers", "write_atomically"]

LEFTOVER_AGE_S = 600.0
"""No save lasts this long."""


def write_atomically(path: str | os.PathLike[str], write: Callable[[BinaryIO], object]) -> Path:
    """Replace a file in one step.

    The content goes to a file beside it, reaches the disk, and then takes the name. A crash, a
    kill or a full disk at any moment leaves the old file as it was.

    Args:
        path: The file; its folder is made where it is missing.
        write: Writes the content to the open binary file that it gets.

    Returns:
        The path.

    Raises:
        OSError: The folder or the file cannot be written.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.parent / f".{target.name}.{uuid.uuid4().hex}.tmp"
    try:
        with beside.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    _sync_folder(target.parent)
    return target


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left of unfinished saves, once they are surely dead."""
    for leftover in folder.glob(".*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > LEFTOVER_AGE_S:
                leftover.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system lets a folder be opened."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
