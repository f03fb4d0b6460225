"""The worlds that have a name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from gridworld.errors import WorldError
from gridworld.processes import PROCESSES, find_process, make_process
from gridworld.tables import DEFAULTS
from gridworld.validation import whole
from gridworld.world import AUTO, DEFAULT_MAX_STEPS, FREE, GOAL, START, WALL, GridWorld, Rewards

__all__ = [
    "LARGEST_MAZE",
    "SMALLEST_MAZE",
    "describe",
    "is_named",
    "is_world_name",
    "make",
    "make_grid",
    "maze",
    "numbers",
    "process_names",
    "title",
    "world_names",
]

SMALLEST_MAZE, LARGEST_MAZE = 4, 2000

_MAZE_DESCRIPTION = (
    "A perfect maze on N x N cells, walls included, N from 4 to 2000, carved by recursive"
    " backtracking (Buck 2015) from the seed (0 where none is given)."
)

_MAZE = re.compile(r"maze-(?P<size>\d{1,9})(?::(?P<seed>\d{1,19}))?", re.ASCII)


@dataclass(frozen=True)
class _World:
    """What is said of a named world, and how it is made."""

    title: str
    says: str
    build: Callable[[str], GridWorld]
    numbers: Mapping[str, Any]


_WORLDS: dict[str, _World] = {}

_PATIENT = MappingProxyType({"num_episodes": 2000, "epsilon_decay": 0.999})
"""For worlds whose goal is hard to come by: four times the episodes, most of them exploring."""

_PATIENT_AT_RANDOM: Mapping[str, Any] = MappingProxyType({**_PATIENT, "ties": "random"})
"""Where nothing is paid before the goal, the lowest of tied actions bumps into a wall for long."""


def _named(
    name: str, title: str, says: str, numbers: Mapping[str, Any] = MappingProxyType({})
) -> Callable[[Callable[[str], GridWorld]], Callable[[str], GridWorld]]:
    """Enter a function that makes a world, given its name, among the worlds that have one.

    Args:
        name: By which `make` knows it.
        title: On the page, in a word or two.
        says: What it is, and where it comes from, in one sentence.
        numbers: Parameters with which a run of Q-learning learns it, where the defaults do not do.
    """

    def enter(build: Callable[[str], GridWorld]) -> Callable[[str], GridWorld]:
        _WORLDS[name] = _World(title, says, build, numbers)
        return build

    return enter


def make(name: str) -> GridWorld | Any:
    """A world by its name: one of `world_names()` or `process_names()`, `maze-N` or `maze-N:seed`.

    Returns:
        A `GridWorld`; an `Mdp` where the name is that of a process which is no grid.

    Raises:
        WorldError: There is no world of that name.
    """
    return make_process(name) if find_process(name) else _grid(name)


def make_grid(name: str) -> GridWorld:
    """A grid world by its name.

    Raises:
        WorldError: There is no world of that name, or it is no grid.
    """
    if find_process(name) is not None:
        raise WorldError(
            f"a world must be a grid here, got the process {name}, which has no map:"
            f' gridworld.train takes gridworld.make("{name}")'
        )
    return _grid(name)


def _grid(name: str) -> GridWorld:
    if name in world_names():
        return _WORLDS[name].build(name)
    match = _MAZE.fullmatch(str(name))
    if match is not None:
        return maze(int(match["size"]), int(match["seed"] or 0))
    raise WorldError(
        f"a world must be one of {', '.join(_WORLDS)}, maze-N or maze-N:seed,"
        f" or a process ({', '.join(PROCESSES)}), got {name!r:.80}"
    )


def is_world_name(name: object) -> bool:
    """Whether `make_grid` may be asked for it; the size of a maze may still be refused."""
    return isinstance(name, str) and (name in _WORLDS or _MAZE.fullmatch(name) is not None)


def is_named(world: GridWorld) -> bool:
    """Whether `make` gives this world by its name, but for slip and the limit on the steps."""
    if not is_world_name(world.name):
        return False
    try:
        known = make_grid(world.name)
    except WorldError:
        return False
    return replace(known, slip=world.slip, max_steps=world.max_steps) == world


def world_names() -> tuple[str, ...]:
    """The names of the grids that `make` knows, beside the mazes `maze-N` and `maze-N:seed`."""
    return tuple(_WORLDS)


def process_names() -> tuple[str, ...]:
    """The names of the processes without a grid that `make` knows; N stands for a number."""
    return tuple(PROCESSES)


def describe(name: str) -> str:
    """What a named world is, and where it comes from, in one sentence.

    Raises:
        WorldError: There is no world of that name.
    """
    if name in ("maze-N", "maze-N:seed"):
        return _MAZE_DESCRIPTION
    if name in world_names():
        return _WORLDS[name].says
    if name in PROCESSES:
        return PROCESSES[name].says
    make(name)
    if (found := find_process(name)) is not None:
        return found[0].says
    return _MAZE_DESCRIPTION


def numbers(name: str) -> dict[str, Any]:
    """The parameters with which a run of Q-learning learns a named world.

    Greedily, the agent then arrives, whatever the seed (100 were tried of each); without slip, by
    a best way nearly always. They are what the page offers with the world: the world itself, and
    what the library does with it, stay as they are.

    Returns:
        The same keys for every world: those that some world needs another value of.

    Raises:
        WorldError: There is no grid of that name.
    """
    usual = {key: DEFAULTS[key] for world in _WORLDS.values() for key in world.numbers}
    if name in world_names():
        return usual | dict(_WORLDS[name].numbers)
    make_grid(name)
    return usual | dict(_PATIENT)


def title(name: str) -> str:
    """What a page calls a named world.

    Raises:
        WorldError: There is no world of that name.
    """
    if name not in world_names():
        raise WorldError(f"a world must be one of {', '.join(_WORLDS)}, got {name!r:.80}")
    return _WORLDS[name].title


def maze(size: int, seed: int = 0) -> GridWorld:
    """A perfect maze: between any two of its free cells there is exactly one way.

    The start is top left, the goal bottom right. The map depends on size and seed alone.
    Source: recursive backtracking, Jamis Buck, "Mazes for Programmers" (2015), chapter 5.

    Args:
        size: Cells in a row and rows, walls included, from 4 to 2000. An odd size has walls all
            around; an even size lacks them at the right and at the bottom.
        seed: From 0 to 2^63 - 1.

    Raises:
        WorldError: A number is outside its range.
    """
    from gridworld.kernels.maze import carve_maze  # here, because the compiler comes with it

    size = whole("N of maze-N", size, SMALLEST_MAZE, LARGEST_MAZE, WorldError)
    seed = whole("the seed of a maze", seed, 0, 2**63 - 1, WorldError)
    cells = np.full((size, size), ord(WALL), np.uint8)
    previous = np.full((size // 2, size // 2), -1, np.int64)
    # Raw bits of PCG64 are promised to stay the same in every release of NumPy;
    # the methods of a Generator are not.
    raw = np.random.PCG64(seed).random_raw(previous.size - 1)
    random = (np.atleast_1d(raw) >> np.uint64(32)).astype(np.uint32)
    carve_maze(cells, ord(FREE), random, previous)
    last = size // 2 * 2 - 1
    cells[1, 1], cells[last, last] = ord(START), ord(GOAL)
    return GridWorld(
        cells.tobytes(),
        size,
        max_steps=4 * size * size,
        name=f"maze-{size}:{seed}" if seed else f"maze-{size}",
    )


@_named(
    "default",
    "Default",
    "Five by five cells with three pits between the start and the goal; this program's own.",
)
def _default(name: str) -> GridWorld:
    return GridWorld.from_text(["S....", ".X.X.", "..X..", ".....", "....G"], name=name)


@_named("easy", "Easy", "The default world without its pits; this program's own.")
def _easy(name: str) -> GridWorld:
    return GridWorld.from_text(["S....", ".....", ".....", ".....", "....G"], name=name)


@_named("hard", "Hard", "Seven by seven cells with six pits; this program's own.")
def _hard(name: str) -> GridWorld:
    rows = ["S......", ".X.X...", ".....X.", ".X.....", ".....X.", "...X...", "......G"]
    return GridWorld.from_text(rows, name=name)


_FROZEN_LAKE = Rewards(step=0, goal=1, pit=0)


@_named(
    "frozen-lake-4x4",
    "Lake 4 \N{MULTIPLICATION SIGN} 4",
    "A slippery lake with four holes (Gymnasium's FrozenLake-v1).",
    _PATIENT_AT_RANDOM,
)
def _frozen_lake_4x4(name: str) -> GridWorld:
    rows = ["SFFF", "FHFH", "FFFH", "HFFG"]
    return GridWorld.from_text(rows, rewards=_FROZEN_LAKE, slip=2 / 3, max_steps=100, name=name)


@_named(
    "frozen-lake-8x8",
    "Lake 8 \N{MULTIPLICATION SIGN} 8",
    "The slippery lake with ten holes (Gymnasium's FrozenLake8x8-v1).",
    # By chance alone one episode in some hundreds gets to the goal.
    {"num_episodes": 20_000, "epsilon_decay": 0.9999, "ties": "random"},
)
def _frozen_lake_8x8(name: str) -> GridWorld:
    rows = [
        "SFFFFFFF",
        "FFFFFFFF",
        "FFFHFFFF",
        "FFFFFHFF",
        "FFFHFFFF",
        "FHHFFFHF",
        "FHFFHFHF",
        "FFFHFFFG",
    ]
    return GridWorld.from_text(rows, rewards=_FROZEN_LAKE, slip=2 / 3, max_steps=200, name=name)


@_named(
    "cliff-walking",
    "Cliff",
    "A cliff costs 100 and leads back to the start (Sutton & Barto 2018, Example 6.6).",
)
def _cliff_walking(name: str) -> GridWorld:
    cliff = [(x, 3) for x in range(1, 11)]
    return GridWorld.from_text(
        ["." * 12, "." * 12, "." * 12, "S" + "." * 10 + "G"],
        rewards=Rewards(step=-1, goal=-1, cells=dict.fromkeys(cliff, -100.0)),
        portals=[(cell, (0, 3)) for cell in cliff],
        max_steps=None,
        name=name,
    )


@_named(
    "windy",
    "Windy",
    "A crosswind blows in the middle columns (Sutton & Barto 2018, Example 6.5).",
    _PATIENT,
)
def _windy(name: str) -> GridWorld:
    rows = ["." * 10] * 3 + ["S......G.."] + ["." * 10] * 3
    return GridWorld.from_text(
        rows,
        rewards=Rewards(step=-1, goal=-1),
        wind=[0, 0, 0, 1, 1, 1, 2, 2, 1, 0],
        max_steps=None,
        name=name,
    )


@_named(
    "dyna-maze",
    "Dyna maze",
    "A maze that pays 1 at the goal and nothing before (Sutton & Barto 2018, Example 8.1).",
    _PATIENT_AT_RANDOM,
)
def _dyna_maze(name: str) -> GridWorld:
    rows = [".......#G", "..#....#.", "S.#....#.", "..#......", ".....#...", "........."]
    return GridWorld.from_text(
        rows, rewards=Rewards(step=0, goal=1), max_steps=DEFAULT_MAX_STEPS, name=name
    )


_AT_THE_GOAL = Rewards(step=0, goal=1)


def _barrier(name: str, wall: str) -> GridWorld:
    """The maze of Figures 8.4 and 8.5, S far below G, with this row between them."""
    rows = ["........G", ".........", ".........", wall, ".........", "...S....."]
    return GridWorld.from_text(rows, rewards=_AT_THE_GOAL, max_steps=None, name=name)


@_named(
    "blocking-maze",
    "Blocking",
    "A barrier with a gap at its right end (Sutton & Barto 2018, Example 8.2).",
)
def _blocking_maze(name: str) -> GridWorld:
    return _barrier(name, "########.")


@_named(
    "blocking-maze-2",
    "Blocked",
    "The same barrier after the gap has moved to its left end, which is a longer way.",
)
def _blocking_maze_2(name: str) -> GridWorld:
    return _barrier(name, ".########")


@_named(
    "shortcut-maze",
    "Detour",
    "A barrier with a gap at its left end, a long way round (Sutton & Barto 2018, Example 8.3).",
)
def _shortcut_maze(name: str) -> GridWorld:
    return _barrier(name, ".########")


@_named(
    "shortcut-maze-2",
    "Shortcut",
    "The same barrier after a second gap, at its right end, has opened a shorter way.",
)
def _shortcut_maze_2(name: str) -> GridWorld:
    return _barrier(name, ".#######.")


@_named(
    "russell-norvig-4x3",
    "Four by three",
    "Moves slip; a step costs 0.04 unless it ends at +1 or -1 (Russell & Norvig 2021, 16.1).",
)
def _russell_norvig(name: str) -> GridWorld:
    # Up to the third edition the step into +1 or -1 costs 0.04, too: every value is 0.04 less.
    return GridWorld.from_text(
        ["...G", ".#.X", "S..."],
        rewards=Rewards(step=-0.04, goal=1, pit=-1),
        slip=0.2,
        max_steps=None,
        name=name,
    )


@_named(
    "book-grid",
    "Book grid",
    "Four by three slippery cells whose steps cost nothing (DeNero & Klein 2010, BookGrid).",
    _PATIENT,
)
def _book_grid(name: str) -> GridWorld:
    return GridWorld.from_text(
        ["...G", ".#.X", "S..."],
        rewards=Rewards(step=0, goal=1, pit=-1),
        slip=0.2,
        max_steps=None,
        name=name,
    )


@_named(
    "four-rooms",
    "Four rooms",
    "Four rooms joined by four narrow hallways (Sutton, Precup & Singh 1999, Figure 2).",
)
def _four_rooms(name: str) -> GridWorld:
    rows = [
        "#############",
        "#S....#.....#",
        "#.....#.....#",
        "#...........#",
        "#.....#.....#",
        "#.....#.....#",
        "##.####.....#",
        "#.....###.###",
        "#.....#.....#",
        "#.....#.....#",
        "#...........#",
        "#.....#....G#",
        "#############",
    ]
    return GridWorld.from_text(rows, max_steps=AUTO, name=name)
