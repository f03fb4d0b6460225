"""Jitted: the parts of exact solutions that visit every state.

Values live in pairs of float64 (`high`, `low`) whose sum is the value, where a path may be a
million steps long: plain sums would lose the ninth decimal. Sources of the exact operations:
Knuth, TAOCP 2, 4.2.2 (sum); Dekker 1971 (product).
"""

from typing import Any, NamedTuple

import numpy as np

from gridworld._jit import inlined, jit
from gridworld.codes import DETERMINISTIC, SLIP

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
def _n_terms(model: Any) -> Any:
    return 3 if model.dynamics == SLIP else model.n_outcomes


@inlined
def _term(model: Any, state: Any, action: Any, k: Any) -> Any:
    """Term k of an action: (probability, next state, reward)."""
    weight = 1.0
    i = (state * model.n_actions + action) * model.n_outcomes
    if model.dynamics == SLIP:
        if k == 0:
            weight = 1.0 - model.slip
        else:
            weight = 0.5 * model.slip
            i = state * model.n_actions + (((action ^ 2) & 2) | (k - 1))
    elif model.dynamics != DETERMINISTIC:
        i += k
        weight = model.probability[i]
    return weight, model.outcomes[i]["next_state"], model.outcomes[i]["reward"]


@inlined
def _action_value(model: Any, discount: Any, v: Any, state: Any, action: Any) -> Any:
    total = 0.0
    for k in range(_n_terms(model)):
        weight, next_state, reward = _term(model, state, action, k)
        if weight > 0:
            total += weight * (reward + discount * v[next_state] if next_state >= 0 else reward)
    return total


@inlined
def _leads_to(model: Any, state: Any, action: Any, target: Any) -> Any:
    for k in range(_n_terms(model)):
        weight, next_state, _ = _term(model, state, action, k)
        if weight > 0 and next_state == target:
            return True
    return False


@inlined
def _two_sum(a: Any, b: Any) -> Any:
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
def _backup(reward: Any, discount: Any, high: Any, low: Any) -> Any:
    """`reward + discount * (high + low)` as such a pair."""
    product, error = _two_product(discount, high)
    total, rest = _two_sum(reward, product)
    return _two_sum(total, rest + (error + discount * low))


@jit
def count_predecessors(model: Any, first: Any) -> None:
    """Count the moves into each state: `first[s + 2]`, int64 `[S + 2]`, all 0 before."""
    for i in range(model.outcomes.size):
        next_state = model.outcomes[i]["next_state"]
        if next_state >= 0:
            first[next_state + 2] += 1


@jit
def fill_predecessors(model: Any, first: Any, source: Any) -> None:
    """List the states that lead to s, with repetitions, at `source[first[s]:first[s + 1]]`.

    Args:
        model: The process.
        first: int64 `[S + 2]`, running sums of the counts; shifted by one place here.
        source: int32 `[moves]`, filled.
    """
    per_state = model.n_actions * model.n_outcomes
    for i in range(model.outcomes.size):
        next_state = model.outcomes[i]["next_state"]
        if next_state >= 0:
            source[first[next_state + 1]] = i // per_state
            first[next_state + 1] += 1


@jit
def find_zero_loops(
    model: Any, first: Any, source: Any, loops: Any, usable: Any, queue: Any
) -> None:
    """Find the states where one can go on for ever without any reward.

    Args:
        model: The process.
        first: Predecessors.
        source: Predecessors.
        loops: bool `[S]`, filled.
        usable: bool `[S * A]`, scratch.
        queue: int32 `[S]`, scratch.
    """
    tail = 0
    for s in range(model.n_states):
        loops[s] = False
        for a in range(model.n_actions):
            good = True
            for k in range(_n_terms(model)):
                weight, next_state, reward = _term(model, s, a, k)
                if weight > 0 and (next_state < 0 or reward != 0):
                    good = False
            usable[s * model.n_actions + a] = good
            loops[s] = loops[s] or good
        if not loops[s]:
            queue[tail] = s
            tail += 1
    head = 0
    while head < tail:
        lost = queue[head]
        head += 1
        for i in range(first[lost], first[lost + 1]):
            s = source[i]
            if not loops[s]:
                continue
            left = False
            for a in range(model.n_actions):
                j = s * model.n_actions + a
                if usable[j] and _leads_to(model, s, a, lost):
                    usable[j] = False
                left = left or usable[j]
            if not left:
                loops[s] = False
                queue[tail] = s
                tail += 1


