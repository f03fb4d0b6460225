"""What the shown agent has learnt, and what all went through, at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from gridworld.live.shown import Shown
from gridworld.tables import LAYERS
from gridworld.world import GridWorld

__all__ = ["Learnt", "goals_data", "moment_data"]

_SHOWN: Final = {layer.carries for layer in LAYERS if layer.carries}
"""Of what agents carry beside their Q-tables, what a layer shows."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What the shown agent has learnt and what all went through, copied between two chunks.

    Attributes:
        status: `STATUS[1]`.
        world: Where it learns.
        q: float32 `[states, actions]`.
        initial_value: Every entry of `q` at the start.
        visits: int64 `[states]`, updates made in each, or arrivals where episodes end.
        td_error: float32 `[states]`, the last ones, NaN where none was made.
        agents: `AGENT[n]`.
        bins: `BIN[n, most]`, the closed bins of all agents.
        carried: What layers show of what it carries beside `q`, by the keys of its sections.
    """

    status: npt.NDArray[np.void]
    world: GridWorld
    q: npt.NDArray[np.float32]
    initial_value: float
    visits: npt.NDArray[np.int64]
    td_error: npt.NDArray[np.float32]
    agents: npt.NDArray[np.void]
    bins: npt.NDArray[np.void]
    carried: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    @property
    def eligibility(self) -> npt.NDArray[np.float32] | None:
        """The largest trace of each state, float32 `[states]`; None: it has none."""
        traces = self.carried.get("trace")
        if traces is None:
            return None
        largest: npt.NDArray[np.float32] = traces.reshape(self.q.shape).max(axis=1)
        return largest

    @property
    def model(self) -> npt.NDArray[np.float32] | None:
        """Of how many actions of each state it knows an outcome, float32 `[states]`; or None."""
        outcomes = self.carried.get("outcome")
        if outcomes is None:
            return None
        known: npt.NDArray[np.float32]
        known = (outcomes.reshape(self.q.shape) != 0).sum(axis=1, dtype=np.float32)
        return known

    @classmethod
    def of(cls, shown: Shown) -> "Learnt":
        """A copy of what is known of an agent."""
        batch, visits = shown.batch, shown.visits
        assert visits is not None
        assert batch.mdp.world is not None
        most = int(batch.agents["bins"].max())
        return cls(
            status=shown.status.copy(),
            world=batch.mdp.world,
            q=batch.row_q(shown.row).copy(),
            initial_value=batch.initial_values(shown.row),
            visits=visits["visits"].copy(),
            td_error=visits["td_error"].copy(),
            agents=batch.agents.copy(),
            bins=batch.bins[:, :most].copy(),
            carried={
                key: each.copy() for key, each in batch.carried(shown.row).items() if key in _SHOWN
            },
        )

    @property
    def run(self) -> int:
        """The run."""
        return int(self.status["run"][0])

    @property
    def shown(self) -> int:
        """Row of the agent."""
        return int(self.status["shown"][0])

    @property
    def all_steps(self) -> int:
        """Steps of all agents."""
        return int(self.status["all_steps"][0])


def moment_data(learnt: Learnt) -> dict[str, int]:
    """How far the shown agent was then."""
    status = learnt.status[0]
    return {key: int(status[key]) for key in ("total_episodes", "total_steps")}


def goals_data(learnt: Learnt) -> int:
    """Arrivals of the shown agent at goals."""
    return int(learnt.visits[learnt.world.goals].sum())
