"""Jitted: which states lead where, and what can be reached."""

from typing import Any

import numpy as np

from gridworld.kernels.exact.model import NONE, STOP, action_value, leads_to, n_terms, term
from gridworld.kernels.jit import jit


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
            for k in range(n_terms(model)):
                weight, next_state, reward = term(model, s, a, k)
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
                if usable[j] and leads_to(model, s, a, lost):
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
                for k in range(n_terms(model)):
                    weight, next_state, _ = term(model, s, a, k)
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
                if allowed[s * model.n_actions + a] and leads_to(model, s, a, target):
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
            for k in range(n_terms(model)):
                weight, next_state, _ = term(model, s, a, k)
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
            for k in range(n_terms(model)):
                weight, next_state, reward = term(model, s, a, k)
                if weight > 0 and next_state >= 0 and policy[next_state] == NONE and reward > 0:
                    return True
    return False


@jit
def allow_near_greedy(
    model: Any, discount: Any, v: Any, allowed: Any, margin: Any, near: Any
) -> None:
    """Which allowed actions are at most `margin` worse than the state's value, bool `[S * A]`."""
    for s in range(model.n_states):
        for a in range(model.n_actions):
            i = s * model.n_actions + a
            near[i] = allowed[i] and action_value(model, discount, v, s, a) >= v[s] - margin


@jit
def allow_policy(model: Any, policy: Any, allowed: Any) -> None:
    """Allow the actions of a policy and no others, bool `[S * A]`."""
    for s in range(model.n_states):
        for a in range(model.n_actions):
            allowed[s * model.n_actions + a] = policy[s] == a


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
def reachable(model: Any, starts: Any, found: Any, queue: Any) -> int:
    """Find the states that can be entered from some states, by any actions.

    Args:
        model: The process.
        starts: int32 `[n]`, found from the first.
        found: bool `[S]`, all false before; filled.
        queue: int32 `[S]`, scratch.

    Returns:
        How many were found.
    """
    tail = 0
    for s in starts:
        if not found[s]:
            found[s] = True
            queue[tail] = s
            tail += 1
    head = 0
    while head < tail:
        s = queue[head]
        head += 1
        for a in range(model.n_actions):
            for k in range(n_terms(model)):
                weight, next_state, _ = term(model, s, a, k)
                if weight > 0 and next_state >= 0 and not found[next_state]:
                    found[next_state] = True
                    queue[tail] = next_state
                    tail += 1
    return tail


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
                _, next_state, reward = term(model, s, a, 0)
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
