"""The saves below the data folder: an exchange file, and a checkpoint beside it."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from gridworld.algorithms import algorithm_from_json
from gridworld.batch import Batch
from gridworld.errors import FileError, GridworldError, InvalidValueError
from gridworld.mdp import compile_world
from gridworld.store.checkpoint import load_checkpoint, save_checkpoint
from gridworld.store.exchange import (
    EXCHANGE_CELLS,
    Exchange,
    exchange_dumps,
    exchange_loads,
    utc_timestamp,
)
from gridworld.store.files import remove_leftovers, write_atomically
from gridworld.world import GridWorld

__all__ = ["AUTOSAVE", "FOLDER", "Loaded", "Store"]

FOLDER: Final = ".qtables"
"""Below the data folder."""

AUTOSAVE: Final = "autosave"
"""What a clean exit saves as; nobody else may."""

MAX_EXCHANGE_BYTES: Final = 64_000_000
"""More than any exchange file needs; reading one holds up everybody."""


@dataclass(frozen=True)
class Loaded:
    """A batch that is ready to go on.

    Attributes:
        batch: Of the file.
        path: The file that it came from.
        note: What the viewer should know beside that; may be empty.
        repeatable: Whether a fresh start with the batch's parameters gives the same.
    """

    batch: Batch
    path: Path
    note: str = ""
    repeatable: bool = False


class Store:
    """Saves by name.

    Args:
        folder: The data folder; saves go to `.qtables` in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def exchange_path(self, name: str) -> Path:
        """Where the JSON of a save is."""
        return self.folder / f"{name}.json"

    def checkpoint_path(self, name: str) -> Path:
        """Where the checkpoint of a save is."""
        return self.folder / f"{name}.npz"

    def save(self, batch: Batch, name: str, *, repeatable: bool = False) -> tuple[Path, str]:
        """Save a batch that does not advance meanwhile.

        The checkpoint comes first: until the JSON with the same `save_id` is there as well, the
        older JSON still loads.

        Args:
            batch: What to save.
            name: Of the save.
            repeatable: Kept with the checkpoint.

        Returns:
            The file to name to the user, and a sentence.

        Raises:
            InvalidValueError: The name is taken.
            OSError: A file cannot be written; what was there is as it was.
        """
        if name == AUTOSAVE:
            raise InvalidValueError(f"name must not be {AUTOSAVE}, which a clean exit saves as")
        world = _world(batch)
        save_id = uuid.uuid4().hex
        self._write_checkpoint(batch, name, save_id, repeatable)
        exchange = self.exchange_path(name)
        if world.n_states > EXCHANGE_CELLS:
            exchange.unlink(missing_ok=True)  # of a smaller world, and no longer this save
            checkpoint = self.checkpoint_path(name)
            return checkpoint, (
                f"Saved {checkpoint} alone: above 128 x 128 cells the JSON would be too large"
            )
        agent = batch.agents[0]
        numbers = ("learning_rate", "discount_factor", "epsilon_decay")
        text = exchange_dumps(
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
        write_atomically(exchange, lambda file: file.write(text.encode()))
        return exchange, f"Saved {exchange}"

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
        try:
            size = exchange.stat().st_size
        except FileNotFoundError:
            if not checkpoint.exists():
                raise FileError(f"{exchange} must exist to be loaded, got no such file") from None
            return _exact(checkpoint, *load_checkpoint(checkpoint))
        if size > MAX_EXCHANGE_BYTES:
            raise FileError(f"{exchange} must have at most 64 MB, got {size / 1e6:.0f} MB")
        text = exchange.read_bytes()
        save_id = _save_id(text)
        note = ""
        if save_id is not None and checkpoint.exists():
            try:
                batch, extra = load_checkpoint(checkpoint)
            except (FileError, OSError) as error:
                note = f"the checkpoint beside it was left out: {error}"
            else:
                if extra.get("save_id") == save_id:
                    return _exact(checkpoint, batch, extra)
        try:
            found = exchange_loads(text, _world(present), take_named=True)
        except FileError as error:
            raise FileError(f"{exchange} cannot be loaded: {error}") from None
        if found.world is not present.mdp.world:
            taken = f"the world {found.world.name} was taken, which the file names"
            note = f"{note}; {taken}" if note else taken
        return Loaded(_afresh(present, found), exchange, note=note)

    def autosave(self, batch: Batch, *, repeatable: bool = False) -> Path:
        """Save what a clean exit leaves.

        Args:
            batch: What to save.
            repeatable: Kept with the checkpoint.

        Raises:
            OSError: The file cannot be written.
        """
        return self._write_checkpoint(batch, AUTOSAVE, uuid.uuid4().hex, repeatable)

    def autosave_offer(self) -> dict[str, Any] | None:
        """When the last clean exit was, and how far it had come; None: there is nothing to load."""
        try:
            batch, extra = load_checkpoint(self.checkpoint_path(AUTOSAVE))
            episodes = int(_shown(batch).agents["episodes"][0])
        except (GridworldError, OSError):
            return None
        return {"saved": extra.get("saved"), "episodes": episodes}

    def clean(self) -> None:
        """Remove what killed processes left."""
        remove_leftovers(self.folder)

    def _write_checkpoint(self, batch: Batch, name: str, save_id: str, repeatable: bool) -> Path:
        extra = {"save_id": save_id, "saved": utc_timestamp(), "repeatable": repeatable}
        self.folder.mkdir(parents=True, exist_ok=True)
        return save_checkpoint(self.checkpoint_path(name), batch, extra)


def _exact(path: Path, batch: Batch, extra: dict[str, Any]) -> Loaded:
    return Loaded(_shown(batch), path, repeatable=extra.get("repeatable") is True)


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
    save_id = data.get("save_id") if isinstance(data, dict) else None
    return save_id if isinstance(save_id, str) else None


def _decimal(value: np.float32) -> float:
    """The shortest decimal that is this float32."""
    return float(str(value))
