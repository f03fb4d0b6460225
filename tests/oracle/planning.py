"""Dyna-Q, Dyna-Q+ and prioritized sweeping, with a dictionary for the model and for the queue."""

from typing import Any

import numpy as np

from gridworld.kernels.codes import DYNA_Q_PLUS, PRIORITIZED_SWEEPING
from oracle.carrying import ZERO, Twin
from oracle.learner import F


class Planning(Twin):
    @property
    def n_planned(self) -> int:
        return int(self.agent["planning_steps"][0])

    def goal(self, pair: int, bonus: Any = None) -> Any:
        """What a pair is updated towards, by what is remembered of it."""
        outcome = int(self.carried["outcome"][pair])
        reward = self.carried["reward"][pair]
        value = self.values[outcome - 1].max() if outcome > 0 else ZERO
        return (reward if bonus is None else reward + bonus) + self.discount * value

    def update(self, pair: int, target: Any) -> None:
        s, a = divmod(pair, self.values.shape[1])
        error = target - self.values[s, a]
        self.values[s, a] += self.rate(s, 0, a) * error
        self.note(s, error)

    def learn(
        self, s: int, a: int, reward: Any, s2: int, a2: int, terminated: bool, ended: bool
    ) -> None:
        n_actions, carried = self.values.shape[1], self.carried
        pair, now = s * n_actions + a, int(self.agent["steps"][0])
        known = [int(x) for x in carried["known"][: int(carried["known_count"][0])]]
        plus = self.algorithm == DYNA_Q_PLUS
        if carried["outcome"][pair] == 0:
            there = np.flatnonzero(self.values[s] > -np.inf)
            new = [s * n_actions + int(b) for b in there] if plus else [pair]
            for other in new:
                carried["outcome"][other] = s + 1
            known += new
        carried["outcome"][pair] = ~s2 if terminated else s2 + 1
        carried["reward"][pair] = reward
        self.update(pair, self.goal(pair))
        carried["known"][: len(known)], carried["known_count"][0] = known, len(known)
        if plus:
            carried["tried"][pair] = now
        for _ in range(self.n_planned):
            chosen = known[(self.stream.bits() * len(known)) >> 32]
            bonus = None
            if plus:
                since = now - int(carried["tried"][chosen])
                bonus = self.agent["exploration_bonus"][0] * np.sqrt(F(since))
            self.update(chosen, self.goal(chosen, bonus))


class Sweeping(Planning):
    def learn(
        self, s: int, a: int, reward: Any, s2: int, a2: int, terminated: bool, ended: bool
    ) -> None:
        assert self.algorithm == PRIORITIZED_SWEEPING
        n_actions, carried = self.values.shape[1], self.carried
        pair = s * n_actions + a
        carried["outcome"][pair] = ~s2 if terminated else s2 + 1
        carried["reward"][pair] = reward
        waiting = {int(p): carried["priority"][p] for p in np.flatnonzero(carried["place"])}
        self.consider(pair, waiting)
        for _ in range(self.n_planned):
            if not waiting:
                break
            chosen = max(waiting, key=lambda p: (waiting[p], -p))
            del waiting[chosen]
            self.update(chosen, self.goal(chosen))
            state = chosen // n_actions
            for other in np.flatnonzero(carried["outcome"] == state + 1):
                self.consider(int(other), waiting)
        carried["priority"][:], carried["place"][:], carried["queue"][:] = 0, 0, 0
        for p, priority in waiting.items():
            carried["priority"][p], carried["place"][p] = priority, 1
        carried["queue"][: len(waiting)] = sorted(waiting)
        carried["queue_count"][0] = len(waiting)

    def consider(self, pair: int, waiting: dict[int, np.float32]) -> None:
        s, a = divmod(pair, self.values.shape[1])
        priority = abs(self.goal(pair) - self.values[s, a])
        if priority > self.agent["priority_threshold"][0]:
            waiting[pair] = max(priority, waiting.get(pair, priority))
