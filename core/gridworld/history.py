"""Episode statistics in bounded memory, however many episodes run.

An agent fills bins of `width` consecutive episodes. When all bins are full, neighbours are
merged and the width doubles, so that the whole run stays in view at the finest resolution that
the memory allows. The kernels write the bins (`agents.BIN`); this module reads them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridworld.records import AGENT, BIN
from gridworld.validation import whole

__all__ = [
    "Average",
    "History",
    "Spread",
    "average_over_agents",
    "bin_capacity",
    "common_bins",
    "history_bytes",
    "read_history",
    "spread_over_agents",
]

DEFAULT_BINS = 999
"""Episodes of an agent that are told one by one: as many points as a chart can show."""

BUDGET_BYTES = 256_000_000
"""All histories of a batch together, where nobody says how fine they shall be. They are touched as
episodes end, so that short runs take little of it."""

MOST_BINS = 10**9


def bin_capacity(agents: int, bins: int | None = None) -> int:
    """Bins for each of `agents` agents: even, possibly 0.

    Args:
        agents: How many.
        bins: Episodes of an agent that have a bin of their own; 0: nothing is recorded. None: 999,
            or fewer where the histories of all would take more than 256 MB, that is above 9,142
            agents.

    Raises:
        InvalidValueError: It is no such number.
    """
    if bins is None:
        bins = min(DEFAULT_BINS, BUDGET_BYTES // (BIN.itemsize * max(agents, 1)) - 1)
        return max(bins + 1, 0) // 2 * 2
    bins = whole("bins", bins, 0, MOST_BINS)
    # Neighbours are put together as soon as the last bin is full.
    return (bins + 2) // 2 * 2 if bins else 0


Z_95 = 1.959964
"""So many standard errors to either side hold 95 % of a normal distribution."""


def history_bytes(agents: int, bins: int | None = None) -> int:
    """Bytes of the histories of so many agents; `bins` as of `bin_capacity`."""
    return agents * bin_capacity(agents, bins) * BIN.itemsize


@dataclass(frozen=True)
class History:
    """What one agent went through, bin by bin.

    Bin i covers episodes `[i * width, (i + 1) * width)`; only complete bins are listed.

    Attributes:
        width: Episodes in a bin.
        bins: `BIN[n]`.
    """

    width: int
    bins: npt.NDArray[np.void]

    @property
    def episodes(self) -> npt.NDArray[np.int64]:
        """The number of the last episode of each bin, counted from 1: int64 `[n]`."""
        return np.arange(1, len(self.bins) + 1, dtype=np.int64) * self.width

    def rolling_mean(self, field: str, window: int = 100) -> npt.NDArray[np.float32]:
        """Mean over the last `window` episodes (at least one bin), float32 `[n]`.

        Early bins average over what there is.
        """
        values = self.bins[field].astype(np.float64)
        span = max(1, round(window / self.width))
        total = np.cumsum(values)
        lagged = np.concatenate([np.zeros(min(span, len(total))), total[:-span]])
        count = np.minimum(np.arange(1, len(values) + 1), span)
        mean: npt.NDArray[np.float32] = ((total - lagged) / count).astype(np.float32)
        return mean


def read_history(agent: npt.NDArray[np.void], bins: npt.NDArray[np.void]) -> History:
    """A copy of one agent's closed bins.

    Args:
        agent: One record of `AGENT`.
        bins: Its row, `BIN[capacity]`.
    """
    return History(int(agent["bin_width"]), bins[: int(agent["bins"])].copy())


def common_bins(
    agents: npt.NDArray[np.void], bins: npt.NDArray[np.void], field: str
) -> tuple[int, npt.NDArray[np.float32]]:
    """One statistic of all agents on bins of one width.

    Agents that ran more episodes have wider bins; the others are averaged up to the widest.

    Args:
        agents: `AGENT[n]`.
        bins: `BIN[n, capacity]`.
        field: A mean of `BIN`, such as `"return_mean"`.

    Returns:
        The width, and float32 `[n, most bins]`, NaN where an agent has no such bin.
    """
    width, counts = _common_counts(agents)
    most = int(counts.max(initial=0))
    return width, _align(agents, bins, field, width, counts, most)


@dataclass(frozen=True)
class Spread:
    """What all agents of a batch went through: how a typical one does, and how far they differ.

    Bin i covers episodes `[i * width, (i + 1) * width)` of each agent.

    Attributes:
        agents: How many.
        width: Episodes in a bin.
        return_mean: float32 `[n]`, the interquartile mean over the agents.
        return_low: float32 `[n]`, the first quartile.
        return_high: float32 `[n]`, the third.
        length_mean: As of the returns, and so on.
        length_low: See there.
        length_high: See there.
        epsilon: float32 `[n]`, the plain mean.
    """

    agents: int
    width: int
    return_mean: npt.NDArray[np.float32]
    return_low: npt.NDArray[np.float32]
    return_high: npt.NDArray[np.float32]
    length_mean: npt.NDArray[np.float32]
    length_low: npt.NDArray[np.float32]
    length_high: npt.NDArray[np.float32]
    epsilon: npt.NDArray[np.float32]

    @property
    def episodes(self) -> npt.NDArray[np.int64]:
        """The number of the last episode of each bin, counted from 1: int64 `[n]`."""
        return np.arange(1, len(self.epsilon) + 1, dtype=np.int64) * self.width


def spread_over_agents(agents: npt.NDArray[np.void], bins: npt.NDArray[np.void]) -> Spread:
    """Interquartile means and quartiles over the agents, on bins that half of them have filled.

    The interquartile mean leaves out the lower and the upper fourth: it is as robust as the median
    and needs far fewer agents. Source: Agarwal et al. 2021, "Deep reinforcement learning at the
    edge of the statistical precipice".

    Args:
        agents: `AGENT[n]`, n at least 1.
        bins: `BIN[n, capacity]`, of the same moment.
    """
    width, counts = _common_counts(agents)
    half = (len(agents) + 1) // 2
    most = int(np.sort(counts)[len(agents) - half])
    counts = np.minimum(counts, most)
    series = [
        _align(agents, bins, field, width, counts, most)
        for field in ("return_mean", "length_mean", "epsilon")
    ]
    filled = np.count_nonzero(np.arange(most) < counts[:, None], axis=0)
    epsilon = np.nansum(series[2], axis=0, dtype=np.float64) / filled
    return Spread(
        len(agents),
        width,
        *_quartiles(series[0], filled),
        *_quartiles(series[1], filled),
        epsilon.astype(np.float32),
    )


@dataclass(frozen=True)
class Average:
    """Means over the agents of a batch, each with an interval for the mean of all such agents.

    Attributes:
        width: Episodes in a bin.
        mean: By field of `BIN`, float32 `[n]`.
        margin: float32 `[n]` each: the interval of 95 % reaches so far to either side (normal
            approximation; infinite of one agent).
    """

    width: int
    mean: dict[str, npt.NDArray[np.float32]]
    margin: dict[str, npt.NDArray[np.float32]]


def average_over_agents(
    agents: npt.NDArray[np.void],
    bins: npt.NDArray[np.void],
    fields: tuple[str, ...] = ("return_mean", "length_mean"),
) -> Average:
    """Plain means over the agents, on the bins of `spread_over_agents`.

    Of returns with two peaks, such as 0 and 1, a mean of the middle half is one peak or the other;
    the plain mean is the share of successes.

    Args:
        agents: `AGENT[n]`, n at least 1.
        bins: `BIN[n, capacity]`, of the same moment.
        fields: Which means.
    """
    width, counts = _common_counts(agents)
    half = (len(agents) + 1) // 2
    most = int(np.sort(counts)[len(agents) - half])
    counts = np.minimum(counts, most)
    filled = np.count_nonzero(np.arange(most) < counts[:, None], axis=0)
    means, margins = {}, {}
    for field in fields:
        values = _align(agents, bins, field, width, counts, most)
        mean = np.nansum(values, axis=0, dtype=np.float64) / filled
        squares = np.nansum((values - mean) ** 2, axis=0, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(squares / (filled - 1) / filled)
        means[field] = mean.astype(np.float32)
        margins[field] = np.where(filled > 1, Z_95 * error, np.inf).astype(np.float32)
    return Average(width, means, margins)


def _common_counts(agents: npt.NDArray[np.void]) -> tuple[int, npt.NDArray[np.int64]]:
    """The widest agent's bin, and how many such bins each agent has filled."""
    if agents.dtype != AGENT:
        raise TypeError(f"agents must be an array of AGENT, got {agents.dtype}")
    width = int(agents["bin_width"].max(initial=1))
    return width, agents["bins"] * agents["bin_width"] // width


