"""What a training left behind."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm
from gridworld.batch import Batch
from gridworld.engine import kernel_of
from gridworld.errors import require
from gridworld.history import History, common_bins, read_history, spread_over_agents
from gridworld.mdp import Mdp
from gridworld.policy import Policy, greedy
from gridworld.world import GridWorld

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Run"]


class Run:
    """What a training left behind. Rows are agents.

    A run stays what it is: its arrays are copies, or cannot be written to, and going on from it
    makes another one.

    Args:
        batch: What was trained; copied where somebody could still change it.
        interrupted: Ctrl-C ended it before the budget was used up.
    """

    def __init__(self, batch: Batch, *, interrupted: bool = False) -> None:
        self._batch = batch if batch.is_sealed else batch.copy()
        self._interrupted = interrupted

    def __repr__(self) -> str:
        agents = self._batch.agents
        return (
            f"Run(world={self._batch.mdp.name!r}, algorithm={self._batch.algorithm.name!r},"
            f" agents={len(agents)}, episodes={agents['episodes'].sum()},"
            f" steps={agents['steps'].sum()}, kernel={self.kernel!r}"
            f"{', interrupted=True' if self.interrupted else ''})"
        )

    @property
    def batch(self) -> Batch:
        """All that was trained, for reading: `run.batch.copy()` can be changed.

        It is a view on the run's memory, and costs none of its own.
        """
        return self._batch.sealed()

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended it before the budget was used up."""
        return self._interrupted

    @property
    def algorithm(self) -> Algorithm:
        """The parameters as last given."""
        return self._batch.algorithm

    @property
    def world(self) -> GridWorld | Mdp:
        """What it was trained on: the grid world, or the process where there is no grid."""
        return self._batch.mdp.world or self._batch.mdp

    @property
    def seed(self) -> int:
        """The seed of all random streams."""
        return self._batch.seed

    @property
    def agents(self) -> int:
        """How many agents there are."""
        return len(self._batch.agents)

    @property
    def mdp(self) -> Mdp:
        """The world as arrays; `mdp.world` is the grid, None where there is none."""
        return self._batch.mdp

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The numbers of the agents, int64 `[agents]`."""
        return self._batch.numbers.copy()

    @property
    def q(self) -> npt.NDArray[np.float32]:
        """Q-tables, float32 `[agents, states, actions]` (Double Q-learning: the mean of two).

        For reading; `run.q.copy()` can be changed.
        """
        return self.batch.mean_q

    @property
    def episodes(self) -> npt.NDArray[np.int64]:
        """Complete episodes, int64 `[agents]`."""
        return self._batch.agents["episodes"].copy()

    @property
    def steps(self) -> npt.NDArray[np.int64]:
        """Steps, int64 `[agents]`."""
        return self._batch.agents["steps"].copy()

    @property
    def epsilon(self) -> npt.NDArray[np.float32]:
        """Present epsilon, float32 `[agents]`."""
        return self._batch.agents["epsilon"].copy()

    @property
    def bin_width(self) -> int:
        """Episodes behind each column of `returns` and `lengths`.

        1 while no agent has run more episodes than `bins` of `train` says (999); where one has, it
        doubles, again and again, so that there are at least half as many columns. It is the same
        for any number of agents, up to the 9,142 whose histories take 256 MB.
        """
        return common_bins(self._batch.agents, self._batch.bins, "return_mean")[0]

    @property
    def returns(self) -> npt.NDArray[np.float32]:
        """Undiscounted returns, float32 `[agents, bins]`: means over `bin_width` episodes.

        NaN where an agent ran fewer episodes than others.
        """
        return common_bins(self._batch.agents, self._batch.bins, "return_mean")[1]

    @property
    def lengths(self) -> npt.NDArray[np.float32]:
        """Steps of an episode, float32 `[agents, bins]`, as `returns`."""
        return common_bins(self._batch.agents, self._batch.bins, "length_mean")[1]

    @property
    def kernel(self) -> str:
        """Which kernel ran: `"vector"` or `"scalar"`."""
        return kernel_of(self._batch)

    def history(self, agent: int = 0) -> History:
        """Everything that was recorded of one agent: means, minima, maxima, epsilon."""
        return read_history(self._batch.agents[agent], self._batch.bins[agent])

    def policy(self, agent: int = 0, *, ties: str = "lowest") -> Policy:
        """The greedy policy of one agent; no action ties in states of which it knows nothing.

        Args:
            agent: Its row.
            ties: As of `gridworld.greedy`.
        """
        unknown = self._batch.initial_values(agent)
        policy = greedy(self._batch.row_q(agent), unknown=unknown, ties=ties)
        world = self._batch.mdp.world
        return policy if world is None else policy.on(world.array)

    def _repr_html_(self) -> str:
        from gridworld.pictures.board import board
        from gridworld.pictures.page import curve, page

        batch, world = self._batch, self._batch.mdp.world
        facts = {
            "algorithm": self.algorithm.title,
            "agents": f"{self.agents:,}",
            "seed": self.seed,
            "episodes": f"{int(self.episodes.sum()):,}",
            "steps": f"{int(self.steps.sum()):,}",
        }
        spread = spread_over_agents(batch.agents, batch.bins)
        pictures = ""
        if len(spread.episodes):
            band = (spread.return_low, spread.return_high) if self.agents > 1 else None
            label = "return: interquartile mean and quartiles" if band else "return"
            pictures = curve(spread.episodes, spread.return_mean, band, label=label)
        if world is not None:
            ties = self.policy(0).ties
            name = "greedy policy of the first agent"
            pictures += board(world.array, name=name, ties=ties)
        return page(f"run on {self.mdp.name}", facts, pictures)

    def table(self) -> "pa.Table":
        """What every agent went through, as a tidy table of Arrow: one row for each bin.

        `to_pandas()` of it is a data frame. Columns: `agent` (its number), `episode` (the last of
        the bin, counted from 1), `return` and `length` (means over `bin_width` episodes),
        `epsilon` (after the last of them), and the parameters that differ among the agents.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        require("tables", "experiments", "pyarrow")
        import pyarrow as pa

        batch = self._batch
        width, returns = common_bins(batch.agents, batch.bins, "return_mean")
        there = ~np.isnan(returns)
        row, column = np.nonzero(there)
        columns: dict[str, Any] = {
            "agent": batch.numbers[row],
            "episode": (column + 1) * width,
            "return": returns[there],
        }
        for key, field in (("length", "length_mean"), ("epsilon", "epsilon")):
            columns[key] = common_bins(batch.agents, batch.bins, field)[1][there]
        for each in self.algorithm.parameters():
            values = self.algorithm.column(each.key, self.agents)
            if (values != values[0]).any():
                key = each.key if each.key not in columns else f"{each.key}_given"
                columns[key] = values[row]
        return pa.table(columns)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a checkpoint, atomically.

        Raises:
            OSError: It cannot be written; an older file is left as it was.
        """
        from gridworld.store.checkpoint import save_checkpoint

        return save_checkpoint(path, self._batch)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Run":
        """Read a checkpoint.

        Raises:
            OSError: It cannot be read.
            FileError: It is not a whole checkpoint of this program.
        """
        from gridworld.store.checkpoint import load_checkpoint

        return cls(load_checkpoint(path)[0].sealed())
