"""Compiled kernels kept on disk: an optimisation, never a need.

One file for each kernel and signature, in the first of these folders that can be written (all of
them are read):

- where NUMBA_CACHE_DIR is set, a folder below it and no other;
- else `__pycache__` beside the source, then the user's cache folder.

A file begins with a checksum of itself and of all that its code depends on. What does not fit,
whether old, cut short, overwritten or of another kernel, is compiled and written again; machine
code is never handed to LLVM unchecked, which would end the process. Numba's own cache has an
index for each function, which two processes that compile at the same time take from each other
(code of one signature is then run for another), and it fails where it cannot write.
"""

import hashlib
import pickle
import secrets
import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.misc.appdirs import AppDirs

__all__ = ["CompileCacheWarning", "KernelCache", "folders", "stamp"]

_DIGEST_BYTES = 32

_OPTIONS = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "BOUNDSCHECK", "DEBUGINFO_DEFAULT")
"""Of Numba's configuration: what changes the machine code of a function."""


_warned = False
"""Whether this process has said that compiled kernels cannot be kept."""


class CompileCacheWarning(UserWarning):
    """Compiled kernels cannot be kept: everything works, but starts slowly every time."""


@cache
def stamp() -> str:
    """A checksum of what all compiled code depends on beside its own signature.

    That is every module of this folder, since they paste constants and helpers into each other
    and use nothing else of the library, the compiler, and how it is set.
    """
    checksum = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        source = path.read_bytes()
        checksum.update(f"{path.name} {len(source)} ".encode() + source)
    options = [getattr(numba.config, name, None) for name in _OPTIONS]
    versions = sys.version, numba.__version__, llvmlite.__version__, np.__version__
    checksum.update(repr((versions, options)).encode())
    return checksum.hexdigest()


def folders(source: Path) -> list[Path]:
    """Where the compiled functions of a source file may lie, in the order of preference."""
    digest = hashlib.sha256(str(source.parent).encode()).hexdigest()[:24]
    place = f"{source.parent.name}_{digest}"
    given = numba.config.CACHE_DIR
    if given:
        return [Path(given) / place]
    # Without a home there is no such folder, and its name is relative.
    of_user = Path(AppDirs(appname="numba", appauthor=False).user_cache_dir) / place
    return [source.parent / "__pycache__", *([of_user] if of_user.is_absolute() else [])]


class KernelCache(_Cache):  # type: ignore[misc]
    """The compiled signatures of one function, as Numba's dispatchers use it.

    Args:
        function: As written. It may close over numbers, which belong to its identity, but not
            over other functions.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._source = Path(function.__code__.co_filename).absolute()
        self.enable()

    @property
    def cache_path(self) -> str:
        """The folder preferred."""
        return str(folders(self._source)[0])

    def enable(self) -> None:
        """Read and write files, if there is a source whose changes can be seen."""
        self._enabled = self._source.is_file()

    def disable(self) -> None:
        """Neither read nor write files."""
        self._enabled = False

    def flush(self) -> None:
        """Remove all files of this function."""
        for folder in folders(self._source):
            for path in folder.glob(f"{self._base()}-*.nbc"):
                path.unlink(missing_ok=True)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled signature, or None where no file holds it whole."""
        if not self._enabled:
            return None
        target_context.refresh()
        name, identity = self._identify(sig, target_context.codegen())
        for folder in folders(self._source):
            try:
                content = (folder / name).read_bytes()
            except (OSError, MemoryError):
                continue
            payload = content[_DIGEST_BYTES:]
            if content[:_DIGEST_BYTES] != _digest(identity, payload):
                continue
            try:
                return CompileResult._rebuild(target_context, *pickle.loads(payload))
            except Exception:
                # Written just so, and yet of no use here: whatever the reason, it can be compiled.
                continue
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled signature; where that is impossible, warn once in this process."""
        if not self._enabled or data.lifted or data.library.has_dynamic_globals:
            return
        name, identity = self._identify(sig, data.codegen)
        payload = dumps(data._reduce())
        problem = None
        for folder in folders(self._source):
            try:
                _write(folder, name, _digest(identity, payload) + payload)
                return
            except OSError as error:
                problem = problem or f"{folder}: {error.strerror or error}"
        _warn(str(problem))

    def _base(self) -> str:
        function = f"{self._source.stem}.{self._function.__qualname__}"
        return function.replace("<", "").replace(">", "")

    def _identify(self, sig: Any, codegen: Any) -> tuple[str, bytes]:
        """The file's name, and all that must be the same for its code to be the right one."""
        cells = tuple(cell.cell_contents for cell in self._function.__closure__ or ())
        which = repr((sys.implementation.cache_tag, sig, codegen.magic_tuple(), cells)).encode()
        line = self._function.__code__.co_firstlineno
        source = hashlib.sha256(self._source.read_bytes()).hexdigest()
        identity = which + f"{line} {source} {stamp()}".encode()
        return f"{self._base()}-{hashlib.sha256(which).hexdigest()[:24]}.nbc", identity


def _digest(identity: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(identity).digest() + payload).digest()


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write a file whole or not at all; the last of several processes wins.

    Raises:
        OSError: It cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    part = folder / f"{name}.{secrets.token_hex(8)}.tmp"
    try:
        part.write_bytes(content)
        if path.is_dir():
            path.rmdir()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _warn(problem: str) -> None:
    global _warned
    if _warned:
        return
    _warned = True
    warnings.warn_explicit(
        f"compiled kernels cannot be kept on disk ({problem}), so that every start compiles them"
        " again; set NUMBA_CACHE_DIR to a folder that can be written",
        CompileCacheWarning,
        "gridworld",  # no file: a line of source would be shown below the message
        1,
    )
