"""Jitted: what an agent's record and history keep of its episodes, in bounded memory.

Everything here depends on the episodes and their order alone, not on chunks, threads or kernels.
Returns of at most FOLD episodes are summed in float32, then join the open bin in float64.
"""

from typing import Any

import numpy as np

from gridworld.kernels.codes import FOLD, INT32_MAX
from gridworld.kernels.jit import inlined, jit

__all__ = ["close_or_fold", "reset_bin", "until_fold"]

_INFINITY = np.float32(np.inf)


@inlined
def reset_bin(agents: Any, i: Any) -> None:
    """Begin a bin without episodes."""
    agent = agents[i]
    agent["bin_count"] = 0
    agent["bin_return_sum"] = 0.0
    agent["bin_length_sum"] = 0
    agent["bin_return_min"] = _INFINITY
    agent["bin_return_max"] = -_INFINITY
    agent["bin_length_min"] = INT32_MAX
    agent["bin_length_max"] = 0


@inlined
def until_fold(agent: Any) -> Any:
    """Episodes that the fold under way can still take, at least 1: int64."""
    return min(np.int64(FOLD), np.int64(agent["bin_width"] - agent["bin_count"])) - np.int64(
        agent["fold_count"]
    )


@jit
def close_or_fold(agents: Any, i: Any, bins: Any, steps: Any, epsilon: Any) -> None:
    """Add the fold to the open bin, and close the bin when it is full.

    Called after the episode with which `until_fold` would become 0.

    Args:
        agents: `AGENT[n]`.
        i: The agent.
        bins: `BIN[n, capacity]`, capacity even and at least 2.
        steps: The agent's steps, those of the episode included.
        epsilon: After that episode.
    """
    agent = agents[i]
    agent["bin_return_sum"] += np.float64(agent["fold_return_sum"])
    agent["bin_length_sum"] += steps - agent["fold_start_step"]
    agent["bin_count"] += np.int64(agent["fold_count"])
    agent["fold_start_step"] = steps
    agent["fold_count"] = 0
    agent["fold_return_sum"] = 0.0
    if agent["bin_count"] < agent["bin_width"]:
        return
    closed = agent["bins"]
    count = np.float64(agent["bin_count"])
    record = bins[i, closed]
    record["return_mean"] = np.float32(agent["bin_return_sum"] / count)
    record["return_min"] = agent["bin_return_min"]
    record["return_max"] = agent["bin_return_max"]
    record["length_mean"] = np.float32(np.float64(agent["bin_length_sum"]) / count)
    record["length_min"] = np.float32(agent["bin_length_min"])
    record["length_max"] = np.float32(agent["bin_length_max"])
    record["epsilon"] = epsilon
    closed += 1
    if closed == bins.shape[1]:
        closed //= 2
        _merge_neighbours(bins, i, closed)
        agent["bin_width"] *= 2
    agent["bins"] = closed
    reset_bin(agents, i)


@inlined
def _merge_neighbours(bins: Any, i: Any, pairs: Any) -> None:
    """Merge bins 2 j and 2 j + 1 of one agent into bin j."""
    half = np.float32(0.5)
    for j in range(pairs):
        left = bins[i, 2 * j]
        right = bins[i, 2 * j + 1]
        merged = bins[i, j]
        merged["return_mean"] = (left["return_mean"] + right["return_mean"]) * half
        merged["return_min"] = min(left["return_min"], right["return_min"])
        merged["return_max"] = max(left["return_max"], right["return_max"])
        merged["length_mean"] = (left["length_mean"] + right["length_mean"]) * half
        merged["length_min"] = min(left["length_min"], right["length_min"])
        merged["length_max"] = max(left["length_max"], right["length_max"])
        merged["epsilon"] = right["epsilon"]