def _align(
    agents: npt.NDArray[np.void],
    bins: npt.NDArray[np.void],
    field: str,
    width: int,
    counts: npt.NDArray[np.int64],
    most: int,
) -> npt.NDArray[np.float32]:
    """One field on bins of one width, float32 `[n, most]`, NaN behind an agent's count.

    Narrower bins are averaged; of epsilon the last counts.
    """
    factors = width // agents["bin_width"]
    out = np.full((len(agents), most), np.nan, np.float32)
    present = np.unique(factors)
    for factor in present:
        rows = np.flatnonzero(factors == factor) if len(present) > 1 else slice(None)
        columns = int(counts[rows].max())
        values = bins[field][rows, : columns * factor]
        if factor > 1:
            groups = values.reshape(len(values), columns, factor)
            values = groups[..., -1] if field == "epsilon" else groups.mean(axis=2)
        filled = np.arange(columns) < counts[rows, None]
        out[rows, :columns] = np.where(filled, values, np.nan)
    return out


def _quartiles(
    values: npt.NDArray[np.float32], filled: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Interquartile mean, first and third quartile over the agents, float32 `[bins]` each.

    Args:
        values: float32 `[agents, bins]`, NaN where there is none.
        filled: How many there are in each bin, at least 1.
    """
    ordered = np.sort(values.T.copy(), axis=1)  # NaN comes last
    bins = np.arange(len(ordered))
    cut = filled // 4
    mean = np.array(
        [
            row[left : count - left].mean(dtype=np.float64)
            for row, left, count in zip(ordered, cut, filled, strict=True)
        ]
    )
    bounds = []
    for share in (0.25, 0.75):
        place = share * (filled - 1)
        below = place.astype(np.int64)
        above = np.minimum(below + 1, filled - 1)
        low, high = ordered[bins, below], ordered[bins, above]
        bounds.append((low + (high - low) * (place - below)).astype(np.float32))
    return mean.astype(np.float32), bounds[0], bounds[1]
