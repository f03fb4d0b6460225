"""Checkpoints: one `.npz` file from which training goes on bit for bit."""

import contextlib
import json
import os
import struct
import tokenize
import zipfile
from collections.abc import Iterator, Mapping
from errno import EINVAL
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm, algorithm_from_json
from gridworld.batch import UNLIMITED, Batch, in_a_row
from gridworld.errors import FileError, GridworldError, MemoryLimitError, shortened
from gridworld.kernels.random import STREAM_VERSION
from gridworld.mdp import Mdp, compile_world
from gridworld.memory import require_memory
from gridworld.records import AGENT, BIN
from gridworld.store.files import write_atomically
from gridworld.store.invariants import check_batch, check_places
from gridworld.store.reading import open_regular
from gridworld.tables import COLUMNS
from gridworld.world import MOST_NAME, GridWorld

__all__ = ["FORMAT_VERSION", "load_checkpoint", "read_extra", "save_checkpoint"]

FORMAT_VERSION = 1

DESCRIPTION_BYTES = 1_000_000
WORDS_BYTES = 256
"""A description has at most so many bytes, and of each agent and of each state so many more."""

_BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    EOFError,
    RuntimeError,
    struct.error,
    tokenize.TokenError,
)
"""What readers raise of what is damaged; RuntimeError: a bit says that it is encrypted."""

_NO_CHECKPOINT = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)

_MDP_ARRAYS = (
    "outcomes",
    "threshold",
    "alias",
    "starts",
    "start_threshold",
    "start_alias",
    "probability",
    "exact_reward",
)
_MDP_MAYBE = ("reward_sd", "available")
"""The same, in files of processes that have them."""

_MDP_NUMBERS = ("n_states", "n_actions", "max_steps", "dynamics")


_CARRIED = {"floats": np.dtype(np.float32), "ints": np.dtype(np.int32)}
"""What agents carry beside their Q-tables, in files of algorithms that have it."""


def save_checkpoint(
    path: str | os.PathLike[str], batch: Batch, extra: Mapping[str, Any] | None = None
) -> Path:
    """Save a batch atomically: world, parameters, tables, records, histories.

    Args:
        path: The file, usually named `*.npz`.
        batch: Must not advance meanwhile.
        extra: JSON values of the caller's own, given back by `load_checkpoint`.

    Raises:
        OSError: The file cannot be written; an older one is left as it was.
    """
    mdp = batch.mdp
    meta: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "stream_version": STREAM_VERSION,
        "algorithm": batch.algorithm.to_json(),
        "seed": batch.seed,
        "first_agent": batch.first_agent,
        "name": mdp.name[:MOST_NAME],
        "world": mdp.world.to_json() if mdp.world is not None else None,
        "extra": dict(extra or {}),
    }
    try:
        check_places(batch)
    except FileError:
        meta["moved"] = True
    arrays: dict[str, npt.NDArray[Any]] = {
        "q": batch.q,
        "agents": batch.agents,
        "bins": batch.bins,
    }
    for name in _CARRIED:
        if getattr(batch, name).size:
            arrays[name] = getattr(batch, name)
    if not batch.consecutive:
        arrays["numbers"] = batch.numbers
    if mdp.world is None:
        meta["mdp"] = {name: int(getattr(mdp, name)) for name in _MDP_NUMBERS}
        kept = [*_MDP_ARRAYS, *(name for name in _MDP_MAYBE if len(getattr(mdp, name)))]
        arrays |= {f"mdp_{name}": getattr(mdp, name) for name in kept}
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    return write_atomically(path, lambda file: np.savez(file, allow_pickle=False, **arrays))


def load_checkpoint(path: str | os.PathLike[str]) -> tuple[Batch, dict[str, Any]]:
    """Read a checkpoint: the batch, ready to go on, and the caller's own values.

    Raises:
        FileNotFoundError: There is no such file.
        OSError: It cannot be read.
        MemoryLimitError: It does not fit into the free memory.
        FileError: It is broken, not a checkpoint, of a newer version, or its values are not such
            as training could have left.
    """
    with _opened(path) as archive:
        return _read(archive)


