"""A Python environment and a NumPy table: how tabular reinforcement learning is mostly taught."""

import numpy as np

from gridworld_peers.work import (
    ALPHA,
    DELTAS,
    EPSILON,
    GAMMA,
    GOAL,
    MAX_STEPS,
    PIT,
    STEP,
    Ready,
    Work,
)

__all__ = ["prepare"]


class Environment:
    """The world as an object that is stepped."""

    def __init__(self, rows: tuple[str, ...]) -> None:
        self.rows = rows
        self.x = self.y = self.steps = 0

    def reset(self) -> int:
        """Back to the start."""
        self.x = self.y = self.steps = 0
        return 0

    def step(self, action: int) -> tuple[int, float, bool, bool]:
        """Next state, reward, terminated, truncated."""
        dx, dy = DELTAS[action]
        self.x = min(max(self.x + dx, 0), len(self.rows[0]) - 1)
        self.y = min(max(self.y + dy, 0), len(self.rows) - 1)
        self.steps += 1
        cell = self.rows[self.y][self.x]
        reward = GOAL if cell == "G" else PIT if cell == "X" else STEP
        terminated = cell in ("G", "X")
        truncated = self.steps >= MAX_STEPS
        return self.y * len(self.rows[0]) + self.x, reward, terminated, truncated


def prepare(work: Work) -> Ready:
    """One agent."""
    environment = Environment(work.rows)
    random = np.random.default_rng(0)
    q = np.zeros((work.n_states, 4))

    def run(steps: int) -> int:
        state = environment.reset()
        for _ in range(steps):
            if random.random() < EPSILON:
                action = int(random.integers(4))
            else:
                action = int(np.argmax(q[state]))
            following, reward, terminated, truncated = environment.step(action)
            target = reward if terminated else reward + GAMMA * np.max(q[following])
            q[state, action] += ALPHA * (target - q[state, action])
            state = environment.reset() if terminated or truncated else following
        return steps

    return Ready(run, lambda: q)
