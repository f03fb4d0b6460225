"""Jitted: policies of processes with chance, by sweeps over the states."""

from typing import Any

from gridworld.kernels.codes import SLIP
from gridworld.kernels.jit import jit
from gridworld.kernels.model import action_value, n_terms, slip_values, term


@jit
def sweep(model: Any, discount: Any, policy: Any, order: Any, v: Any) -> float:
    """One Gauss-Seidel sweep of policy evaluation, in place.

    What leads back to the state itself is solved for, so that bumping into walls costs no sweeps.
    A state that its action never leaves is passed over.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`; entries below 0 are left alone.
        order: int32 `[n]`, the states to visit.
        v: float64 `[S]`.

    Returns:
        The largest change.
    """
    largest = 0.0
    for i in range(order.size):
        s = order[i]
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
        if leave < 1e-12:
            continue
        value = total / leave
        largest = max(largest, abs(value - v[s]))
        v[s] = value
    return largest


@jit
def fill_q(model: Any, discount: Any, v: Any, q: Any) -> None:
    """The value of every action, float64 `[S, A]`, from the values of the states."""
    for s in range(model.n_states):
        for a in range(model.n_actions):
            q[s, a] = action_value(model, discount, v, s, a)


@jit
def sweep_best(model: Any, discount: Any, policy: Any, order: Any, margin: Any, v: Any) -> Any:
    """One Gauss-Seidel sweep of value iteration, in place.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`, raised to the best action; entries below 0 are left alone.
        order: int32 `[n]`, the states to visit.
        margin: Another action must be better by more than this.
        v: float64 `[S]`.

    Returns:
        The largest change of a value, and how many actions changed.
    """
    largest = 0.0
    changed = 0
    for i in range(order.size):
        s = order[i]
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
