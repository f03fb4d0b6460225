"""Jitted: policies of deterministic processes, whose values are sums along paths; improvement."""

from typing import Any

import numpy as np

from gridworld.kernels.codes import DETERMINISTIC
from gridworld.kernels.exact.model import STOP, action_value, term
from gridworld.kernels.exact.pairs import backup, exact_value, two_sum
from gridworld.kernels.jit import jit


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
    model: Any,
    discount: Any,
    high: Any,
    low: Any,
    loops: Any,
    policy: Any,
    margin: Any,
    beyond_doubt: Any,
) -> Any:
    """Change a policy where another action is better by more than `margin`.

    States whose value is infinite keep their action.

    Args:
        model: The process.
        discount: Discount factor.
        high: float64 `[S]`, values in pairs.
        low: float64 `[S]`.
        loops: bool `[S]`, where one may stop for the value 0.
        policy: int32 `[S]`, changed.
        margin: What an improvement must be worth.
        beyond_doubt: An action that is worse by this in float64 is worse.

    Returns:
        How many states changed; by how much the best action of any state is better than its value,
        at most; the largest difference between a state's value and that of its action.
    """
    changed = 0
    gap = 0.0
    defect = 0.0
    for s in range(model.n_states):
        if high[s] == -np.inf:
            continue
        best = margin
        before = policy[s]
        for a in range(model.n_actions):
            if (
                model.dynamics != DETERMINISTIC
                and a != before
                and action_value(model, discount, high, s, a) < high[s] - beyond_doubt
            ):
                continue
            value, rest = exact_value(model, discount, high, low, s, a)
            gain = (value - high[s]) + (rest - low[s])
            gap = max(gap, gain)
            if a == before:
                defect = max(defect, abs(gain))
            if gain > best:
                best = gain
                policy[s] = a
        if loops[s]:
            gain = -(high[s] + low[s])
            gap = max(gap, gain)
            if gain > best:
                best = gain
                policy[s] = STOP
        if best > margin:
            changed += 1
    return changed, gap, defect
