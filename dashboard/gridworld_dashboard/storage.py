"""The saves below the data folder: an exchange file, and a checkpoint beside it."""

import contextlib
import json
import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from gridworld.algorithms import algorithm_from_json
from gridworld.batch import Batch
from gridworld.errors import FileError, GridworldError, InvalidValueError, shortened
from gridworld.mdp import compile_world
from gridworld.store.checkpoint import load_checkpoint, read_extra, save_checkpoint
from gridworld.store.exchange import (
    EXCHANGE_CELLS,
    Exchange,
    exchange_dumps,
    exchange_loads,
    utc_timestamp,
)
from gridworld.store.files import remove_leftovers, sync_folder, write_atomically
from gridworld.store.reading import read_regular, require_regular
from gridworld.world import GridWorld
from gridworld_dashboard.classroom.allowance import NO_LIMITS, Allowance
from gridworld_dashboard.frames.histories import chart_bins

__all__ = ["AUTOSAVE", "FOLDER", "Loaded", "Store"]

FOLDER: Final = ".qtables"
"""Below the data folder."""

AUTOSAVE: Final = "autosave"
"""What a clean exit saves as; nobody else may."""

MAX_EXCHANGE_BYTES: Final = 64_000_000
"""More than any exchange file needs."""

MOST_TEXT: Final = 100
"""Letters of the texts that we write into files for ourselves."""

DEVICES: Final = {"con", "prn", "aux", "nul"} | {
    f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10)
}
"""Names that are no files on Windows, whatever follows behind a dot."""

