"""One episode, step by step: where somebody goes, and what that pays."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gridworld.exact.episodes import episode_root
from gridworld.interop.streams import Moves, Stream
from gridworld.kernels import random
from gridworld.kernels.actions import N_ACTIONS

__all__ = ["Choice", "Walk", "episode_stream", "given_choice", "greedy_choice", "walk"]

Choice: TypeAlias = Callable[[int, Stream], int | None]
"""What somebody does in a state, perhaps by chance; None: nothing any more."""


@dataclass(frozen=True)
class Walk:
    """An episode, as far as it went.

    Attributes:
        states: Where it began, and where each step led.
        rewards: What each step paid, as declared.
        ended: Whether it came to an end.
    """

    states: list[int]
    rewards: list[float]
    ended: bool

    @property
    def total(self) -> float:
        """The plain sum of the rewards, added in their order."""
        return sum(self.rewards, 0.0)


def episode_stream(seed: int, episode: int = 0) -> Stream:
    """The chance that the first agent meets in an episode of `evaluate` with that seed."""
    with np.errstate(over="ignore"):  # where the kernel runs as plain Python
        return Stream(random.seed_state(episode_root(seed), episode))


def walk(moves: Moves, stream: Stream, choose: Choice, limit: int) -> Walk:
    """Go until an end, until nothing is done any more, or for so many steps.

    Args:
        moves: Of the world.
        stream: Its chance, and perhaps that of the choice; drawn from.
        choose: What is done.
        limit: Steps at the most.
    """
    state = moves.start(stream)
    states = [state]
    rewards: list[float] = []
    ended = False
    while not ended and len(rewards) < limit:
        action = choose(state, stream)
        if action is None:
            break
        state, reward = moves.step(state, action, stream)
        ended = state < 0
        states.append(~state if ended else state)
        rewards.append(reward)
    return Walk(states, rewards, ended)


def greedy_choice(actions: npt.NDArray[np.int32], epsilon: float = 0.0) -> Choice:
    """The choice of a policy as `evaluate` follows it, draw for draw.

    Args:
        actions: Of each state, int32 `[S]` (`greedy_actions`).
        epsilon: Probability of a random action out of `N_ACTIONS`, in [0, 1].
    """
    bound = float(np.float32(epsilon))

    def choose(state: int, stream: Stream) -> int:
        if epsilon > 0:
            bits, more = stream.bits(), stream.bits()
            if (bits >> 8) * 2.0**-24 < bound:
                return (more * N_ACTIONS) >> 32
        return int(actions[state])

    return choose


def given_choice(actions: Iterable[int]) -> Choice:
    """One after the other of these actions, whatever comes of them."""
    left = iter(actions)
    return lambda state, stream: next(left, None)
