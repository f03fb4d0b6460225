"""Jitted: a Markov decision process as the solver sees it."""

from typing import Any, NamedTuple

from gridworld.kernels.codes import DETERMINISTIC, SLIP
from gridworld.kernels.jit import inlined
from gridworld.kernels.step import across

STOP = -1
"""In a policy: loop here for ever without any reward, value 0."""

NONE = -2
"""In a policy: no action is sure to lead to an end."""


class Model(NamedTuple):
    """A process as the solver sees it.

    Attributes:
        outcomes: Records (`next_state`, `reward` float64) `[S * A * K]`, as in `Mdp`.
        probability: float64 `[S * A * K]`, or `[1]` where K = 1.
        n_states: S.
        n_actions: A.
        n_outcomes: K.
        dynamics: As in `Mdp`.
        slip: float64.
    """

    outcomes: Any
    probability: Any
    n_states: int
    n_actions: int
    n_outcomes: int
    dynamics: int
    slip: float


@inlined
def n_terms(model: Any) -> Any:
    """Terms of an action, those of probability zero included."""
    return 3 if model.dynamics == SLIP else model.n_outcomes


@inlined
def term(model: Any, state: Any, action: Any, k: Any) -> Any:
    """Term k of an action: (probability, next state, reward)."""
    weight = 1.0
    i = (state * model.n_actions + action) * model.n_outcomes
    if model.dynamics == SLIP:
        if k == 0:
            weight = 1.0 - model.slip
        else:
            weight = 0.5 * model.slip
            i = state * model.n_actions + across(action, k - 1)
    elif model.dynamics != DETERMINISTIC:
        i += k
        weight = model.probability[i]
    return weight, model.outcomes[i]["next_state"], model.outcomes[i]["reward"]


@inlined
def action_value(model: Any, discount: Any, v: Any, state: Any, action: Any) -> Any:
    """Q(s, a) under the values `v`."""
    total = 0.0
    for k in range(n_terms(model)):
        weight, next_state, reward = term(model, state, action, k)
        if weight > 0:
            total += weight * (reward + discount * v[next_state] if next_state >= 0 else reward)
    return total


@inlined
def slip_values(model: Any, discount: Any, v: Any, state: Any) -> Any:
    """Q(s, a) of the four moves of a slippery grid, each looked up once."""
    i = state * 4
    up = _after(model, discount, v, i)
    down = _after(model, discount, v, i + 1)
    left = _after(model, discount, v, i + 2)
    right = _after(model, discount, v, i + 3)
    aside = 0.5 * model.slip
    horizontal = aside * (left + right)
    vertical = aside * (up + down)
    if model.slip == 1:  # where a value is -inf, 0 times it is not a number
        return horizontal, horizontal, vertical, vertical
    go = 1.0 - model.slip
    return go * up + horizontal, go * down + horizontal, go * left + vertical, go * right + vertical


@inlined
def _after(model: Any, discount: Any, v: Any, i: Any) -> Any:
    next_state = model.outcomes[i]["next_state"]
    reward = model.outcomes[i]["reward"]
    return reward + discount * v[next_state] if next_state >= 0 else reward


@inlined
def leads_to(model: Any, state: Any, action: Any, target: Any) -> Any:
    """Whether an action may lead from a state to another."""
    for k in range(n_terms(model)):
        weight, next_state, _ = term(model, state, action, k)
        if weight > 0 and next_state == target:
            return True
    return False
