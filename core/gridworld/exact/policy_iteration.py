"""Policy iteration: the best policy of a process, exactly.

Source: Howard 1960; Bertsekas & Tsitsiklis 1991, "An analysis of stochastic shortest path
problems", for the discount factor 1; Sutton & Barto 2018, section 4.3.
"""

import numpy as np
import numpy.typing as npt

from gridworld.errors import NoProperPolicyError
from gridworld.exact.policy_evaluation import TARGET, Evaluator
from gridworld.kernels.codes import DETERMINISTIC, SLIP
from gridworld.kernels.exact import graph, paths, sweeps
from gridworld.kernels.exact.model import NONE, STOP
from gridworld.reach import predecessors

__all__ = ["PolicyIteration"]

SWEPT_STATES = 1024
"""Above so many states, sweeps come near the best policy before it is worked out."""

_FEW_OUTCOMES = 64
"""With more, an action leads almost anywhere, and no path to an end need be looked for."""

_PATIENCE = 30
"""Rounds of sweeps without a change after which a policy is taken to be near the best."""

_VISITS = 10_000_000
"""Outcomes looked at in sweeps between two questions whether to stop."""

_POPS = 200_000
"""Steps of the search for paths between two questions whether to stop."""


class PolicyIteration(Evaluator):
    """Policy iteration from a policy that is sure to end wherever one is.

    With discount 1 only strict improvements are taken. A policy that ends stays so by them,
    unless a loop gains on every round (Bertsekas & Tsitsiklis 1991).
    """

    policy: npt.NDArray[np.int32]
    iterations: int = 0
    error: float = np.inf
    _near: float = 1e-8

    def find_ends(self) -> bool:
        """Find a policy that ends, `NONE` where none is sure to (discount 1).

        Returns:
            Whether rewards above 0 can be collected, step for step, where none is.
        """
        model, n = self.model, self.model.n_states
        self._loops = np.zeros(n, np.bool_)
        if self.discount < 1 and model.n_outcomes > _FEW_OUTCOMES:
            self.policy = np.zeros(n, np.int32)
            return False
        self._list_predecessors()
        self.policy = np.empty(n, np.int32)
        self.check_stop()
        if self.discount == 1:
            graph.find_zero_loops(
                model, self._first, self._source, self._loops, self._allowed, self._queue
            )
            self._loop_action = self._allowed.reshape(n, -1).argmax(axis=1).astype(np.int32)
            self._allowed[:] = True
            self._attract(self._loops, self._allowed, self.policy)
            # What may lead to a state without an end is no way to be sure of one.
            while model.dynamics != DETERMINISTIC and graph.forbid(
                model, self.policy, self._allowed
            ):
                self._attract(self._loops, self._allowed, self.policy)
            return bool(graph.gains_without_end(model, self.policy))
        self._attract(self._loops, self._allowed, self.policy)
        self.policy[self.policy == NONE] = 0
        return False

    def sure_to_end(self) -> npt.NDArray[np.bool_]:
        """Where some policy is sure to end, bool `[S]`; loops without reward count as no end.

        `find_ends` must have been called.
        """
        n = self.model.n_states
        self._list_predecessors()
        allowed, policy = np.ones_like(self._allowed), np.empty(n, np.int32)
        no_loops = np.zeros(n, np.bool_)
        self._attract(no_loops, allowed, policy)
        while self.model.dynamics != DETERMINISTIC and graph.forbid(self.model, policy, allowed):
            self._attract(no_loops, allowed, policy)
        sure: npt.NDArray[np.bool_] = policy != NONE
        return sure

    def begin(self) -> None:
        """Find the first policy.

        Raises:
            NoProperPolicyError: Rewards can be collected for ever.
        """
        if self.find_ends():
            raise NoProperPolicyError(
                "with discount_factor 1 there must be a way to an end from every state where"
                " rewards above 0 can be collected, got a world without"
            )
        self.check_stop()
        model, n = self.model, self.model.n_states
        if model.dynamics in (DETERMINISTIC, SLIP):
            self._spread()
        if model.dynamics != DETERMINISTIC and n > SWEPT_STATES:
            self._iterate_values()

    def run(self) -> None:
        """Improve the policy until it is the best.

        Raises:
            NoProperPolicyError: A loop gains on every round.
        """
        finest = self.finest()
        # What is not the best policy need not be known to the last digit.
        enough = max(finest, self._near * self.largest_reward)
        while True:
            self.evaluate(self.policy, enough)
            self.iterations += 1
            policy = self.policy.copy()
            margin = max(self._margin(), 2 * self.noise())
            if self.model.dynamics != DETERMINISTIC:
                margin = max(margin, 2 * enough)
            changed, gap, defect = paths.improve(
                self.model,
                self.discount,
                self.high,
                self.low,
                self._loops,
                policy,
                margin,
                1e-12 * (self.model.n_outcomes + 8) * (self.largest_reward + self.largest),
            )
            if self.most_steps() * max(gap, defect) <= 0.5 * TARGET:
                break
            if changed == 0 or (self.discount == 1 and not self._ends(policy)):
                if enough > finest:
                    enough = finest
                    continue
                if changed and gap > 1e-9 * self.largest_reward:
                    self._refuse_gain()
                break  # no loop that gains, but rounding, if anything
            if self.discount < 1:
                enough = max(finest, min(enough, 1e-3 * gap))
            self.policy = policy
        self.error = self._bound(max(gap, defect))

    def actions(self) -> npt.NDArray[np.int32]:
        """The policy as one action for each state; 0 where none is sure to end."""
        actions = np.maximum(self.policy, 0)
        loops = self.policy == STOP
        if loops.any():
            actions[loops] = self._loop_action[loops]
        return actions

    def finest(self) -> float:
        """What may be missing in the equations of the best policy."""
        if self.discount == 1:
            # How many steps lie before an end is not known yet.
            return 1e-20 * (self.largest_reward + self.largest)
        return 0.25 * TARGET * (1 - self.discount)

    def _margin(self) -> float:
        """What an improvement must be worth."""
        if self.discount == 1:
            # Rewards that cancel out on paper, as 0.1 + 0.2 - 0.3, are no loop that gains.
            return 1e-15 * self.largest_reward
        return 1e-25 * max(self.largest, self.largest_reward)

    def _bound(self, defect: float) -> float:
        """Bound on the error of the values of the policy evaluated last.

        With discount 1, actions that differ by less than a part in 10^15 count as tied.

        Args:
            defect: By how much a value differs from the best or the chosen action's, at most.
        """
        slack, most = self.slack(), self.most_steps()
        steps = self.steps() if self.discount == 1 or most * slack > TARGET else most
        # With a discount, a better policy may take longer, but not longer than any may.
        longest = steps if self.discount == 1 else most
        return longest * (defect + self.noise()) + steps * slack + self.rounding()

    def _list_predecessors(self) -> None:
        if hasattr(self, "_queue"):
            return
        model, n = self.model, self.model.n_states
        self._first, self._source = predecessors(model)
        self._queue = np.empty(n, np.int32)
        self._allowed = np.ones(n * model.n_actions, np.bool_)

    def _attract(
        self,
        loops: npt.NDArray[np.bool_],
        allowed: npt.NDArray[np.bool_],
        policy: npt.NDArray[np.int32],
    ) -> None:
        graph.attract(self.model, self._first, self._source, loops, allowed, policy, self._queue)

    def _ends(self, policy: npt.NDArray[np.int32]) -> bool:
        """Whether a policy is sure to end wherever it has an action."""
        allowed, found = np.empty_like(self._allowed), np.empty_like(policy)
        graph.allow_policy(self.model, policy, allowed)
        self._attract(policy == STOP, allowed, found)
        return bool(((found == NONE) == (policy == NONE)).all())

    def _spread(self) -> None:
        """Begin with the best paths; those of a slippery grid as if it were not."""
        model = self.model._replace(dynamics=DETERMINISTIC)
        v, policy = np.empty(model.n_states), self.policy.copy()
        heap, place = np.empty_like(policy), np.empty_like(policy)
        size = graph.seed_ends(model, self._loops, v, policy, heap, place)
        margin = 1e-15 * self.largest_reward
        left = 8 * model.n_states
        while size > 0 and left > 0:
            size = graph.best_first(
                model,
                self.discount,
                self._first,
                self._source,
                v,
                policy,
                heap,
                place,
                size,
                margin,
                min(left, _POPS),
            )
            left -= _POPS
            self.check_stop()
        if self.discount == 1:
            policy[self.policy == NONE] = NONE
            if not self._ends(policy):
                return
        self.policy = policy
        self.high[:] = np.where(np.isfinite(v), v, 0.0)
        if self.parts is not None and model.n_states > SWEPT_STATES:
            self.parts = self.parts.by(v)

    def _iterate_values(self) -> None:
        """Come near the best policy of a large process, in sweeps."""
        assert self.parts is not None
        model, first, order = self.model, self.parts.first, self.parts.order
        scale = self.largest_reward
        self.high[self.policy == NONE] = -np.inf
        if model.n_outcomes > _FEW_OUTCOMES:
            # No order is better than another, and values soon rise and fall together.
            first, order = np.array([0, len(order)]), np.arange(len(order), dtype=np.int32)
            patience = 2
        else:
            patience = _PATIENCE
            model = model._replace(
                outcomes=np.empty_like(model.outcomes), probability=np.empty_like(model.probability)
            )
            sweeps.renumber(
                self.model, order, np.empty_like(order), model.outcomes, model.probability
            )
        chosen, v = self.policy[order], self.high[order]
        at = np.zeros(3, np.int64)
        visits = max(1, _VISITS // (model.n_actions * model.n_outcomes))
        while at[0] + 1 < len(first):
            sweeps.approach(
                model, self.discount, chosen, first, self.finest(), patience, at, visits, v
            )
            self.check_stop()
        self.high[order] = v
        policy = np.empty_like(chosen)
        policy[order] = chosen
        self._near = 1e-12 if self.discount == 1 else 0.0
        if self.discount < 1 or self._ends(policy):
            self.policy = policy
            return
        near, found = np.empty_like(self._allowed), np.empty_like(policy)
        graph.allow_near_greedy(model, self.discount, self.high, self._allowed, 1e-8 * scale, near)
        self._attract(self._loops, near, found)
        if self._ends(found) and not ((found == NONE) != (policy == NONE)).any():
            self.policy = found

    def _refuse_gain(self) -> None:
        raise NoProperPolicyError(
            "with discount_factor 1 no loop must gain on every round, got a world with one,"
            " so that the optimum is infinite"
        )
