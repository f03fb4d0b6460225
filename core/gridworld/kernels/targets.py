"""Jitted: what each algorithm takes for the value of the state entered, alone and in lanes.

All of them update `Q[s, a] += learning_rate * (reward + discount_factor * bootstrap - Q[s, a])`,
where bootstrap is 0 if the episode terminated. A one-step algorithm is added here: in `bootstrap`,
and in `bootstrap_lanes`, which must do the same to the last bit; and where it has two tables or
chooses its next action before it updates, in the questions above them.
"""

from typing import Any

import numpy as np

from gridworld.kernels.codes import AHEAD, DOUBLE_Q_LEARNING, EXPECTED_SARSA, Q_LEARNING, SARSA
from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes import rows as lane_rows
from gridworld.kernels.lanes.rows import select_row, value_of
from gridworld.kernels.random import next_u32
from gridworld.kernels.rows import behave, greedy_by, highest, mean_value

__all__ = [
    "bootstrap",
    "bootstrap_lanes",
    "bootstraps_on_a_choice",
    "chooses_ahead",
    "has_two_tables",
    "table_to_update",
]

_ONE = np.float32(1)


@inlined
def has_two_tables(algorithm: Any) -> Any:
    """Whether an agent keeps two Q-tables and behaves on their sum."""
    return algorithm == DOUBLE_Q_LEARNING


@inlined
def chooses_ahead(algorithm: Any) -> Any:
    """Whether the next action is drawn before the update, and then carried out."""
    return algorithm in AHEAD


@inlined
def bootstraps_on_a_choice(algorithm: Any) -> Any:
    """Whether ties count in the state entered: a highest value has none."""
    return has_two_tables(algorithm) or chooses_ahead(algorithm)


@inlined
def table_to_update(bits: Any) -> Any:
    """Which of two tables is updated, 0 or 1, from the draw that chose the action."""
    return (bits >> np.uint32(7)) & np.uint32(1)


@inlined
def bootstrap(
    variant: Any,
    q: Any,
    row_t: Any,
    n_actions: Any,
    epsilon: Any,
    bits: Any,
    a_t: Any,
    rng: Any,
) -> Any:
    """The value of the state entered.

    Args:
        variant: Which algorithm, how ties are broken; a constant where this is called.
        q: float32, flat.
        row_t: Where the row of that state begins, or the first of its two.
        n_actions: A.
        epsilon: Probability of a random action; with softmax the temperature.
        bits: The draw that chose the action taken.
        a_t: The action carried, which `chooses_ahead` replaces.
        rng: The random state.

    Returns:
        (the value, where the row to update lies behind the state's first, the action carried,
        the random state)
    """
    algorithm = variant.algorithm
    chosen = np.int64(0)
    if algorithm == Q_LEARNING:
        value = highest(q, row_t, n_actions)
    elif algorithm == EXPECTED_SARSA:
        value = mean_value(variant, q, row_t, n_actions, epsilon)
    elif algorithm == SARSA:
        more, rng = next_u32(rng)
        a_t, rng = behave(variant, q, row_t, n_actions, False, epsilon, more, rng)
        value = q[np.uint64(row_t + a_t)]
    else:
        chosen = np.int64(table_to_update(bits)) * n_actions
        best, rng = greedy_by(variant, q, row_t + chosen, n_actions, False, rng)
        value = q[np.uint64(row_t + n_actions - chosen + best)]
    return value, chosen, a_t, rng


@inlined
def bootstrap_lanes(
    variant: Any,
    q: Any,
    row_t: Any,
    second_row_t: Any,
    epsilon: Any,
    second: Any,
    draws: Any,
    a_t: Any,
) -> Any:
    """The values of the states entered, in lanes.

    Args:
        variant: Which algorithm, how ties are broken; a constant where this is called.
        q: float32, flat.
        row_t: The rows of those states (see `lanes.rows`).
        second_row_t: The same from the second tables, where there are two.
        epsilon: Probabilities of a random action.
        second: Mask, where the second table is to be updated.
        draws: For the next actions, where they are chosen ahead; to break ties.
        a_t: The actions carried, which `chooses_ahead` replaces.

    Returns:
        (the values, the actions carried)
    """
    algorithm = variant.algorithm
    if algorithm == Q_LEARNING:
        value = lane_rows.highest(row_t, variant, q)
    elif algorithm == EXPECTED_SARSA:
        best, mean = lane_rows.highest(row_t, variant, q), lane_rows.mean(row_t, variant, q)
        value = (_ONE - epsilon) * best + epsilon * mean
    elif algorithm == SARSA:
        a_t = lane_rows.behave(variant, q, row_t, epsilon, draws)
        value = value_of(row_t, q, a_t)
    else:
        picking = select_row(second_row_t, row_t, second)
        rating = select_row(row_t, second_row_t, second)
        value = value_of(rating, q, lane_rows.greedy_by(variant, q, picking, draws.ties))
    return value, a_t
