"""The values in force: what the next start, or the one under way, goes by."""

from dataclasses import dataclass
from typing import Final

from gridworld.algorithms import ALGORITHMS, Algorithm

__all__ = ["LEARNING", "Parameters"]

LEARNING: Final = (
    "learning_rate",
    "epsilon",
    "discount_factor",
    "epsilon_decay",
    "epsilon_min",
)
"""Parameters of the algorithm."""

FRESH: Final = ("world", "algorithm", "seed", "agents")
"""Another one of these needs another batch."""


@dataclass(frozen=True)
class Parameters:
    """The values in force.

    Attributes:
        epsilon: The one last given, not the agent's.
        num_episodes: Budget of a start; None: until stopped.
        speed: Steps a second; None: as fast as it goes.
    """

    learning_rate: float = 0.1
    epsilon: float = 1.0
    discount_factor: float = 0.99
    num_episodes: int | None = 500
    epsilon_decay: float = 0.995
    epsilon_min: float = 0.01
    speed: float | None = 30.0
    world: str = "default"
    algorithm: str = "q_learning"
    seed: int = 0
    agents: int = 1

    def build(self) -> Algorithm:
        """The algorithm with these numbers.

        Raises:
            InvalidValueError: A number is outside its range as float32.
        """
        return ALGORITHMS[self.algorithm](**{name: getattr(self, name) for name in LEARNING})

    def change(self, algorithm: Algorithm, before: "Parameters") -> Algorithm:
        """The algorithm, which had the numbers of `before`, with these.

        What did not change stays as it is: a checkpoint may bring numbers that nobody gives here.

        Raises:
            InvalidValueError: A number is outside its range as float32.
        """
        new = {name: getattr(self, name) for name in LEARNING}
        return algorithm.with_parameters(
            **{name: value for name, value in new.items() if value != getattr(before, name)}
        )

    def needs_other_batch(self, before: "Parameters") -> bool:
        """Whether training cannot go on from where it is."""
        return any(getattr(self, name) != getattr(before, name) for name in FRESH)
