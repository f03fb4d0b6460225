"""Rewards that vary around what a table says, and states that have fewer actions than others."""

from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.interop.streams import ManyStreams, Moves, Stream, seeded
from gridworld.kernels.elementary import normal
from gridworld.kernels.jit import jit
from gridworld.processes import make_process


@jit
def tabulate(bits: Any, out: Any) -> None:
    for i in range(bits.size):
        out[i] = normal(bits[i])


def test_normal_numbers_are_quantiles() -> None:
    rng = np.random.default_rng(0)
    ends = np.array([0, 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1], np.uint32)
    bits = np.concatenate([ends, rng.integers(0, 2**32, 20_000, np.uint32)])
    out = np.empty(bits.size)
    tabulate(bits, out)
    expected = [NormalDist().inv_cdf((int(each) + 0.5) / 2**32) for each in bits]
    np.testing.assert_allclose(out, expected, rtol=1e-13, atol=1e-15)
    assert out[0] == -out[5]
    assert 6.33 < out[5] < 6.34


def bias(n: int = 10) -> Any:
    """Left of two to n actions that pay by chance, right to the end."""
    return [[[(1.0, 1, 0.0, False)], [(1.0, 0, 0.0, True)]], [[(1.0, 1, -0.1, True, 1.0)]] * n]


MDP = gw.from_gymnasium(bias(), start=0, name="bias")


def test_the_named_process_is_the_one_of_the_book() -> None:
    mdp = make_process("maximization-bias")
    assert (mdp.n_states, mdp.n_actions) == (2, 10)
    assert mdp.available.tolist() == [2, 10]
    assert mdp.P == MDP.P
    assert gw.from_gymnasium(mdp.P, start=0).P == mdp.P
    solution = gw.solve(mdp, discount_factor=1)
    assert solution.v.tolist() == pytest.approx([0.0, -0.1])
    assert solution.policy.ties.tolist() == [[False, True] + [False] * 8, [True] * 10]


def test_rewards_are_normally_distributed_around_their_mean() -> None:
    algorithm = gw.QLearning(epsilon=1.0, epsilon_min=1.0)
    run = gw.train(MDP, algorithm, agents=4, episodes=900, seed=1)
    rewards = run.returns[run.lengths == 2].astype(np.float64)
    assert len(rewards) > 1000
    assert abs(rewards.mean() + 0.1) < 4 / len(rewards) ** 0.5
    assert abs(rewards.std() - 1) < 4 / (2 * len(rewards)) ** 0.5
    assert len(np.unique(rewards)) == len(rewards)
    shares = (run.lengths == 2).mean()
    assert abs(shares - 0.5) < 4 * 0.5 / run.lengths.size**0.5


@pytest.mark.parametrize(
    ("name", "exploration"),
    [
        ("expected_sarsa", "softmax"),
        ("double_q_learning", "epsilon_greedy"),
        ("n_step_tree_backup", "epsilon_greedy"),
        ("dyna_q_plus", "softmax"),
    ],
)
def test_what_a_state_has_not_is_never_done(name: str, exploration: str) -> None:
    mdp = gw.from_gymnasium(bias(), start=0, max_steps=5)
    algorithm = gw.ALGORITHMS[name](exploration=exploration, ties="random", epsilon_min=0.3)
    run = gw.train(mdp, algorithm, agents=3, steps=400)
    assert np.isneginf(run.q[:, 0, 2:]).all()
    assert np.isfinite(run.q[:, 0, :2]).all()
    assert np.isfinite(run.q[:, 1]).all()
    assert run.q[:, 1].any(axis=0).all()


def test_initial_tables_and_resets_leave_out_what_there_is_not() -> None:
    q = np.full((2, 10), 3.0)
    batch = gw.Batch.create(MDP, gw.Sarsa(initial_value=2.0), agents=2, initial_q=q)
    assert batch.q[1, 0, 0].tolist() == [3.0, 3.0] + [-np.inf] * 8
    batch.reset()
    assert batch.q[1, 0, 0].tolist() == [2.0, 2.0] + [-np.inf] * 8


@pytest.mark.parametrize("name", ["double_q_learning", "dyna_q_plus"])
def test_files_bring_back_rewards_that_vary(name: str, tmp_path: Path) -> None:
    whole = gw.train(MDP, name, agents=20, steps=300)
    half = gw.train(MDP, name, agents=20, steps=120)
    loaded = gw.Run.load(half.save(tmp_path / "a.npz"))
    assert loaded.mdp.P == MDP.P
    both = gw.train(resume=loaded, steps=180)
    assert both.q.tobytes() == whole.q.tobytes()
    bad = half.batch.copy()
    bad.q[0, 0, 0, 5] = 0
    with pytest.raises(gw.FileError, match="q must hold finite numbers"):
        gw.Run.load(gw.Run(bad).save(tmp_path / "b.npz"))


def test_a_change_of_world_keeps_the_actions() -> None:
    run = gw.train(MDP, steps=10)
    with pytest.raises(gw.WorldError, match="the same actions in every state"):
        gw.train(gw.from_gymnasium([[[(1.0, 0, 0.0, True)]] * 10] * 2, start=0), resume=run)


def test_environments_pay_what_training_sees() -> None:
    moves, words = Moves(MDP), seeded(3, [0, 1, 2])
    streams = ManyStreams(words.copy())
    states, rewards = moves.steps(np.array([1, 1, 0]), np.array([4, 0, 0]), streams, slice(None))
    for i, (state, action) in enumerate(((1, 4), (1, 0), (0, 0))):
        stream = Stream(words[i])
        assert moves.step(state, action, stream) == (states[i], rewards[i])
        assert stream.words == tuple(streams.words[i])
    assert rewards[2] == 0
    assert rewards[0] != rewards[1]


def test_evaluations_draw_rewards_and_explore_among_what_there_is() -> None:
    q = np.array([[1.0, 0.0] + [-np.inf] * 8, np.arange(10.0)])
    result = gw.evaluate(MDP, q, episodes=4000)
    assert abs(result.return_mean[0] + 0.1) < 4 / 4000**0.5
    assert abs(result.return_std[0] - 1) < 4 / 8000**0.5
    explored = gw.evaluate(MDP, q, episodes=4000, epsilon=1.0)
    assert abs(explored.length_mean[0] - 1.5) < 4 * 0.5 / 4000**0.5
    value = gw.policy_value(MDP, q, discount_factor=1, epsilon=0.5)
    assert value.tolist() == pytest.approx([-0.075, -0.1])
    assert gw.policy_value(MDP, gw.greedy(q), discount_factor=1, epsilon=0.5) == pytest.approx(
        value
    )


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ((1.0, 0, 0.0, True, -1.0), "the deviation of a reward of .* must be"),
        ((1.0, 0, 0.0, True, np.nan), "the deviation of a reward of .* must be"),
        ((1.0, 0, 0.0), "may have the deviation of the reward behind them"),
    ],
)
def test_a_bad_deviation_is_refused(outcome: Any, sentence: str) -> None:
    with pytest.raises(gw.WorldError, match=sentence):
        gw.from_gymnasium([[[outcome]]], start=0)


def test_a_state_without_actions_is_refused() -> None:
    with pytest.raises(gw.WorldError, match="at least one action in every state, got none in 1"):
        gw.from_gymnasium([[[(1.0, 0, 0.0, True)]], []], start=0)