def read_extra(path: str | os.PathLike[str]) -> tuple[dict[str, Any], int]:
    """The caller's own values of a checkpoint, and the episodes of its first agent: a quick look.

    Raises:
        FileNotFoundError: There is no such file.
        OSError: It cannot be read.
        FileError: It is none; or the rest of it, which is not looked at, may not be one.
    """
    with _opened(path) as archive:
        meta = _meta(archive)
        agents = _agents(archive, algorithm_from_json(meta["algorithm"]))
        if not len(agents):
            raise FileError("agents must be at least one, got none")
        return meta["extra"], int(agents["episodes"][0])


@contextlib.contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[zipfile.ZipFile]:
    """A checkpoint's archive; whatever is wrong with it is one sentence.

    Raises:
        FileNotFoundError: There is no such file.
        OSError: It cannot be read.
        MemoryLimitError: It does not fit into the free memory.
        FileError: Anything else.
    """
    with open_regular(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                _check_sizes(archive, os.fstat(file.fileno()).st_size)
                yield archive
        except MemoryLimitError as error:
            raise MemoryLimitError(f"{path} cannot be loaded: {error}") from error
        except MemoryError:
            raise MemoryLimitError(f"{path} must fit into the free memory, got more") from None
        except GridworldError as error:
            raise FileError(f"{path} cannot be loaded: {error}") from error
        except OSError as error:
            if error.errno not in (None, EINVAL):  # EINVAL: an offset that leads out of the file
                error.filename = error.filename or os.fspath(path)
                raise
            raise FileError(f"{path} must be a whole checkpoint (.npz), got {error}") from None
        except _BROKEN_ARCHIVE as error:
            got = shortened(error)
            raise FileError(f"{path} must be a whole checkpoint (.npz), got {got}") from error
        except _NO_CHECKPOINT as error:
            got = shortened(error)
            raise FileError(f"{path} must be a checkpoint of this program, got {got}") from error


def _check_sizes(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse an archive that promises more than it holds."""
    members = archive.infolist()
    if any(info.compress_type != zipfile.ZIP_STORED for info in members):
        raise FileError("its arrays must be stored without compression")
    total = sum(info.file_size for info in members)
    if total > size:
        raise FileError("its members must be no more than the file holds")
    require_memory("its arrays", f"{len(members)} of them", total)


def _meta(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The description, of a known version and with all its parts."""
    if not _is_there(archive, "meta"):
        raise FileError("it holds no description (meta)")
    (size,) = _shape(archive, "meta", 1)
    # A description says a few words of each agent and of each state: to read it takes no longer
    # than to read what it describes.
    agents, states = _shape(archive, "q", 4)[:2]
    most = DESCRIPTION_BYTES + WORDS_BYTES * (agents + states)
    if size > most:
        raise FileError(f"its description must have at most {most} bytes, got {size}")
    text = bytes(_member(archive, "meta", np.dtype(np.uint8), 1))
    meta = json.loads(text, parse_constant=_refuse_constant)
    if not isinstance(meta, dict):
        raise FileError("its description must be a JSON object")
    for key, newest in (("format_version", FORMAT_VERSION), ("stream_version", STREAM_VERSION)):
        version = meta.get(key)
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= newest:
            raise FileError(f"its {key} must be at most {newest}, got {version!r:.80}")
    known = isinstance(meta["extra"], dict) and isinstance(meta["algorithm"], dict)
    known &= type(meta["seed"]) is int and type(meta["first_agent"]) is int
    if not (known and isinstance(meta["name"], str) and len(meta["name"]) <= MOST_NAME):
        raise FileError("its description is incomplete")
    return meta


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name}, which is not a finite number")


def _read(archive: zipfile.ZipFile) -> tuple[Batch, dict[str, Any]]:
    meta = _meta(archive)
    mdp = _mdp(archive, meta)
    algorithm = algorithm_from_json(meta["algorithm"])
    seed, first_agent = meta["seed"], meta["first_agent"]
    agents = _agents(archive, algorithm)
    if not (0 <= seed <= UNLIMITED and 0 <= first_agent <= UNLIMITED - len(agents) + 1):
        raise FileError(
            f"seed and first_agent must be from 0, got {seed!r:.40} and {first_agent!r:.40}"
        )
    numbers = in_a_row(first_agent, len(agents))
    if _is_there(archive, "numbers"):
        numbers = _member(archive, "numbers", np.dtype(np.int64), 1)
    batch = Batch(
        mdp,
        algorithm,
        seed=seed,
        numbers=numbers,
        agents=agents,
        q=_member(archive, "q", np.dtype(np.float32), 4),
        bins=_member(archive, "bins", BIN, 2),
        floats=_carried(archive, "floats", len(agents)),
        ints=_carried(archive, "ints", len(agents)),
    )
    check_batch(batch, moved=meta.get("moved") is True)
    return batch, meta["extra"]


def _agents(archive: zipfile.ZipFile, algorithm: Algorithm) -> npt.NDArray[np.void]:
    """The records; a parameter that is newer than the file has the algorithm's value."""
    found = _member(archive, "agents", None, 1)
    later = (*(each.key for each in COLUMNS), "schedule_first", "schedule_since")
    newer = [key for key in later if key not in (found.dtype.names or ())]
    known = np.dtype([(name, AGENT[name]) for name in AGENT.names or () if name not in newer])
    if found.dtype != known:
        raise FileError(
            f"agents must be a 1-dimensional array of {AGENT}, got {shortened(found.dtype)}"
        )
    if not newer:
        return found
    agents = np.zeros(len(found), AGENT)
    for name in known.names or ():
        agents[name] = found[name]
    for each in algorithm.parameters():
        if each.key in newer:
            agents[each.key] = algorithm.column(each.key, len(agents))
    if "schedule_first" in newer:
        agents["schedule_first"] = algorithm.column("epsilon", len(agents))
    return agents


def _carried(archive: zipfile.ZipFile, name: str, agents: int) -> npt.NDArray[Any]:
    """Numbers that agents carry; files of algorithms that have none do not hold them."""
    dtype = _CARRIED[name]
    if _is_there(archive, name):
        return _member(archive, name, dtype, 2)
    return np.zeros((agents, 0), dtype)


def _mdp(archive: zipfile.ZipFile, meta: dict[str, Any]) -> Mdp:
    shape = _shape(archive, "q", 4)
    if meta["world"] is not None:
        rows = meta["world"]["map"]
        cells = sum(map(len, rows)) if isinstance(rows, list) else 0
        if cells != shape[1]:  # before it is compiled, which may take long
            raise FileError(
                f"q must have the shape of the world, which has {cells} states, got {shape}"
            )
        return compile_world(GridWorld.from_json(meta["world"], name=meta["name"]))
    parts: dict[str, Any] = {name: int(meta["mdp"][name]) for name in _MDP_NUMBERS}
    if (parts["n_states"], parts["n_actions"]) != (shape[1], shape[3]):
        raise FileError(
            f"q must have the shape of {parts['n_states']!r:.40} states and"
            f" {parts['n_actions']!r:.40} actions, got {shape}"
        )
    kept = [*_MDP_ARRAYS, *(name for name in _MDP_MAYBE if _is_there(archive, f"mdp_{name}"))]
    parts |= {name: _member(archive, f"mdp_{name}", None, 1) for name in kept}
    return Mdp.from_arrays(name=meta["name"], **parts)


def _is_there(archive: zipfile.ZipFile, name: str) -> bool:
    return f"{name}.npy" in archive.NameToInfo


def _shape(
    archive: zipfile.ZipFile, name: str, ndim: int, dtype: np.dtype[Any] | None = None
) -> tuple[int, ...]:
    """What an array's header says, checked against the bytes that are there."""
    if not _is_there(archive, name):
        raise FileError(f"it must hold the array {name}, got none")
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as file:
        version = np.lib.format.read_magic(file)
        reader = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if reader is None:
            raise FileError(f"{name} must be an array of format 1.0 or 2.0, got {version}")
        shape, fortran, found = reader(file)
        size = found.itemsize * int(np.prod([int(n) for n in shape], dtype=object))
        if found.hasobject or fortran or len(shape) != ndim or (dtype and found != dtype):
            raise FileError(
                f"{name} must be a {ndim}-dimensional array of {shortened(dtype)},"
                f" got {shortened(found)}"
            )
        if size != info.file_size - file.tell():
            raise FileError(f"{name} must have as many bytes as its header says")
    return tuple(int(n) for n in shape)


def _member(
    archive: zipfile.ZipFile, name: str, dtype: np.dtype[Any] | None, ndim: int
) -> npt.NDArray[Any]:
    """One array, its header checked against the bytes that are there before it is allocated."""
    _shape(archive, name, ndim, dtype)
    with archive.open(f"{name}.npy") as file:
        array: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array
