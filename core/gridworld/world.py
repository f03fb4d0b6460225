"""Grid worlds: a map of cells, and the numbers that say what happens on it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import WorldError
from gridworld.validation import MAX_REWARD, json_object, listed, number, step_limit, whole

__all__ = [
    "AUTO",
    "DEFAULT_MAX_STEPS",
    "FREE",
    "GOAL",
    "MAX_STATES",
    "PIT",
    "START",
    "WALL",
    "WORLD_KEYS",
    "Auto",
    "Cell",
    "GridWorld",
    "Rewards",
]

Cell = tuple[int, int]
"""(x, y): x to the right, y down, (0, 0) top left."""

Auto = Literal["auto"]
AUTO: Auto = "auto"
"""Stands for the limit that fits: of a map its size, of an environment its own."""

START, GOAL, PIT, WALL, FREE = "S", "G", "X", "#", "."

MAX_STATES = 2**26
"""Cells that a world may have; one Q-table of that many states takes 1 GiB."""

DEFAULT_MAX_STEPS = 100

_LARGE = 10 * 10
"""Maps of more cells than this get 4 steps a cell instead of `DEFAULT_MAX_STEPS`."""

_ALIASES = bytes.maketrans(b"FH", b".X")

WORLD_KEYS = ("name", "map", "rewards", "slip", "wind", "portals", "max_steps")


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
            cell = _cell("a cell of rewards.cells", where)
            if cell in found:
                raise WorldError(f"rewards.cells must name a cell once, got {_at(cell)} twice")
            found[cell] = _reward(f"rewards.cells at {_at(cell)}", value)
        by_row = sorted(found.items(), key=lambda item: item[0][::-1])
        object.__setattr__(self, "cells", tuple(by_row))

    @classmethod
    def from_json(cls, data: object) -> "Rewards":
        """Read `{"step", "goal", "pit", "cells": {"x,y": reward}}`; every key may be absent.

        Raises:
            WorldError: A key or a value is not as above.
        """
        values = json_object("rewards", data, ("step", "goal", "pit", "cells"))
        cells: dict[Cell, Any] = {}
        for key, value in json_object("rewards.cells", values.pop("cells", {})).items():
            parts = key.split(",")
            if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
                raise WorldError(f'a key of rewards.cells must be "x,y", got {key!r}')
            cell = int(parts[0]), int(parts[1])
            if cell in cells:
                raise WorldError(f"rewards.cells must name a cell once, got {_at(cell)} twice")
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


@dataclass(frozen=True)
class GridWorld:
    """A grid world, complete and valid: two that are equal behave alike.

    `from_text` and `from_json` build one. A state is the number of its cell, `y * width + x`.

    Attributes:
        cells: One byte a cell, row by row: `S` start, `G` goal, `X` pit, `#` wall, `.` free.
        width: Cells in a row.
        rewards: What a step pays.
        slip: Probability in [0, 1] that a move goes to one of the two perpendicular directions
            instead, half of it each.
        wind: Empty, or cells that the wind of each column pushes upwards, `[width]`; it blows in
            the column that is left, and a negative one pushes downwards.
        portals: Pairs (from, to) of cells: who enters the one arrives at the other (and stays
            there, even if another portal begins in it), and is paid
            for the cell entered.
        max_steps: Steps after which an episode is truncated; None: never.
        name: What it is called; equality ignores it.

    Raises:
        WorldError: What must hold of a world does not. An episode must be able to begin and to
            end: there is a start, and a goal, a pit or `max_steps`.
    """

    cells: bytes = field(repr=False)
    width: int
    rewards: Rewards = field(default_factory=Rewards)
    slip: float = 0.0
    wind: tuple[int, ...] = ()
    portals: tuple[tuple[Cell, Cell], ...] = ()
    max_steps: int | None = DEFAULT_MAX_STEPS
    name: str = field(default="custom", compare=False)

    def __post_init__(self) -> None:
        for name, kind in (("cells", bytes), ("rewards", Rewards), ("name", str)):
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise WorldError(f"{name} must be of type {kind.__name__}, got {value!r:.80}")
        self._check_cells()
        object.__setattr__(self, "slip", number("slip", self.slip, 0, 1, WorldError))
        object.__setattr__(self, "wind", self._checked_wind())
        object.__setattr__(self, "portals", self._checked_portals())
        object.__setattr__(self, "max_steps", step_limit(self.max_steps, WorldError))
        self._check_ends()
        for cell, _ in self.rewards.cells:
            self._check_inside("a cell of rewards.cells", cell)
            if self[cell] == WALL:
                raise WorldError(f"a cell of rewards.cells must not be a wall, got {_at(cell)}")

    @classmethod
    def from_text(
        cls,
        text: str | Sequence[str],
        *,
        rewards: Rewards | None = None,
        slip: float = 0.0,
        wind: Sequence[int] | None = None,
        portals: Iterable[Iterable[Sequence[int]]] = (),
        max_steps: int | Auto | None = AUTO,
        name: str = "custom",
    ) -> "GridWorld":
        """Build a world from its map.

        Args:
            text: The rows, as a sequence or as one text (blank space around it and around its
                lines is ignored). `F` and `H` of FrozenLake's maps are read as `.` and `X`.
            rewards: What a step pays.
            slip: As the attribute.
            wind: As the attribute.
            portals: As the attribute.
            max_steps: As the attribute; `"auto"` is 100, and 4 x cells for a map of more than
                10 x 10 cells.
            name: What it is called.

        Raises:
            WorldError: The map or a number is not as above.
        """
        cells, width = _cells(text)
        if isinstance(max_steps, str):
            if max_steps != AUTO:
                raise WorldError(
                    f'max_steps must be a whole number, "auto" or None, got {max_steps!r}'
                )
            max_steps = DEFAULT_MAX_STEPS if len(cells) <= _LARGE else 4 * len(cells)
        return cls(
            cells,
            width,
            rewards=Rewards() if rewards is None else rewards,
            slip=slip,
            wind=() if wind is None else wind,  # type: ignore[arg-type]  # made a tuple there
            portals=portals,  # type: ignore[arg-type]  # made tuples there
            max_steps=max_steps,
            name=name,
        )

    @classmethod
    def from_json(cls, data: object, *, name: str | None = None) -> "GridWorld":
        """Build a world from a JSON object (or its text).

        Args:
            data: `{"map": [rows], "rewards": {...}, "slip": p, "wind": [...],
                "portals": [[[x, y], [x, y]], ...], "max_steps": n, "name": text}`; all but the
                map may be absent. `max_steps` null is "never", absent as in `from_text`.
            name: Used instead of the object's.

        Raises:
            WorldError: It is not such an object.
        """
        if isinstance(data, str | bytes):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError) as error:
                raise WorldError(f"a world must be a JSON object, got {error}") from None
        values = json_object("a world", data, WORLD_KEYS)
        if "map" not in values:
            raise WorldError("a world must have a map, got none")
        text = values.pop("map")
        values["rewards"] = Rewards.from_json(values.get("rewards", {}))
        if name is not None:
            values["name"] = name
        return cls.from_text(text, **values)

    def to_json(self) -> dict[str, Any]:
        """The object that `from_json` reads: plain lists, texts and numbers."""
        return {
            "name": self.name,
            "map": list(self.rows),
            "rewards": self.rewards.to_json(),
            "slip": self.slip,
            "wind": list(self.wind) or None,
            "portals": [[list(entry), list(exit_)] for entry, exit_ in self.portals],
            "max_steps": self.max_steps,
        }

    def __getitem__(self, cell: Cell) -> str:
        """What is at (x, y), as the map's letter."""
        x, y = cell
        if not (0 <= x < self.width and 0 <= y < self.height):
            raise IndexError(f"a cell must be inside {self.width} x {self.height}, got {_at(cell)}")
        return chr(self.cells[y * self.width + x])

    @property
    def height(self) -> int:
        """Rows of the map."""
        return len(self.cells) // self.width

    @property
    def n_states(self) -> int:
        """Cells of the map, walls included."""
        return len(self.cells)

    @property
    def rows(self) -> tuple[str, ...]:
        """The map, one text a row."""
        text = self.cells.decode("ascii")
        return tuple(text[i : i + self.width] for i in range(0, len(text), self.width))

    @property
    def array(self) -> npt.NDArray[np.uint8]:
        """The map as character codes `[height, width]`, read-only."""
        return np.frombuffer(self.cells, np.uint8).reshape(self.height, self.width)

    @property
    def starts(self) -> npt.NDArray[np.int32]:
        """The start states, ascending; an episode begins in each with equal probability."""
        return self._states(START)

    @property
    def goals(self) -> npt.NDArray[np.int32]:
        """The goal states, ascending."""
        return self._states(GOAL)

    @property
    def pits(self) -> npt.NDArray[np.int32]:
        """The pit states, ascending."""
        return self._states(PIT)

    @property
    def walls(self) -> npt.NDArray[np.int32]:
        """The states that are walls, ascending."""
        return self._states(WALL)

    def state(self, x: int, y: int) -> int:
        """The state of a cell.

        Raises:
            IndexError: The cell is not on the map.
        """
        self[x, y]
        return y * self.width + x

    def cell(self, state: int) -> Cell:
        """The cell (x, y) of a state.

        Raises:
            IndexError: There is no such state.
        """
        if not 0 <= state < self.n_states:
            raise IndexError(f"a state must be in [0, {self.n_states}), got {state}")
        return state % self.width, state // self.width

    def __str__(self) -> str:
        return "\n".join(self.rows)

    def _states(self, kind: str) -> npt.NDArray[np.int32]:
        return np.flatnonzero(np.frombuffer(self.cells, np.uint8) == ord(kind)).astype(np.int32)

    def _check_cells(self) -> None:
        if self.cells.translate(None, b"SGX#."):
            raise WorldError(f"cells must be bytes of S, G, X, # and ., got {self.cells!r:.80}")
        object.__setattr__(self, "width", whole("width", self.width, 1, MAX_STATES, WorldError))
        if not self.cells or len(self.cells) % self.width:
            raise WorldError(
                f"a map must have whole rows of at least one cell, got {len(self.cells)} cells"
                f" in rows of {self.width}"
            )
        if len(self.cells) > MAX_STATES:
            raise WorldError(f"a map must have at most {MAX_STATES} cells, got {len(self.cells)}")

    def _check_ends(self) -> None:
        if START.encode() not in self.cells:
            raise WorldError("a map must have at least one start (S), got none")
        ends = self.max_steps is not None or any(c.encode() in self.cells for c in (GOAL, PIT))
        if not ends:
            raise WorldError(
                "a world must have a goal (G), a pit (X) or max_steps, so that episodes can end,"
                " got none of them"
            )

    def _check_inside(self, what: str, cell: Cell) -> None:
        if not (cell[0] < self.width and cell[1] < self.height):
            raise WorldError(
                f"{what} must be inside the map of {self.width} x {self.height}, got {_at(cell)}"
            )

    def _checked_wind(self) -> tuple[int, ...]:
        winds = listed("wind", self.wind)
        wind = tuple(whole("wind", value, -MAX_STATES, MAX_STATES, WorldError) for value in winds)
        if wind and len(wind) != self.width:
            raise WorldError(
                f"wind must have one number for each of the {self.width} columns, got {len(wind)}"
            )
        return wind if any(wind) else ()

    def _checked_portals(self) -> tuple[tuple[Cell, Cell], ...]:
        portals: dict[Cell, Cell] = {}
        for pair in listed("portals", self.portals):
            ends = listed("a portal", pair)
            if len(ends) != 2:
                raise WorldError(f"a portal must be a pair of cells, got {pair!r}")
            entry, exit_ = (_cell("a cell of a portal", cell) for cell in ends)
            for cell in (entry, exit_):
                self._check_inside("a cell of a portal", cell)
                if self[cell] == WALL:
                    raise WorldError(f"a portal must not begin or end in a wall, got {_at(cell)}")
            if self[entry] in (GOAL, PIT):
                raise WorldError(
                    f"a portal must not begin in a goal or a pit, got one at {_at(entry)}"
                )
            if entry == exit_:
                raise WorldError(f"a portal must lead to another cell, got one at {_at(entry)}")
            if entry in portals:
                raise WorldError(f"a cell must have at most one portal, got two at {_at(entry)}")
            portals[entry] = exit_
        return tuple(sorted(portals.items(), key=lambda pair: pair[0][::-1]))