STAGED: Final = re.compile(r"\.(.+)\.([0-9a-f]{32})\.json")
"""The name of what a JSON is going to be: that of the save, and its id."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loaded:
    """A batch that is ready to go on.

    Attributes:
        batch: Of the file.
        path: The file that it came from.
        note: What the viewer should know beside that; may be empty.
        repeatable: Whether a fresh start with the batch's parameters gives the same.
        parameters: What was in force beside it, where the file says so; not checked.
    """

    batch: Batch
    path: Path
    note: str = ""
    repeatable: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Store:
    """Saves by name.

    Args:
        folder: The data folder; saves go to `.qtables` in it.
        allowance: What it may take of the disk.
    """

    def __init__(self, folder: Path, allowance: Allowance = NO_LIMITS) -> None:
        self.folder = folder / FOLDER
        self.allowance = allowance

    def exchange_path(self, name: str) -> Path:
        """Where the JSON of a save is."""
        return self.folder / f"{name}.json"

    def checkpoint_path(self, name: str) -> Path:
        """Where the checkpoint of a save is."""
        return self.folder / f"{name}.npz"

    def save(self, batch: Batch, name: str, *, repeatable: bool = False) -> tuple[Path, str]:
        """Save a batch that does not advance meanwhile.

        The checkpoint is the commit: what its JSON is to be stands on the disk, under a name that
        bears the `save_id`, before it gets its own name, and replaces the JSON afterwards. Broken
        off before, the earlier save is there as it was; after, the next `load` or `clean` ends it.

        Args:
            batch: What to save.
            name: Of the save.
            repeatable: Kept with the checkpoint.

        Returns:
            The file to name to the user, and a sentence.

        Raises:
            InvalidValueError: The name is taken.
            FileError: What bears its name is no regular file.
            OSError: A file cannot be written; what was there is as it was.
        """
        self._check_name(name)
        self.allowance.check_disk(self.folder, batch.q.nbytes + batch.bins.nbytes)
        world = _world(batch)
        exchange, checkpoint = self.exchange_path(name), self.checkpoint_path(name)
        for path in (exchange, checkpoint):
            require_regular(path)
        alone = world.n_states > EXCHANGE_CELLS
        save_id = uuid.uuid4().hex
        text = "" if alone else _exchange_text(world, batch, save_id)
        staged = self._staged_path(name, save_id)
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            write_atomically(staged, lambda file: file.write(text.encode()))
            self._write_checkpoint(batch, name, save_id, repeatable)
        except BaseException:
            if self._save_id(name) != save_id:
                with contextlib.suppress(OSError):
                    staged.unlink()
            raise
        try:
            self._finish(name, staged)
        except OSError as error:
            return checkpoint, (
                f"Saved {checkpoint}; {exchange.name} could not be written, and follows when it is"
                f" loaded: {error.strerror or error}"
            )
        if alone:
            return checkpoint, (
                f"Saved {checkpoint} alone: above 128 x 128 cells the JSON would be too large"
            )
        return exchange, f"Saved {exchange}"

    def _check_name(self, name: str) -> None:
        """Refuse a name that some system takes for another one."""
        folded = name.casefold()
        if folded == AUTOSAVE:
            raise InvalidValueError(f"name must not be {AUTOSAVE}, which a clean exit saves as")
        if folded.partition(".")[0] in DEVICES or name.endswith("."):
            raise InvalidValueError(f"name must be one that every system takes, got {name!r:.80}")
        taken = {path.stem for path in self.folder.glob("*.*") if path.suffix in (".npz", ".json")}
        if name not in taken and (other := next((t for t in taken if t.casefold() == folded), "")):
            raise InvalidValueError(
                f"name must differ from {other!r:.80} by more than its case, got {name!r:.80}"
            )

    def _staged_path(self, name: str, save_id: str) -> Path:
        """Where that is written which is going to be the JSON of a save."""
        return self.folder / f".{name}.{save_id}.json"

    def _finish(self, name: str, staged: Path) -> None:
        """Let the JSON be what was staged for it; an empty one stands for none.

        One that is younger than what was staged is somebody's own, and stays.

        Raises:
            OSError: It cannot be written.
        """
        exchange = self.exchange_path(name)
        text = read_regular(staged, MAX_EXCHANGE_BYTES)
        with contextlib.suppress(FileNotFoundError):
            if exchange.stat().st_mtime_ns > staged.stat().st_mtime_ns:
                staged.unlink()
                return
        if text:
            write_atomically(exchange, lambda file: file.write(text))
        else:
            exchange.unlink(missing_ok=True)
            sync_folder(self.folder)  # or the note that it must go might go without it
        with contextlib.suppress(OSError):  # once more will do no harm
            staged.unlink()

    def _save_id(self, name: str) -> str | None:
        """Of the checkpoint; None: there is none that could be read."""
        try:
            return _text(read_extra(self.checkpoint_path(name))[0].get("save_id"))
        except (GridworldError, OSError):
            return None

    def load(self, name: str, present: Batch) -> Loaded:
        """Read a save: the checkpoint where it belongs to the JSON, else the JSON.

        Args:
            name: Of the save.
            present: A JSON must fit its world, or name another one, and brings no other
                parameters than its own.

        Raises:
            FileError: There is no such save, or it is broken or does not fit.
            GridworldError: It needs more memory than there is, or a number is outside its range.
            OSError: A file cannot be read.
        """
        exchange, checkpoint = self.exchange_path(name), self.checkpoint_path(name)
        save_id = self._save_id(name)
        notes = []
        if save_id is not None and (staged := self._staged_path(name, save_id)).exists():
            try:
                self._finish(name, staged)
            except (FileError, OSError):
                found = _exact(checkpoint, *load_checkpoint(checkpoint))
                return replace(found, note=f"{exchange.name} is of an earlier save")
            notes.append("the save was broken off, and has been ended now")
        try:
            text = read_regular(exchange, MAX_EXCHANGE_BYTES)
        except FileNotFoundError:
            if not checkpoint.exists():
                raise FileError(f"{exchange} must exist to be loaded, got no such file") from None
            found = _exact(checkpoint, *load_checkpoint(checkpoint))
            return replace(found, note="; ".join(notes))
        if checkpoint.exists():
            if save_id is not None and save_id != _save_id(text):
                notes.append(f"{checkpoint.name} was left out, since it is of another save")
            elif _save_id(text) is not None:
                try:
                    found = _exact(checkpoint, *load_checkpoint(checkpoint))
                    return replace(found, note="; ".join(notes))
                except (GridworldError, OSError) as error:
                    notes.append(f"the checkpoint beside it was left out: {error}")
        try:
            exchanged = exchange_loads(text, _world(present), take_named=True)
        except FileError as error:
            raise FileError(f"{exchange} cannot be loaded: {error}") from None
        if exchanged.world is not present.mdp.world:
            notes.append(f"the world {exchanged.world.name} was taken, which the file names")
        return Loaded(_afresh(present, exchanged), exchange, note="; ".join(notes))

    def autosave(
        self, batch: Batch, *, repeatable: bool = False, parameters: Mapping[str, Any] | None = None
    ) -> Path:
        """Save what a clean exit leaves.

        Args:
            batch: What to save.
            repeatable: Kept with the checkpoint.
            parameters: The same.

        Raises:
            FileError: What bears its name is no regular file.
            OSError: The file cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        require_regular(self.checkpoint_path(AUTOSAVE))
        return self._write_checkpoint(batch, AUTOSAVE, uuid.uuid4().hex, repeatable, parameters)

    def autosave_offer(self) -> dict[str, Any] | None:
        """When the last clean exit was, and how far it had come; None: there is nothing to load.

        Whatever is wrong with it, a start must not fail of it.
        """
        path = self.checkpoint_path(AUTOSAVE)
        try:
            extra, episodes = read_extra(path)
        except FileNotFoundError:
            return None
        except Exception as error:
            _log.warning("%s is not offered: %s", path, shortened(error, 300))
            return None
        return {"saved": _text(extra.get("saved")), "episodes": episodes}

    def clean(self) -> None:
        """End the saves that were broken off, and remove what else killed processes left."""
        remove_leftovers(self.folder)
        for staged in self.folder.glob(".*.json"):
            if (found := STAGED.fullmatch(staged.name)) is None:
                continue
            name, save_id = found.groups()
            with contextlib.suppress(FileError, OSError):
                if self._save_id(name) == save_id:
                    self._finish(name, staged)
                else:
                    staged.unlink()

    def _write_checkpoint(
        self,
        batch: Batch,
        name: str,
        save_id: str,
        repeatable: bool,
        parameters: Mapping[str, Any] | None = None,
    ) -> Path:
        extra = {"save_id": save_id, "saved": utc_timestamp(), "repeatable": repeatable}
        if parameters is not None:
            extra["parameters"] = dict(parameters)
        return save_checkpoint(self.checkpoint_path(name), batch, extra)


