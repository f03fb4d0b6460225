"""Gymnasium's tabular environments as arrays; Gymnasium itself is not needed."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import WorldError
from gridworld.interop.changes import changed
from gridworld.interop.wrapping import check_dynamics, look_inside
from gridworld.mdp import Mdp, process_of_table
from gridworld.outcomes import read_start, read_table
from gridworld.validation import step_limit
from gridworld.world import AUTO, Auto

__all__ = ["from_gymnasium"]


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
            actions numbered from 0. A fifth number of an outcome is the standard deviation of its
            reward, which is normally distributed around the third. A state may have fewer actions
            than others: agents never take one that it has not, and their tables hold -inf for it;
            where somebody else does, it is the state's first.
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
    table = read_table(p)
    begins = own_start if start is None else start
    if not bare and dynamics is None:
        starts, _ = read_start(begins, table.n_states)
        check_dynamics(
            inside.base,
            table.pairs,
            starts=None if own_start is None else starts.tolist(),
            limit=limit if max_steps == AUTO else None,
        )
    spec = getattr(environment, "spec", None)
    own_name = str(getattr(spec, "id", None) or "custom")
    return process_of_table(table, begins, max_steps=limit, name=own_name if name is None else name)


def _own_process(base: Any) -> Mdp | None:
    """What an environment of ours was made of; None: it is another's, or a class made of ours."""
    kind = type(base)
    if (kind.__module__, kind.__name__) != ("gridworld.interop.env", "GridEnv"):
        return None
    mdp: Mdp = base.mdp
    return mdp
