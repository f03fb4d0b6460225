"""The exchange format: one Q-table as JSON that other programs read and write."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import ALGORITHMS
from gridworld.errors import FileError, InvalidValueError, WorldError
from gridworld.tables import parameter
from gridworld.world import GridWorld
from gridworld.worlds import is_world_name, make_grid

__all__ = [
    "CONFIG",
    "EXCHANGE_CELLS",
    "Exchange",
    "exchange_dumps",
    "exchange_loads",
    "utc_timestamp",
]

EXCHANGE_CELLS = 128 * 128
"""Larger worlds are saved as a checkpoint alone: their JSON would be tens of megabytes."""

UNNAMED = GridWorld.name
"""What a world is called that nobody gave a name; it says nothing about the world."""

CONFIG = ("learning_rate", "discount_factor", "epsilon_decay")


@dataclass(frozen=True)
class Exchange:
    """What an exchange file holds.

    Attributes:
        q: float32 `[states, actions]`.
        epsilon: In [0, 1].
        config: The parameters that the file names.
        save_id: Bound to the checkpoint beside it, where we wrote the file.
        world: What it was learnt on.
        algorithm: The name of ours that learnt it, where the file says so.
    """

    q: npt.NDArray[np.float32]
    epsilon: float
    config: dict[str, float]
    save_id: str | None
    world: GridWorld
    algorithm: str | None


def utc_timestamp() -> str:
    """The present time in UTC, ISO 8601 with a final Z."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def exchange_dumps(
    world: GridWorld,
    q: npt.NDArray[np.float32],
    epsilon: float,
    config: Mapping[str, float],
    **own_keys: object,
) -> str:
    """The JSON text for one Q-table.

    Args:
        world: The world that was learnt.
        q: float32 `[states, actions]`; in the file it is nested `[x][y][action]`.
        epsilon: Of the agent, in [0, 1].
        config: `learning_rate`, `discount_factor` and `epsilon_decay`.
        **own_keys: Further keys, for this program alone.
    """
    nested = q.reshape(world.height, world.width, -1).transpose(1, 0, 2)
    data: dict[str, object] = {"q_table": nested.tolist(), "epsilon": epsilon}
    if world.width == world.height:
        data["grid_size"] = world.width
    data["timestamp"] = utc_timestamp()
    data["config"] = {key: config[key] for key in CONFIG}
    return json.dumps(data | own_keys, allow_nan=False)


def exchange_loads(text: str | bytes, world: GridWorld, *, take_named: bool = False) -> Exchange:
    """Read an exchange file that fits `world`.

    What the file says of itself counts: where its `world_name` is another world's, it is refused,
    or that world is taken. A file without that key need only have the right shape.

    Args:
        text: The file's content.
        world: The world in use.
        take_named: Nobody chose `world` for this file: take the named world that the file names
            instead, and refuse a file of a world that no name makes.

    Raises:
        FileError: Not JSON, a key is missing, another shape or world, or a value that is not
            finite.
    """
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise FileError(f"the file must hold JSON, got {_short(error)}") from None
    if not isinstance(data, dict) or "q_table" not in data:
        raise FileError("the file must hold a JSON object with the key q_table")
    world = _world(data.get("world_name"), world, take_named=take_named)
    size = data.get("grid_size")
    if size is not None and (size != world.width or world.width != world.height):
        raise FileError(
            f"grid_size must fit the present world of {world.width} x {world.height},"
            f" got {size!r:.80}"
        )
    config = data.get("config", {})
    if not isinstance(config, dict):
        raise FileError(f"config must be a JSON object, got {_short(config)}")
    save_id, algorithm = data.get("save_id"), data.get("algorithm")
    return Exchange(
        q=_q_table(data["q_table"], world),
        epsilon=_number(data, "epsilon"),
        config={key: _number(config, key) for key in CONFIG if key in config},
        save_id=save_id if isinstance(save_id, str) else None,
        world=world,
        algorithm=algorithm if isinstance(algorithm, str) and algorithm in ALGORITHMS else None,
    )


def _world(name: object, world: GridWorld, *, take_named: bool) -> GridWorld:
    """The world of a file that bears this name, where `world` is in use."""
    if not isinstance(name, str) or name == world.name:
        return world
    if is_world_name(name):
        try:
            named = make_grid(name)
        except WorldError as error:
            raise FileError(f"its world cannot be made: {error}") from None
        if replace(named, slip=world.slip, max_steps=world.max_steps) == world:
            return world  # the same one under another name
        if take_named:
            return named
    elif world.name == UNNAMED or (name == UNNAMED and not take_named):
        return world  # one of the two does not say what it is
    raise FileError(
        f"the file must be of the world in use, {world.name!r}, got a Q-table of {name!r:.80}"
    )


def _q_table(nested: Any, world: GridWorld) -> npt.NDArray[np.float32]:
    shape = (world.width, world.height, 4)
    written = " x ".join(map(str, shape))
    level = [nested]
    for index, length in enumerate(shape):
        for part in level:
            if not isinstance(part, list) or len(part) != length:
                got = f"{len(part)} entries" if isinstance(part, list) else _short(part)
                raise FileError(
                    f"q_table must be nested [x][y][action] of {written} for the present world, "
                    f"got {got} at depth {index + 1}"
                )
        level = [item for part in level for item in part]
    for value in level:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FileError(f"q_table must hold numbers, got {_short(value)}")
    try:
        with np.errstate(over="ignore"):
            flat = np.array(level, np.float64).astype(np.float32)
    except OverflowError:
        flat = np.full(1, np.inf, np.float32)
    if not np.isfinite(flat).all():
        raise FileError("q_table must hold finite float32 numbers, got one that is too large")
    return np.ascontiguousarray(flat.reshape(shape).transpose(1, 0, 2)).reshape(-1, 4)


def _number(data: Mapping[str, Any], key: str) -> float:
    try:
        return float(parameter(key).check(data.get(key)))
    except InvalidValueError as error:
        raise FileError(str(error)) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name}, which is not a finite number")


def _short(value: object) -> str:
    text = str(value) if isinstance(value, Exception) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
