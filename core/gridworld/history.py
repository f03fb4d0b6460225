"""Episode statistics in bounded memory, however many episodes run.

An agent fills bins of `width` consecutive episodes. When all bins are full, neighbours are
merged and the width doubles, so that the whole run stays in view at the finest resolution that
the memory allows. The kernels write the bins (`agents.BIN`); this module reads them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridworld.agents import AGENT, BIN

__all__ = ["History", "bin_capacity", "common_bins", "read_history"]

BUDGET_BYTES = 16_000_000
"""All histories of a batch together."""

MAX_BINS = 1000
"""Bins of one agent at the most: as many points as a chart can show."""


LARGE_BATCH = 512
"""Batches of more agents keep coarser histories: each bin that closes interrupts the vector kernel,
which in short runs would cost more than the learning."""

LARGE_BATCH_BINS = 128


def bin_capacity(agents: int) -> int:
    """Bins for each of `agents` agents, within the memory budget: even, possibly 0."""
    most = MAX_BINS if agents <= LARGE_BATCH else LARGE_BATCH_BINS
    return int(min(most, BUDGET_BYTES // (BIN.itemsize * max(agents, 1)))) // 2 * 2


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
    if agents.dtype != AGENT:
        raise TypeError(f"agents must be an array of AGENT, got {agents.dtype}")
    width = int(agents["bin_width"].max(initial=1))
    counts = agents["bins"] * agents["bin_width"] // width
    most = int(counts.max(initial=0))
    out = np.full((len(agents), most), np.nan, np.float32)
    for factor in np.unique(width // agents["bin_width"]):
        rows = np.flatnonzero(width // agents["bin_width"] == factor)
        columns = int(counts[rows].max())
        values = bins[field][rows, : columns * factor].reshape(len(rows), columns, factor)
        filled = np.arange(columns) < counts[rows, None]
        out[rows[:, None], np.arange(columns)] = np.where(filled, values.mean(axis=2), np.nan)
    return width, out
