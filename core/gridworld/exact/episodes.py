"""Episodes of policies that do not learn, kept one by one or as sums."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gridworld.errors import InvalidValueError
from gridworld.memory import require_memory

__all__ = ["Evaluation", "Tally", "episode_root"]


_BYTES = 8 + 4 + 4
"""Of the figures of one episode."""


def episode_root(seed: int) -> npt.NDArray[np.uint32]:
    """What the streams of all episodes are made of, uint32 `[4]`: none is one of training."""
    root: npt.NDArray[Any] = np.random.SeedSequence(seed, spawn_key=(1,)).generate_state(
        4, np.uint32
    )
    return root


class Figures(NamedTuple):
    """Of single episodes.

    Attributes:
        returns: float64, sums of the rewards as declared.
        lengths: int32, steps.
        ends: int32, the state in which the episode terminated; -1: it was truncated.
    """

    returns: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]

    @classmethod
    def empty(cls, episodes: int) -> "Figures":
        """Room for so many, not filled."""
        return cls(np.empty(episodes), np.empty(episodes, np.int32), np.empty(episodes, np.int32))

    def part(self, begin: int, end: int) -> "Figures":
        """Views on some of them."""
        return Figures(self.returns[begin:end], self.lengths[begin:end], self.ends[begin:end])

    def reshape(self, shape: tuple[int, int]) -> "Figures":
        """The same in another shape."""
        return Figures(
            self.returns.reshape(shape), self.lengths.reshape(shape), self.ends.reshape(shape)
        )


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """Episodes of greedy policies.

    Attributes:
        episodes: Of each agent.
        return_mean: float64 `[agents]`, of the sums of the rewards as declared.
        return_std: float64 `[agents]`, their standard deviation (divided by n - 1; of a single
            episode NaN).
        return_min: float64 `[agents]`.
        return_max: float64 `[agents]`.
        length_mean: float64 `[agents]`, steps of an episode.
        length_std: float64 `[agents]`, as of the returns.
        length_min: int64 `[agents]`.
        length_max: int64 `[agents]`.
        ended: int64 `[agents]`, episodes that came to an end; the others were truncated.
        ends: int64 `[states]`, how many episodes of all agents terminated in each state.
        figures: Of every episode, `[agents, episodes]`; None where only sums are kept.
    """

    episodes: int
    return_mean: npt.NDArray[np.float64]
    return_std: npt.NDArray[np.float64]
    return_min: npt.NDArray[np.float64]
    return_max: npt.NDArray[np.float64]
    length_mean: npt.NDArray[np.float64]
    length_std: npt.NDArray[np.float64]
    length_min: npt.NDArray[np.int64]
    length_max: npt.NDArray[np.int64]
    ended: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    figures: Figures | None

    def __repr__(self) -> str:
        return (
            f"Evaluation({len(self.return_mean)} agents, {self.episodes} episodes each:"
            f" return {self.return_mean.mean():.6g}, length {self.length_mean.mean():.6g},"
            f" {self.ended.sum() / (self.episodes * len(self.ended)):.1%} came to an end)"
        )

    @property
    def returns(self) -> npt.NDArray[np.float64]:
        """Sums of the rewards as declared, float64 `[agents, episodes]`.

        Raises:
            InvalidValueError: Only sums are kept (`keep` of `evaluate`), here as below.
        """
        return self._kept("returns").returns

    @property
    def lengths(self) -> npt.NDArray[np.int32]:
        """Steps, int32 `[agents, episodes]`."""
        return self._kept("lengths").lengths

    @property
    def terminated(self) -> npt.NDArray[np.bool_]:
        """Whether the episode came to an end, bool `[agents, episodes]`; else it was truncated."""
        return self._kept("terminated").ends >= 0

    @property
    def truncated(self) -> npt.NDArray[np.bool_]:
        """Whether the episode was cut off, bool `[agents, episodes]`."""
        return self._kept("truncated").ends < 0

    def _kept(self, name: str) -> Figures:
        if self.figures is None:
            raise InvalidValueError(
                f"{name} must be kept to be read (keep='episodes'),"
                f" got the sums of {len(self.return_mean) * self.episodes:,} episodes"
            )
        return self.figures


class Tally:
    """Sums over blocks of episodes.

    Means and deviations are put together from those of blocks (Chan, Golub and LeVeque 1979), so
    that no difference of large sums takes their digits away.

    Args:
        agents: How many.
        episodes: Of each.
        n_states: Of the world.
        keep: Whether single episodes are kept as well.

    Raises:
        MemoryLimitError: They do not fit into the free memory.
    """

    def __init__(self, agents: int, episodes: int, n_states: int, keep: bool) -> None:
        self._agents, self._episodes = agents, episodes
        if keep:
            # by keep="sums" only a block of them is there at a time
            require_memory(
                "the figures of all episodes",
                f"{agents:,} agents x {episodes:,} episodes (keep='sums' keeps none)",
                agents * episodes * _BYTES,
            )
        self._all = Figures.empty(agents * episodes) if keep else None
        self._block = self._all
        self._count = np.zeros(agents, np.int64)
        self._mean = np.zeros((2, agents))
        self._squares = np.zeros((2, agents))
        self._min = np.full((2, agents), np.inf)
        self._max = np.full((2, agents), -np.inf)
        self._ended = np.zeros(agents, np.int64)
        self._ends = np.zeros(n_states, np.int64)

    def room(self, begin: int, end: int) -> Figures:
        """Where the figures of episodes go; number i is `i % episodes` of agent `i // episodes`."""
        if self._all is not None:
            self._block = self._all.part(begin, end)
        elif self._block is None or len(self._block.returns) != end - begin:
            self._block = Figures.empty(end - begin)
        assert self._block is not None
        return self._block

    def count(self, begin: int, end: int) -> None:
        """Add the episodes to which `room` was given."""
        assert self._block is not None
        returns, lengths, ends = self._block
        first, last = begin // self._episodes, (end - 1) // self._episodes
        agents = slice(first, last + 1)
        borders = np.arange(first, last + 1) * self._episodes - begin
        borders[0] = 0
        counts = np.diff(borders, append=end - begin)
        before = self._count[agents]
        total = before + counts
        for k, wide in enumerate((returns, lengths.astype(np.float64))):
            mean = np.add.reduceat(wide, borders) / counts
            spread = np.add.reduceat((wide - np.repeat(mean, counts)) ** 2, borders)
            shift = mean - self._mean[k, agents]
            self._mean[k, agents] += shift * counts / total
            self._squares[k, agents] += spread + shift**2 * before * counts / total
            self._min[k, agents] = np.minimum(
                self._min[k, agents], np.minimum.reduceat(wide, borders)
            )
            self._max[k, agents] = np.maximum(
                self._max[k, agents], np.maximum.reduceat(wide, borders)
            )
        self._count[agents] = total
        ended = ends >= 0
        self._ended[agents] += np.add.reduceat(ended, borders, dtype=np.int64)
        self._ends += np.bincount(ends[ended], minlength=len(self._ends))

    def result(self) -> Evaluation:
        """What was counted."""
        with np.errstate(invalid="ignore"):  # one episode has no deviation
            std = np.sqrt(self._squares / (self._count - 1))
        shape = (self._agents, self._episodes)
        return Evaluation(
            self._episodes,
            self._mean[0],
            std[0],
            self._min[0],
            self._max[0],
            self._mean[1],
            std[1],
            self._min[1].astype(np.int64),
            self._max[1].astype(np.int64),
            self._ended,
            self._ends,
            None if self._all is None else self._all.reshape(shape),
        )
