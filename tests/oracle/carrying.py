"""Methods that carry more than a Q-table: slow plain twins of their kernels."""

from typing import Any

import numpy as np
import numpy.typing as npt

import gridworld as gw
from gridworld.kernels.codes import INT32_MAX
from oracle.learner import F, Learner, Records

__all__ = ["Twin", "advance"]


class Twin(Learner):
    """One agent of a batch.

    Args:
        batch: Whose arrays it changes.
        row: Its row.
        visits: `VISIT[S]`, or None.
    """

    def __init__(self, batch: gw.Batch, row: int, visits: Records | None) -> None:
        mdp, rows = batch.mdp, slice(row, row + 1)
        super().__init__(
            batch.algorithm.code,
            mdp.dynamics,
            mdp.tables(),
            batch.agents[rows],
            batch.q[row],
            batch.bins[row],
        )
        self.visits = visits
        self.ahead = batch.algorithm.chooses_ahead
        self.values: npt.NDArray[np.float32] = self.q[:, 0]
        self.carried = batch.carried(row)
        self.options = batch.algorithm
        self.choose_by(batch.variant)
        if "updates" in self.carried:
            self.updates = self.carried["updates"].reshape(self.q.shape)
        self.discount = self.agent["discount_factor"][0]

    def step(self) -> None:
        agent = self.agent
        s, a = int(agent["state"][0]), int(agent["action"][0])
        if not self.ahead:
            a = self.behave(self.values[s])[0]
        reward, s2, terminated = self.environment(s, a)
        agent["steps"] += 1
        agent["length"] = min(int(agent["length"][0]) + 1, INT32_MAX)
        agent["episode_return"] += reward
        a2 = -1
        if self.ahead:
            a2 = self.behave(self.values[s2])[0]
            agent["action"] = a2
        ended = terminated or int(agent["length"][0]) == self.tables.max_steps
        self.learn(s, a, reward, s2, a2, terminated, ended)
        if self.visits is not None and terminated:
            self.visits["visits"][s2] += 1
        agent["state"] = s2
        if ended:
            self.end_episode()

    def learn(
        self, s: int, a: int, reward: Any, s2: int, a2: int, terminated: bool, ended: bool
    ) -> None:
        raise NotImplementedError

    def note(self, s: int, error: np.float32) -> None:
        """Count an update."""
        if self.visits is not None:
            self.visits["visits"][s] += 1
            self.visits["td_error"][s] = error


def advance(twin: type[Twin], batch: gw.Batch, n_steps: int, visits: Records | None = None) -> None:
    """Advance a batch as the kernels do; `visits` is `VISIT[n, S]`."""
    for row in range(len(batch.agents)):
        learner = twin(batch, row, None if visits is None else visits[row])
        for _ in range(n_steps):
            if learner.done:
                break
            learner.step()
        learner.agent["rng"] = learner.stream.words


ZERO, ONE = F(0), F(1)
