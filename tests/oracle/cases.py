"""Small decision processes and batches to try kernels and oracle on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridworld.kernels.carried import Carried
from gridworld.kernels.codes import (
    DOUBLE_Q_LEARNING,
    EPSILON_GREEDY,
    FACTOR,
    LOWEST,
    ONE_STEP,
    SOFTMAX,
    STEADY,
    TABLE,
)
from gridworld.kernels.step import MdpTables
from gridworld.kernels.variant import Variant
from gridworld.records import AGENT, BIN

CODES = list(ONE_STEP)
OUTCOME = np.dtype([("next_state", "<i4"), ("reward", "<f4")])
ROOT = np.array([1234567890, 42, 2**32 - 1, 987654321], np.uint32)


@dataclass(frozen=True)
class Case:
    """A kind of kernel, and what it shall run on."""

    algorithm: int
    dynamics: int
    several_starts: bool = False
    n_actions: int = 4
    ties: int = LOWEST
    exploration: int = EPSILON_GREEDY
    schedule: int = FACTOR
    rate: int = STEADY
    noisy: bool = False
    uneven: bool = False

    @property
    def variant(self) -> Variant:
        """What its kernels are specialised by."""
        return Variant(
            self.algorithm,
            self.dynamics,
            self.n_actions,
            self.several_starts,
            ties=self.ties,
            exploration=self.exploration,
            schedule=self.schedule,
            rate=self.rate,
            noisy=self.noisy,
            uneven=self.uneven,
        )

    def tables(self, seed: int, n_states: int = 9, max_steps: int = 20) -> MdpTables:
        """A random decision process with rewards that are not exact in binary."""
        rng = np.random.default_rng(seed)
        n_outcomes = 3 if self.dynamics == TABLE else 1
        entries = n_states * self.n_actions * n_outcomes
        outcomes = np.zeros(entries, OUTCOME)
        outcomes["next_state"] = rng.integers(0, n_states, entries)
        ends = rng.random(entries) < 0.15
        outcomes["next_state"][ends] ^= -1
        outcomes["reward"] = rng.normal(size=entries)
        n_starts = int(rng.integers(2, 5)) if self.several_starts else 1
        return MdpTables(
            outcomes=outcomes,
            threshold=rng.integers(0, 2**32, entries, np.uint32),
            alias=rng.integers(0, n_outcomes, entries, np.int32),
            starts=rng.integers(0, n_states, n_starts, np.int32),
            start_threshold=_thresholds(rng, n_starts),
            start_alias=rng.integers(0, n_starts, n_starts, np.int32),
            max_steps=max_steps,
            slip=np.float32(0.3),
            reward_sd=rng.choice([0.0, 0.3, 2.0], entries) if self.noisy else np.zeros(0),
            available=self.available(n_states),
        )

    def available(self, n_states: int) -> npt.NDArray[np.int32]:
        """How many actions each state has."""
        if not self.uneven:
            return np.zeros(0, np.int32)
        return (1 + np.arange(n_states) % self.n_actions).astype(np.int32)


def _thresholds(rng: np.random.Generator, n: int) -> npt.NDArray[np.uint32]:
    if rng.random() < 0.5:
        return np.full(n, 2**32 - 1, np.uint32)
    return rng.integers(0, 2**32, n, np.uint32)


@dataclass
class Batch:
    """Agents, their tables and histories, and how often each entry of the tables was updated."""

    agents: npt.NDArray[np.void]
    q: npt.NDArray[np.float32]
    bins: npt.NDArray[np.void]
    updates: npt.NDArray[np.int32]

    @classmethod
    def random(
        cls, case: Case, tables: MdpTables, seed: int, n: int = 3, capacity: int = 4
    ) -> "Batch":
        """Agents with parameters and budgets of their own, not yet initialised."""
        rng = np.random.default_rng(seed)
        agents = np.zeros(n, AGENT)
        agents["learning_rate"] = rng.random(n)
        agents["discount_factor"] = rng.random(n)
        agents["epsilon"] = rng.random(n)
        agents["epsilon_decay"] = rng.choice([1.0, 0.9, 0.997], n)
        agents["epsilon_min"] = rng.choice([0.0, 0.05, 0.5], n)
        agents["temperature"] = rng.random(n) + 0.01
        agents["temperature_decay"] = rng.choice([1.0, 0.9], n)
        agents["temperature_min"] = rng.choice([0.001, 0.05], n)
        agents["exploration_episodes"] = rng.choice([1, 10, 100], n)
        agents["learning_rate_power"] = rng.choice([0.0, 0.5, 0.8, 1.0], n)
        agents["exploration_power"] = rng.choice([0.0, 0.5, 1.0, 1.7], n)
        explored = "temperature" if case.exploration == SOFTMAX else "epsilon"
        agents["schedule_first"] = agents[explored]
        agents["episode_limit"] = rng.choice([1, 30, 500, 2**40], n)
        agents["step_limit"] = rng.choice([700, 2**40], n)
        n_states = len(tables.outcomes) // case.n_actions // (3 if case.dynamics == TABLE else 1)
        n_tables = 2 if case.algorithm == DOUBLE_Q_LEARNING else 1
        q = np.empty((n, n_states, n_tables, case.n_actions), np.float32)
        q[:] = rng.choice([0.0, 0.5])
        if case.uneven:
            missing = np.arange(case.n_actions) >= tables.available[:, None]
            q.swapaxes(1, 2)[:, :, missing] = -np.inf
        updates = np.zeros((n, q[0].size), np.int32)
        return cls(agents, q, np.zeros((n, capacity), BIN), updates)

    def copy(self) -> "Batch":
        return Batch(self.agents.copy(), self.q.copy(), self.bins.copy(), self.updates.copy())

    def rows(self, rows: slice) -> "Batch":
        """A view of some agents."""
        return Batch(self.agents[rows], self.q[rows], self.bins[rows], self.updates[rows])

    @property
    def carried(self) -> tuple[object, ...]:
        """What kernels that count take more: no frame, no visits, and where to count."""
        return None, None, Carried(np.zeros((len(self.agents), 0), np.float32), self.updates)

    def __eq__(self, other: object) -> bool:
        """To the last bit."""
        return isinstance(other, Batch) and all(
            mine.tobytes() == theirs.tobytes()
            for mine, theirs in (
                (self.agents, other.agents),
                (self.q, other.q),
                (self.bins, other.bins),
                (self.updates, other.updates),
            )
        )
