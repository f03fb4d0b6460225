"""Reading what lies behind a name, which need not be what the name says."""

import contextlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from gridworld.errors import FileError

__all__ = ["open_regular", "read_regular", "require_regular"]

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file to read, at once: a pipe would be waited for, and a device may have no end.

    Raises:
        FileError: It is no regular file.
        OSError: It cannot be read.
    """
    require_regular(path)
    # what was looked at may have been replaced meanwhile: no open may wait
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _refuse_irregular(path, os.fstat(handle))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_regular(path: str | os.PathLike[str], most: int) -> bytes:
    """What a file holds, of which `most` bytes at the most are read.

    Raises:
        FileError: It is no regular file, or holds more.
        OSError: It cannot be read.
    """
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise FileError(f"{path} must have at most {most / 1e6:.0f} MB, got more")
    return data


def require_regular(path: str | os.PathLike[str]) -> None:
    """Refuse what is there under a name and is no regular file; nothing may be there.

    Raises:
        FileError: It is a folder, a pipe, a socket or a device.
        OSError: One cannot look.
    """
    with contextlib.suppress(FileNotFoundError):
        _refuse_irregular(path, Path(path).stat())


def _refuse_irregular(path: str | os.PathLike[str], status: os.stat_result) -> None:
    if (kind := stat.S_IFMT(status.st_mode)) != stat.S_IFREG:
        raise FileError(f"{path} must be a regular file, got {_KINDS.get(kind, 'something else')}")
