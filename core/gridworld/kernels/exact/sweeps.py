"""Jitted: policies of processes with chance, by sweeps over the states."""

from typing import Any

import numpy as np

from gridworld.kernels.codes import SLIP
from gridworld.kernels.exact.model import action_value, n_terms, slip_values, term
from gridworld.kernels.jit import jit

MOST_ROUNDS = 2000
"""After so many a policy that still changes is worked out exactly."""


@jit
def renumber(model: Any, order: Any, number: Any, outcomes: Any, probability: Any) -> None:
    """Write a process down with its states in another order, so that sweeps read straight on.

    Args:
        model: The process.
        order: int32 `[S]`, the states in their new order.
        number: int32 `[S]`, filled: the new numbers of the states.
        outcomes: Of the shape of the process's, filled.
        probability: The same.
    """
    per_state = model.n_actions * model.n_outcomes
    for i in range(order.size):
        number[order[i]] = i
    for i in range(order.size):
        for k in range(per_state):
            old = order[i] * per_state + k
            next_state = model.outcomes[old]["next_state"]
            outcomes[i * per_state + k]["reward"] = model.outcomes[old]["reward"]
            outcomes[i * per_state + k]["next_state"] = (
                number[next_state] if next_state >= 0 else next_state
            )
            if model.probability.size > 1:
                probability[i * per_state + k] = model.probability[old]


@jit
def _sweep(model: Any, discount: Any, policy: Any, begin: Any, end: Any, v: Any) -> None:
    """One Gauss-Seidel sweep of policy evaluation, in place.

    What leads back to the state itself is solved for, so that bumping into walls costs no sweeps.
    A state that its action never leaves is passed over. Arguments as of `_sweep_best`.
    """
    for s in range(begin, end):
        if policy[s] < 0:
            continue
        total = 0.0
        stay = 0.0
        for k in range(n_terms(model)):
            weight, next_state, reward = term(model, s, policy[s], k)
            if weight > 0:
                total += weight * reward
                if next_state == s:
                    stay += weight
                elif next_state >= 0:
                    total += weight * discount * v[next_state]
        leave = 1.0 - discount * stay
        if leave >= 1e-12:
            v[s] = total / leave


@jit
def fill_q(model: Any, discount: Any, v: Any, q: Any) -> None:
    """The value of every action, float64 `[S, A]`, from the values of the states."""
    for s in range(model.n_states):
        for a in range(model.n_actions):
            q[s, a] = action_value(model, discount, v, s, a)


@jit
def _sweep_best(
    model: Any, discount: Any, policy: Any, begin: Any, end: Any, margin: Any, v: Any
) -> Any:
    """One Gauss-Seidel sweep of value iteration, in place.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`, raised to the best action; entries below 0 are left alone.
        begin: The first state to visit.
        end: The state behind the last.
        margin: Another action must be better by more than this.
        v: float64 `[S]`.

    Returns:
        The largest change of a value, and how many actions changed.
    """
    largest = 0.0
    changed = 0
    for s in range(begin, end):
        if policy[s] < 0:
            continue
        before = policy[s]
        if model.dynamics == SLIP:
            values = slip_values(model, discount, v, s)
            best = values[before]
            for a in range(4):
                if values[a] > best + margin:
                    best = values[a]
                    policy[s] = a
        else:
            best = action_value(model, discount, v, s, before)
            for a in range(model.n_actions):
                value = action_value(model, discount, v, s, a)
                if value > best + margin:
                    best = value
                    policy[s] = a
        largest = max(largest, abs(best - v[s]))
        v[s] = best
        changed += policy[s] != before
    return largest, changed


@jit
def approach(
    model: Any,
    discount: Any,
    policy: Any,
    first: Any,
    enough: Any,
    patience: Any,
    at: Any,
    work: Any,
    v: Any,
) -> None:
    """Come near the best policy, part after part, in place.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`; entries below 0 are left alone.
        first: int64 `[parts + 1]`, where parts begin: states of which none leads to a later part.
        enough: Change of values at which a part is done.
        patience: Rounds without a change of the policy after which it is done, too.
        at: int64 `[3]`, where to go on: part, rounds done in it, rounds since a change of the
            policy; all 0 at first. Done when the part is the number of parts.
        work: States to visit, more or less, before coming back.
        v: float64 `[S]`.
    """
    while at[0] + 1 < first.size and work > 0:
        begin = first[at[0]]
        end = first[at[0] + 1]
        work -= end - begin
        scale = 0.0
        for s in range(begin, end):
            if v[s] > -np.inf:
                scale = max(scale, abs(v[s]))
        # Below this it is rounding.
        least = 4e-15 * scale
        tolerance = max(enough, least)
        change, changed = _sweep_best(model, discount, policy, begin, end, tolerance, v)
        _sweep(model, discount, policy, begin, end, v)
        at[1] += 1
        at[2] = 0 if changed else at[2] + 1
        if change <= tolerance or at[2] >= patience or at[1] >= MOST_ROUNDS:
            at[0] += 1
            at[1] = 0
            at[2] = 0
