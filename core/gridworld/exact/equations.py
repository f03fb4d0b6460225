"""The equations of one policy, solved block by block in the way that suits each block.

Blocks are strongly connected components: each needs only the values of those before it, so that
one in which values settle slowly does not hold up the others.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridworld.exact import elimination
from gridworld.exact.elimination import Solver
from gridworld.kernels.exact import components, equations
from gridworld.kernels.exact.equations import Entries
from gridworld.kernels.exact.model import Model

__all__ = ["Equations", "Parts", "parts_of"]

_VISITS = 20_000_000
"""Entries visited between two questions whether to stop: about 50 ms."""

_GAIN = 1e-11
"""By what factor one solution makes defects less; the next one begins with what is left."""


@dataclass(frozen=True)
class Parts:
    """States by strongly connected components.

    Attributes:
        order: int32 `[S]`, the states, those to which others lead first.
        first: int64 `[parts + 1]`; part c is `order[first[c]:first[c + 1]]`.
    """

    order: npt.NDArray[np.int32]
    first: npt.NDArray[np.int64]

    def by(self, value: npt.NDArray[np.float64]) -> "Parts":
        """The same parts, each in the order of falling values, float64 `[S]`."""
        order = np.argsort(-value, kind="stable").astype(np.int32)
        if len(self.first) > 2:
            part = np.empty(len(order), np.int32)
            part[self.order] = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
            order = order[np.argsort(part[order], kind="stable")]
        return Parts(order, self.first)


def parts_of(model: Model) -> Parts:
    """The strongly connected components of a process under all its actions."""
    n = model.n_states
    first, order = np.empty(n + 1, np.int64), np.empty(n, np.int32)
    number, lowest, path = np.zeros(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    count = components.strong_components(
        model, first, order, number, lowest, np.zeros(n, np.int64), path
    )
    return Parts(order, first[: count + 1].copy())


class Equations:
    """`(I - discount P) x = right` of one policy.

    Args:
        model: The process.
        discount: Gamma.
        policy: int32 `[S]`; where it is below 0 there is no equation and x is 0.
        parts: Of the process.
        check_stop: Asked from time to time; raises to give up.

    Attributes:
        policy: int32 `[S]`, a copy.
        states: int32 `[n]`, the states of the rows.
    """

    def __init__(
        self,
        model: Model,
        discount: float,
        policy: npt.NDArray[np.int32],
        parts: Parts,
        check_stop: Callable[[], None],
    ) -> None:
        self._check_stop = check_stop
        self.policy = policy.copy()
        acts = policy[parts.order] >= 0
        self.states = parts.order[acts]
        n = len(self.states)
        number = np.full(model.n_states, -1, np.int32)
        number[self.states] = np.arange(n, dtype=np.int32)
        first = np.empty(n + 1, np.int64)
        equations.count_entries(model, policy, self.states, number, first)
        self.entries = Entries(
            first, np.empty(first[-1], np.int32), np.empty(first[-1]), np.empty(n)
        )
        equations.fill_entries(model, discount, policy, self.states, number, self.entries)
        before = np.concatenate([[0], np.cumsum(acts)])[parts.first]
        self._plan = elimination.quickest(self.entries, np.unique(before))
        self._solvers: dict[int, Solver] = {}

    def solve(self, right: npt.NDArray[np.float64], enough: float) -> npt.NDArray[np.float64]:
        """An approximate solution.

        Args:
            right: float64 `[n]`.
            enough: Defect in an equation that need not be less.

        Returns:
            float64 `[n]`; its defects are at most `enough`, or smaller than the largest entry of
            `right` by many digits.
        """
        x = np.zeros(len(right))
        enough = max(enough, _GAIN * float(np.abs(right).max(initial=0.0)))
        at = np.zeros(4, np.int64)
        while True:
            equations.relax(
                self.entries, self._plan.begin_of, self._plan.most, right, enough, at, _VISITS, x
            )
            self._check_stop()
            block = int(at[0])
            if block == len(self._plan.most):
                return x
            if self._plan.most[block] == 0:
                self._eliminate(block, right, x)
                at[:] = (block + 1, 0, 0, 0)

    def steps(self) -> float:
        """Bound on the expected (discounted) steps to the end from any state; infinite: unknown."""
        n = len(self.states)
        if n == 0:
            return 1.0
        x = self.solve(np.ones(n), 1e-3)
        # (I - discount P) x >= c > 0 means that x / c is at least the number of steps.
        least = equations.least_gain(self.entries, x)
        return float(x.max() / least) if least > 0 and x.min() > 0 else np.inf

    def _eliminate(
        self, block: int, right: npt.NDArray[np.float64], x: npt.NDArray[np.float64]
    ) -> None:
        begin, end = int(self._plan.begin_of[block]), int(self._plan.begin_of[block + 1])
        known = np.empty(end - begin)
        equations.known_part(self.entries, begin, end, right, x, known)
        if block not in self._solvers:
            self._solvers[block] = elimination.eliminated(
                self.entries, self._plan, block, self._check_stop
            )
        x[begin:end] = self._solvers[block](known)
