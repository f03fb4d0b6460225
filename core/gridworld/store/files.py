"""Files that are whole at every moment: the old one, or the new one."""

import contextlib
import os
import shutil
import stat
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from errno import (
    EACCES,
    EAGAIN,
    EBADF,
    EINVAL,
    EISDIR,
    ENOENT,
    ENOLCK,
    ENOSYS,
    ENOTDIR,
    ENOTSUP,
    ENXIO,
    EOPNOTSUPP,
    EPERM,
)
from pathlib import Path
from typing import BinaryIO

__all__ = [
    "lock",
    "ready_to_write",
    "remove_leftovers",
    "sync_folder",
    "write_atomically",
]

LEFTOVER_AGE_S = 600.0
"""No save lasts this long."""

IN_MEMORY = 64 << 20
"""Bytes of what goes into a pipe that are kept in memory; more of it goes to a temporary file."""

UNABLE = (EINVAL, ENOTSUP, EOPNOTSUPP, ENOSYS, ENOLCK, EBADF)
"""What file systems answer that cannot do at all what was asked."""

WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def write_atomically(path: str | os.PathLike[str], write: Callable[[BinaryIO], object]) -> Path:
    """Replace a file in one step, or write into what is no regular file.

    The content goes to a file beside it, reaches the disk, and then takes the name. A crash, a
    kill or a full disk at any moment leaves the old file as it was. A symbolic link is followed:
    it stays, and what it points to is replaced. A file that was there keeps its mode, and its
    owner and group where the system permits that; another hard link to it keeps the old content.

    A pipe, a device or this process's own standard output is never replaced: once the content is
    complete, it is written into it.

    Args:
        path: The file, in a folder that exists.
        write: Writes the content to the open binary file that it gets.

    Returns:
        The path.

    Raises:
        OSError: It cannot be written: its folder is missing, it is a folder, it is read-only,
            nobody reads the pipe, the disk is full. `filename` says which. The old file is as
            it was, unless the very last call failed, which makes its new name last.
    """
    target = _target(path)
    with _named(target.given):
        if target.through:
            _write_through(target, write)
        else:
            _replace(target, write)
    return Path(path)


