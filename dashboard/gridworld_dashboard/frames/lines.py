"""Curves of a whole run as a few points each: what stays in the charts of a run that is pinned."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gridworld.history import average_over_agents, read_history, spread_over_agents
from gridworld_dashboard.frames.numbers import pack

__all__ = ["MOST_POINTS", "lines_data"]

MOST_POINTS: Final = 250
"""Of a curve: a chart is some 350 pixels wide."""


def lines_data(agents: npt.NDArray[np.void], bins: npt.NDArray[np.void]) -> dict[str, Any]:
    """Returns, lengths and epsilon, little-endian float32, and the episodes that they are of.

    One agent: rolling means. Many: the plain mean over the agents, and that of their middle half.

    Args:
        agents: `AGENT[n]`.
        bins: `BIN[n, capacity]`, of the same moment.
    """
    lines: dict[str, tuple[npt.NDArray[np.float32], ...]]
    if len(agents) == 1:
        found = read_history(agents[0], bins[0])
        ends, epsilon = found.episodes, found.bins["epsilon"]
        lines = {kind: (found.rolling_mean(f"{kind}_mean"),) for kind in ("return", "length")}
    else:
        average, spread = average_over_agents(agents, bins), spread_over_agents(agents, bins)
        ends, epsilon = spread.episodes, spread.epsilon
        lines = {
            "return": (average.mean["return_mean"], spread.return_mean),
            "length": (average.mean["length_mean"], spread.length_mean),
        }
    most = min(len(ends), MOST_POINTS)
    kept = np.linspace(0, len(ends) - 1, most).round().astype(np.int64)  # the last one stays
    return {
        "ends": pack(ends[kept], "<f8"),
        "epsilon": pack(epsilon[kept], "<f4"),
        **{
            kind: {"mean": pack(each[0][kept], "<f4"), "middle": pack(each[-1][kept], "<f4")}
            for kind, each in lines.items()
        },
    }
