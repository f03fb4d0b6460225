"""Batch training on the random walk: what TD(0) and MC converge to on the episodes seen so far.

Batch methods go through the same episodes again and again until nothing changes. Where that ends
needs no going through: TD(0) ends at the values of the process that is the likeliest after these
episodes (certainty equivalence), MC at the mean return of each state (Sutton & Barto 2018, 6.3).
"""

from itertools import count
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["STATES", "batch_errors"]

STATES: Final = 5

TRUE: Final = np.arange(1, STATES + 1) / (STATES + 1)

INITIAL: Final = 0.5
"""Value of a state that no episode has seen."""

Counts = npt.NDArray[np.float64]


def batch_errors(runs: int, episodes: int, seed: int) -> dict[str, npt.NDArray[np.float64]]:
    """RMS error over the states after each episode.

    Args:
        runs: Walkers, each with episodes of its own.
        episodes: Of each.
        seed: Of all chance.

    Returns:
        Name of the method to float64 `[runs, episodes]`.
    """
    random = np.random.default_rng(seed)
    td, mc = np.empty((runs, episodes)), np.empty((runs, episodes))
    moves = np.zeros((runs, STATES, 2))
    visits, returns = np.zeros((runs, STATES)), np.zeros((runs, STATES))
    for k in range(episodes):
        here, right = _walk(random, runs, moves)
        visits += here
        returns += here * right[:, None]
        seen = visits > 0
        means = np.divide(returns, visits, out=np.full_like(visits, INITIAL), where=seen)
        mc[:, k] = _error(means)
        td[:, k] = _error(_certainty_equivalent(moves))
    return {"td": td, "monte_carlo": mc}


def _walk(
    random: np.random.Generator, runs: int, moves: Counts
) -> tuple[Counts, npt.NDArray[np.float64]]:
    """One episode of each walker: visits of its states, and 1 where it ended at the right."""
    place = np.full(runs, STATES // 2)
    here, right = np.zeros((runs, STATES)), np.zeros(runs)
    walking = np.arange(runs)
    for _ in count():
        if not len(walking):
            break
        side = random.integers(2, size=len(walking))
        here[walking, place] += 1
        moves[walking, place, side] += 1
        place = place + 2 * side - 1
        right[walking[place == STATES]] = 1.0
        inside = (place >= 0) & (place < STATES)
        walking, place = walking[inside], place[inside]
    return here, right


def _certainty_equivalent(moves: Counts) -> npt.NDArray[np.float64]:
    """Values of the likeliest processes, `[runs, states]`, from the steps that were seen."""
    total = moves.sum(axis=2)
    seen = total > 0
    chance = np.divide(moves, total[:, :, None], out=np.zeros_like(moves), where=seen[:, :, None])
    equations = np.tile(np.eye(STATES), (len(moves), 1, 1))
    inner = np.arange(STATES)
    equations[:, inner[1:], inner[:-1]] -= chance[:, 1:, 0]
    equations[:, inner[:-1], inner[1:]] -= chance[:, :-1, 1]
    paid = np.where(seen, 0.0, INITIAL)
    paid[:, -1] += chance[:, -1, 1]
    values = np.linalg.solve(equations, paid[:, :, None])[:, :, 0]
    return np.asarray(values, np.float64)


def _error(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    error: npt.NDArray[np.float64] = np.sqrt(((values - TRUE) ** 2).mean(axis=1))
    return error
