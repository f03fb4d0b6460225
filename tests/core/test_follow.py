"""Many greedy policies judged at once, against each of them evaluated alone."""

import numpy as np
import pytest

import gridworld as gw
from gridworld.experiments.policies import judge

WORLDS = [
    gw.make("default"),
    gw.make("cliff-walking"),
    gw.make("windy"),
    gw.GridWorld.from_text("S.S\n.#.\n.XG", portals=[((1, 0), (1, 2))]),
    gw.make("frozen-lake-4x4"),
]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name or "own")
@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.99, 1.0])
def test_the_regret_is_that_of_each_policy_alone(world: gw.GridWorld, gamma: float) -> None:
    rng = np.random.default_rng(3)
    mdp = gw.compile_world(world)
    q = rng.integers(0, 3, (12, mdp.n_states, 4)).astype(np.float32)  # with ties
    q[0] = gw.solve(mdp, gamma).q
    regrets, arrives = judge(mdp, q, np.full(12, gamma, np.float32))
    solution = gw.solve(mdp, gamma)
    for row in range(12):
        judged = gw.assess(mdp, q[row], solution)
        assert regrets[row] == pytest.approx(judged.regret, abs=1e-8)
        assert arrives[row] == judged.arrives


def test_discount_factors_may_differ_from_run_to_run() -> None:
    mdp = gw.compile_world(gw.make("default"))
    q = np.random.default_rng(4).normal(size=(6, 25, 4)).astype(np.float32)
    gammas = np.array([0.9, 1.0, 0.5] * 2, np.float32)
    regrets, arrives = judge(mdp, q, gammas)
    for row, gamma in enumerate(gammas):
        alone = judge(mdp, q[row : row + 1], gammas[row : row + 1])
        assert (regrets[row], arrives[row]) == (alone[0][0], alone[1][0]), gamma
