"""Gymnasium's tabular environments as arrays; Gymnasium itself is not needed."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import WorldError
from gridworld.interop.changes import changed
from gridworld.interop.wrapping import check_dynamics, look_inside
from gridworld.kernels.codes import ALWAYS, DETERMINISTIC, TABLE
from gridworld.mdp import MOST_OUTCOMES, OUTCOME, Mdp, alias_table
from gridworld.validation import MAX_REWARD, array_of, listed, number, step_limit, whole
from gridworld.world import AUTO, MAX_STATES, Auto

__all__ = ["from_gymnasium"]

Outcomes = dict[tuple[int, float], float]
"""(next state, or ~state where the episode ends; reward) -> probability."""

ROUNDING = 1e-12
"""Probabilities that miss the sum 1 by no more stay, for exact solutions, as they were declared."""


def from_gymnasium(
    environment: Any,
    start: int | np.integer[Any] | Sequence[float] | npt.NDArray[Any] | None = None,
    *,
    max_steps: int | Auto | None = AUTO,
    name: str | None = None,
    dynamics: Literal["P"] | None = None,
) -> Mdp:
    """Compile an environment that has Gymnasium's `P`, or such a `P` itself.

    What stands beside `P` is never dropped in silence. Of the wrappers only those pass that are
    known to change nothing (`TimeLimit`, `OrderEnforcing`, `RecordVideo` and their like, by their
    exact class). An environment that draws its steps otherwise than from `P` (Taxi's
    `fickle_passenger`, a class that overrides `step`) is refused; one of a class that is not
    Gymnasium's is tried out on a copy for 2000 random steps.

    An environment of `gridworld.make_env` gives back what it was made of.

    Args:
        environment: An environment (wrapped or not) with the attribute `P`, or `P`:
            `P[s][a] = [(probability, next state, reward, terminated), ...]` with states and
            actions numbered from 0, and as many actions in every state.
        start: The state in which episodes begin, or the probability of each state, `[S]`.
            None: the environment's `initial_state_distrib`.
        max_steps: Steps after which an episode is truncated; None: never; `"auto"`: the tightest
            limit of the environment's wrappers and its `spec`, and never for a bare `P`.
        name: What it is called. None: the `spec`'s id.
        dynamics: `"P"`: take what `P` says, whatever wrappers and the environment's class do
            beside it (limits on the steps still count).

    Raises:
        WorldError: `P` or another value is not as above, or is not all that happens.
    """
    if dynamics not in (None, "P"):
        raise WorldError(f'dynamics must be "P" or None, got {dynamics!r:.80}')
    bare = isinstance(environment, Mapping | list | tuple)
    if isinstance(environment, str | bytes | type) or environment is None:
        raise WorldError(
            "an environment must be an object as gymnasium.make gives it, or its P,"
            f" got {environment!r:.80}"
        )
    inside = look_inside(environment, trusted=dynamics == "P")
    if isinstance(max_steps, str) and max_steps != AUTO:
        raise WorldError(f'max_steps must be a whole number, "auto" or None, got {max_steps!r}')
    own = _own_process(inside.base)
    if own is not None and start is None:
        limits = [limit for limit in (inside.limit, own.max_steps) if limit]
        given: int | None = min(limits, default=None) if isinstance(max_steps, str) else max_steps
        return changed(own, {"max_steps": given, "name": own.name if name is None else name})
    p = environment if bare else getattr(inside.base, "P", None)
    if p is None:
        raise WorldError(
            "an environment must have a table of outcomes (P),"
            f" got none in {type(inside.base).__name__}"
        )
    own_start = getattr(inside.base, "initial_state_distrib", None) if start is None else None
    if start is None and own_start is None:
        raise WorldError("start must be given, a state or the probability of each, got none")
    limit = step_limit(inside.limit if max_steps == AUTO else max_steps, WorldError) or 0
    pairs, declared, n_states, n_actions = _pairs(p)
    starts, exact_start = _starts(own_start if start is None else start, n_states)
    if not bare and dynamics is None:
        check_dynamics(
            inside.base,
            pairs,
            starts=None if own_start is None else starts.tolist(),
            limit=limit if max_steps == AUTO else None,
        )
    start_threshold, start_alias = alias_table(exact_start)
    spec = getattr(environment, "spec", None)
    return Mdp(
        n_states=n_states,
        n_actions=n_actions,
        max_steps=limit,
        starts=starts,
        start_threshold=start_threshold,
        start_alias=start_alias,
        exact_start=exact_start,
        slip=np.float32(0),
        world=None,
        name=str(getattr(spec, "id", None) or "custom") if name is None else name,
        **_arrays(pairs, declared),
    )


def _own_process(base: Any) -> Mdp | None:
    """What an environment of ours was made of; None: it is another's, or a class made of ours."""
    kind = type(base)
    if (kind.__module__, kind.__name__) != ("gridworld.interop.env", "GridEnv"):
        return None
    mdp: Mdp = base.mdp
    return mdp


