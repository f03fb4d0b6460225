"""How far one agent has come: its greedy policy beside the exact optimum."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridworld.errors import InvalidValueError
from gridworld.exact.evaluation import greedy_actions
from gridworld.exact.followed import Followed
from gridworld.exact.solver import Solution
from gridworld.given import as_mdp
from gridworld.kernels.exact import graph
from gridworld.mdp import Mdp, model_of
from gridworld.validation import array_of, number
from gridworld.world import GridWorld

__all__ = ["Assessment", "assess", "optimal_length"]

NO_REGRET = 1e-9
"""A regret below this is none: the optimum itself is known no better."""

LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Assessment:
    """The greedy policy of one Q-table, judged exactly; limits on the steps are ignored.

    Attributes:
        expected_return: Its expected (discounted) return from where episodes begin; -inf, with
            discount factor 1, where it may go on for ever and not for free.
        regret: How much less than the optimum that is; 0 where it is below 1e-9, or,
            where returns run to many thousands, below a part in 10^12.
        arrives: Whether it is sure to end from every start. To go round for ever without any
            reward is no end, whatever the discount factor.
        agreement: Of the states that can be entered and in which one acts, the share in [0, 1] in
            which something was learnt and the greedy action is an optimal one.
    """

    expected_return: float
    regret: float
    arrives: bool
    agreement: float


def assess(
    world: GridWorld | Mdp | str,
    q: npt.ArrayLike,
    solution: Solution,
    *,
    initial_value: float = 0.0,
    should_stop: Callable[[], bool] | None = None,
) -> Assessment:
    """Judge the greedy policy of a Q-table by the optimum of its world.

    Args:
        world: A world, its arrays, or its name.
        q: `[S, A]`; ties of the greedy choice go to the lowest action.
        solution: The optimum of the same world; its discount factor is used.
        initial_value: What the table held before anything was learnt.
        should_stop: As in `solve`.

    Raises:
        InvalidValueError: `q` or `solution` does not fit the world.
        SolveStoppedError: `should_stop` said so.
    """
    mdp = as_mdp(world)
    initial = np.float32(number("initial_value", initial_value, -LARGEST, LARGEST))
    table = array_of("q", q)
    if table.ndim == 3:
        raise InvalidValueError(f"q must be of one agent, got the shape {table.shape}")
    _check_solution(mdp, solution)
    actions = greedy_actions(mdp, table)[0]
    model = model_of(mdp)
    followed = Followed(model, actions, solution.discount_factor, 0.0, should_stop)
    value = _mean_at_starts(mdp, followed.values)
    if np.isnan(value):  # it never ends, and no sum of what it earns and pays settles
        value = -np.inf
    regret = solution.expected_return - value
    least = NO_REGRET * max(1.0, abs(solution.expected_return) / 1000)
    entered, queue = np.zeros(mdp.n_states, np.bool_), np.empty(mdp.n_states, np.int32)
    graph.reachable(model, mdp.starts, entered, queue)
    entered &= solution.policy.any(axis=1)
    learnt = (table.astype(np.float32) != initial).any(axis=1)
    agrees = entered & learnt & solution.policy[np.arange(mdp.n_states), actions]
    return Assessment(
        expected_return=value,
        regret=0.0 if regret < least else float(regret),
        arrives=bool(followed.sure_to_end()[mdp.starts].all()),
        agreement=float(agrees.sum() / max(1, entered.sum())),
    )


def optimal_length(
    world: GridWorld | Mdp | str,
    solution: Solution,
    *,
    should_stop: Callable[[], bool] | None = None,
) -> float | None:
    """The mean steps of an episode of the optimal policy; limits on the steps are ignored.

    Args:
        world: A world, its arrays, or its name.
        solution: Its optimum, whose `actions` are taken.
        should_stop: As in `solve`.

    Returns:
        The mean over where episodes begin: exact where moves are certain, else within 1e-9 as far
        as float64 can hold that. None where the policy is not sure to end.

    Raises:
        InvalidValueError: `solution` does not fit the world.
        SolveStoppedError: `should_stop` said so.
    """
    mdp = as_mdp(world)
    _check_solution(mdp, solution)
    model = model_of(mdp)
    model.outcomes["reward"] = -1.0
    steps = -_mean_at_starts(mdp, Followed(model, solution.actions, 1.0, 0.0, should_stop).values)
    return steps if np.isfinite(steps) else None


def _mean_at_starts(mdp: Mdp, values: npt.NDArray[np.float64]) -> float:
    return float(np.dot(mdp.start_probability, values[mdp.starts]))


def _check_solution(mdp: Mdp, solution: Solution) -> None:
    shape = (mdp.n_states, mdp.n_actions)
    if solution.policy.shape != shape:
        raise InvalidValueError(
            f"solution must be of this world, of the shape {shape}, got {solution.policy.shape}"
        )
