"""Exact values of a given policy, and how exact they are.

Source: Sutton & Barto 2018, section 4.1. The equations of a deterministic process are solved along
its paths, others block by block, and corrected by their defects to 106 bits (iterative refinement:
Higham 2002, "Accuracy and stability of numerical algorithms", chapter 12).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridworld.errors import SolveStoppedError
from gridworld.exact.equations import Equations, Parts, parts_of
from gridworld.kernels.codes import DETERMINISTIC, SLIP
from gridworld.kernels.exact import equations, paths
from gridworld.kernels.exact.model import NONE, Model

__all__ = ["TARGET", "Evaluator"]

TARGET = 2.5e-10
"""Error at which iterations end: a quarter of what is promised."""

_MOST_CORRECTIONS = 60


@dataclass
class Evaluator:
    """Exact values of policies on one process.

    Attributes:
        model: The process.
        discount: Discount factor.
        should_stop: As in `solve`.
        high: float64 `[S]`, values of the policy evaluated last.
        low: float64 `[S]`, what rounding took from them.
        largest: The largest absolute value that is finite.
        largest_reward: The largest absolute reward.
        parts: Its strongly connected components; None where it is deterministic.
    """

    model: Model
    discount: float
    should_stop: Callable[[], bool] | None = None
    high: npt.NDArray[np.float64] = field(init=False)
    low: npt.NDArray[np.float64] = field(init=False)
    largest: float = field(init=False, default=0.0)
    largest_reward: float = field(init=False)
    parts: Parts | None = field(init=False, default=None)
    _system: Equations | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        self.high = np.zeros(self.model.n_states)
        self.low = np.zeros(self.model.n_states)
        reward = self.model.outcomes["reward"]
        self.largest_reward = float(max(reward.max(), -reward.min()))
        if self.model.dynamics != DETERMINISTIC:
            self.parts = parts_of(self.model)

    def check_stop(self) -> None:
        """Give up where the caller wants it.

        Raises:
            SolveStoppedError: It does.
        """
        if self.should_stop is not None and self.should_stop():
            raise SolveStoppedError("the solver was stopped before it was done")

    def evaluate(self, policy: npt.NDArray[np.int32], enough: float) -> None:
        """Evaluate a policy, which with discount 1 must be sure to end wherever it acts.

        Args:
            policy: int32 `[S]`, actions, `STOP` or `NONE`.
            enough: What may be missing in an equation.

        Raises:
            SolveStoppedError: `should_stop` said so.
        """
        self.check_stop()
        if self.parts is None:
            n = self.model.n_states
            mark, path = np.zeros(n, np.int8), np.empty(n, np.int32)
            paths.evaluate_paths(self.model, self.discount, policy, self.high, self.low, mark, path)
            self._measure()
            return
        self.high[policy < 0] = 0.0
        self.low[policy < 0] = 0.0
        self.high[policy == NONE] = -np.inf
        if self._system is None or not np.array_equal(policy, self._system.policy):
            self._system = Equations(self.model, self.discount, policy, self.parts, self.check_stop)
        system = self._system
        states, wrong = system.states, np.empty(len(system.states))
        last = np.inf
        for _ in range(_MOST_CORRECTIONS):
            defect = equations.defects(
                self.model, self.discount, policy, states, (self.high, self.low), wrong
            )
            # Less than half a digit gained: that is all that the numbers hold.
            if defect <= max(enough, self.noise()) or not defect < 0.3 * last:
                break
            last = defect
            change = system.solve(wrong, 0.5 * enough)
            equations.correct(states, change, (self.high, self.low))
        self._measure()

    def noise(self) -> float:
        """What may be missing in an equation as its pairs of numbers are worked out."""
        return (self.model.n_outcomes + 8) * 2.0**-101 * (self.largest_reward + self.largest)

    def rounding(self) -> float:
        """What becomes of the values when they are written as one number each."""
        return 2.0**-53 * self.largest

    def slack(self) -> float:
        """What two readings of what was declared may differ by, in an equation.

        1 - slip is rounded or not; probabilities that sum to 1 but for rounding are meant as they
        are or in proportion.
        """
        if self.model.dynamics == DETERMINISTIC:
            return 0.0
        if self.model.dynamics == SLIP:
            doubt = abs((1.0 - (1.0 - self.model.slip)) - self.model.slip)
        else:
            doubt = equations.doubt(self.model)
        return doubt * (self.largest_reward + self.discount * self.largest)

    def steps(self) -> float:
        """Bound on the expected (discounted) steps from any state to the end.

        They are those of the policy evaluated last, infinite where none is known.
        """
        if self._system is None:
            return min(self.model.n_states, self.most_steps())
        return min(self._system.steps(), self.most_steps())

    def most_steps(self) -> float:
        """Bound on the discounted steps of any policy."""
        return 1 / (1 - self.discount) if self.discount < 1 else np.inf

    def _measure(self) -> None:
        finite = self.high[np.isfinite(self.high)]
        self.largest = float(np.abs(finite).max(initial=0.0))
