"""Jitted: policies of deterministic processes, whose values are sums along paths.

Values live in pairs of float64 (`high`, `low`) whose sum is the value, since a path may be a
million steps long: plain sums would lose the ninth decimal. Sources of the exact operations:
Knuth, TAOCP 2, 4.2.2 (sum); Dekker 1971 (product).
"""

from typing import Any

import numpy as np

from gridworld.kernels.codes import DETERMINISTIC
from gridworld.kernels.jit import inlined, jit
from gridworld.kernels.model import STOP, action_value, term


@inlined
def two_sum(a: Any, b: Any) -> Any:
    """The sum of two floats, and what its rounding lost (Knuth 1998, 4.2.2)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


@inlined
def _two_product(a: Any, b: Any) -> Any:
    product = a * b
    c = 134217729.0 * a
    a_high = c - (c - a)
    a_low = a - a_high
    c = 134217729.0 * b
    b_high = c - (c - b)
    b_low = b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


@inlined
def backup(reward: Any, discount: Any, high: Any, low: Any) -> Any:
    """`reward + discount * (high + low)` as such a pair."""
    product, error = _two_product(discount, high)
    total, rest = two_sum(reward, product)
    return two_sum(total, rest + (error + discount * low))


@jit
def evaluate_paths(
    model: Any, discount: Any, policy: Any, high: Any, low: Any, mark: Any, path: Any
) -> None:
    """Evaluate a policy of a deterministic process by walking its paths to their ends.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`; with discount 1 all its paths come to an end or to an entry below 0.
        high: float64 `[S]`, filled.
        low: float64 `[S]`, filled.
        mark: int8 `[S]`, all 0 before.
        path: int32 `[S]`, scratch.
    """
    for begin in range(model.n_states):
        length = 0
        s = begin
        while mark[s] == 0:
            mark[s] = 1
            if policy[s] < 0:
                high[s] = 0.0 if policy[s] == STOP else -np.inf
                low[s] = 0.0
                mark[s] = 2
                break
            _, next_state, reward = term(model, s, policy[s], 0)
            if next_state < 0:
                high[s] = reward
                low[s] = 0.0
                mark[s] = 2
                break
            path[length] = s
            length += 1
            s = next_state
        if mark[s] == 1:
            # The walk has closed a loop: it begins where s lies on the path.
            enter = length - 1
            while path[enter] != s:
                enter -= 1
            # 1 - discount^n without the cancellation.
            weight = 1.0
            if discount > 0:
                weight = -np.expm1((length - enter) * np.log1p(discount - 1.0))
            total = 0.0
            rest = 0.0
            for _ in range(3):
                value = total
                value_low = rest
                for i in range(length - 1, enter - 1, -1):
                    _, _, reward = term(model, path[i], policy[path[i]], 0)
                    value, value_low = backup(reward, discount, value, value_low)
                correction = ((value - total) + (value_low - rest)) / weight
                total, carry = two_sum(total, correction)
                total, rest = two_sum(total, carry + rest)
            high[s] = total
            low[s] = rest
            mark[s] = 2
        for i in range(length - 1, -1, -1):
            s = path[i]
            if mark[s] == 2:
                continue
            _, next_state, reward = term(model, s, policy[s], 0)
            high[s], low[s] = backup(reward, discount, high[next_state], low[next_state])
            mark[s] = 2


@jit
def improve(
    model: Any, discount: Any, high: Any, low: Any, loops: Any, policy: Any, margin: Any
) -> int:
    """Change a policy where another action is better by more than `margin`.

    States whose value is infinite keep their action.

    Returns:
        How many states changed.
    """
    changed = 0
    for s in range(model.n_states):
        if high[s] == -np.inf:
            continue
        best = margin
        for a in range(model.n_actions):
            if model.dynamics == DETERMINISTIC:
                _, next_state, reward = term(model, s, a, 0)
                value = reward
                value_low = 0.0
                if next_state >= 0:
                    if high[next_state] == -np.inf:
                        continue
                    value, value_low = backup(reward, discount, high[next_state], low[next_state])
                gain = (value - high[s]) + (value_low - low[s])
            else:
                gain = action_value(model, discount, high, s, a) - high[s]
            if gain > best:
                best = gain
                policy[s] = a
        if loops[s] and -(high[s] + low[s]) > best:
            best = -(high[s] + low[s])
            policy[s] = STOP
        if best > margin:
            changed += 1
    return changed
