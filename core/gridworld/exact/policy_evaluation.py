"""Exact values of a given policy.

Source: Sutton & Barto 2018, section 4.1. The equations of a deterministic process are solved along
its paths, others by Gauss-Seidel sweeps or by elimination, whichever is done first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridworld.errors import SolveStoppedError
from gridworld.kernels import paths, sweeps
from gridworld.kernels.codes import DETERMINISTIC
from gridworld.kernels.model import NONE, STOP, Model
from gridworld.mdp import model_of

__all__ = ["DENSE_STATES", "EPSILON", "TARGET", "Evaluator", "model_of"]

TARGET = 2.5e-10
"""Error at which iterations end: a quarter of what is promised."""

DENSE_STATES = 1024
"""Up to so many states a policy is evaluated by elimination and never by sweeps."""

EPSILON = float(np.finfo(np.float64).eps)

_MOST_BAND = 2**26
"""Numbers in the largest band matrix: 512 MiB."""

_MOST_SWEEPS = 10_000_000


@dataclass
class Evaluator:
    """Exact values of policies on one process.

    Attributes:
        model: The process.
        discount: Discount factor.
        should_stop: As in `solve`.
        high: float64 `[S]`, values of the policy evaluated last.
        low: float64 `[S]`, what rounding took from them.
        error: Bound on their error.
        steps: The largest expected (discounted) number of steps to the end.
        residual: The largest error in the policy's equations.
    """

    model: Model
    discount: float
    should_stop: Callable[[], bool] | None = None
    high: npt.NDArray[np.float64] = field(init=False)
    low: npt.NDArray[np.float64] = field(init=False)
    error: float = field(init=False, default=0.0)
    steps: float = field(init=False, default=1.0)
    residual: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.high = np.zeros(self.model.n_states)
        self.low = np.zeros(self.model.n_states)

    def check_stop(self) -> None:
        """Give up where the caller wants it.

        Raises:
            SolveStoppedError: It does.
        """
        if self.should_stop is not None and self.should_stop():
            raise SolveStoppedError("the solver was stopped before it was done")

    def evaluate(self, policy: npt.NDArray[np.int32]) -> None:
        """Evaluate a policy, which with discount 1 must be sure to end wherever it acts.

        Args:
            policy: int32 `[S]`, actions, `STOP` or `NONE`.

        Raises:
            SolveStoppedError: `should_stop` said so.
        """
        self.check_stop()
        if self.model.dynamics == DETERMINISTIC:
            self._walk(policy)
            return
        self.high[policy == STOP] = 0.0
        self.high[policy == NONE] = -np.inf
        live = np.flatnonzero(policy >= 0)
        self._sweep(policy, live)

    def _walk(self, policy: npt.NDArray[np.int32]) -> None:
        n = self.model.n_states
        mark, path = np.zeros(n, np.int8), np.empty(n, np.int32)
        paths.evaluate_paths(self.model, self.discount, policy, self.high, self.low, mark, path)
        self.error = EPSILON * self.largest()

    def _sweep(self, policy: npt.NDArray[np.int32], live: npt.NDArray[np.intp]) -> None:
        """Evaluate by sweeps; solve directly where they would take longer."""
        numbers = np.full(self.model.n_states, -1, np.int32)
        numbers[live] = np.arange(len(live))
        width = sweeps.band_width(self.model, policy, numbers)
        most = _MOST_SWEEPS
        if len(live) * (2 * width + 1) <= _MOST_BAND:
            most = width * width // 20 if len(live) > DENSE_STATES else 0
        order = live.astype(np.int32)
        steps = self._relax(policy, order, most)
        if steps is None:
            steps = self._solve_directly(policy, live, numbers, width)
        self.steps = steps
        self.residual = sweeps.residual(self.model, self.discount, policy, self.high)
        self.error = steps * self.residual + EPSILON * self.largest()

    def _relax(
        self, policy: npt.NDArray[np.int32], order: npt.NDArray[np.int32], most: int
    ) -> float | None:
        """Sweep until the values stand; return `steps`, or None where they do not."""
        steps: float | None = 1 / (1 - self.discount) if self.discount < 0.9999 else None
        if steps is None:
            counts = np.zeros(self.model.n_states)
            if not self._sweep_until(
                policy, order, most, True, counts, lambda: 1e-6 * counts.max()
            ):
                return None
            steps = 1.01 * float(counts.max())
        least = TARGET / steps
        done = self._sweep_until(
            policy,
            order,
            most,
            False,
            self.high,
            lambda: max(least, 4 * EPSILON * self.largest()),
        )
        return steps if done else None

    def _sweep_until(
        self,
        policy: npt.NDArray[np.int32],
        order: npt.NDArray[np.int32],
        most: int,
        count_steps: bool,
        v: npt.NDArray[np.float64],
        enough: Callable[[], float],
    ) -> bool:
        for i in range(most):
            change = sweeps.sweep(
                self.model, self.discount, policy, order, i % 2 == 1, count_steps, v
            )
            if i % 16 == 15:
                self.check_stop()
            if change <= enough():
                return True
        return False

    def _solve_directly(
        self,
        policy: npt.NDArray[np.int32],
        live: npt.NDArray[np.intp],
        numbers: npt.NDArray[np.int32],
        width: int,
    ) -> float:
        """Solve the policy's equations by elimination; return the expected steps, at most."""
        band = np.zeros((len(live), 2 * width + 1))
        sweeps.fill_band(self.model, self.discount, policy, numbers, width, band)
        block = max(1, 50_000_000 // (width * width + 1))
        for begin in range(0, len(live), block):
            sweeps.factor_band(band, begin, min(begin + block, len(live)))
            self.check_stop()
        steps = np.zeros(self.model.n_states)
        wrong = np.empty(len(live))
        self.high[live] = 0.0
        for _ in range(3):
            # The second and third time correct what rounding did.
            for count_steps, v in ((False, self.high), (True, steps)):
                sweeps.errors(self.model, self.discount, policy, count_steps, v, numbers, wrong)
                sweeps.solve_band(band, wrong)
                v[live] += wrong
        return float(steps.max(initial=1.0))

    def largest(self) -> float:
        """The largest absolute value that is finite."""
        finite = self.high[np.isfinite(self.high)]
        return float(np.abs(finite).max(initial=0.0))
