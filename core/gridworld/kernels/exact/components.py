"""Jitted: which states can reach each other."""

from typing import Any

from gridworld.kernels.codes import TABLE
from gridworld.kernels.jit import jit


@jit
def strong_components(
    model: Any, first: Any, order: Any, number: Any, lowest: Any, at: Any, path: Any
) -> int:
    """List the strongly connected components of a process, what comes later first.

    No state of a component can come to one of a component further down the list. Within one,
    states stand as the search leaves them, mostly after those that they lead to.
    Source: Tarjan 1972, "Depth-first search and linear graph algorithms", without recursion.

    Args:
        model: The process.
        first: int64 `[S + 1]`; component c is `order[first[c]:first[c + 1]]`.
        order: int32 `[S]`, filled.
        number: int32 `[S]`, scratch, all 0 before.
        lowest: int32 `[S]`, scratch.
        at: int64 `[S]`, scratch, all 0 before.
        path: int32 `[S]`, scratch.

    Returns:
        How many there are.
    """
    edges = model.n_actions * model.n_outcomes
    done = model.n_states + 1
    components = 0
    placed = 0
    visited = 0
    # `order` holds, from its end down, the states seen that have no component yet.
    waiting = model.n_states
    for root in range(model.n_states):
        if number[root] != 0:
            continue
        visited += 1
        number[root] = visited
        lowest[root] = visited
        path[0] = root
        depth = 1
        while depth > 0:
            s = path[depth - 1]
            if at[s] < edges:
                i = s * edges + at[s]
                at[s] += 1
                next_state = model.outcomes[i]["next_state"]
                # With slip, any of the four moves may happen.
                if next_state >= 0 and (model.dynamics != TABLE or model.probability[i] > 0):
                    if number[next_state] == 0:
                        visited += 1
                        number[next_state] = visited
                        lowest[next_state] = visited
                        path[depth] = next_state
                        depth += 1
                    elif number[next_state] < done:
                        lowest[s] = min(lowest[s], number[next_state])
                continue
            depth -= 1
            if depth > 0:
                lowest[path[depth - 1]] = min(lowest[path[depth - 1]], lowest[s])
            waiting -= 1
            order[waiting] = s
            if lowest[s] == number[s]:
                first[components] = placed
                components += 1
                # It is s, found first and left last, and what waits of those found after it.
                end = waiting
                while end < model.n_states and number[order[end]] >= number[s]:
                    end += 1
                count = end - waiting
                for i in range(count):
                    path[depth + i] = order[end - 1 - i]
                waiting = end
                for i in range(count):
                    number[path[depth + i]] = done
                    order[placed] = path[depth + i]
                    placed += 1
    first[components] = placed
    return components
