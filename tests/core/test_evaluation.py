"""How good policies are, by episodes and exactly."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from core.test_world import worlds
from gridworld.errors import SolveStoppedError
from gridworld.exact import evaluation
from gridworld.exact.evaluation import SHORTEST_CAP, evaluate, policy_value, regret
from gridworld.exact.solver import solve
from gridworld.interop import from_gymnasium
from oracle.optimum import dense, table_of


def only(actions: Any, n_actions: int = 4) -> Any:
    """A Q-table whose greedy actions are these."""
    return np.eye(n_actions)[actions]


@pytest.mark.parametrize(
    ("name", "value", "length"),
    [
        ("default", 9.3, 8),
        ("cliff-walking", -13, 13),
        ("windy", -15, 15),
        ("dyna-maze", 1, 14),
    ],
)
def test_an_optimal_policy_earns_the_optimum(name: str, value: float, length: int) -> None:
    world = gw.make(name)
    result = evaluate(world, only(solve(world, 1).actions), episodes=3)
    assert result.returns.shape == result.lengths.shape == (1, 3)
    assert result.returns == pytest.approx(np.full((1, 3), value))
    assert (result.lengths == length).all()
    assert result.terminated.all()
    assert not result.truncated.any()


@pytest.mark.parametrize("epsilon", [0.0, 0.3])
@pytest.mark.parametrize(
    "name", ["default", "frozen-lake-4x4", "windy", "cliff-walking", "four-rooms"]
)
def test_episodes_come_to_the_exact_value(name: str, epsilon: float, jit_scale: int) -> None:
    world = gw.make(name)
    actions = solve(world, 0.95).actions
    exact = policy_value(world, actions, discount_factor=0.95, epsilon=epsilon)
    episodes = max(20_000 // jit_scale, 100)
    result = evaluate(
        world,
        only(actions),
        episodes=episodes,
        epsilon=epsilon,
        discount_factor=0.95,
        max_steps=2000,
    )
    mean, spread = result.returns.mean(), result.returns.std() / np.sqrt(episodes)
    assert abs(mean - exact[world.starts].mean()) <= 5 * spread + 1e-9


def test_a_table_of_outcomes_is_rolled_out_as_it_says(jit_scale: int) -> None:
    mdp = from_gymnasium(gymnasium.make("Taxi-v4", is_rainy=True))
    solution = solve(mdp, 0.99)
    episodes = max(20_000 // jit_scale, 100)
    result = evaluate(mdp, only(solution.actions, 6), episodes=episodes, discount_factor=0.99)
    spread = result.returns.std() / np.sqrt(episodes)
    assert abs(result.returns.mean() - solution.expected_return) <= 5 * spread
    assert result.returns.shape == (1, episodes)


def test_several_starts_are_drawn_alike(jit_scale: int) -> None:
    world = gw.GridWorld.from_text("SSSG")
    episodes = max(30_000 // jit_scale, 300)
    lengths = evaluate(world, only([3, 3, 3, 0]), episodes=episodes).lengths
    counts = np.bincount(lengths[0], minlength=4)[1:]
    assert (np.abs(counts - episodes / 3) < 6 * np.sqrt(episodes)).all()


def test_an_episode_is_the_same_in_any_company() -> None:
    world = gw.make("frozen-lake-8x8")
    q = np.random.default_rng(0).random((3, 64, 4))
    many = evaluate(world, q, episodes=20, seed=5, epsilon=0.2)
    few = evaluate(world, q[:2], episodes=7, seed=5, epsilon=0.2)
    assert (many.lengths[:2, :7] == few.lengths).all()
    assert (many.returns[:2, :7] == few.returns).all()
    other = evaluate(world, q, episodes=20, seed=6, epsilon=0.2)
    assert (many.lengths != other.lengths).any()
    assert len(set(many.lengths[0].tolist())) > 1


def test_calls_in_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world = gw.make("frozen-lake-4x4")
    q = np.random.default_rng(0).random((3, 16, 4))
    whole = evaluate(world, q, episodes=9)
    monkeypatch.setattr("gridworld.exact.evaluation._STEPS_A_CALL", 400)
    pieces = evaluate(world, q, episodes=9)
    assert (whole.returns == pieces.returns).all()
    assert (whole.lengths == pieces.lengths).all()


def test_ties_go_to_the_lowest_action() -> None:
    world = gw.GridWorld.from_text("G\nS\nX", max_steps=5)
    result = evaluate(world, np.zeros((3, 4)), episodes=1)
    assert result.returns.tolist() == [[10.0]]
    # In float32 these two would be tied.
    q = np.zeros((3, 4))
    q[1] = [1.0, 1.0 + 1e-12, 0, 0]
    assert evaluate(world, q, episodes=1).returns.tolist() == [[-10.0]]


def test_a_policy_in_circles_is_cut_off() -> None:
    world = gw.make("windy")
    result = evaluate(world, np.zeros((70, 4)), episodes=2)
    assert (result.lengths == SHORTEST_CAP).all()
    assert result.truncated.all()
    assert result.returns.tolist() == [[-SHORTEST_CAP, -SHORTEST_CAP]]
    assert (evaluate(world, np.zeros((70, 4)), max_steps=50).lengths == 50).all()
    assert (evaluate(gw.make("default"), np.zeros((25, 4))).lengths == 100).all()
    endless = evaluate(gw.make("default"), np.zeros((25, 4)), max_steps=None, episodes=1)
    assert endless.lengths.tolist() == [[SHORTEST_CAP]]


@given(worlds(), st.integers(0, 10**6), st.sampled_from([0.0, 0.5, 1.0]))
def test_the_value_of_a_policy_is_the_oracles(
    world: gw.GridWorld, seed: int, epsilon: float
) -> None:
    actions = np.random.default_rng(seed).integers(0, 4, world.n_states)
    chances, rewards = dense(table_of(world))
    share = (1 - epsilon) * np.eye(4)[actions] + epsilon / 4
    p = np.einsum("sa,sat->st", share, chances)
    expected = np.linalg.solve(np.eye(len(p)) - 0.9 * p, (share * rewards).sum(axis=1))
    found = policy_value(world, actions, discount_factor=0.9, epsilon=epsilon)
    assert np.abs(found - expected).max() <= 1e-9 * max(1.0, np.abs(expected).max())
    again = policy_value(world, only(actions), discount_factor=0.9, epsilon=epsilon)
    assert (found == again).all()


def test_the_value_of_a_policy_of_a_table_is_the_oracles() -> None:
    table = gymnasium.make("FrozenLake-v1").unwrapped.P  # type: ignore[attr-defined]
    mdp = from_gymnasium(table, start=0)
    actions = np.arange(16) % 4
    chances, rewards = dense([[table[s][a] for a in range(4)] for s in range(16)])
    share = 0.8 * np.eye(4)[actions] + 0.05
    p = np.einsum("sa,sat->st", share, chances)
    expected = np.linalg.solve(np.eye(16) - 0.9 * p, (share * rewards).sum(axis=1))
    found = policy_value(mdp, actions, discount_factor=0.9, epsilon=0.2)
    assert np.abs(found - expected).max() <= 1e-9


@pytest.mark.parametrize(
    ("rewards", "values"),
    [
        (gw.Rewards(), [-np.inf, -np.inf, 10, 0]),
        (gw.Rewards(step=0), [0, 0, 10, 0]),
        (gw.Rewards(step=-1, cells={(0, 0): 2}), [np.nan, np.nan, 10, 0]),
    ],
)
def test_a_policy_without_an_end(rewards: gw.Rewards, values: list[float]) -> None:
    world = gw.GridWorld.from_text("S..G", rewards=rewards)
    found = policy_value(world, [3, 2, 3, 0], discount_factor=1)
    assert np.array_equal(found, np.array(values), equal_nan=True)


def test_regret_is_what_is_missing() -> None:
    world = gw.make("default")
    best = solve(world, 0.99)
    worst = np.zeros((25, 4))
    found = regret(world, np.stack([only(best.actions), best.q, worst]))
    assert found[:2] == pytest.approx([0, 0], abs=2e-9)
    assert found[2] == pytest.approx(best.expected_return + 0.1 / 0.01)
    assert regret(world, worst, discount_factor=1).tolist() == [np.inf]
    assert regret(world, only(best.actions), epsilon=0.1)[0] > 0.1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"q": np.zeros((25, 3))}, r"q must be of the shape \(25, 4\) or \(agents, 25, 4\), got"),
        ({"q": np.zeros((0, 25, 4))}, r"got \(0, 25, 4\)"),
        ({"q": np.zeros(100)}, r"got \(100,\)"),
        ({"q": np.full((25, 4), np.nan)}, "q must be numbers"),
        ({"q": np.full((25, 4), "1")}, "q must be numbers"),
        ({"q": [[0] * 4] * 24 + [[0] * 3]}, "q must have equally many .* got rows of 3 and 4"),
        ({"episodes": 0}, "episodes must be a whole number from 1"),
        ({"episodes": 1.0}, "episodes must be a whole number"),
        ({"seed": -1}, "seed must be a whole number from 0"),
        ({"epsilon": 1.5}, "epsilon must be a number from 0 to 1, got 1.5"),
        ({"discount_factor": 2}, "discount_factor must be a number from 0 to 1, got 2"),
        ({"max_steps": 0}, "max_steps must be a whole number from 1"),
        ({"max_steps": "soon"}, "max_steps must be a whole number from 1"),
    ],
)
def test_a_bad_value_is_refused(values: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {"q": np.zeros((25, 4)), **values}
    with pytest.raises(gw.InvalidValueError, match=words):
        evaluate(gw.make("default"), arguments.pop("q"), **arguments)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ([0, 1], "policy must be 25 whole numbers or a Q-table, got int64 of the shape"),
        (np.zeros(25), "policy must be 25 whole numbers or a Q-table, got float64"),
        (np.full(25, 4), r"an action must be in \[0, 4\), got 4 to 4"),
        (np.zeros((2, 25, 4)), r"policy must be of one agent, got the shape \(2, 25, 4\)"),
        (np.zeros((25, 5)), "q must be of the shape"),
    ],
)
def test_a_bad_policy_is_refused(policy: Any, words: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=words):
        policy_value(gw.make("default"), policy)


def test_the_evaluation_can_be_stopped() -> None:
    world = gw.make("frozen-lake-4x4")
    with pytest.raises(SolveStoppedError, match="stopped before it was done"):
        policy_value(world, np.zeros(16, int), should_stop=lambda: True)


def test_a_run_is_no_table() -> None:
    world = gw.make("default")
    run: Any = gw.train(world, episodes=1)
    for function in (gw.evaluate, gw.regret, gw.policy_value):
        with pytest.raises(gw.InvalidValueError, match=r"^q must be a table, got Run; pass run.q$"):
            function(world, run)


@pytest.mark.parametrize("calls", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("agents", "episodes"), [(1, 1), (1, 2), (1, 40), (5, 1), (5, 40), (40, 3)]
)
def test_sums_are_those_of_the_episodes(
    agents: int, episodes: int, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = gw.make("frozen-lake-4x4")
    q = np.random.default_rng(2).normal(size=(agents, 16, 4))
    whole = evaluate(world, q, episodes=episodes, seed=3, epsilon=0.3)
    monkeypatch.setattr(evaluation, "_EPISODES_A_CALL", calls)
    pieces = evaluate(world, q, episodes=episodes, seed=3, epsilon=0.3)
    assert pieces.returns.tobytes() == whole.returns.tobytes()
    assert pieces.lengths.tobytes() == whole.lengths.tobytes()
    assert pieces.terminated.tobytes() == whole.terminated.tobytes()
    sums = evaluate(world, q, episodes=episodes, seed=3, epsilon=0.3, keep="sums")
    assert sums.figures is None
    for found in (whole, pieces, sums):
        assert found.episodes == episodes
        for name in ("return", "length"):
            each = getattr(whole, f"{name}s").astype(np.float64)
            assert getattr(found, f"{name}_mean") == pytest.approx(each.mean(1), rel=1e-12)
            assert getattr(found, f"{name}_min").tolist() == each.min(1).tolist()
            assert getattr(found, f"{name}_max").tolist() == each.max(1).tolist()
            std = getattr(found, f"{name}_std")
            if episodes == 1:
                assert np.isnan(std).all()
            else:
                assert std == pytest.approx(each.std(1, ddof=1), rel=1e-9, abs=1e-12)
        assert found.ended.tolist() == whole.terminated.sum(1).tolist()
        assert found.ends.sum() == whole.terminated.sum()
        pits, goals = (np.isin(np.arange(16), list(each)) for each in (world.pits, world.goals))
        assert found.ends[~pits & ~goals].sum() == 0
        assert found.ends[goals].sum() == (whole.returns > 0).sum()
    for name in ("returns", "lengths", "terminated", "truncated"):
        with pytest.raises(gw.InvalidValueError, match=rf"{name} must be kept .* got the sums of"):
            getattr(sums, name)


def test_many_episodes_are_summed_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MOST_KEPT", 1000)
    world, q = gw.make("default"), np.zeros((2, 25, 4))
    assert evaluate(world, q, episodes=500, max_steps=2).figures is not None
    assert evaluate(world, q, episodes=501, max_steps=2).figures is None
    assert evaluate(world, q, episodes=501, max_steps=2, keep="episodes").figures is not None
    with pytest.raises(gw.InvalidValueError, match="keep must be one of auto, episodes, sums"):
        evaluate(world, q, keep="all")  # type: ignore[arg-type]


def test_figures_that_memory_cannot_hold_are_refused_and_the_way_out_is_said() -> None:
    with pytest.raises(
        gw.MemoryLimitError, match=r"figures of all episodes must fit .*keep='sums'"
    ):
        evaluate(gw.make("default"), np.zeros((25, 4)), episodes=10**9 * 4, keep="episodes")


def test_a_deviation_keeps_its_digits_far_from_zero() -> None:
    world = gw.GridWorld.from_text("S.G", slip=0.5, rewards=gw.Rewards(step=0, goal=1e9))
    kept = evaluate(
        world, np.zeros((3, 4)), episodes=3000, epsilon=1, seed=1, discount_factor=0.999999
    )
    sums = evaluate(
        world,
        np.zeros((3, 4)),
        episodes=3000,
        epsilon=1,
        seed=1,
        discount_factor=0.999999,
        keep="sums",
    )
    assert sums.return_std == pytest.approx(kept.returns.std(1, ddof=1), rel=1e-9)


def test_random_ties_are_the_uniform_policy_over_them() -> None:
    world = gw.make("dyna-maze")
    q = np.zeros((world.n_states, 4))
    uniform = gw.Policy(np.full((world.n_states, 4), 0.25))
    exact = policy_value(world, q, discount_factor=0.95, ties="random")
    assert exact.tolist() == policy_value(world, uniform, discount_factor=0.95).tolist()
    assert np.asarray(gw.greedy(q, ties="random").probabilities).tolist() == [[0.25] * 4] * len(q)
    start = int(world.starts[0])
    stuck = gw.evaluate(world, q, episodes=20, max_steps=4000)
    found = gw.evaluate(
        world, np.stack([q, q]), episodes=2000, ties="random", discount_factor=0.95, max_steps=20000
    )
    assert not stuck.ended.any()
    assert found.ended.tolist() == [2000, 2000]
    error = found.return_std / 2000**0.5
    assert (np.abs(found.return_mean - exact[start]) < 4.5 * error).all()
    assert gw.regret(world, q, discount_factor=0.95, ties="random")[0] == pytest.approx(
        gw.solve(world, 0.95).v[start] - exact[start]
    )


def test_where_nothing_ties_both_kinds_are_one() -> None:
    world = gw.make("frozen-lake-4x4")
    q = np.random.default_rng(0).normal(size=(2, world.n_states, 4))
    assert gw.greedy(q[0], ties="random").is_deterministic
    for ties in ("lowest", "random"):
        value = policy_value(world, q[0], ties=ties, epsilon=0.1)
        assert value == pytest.approx(policy_value(world, q[0], epsilon=0.1))
    with pytest.raises(gw.InvalidValueError, match="ties must be one of lowest, random, got 'up'"):
        gw.evaluate(world, q, ties="up")
    with pytest.raises(gw.InvalidValueError, match="ties must be one of lowest, random, got 'up'"):
        gw.greedy(q[0], ties="up")
