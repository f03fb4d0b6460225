"""JAX: many agents by `vmap`, their steps in one compiled `lax.scan`, on all processors."""

from functools import partial
from typing import Any

import numpy as np

from gridworld_peers.work import ALPHA, EPSILON, GAMMA, MAX_STEPS, Ready, Unavailable, Work

__all__ = ["prepare"]

STEPS = 1 << 16
"""Of all agents in one call of the compiled function, where each takes at least `LEAST`."""

LEAST = 64


def prepare(work: Work) -> Ready:
    """All agents of the work, one beside the other.

    Raises:
        Unavailable: JAX is not installed.
    """
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        raise Unavailable("pip install 'gridworld-bench[jax]'") from None

    next_state, reward = (jnp.asarray(array) for array in work.outcomes())
    agents, each = work.agents, max(LEAST, STEPS // work.agents)

    def step(carry: Any, key: Any) -> tuple[Any, None]:
        q, state, length = carry
        explore, choice = jax.random.split(key)
        action = jnp.where(
            jax.random.uniform(explore) < EPSILON,
            jax.random.randint(choice, (), 0, 4),
            jnp.argmax(q[state]),
        )
        k = 4 * state + action
        terminated = next_state[k] < 0
        following = jnp.where(terminated, ~next_state[k], next_state[k])
        target = reward[k] + GAMMA * jnp.where(terminated, 0.0, q[following].max())
        q = q.at[state, action].add(ALPHA * (target - q[state, action]))
        over = terminated | (length + 1 == MAX_STEPS)
        return (q, jnp.where(over, 0, following), jnp.where(over, 0, length + 1)), None

    def one_agent(carry: Any, key: Any) -> Any:
        return jax.lax.scan(step, carry, jax.random.split(key, each))[0]

    @partial(jax.jit, donate_argnums=0)
    def all_agents(carry: Any, key: Any) -> Any:
        return jax.vmap(one_agent)(carry, jax.random.split(key, agents))

    held: dict[str, Any] = {
        "carry": (
            jnp.zeros((agents, work.n_states, 4), jnp.float32),
            jnp.zeros(agents, jnp.int32),
            jnp.zeros(agents, jnp.int32),
        ),
        "key": jax.random.key(0),
    }

    def run(steps: int) -> int:
        calls = max(1, round(steps / (agents * each)))
        for _ in range(calls):
            held["key"], key = jax.random.split(held["key"])
            held["carry"] = all_agents(held["carry"], key)
        jax.block_until_ready(held["carry"])
        return calls * agents * each

    return Ready(run, lambda: np.asarray(held["carry"][0][0]))
