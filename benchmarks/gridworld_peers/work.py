"""What all peers do, and what they answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "ALPHA",
    "DELTAS",
    "EPSILON",
    "GAMMA",
    "GOAL",
    "MAX_STEPS",
    "PIT",
    "STEP",
    "Ready",
    "Unavailable",
    "Work",
]

DEFAULT = ("S....", ".X.X.", "..X..", ".....", "....G")
STEP, GOAL, PIT = -0.1, 10.0, -10.0
MAX_STEPS = 100
ALPHA, GAMMA, EPSILON = 0.1, 0.99, 0.1

DELTAS = ((0, -1), (0, 1), (-1, 0), (1, 0))


class Unavailable(Exception):
    """This peer cannot run on this machine; the message says why."""


@dataclass(frozen=True)
class Work:
    """A world, and how many agents learn on it, each with a table of its own.

    Attributes:
        size: Cells in a row, and rows. 5 is the default world. Any other number is an open grid
            with the start top left, the goal bottom right, and a pit in every eighth column of
            every eighth row.
        agents: From 1.
        algorithm: Name of what they learn by, with the library's usual parameters of its own.
    """

    size: int = 5
    agents: int = 1
    algorithm: str = "q_learning"

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """The map, one text a row."""
        if self.size == len(DEFAULT):
            return DEFAULT
        cells = np.full((self.size, self.size), ".")
        cells[5::8, 3::8] = "X"
        cells[0, 0], cells[-1, -1] = "S", "G"
        return tuple("".join(row) for row in cells)

    @property
    def n_states(self) -> int:
        """Cells of the map."""
        return self.size**2

    @property
    def needs_bytes(self) -> int:
        """Of memory, for the world and the tables of all agents with four float32 a state."""
        return self.n_states * 4 * (8 + 4 * self.agents)

    def outcomes(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The world as arrays: next state int32 `[states * 4]`, reward float32 of the same shape.

        `~s` stands for the next state s where the episode ends there.
        """
        cells = np.array([list(row) for row in self.rows]).ravel()
        y, x = np.divmod(np.arange(self.n_states, dtype=np.int32), np.int32(self.size))
        next_state = np.zeros((self.n_states, 4), np.int32)
        reward = np.zeros((self.n_states, 4), np.float32)
        for action, (dx, dy) in enumerate(DELTAS):
            column, row = (np.clip(at, 0, self.size - 1) for at in (x + dx, y + dy))
            entered = row * self.size + column
            goal, pit = cells[entered] == "G", cells[entered] == "X"
            next_state[:, action] = np.where(goal | pit, ~entered, entered)
            reward[:, action] = np.select([goal, pit], [GOAL, PIT], STEP)
        return next_state.ravel(), reward.ravel()


@dataclass(frozen=True)
class Ready:
    """One implementation, ready to do one work.

    Attributes:
        run: Takes about so many steps, all agents together, and returns how many it took. It
            goes on with what is learnt so far.
        table: The Q-table of the first agent, `[states, 4]`.
    """

    run: Callable[[int], int]
    table: Callable[[], npt.NDArray[Any]]
