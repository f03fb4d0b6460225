"""One agent's greedy policy beside the exact optimum."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from core.test_world import worlds
from gridworld.interop import from_gymnasium
from oracle.optimum import dense, table_of


def only(actions: Any, n_actions: int = 4) -> Any:
    """A Q-table whose greedy actions are these."""
    return np.eye(n_actions, dtype=np.float32)[actions]


@pytest.mark.parametrize(
    ("name", "discount", "length"),
    [
        ("default", 0.99, 8),
        ("default", 1, 8),
        ("cliff-walking", 1, 13),
        ("windy", 1, 15),
        ("dyna-maze", 0.95, 14),
    ],
)
def test_the_optimum_is_judged_optimal(name: str, discount: float, length: int) -> None:
    world = gw.make(name)
    best = gw.solve(world, discount)
    found = gw.assess(world, only(best.actions), best)
    assert found.expected_return == pytest.approx(best.expected_return, abs=1e-9)
    assert (found.regret, found.arrives, found.agreement) == (0.0, True, 1.0)
    assert gw.optimal_length(world, best) == length


@pytest.mark.compiled
def test_an_agent_that_learnt_everything_agrees_everywhere() -> None:
    world = gw.make("default")
    run = gw.train(world, gw.QLearning(epsilon_decay=1.0), episodes=30_000)
    found = gw.assess(world, run.q[0], gw.solve(world))
    assert found.regret == 0
    assert found.arrives
    assert found.agreement == 1


def test_what_was_not_learnt_agrees_with_nothing() -> None:
    world = gw.make("default")
    best = gw.solve(world)
    fresh = gw.assess(world, np.zeros((25, 4)), best)
    assert fresh.agreement == 0
    assert not fresh.arrives  # up for ever
    assert fresh.expected_return == pytest.approx(-0.1 / 0.01)
    assert fresh.regret == pytest.approx(best.expected_return + 10)
    assert gw.assess(world, np.full((25, 4), 0.1), best, initial_value=0.1).agreement == 0
    q = np.zeros((25, 4))
    q[0] = [-1, 0, -1, -1]  # down, an optimal first move; 19 cells are neither goal nor pit
    acting = best.policy.any(axis=1).sum()
    assert gw.assess(world, q, best).agreement == pytest.approx(1 / acting)


def test_cells_that_nobody_enters_do_not_count() -> None:
    world = gw.GridWorld.from_text("S.G\n###\n..G")
    best = gw.solve(world)
    q = np.zeros((9, 4))
    q[:2] = best.q[:2]
    assert gw.assess(world, q, best).agreement == 1


def test_a_policy_without_an_end() -> None:
    free = gw.GridWorld.from_text("S.G", rewards=gw.Rewards(step=0))
    for discount in (0.9, 1):
        found = gw.assess(free, only([2, 2, 0]), gw.solve(free, discount))
        assert not found.arrives
        assert (found.expected_return, found.regret) == pytest.approx((0, 10 * discount))
    dear = gw.GridWorld.from_text("S..G", rewards=gw.Rewards(step=-1, cells={(0, 0): 0.5}))
    found = gw.assess(dear, only([3, 2, 2, 0]), gw.solve(dear, 1))
    assert (found.expected_return, found.regret) == (-np.inf, np.inf)
    # One of two starts has no end.
    two = gw.GridWorld.from_text("SG\n##\nSG")
    assert not gw.assess(two, only([3, 0, 0, 0, 2, 0]), gw.solve(two)).arrives


def test_chance_may_save_a_policy_or_lose_it() -> None:
    slippery = gw.GridWorld.from_text("S.G", slip=0.2)
    best = gw.solve(slippery)
    assert gw.assess(slippery, only([0, 0, 0]), best).arrives  # up, but it slips to the right
    table = {
        0: {0: [(0.5, 1, 0.0, False), (0.5, 2, 1.0, True)], 1: [(1.0, 2, 0.5, True)]},
        1: {0: [(1.0, 1, 0.0, False)], 1: [(1.0, 1, 0.0, False)]},
        2: {0: [(1.0, 2, 0.0, True)], 1: [(1.0, 2, 0.0, True)]},
    }
    mdp = from_gymnasium(table, start=0)
    best = gw.solve(mdp, 0.9)
    found = gw.assess(mdp, only([0, 0, 0], 2), best)
    assert not found.arrives
    assert found.regret == 0
    assert gw.assess(mdp, only([1, 0, 0], 2), best).arrives
    found = gw.assess(mdp, only([1, 0, 0], 2), gw.solve(mdp, 1))
    assert found.arrives


def test_the_length_where_no_optimal_episode_ends_is_none() -> None:
    # To stay for ever costs 10, which is less than the pit.
    world = gw.GridWorld.from_text("S.X", rewards=gw.Rewards(step=-0.1, pit=-11))
    assert gw.optimal_length(world, gw.solve(world)) is None


@given(worlds(), st.sampled_from([0.5, 0.99]))
def test_the_length_is_the_oracles(world: gw.GridWorld, discount: float) -> None:
    best = gw.solve(world, discount)
    chances, _ = dense(table_of(world))
    p = chances[np.arange(world.n_states), best.actions]
    # Where an end is out of reach, the sum of the powers grows with their number.
    steps, power = np.ones(world.n_states), p
    for _ in range(60):
        steps, power = steps + power @ steps, power @ power
    expected = steps[world.starts].mean()
    length = gw.optimal_length(world, best)
    if length is None:
        assert expected > 1e9
    else:
        assert length == pytest.approx(expected, rel=1e-8)
    found = gw.assess(world, only(best.actions), best)
    assert found.arrives == (length is not None)
    assert found.regret == 0


def test_an_mdp_without_a_grid_is_judged_as_well() -> None:
    mdp = from_gymnasium(gymnasium.make("Taxi-v4"))
    best = gw.solve(mdp)
    found = gw.assess(mdp, best.q, best)
    assert (found.regret, found.arrives, found.agreement) == (0, True, 1)
    assert gw.optimal_length(mdp, best) == pytest.approx(13.07, abs=0.1)


def test_what_does_not_fit_is_refused() -> None:
    world = gw.make("default")
    best = gw.solve(world)
    with pytest.raises(gw.InvalidValueError, match=r"q must be of one agent, got the shape \(1, 2"):
        gw.assess(world, np.zeros((1, 25, 4)), best)
    with pytest.raises(gw.InvalidValueError, match=r"q must be of the shape \(25, 4\)"):
        gw.assess(world, np.zeros((25, 3)), best)
    with pytest.raises(gw.InvalidValueError, match=r"initial_value must be a number from"):
        gw.assess(world, np.zeros((25, 4)), best, initial_value=float("nan"))
    with pytest.raises(gw.InvalidValueError, match=r"solution must be of this world"):
        gw.assess(gw.make("hard"), np.zeros((49, 4)), best)
    with pytest.raises(gw.InvalidValueError, match=r"solution must be of this world"):
        gw.optimal_length(gw.make("hard"), best)
    with pytest.raises(gw.SolveStoppedError, match="stopped"):
        gw.assess(world, np.zeros((25, 4)), best, should_stop=lambda: True)
    with pytest.raises(gw.SolveStoppedError, match="stopped"):
        gw.optimal_length(world, best, should_stop=lambda: True)
