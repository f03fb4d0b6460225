"""Checkpoints: one `.npz` file from which training goes on bit for bit."""

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm, algorithm_from_json
from gridworld.algorithms.base import memory_sizes
from gridworld.batch import UNLIMITED, Batch, in_a_row
from gridworld.errors import FileError, GridworldError, MemoryLimitError
from gridworld.kernels.codes import FOLD
from gridworld.kernels.random import STREAM_VERSION
from gridworld.mdp import Mdp, compile_world
from gridworld.memory import require_memory
from gridworld.records import AGENT, BIN
from gridworld.store.files import write_atomically
from gridworld.tables import COLUMNS
from gridworld.world import GridWorld

__all__ = ["FORMAT_VERSION", "load_checkpoint", "save_checkpoint"]

FORMAT_VERSION = 1

MOST = float(np.finfo(np.float32).max)

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
        "name": mdp.name,
        "world": mdp.world.to_json() if mdp.world is not None else None,
        "extra": dict(extra or {}),
    }
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
        arrays |= {f"mdp_{name}": getattr(mdp, name) for name in _MDP_ARRAYS}
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
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    except MemoryLimitError as error:
        raise MemoryLimitError(f"{path} cannot be loaded: {error}") from error
    except GridworldError as error:
        raise FileError(f"{path} cannot be loaded: {error}") from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise FileError(f"{path} must be a whole checkpoint (.npz), got {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileError(f"{path} must be a checkpoint of this program, got {error}") from error


def _read(archive: zipfile.ZipFile) -> tuple[Batch, dict[str, Any]]:
    try:
        meta = json.loads(bytes(_member(archive, "meta", np.dtype(np.uint8), 1)))
    except KeyError:
        raise FileError("it holds no description (meta)") from None
    if not isinstance(meta, dict):
        raise FileError("its description must be a JSON object")
    for key, newest in (("format_version", FORMAT_VERSION), ("stream_version", STREAM_VERSION)):
        version = meta.get(key)
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= newest:
            raise FileError(f"its {key} must be at most {newest}, got {version!r}")
    size = sum(info.file_size for info in archive.infolist())
    require_memory("its arrays", f"{len(archive.infolist())} of them", size)
    mdp = _mdp(archive, meta)
    algorithm = algorithm_from_json(meta["algorithm"])
    extra = meta["extra"]
    seed, first_agent = meta["seed"], meta["first_agent"]
    if not (isinstance(extra, dict) and type(seed) is int and type(first_agent) is int):
        raise FileError("its description is incomplete")
    agents = _agents(archive, algorithm)
    if not (0 <= seed <= UNLIMITED and 0 <= first_agent <= UNLIMITED - len(agents) + 1):
        raise FileError(f"seed and first_agent must be from 0, got {seed} and {first_agent}")
    numbers = in_a_row(first_agent, len(agents))
    if "numbers.npy" in archive.namelist():
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
    _check_batch(batch)
    return batch, extra


def _agents(archive: zipfile.ZipFile, algorithm: Algorithm) -> npt.NDArray[np.void]:
    """The records; a parameter that is newer than the file has the algorithm's value."""
    found = _member(archive, "agents", None, 1)
    newer = [each.key for each in COLUMNS if each.key not in (found.dtype.names or ())]
    known = np.dtype([(name, AGENT[name]) for name in AGENT.names or () if name not in newer])
    if found.dtype != known:
        raise FileError(f"agents must be a 1-dimensional array of {AGENT}, got {found.dtype}")
    if not newer:
        return found
    agents = np.zeros(len(found), AGENT)
    for name in known.names or ():
        agents[name] = found[name]
    for each in algorithm.parameters():
        if each.key in newer:
            agents[each.key] = algorithm.column(each.key, len(agents))
    return agents


def _check_batch(batch: Batch) -> None:
    """Refuse what no training could have left, so that no kernel is misled by a file."""
    mdp, agents, count = batch.mdp, batch.agents, len(batch.agents)
    shape = (count, mdp.n_states, batch.algorithm.tables, mdp.n_actions)
    capacity = batch.bins.shape[1]
    if count < 1 or batch.q.shape != shape or batch.bins.shape[0] != count or capacity % 2:
        raise FileError(
            f"q must have the shape {shape} and bins as many rows, "
            f"got {batch.q.shape} and {batch.bins.shape}"
        )
    if len(batch.numbers) != count or (batch.numbers < 0).any():
        raise FileError(f"numbers must be {count} whole numbers from 0, got others")
    _check_carried(batch)
    if not np.isfinite(batch.q).all():
        raise FileError("q must hold finite numbers, got NaN or infinity")
    if not agents["rng"].any(axis=1).all():
        raise FileError("a random state must not be all zero")
    longest = mdp.max_steps - 1 if mdp.max_steps else 2**31 - 1
    lowest_action = 0 if batch.algorithm.chooses_ahead else -1
    own = [each for each in batch.algorithm.parameters() if each.column and each.range]
    for name, low, high in (
        ("state", 0, mdp.n_states - 1),
        ("action", lowest_action, mdp.n_actions - 1),
        ("length", 0, longest),
        *((each.key, each.range.low, each.range.high) for each in own if each.range),
        ("episode_return", -MOST, MOST),
        ("fold_return_sum", -MOST, MOST),
        ("episodes", 0, UNLIMITED),
        ("steps", 0, UNLIMITED),
        ("episode_limit", 0, UNLIMITED),
        ("step_limit", 0, UNLIMITED),
        ("fold_count", 0, FOLD - 1),
        ("bins", 0, max(capacity - 1, 0)),
        ("bin_width", 1, UNLIMITED),
    ):
        column = agents[name]
        bad = ~((column >= low) & (column <= high))
        if bad.any():
            raise FileError(f"{name} must be in [{low}, {high}], got {column[bad][0]}")
    for name in ("bin_count", "bin_length_sum", "fold_start_step"):
        if (agents[name] < 0).any():
            raise FileError(f"{name} must not be negative")
    if (agents["bin_count"] + agents["fold_count"] >= agents["bin_width"]).any():
        raise FileError("bin_width must be more than the episodes of the open bin")


def _carried(archive: zipfile.ZipFile, name: str, agents: int) -> npt.NDArray[Any]:
    """Numbers that agents carry; files of algorithms that have none do not hold them."""
    dtype = _CARRIED[name]
    if f"{name}.npy" in archive.namelist():
        return _member(archive, name, dtype, 2)
    return np.zeros((agents, 0), dtype)


def _check_carried(batch: Batch) -> None:
    """Refuse what agents cannot carry, such as places outside the world."""
    mdp, count = batch.mdp, len(batch.agents)
    sections = batch.algorithm.memory(mdp.n_states, mdp.n_actions)
    shapes = tuple((count, size) for size in memory_sizes(sections))
    if (batch.floats.shape, batch.ints.shape) != shapes:
        raise FileError(
            f"floats and ints must have the shapes {shapes[0]} and {shapes[1]},"
            f" got {batch.floats.shape} and {batch.ints.shape}"
        )
    carried = batch.carried(slice(None))
    for each in sections:
        part = carried[each.key]
        bad = ~((part >= each.low) & (part <= each.high))
        if bad.any():
            raise FileError(
                f"{each.key} must be in [{each.low:g}, {each.high:g}], got {part[bad][0]:g}"
            )
    if not batch.algorithm.memory_fits(batch.floats, batch.ints, mdp.n_states, mdp.n_actions):
        raise FileError(
            f"what {batch.algorithm.title} carries must fit together, got what does not"
        )


def _mdp(archive: zipfile.ZipFile, meta: dict[str, Any]) -> Mdp:
    if meta["world"] is not None:
        return compile_world(GridWorld.from_json(meta["world"], name=str(meta["name"])))
    parts: dict[str, Any] = {name: int(meta["mdp"][name]) for name in _MDP_NUMBERS}
    parts |= {name: _member(archive, f"mdp_{name}", None, 1) for name in _MDP_ARRAYS}
    return Mdp.from_arrays(name=str(meta["name"]), **parts)


def _member(
    archive: zipfile.ZipFile, name: str, dtype: np.dtype[Any] | None, ndim: int
) -> npt.NDArray[Any]:
    """One array, its header checked against the bytes that are there before it is allocated."""
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type != zipfile.ZIP_STORED:
        raise FileError(f"{name} must be stored without compression")
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
            raise FileError(f"{name} must be a {ndim}-dimensional array of {dtype}, got {found}")
        if size != info.file_size - file.tell():
            raise FileError(f"{name} must have as many bytes as its header says")
    with archive.open(info) as file:
        array: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array
