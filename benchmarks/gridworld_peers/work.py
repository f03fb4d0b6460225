"""What all peers do, and what they answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ALPHA", "EPSILON", "GAMMA", "MAX_STEPS", "ROWS", "Peer", "Unavailable", "outcomes"]

ROWS = ("S....", ".X.X.", "..X..", ".....", "....G")
STEP, GOAL, PIT = -0.1, 10.0, -10.0
MAX_STEPS = 100
ALPHA, GAMMA, EPSILON = 0.1, 0.99, 0.1

DELTAS = ((0, -1), (0, 1), (-1, 0), (1, 0))


class Unavailable(Exception):
    """This peer cannot run on this machine; the message says why."""


@dataclass(frozen=True)
class Peer:
    """One implementation, ready to run.

    Attributes:
        name: As the table shows it.
        run: Takes about so many steps, all agents together, and returns how many it took. It
            goes on with what is learnt so far.
        table: The Q-table of the first agent, `[states, 4]`.
        facts: Agents and threads, for the JSON.
    """

    name: str
    run: Callable[[int], int]
    table: Callable[[], npt.NDArray[Any]]
    facts: dict[str, Any]


def outcomes() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """The world as arrays: next state int32 `[states * 4]`, reward float32 of the same shape.

    `~s` stands for the next state s where the episode ends there.
    """
    height, width = len(ROWS), len(ROWS[0])
    next_state = np.zeros((height * width, 4), np.int32)
    reward = np.zeros((height * width, 4), np.float32)
    for state in range(height * width):
        for action, (dx, dy) in enumerate(DELTAS):
            x = min(max(state % width + dx, 0), width - 1)
            y = min(max(state // width + dy, 0), height - 1)
            cell, entered = ROWS[y][x], y * width + x
            next_state[state, action] = ~entered if cell in "GX" else entered
            reward[state, action] = {"G": GOAL, "X": PIT}.get(cell, STEP)
    return next_state.ravel(), reward.ravel()
