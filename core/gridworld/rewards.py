"""What a step pays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridworld.errors import WorldError
from gridworld.maps import WALL, Cell, at, cell_of
from gridworld.validation import MAX_REWARD, json_object, number

__all__ = ["Rewards", "describe_rewards", "some", "with_cells_by_row"]

MOST_LISTED = 8
"""Cells that are written out."""


@dataclass(frozen=True, init=False)
class Rewards:
    """What a step pays, by the cell that it enters.

    Attributes:
        step: A step onto a start or a free cell, or one that leaves the agent where it is.
        goal: Entering a goal.
        pit: Entering a pit.
        cells: Cells with a reward of their own, as ((x, y), reward) in the order of the cells.
            It may be given as a mapping from (x, y) to the reward.

    Raises:
        WorldError: A reward is not a number from -1e20 to 1e20.
    """

    step: float = -0.1
    goal: float = 10.0
    pit: float = -10.0
    cells: tuple[tuple[Cell, float], ...] = ()

    def __init__(
        self,
        step: float = -0.1,
        goal: float = 10.0,
        pit: float = -10.0,
        cells: Mapping[Cell, float] | Iterable[tuple[Cell, float]] = (),
    ) -> None:
        for name, value in (("step", step), ("goal", goal), ("pit", pit)):
            object.__setattr__(self, name, _reward(f"rewards.{name}", value))
        pairs = cells.items() if isinstance(cells, Mapping) else cells
        found: dict[Cell, float] = {}
        for where, value in pairs:
            cell = cell_of("a cell of rewards.cells", where)
            if cell in found:
                raise WorldError(f"rewards.cells must name a cell once, got {at(cell)} twice")
            found[cell] = _reward(f"rewards.cells at {at(cell)}", value)
        by_row = sorted(found.items(), key=lambda item: item[0][::-1])
        object.__setattr__(self, "cells", tuple(by_row))

    @classmethod
    def from_json(cls, data: object) -> "Rewards":
        """Read `{"step", "goal", "pit", "cells": {"x,y": reward}}`; every key may be absent.

        Outside JSON a key of `cells` may also be a pair (x, y). Who has the map may give `cells`
        as rows instead: see `with_cells_by_row`.

        Raises:
            WorldError: A key or a value is not as above.
        """
        values = json_object("rewards", data, ("step", "goal", "pit", "cells"))
        given = values.pop("cells", {})
        if not isinstance(given, Mapping):
            raise WorldError(f"rewards.cells must be an object, got {given!r:.80}")
        cells: dict[Cell, Any] = {}
        for key, value in given.items():
            cell = (
                _cell_of_key(key)
                if isinstance(key, str)
                else cell_of("a key of rewards.cells", key)
            )
            if cell in cells:
                raise WorldError(f"rewards.cells must name a cell once, got {at(cell)} twice")
            cells[cell] = value
        return cls(**values, cells=cells)

    def to_json(self) -> dict[str, Any]:
        """The object that `from_json` reads."""
        return {
            "step": self.step,
            "goal": self.goal,
            "pit": self.pit,
            "cells": {f"{x},{y}": value for (x, y), value in self.cells},
        }


def with_cells_by_row(data: Any, cells: bytes, width: int) -> Any:
    """What `Rewards.from_json` reads, where `cells` may be rows of numbers as well.

    Args:
        data: The object. Its `cells`, if they are a list or an array, are `[height, width]`; NaN
            (in JSON null) is a cell without a reward of its own, and walls have none.
        cells: The map, one byte a cell.
        width: Cells in a row.

    Raises:
        WorldError: The rows do not fit the map, or hold something else than numbers.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("cells"), list | np.ndarray):
        return data
    shape = len(cells) // width, width
    try:
        table = np.array(data["cells"], np.float64)
    except (TypeError, ValueError):
        raise WorldError(
            "rewards.cells must be numbers [height, width], or an object,"
            f" got {data['cells']!r:.80}"
        ) from None
    if table.shape != shape:
        raise WorldError(f"rewards.cells must have the shape {shape} of the map, got {table.shape}")
    walls = np.frombuffer(cells, np.uint8).reshape(shape) == ord(WALL)
    places = np.argwhere(~np.isnan(table) & ~walls).tolist()
    return {**data, "cells": {(x, y): float(table[y, x]) for y, x in places}}


def _cell_of_key(key: str) -> Cell:
    parts = key.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise WorldError(f'a key of rewards.cells must be "x,y", got {key!r:.80}')
    return int(parts[0]), int(parts[1])


def _reward(what: str, value: Any) -> float:
    return number(what, value, -MAX_REWARD, MAX_REWARD, WorldError)


def describe_rewards(rewards: Rewards, cells: bytes, *, brief: bool = False) -> str:
    """What a step, the goal and a pit pay, those that there are, and single cells.

    Args:
        rewards: Of a world.
        cells: Its map, one letter a cell.
        brief: Count cells that pay the same, instead of naming them.
    """
    parts = [f"step {rewards.step:g}"]
    if b"G" in cells:
        parts.append(f"goal {rewards.goal:g}")
    if b"X" in cells:
        parts.append(f"pit {rewards.pit:g}")
    single: dict[float, list[str]] = {}
    for cell, value in rewards.cells:
        single.setdefault(value, []).append(str(tuple(cell)))
    for value, places in single.items():
        count = f"{len(places)} cell{'s' * (len(places) > 1)}"
        parts.append(f"{count} {value:g}" if brief else f"{value:g} at {some(places)}")
    return ", ".join(parts)


def some(texts: list[str]) -> str:
    """A list in words, cut where it is long."""
    more = len(texts) - MOST_LISTED
    return ", ".join(texts[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
