"""SARSA(lambda) and Watkins's Q(lambda): every step goes over the traces of the whole world."""

from typing import Any

import numpy as np

from gridworld.kernels.codes import SARSA_LAMBDA
from oracle.carrying import ONE, ZERO, Twin
from oracle.learner import F


class Traces(Twin):
    def learn(
        self, s: int, a: int, reward: Any, s2: int, a2: int, terminated: bool, ended: bool
    ) -> None:
        q, rate = self.values, self.rate(s, 0, a)
        e = self.carried["trace"].reshape(q.shape)
        old = self.carried["bootstrapped"]
        before, decay = q[s, a], self.discount * self.agent["trace_decay"][0]
        if self.algorithm == SARSA_LAMBDA:
            kind, value = self.options.traces, q[s2, a2]  # type: ignore[attr-defined]
        else:
            kind, value = "accumulating", q[s2].max()
            if before != q[s].max():
                decay = ZERO
        if terminated:
            value = ZERO
        error = reward + self.discount * value - before
        e *= decay
        e[e.max(axis=1) < F(1e-8)] = 0
        moved = before - old[0]
        step = rate * (error + moved) if kind == "dutch" else rate * error
        eligible = e.any(axis=1)
        q[eligible] += step * e[eligible]
        if kind == "accumulating":
            trace, after = e[s, a] + ONE, before + (rate * error) * (e[s, a] + ONE)
        elif kind == "replacing":
            trace, after = ONE, before + rate * error
        else:
            trace = e[s, a] + (ONE - rate * e[s, a])
            after = before + ((rate * error) * trace + (rate * moved) * (trace - ONE))
            old[0] = value
        q[s, a], e[s, a] = after, trace
        if ended:
            e[:], old[:] = 0, 0
        states = np.flatnonzero(e.any(axis=1))
        self.carried["eligible"][:] = 0
        self.carried["eligible"][: len(states)] = states
        self.carried["eligible_count"][:] = len(states)
        self.note(s, error)