def _pairs(p: Any) -> tuple[list[Outcomes], list[list[float]], int, int]:
    """The outcomes of each state and action in order, drawn and declared; states; actions."""
    rows = _numbered("P", p)
    if not 1 <= len(rows) <= MAX_STATES:
        raise WorldError(f"P must have from 1 to {MAX_STATES} states, got {len(rows)}")
    pairs: list[Outcomes] = []
    declared: list[list[float]] = []
    n_actions = 0
    for s, row in enumerate(rows):
        actions = _numbered(f"P[{s}]", row)
        if not actions or (s > 0 and len(actions) != n_actions):
            raise WorldError(
                "P must have the same actions, at least one, in every state,"
                f" got {n_actions} in state 0 and {len(actions)} in state {s}"
            )
        n_actions = len(actions)
        for a, outcomes in enumerate(actions):
            merged, exact = _outcomes(f"P[{s}][{a}]", outcomes, len(rows))
            pairs.append(merged)
            declared.append(exact)
    return pairs, declared, len(rows), n_actions


def _numbered(what: str, table: Any) -> list[Any]:
    if not isinstance(table, Mapping):
        return list(listed(what, table))
    for key in table:
        if isinstance(key, bool | np.bool_) or not isinstance(key, int | np.integer):
            raise WorldError(f"the keys of {what} must be whole numbers, got {key!r:.80}")
    if set(table) != set(range(len(table))):
        raise WorldError(
            f"{what} must be numbered from 0 to {len(table) - 1} without a gap,"
            f" got {len(table)} keys from {min(table)} to {max(table)}"
        )
    return [table[i] for i in range(len(table))]


def _outcomes(what: str, outcomes: Any, n_states: int) -> tuple[Outcomes, list[float]]:
    """Probabilities that sum to 1 to the last bit, as they are drawn; and as they were declared."""
    merged: Outcomes = {}
    parts: dict[tuple[int, float], list[float]] = {}
    for outcome in listed(what, outcomes):
        fields = listed(f"an outcome of {what}", outcome)
        if len(fields) != 4:
            raise WorldError(
                f"an outcome of {what} must be (probability, next state, reward, terminated),"
                f" got {outcome!r:.80}"
            )
        chance = number(f"a probability of {what}", fields[0], 0, 1 + 1e-6, WorldError)
        state = whole(f"a next state of {what}", fields[1], 0, n_states - 1, WorldError)
        reward = number(f"a reward of {what}", fields[2], -MAX_REWARD, MAX_REWARD, WorldError)
        ended = fields[3]
        if not isinstance(ended, bool | np.bool_):
            raise WorldError(f"terminated of {what} must be true or false, got {ended!r:.80}")
        if chance > 0:
            key = (~state if ended else state, reward)
            merged[key] = merged.get(key, 0.0) + chance
            parts.setdefault(key, []).append(chance)
    total = sum(merged.values())
    if not abs(total - 1) <= 1e-6:
        raise WorldError(f"the probabilities of {what} must sum to 1, got {total:.9g}")
    drawn = {key: chance / total for key, chance in merged.items()}
    if abs(total - 1) > ROUNDING:
        return drawn, list(drawn.values())
    return drawn, [math.fsum(chances) for chances in parts.values()]


def _arrays(pairs: list[Outcomes], declared: list[list[float]]) -> dict[str, Any]:
    """The fields of an `Mdp` that describe the outcomes."""
    k = max(map(len, pairs))
    if k * len(pairs) > MOST_OUTCOMES:
        raise WorldError(f"P must have at most {MOST_OUTCOMES} outcomes, got {k * len(pairs)}")
    outcomes = np.empty((len(pairs), k), OUTCOME)
    exact_reward = np.empty((len(pairs), k))
    probability = np.zeros((len(pairs), k))
    threshold = np.full((len(pairs), k), ALWAYS, np.uint32)
    alias = np.zeros((len(pairs), k), np.int32)
    for i, merged in enumerate(pairs):
        # Short rows are filled up with outcomes of probability 0.
        keys = list(merged) + [next(iter(merged))] * (k - len(merged))
        outcomes["next_state"][i] = [state for state, _ in keys]
        exact_reward[i] = [reward for _, reward in keys]
        probability[i, : len(merged)] = declared[i]
        if k > 1:
            drawn = np.zeros(k)
            drawn[: len(merged)] = list(merged.values())
            threshold[i], alias[i] = alias_table(drawn)
    outcomes["reward"] = exact_reward
    table = k > 1
    return {
        "dynamics": TABLE if table else DETERMINISTIC,
        "outcomes": outcomes.ravel(),
        "threshold": threshold.ravel() if table else threshold.ravel()[:1].copy(),
        "alias": alias.ravel() if table else alias.ravel()[:1].copy(),
        "probability": probability.ravel() if table else np.ones(1),
        "exact_reward": exact_reward.ravel(),
    }


def _starts(start: Any, n_states: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """The states in which episodes may begin, and the probability of each."""
    if array_of("start", start).ndim == 0:
        start = whole("start", start, 0, n_states - 1, WorldError)
        return np.array([start], np.int32), np.ones(1)
    if isinstance(start, np.ndarray):
        start = start.tolist()
    chances = [number("a probability of start", p, 0, 1 + 1e-6, WorldError) for p in start]
    if len(chances) != n_states or not abs(sum(chances) - 1) <= 1e-6:
        raise WorldError(
            f"start must be the probability of each of the {n_states} states, which sum to 1,"
            f" got {len(chances)} with the sum {sum(chances):.9g}"
        )
    probability = np.array(chances)
    starts = np.flatnonzero(probability).astype(np.int32)
    return starts, probability[starts] / probability.sum()
