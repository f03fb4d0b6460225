"""How good a policy is: by episodes, and exactly."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import InvalidValueError
from gridworld.exact.episodes import Evaluation, Tally, episode_root
from gridworld.exact.followed import Followed, chances
from gridworld.exact.solver import solve
from gridworld.given import as_mdp
from gridworld.kernels.codes import TABLE
from gridworld.kernels.rollout import roll_out
from gridworld.kernels.step import MdpTables
from gridworld.matrices import terms
from gridworld.mdp import Mdp, compile_exact, model_of
from gridworld.memory import require_memory
from gridworld.outcomes import EXACT_OUTCOME, alias_table
from gridworld.policy import Policy, greedy
from gridworld.run import Run
from gridworld.tables import parameter
from gridworld.validation import array_of, number, step_limit, whole
from gridworld.world import AUTO, Auto, GridWorld

__all__ = ["Evaluation", "evaluate", "greedy_actions", "policy_value", "regret"]

SHORTEST_CAP = 10_000
"""Steps after which at least an episode without a limit is given up."""

KEEP = ("auto", "episodes", "sums")

MOST_KEPT = 10_000_000
"""Episodes of all agents together that are kept where nobody says."""

_STEPS_A_CALL = 20_000_000
"""Steps between two chances for Ctrl-C."""

_EPISODES_A_CALL = 1 << 20
"""Episodes of which figures wait to be summed."""


def evaluate(
    world: GridWorld | Mdp | str,
    q: npt.ArrayLike | Policy,
    *,
    episodes: int = 100,
    seed: int = 0,
    epsilon: float = 0.0,
    ties: str = "lowest",
    discount_factor: float = 1.0,
    max_steps: int | Auto | None = AUTO,
    keep: Literal["auto", "episodes", "sums"] = "auto",
) -> Evaluation:
    """Run episodes of a policy, or of the greedy policies of Q-tables, without learning.

    Episode e of agent i is the same for every number of episodes and of agents.

    Args:
        world: A world, its arrays, or its name.
        q: `[S, A]`, or `[agents, S, A]`; or a `Policy`, which may be stochastic.
        episodes: Episodes of each agent, at least 1.
        seed: Source of the random streams, at least 0.
        epsilon: Probability of a random action, in [0, 1].
        ties: Of Q-tables, which of several actions of the highest value is done: "lowest", the
            first, or "random", any, each as likely as the others. A `Policy` says it itself.
        discount_factor: Gamma, in [0, 1]. By default a return is the plain sum of the rewards.
        max_steps: Steps after which an episode is truncated; `"auto"`: as the world says. Where
            that is "never", which a policy that runs in circles would take at its word, it is
            4 x states, and 10,000 at least.
        keep: "episodes": the figures of every episode (16 bytes each); "sums": only means,
            deviations, extremes and counts; "auto": episodes, up to 10 million of all agents.

    Raises:
        InvalidValueError: A number is outside its range, or `q` does not fit the world.
        MemoryLimitError: What is kept does not fit into the free memory.
    """
    mdp = as_mdp(world)
    episodes = whole("episodes", episodes, 1, 2**32 - 1)
    seed = whole("seed", seed, 0, 2**128 - 1)
    epsilon = number("epsilon", epsilon, 0, 1)
    discount = number("discount_factor", discount_factor, 0, 1)
    limit = step_limit((mdp.max_steps or None) if max_steps == AUTO else max_steps)
    if limit is None:
        limit = max(SHORTEST_CAP, 4 * mdp.n_states)
    actions = greedy_actions(mdp, q)
    tied = _tied(mdp, q, ties)
    tally = Tally(len(actions), episodes, mdp.n_states, _kept(keep, len(actions) * episodes))
    tables, outcomes, dynamics = mdp.tables(), compile_exact(mdp), mdp.dynamics
    n_actions = mdp.n_actions
    if isinstance(q, Policy) and not q.is_deterministic:
        tables, outcomes = _played(mdp, chances(q.probabilities, epsilon, mdp.available))
        actions, dynamics, n_actions, epsilon = np.zeros_like(actions), TABLE, 1, 0.0
    root = episode_root(seed)
    block = min(max(1, _STEPS_A_CALL // limit), _EPISODES_A_CALL)
    # Where kernels run as plain Python, the random numbers' arithmetic wraps on purpose.
    with np.errstate(over="ignore"):
        for begin in range(0, len(actions) * episodes, block):
            end = min(begin + block, len(actions) * episodes)
            roll_out(
                tables,
                outcomes,
                dynamics,
                n_actions,
                actions,
                tied,
                np.float32(epsilon),
                discount,
                limit,
                root,
                episodes,
                begin,
                end,
                *tally.room(begin, end),
            )
            tally.count(begin, end)
    return tally.result()


def _tied(mdp: Mdp, q: npt.ArrayLike | Policy, ties: str) -> npt.NDArray[np.bool_]:
    """The actions of Q-tables that tie, bool `[agents, S, A]`; of no agent where none is drawn."""
    parameter("ties").check(ties)
    if ties != "random" or isinstance(q, Policy):
        return np.zeros((0, mdp.n_states, mdp.n_actions), np.bool_)
    table = np.asarray(q).reshape(-1, mdp.n_states, mdp.n_actions)
    require_memory("the ties", f"{len(table):,} agents x {mdp.n_states:,} states", table.size)
    return np.ascontiguousarray(table == table.max(axis=2, keepdims=True))


def _kept(keep: str, episodes: int) -> bool:
    """Whether the figures of so many episodes are kept one by one."""
    if keep not in KEEP:
        raise InvalidValueError(f"keep must be one of {', '.join(KEEP)}, got {keep!r:.80}")
    return keep == "episodes" or (keep == "auto" and episodes <= MOST_KEPT)


def policy_value(
    world: GridWorld | Mdp | str,
    policy: npt.ArrayLike | Policy,
    *,
    discount_factor: float = 0.99,
    epsilon: float = 0.0,
    ties: str = "lowest",
    should_stop: Callable[[], bool] | None = None,
) -> npt.NDArray[np.float64]:
    """The exact expected return of a policy from every state; limits on the steps are ignored.

    Args:
        world: A world, its arrays, or its name.
        policy: A `Policy`, which may be stochastic; `[S, A]`, a Q-table whose greedy actions it
            takes; or whole numbers `[S]`, the actions themselves.
        discount_factor: Gamma, in [0, 1].
        epsilon: Probability of a random action, in [0, 1].
        ties: Of a Q-table, as of `evaluate`.
        should_stop: As in `solve`.

    Returns:
        float64 `[S]`. With discount factor 1 it is -inf where the policy is not sure to end; NaN
        where it could also gain meanwhile; and 0 where it goes round without any reward.

    Raises:
        InvalidValueError: A number is outside its range, or the policy does not fit the world.
        SolveStoppedError: `should_stop` said so.
    """
    mdp = as_mdp(world)
    discount = number("discount_factor", discount_factor, 0, 1)
    epsilon = number("epsilon", epsilon, 0, 1)
    actions = _actions(mdp, policy, ties)
    if epsilon and len(mdp.available):
        certain = actions if actions.ndim == 2 else np.eye(mdp.n_actions)[actions]
        actions, epsilon = chances(certain, epsilon, mdp.available), 0.0
    return Followed(model_of(mdp), actions, discount, epsilon, should_stop).values


def regret(
    world: GridWorld | Mdp | str,
    q: npt.ArrayLike | Policy,
    *,
    discount_factor: float = 0.99,
    epsilon: float = 0.0,
    ties: str = "lowest",
) -> npt.NDArray[np.float64]:
    """How much less than the optimum the greedy policies of Q-tables are worth, exactly.

    Args:
        world: A world, its arrays, or its name.
        q: `[S, A]`, or `[agents, S, A]`; or a `Policy`, which may be stochastic.
        discount_factor: Gamma, in [0, 1].
        epsilon: Probability of a random action, in [0, 1].
        ties: Of Q-tables, as of `evaluate`.

    Returns:
        float64 `[agents]`, the differences of the expected returns from where episodes begin; 0
        is optimal, up to 2e-9. With discount factor 1, inf says that the policy never ends.

    Raises:
        InvalidValueError: A number is outside its range, or `q` does not fit the world.
        NoProperPolicyError: As in `solve`.
    """
    mdp = as_mdp(world)
    best = solve(mdp, discount_factor).expected_return
    weights = mdp.start_probability
    policies: Any = [q]
    if not isinstance(q, Policy):
        actions, tied = greedy_actions(mdp, q), _tied(mdp, q, ties)
        policies = actions if not len(tied) else [greedy(each, ties="random") for each in tied]

    def earned(policy: Any) -> float:
        values = policy_value(mdp, policy, discount_factor=discount_factor, epsilon=epsilon)
        return float(np.dot(weights, values[mdp.starts]))

    return np.array([best - earned(policy) for policy in policies])


def greedy_actions(mdp: Mdp, q: npt.ArrayLike | Policy) -> npt.NDArray[np.int32]:
    """The greedy action of every agent in every state, int32 `[agents, S]`; ties: the lowest.

    Raises:
        InvalidValueError: `q` does not fit the world.
        MemoryLimitError: The actions do not fit into the free memory.
    """
    if isinstance(q, Run):
        raise InvalidValueError("q must be a table, got Run; pass run.q")
    shape = (mdp.n_states, mdp.n_actions)
    if isinstance(q, Policy):
        if q.shape != shape:
            raise InvalidValueError(f"a policy must be of the shape {shape}, got {q.shape}")
        return q.actions[None]
    table = array_of("q", q)
    if table.ndim == 2:
        table = table[None]
    if table.ndim != 3 or table.shape[1:] != shape or not len(table):
        raise InvalidValueError(
            f"q must be of the shape {shape} or (agents, {shape[0]}, {shape[1]}), got {np.shape(q)}"
        )
    # the actions, and beside them either those as int64 or what says whether there is a NaN
    need = len(table) * mdp.n_states * (4 + max(8, mdp.n_actions))
    require_memory("the policies", f"{len(table):,} agents x {mdp.n_states:,} states", need)
    if table.dtype.kind not in "fiub" or np.isnan(table).any():
        raise InvalidValueError("q must be numbers, got something else or NaN")
    actions: npt.NDArray[np.int32] = np.argmax(table, axis=2).astype(np.int32)
    return actions


def _actions(mdp: Mdp, policy: npt.ArrayLike | Policy, ties: str) -> npt.NDArray[Any]:
    """Actions, or where the policy is stochastic probabilities, as `Followed` takes them."""
    chosen: npt.NDArray[Any]
    if isinstance(policy, Policy):
        chosen = greedy_actions(mdp, policy)[0]
        return chosen if policy.is_deterministic else policy.probabilities
    given = array_of("policy", policy)
    if given.ndim != 1:
        if given.ndim == 3:
            raise InvalidValueError(f"policy must be of one agent, got the shape {given.shape}")
        chosen = greedy_actions(mdp, policy)[0]
        if len(tied := _tied(mdp, policy, ties)):
            return _actions(mdp, greedy(tied[0], ties="random"), ties)
        return chosen
    if given.shape != (mdp.n_states,) or given.dtype.kind not in "iu":
        raise InvalidValueError(
            f"policy must be {mdp.n_states} whole numbers or a Q-table,"
            f" got {given.dtype} of the shape {given.shape}"
        )
    if given.min() < 0 or given.max() >= mdp.n_actions:
        raise InvalidValueError(
            f"an action must be in [0, {mdp.n_actions}), got {given.min()} to {given.max()}"
        )
    return given.astype(np.int32)


def _played(mdp: Mdp, chance: npt.NDArray[np.float64]) -> tuple[MdpTables, npt.NDArray[np.void]]:
    """The process in which a stochastic policy is part of the world, as `roll_out` takes it."""
    found = terms(model_of(mdp))
    n_states = mdp.n_states
    weights = (chance[:, :, None] * found.probability).reshape(n_states, -1)
    k = weights.shape[1]
    require_memory("the policy", f"{n_states:,} states x {k} outcomes", n_states * k * 40)
    outcomes = np.empty((n_states, k), EXACT_OUTCOME)
    outcomes["next_state"] = found.next_state.reshape(n_states, k)
    outcomes["reward"] = found.reward.reshape(n_states, k)
    threshold, alias = np.empty((n_states, k), np.uint32), np.empty((n_states, k), np.int32)
    for state, row in enumerate(weights / weights.sum(axis=1, keepdims=True)):
        threshold[state], alias[state] = alias_table(row)
    tables = mdp.tables()._replace(threshold=threshold.ravel(), alias=alias.ravel())
    return tables, outcomes.ravel()
