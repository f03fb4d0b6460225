"""This library, as `gridworld.train` uses it."""

import gridworld as gw
from gridworld.engine import Engine
from gridworld_peers.work import ALPHA, EPSILON, GAMMA, MAX_STEPS, Ready, Work

__all__ = ["prepare"]


def prepare(work: Work, threads: int) -> Ready:
    """All agents of the work in one batch."""
    world = gw.GridWorld.from_text(work.rows, max_steps=MAX_STEPS)
    algorithm = gw.ALGORITHMS[work.algorithm](
        learning_rate=ALPHA,
        discount_factor=GAMMA,
        epsilon=EPSILON,
        epsilon_min=EPSILON,
        epsilon_decay=1.0,
    )
    batch = gw.Batch.create(gw.compile_world(world), algorithm, agents=work.agents)
    engine = Engine(threads)

    def run(steps: int) -> int:
        each = max(1, steps // work.agents)
        batch.set_budget(steps=each)
        engine.run(batch, lambda: None)
        return each * work.agents

    return Ready(run, lambda: batch.row_q(0))
