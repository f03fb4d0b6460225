"""The decision processes that have a name and are no grids: other moves, other chances.

A process with one action in every state is a Markov reward process: SARSA on it is TD(0), and what
there is to learn is how much each state is worth.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridworld.errors import WorldError
from gridworld.validation import whole

if TYPE_CHECKING:
    from gridworld.mdp import Mdp

__all__ = ["PROCESSES", "Process", "find_process", "make_process"]

SMALLEST_WALK, LARGEST_WALK = 3, 9999

Outcome = tuple[float, int, float, bool] | tuple[float, int, float, bool, float]
"""Probability, next state, reward, whether the episode ends, as in Gymnasium's `P`; and the
standard deviation of the reward."""


@dataclass(frozen=True)
class Process:
    """What is said of a named process, and how it is made.

    Attributes:
        name: By which it is known; `-N` at its end stands for a number.
        says: What it is, and where it comes from, in one sentence.
        example: One of that name.
        build: Makes it, given its name and the number in it, 0 where it has none.
    """

    name: str
    says: str
    example: str
    build: "Callable[[str, int], Mdp]"

    @property
    def pattern(self) -> re.Pattern[str]:
        """What names of it look like."""
        stem = self.name.removesuffix("-N")
        number = r"-(\d{1,9})" if stem != self.name else "()"
        return re.compile(re.escape(stem) + number, re.ASCII)


PROCESSES: dict[str, Process] = {}
"""Name to process, in the order in which they are listed."""


def find_process(name: object) -> tuple[Process, int] | None:
    """The process of that name and the number in it; None: there is none."""
    for process in PROCESSES.values():
        match = process.pattern.fullmatch(name) if isinstance(name, str) else None
        if match is not None:
            return process, int(match[1] or 0)
    return None


def make_process(name: str) -> "Mdp":
    """A process by its name.

    Raises:
        WorldError: There is none of that name, or its number cannot be.
    """
    found = find_process(name)
    if found is None:
        raise WorldError(f"a process must be one of {', '.join(PROCESSES)}, got {name!r:.80}")
    process, number = found
    return process.build(name, number)


def _named(
    name: str, says: str, example: str | None = None
) -> "Callable[[Callable[[str, int], Mdp]], Callable[[str, int], Mdp]]":
    """Enter a function that makes a process among those that have a name (see `Process`)."""

    def enter(build: "Callable[[str, int], Mdp]") -> "Callable[[str, int], Mdp]":
        PROCESSES[name] = Process(name, says, example or name, build)
        return build

    return enter


def _compiled(table: Sequence[Sequence[Sequence[Outcome]]], *, start: int, name: str) -> "Mdp":
    from gridworld.mdp import process_of_table  # here, because the compiler comes with them
    from gridworld.outcomes import read_table

    return process_of_table(read_table(table), start, max_steps=0, name=name)


@_named(
    "random-walk-N",
    "N states in a row, N odd: steps to the left and to the right are equally likely, from the"
    " middle until one leaves the row. To leave pays 1 at the right and -1 at the left"
    " (Sutton & Barto 2018, Example 7.1), with 5 states 0 at the left (Example 6.2).",
    "random-walk-5",
)
def _random_walk(name: str, n: int) -> "Mdp":
    whole("N of random-walk-N", n, SMALLEST_WALK, LARGEST_WALK, WorldError)
    if n % 2 == 0:
        raise WorldError(f"N of random-walk-N must be odd, so that there is a middle, got {n}")
    left = 0.0 if n == 5 else -1.0
    steps: list[list[list[Outcome]]] = [
        [[(0.5, s - 1, 0.0, False), (0.5, s + 1, 0.0, False)]] for s in range(n)
    ]
    steps[0][0][0] = (0.5, 0, left, True)
    steps[-1][0][1] = (0.5, n - 1, 1.0, True)
    return _compiled(steps, start=n // 2, name=f"random-walk-{n}")


@_named(
    "van-hasselt-3x3",
    "Three by three cells in which every step pays -12 or +10 by chance, and any action at the"
    " goal 5 and the end (van Hasselt 2010, section 4.2).",
)
def _van_hasselt(name: str, n: int) -> "Mdp":
    start, goal, size = 6, 2, 3
    moves = [(0, -1), (0, 1), (-1, 0), (1, 0)]
    steps = [
        [
            [(0.5, _moved(s, move, size, size), reward, False) for reward in (-12.0, 10.0)]
            for move in moves
        ]
        for s in range(size * size)
    ]
    steps[goal] = [[(1.0, goal, 5.0, True)] for _ in moves]
    return _compiled(steps, start=start, name=name)


@_named(
    "maximization-bias",
    "From the first state one goes right to the end, for nothing, or left, where each of ten"
    " actions ends the episode and pays normally distributed -0.1, with the deviation 1"
    " (Sutton & Barto 2018, Example 6.7).",
)
def _maximization_bias(name: str, n: int) -> "Mdp":
    first, second = 0, 1
    left: Outcome = (1.0, second, 0.0, False)
    right: Outcome = (1.0, first, 0.0, True)
    chance: Outcome = (1.0, second, -0.1, True, 1.0)
    return _compiled([[[left], [right]], [[chance]] * 10], start=first, name=name)


_KING = [(0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (1, -1), (-1, 1), (1, 1)]
"""(dx, dy) of each action: a grid's four, then up left, up right, down left, down right."""


@_named(
    "king-windy",
    "The windy grid with the eight moves of a king (Sutton & Barto 2018, Exercise 6.9).",
)
def _king_windy(name: str, n: int) -> "Mdp":
    return _windy(name, gusts=(0,))


@_named(
    "king-windy-stochastic",
    "The same, where the wind, if there is any, is one stronger or one weaker than usual a third"
    " of the time each (Sutton & Barto 2018, Exercise 6.10).",
)
def _king_windy_stochastic(name: str, n: int) -> "Mdp":
    return _windy(name, gusts=(-1, 0, 1))


def _windy(name: str, gusts: Iterable[int]) -> "Mdp":
    wind = (0, 0, 0, 1, 1, 1, 2, 2, 1, 0)
    width, height = len(wind), 7
    start, goal = 3 * width, 3 * width + 7
    steps = []
    for s in range(width * height):
        blows = wind[s % width]
        pushes = [blows + gust for gust in gusts] if blows else [0]
        steps.append([_blown(s, move, pushes, width, height, goal) for move in _KING])
    return _compiled(steps, start=start, name=name)


def _blown(
    state: int, move: tuple[int, int], pushes: list[int], width: int, height: int, goal: int
) -> list[Outcome]:
    found: list[Outcome] = []
    for push in pushes:
        entered = _moved(state, (move[0], move[1] - push), width, height)
        found.append((1 / len(pushes), entered, -1.0, entered == goal))
    return found


def _moved(state: int, move: tuple[int, int], width: int, height: int) -> int:
    """The cell that a move leads to; at the edges it is clipped."""
    x = min(max(state % width + move[0], 0), width - 1)
    y = min(max(state // width + move[1], 0), height - 1)
    return y * width + x