@jit
def attract(
    model: Any, first: Any, source: Any, loops: Any, allowed: Any, policy: Any, queue: Any
) -> int:
    """Find a policy that comes nearer to an end from each state that can reach one.

    Args:
        model: The process.
        first: Predecessors.
        source: Predecessors.
        loops: bool `[S]`, states that count as ends (`STOP`).
        allowed: bool `[S * A]`, actions that may be used.
        policy: int32 `[S]`, filled; `NONE` where no end can be reached.
        queue: int32 `[S]`, filled with the states found, nearest first.

    Returns:
        How many states were found.
    """
    tail = 0
    for s in range(model.n_states):
        policy[s] = NONE
        for a in range(model.n_actions):
            if policy[s] == NONE and allowed[s * model.n_actions + a]:
                for k in range(_n_terms(model)):
                    weight, next_state, _ = _term(model, s, a, k)
                    if weight > 0 and next_state < 0:
                        policy[s] = a
        if policy[s] == NONE and loops[s]:
            policy[s] = STOP
        if policy[s] != NONE:
            queue[tail] = s
            tail += 1
    head = 0
    while head < tail:
        target = queue[head]
        head += 1
        for i in range(first[target], first[target + 1]):
            s = source[i]
            if policy[s] != NONE:
                continue
            for a in range(model.n_actions):
                if allowed[s * model.n_actions + a] and _leads_to(model, s, a, target):
                    policy[s] = a
                    queue[tail] = s
                    tail += 1
                    break
    return tail


@jit
def forbid(model: Any, policy: Any, allowed: Any) -> int:
    """Forbid the actions that may lead to a state without a policy; return how many."""
    changed = 0
    for s in range(model.n_states):
        for a in range(model.n_actions):
            if not allowed[s * model.n_actions + a]:
                continue
            for k in range(_n_terms(model)):
                weight, next_state, _ = _term(model, s, a, k)
                if weight > 0 and next_state >= 0 and policy[next_state] == NONE:
                    allowed[s * model.n_actions + a] = False
                    changed += 1
                    break
    return changed


@jit
def gains_without_end(model: Any, policy: Any) -> bool:
    """Whether some move from one state without a policy to another pays more than 0."""
    for s in range(model.n_states):
        if policy[s] != NONE:
            continue
        for a in range(model.n_actions):
            for k in range(_n_terms(model)):
                weight, next_state, reward = _term(model, s, a, k)
                if weight > 0 and next_state >= 0 and policy[next_state] == NONE and reward > 0:
                    return True
    return False


@jit
def _sift_up(heap: Any, place: Any, v: Any, i: int) -> None:
    s = heap[i]
    while i > 0:
        parent = (i - 1) >> 1
        if v[heap[parent]] >= v[s]:
            break
        heap[i] = heap[parent]
        place[heap[i]] = i
        i = parent
    heap[i] = s
    place[s] = i


@jit
def _sift_down(heap: Any, place: Any, v: Any, size: int) -> None:
    i = 0
    s = heap[0]
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and v[heap[child + 1]] > v[heap[child]]:
            child += 1
        if v[heap[child]] <= v[s]:
            break
        heap[i] = heap[child]
        place[heap[i]] = i
        i = child
    heap[i] = s
    place[s] = i


