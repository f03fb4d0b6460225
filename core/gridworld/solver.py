"""The exact optimum of a world, by policy iteration.

Source: Howard 1960; Bertsekas & Tsitsiklis 1991, "An analysis of stochastic shortest path
problems", for the discount factor 1; Sutton & Barto 2018, section 4.3.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridworld import _solve
from gridworld._solve import NONE, STOP, Model
from gridworld.codes import DETERMINISTIC, SLIP
from gridworld.errors import GridworldError, NoProperPolicyError
from gridworld.mdp import Mdp, compile_exact, compile_world
from gridworld.validation import number
from gridworld.world import GridWorld

__all__ = ["Solution", "SolveStoppedError", "solve"]

TARGET = 2.5e-10
"""Error at which iterations end: a quarter of what is promised."""

DENSE_STATES = 1024
"""Up to so many states a policy is evaluated by elimination and never by sweeps."""

_MOST_BAND = 2**26
"""Numbers in the largest band matrix: 512 MiB."""

_MOST_SWEEPS = 10_000_000

_EPSILON = float(np.finfo(np.float64).eps)


class SolveStoppedError(GridworldError):
    """`should_stop` asked to give up."""


@dataclass(frozen=True, eq=False)
class Solution:
    """The optimum of a world; limits on the steps of an episode are ignored.

    Attributes:
        v: float64 `[S]`, the largest expected (discounted) return from each state; 0 where nobody
            acts (goals, pits, walls); -inf, with discount factor 1, where no policy is sure
            to end.
        q: float64 `[S, A]`, the same after a first action.
        policy: bool `[S, A]`, the optimal actions, all that are tied; none where nobody acts or
            where the value is infinite.
        expected_return: Mean of `v` over where episodes begin.
        discount_factor: What it was solved for.
        error: Bound on the error of any value of `v`.
        iterations: Policies that were evaluated.
    """

    v: npt.NDArray[np.float64]
    q: npt.NDArray[np.float64]
    policy: npt.NDArray[np.bool_]
    expected_return: float
    discount_factor: float
    error: float
    iterations: int


def solve(
    world: GridWorld | Mdp,
    discount_factor: float = 0.99,
    *,
    should_stop: Callable[[], bool] | None = None,
) -> Solution:
    """Find the largest expected return from every state.

    Rewards and probabilities are taken as declared, in float64, and not as the float32 that
    training sees. `max_steps` is ignored.

    Args:
        world: A world.
        discount_factor: Gamma, in [0, 1]. With 1, going round for ever without any reward counts
            as an end with the return 0.
        should_stop: Asked from time to time; true makes the solver give up.

    Returns:
        The optimum. `v` has an error of at most 1e-9 (see `Solution.error`) as long as float64
        can hold that: with returns above 1e5 it cannot.

    Raises:
        InvalidValueError: The discount factor is outside its range.
        NoProperPolicyError: With discount factor 1, no policy is sure to end from some start, or
            a loop gains on every round, so that the optimum is infinite.
        SolveStoppedError: `should_stop` said so.
    """
    discount = number("discount_factor", discount_factor, 0, 1)
    mdp = world if isinstance(world, Mdp) else compile_world(world)
    search = _Search(model_of(mdp), discount, should_stop)
    search.begin()
    if discount == 1:
        _require_ends(mdp, search.policy)
    search.run()
    v = search.high + np.where(np.isfinite(search.high), search.low, 0.0)
    q = np.empty((mdp.n_states, mdp.n_actions))
    _solve.fill_q(search.model, discount, v, q)
    return Solution(
        v=v,
        q=q,
        policy=_greedy(search.model, q, search.error),
        expected_return=float(np.dot(mdp.start_probability, v[mdp.starts])),
        discount_factor=discount,
        error=search.error,
        iterations=search.iterations,
    )


def model_of(mdp: Mdp) -> Model:
    """The process with rewards, probabilities and slip as declared."""
    return Model(
        outcomes=compile_exact(mdp),
        probability=mdp.probability,
        n_states=mdp.n_states,
        n_actions=mdp.n_actions,
        n_outcomes=mdp.n_outcomes,
        dynamics=mdp.dynamics,
        slip=mdp.world.slip if mdp.world is not None else 0.0,
    )


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

    def evaluate(self, policy: npt.NDArray[np.int32]) -> bool:
        """Evaluate a policy; false where, with discount 1, it never ends."""
        self.check_stop()
        if self.model.dynamics == DETERMINISTIC:
            return self._walk(policy)
        self.high[policy == STOP] = 0.0
        self.high[policy == NONE] = -np.inf
        live = np.flatnonzero(policy >= 0)
        self._sweep(policy, live)
        return True

    def _walk(self, policy: npt.NDArray[np.int32]) -> bool:
        n = self.model.n_states
        mark, path = np.zeros(n, np.int8), np.empty(n, np.int32)
        loop = _solve.evaluate_paths(
            self.model, self.discount, policy, self.high, self.low, mark, path
        )
        self.error = _EPSILON * self.largest()
        return loop < 0

    def _sweep(self, policy: npt.NDArray[np.int32], live: npt.NDArray[np.intp]) -> None:
        """Evaluate by sweeps; solve directly where they would take longer."""
        numbers = np.full(self.model.n_states, -1, np.int32)
        numbers[live] = np.arange(len(live))
        width = _solve.band_width(self.model, policy, numbers)
        sweeps = _MOST_SWEEPS
        if len(live) * (2 * width + 1) <= _MOST_BAND:
            sweeps = width * width // 20 if len(live) > DENSE_STATES else 0
        # Values flow from good states to worse ones, so that they are visited in this order.
        order = live[np.argsort(-self.high[live], kind="stable")].astype(np.int32)
        steps = self._relax(policy, order, sweeps)
        if steps is None:
            steps = self._solve_directly(policy, live, numbers, width)
        self.steps = steps
        self.residual = _solve.residual(self.model, self.discount, policy, self.high)
        self.error = steps * self.residual + _EPSILON * self.largest()

    def _relax(
        self, policy: npt.NDArray[np.int32], order: npt.NDArray[np.int32], sweeps: int
    ) -> float | None:
        """Sweep until the values stand; return `steps`, or None where they do not."""
        steps: float | None = 1 / (1 - self.discount) if self.discount < 0.9999 else None
        if steps is None:
            counts = np.zeros(self.model.n_states)
            if not self._sweep_until(
                policy, order, sweeps, True, counts, lambda: 1e-6 * counts.max()
            ):
                return None
            steps = 1.01 * float(counts.max())
        least = TARGET / steps
        done = self._sweep_until(
            policy,
            order,
            sweeps,
            False,
            self.high,
            lambda: max(least, 4 * _EPSILON * self.largest()),
        )
        return steps if done else None

    def _sweep_until(
        self,
        policy: npt.NDArray[np.int32],
        order: npt.NDArray[np.int32],
        sweeps: int,
        count_steps: bool,
        v: npt.NDArray[np.float64],
        enough: Callable[[], float],
    ) -> bool:
        for i in range(sweeps):
            change = _solve.sweep(
                self.model, self.discount, policy, order, i % 4 == 3, count_steps, v
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
        _solve.fill_band(self.model, self.discount, policy, numbers, width, band)
        block = max(1, 50_000_000 // (width * width + 1))
        for begin in range(0, len(live), block):
            _solve.factor_band(band, begin, min(begin + block, len(live)))
            self.check_stop()
        steps = np.zeros(self.model.n_states)
        wrong = np.empty(len(live))
        self.high[live] = 0.0
        for _ in range(3):
            # The second and third time correct what rounding did.
            for count_steps, v in ((False, self.high), (True, steps)):
                _solve.errors(self.model, self.discount, policy, count_steps, v, numbers, wrong)
                _solve.solve_band(band, wrong)
                v[live] += wrong
        return float(steps.max(initial=1.0))

    def largest(self) -> float:
        """The largest absolute value that is finite."""
        finite = self.high[np.isfinite(self.high)]
        return float(np.abs(finite).max(initial=0.0))


class _Search(Evaluator):
    """Policy iteration from a policy that is sure to end wherever one is.

    With discount 1 only strict improvements are taken. A policy that ends stays so by them,
    unless a loop gains on every round (Bertsekas & Tsitsiklis 1991).
    """

    policy: npt.NDArray[np.int32]
    iterations: int = 0

    def begin(self) -> None:
        """Find the first policy."""
        model, n = self.model, self.model.n_states
        self._first = np.zeros(n + 2, np.int64)
        _solve.count_predecessors(model, self._first)
        np.cumsum(self._first, out=self._first)
        self._source = np.empty(self._first[-1], np.int32)
        _solve.fill_predecessors(model, self._first, self._source)
        self._queue = np.empty(n, np.int32)
        self._loops = np.zeros(n, np.bool_)
        self._allowed = np.ones(n * model.n_actions, np.bool_)
        self.policy = np.empty(n, np.int32)
        self.check_stop()
        if self.discount == 1:
            _solve.find_zero_loops(
                model, self._first, self._source, self._loops, self._allowed, self._queue
            )
            self._allowed[:] = True
            self._attract(self._loops, self._allowed, self.policy)
            # What may lead to a state without an end is no way to be sure of one.
            while model.dynamics != DETERMINISTIC and _solve.forbid(
                model, self.policy, self._allowed
            ):
                self._attract(self._loops, self._allowed, self.policy)
            if _solve.gains_without_end(model, self.policy):
                raise NoProperPolicyError(
                    "with discount_factor 1 there must be a way to an end from every state where"
                    " rewards above 0 can be collected, got a world without"
                )
        else:
            self._attract(self._loops, self._allowed, self.policy)
            self.policy[self.policy == NONE] = 0
        self.check_stop()
        if model.dynamics == DETERMINISTIC or model.dynamics == SLIP:
            self._spread()
        if model.dynamics != DETERMINISTIC and n > DENSE_STATES:
            self._iterate_values()

    def run(self) -> None:
        """Improve the policy until it is the best.

        Raises:
            NoProperPolicyError: A loop gains on every round.
        """
        if not self.evaluate(self.policy):
            self._refuse_gain()
        while True:
            self.iterations += 1
            if self.model.dynamics == DETERMINISTIC:
                margin, gap = self._margin(), 0.0
            else:
                gap = _solve.optimality_gap(self.model, self.discount, self.high)
                margin = 2 * self.residual + 8 * _EPSILON * self.largest()
            policy = self.policy.copy()
            changed = _solve.improve(
                self.model, self.discount, self.high, self.low, self._loops, policy, margin
            )
            if changed == 0 or (gap > 0 and self.error + gap * self.steps <= TARGET):
                self.error += gap * self.steps
                return
            if self.discount == 1 and not self._ends(policy):
                self._refuse_gain()
            self.policy = policy
            self.evaluate(policy)

    def _margin(self) -> float:
        """What an improvement must be worth in a deterministic process."""
        if self.discount == 1:
            # Rewards that cancel out on paper, as 0.1 + 0.2 - 0.3, are no loop that gains.
            return 1e-15 * self._largest_reward()
        return 1e-25 * max(self.largest(), self._largest_reward())

    def _largest_reward(self) -> float:
        return float(np.abs(self.model.outcomes["reward"]).max())

    def _attract(
        self,
        loops: npt.NDArray[np.bool_],
        allowed: npt.NDArray[np.bool_],
        policy: npt.NDArray[np.int32],
    ) -> None:
        _solve.attract(self.model, self._first, self._source, loops, allowed, policy, self._queue)

    def _ends(self, policy: npt.NDArray[np.int32]) -> bool:
        """Whether a policy is sure to end wherever it has an action."""
        allowed, found = np.empty_like(self._allowed), np.empty_like(policy)
        _solve.allow_policy(self.model, policy, allowed)
        self._attract(policy == STOP, allowed, found)
        return bool(((found == NONE) == (policy == NONE)).all())

    def _spread(self) -> None:
        """Begin with the best paths; those of a slippery grid as if it were not."""
        model = self.model._replace(dynamics=DETERMINISTIC)
        v, policy = np.empty(model.n_states), self.policy.copy()
        heap, place = np.empty_like(policy), np.empty_like(policy)
        size = _solve.seed_ends(model, self._loops, v, policy, heap, place)
        margin = 1e-15 * self._largest_reward()
        left = 8 * model.n_states
        while size > 0 and left > 0:
            size = _solve.best_first(
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
                min(left, 200_000),
            )
            left -= 200_000
            self.check_stop()
        if self.discount == 1:
            policy[self.policy == NONE] = NONE
            if not self._ends(policy):
                return
        self.policy = policy
        self.high[:] = np.where(np.isfinite(v), v, 0.0)

    def _iterate_values(self) -> None:
        """Come near the best policy of a large process, in sweeps."""
        model, policy = self.model, self.policy.copy()
        self.high[policy == NONE] = -np.inf
        live = np.flatnonzero(policy >= 0)
        scale = self._largest_reward()
        for i in range(2000):
            if i & (i - 1) == 0:
                order = live[np.argsort(-self.high[live], kind="stable")].astype(np.int32)
            margin = 1e-12 * scale
            change = _solve.sweep_best(model, self.discount, policy, order, margin, self.high)
            for backwards in (False, False, True):
                _solve.sweep(model, self.discount, policy, order, backwards, False, self.high)
            if i % 8 == 7:
                self.check_stop()
            if change <= 1e-7 * scale:
                break
        if self.discount < 1 or self._ends(policy):
            self.policy = policy
            return
        near, found = np.empty_like(self._allowed), np.empty_like(policy)
        _solve.allow_near_greedy(model, self.discount, self.high, self._allowed, 1e-8 * scale, near)
        self._attract(self._loops, near, found)
        if self._ends(found) and not ((found == NONE) != (policy == NONE)).any():
            self.policy = found

    def _refuse_gain(self) -> None:
        raise NoProperPolicyError(
            "with discount_factor 1 no loop must gain on every round, got a world with one,"
            " so that the optimum is infinite"
        )


def _require_ends(mdp: Mdp, policy: npt.NDArray[np.int32]) -> None:
    hopeless = mdp.starts[policy[mdp.starts] == NONE]
    if len(hopeless):
        raise NoProperPolicyError(
            "with discount_factor 1 some policy must be sure to end from every start,"
            f" got none from state {hopeless[0]}"
        )


def _greedy(model: Model, q: npt.NDArray[np.float64], error: float) -> npt.NDArray[np.bool_]:
    """The best actions: those that differ from the best by less than can be told apart."""
    best = q.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        policy: npt.NDArray[np.bool_] = q >= best - (1e-10 * np.abs(best) + 4 * error)
    idle = np.empty(model.n_states, np.bool_)
    _solve.absorbing(model, idle)
    policy[idle | ~np.isfinite(best[:, 0])] = False
    return policy