def _cells(text: object) -> tuple[bytes, int]:
    """The map as one byte a cell, and its width."""
    if isinstance(text, str):
        rows = [line.strip() for line in text.strip().splitlines()]
    elif isinstance(text, Sequence) and not isinstance(text, bytes):
        rows = list(text)
        for y, row in enumerate(rows):
            if not isinstance(row, str):
                raise WorldError(f"a row of the map must be a text, got {row!r:.80} in row {y}")
    else:
        raise WorldError(f"a map must be a text or a list of rows, got {text!r:.80}")
    if not rows or not rows[0]:
        raise WorldError("a map must have at least one cell, got none")
    width = len(rows[0])
    for y, row in enumerate(rows):
        if len(row) != width:
            raise WorldError(
                f"the rows of a map must be equally long, got {width} cells in row 0"
                f" and {len(row)} in row {y}"
            )
    joined = "".join(rows)
    try:
        cells = joined.encode("ascii").translate(_ALIASES)
    except UnicodeEncodeError:
        cells = b"?"
    if cells.translate(None, b"SGX#."):
        i = next(i for i, letter in enumerate(joined) if letter not in "SGX#.FH")
        where = _at((i % width, i // width))
        raise WorldError(f"a cell must be one of S G X # . F H, got {joined[i]!r} at {where}")
    return cells, width


def _cell(what: str, value: object) -> Cell:
    cell = listed(what, value)
    if len(cell) != 2:
        raise WorldError(f"{what} must be two whole numbers x, y, got {value!r:.80}")
    x, y = (
        whole(f"{axis} of {what}", part, 0, MAX_STATES, WorldError)
        for axis, part in zip("xy", cell, strict=True)
    )
    return x, y


def _reward(what: str, value: Any) -> float:
    return number(what, value, -MAX_REWARD, MAX_REWARD, WorldError)


def _at(cell: Sequence[int]) -> str:
    return f"({cell[0]}, {cell[1]})"
