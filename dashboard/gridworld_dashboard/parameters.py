"""The values in force: what the next start, or the one under way, goes by."""

from dataclasses import dataclass
from typing import Final

from gridworld.algorithms import ALGORITHMS, Algorithm

__all__ = ["LEARNING", "NUMBERS", "Parameters"]

LEARNING: Final = (
    "learning_rate",
    "epsilon",
    "discount_factor",
    "epsilon_decay",
    "epsilon_min",
)
"""Parameters of the algorithm that may change on the way."""

NUMBERS: Final = (*LEARNING, "initial_value")
"""All parameters of the algorithm."""

FRESH: Final = ("algorithm", "seed", "agents", "initial_value")
"""Another one of these, or another world, begins afresh."""


@dataclass(frozen=True)
class Parameters:
    """The values in force.

    Attributes:
        epsilon: The one last given, not the agent's.
        num_episodes: Budget of a start; None: until stopped.
        initial_value: Every entry of the Q-table at the start. Unit: reward.
        speed: Steps a second; None: as fast as it goes.
        world: Its name.
        slip: In [0, 1], in force in that world.
        max_steps: Steps after which an episode is truncated, in force; None: never.
    """

    learning_rate: float = 0.1
    epsilon: float = 1.0
    discount_factor: float = 0.99
    num_episodes: int | None = 500
    epsilon_decay: float = 0.995
    epsilon_min: float = 0.01
    initial_value: float = 0.0
    speed: float | None = 30.0
    world: str = "default"
    slip: float = 0.0
    max_steps: int | None = 100
    algorithm: str = "q_learning"
    seed: int = 0
    agents: int = 1

    def build(self) -> Algorithm:
        """The algorithm with these numbers.

        Raises:
            InvalidValueError: A number is outside its range as float32.
        """
        return ALGORITHMS[self.algorithm](**{name: getattr(self, name) for name in NUMBERS})

    def change(self, algorithm: Algorithm, before: "Parameters") -> Algorithm:
        """The algorithm, which had the numbers of `before`, with these.

        What did not change stays as it is: a checkpoint may bring numbers that nobody gives here.

        Raises:
            InvalidValueError: A number is outside its range as float32.
        """
        return algorithm.with_parameters(
            **{name: getattr(self, name) for name in LEARNING if self._differs(before, name)}
        )

    def begins_afresh(self, before: "Parameters") -> bool:
        """Whether training cannot go on from where it is, on the same world."""
        return any(self._differs(before, name) for name in FRESH)

    def learns_otherwise(self, before: "Parameters") -> bool:
        """Whether any number changes that the agents learn by."""
        return any(self._differs(before, name) for name in LEARNING)

    def _differs(self, other: "Parameters", name: str) -> bool:
        return bool(getattr(self, name) != getattr(other, name))
