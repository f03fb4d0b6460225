"""The agents: one step written out for each algorithm."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.kernels.codes import (
    BY_COUNT,
    DOUBLE_Q_LEARNING,
    EPSILON_GREEDY,
    EXPECTED_SARSA,
    FACTOR,
    FOLD,
    INT32_MAX,
    INVERSE,
    LINEAR,
    LOWEST,
    Q_LEARNING,
    RANDOM,
    SARSA,
    SLIP,
    SOFTMAX,
    STEADY,
    TABLE,
)
from gridworld.kernels.variant import Variant
from oracle.random import Stream, unit

F = np.float32

Records = npt.NDArray[np.void]


def initialise(
    tables: Any,
    agents: Records,
    q: npt.NDArray[np.float32],
    root: npt.NDArray[np.uint32],
    numbers: npt.NDArray[np.int64],
    variant: Variant,
) -> None:
    for i in range(len(agents)):
        agent = agents[i : i + 1]
        stream = Stream.seeded(root, int(numbers[i]))
        state = _start(tables, stream)
        action = -1
        if variant.algorithm == SARSA:
            learner = Learner(SARSA, variant.dynamics, tables, agent, q[i], agent)
            learner.choose_by(variant)
            learner.stream = stream
            action = learner.behave(q[i, state, 0])[0]
        agent["rng"] = stream.words
        agent["state"], agent["action"] = state, action
        for name in ("length", "episode_return", "episodes", "steps", "fold_count"):
            agent[name] = 0
        for name in ("fold_return_sum", "fold_start_step", "bins"):
            agent[name] = 0
        agent["bin_width"] = 1
        _new_bin(agent)


def advance(
    algorithm: int,
    dynamics: int,
    tables: Any,
    agents: Records,
    q: npt.NDArray[np.float32],
    bins: Records,
    n_steps: int,
    visits: Records | None = None,
    variant: Variant | None = None,
    updates: npt.NDArray[np.int32] | None = None,
) -> None:
    """What the kernels do, for all agents, without a stop word.

    `visits` is `VISIT[n, S]`, where each agent's updates are recorded; `updates` int32 `[n, ...]`
    counts those of every entry of `q`, where the learning rate goes by them.
    """
    for i in range(len(agents)):
        learner = Learner(algorithm, dynamics, tables, agents[i : i + 1], q[i], bins[i])
        learner.visits = visits[i] if visits is not None else None
        if variant is not None:
            learner.choose_by(variant)
        if updates is not None:
            learner.updates = updates[i].reshape(q[i].shape)
        for _ in range(n_steps):
            if learner.done:
                break
            learner.step()
        learner.agent["rng"] = learner.stream.words


class Learner:
    def __init__(
        self,
        algorithm: int,
        dynamics: int,
        tables: Any,
        agent: Records,
        q: npt.NDArray[np.float32],
        bins: Records,
    ) -> None:
        self.algorithm, self.dynamics, self.tables = algorithm, dynamics, tables
        self.agent, self.q, self.bins = agent, q, bins
        self.stream = Stream(agent["rng"][0])
        self.visits: Records | None = None
        self.ahead = algorithm == SARSA
        self.ties, self.exploration, self.schedule = LOWEST, EPSILON_GREEDY, FACTOR
        self.rates = STEADY
        self.updates: npt.NDArray[np.int32] | None = None

    def choose_by(self, variant: Variant) -> None:
        """Take over how it explores."""
        self.ties, self.exploration = variant.ties, variant.exploration
        self.schedule, self.rates = variant.schedule, variant.rate

    def rate(self, s: int, table: int, a: int) -> np.float32:
        """The learning rate of an update, which counts."""
        first: np.float32 = self.agent["learning_rate"][0]
        if self.rates != BY_COUNT:
            return first
        assert self.updates is not None
        n = int(self.updates[s, table, a]) + 1
        self.updates[s, table, a] = n
        return F(float(first) / n ** float(self.agent["learning_rate_power"][0]))

    def behave(self, values: npt.NDArray[np.float32]) -> tuple[int, int]:
        if self.exploration == SOFTMAX:
            return self.softmax(values)
        return _behave(values, self.agent["epsilon"][0], self.stream, self.ties)

    def mean_of(self, row: npt.NDArray[np.float32]) -> np.float32:
        """What the policy is worth in a state."""
        if self.exploration == SOFTMAX:
            finite = row > -np.inf
            return F(self.chances(row)[finite] @ row[finite].astype(np.float64))
        there = row[row > -np.inf]
        epsilon, total = self.agent["epsilon"][0], row[0]
        for x in there[1:]:
            total = total + x
        mean = total * F(1 / len(there))
        result: np.float32 = (F(1) - epsilon) * row.max() + epsilon * mean
        return result

    def chances(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Of softmax; two tables are summed where their mean is meant."""
        heat = float(self.agent["temperature"][0]) * (2 if len(self.q[0]) == 2 else 1)
        best = float(values.max())
        weights = np.array([math.exp((float(x) - best) / heat) for x in values])
        return np.asarray(weights / math.fsum(weights))

    def softmax(self, values: npt.NDArray[np.float32]) -> tuple[int, int]:
        bits, n = self.stream.bits(), int((values > -np.inf).sum())
        if n & (n - 1):
            self.stream.bits()
        reached = np.cumsum(self.chances(values))
        return int(np.searchsorted(reached, bits / 2**32, side="right")), bits

    @property
    def done(self) -> bool:
        agent = self.agent[0]
        return bool(
            agent["episodes"] >= agent["episode_limit"] or agent["steps"] >= agent["step_limit"]
        )

    def step(self) -> None:
        agent = self.agent
        s = int(agent["state"][0])
        a, bits = int(agent["action"][0]), 0
        if not self.ahead:
            a, bits = self.behave(self.behaviour(s))
        reward, s2, terminated = self.environment(s, a)
        agent["steps"] += 1
        agent["length"] = min(int(agent["length"][0]) + 1, INT32_MAX)
        agent["episode_return"] += reward

        table = 0
        if self.algorithm == Q_LEARNING:
            value = self.q[s2, 0].max()
        elif self.algorithm == EXPECTED_SARSA:
            value = self.mean_of(self.q[s2, 0])
        elif self.algorithm == SARSA:
            a2 = self.behave(self.q[s2, 0])[0]
            agent["action"] = a2
            value = self.q[s2, 0, a2]
        else:
            table = (bits >> 7) & 1
            value = self.q[s2, 1 - table, _greedy(self.q[s2, table], self.stream, self.ties)]
        target = reward + agent["discount_factor"][0] * (F(0) if terminated else value)
        old = self.q[s, table, a]
        self.q[s, table, a] = old + self.rate(s, table, a) * (target - old)

        if self.visits is not None:
            self.visits["visits"][s] += 1
            self.visits["td_error"][s] = target - old
            if terminated:
                self.visits["visits"][s2] += 1

        agent["state"] = s2
        if terminated or int(agent["length"][0]) == self.tables.max_steps:
            self.end_episode()

    def behaviour(self, s: int) -> npt.NDArray[np.float32]:
        values: npt.NDArray[np.float32] = self.q[s, 0]
        if self.algorithm == DOUBLE_Q_LEARNING:
            values = values + self.q[s, 1]
        return values

    def environment(self, s: int, a: int) -> tuple[np.float32, int, bool]:
        tables, n_actions = self.tables, self.q.shape[2]
        if self.dynamics == SLIP:
            bits = self.stream.bits()
            if unit(bits) < tables.slip:
                first = 2 if a < 2 else 0  # the perpendicular pair: left, right or up, down
                a = first + bits % 2
        k = s * n_actions + a
        if self.dynamics == TABLE:
            n = len(tables.outcomes) // (self.q.shape[0] * n_actions)
            part = slice(k * n, (k + 1) * n)
            k = k * n + self.stream.categorical(tables.threshold[part], tables.alias[part])
        entered = int(tables.outcomes["next_state"][k])
        reward = tables.outcomes["reward"][k]
        if len(tables.reward_sd):
            quantile = NormalDist().inv_cdf((self.stream.bits() + 0.5) / 2**32)
            reward = F(float(reward) + float(tables.reward_sd[k]) * quantile)
        return reward, max(entered, ~entered), entered < 0

    def end_episode(self) -> None:
        agent = self.agent
        agent["episodes"] += 1
        start = _start(self.tables, self.stream)
        self.change_exploration()
        if self.ahead:
            agent["action"] = self.behave(self.q[start, 0])[0]
        if len(self.bins):
            self.count_episode()
        agent["state"], agent["length"], agent["episode_return"] = start, 0, 0

    def change_exploration(self) -> None:
        agent = self.agent[0]
        name = "temperature" if self.exploration == SOFTMAX else "epsilon"
        value, lowest, first = agent[name], agent[f"{name}_min"], agent["schedule_first"]
        k = int(agent["episodes"] - agent["schedule_since"])
        if self.schedule == FACTOR:
            value = max(min(lowest, value), value * agent[f"{name}_decay"])
        elif self.schedule == LINEAR:
            n, floor = int(agent["exploration_episodes"]), min(lowest, first)
            value = floor if k >= n else max(floor, first + (floor - first) * (F(k) / F(n)))
        elif self.schedule == INVERSE:
            value = F(float(first) / (k + 1) ** float(agent["exploration_power"]))
        self.agent[name] = value

    def count_episode(self) -> None:
        agent = self.agent
        got, length = agent["episode_return"][0], agent["length"][0]
        agent["fold_count"] += 1
        agent["fold_return_sum"] += got
        agent["bin_return_min"] = min(agent["bin_return_min"][0], got)
        agent["bin_return_max"] = max(agent["bin_return_max"][0], got)
        agent["bin_length_min"] = min(agent["bin_length_min"][0], length)
        agent["bin_length_max"] = max(agent["bin_length_max"][0], length)
        full = agent["bin_count"][0] + agent["fold_count"][0] == agent["bin_width"][0]
        if not full and agent["fold_count"][0] != FOLD:
            return
        agent["bin_return_sum"] += np.float64(agent["fold_return_sum"][0])
        agent["bin_length_sum"] += agent["steps"] - agent["fold_start_step"]
        agent["bin_count"] += agent["fold_count"]
        agent["fold_start_step"] = agent["steps"]
        agent["fold_count"] = agent["fold_return_sum"] = 0
        if full:
            self.close_bin()

    def close_bin(self) -> None:
        agent, n = self.agent, int(self.agent["bins"][0])
        count = np.float64(agent["bin_count"][0])
        self.bins[n] = (
            F(agent["bin_return_sum"][0] / count),
            agent["bin_return_min"][0],
            agent["bin_return_max"][0],
            F(np.float64(agent["bin_length_sum"][0]) / count),
            agent["bin_length_min"][0],
            agent["bin_length_max"][0],
            agent["temperature" if self.exploration == SOFTMAX else "epsilon"][0],
        )
        n += 1
        if n == len(self.bins):
            left, right = self.bins[0::2].copy(), self.bins[1::2].copy()
            n //= 2
            merged = self.bins[:n]
            for name in ("return_mean", "length_mean"):
                merged[name] = (left[name] + right[name]) * F(0.5)
            for name in ("return_min", "length_min"):
                merged[name] = np.minimum(left[name], right[name])
            for name in ("return_max", "length_max"):
                merged[name] = np.maximum(left[name], right[name])
            merged["epsilon"] = right["epsilon"]
            agent["bin_width"] *= 2
        agent["bins"] = n
        _new_bin(agent)


def _new_bin(agent: Records) -> None:
    agent["bin_count"] = agent["bin_return_sum"] = agent["bin_length_sum"] = 0
    agent["bin_return_min"], agent["bin_return_max"] = np.inf, -np.inf
    agent["bin_length_min"], agent["bin_length_max"] = INT32_MAX, 0


def _start(tables: Any, stream: Stream) -> int:
    if len(tables.starts) == 1:
        return int(tables.starts[0])
    return int(tables.starts[stream.categorical(tables.start_threshold, tables.start_alias)])


def _behave(
    values: npt.NDArray[np.float32], epsilon: np.float32, stream: Stream, ties: int
) -> tuple[int, int]:
    """An epsilon-greedy action, and the first draw."""
    bits, n = stream.bits(), int((values > -np.inf).sum())
    random = bits % n if n in (1, 2, 4, 8, 16, 32, 64) else (stream.bits() * n) >> 32
    best = _greedy(values, stream, ties)
    return (random if unit(bits) < epsilon else best), bits


def _greedy(values: npt.NDArray[np.float32], stream: Stream, ties: int) -> int:
    best = np.flatnonzero(values == values.max())
    return int(best[(stream.bits() * len(best)) >> 32 if ties == RANDOM else 0])
