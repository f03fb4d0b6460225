"""n-step SARSA, n-step tree backup and Monte Carlo: the whole episode is at hand."""

from typing import Any

import numpy as np

from gridworld.kernels.codes import MONTE_CARLO, N_STEP_TREE_BACKUP, RANDOM, SOFTMAX
from oracle.carrying import ONE, ZERO, Twin
from oracle.learner import F


class Returns(Twin):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # (state, action, reward) of each step since the episode began, or the last of them
        self.past: list[tuple[int, int, np.float32]] = []
        n, length = self.n, int(self.agent["length"][0])
        for t in range(max(0, length - n), length):
            s, a = divmod(int(self.carried["pair"][t % n]), self.values.shape[1])
            self.past.append((s, a, self.carried["reward"][t % n]))

    @property
    def n(self) -> int:
        if self.algorithm == MONTE_CARLO:
            return len(self.carried["reward"])
        return int(self.agent["n_steps"][0])

    def learn(
        self, s: int, a: int, reward: Any, s2: int, a2: int, terminated: bool, ended: bool
    ) -> None:
        n, length = self.n, int(self.agent["length"][0])
        self.carried["pair"][(length - 1) % n] = s * self.values.shape[1] + a
        self.carried["reward"][(length - 1) % n] = reward
        self.carried["next"][0] = 0 if ended else length % n
        self.past = [*self.past, (s, a, reward)][-n:]
        if self.algorithm == N_STEP_TREE_BACKUP:
            behind = self.mean(s2)
        else:
            behind = ZERO if self.algorithm == MONTE_CARLO else self.values[s2, a2]
        behind = ZERO if terminated else behind
        if not ended:
            if len(self.past) == n:
                self.update(self.past, behind)
            return
        for t in range(len(self.past)):
            total = self.update(self.past[t:], behind)
            if self.algorithm != N_STEP_TREE_BACKUP:
                self.carried["reward"][(length - len(self.past) + t) % n] = total
        self.past = []

    def update(self, steps: list[tuple[int, int, np.float32]], behind: Any) -> Any:
        """Update the first pair of these steps; what it was updated towards."""
        total = behind
        for i in reversed(range(len(steps))):
            s, a, reward = steps[i]
            total = reward + self.discount * total
            if self.algorithm == N_STEP_TREE_BACKUP and i > 0:
                total = self.mean(s) + self.chance(s, a) * (total - self.values[s, a])
        s, a, _ = steps[0]
        error = total - self.values[s, a]
        self.values[s, a] += self.rate(s, 0, a) * error
        self.note(s, error)
        return total

    def mean(self, s: int) -> Any:
        return self.mean_of(self.values[s])

    def chance(self, s: int, a: int) -> Any:
        row, epsilon = self.values[s], self.agent["epsilon"][0]
        if self.exploration == SOFTMAX:
            return F(self.chances(row)[a])
        best = np.flatnonzero(row == row.max())
        chance = epsilon * F(1 / (row > -np.inf).sum())
        if self.ties == RANDOM:
            return chance + (ONE - epsilon) / F(len(best)) if a in best else chance
        return chance + (ONE - epsilon) if a == best[0] else chance