def _exact(path: Path, batch: Batch, extra: dict[str, Any]) -> Loaded:
    told = extra.get("parameters")
    return Loaded(
        _shown(batch),
        path,
        repeatable=extra.get("repeatable") is True,
        parameters=told if isinstance(told, dict) else {},
    )


def _exchange_text(world: GridWorld, batch: Batch, save_id: str) -> str:
    """The JSON of the first agent."""
    agent = batch.agents[0]
    numbers = ("learning_rate", "discount_factor", "epsilon_decay")
    return exchange_dumps(
        world,
        batch.row_q(0),
        _decimal(agent["epsilon"]),
        {key: _decimal(agent[key]) for key in numbers},
        save_id=save_id,
        world_name=world.name,
        algorithm=batch.algorithm.name,
        episodes=int(agent["episodes"]),
        steps=int(agent["steps"]),
    )


def _afresh(present: Batch, found: Exchange) -> Batch:
    """A batch that begins with the file's Q-table, on the present world or the one it names."""
    same = found.world is present.mdp.world
    named = {"algorithm": found.algorithm or present.algorithm.name}
    algorithm = algorithm_from_json(present.algorithm.to_json() | named)
    batch = Batch.create(
        present.mdp if same else compile_world(found.world),
        algorithm.with_parameters(**found.config),
        seed=present.seed,
        numbers=present.numbers,
        bins=chart_bins(len(present.agents)),
    )
    batch.q[:] = found.q[None, :, None, :]
    batch.set_epsilon(found.epsilon)
    return batch


def _shown(batch: Batch) -> Batch:
    _world(batch)
    return batch


def _world(batch: Batch) -> GridWorld:
    if batch.mdp.world is None:
        raise FileError("the dashboard must have a grid to show, got a table of outcomes")
    return batch.mdp.world


def _save_id(text: bytes) -> str | None:
    """The file's `save_id`; None where it has none, or is broken, which its loading will tell."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _text(data.get("save_id")) if isinstance(data, dict) else None


def _text(value: object) -> str | None:
    """A short text of a file; None: it is something else."""
    return value if isinstance(value, str) and len(value) <= MOST_TEXT else None


def _decimal(value: np.float32) -> float:
    """The shortest decimal that is this float32."""
    return float(str(value))
