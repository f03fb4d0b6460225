"""The greedy policies of many runs, judged exactly."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gridworld.errors import GridworldError
from gridworld.exact.assessment import NO_REGRET
from gridworld.exact.followed import Followed
from gridworld.exact.solver import solve
from gridworld.kernels.codes import DETERMINISTIC
from gridworld.kernels.follow import follow
from gridworld.mdp import Mdp, compile_exact, model_of

__all__ = ["judge", "value_error"]


@lru_cache(maxsize=256)
def _optimum(mdp: Mdp, discount: float) -> float:
    """The optimal expected return; NaN where there is none."""
    try:
        return solve(mdp, discount).expected_return
    except GridworldError:  # with discount factor 1 the optimum may be infinite
        return float("nan")


@lru_cache(maxsize=256)
def _values(mdp: Mdp, discount: float) -> npt.NDArray[np.float64]:
    return solve(mdp, discount).v


def judge(
    mdp: Mdp, q: npt.NDArray[np.float32], discount_factor: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Exact regret of greedy policies (ties: the lowest action), and whether each arrives.

    The discount factor is that of learning, as the float32 that it learns with. Limits on the
    steps are ignored.

    Args:
        mdp: The world.
        q: `[n, S, A]`.
        discount_factor: `[n]`.

    Returns:
        float64 `[n]`, 0 where optimal (see `gridworld.assess`), NaN where there is no optimum;
        and bool `[n]`, whether the policy is sure to end from every start.
    """
    regrets, arrives = np.empty(len(q)), np.empty(len(q), np.bool_)
    for gamma in np.unique(discount_factor):
        rows = np.flatnonzero(discount_factor == gamma)
        part = q if len(rows) == len(q) else np.ascontiguousarray(q[rows])
        discount = _written(gamma)
        find = _walk if mdp.dynamics == DETERMINISTIC else _evaluate
        values, arrives[rows] = find(mdp, part, discount)
        best = _optimum(mdp, discount)
        regret = best - values
        least = NO_REGRET * max(1.0, abs(best) / 1000)
        regrets[rows] = np.where(regret < least, 0.0, regret)
    return regrets, arrives


def value_error(
    mdp: Mdp, q: npt.NDArray[np.float32], discount_factor: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """Root of the mean square, over the states, of what the values are off.

    Args:
        mdp: A process with one action: what a state is worth depends on no policy.
        q: `[n, S, 1]`.
        discount_factor: `[n]`.

    Returns:
        float64 `[n]`.
    """
    errors = np.empty(len(q))
    for gamma in np.unique(discount_factor):
        rows = discount_factor == gamma
        off = q[rows, :, 0] - _values(mdp, _written(gamma))
        errors[rows] = np.sqrt(np.mean(off * off, axis=1))
    return errors


def _written(gamma: np.float32) -> float:
    """The shortest decimal that is this float32: 0.99, not 0.9900000095."""
    return float(str(gamma))


def _walk(
    mdp: Mdp, q: npt.NDArray[np.float32], discount: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    n = mdp.n_states
    values, arrives = np.empty(len(q)), np.empty(len(q), np.bool_)
    follow(
        compile_exact(mdp),
        mdp.n_actions,
        mdp.starts,
        mdp.start_probability,
        np.ascontiguousarray(q),
        discount,
        np.zeros(n, np.int64),
        np.empty(n),
        np.empty(n),
        values,
        arrives,
    )
    return values, arrives


def _evaluate(
    mdp: Mdp, q: npt.NDArray[np.float32], discount: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Each policy that there is once: after long training many runs have the same."""
    actions = np.argmax(q, axis=2).astype(np.int32)
    model = model_of(mdp)
    known: dict[bytes, tuple[float, bool]] = {}
    found = []
    for policy in actions:
        key = policy.tobytes()
        if key not in known:
            followed = Followed(model, policy, discount)
            value = float(np.dot(mdp.start_probability, followed.values[mdp.starts]))
            ends = bool(followed.sure_to_end()[mdp.starts].all())
            known[key] = (-np.inf if np.isnan(value) else value, ends)
        found.append(known[key])
    values, arrives = zip(*found, strict=True)
    return np.array(values, np.float64), np.array(arrives, np.bool_)
