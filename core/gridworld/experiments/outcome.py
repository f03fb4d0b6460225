"""What the runs of a block came to: all that measures and curves are made of."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm
from gridworld.experiments.policies import judge
from gridworld.mdp import Mdp

__all__ = ["Cut", "Mark", "Numbers", "Outcome"]

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, order=True)
class Cut:
    """A moment of a run: after so many of its episodes, or steps.

    Attributes:
        unit: What is counted.
        count: From 1.
    """

    unit: Literal["episodes", "steps"]
    count: int


@dataclass(frozen=True, eq=False)
class Mark:
    """What all runs of a block had done at a cut, arrays of `[runs]`.

    Attributes:
        episodes: int64, complete episodes.
        steps: int64.
        return_sum: float64, of the complete episodes.
        open_return: float64, of the episode under way.
        length_sum: int64, steps of the complete episodes.
    """

    episodes: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int64]
    return_sum: Numbers
    open_return: Numbers
    length_sum: npt.NDArray[np.int64]


@dataclass(eq=False)
class Outcome:
    """What the runs of a block came to, arrays of `[runs]`; a measure is a function of it.

    Attributes:
        mdp: Their world.
        algorithm: The algorithm, with one value or one for each run of every parameter.
        discount_factor: float32.
        q: float32 `[runs, states, actions]`.
        epsilon: float32, at the end.
        end: The counts at the end.
        open_return: float32, of the episode under way.
        shortest: int64, steps of the shortest complete episode.
        marks: The counts at the cuts that the measures asked for.
        regrets: float64, the exact regret at those cuts that asked for it.
        errors: float64, how far the values are off at those cuts that asked for it (see
            `value_error_first_K`).
        episode_budget: Of each run; None: without.
    """

    mdp: Mdp
    algorithm: Algorithm
    discount_factor: npt.NDArray[np.float32]
    q: npt.NDArray[np.float32]
    epsilon: npt.NDArray[np.float32]
    end: Mark
    open_return: npt.NDArray[np.float32]
    shortest: npt.NDArray[np.int64]
    episode_budget: int | None
    marks: dict[Cut, Mark] = field(default_factory=dict)
    regrets: dict[Cut, Numbers] = field(default_factory=dict)
    errors: dict[Cut, Numbers] = field(default_factory=dict)

    @property
    def episodes(self) -> npt.NDArray[np.int64]:
        """Complete episodes."""
        return self.end.episodes

    @property
    def steps(self) -> npt.NDArray[np.int64]:
        """Steps, those of the episode under way included."""
        return self.end.steps

    @cached_property
    def judged(self) -> tuple[Numbers, npt.NDArray[np.bool_]]:
        """Exact regret of the final greedy policy, and whether it is sure to arrive."""
        return judge(self.mdp, self.q, self.discount_factor)
