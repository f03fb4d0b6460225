"""The exact optimum of a world."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridworld.errors import NoProperPolicyError
from gridworld.exact.policy_iteration import PolicyIteration
from gridworld.given import as_mdp
from gridworld.kernels.exact import graph, sweeps
from gridworld.kernels.exact.model import NONE, Model
from gridworld.mdp import Mdp, model_of
from gridworld.policy import Policy
from gridworld.validation import number
from gridworld.world import GridWorld

__all__ = ["Solution", "solve"]


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """The optimum of a world; limits on the steps of an episode are ignored.

    Attributes:
        v: float64 `[S]`, the largest expected (discounted) return from each state; 0 where nobody
            acts (goals, pits, walls); -inf, with discount factor 1, where no policy is sure
            to end.
        q: float64 `[S, A]`, the same after a first action.
        policy: The optimal policy: what it does earns `v`; its `ties` are all optimal actions
            (none where nobody acts or where the value is infinite), which chosen one by one may
            not: they may go round in circles.
        expected_return: Mean of `v` over where episodes begin.
        discount_factor: What it was solved for.
        error: Bound on the error of any value of `v`.
        iterations: Policies that were evaluated.
        world: The grid, or None.
    """

    v: npt.NDArray[np.float64]
    q: npt.NDArray[np.float64]
    policy: Policy
    expected_return: float
    discount_factor: float
    error: float
    iterations: int
    world: GridWorld | None = None

    def __repr__(self) -> str:
        of = "" if self.world is None else f"{self.world.name!r}, "
        return (
            f"Solution({of}discount_factor={self.discount_factor:g},"
            f" expected_return={self.expected_return:.10g}, error={self.error:.2g})"
        )

    def _repr_html_(self) -> str:
        from gridworld.pictures.board import board, shown_values
        from gridworld.pictures.page import page

        facts = {
            "discount factor": f"{self.discount_factor:g}",
            "expected return": f"{self.expected_return:.10g}",
            "error at most": f"{self.error:.2g}",
        }
        if self.world is None:
            return page("optimum", facts, "")
        cells = self.world.array
        values = shown_values(cells, self.v)
        name = f"optimum of {self.world.name}"
        return page(name, facts, board(cells, name=name, values=values, ties=self.policy.ties))

    @property
    def actions(self) -> npt.NDArray[np.int32]:
        """One optimal action for each state, int32 `[S]`: what `policy` does."""
        return self.policy.actions


def solve(
    world: GridWorld | Mdp | str,
    discount_factor: float = 0.99,
    *,
    should_stop: Callable[[], bool] | None = None,
) -> Solution:
    """Find the largest expected return from every state.

    Rewards and probabilities are taken as declared, in float64, and not as the float32 that
    training sees. `max_steps` is ignored.

    Args:
        world: A world, its arrays, or its name.
        discount_factor: Gamma, in [0, 1]. With 1, going round for ever without any reward counts
            as an end with the return 0.
        should_stop: Asked from time to time; true makes the solver give up.

    Returns:
        The optimum. `v` has an error of at most 1e-9, as far as float64 can hold that: where
        moves are uncertain and returns run to many thousands, `error` says what was reached.

    Raises:
        InvalidValueError: The discount factor is outside its range.
        NoProperPolicyError: With discount factor 1, no policy is sure to end from some start, or
            a loop gains on every round, so that the optimum is infinite.
        SolveStoppedError: `should_stop` said so.
    """
    discount = number("discount_factor", discount_factor, 0, 1)
    mdp = as_mdp(world)
    search = PolicyIteration(model_of(mdp), discount, should_stop)
    search.begin()
    if discount == 1:
        _require_ends(mdp, search.policy)
    search.run()
    v = search.high + np.where(np.isfinite(search.high), search.low, 0.0)
    q = np.empty((mdp.n_states, mdp.n_actions))
    sweeps.fill_q(search.model, discount, v, q)
    if len(mdp.available):
        q[mdp.missing] = -np.inf
    ties = _greedy(search.model, q, search.error)
    actions = search.actions()
    if discount < 1:
        # A gain too small for policy iteration to bother with may still decide what is best.
        late = ties.any(axis=1) & ~ties[np.arange(mdp.n_states), actions]
        actions[late] = q[late].argmax(axis=1)
    policy = Policy.of_actions(actions, mdp.n_actions, ties=ties)
    return Solution(
        v=v,
        q=q,
        policy=policy if mdp.world is None else policy.on(mdp.world.array),
        world=mdp.world,
        expected_return=float(np.dot(mdp.start_probability, v[mdp.starts])),
        discount_factor=discount,
        error=search.error,
        iterations=search.iterations,
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
    graph.absorbing(model, idle)
    policy[idle | ~np.isfinite(best[:, 0])] = False
    return policy
