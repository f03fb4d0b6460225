"""Q-tables as files that other programs read and write."""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm, QLearning
from gridworld.errors import FileError, InvalidValueError
from gridworld.given import as_grid
from gridworld.mdp import Mdp
from gridworld.store.exchange import (
    CONFIG,
    EXCHANGE_CELLS,
    Exchange,
    exchange_dumps,
    exchange_loads,
)
from gridworld.store.files import write_atomically
from gridworld.validation import array_of, number
from gridworld.world import GridWorld

__all__ = ["read_qtable", "write_qtable"]


def read_qtable(path: str | os.PathLike[str], world: GridWorld | Mdp | str) -> Exchange:
    """Read the JSON of a Q-table, whichever program wrote it.

    Args:
        path: The file.
        world: What it was learnt on, or its name: the table must have its shape, and where the
            file names a world, it must be this one.

    Returns:
        `q`, float32 `[states, actions]`, `epsilon`, `config` (the parameters that the file names),
        `world` and `algorithm`.

    Raises:
        OSError: It cannot be read.
        FileError: It is broken, of another shape or world, or holds what is no finite number.
    """
    grid = as_grid(world, "the JSON of a Q-table")
    try:
        return exchange_loads(Path(path).read_bytes(), grid)
    except FileError as error:
        raise FileError(f"{path} cannot be loaded: {error}") from None


def write_qtable(
    path: str | os.PathLike[str],
    world: GridWorld | Mdp | str,
    q: npt.ArrayLike,
    *,
    epsilon: float = 0.0,
    algorithm: Algorithm | None = None,
) -> Path:
    """Write one Q-table as JSON, atomically: the format of the dashboard's Save (docs/worlds.md).

    Args:
        path: The file.
        world: What was learnt, or its name; at most 128 x 128 cells.
        q: `[states, 4]`, finite.
        epsilon: Of the agent, in [0, 1].
        algorithm: Whose parameters stand in the file, each one number; None: Q-learning with the
            defaults.

    Raises:
        InvalidValueError: A value is not as above.
        OSError: It cannot be written; an older file is left as it was.
    """
    grid = as_grid(world, "the JSON of a Q-table")
    table = array_of("q", q)
    shape = (grid.n_states, 4)
    if grid.n_states > EXCHANGE_CELLS:
        raise InvalidValueError(
            f"a world must have at most {EXCHANGE_CELLS:,} cells to be written as JSON,"
            f" got {grid.n_states:,}; Run.save writes it as a checkpoint"
        )
    if table.shape != shape or table.dtype.kind not in "fiub":
        raise InvalidValueError(
            f"q must be numbers of the shape {shape}, got {table.dtype} {table.shape}"
        )
    with np.errstate(over="ignore"):
        table = table.astype(np.float32)
    if not np.isfinite(table).all():
        raise InvalidValueError("q must be finite float32 numbers, got NaN or infinity")
    chosen = QLearning() if algorithm is None else algorithm
    config = {key: getattr(chosen, key) for key in CONFIG}
    for key, value in config.items():
        if isinstance(value, tuple):
            raise InvalidValueError(
                f"{key} must be one number in a file of one agent, got {len(value)}"
            )
    text = exchange_dumps(
        grid,
        table,
        number("epsilon", epsilon, 0, 1),
        config,
        world_name=grid.name,
        algorithm=chosen.name,
    )
    return write_atomically(path, lambda file: file.write(text.encode()))
