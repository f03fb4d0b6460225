"""Grid worlds: a map of cells, and the numbers that say what happens on it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import WorldError
from gridworld.maps import (
    FREE,
    GOAL,
    MAX_STATES,
    PIT,
    START,
    WALL,
    Cell,
    Legend,
    MapLike,
    at,
    cell_of,
    read_map,
    with_places,
)
from gridworld.rewards import Rewards, with_cells_by_row
from gridworld.validation import json_object, listed, number, step_limit, whole

__all__ = [
    "AUTO",
    "DEFAULT_MAX_STEPS",
    "FREE",
    "GOAL",
    "MAX_STATES",
    "MOST_NAME",
    "PIT",
    "START",
    "WALL",
    "WORLD_KEYS",
    "Auto",
    "Cell",
    "GridWorld",
    "Rewards",
]

Auto = Literal["auto"]
AUTO: Auto = "auto"
"""Stands for the limit that fits: of a map its size, of an environment its own."""

DEFAULT_MAX_STEPS = 100

MOST_NAME = 200
"""Letters of a world's name, which every frame of the page bears."""

_LARGE = 10 * 10
"""Maps of more cells than this get 4 steps a cell instead of `DEFAULT_MAX_STEPS`."""

WORLD_KEYS = ("name", "map", "rewards", "slip", "wind", "portals", "max_steps")
"""What a world's JSON says: `to_json` writes all of them."""

_MAP_KEYS = ("legend", "start", "goal")
"""What may help to read the map; `to_json` writes the map that came of it."""