@contextlib.contextmanager
def ready_to_write(path: str | os.PathLike[str]) -> Iterator[None]:
    """Find out before long work, not after it, whether a file can be written.

    A pipe is kept open meanwhile, so that its reader waits for the content.

    Args:
        path: For `write_atomically`.

    Raises:
        OSError: As `write_atomically` would.
    """
    target = _target(path)
    with contextlib.ExitStack() as stack:
        with _named(target.given):
            if target.is_pipe:
                stack.callback(os.close, _open_through(target))
            elif not target.through:
                with _beside(target):
                    pass
        yield


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left of unfinished saves, once they are surely dead."""
    for leftover in folder.glob(".*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > LEFTOVER_AGE_S:
                leftover.unlink()


@contextlib.contextmanager
def lock(path: str | os.PathLike[str]) -> Iterator[bool]:
    """Hold a folder, or a file that is made where it is missing, against other processes.

    The system lets go of it when the process ends, however it does. Where the system has no such
    locks, everybody holds everything.

    Args:
        path: What all of them name.

    Yields:
        False: another one holds it.

    Raises:
        OSError: The file cannot be opened.
    """
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield True
        return
    folder = Path(path).is_dir()
    handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR | os.O_CREAT, 0o666)
    try:
        held = True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (EAGAIN, EACCES, *UNABLE):
                raise
            held = error.errno in UNABLE
        yield held
    finally:
        os.close(handle)


@dataclass(frozen=True)
class _Target:
    """What a path leads to.

    Attributes:
        given: The path.
        path: Without symbolic links.
        status: None: nothing is there.
    """

    given: str
    path: Path
    status: os.stat_result | None

    @property
    def is_pipe(self) -> bool:
        return self.status is not None and stat.S_ISFIFO(self.status.st_mode)

    @property
    def through(self) -> bool:
        """Whether it is to be written into: it is no regular file, or our own output."""
        if self.status is None:
            return False
        return not stat.S_ISREG(self.status.st_mode) or self.stream is not None

    @property
    def stream(self) -> int | None:
        """The handle of our standard output or errors that this is."""
        for handle in (1, 2):
            with contextlib.suppress(OSError):
                if self.status and os.path.samestat(os.fstat(handle), self.status):
                    return handle
        return None


def _target(path: str | os.PathLike[str]) -> _Target:
    """Look where a path leads.

    Raises:
        OSError: Nothing can be written there.
    """
    given = os.fsdecode(path)
    if not given or given.endswith(os.sep):
        raise IsADirectoryError(EISDIR, "must be the path of a file, got that of a folder", given)
    real = Path(os.path.realpath(given))
    try:
        # follows links, and says by itself what is wrong with a loop or with a name too long
        status = Path(given).stat()
    except FileNotFoundError:
        if not real.parent.exists():
            raise FileNotFoundError(ENOENT, "No such folder", str(real.parent)) from None
        status = None
    except NotADirectoryError:
        file = next((p for p in (real, *real.parents) if p.exists()), real)
        raise NotADirectoryError(ENOTDIR, "Not a folder", str(file)) from None
    if status is not None and stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(EISDIR, "Is a folder", given)
    # What has no write bit is protected, even from a user who may do everything.
    if status is not None and not (status.st_mode & WRITE_BITS and os.access(given, os.W_OK)):
        raise PermissionError(EACCES, "must be writable, got a read-only file", given)
    return _Target(given, real, status)


@contextlib.contextmanager
def _named(path: str) -> Iterator[None]:
    """Let errors name the file that was asked for, where they name none, or one beside it."""
    try:
        yield
    except OSError as error:
        if error.errno is None or not (error.filename is None or _is_beside(error.filename)):
            raise
        raise OSError(error.errno, error.strerror, path) from error


def _is_beside(name: object) -> bool:
    return isinstance(name, str) and name.endswith(".tmp")


def _replace(target: _Target, write: Callable[[BinaryIO], object]) -> None:
    with _beside(target) as (file, beside):
        write(file)
        file.flush()
        os.fsync(file.fileno())
        file.close()
        beside.replace(target.path)
    sync_folder(target.path.parent)


@contextlib.contextmanager
def _beside(target: _Target) -> Iterator[tuple[BinaryIO, Path]]:
    """An open file beside the target, with its mode; it is gone afterwards, or has its name."""
    folder = target.path.parent
    # a short piece of the name, since the name itself may be as long as names can be
    beside = folder / f".{target.path.name[:32]}.{uuid.uuid4().hex}.tmp"
    try:
        file = beside.open("xb")
    except PermissionError as error:
        raise PermissionError(error.errno, "must be a writable folder", str(folder)) from None
    try:
        with file:
            if target.status is not None:
                _take_after(beside, target.status)
            yield file, beside
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _take_after(path: Path, status: os.stat_result) -> None:
    """Give a file the owner, the group and the mode of another, as far as the system permits."""
    if hasattr(os, "chown"):
        try:
            os.chown(path, status.st_uid, status.st_gid)
        except OSError:
            with contextlib.suppress(OSError):
                os.chown(path, -1, status.st_gid)
    path.chmod(stat.S_IMODE(status.st_mode))


def _write_through(target: _Target, write: Callable[[BinaryIO], object]) -> None:
    # The content is complete first: an archive is written with steps back, which a pipe has not.
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as content:
        write(content)  # type: ignore[arg-type]  # it is one in all but name
        content.seek(0)
        with open(_open_through(target), "wb") as file:
            shutil.copyfileobj(content, file, 1 << 20)


def _open_through(target: _Target) -> int:
    if target.stream is not None:
        return os.dup(target.stream)
    if not target.is_pipe:
        return os.open(target.given, os.O_WRONLY | os.O_NOCTTY)
    try:
        # without waiting for a reader, who may never come
        handle = os.open(target.given, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != ENXIO:
            raise
        sentence = "must have a reader, got a pipe that nobody reads"
        raise OSError(ENXIO, sentence, target.given) from None
    os.set_blocking(handle, True)
    return handle


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system lets a folder be opened.

    Raises:
        OSError: The disk fails; the new content has the name all the same.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        if error.errno in (EACCES, EPERM, EISDIR, *UNABLE):  # written into, but not to be read
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in UNABLE:
            raise
    finally:
        os.close(handle)