@jit
def best_first(
    model: Any,
    discount: Any,
    first: Any,
    source: Any,
    v: Any,
    policy: Any,
    heap: Any,
    place: Any,
    size: Any,
    margin: Any,
    max_pops: Any,
) -> Any:
    """Spread values backwards from the ends, the best first (Dijkstra 1959).

    Deterministic processes only. States may be found more than once, so that the order is a
    matter of speed alone; `max_pops` cuts loops that gain.

    Args:
        model: The process.
        discount: Discount factor.
        first: Predecessors.
        source: Predecessors.
        v: float64 `[S]`, a lower bound; raised in place.
        policy: int32 `[S]`, the action that `v` comes from.
        heap: int32 `[S]`; the first `size` entries are the states to begin with.
        place: int32 `[S]`, their places, -1 elsewhere.
        size: States in the heap.
        margin: A value is raised by more than this or not at all.
        max_pops: States to take at most.

    Returns:
        States left in the heap.
    """
    for i in range(size):
        _sift_up(heap, place, v, i)
    pops = 0
    while size > 0 and pops < max_pops:
        pops += 1
        target = heap[0]
        place[target] = -1
        size -= 1
        if size > 0:
            heap[0] = heap[size]
            _sift_down(heap, place, v, size)
        for i in range(first[target], first[target + 1]):
            s = source[i]
            for a in range(model.n_actions):
                _, next_state, reward = _term(model, s, a, 0)
                if next_state != target:
                    continue
                candidate = reward + discount * v[target]
                if candidate > v[s] + margin:
                    v[s] = candidate
                    policy[s] = a
                    if place[s] < 0:
                        heap[size] = s
                        place[s] = size
                        size += 1
                    _sift_up(heap, place, v, place[s])
    return size


