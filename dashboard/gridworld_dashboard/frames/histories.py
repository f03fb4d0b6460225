"""The episodes so far, as the charts draw them."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gridworld.history import (
    DEFAULT_BINS,
    History,
    average_over_agents,
    read_history,
    spread_over_agents,
)
from gridworld.records import BIN
from gridworld_dashboard.frames.numbers import pack

__all__ = ["chart_bins", "history_data"]

KINDS: Final = ("return", "length")

FIELDS: Final = (("mean", "mean"), ("min", "low"), ("max", "high"))
"""Of a bin, and what they are called on the way."""

MOST_BINS: Final = 512_000
"""Of all agents together: the charts put them in order again and again while training runs."""


def chart_bins(agents: int) -> int:
    """Episodes of each of so many agents that the charts tell one by one."""
    return min(DEFAULT_BINS, MOST_BINS // agents - 1)


def history_data(agents: npt.NDArray[np.void], bins: npt.NDArray[np.void]) -> dict[str, Any]:
    """Returns, lengths and epsilon (or temperature), little-endian float32, one for each bin.

    One agent: means of the bins, between the extremes in them. Many: the interquartile mean over
    the agents, between the quartiles; and the plain mean, between the ends of its interval.

    Args:
        agents: `AGENT[n]`.
        bins: `BIN[n, capacity]`.
    """
    found = read_history(agents[0], bins[0]) if len(agents) == 1 else _spread(agents, bins)
    data: dict[str, Any] = {
        "agents": len(agents),
        "width": found.width,
        "episodes": len(found.bins) * found.width,
    }
    for kind in KINDS:
        data[kind] = {name: pack(found.bins[f"{kind}_{field}"], "<f4") for field, name in FIELDS}
        data[f"rolling_{kind}"] = pack(found.rolling_mean(f"{kind}_mean"), "<f4")
    if len(agents) > 1:
        average = average_over_agents(agents, bins)
        for kind in KINDS:
            mean, margin = (part[f"{kind}_mean"] for part in (average.mean, average.margin))
            bounds = {"average": mean, "average_low": mean - margin, "average_high": mean + margin}
            data[kind] |= {name: pack(values, "<f4") for name, values in bounds.items()}
    data["epsilon"] = pack(found.bins["epsilon"], "<f4")
    return data


def _spread(agents: npt.NDArray[np.void], bins: npt.NDArray[np.void]) -> History:
    """All agents as if they were one, whose bins reach from quartile to quartile."""
    spread = spread_over_agents(agents, bins)
    together = np.zeros(len(spread.epsilon), BIN)
    for kind in KINDS:
        for field, name in FIELDS:
            together[f"{kind}_{field}"] = getattr(spread, f"{kind}_{name}")
    together["epsilon"] = spread.epsilon
    return History(spread.width, together)