@dataclass(frozen=True, repr=False)
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
        if len(self.name) > MOST_NAME:
            raise WorldError(f"name must be at most {MOST_NAME} letters, got {len(self.name)}")
        _check_cells(self)
        object.__setattr__(self, "slip", number("slip", self.slip, 0, 1, WorldError))
        object.__setattr__(self, "wind", _checked_wind(self))
        object.__setattr__(self, "portals", _checked_portals(self))
        object.__setattr__(self, "max_steps", step_limit(self.max_steps, WorldError))
        _check_ends(self)
        for cell, _ in self.rewards.cells:
            _check_inside(self, "a cell of rewards.cells", cell)
            if self[cell] == WALL:
                raise WorldError(f"a cell of rewards.cells must not be a wall, got {at(cell)}")

    @classmethod
    def from_text(
        cls,
        text: MapLike,
        *,
        rewards: Rewards | Mapping[str, Any] | None = None,
        slip: float = 0.0,
        wind: Sequence[int] | None = None,
        portals: Iterable[Iterable[Sequence[int]]] = (),
        max_steps: int | Auto | None = AUTO,
        name: str = "custom",
        legend: Legend | None = None,
        start: Sequence[int] | Iterable[Sequence[int]] | None = None,
        goal: Sequence[int] | Iterable[Sequence[int]] | None = None,
    ) -> "GridWorld":
        """Build a world from its map.

        Args:
            text: The map: one text (or its bytes) with a row in each line, a sequence of rows,
                or an array `[height, width]`. A cell is a letter (`F` and `H` of FrozenLake's
                maps are read as `.` and `X`), the code of a letter, or, in rows and arrays of
                cells, 0 (free) or 1 (wall). Of one text the indentation that all rows share and
                the blank lines around them are left out; every other blank counts as a cell, and
                is refused unless the legend has it.
            rewards: What a step pays; or the object that `Rewards.from_json` reads, whose `cells`
                may be rows of numbers, `[height, width]`, NaN where a cell has none of its own.
            slip: As the attribute.
            wind: As the attribute.
            portals: As the attribute.
            max_steps: As the attribute; `"auto"` is 100, and 4 x cells for a map of more than
                10 x 10 cells.
            name: What it is called.
            legend: What cells of the map's own mean, `{"A": "S", " ": ".", 2: "G"}`: a letter, a
                number or, where cells are apart, any text, to `S`, `G`, `X`, `#` or `.`.
            start: A free cell (x, y), or several, that are starts beside those of the map.
            goal: The same for goals.

        Raises:
            WorldError: The map or a number is not as above.
        """
        cells, width = read_map(text, legend)
        if start is not None or goal is not None:
            cells = with_places(cells, width, start, goal)
        if isinstance(max_steps, str):
            if max_steps != AUTO:
                raise WorldError(
                    f'max_steps must be a whole number, "auto" or None, got {max_steps!r:.80}'
                )
            max_steps = DEFAULT_MAX_STEPS if len(cells) <= _LARGE else 4 * len(cells)
        if not isinstance(rewards, Rewards):
            data = {} if rewards is None else with_cells_by_row(rewards, cells, width)
            rewards = Rewards.from_json(data)
        return cls(
            cells,
            width,
            rewards=rewards,
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
                "portals": [[[x, y], [x, y]], ...], "max_steps": n, "name": text,
                "legend": {...}, "start": [x, y], "goal": [x, y]}`; all but the map may be absent.
                `max_steps` null is "never", absent as in `from_text`.
            name: Used instead of the object's.

        Raises:
            WorldError: It is not such an object.
        """
        if isinstance(data, str | bytes):
            if isinstance(data, str):
                data = data.removeprefix("\ufeff")  # of bytes the decoder does that
            try:
                data = json.loads(data)
            except (ValueError, RecursionError) as error:
                raise WorldError(f"a world must be a JSON object, got {error}") from None
        values = json_object("a world", data, (*WORLD_KEYS, *_MAP_KEYS))
        if "map" not in values:
            raise WorldError("a world must have a map, got none")
        text = values.pop("map")
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
            raise IndexError(f"a cell must be inside {self.width} x {self.height}, got {at(cell)}")
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

    def __repr__(self) -> str:
        differs = [
            f", {key}={value!r:.60}"
            for key, value, usual in (
                ("rewards", self.rewards, Rewards()),
                ("slip", self.slip, 0.0),
                ("wind", self.wind, ()),
                ("portals", self.portals, ()),
            )
            if value != usual
        ]
        return (
            f"GridWorld({self.name!r}, {self.width} x {self.height}{''.join(differs)},"
            f" max_steps={self.max_steps})"
        )

    def _repr_html_(self) -> str:
        from gridworld.pictures.board import board
        from gridworld.pictures.page import page

        rewards = self.rewards
        facts: dict[str, Any] = {
            "size": f"{self.width} x {self.height}",
            "rewards": f"step {rewards.step:g}, goal {rewards.goal:g}, pit {rewards.pit:g}",
            "cells with rewards of their own": len(rewards.cells),
            "slip": f"{self.slip:.4g}" if self.slip else "",
            "wind": " ".join(map(str, self.wind)),
            "portals": len(self.portals),
        }
        shown = {key: value for key, value in facts.items() if value}
        shown["max_steps"] = "never" if self.max_steps is None else self.max_steps
        return page(self.name, shown, board(self.array, name=self.name))

    def _states(self, kind: str) -> npt.NDArray[np.int32]:
        return np.flatnonzero(np.frombuffer(self.cells, np.uint8) == ord(kind)).astype(np.int32)


def _check_cells(world: GridWorld) -> None:
    if world.cells.translate(None, b"SGX#."):
        raise WorldError(f"cells must be bytes of S, G, X, # and ., got {world.cells!r:.80}")
    object.__setattr__(world, "width", whole("width", world.width, 1, MAX_STATES, WorldError))
    if not world.cells or len(world.cells) % world.width:
        raise WorldError(
            f"a map must have whole rows of at least one cell, got {len(world.cells)} cells"
            f" in rows of {world.width}"
        )
    if len(world.cells) > MAX_STATES:
        raise WorldError(f"a map must have at most {MAX_STATES} cells, got {len(world.cells)}")


def _check_ends(world: GridWorld) -> None:
    if START.encode() not in world.cells:
        raise WorldError("a map must have at least one start (S), got none")
    ends = world.max_steps is not None or any(c.encode() in world.cells for c in (GOAL, PIT))
    if not ends:
        raise WorldError(
            "a world must have a goal (G), a pit (X) or max_steps, so that episodes can end,"
            " got none of them"
        )


def _check_inside(world: GridWorld, what: str, cell: Cell) -> None:
    if not (cell[0] < world.width and cell[1] < world.height):
        raise WorldError(
            f"{what} must be inside the map of {world.width} x {world.height}, got {at(cell)}"
        )


def _checked_wind(world: GridWorld) -> tuple[int, ...]:
    winds = listed("wind", world.wind)
    wind = tuple(whole("wind", value, -MAX_STATES, MAX_STATES, WorldError) for value in winds)
    if wind and len(wind) != world.width:
        raise WorldError(
            f"wind must have one number for each of the {world.width} columns, got {len(wind)}"
        )
    return wind if any(wind) else ()


def _checked_portals(world: GridWorld) -> tuple[tuple[Cell, Cell], ...]:
    portals: dict[Cell, Cell] = {}
    for pair in listed("portals", world.portals):
        ends = listed("a portal", pair)
        if len(ends) != 2:
            raise WorldError(f"a portal must be a pair of cells, got {pair!r:.80}")
        entry, exit_ = (cell_of("a cell of a portal", cell) for cell in ends)
        for cell in (entry, exit_):
            _check_inside(world, "a cell of a portal", cell)
            if world[cell] == WALL:
                raise WorldError(f"a portal must not begin or end in a wall, got {at(cell)}")
        if world[entry] in (GOAL, PIT):
            raise WorldError(f"a portal must not begin in a goal or a pit, got one at {at(entry)}")
        if entry == exit_:
            raise WorldError(f"a portal must lead to another cell, got one at {at(entry)}")
        if entry in portals:
            raise WorldError(f"a cell must have at most one portal, got two at {at(entry)}")
        portals[entry] = exit_
    return tuple(sorted(portals.items(), key=lambda pair: pair[0][::-1]))