@jit
def evaluate_paths(
    model: Any, discount: Any, policy: Any, high: Any, low: Any, mark: Any, path: Any
) -> int:
    """Evaluate a policy of a deterministic process by walking its paths to their ends.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`.
        high: float64 `[S]`, filled.
        low: float64 `[S]`, filled.
        mark: int8 `[S]`, all 0 before.
        path: int32 `[S]`, scratch.

    Returns:
        -1, or with discount 1 a state on a loop that the policy never leaves.
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
            _, next_state, reward = _term(model, s, policy[s], 0)
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
            if discount == 1.0:
                return s
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
                    _, _, reward = _term(model, path[i], policy[path[i]], 0)
                    value, value_low = _backup(reward, discount, value, value_low)
                correction = ((value - total) + (value_low - rest)) / weight
                total, carry = _two_sum(total, correction)
                total, rest = _two_sum(total, carry + rest)
            high[s] = total
            low[s] = rest
            mark[s] = 2
        for i in range(length - 1, -1, -1):
            s = path[i]
            if mark[s] == 2:
                continue
            _, next_state, reward = _term(model, s, policy[s], 0)
            if high[next_state] == -np.inf:
                high[s] = -np.inf
                low[s] = 0.0
            else:
                high[s], low[s] = _backup(reward, discount, high[next_state], low[next_state])
            mark[s] = 2
    return -1


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
                _, next_state, reward = _term(model, s, a, 0)
                value = reward
                value_low = 0.0
                if next_state >= 0:
                    if high[next_state] == -np.inf:
                        continue
                    value, value_low = _backup(reward, discount, high[next_state], low[next_state])
                gain = (value - high[s]) + (value_low - low[s])
            else:
                gain = _action_value(model, discount, high, s, a) - high[s]
            if gain > best:
                best = gain
                policy[s] = a
        if loops[s] and -(high[s] + low[s]) > best:
            best = -(high[s] + low[s])
            policy[s] = STOP
        if best > margin:
            changed += 1
    return changed


@jit
def sweep(
    model: Any, discount: Any, policy: Any, order: Any, backwards: Any, count_steps: Any, v: Any
) -> float:
    """One Gauss-Seidel sweep of policy evaluation, in place.

    What leads back to the state itself is solved for, so that bumping into walls costs no sweeps.
    A state that its action never leaves is passed over.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`; entries below 0 are left alone.
        order: int32 `[n]`, the states to visit.
        backwards: Visit them from the last to the first.
        count_steps: Take 1 for every reward: the value is the number of (discounted) steps.
        v: float64 `[S]`.

    Returns:
        The largest change.
    """
    largest = 0.0
    for i in range(order.size):
        s = order[order.size - 1 - i] if backwards else order[i]
        if policy[s] < 0:
            continue
        total = 0.0
        stay = 0.0
        for k in range(_n_terms(model)):
            weight, next_state, reward = _term(model, s, policy[s], k)
            if weight > 0:
                total += weight * (1.0 if count_steps else reward)
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
def residual(model: Any, discount: Any, policy: Any, v: Any) -> float:
    """The largest error in the equation that a policy's values satisfy."""
    largest = 0.0
    for s in range(model.n_states):
        if policy[s] >= 0 and v[s] > -np.inf:
            error = abs(_action_value(model, discount, v, s, policy[s]) - v[s])
            largest = max(largest, error)
    return largest


@jit
def optimality_gap(model: Any, discount: Any, v: Any) -> float:
    """How much the best action of any state is better than the state's value, at most."""
    largest = 0.0
    for s in range(model.n_states):
        if v[s] > -np.inf:
            for a in range(model.n_actions):
                largest = max(largest, _action_value(model, discount, v, s, a) - v[s])
    return largest


@jit
def band_width(model: Any, policy: Any, number: Any) -> int:
    """The largest distance of two states, by their numbers, that a policy's equation joins."""
    width = 0
    for s in range(model.n_states):
        if number[s] >= 0:
            for k in range(_n_terms(model)):
                weight, next_state, _ = _term(model, s, policy[s], k)
                if weight > 0 and next_state >= 0 and number[next_state] >= 0:
                    width = max(width, abs(int(number[next_state]) - int(number[s])))
    return width


@jit
def fill_band(model: Any, discount: Any, policy: Any, number: Any, width: Any, band: Any) -> None:
    """Write `I - discount P` of a policy as a band matrix.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`.
        number: int32 `[S]`, rows of the states, -1: the value is 0.
        width: As `band_width` says.
        band: float64 `[n, 2 * width + 1]`, all 0 before: entry (i, j) at `[i, j - i + width]`.
    """
    for s in range(model.n_states):
        row = number[s]
        if row < 0:
            continue
        band[row, width] += 1.0
        for k in range(_n_terms(model)):
            weight, next_state, _ = _term(model, s, policy[s], k)
            if weight > 0 and next_state >= 0 and number[next_state] >= 0:
                band[row, number[next_state] - row + width] -= discount * weight


@jit
def factor_band(band: Any, begin: Any, end: Any) -> None:
    """Eliminate below the diagonal in columns `[begin, end)`, in place (LU).

    No rows change places: the matrix is an M-matrix, for which this is stable.
    """
    n, full = band.shape
    width = full // 2
    for j in range(begin, end):
        for i in range(j + 1, min(j + width + 1, n)):
            if band[i, j - i + width] != 0:
                factor = band[i, j - i + width] / band[j, width]
                band[i, j - i + width] = factor
                shift = j - i
                for c in range(width + 1, full):
                    band[i, c + shift] -= factor * band[j, c]


@jit
def solve_band(band: Any, right: Any) -> None:
    """Solve with the factors of `factor_band`; `right`, float64 `[n]`, becomes the solution."""
    n, full = band.shape
    width = full // 2
    for i in range(n):
        for j in range(max(0, i - width), i):
            right[i] -= band[i, j - i + width] * right[j]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, min(i + width + 1, n)):
            right[i] -= band[i, j - i + width] * right[j]
        right[i] /= band[i, width]


@jit
def errors(
    model: Any, discount: Any, policy: Any, count_steps: Any, v: Any, number: Any, wrong: Any
) -> None:
    """What is missing in a policy's equations, `r + discount P v - v`, by the states' numbers.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`.
        count_steps: Take 1 for every reward.
        v: float64 `[S]`.
        number: int32 `[S]`, -1: left out.
        wrong: float64 `[n]`, filled.
    """
    for s in range(model.n_states):
        if number[s] >= 0:
            total = 0.0
            for k in range(_n_terms(model)):
                weight, next_state, reward = _term(model, s, policy[s], k)
                if weight > 0:
                    total += weight * (1.0 if count_steps else reward)
                    if next_state >= 0:
                        total += weight * discount * v[next_state]
            wrong[number[s]] = total - v[s]


@jit
def fill_q(model: Any, discount: Any, v: Any, q: Any) -> None:
    """The value of every action, float64 `[S, A]`, from the values of the states."""
    for s in range(model.n_states):
        for a in range(model.n_actions):
            q[s, a] = _action_value(model, discount, v, s, a)


@jit
def absorbing(model: Any, ends: Any) -> None:
    """Find the states that nobody acts in: every action ends there without reward."""
    for s in range(model.n_states):
        ends[s] = True
        for i in range(
            s * model.n_actions * model.n_outcomes, (s + 1) * model.n_actions * model.n_outcomes
        ):
            outcome = model.outcomes[i]
            if outcome["next_state"] != ~s or outcome["reward"] != 0:
                ends[s] = False


@jit
def seed_ends(model: Any, loops: Any, v: Any, policy: Any, heap: Any, place: Any) -> int:
    """Begin `best_first` with the states from which one move can end an episode.

    Returns:
        States in the heap.
    """
    size = 0
    for s in range(model.n_states):
        v[s] = 0.0 if loops[s] else -np.inf
        place[s] = -1
        if loops[s]:
            policy[s] = STOP
        for a in range(model.n_actions):
            outcome = model.outcomes[s * model.n_actions + a]
            if outcome["next_state"] < 0 and outcome["reward"] > v[s]:
                v[s] = outcome["reward"]
                policy[s] = a
        if v[s] > -np.inf:
            heap[size] = s
            place[s] = size
            size += 1
    return size


@jit
def sweep_best(model: Any, discount: Any, policy: Any, order: Any, margin: Any, v: Any) -> float:
    """One Gauss-Seidel sweep of value iteration, in place.

    Args:
        model: The process.
        discount: Discount factor.
        policy: int32 `[S]`, raised to the best action; entries below 0 are left alone.
        order: int32 `[n]`, the states to visit.
        margin: Another action must be better by more than this.
        v: float64 `[S]`.

    Returns:
        The largest change.
    """
    largest = 0.0
    for i in range(order.size):
        s = order[i]
        if policy[s] < 0:
            continue
        best = _action_value(model, discount, v, s, policy[s])
        for a in range(model.n_actions):
            value = _action_value(model, discount, v, s, a)
            if value > best + margin:
                best = value
                policy[s] = a
        largest = max(largest, abs(best - v[s]))
        v[s] = best
    return largest


@jit
def allow_near_greedy(
    model: Any, discount: Any, v: Any, allowed: Any, margin: Any, near: Any
) -> None:
    """Which allowed actions are at most `margin` worse than the state's value, bool `[S * A]`."""
    for s in range(model.n_states):
        for a in range(model.n_actions):
            i = s * model.n_actions + a
            near[i] = allowed[i] and _action_value(model, discount, v, s, a) >= v[s] - margin


@jit
def allow_policy(model: Any, policy: Any, allowed: Any) -> None:
    """Allow the actions of a policy and no others, bool `[S * A]`."""
    for s in range(model.n_states):
        for a in range(model.n_actions):
            allowed[s * model.n_actions + a] = policy[s] == a
