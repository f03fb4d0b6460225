"""Which states lead to which, and whether episodes can end."""

import numpy as np
import numpy.typing as npt

from gridworld.kernels.exact import graph
from gridworld.kernels.exact.model import NONE, Model

__all__ = ["endless_state", "predecessors"]


def predecessors(model: Model) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """The states that lead to each state.

    Returns:
        `first`, int64 `[S + 2]`, and `source`, int32 `[moves]`: to state s lead
        `source[first[s]:first[s + 1]]`, with repetitions.
    """
    first = np.zeros(model.n_states + 2, np.int64)
    graph.count_predecessors(model, first)
    np.cumsum(first, out=first)
    source = np.empty(first[-1], np.int32)
    graph.fill_predecessors(model, first, source)
    return first, source


def endless_state(model: Model, starts: npt.NDArray[np.int32]) -> int | None:
    """A state that episodes can enter and from which no actions lead to an end.

    Args:
        model: The process.
        starts: int32 `[n]`, the states in which episodes begin.

    Returns:
        A start where there is such a one, else the lowest of these states; None: there is none.
    """
    n = model.n_states
    policy, queue = np.empty(n, np.int32), np.empty(n, np.int32)
    allowed, loops = np.ones(n * model.n_actions, np.bool_), np.zeros(n, np.bool_)
    first, source = predecessors(model)
    if graph.attract(model, first, source, loops, allowed, policy, queue) == n:
        return None
    entered = loops  # not needed any more, and all false
    graph.reachable(model, starts, entered, queue)
    endless = entered & (policy == NONE)
    if not endless.any():
        return None
    return int((starts[endless[starts]] if endless[starts].any() else endless.nonzero()[0])[0])
