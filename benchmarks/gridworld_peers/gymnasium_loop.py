"""A Gymnasium environment under its own time limit, and a NumPy table."""

import numpy as np

from gridworld_peers.work import ALPHA, EPSILON, GAMMA, MAX_STEPS, Ready, Unavailable, Work

__all__ = ["prepare"]


def prepare(work: Work) -> Ready:
    """One agent.

    Raises:
        Unavailable: Gymnasium is not installed.
    """
    try:
        import gymnasium
    except ImportError:
        raise Unavailable("pip install 'gridworld-bench[gymnasium]'") from None

    next_state, reward = work.outcomes()

    class Grid(gymnasium.Env[int, int]):
        """The world by look-up."""

        observation_space = gymnasium.spaces.Discrete(work.n_states)  # type: ignore[assignment]
        action_space = gymnasium.spaces.Discrete(4)  # type: ignore[assignment]
        state = 0

        def reset(
            self, *, seed: int | None = None, options: dict[str, object] | None = None
        ) -> tuple[int, dict[str, object]]:
            super().reset(seed=seed)
            self.state = 0
            return 0, {}

        def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, object]]:
            k = 4 * self.state + action
            following = int(next_state[k])
            terminated = following < 0
            self.state = ~following if terminated else following
            return self.state, float(reward[k]), terminated, False, {}

    environment = gymnasium.wrappers.TimeLimit(Grid(), MAX_STEPS)
    random = np.random.default_rng(0)
    q = np.zeros((work.n_states, 4))

    def run(steps: int) -> int:
        state, _ = environment.reset(seed=0)
        for _ in range(steps):
            if random.random() < EPSILON:
                action = int(random.integers(4))
            else:
                action = int(np.argmax(q[state]))
            following, paid, terminated, truncated, _ = environment.step(action)
            target = float(paid) if terminated else float(paid) + GAMMA * np.max(q[following])
            q[state, action] += ALPHA * (target - q[state, action])
            state = environment.reset()[0] if terminated or truncated else following
        return steps

    return Ready(run, lambda: q)
