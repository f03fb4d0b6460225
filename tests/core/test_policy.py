"""Policies as objects, and runs that know where they come from."""

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw

WORLDS = ("default", "frozen-lake-4x4", "king-windy-stochastic")


def stochastic(mdp: gw.Mdp, seed: int = 0) -> gw.Policy:
    random = np.random.default_rng(seed)
    return gw.Policy(random.dirichlet(np.ones(mdp.n_actions), size=mdp.n_states))


def mdp_of(name: str) -> gw.Mdp:
    world = gw.make(name)
    return world if isinstance(world, gw.Mdp) else gw.compile_world(world)


def test_the_greedy_policy_is_training_s() -> None:
    q = np.array([[0, 1, 1], [0, 0, 0], [3, 2, 3]], np.float32)
    policy = gw.greedy(q)
    assert policy.actions.tolist() == [1, 0, 0]
    assert policy.ties.tolist() == [[False, True, True], [True] * 3, [True, False, True]]
    assert policy.probabilities.tolist() == [[0, 1, 0], [1, 0, 0], [1, 0, 0]]
    assert (policy.is_deterministic, policy.shape) == (True, (3, 3))
    known = gw.greedy(q, unknown=0)
    assert known.any(axis=1).tolist() == [True, False, True]
    assert repr(policy) == "Policy(3 states, 3 actions)"
    assert repr(stochastic(mdp_of("easy"))) == "Policy(stochastic, 25 states, 4 actions)"


def test_a_policy_reads_as_the_array_of_its_ties() -> None:
    policy = gw.solve(gw.make("easy")).policy
    array = np.asarray(policy)
    assert array.dtype == np.bool_
    assert array.shape == policy.shape == (25, 4)
    assert np.array_equal(array, policy.ties)
    assert np.array_equal(policy[0], array[0])
    assert np.array_equal(np.stack(list(policy)), array)
    assert policy.sum() == array.sum()
    assert not policy.all()
    assert policy.reshape(5, 5, 4).shape == (5, 5, 4)
    assert len(policy) == 25
    again = pickle.loads(pickle.dumps(policy))
    assert np.array_equal(again.actions, policy.actions)


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("discount", [0.9, 1.0])
def test_the_optimal_policy_earns_the_optimum(name: str, discount: float) -> None:
    world = gw.make(name)
    best = gw.solve(world, discount)
    assert np.array_equal(best.actions, best.policy.actions)
    value = gw.policy_value(world, best.policy, discount_factor=discount)
    assert np.allclose(value, best.v, atol=1e-8)
    assert gw.regret(world, best.policy, discount_factor=discount) == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("name", WORLDS)
def test_a_stochastic_policy_is_worth_what_its_equations_say(name: str) -> None:
    mdp = mdp_of(name)
    policy = stochastic(mdp)
    p, r = mdp.to_arrays()
    for epsilon in (0.0, 0.3):
        chances = (1 - epsilon) * policy.probabilities + epsilon / mdp.n_actions
        mean_p = np.einsum("sa,ast->st", chances, p[:, : mdp.n_states, : mdp.n_states])
        mean_r = (chances * r[: mdp.n_states]).sum(axis=1)
        expected = np.linalg.solve(np.eye(mdp.n_states) - 0.9 * mean_p, mean_r)
        value = gw.policy_value(mdp, policy, discount_factor=0.9, epsilon=epsilon)
        assert np.allclose(value, expected, atol=1e-8)


@pytest.mark.compiled
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("epsilon", [0.0, 0.5])
def test_episodes_of_a_stochastic_policy_have_its_value(name: str, epsilon: float) -> None:
    mdp = mdp_of(name)
    policy = stochastic(mdp, seed=1)
    episodes = 100_000
    found = gw.evaluate(
        mdp, policy, episodes=episodes, discount_factor=0.9, epsilon=epsilon, max_steps=400
    )
    value = gw.policy_value(mdp, policy, discount_factor=0.9, epsilon=epsilon)
    expected = float(np.dot(mdp.start_probability, value[mdp.starts]))
    error = 5 * found.return_std[0] / np.sqrt(episodes) + 1e-9
    assert abs(found.return_mean[0] - expected) < error
    again = gw.evaluate(mdp, policy, episodes=10, epsilon=epsilon, discount_factor=0.9)
    more = gw.evaluate(mdp, policy, episodes=20, epsilon=epsilon, discount_factor=0.9)
    assert np.array_equal(again.returns[0], more.returns[0, :10])


def test_episodes_of_a_stochastic_policy_are_among_what_it_may_do() -> None:
    world = gw.GridWorld.from_text("S.G", rewards={"step": -1, "goal": 4}, max_steps=4)
    policy = gw.Policy([[0.0, 0.5, 0.0, 0.5]] * 3)
    found = gw.evaluate(world, policy, episodes=60, seed=3)
    assert set(found.returns[0]) == {3.0, 2.0, 1.0, -4.0}
    assert np.array_equal(
        gw.evaluate(world, policy, episodes=9, seed=3).returns[0], found.returns[0, :9]
    )


@given(st.integers(0, 2**32 - 1))
def test_a_policy_that_is_certain_plays_as_its_table(seed: int) -> None:
    q = np.random.default_rng(seed).integers(0, 3, (25, 4)).astype(np.float32)
    world = gw.make("default")
    a = gw.evaluate(world, q, episodes=5, epsilon=0.2, seed=seed)
    b = gw.evaluate(world, gw.greedy(q), episodes=5, epsilon=0.2, seed=seed)
    assert np.array_equal(a.returns, b.returns)
    certain = gw.Policy(gw.greedy(q).probabilities)
    assert certain.is_deterministic
    assert np.array_equal(
        gw.policy_value(world, certain), gw.policy_value(world, gw.greedy(q).actions)
    )


def test_a_run_knows_where_it_comes_from() -> None:
    world = gw.make("default")
    run = gw.train(world, gw.Sarsa(learning_rate=0.5), agents=3, steps=5000, seed=8, first_agent=2)
    assert run.world == world
    assert (run.seed, run.agents, run.algorithm.learning_rate) == (8, 3, 0.5)
    policy = run.policy(1)
    assert np.array_equal(policy.actions, run.q[1].argmax(axis=1))
    assert not policy[24].any()  # nobody acts at the goal
    assert np.array_equal(policy.any(axis=1), (run.q[1] != 0).any(axis=1))
    assert np.array_equal(
        gw.evaluate(run.world, policy, episodes=3).returns,
        gw.evaluate(run.world, run.q[1], episodes=3).returns,
    )
    process = gw.train(mdp_of("king-windy"), steps=100)
    assert isinstance(process.world, gw.Mdp)
    with pytest.raises(IndexError):
        run.policy(3)


def test_a_tidy_table_has_a_row_for_each_bin() -> None:
    rates = [0.1, 0.5]
    run = gw.train(
        gw.make("default"), gw.QLearning(learning_rate=rates), numbers=[4, 9], episodes=50
    )
    table = run.table()
    assert table.column_names == [
        "agent", "episode", "return", "length", "epsilon", "learning_rate"
    ]  # fmt: skip
    columns = {name: np.asarray(table[name]) for name in table.column_names}
    assert len(table) == 2 * 50
    assert np.array_equal(columns["agent"], np.repeat([4, 9], 50))
    assert np.array_equal(columns["learning_rate"], np.repeat(np.array(rates, np.float32), 50))
    assert np.array_equal(columns["episode"], np.tile(np.arange(1, 51), 2))
    for name, series in (("return", run.returns), ("length", run.lengths)):
        assert np.array_equal(columns[name].reshape(2, 50), series)
    assert columns["epsilon"][49] == run.epsilon[0]
    unequal = gw.train(gw.make("default"), agents=3, steps=3000).table()
    assert len(unequal) == int(
        (~np.isnan(gw.train(gw.make("default"), agents=3, steps=3000).returns)).sum()
    )


def test_without_pyarrow_it_is_said_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    run = gw.train(gw.make("easy"), steps=10)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(gw.MissingExtraError, match="pip install 'gridworld-bench"):
        run.table()


@pytest.mark.parametrize("algorithm", ["q-learning", "sarsa", "double-q-learning"])
def test_training_begins_with_a_table_of_ones_own(algorithm: str, tmp_path: Path) -> None:
    world = gw.make("default")
    constant = np.full((25, 4), 0.75)
    a = gw.train(world, algorithm, agents=2, steps=500, initial_q=constant)
    record: Any = gw.train(world, algorithm, steps=1).algorithm
    b = gw.train(world, record.with_parameters(initial_value=0.75), agents=2, steps=500)
    assert np.array_equal(a.q, b.q)
    own = np.random.default_rng(0).normal(size=(2, 25, 4)).astype(np.float32)
    own[:, :, 3] += 5
    begun = gw.train(world, algorithm, agents=2, steps=1, initial_q=own)
    assert (begun.q != own).any(axis=2).sum() == 2
    whole = gw.train(world, algorithm, agents=2, steps=300, initial_q=own)
    path = gw.train(world, algorithm, agents=2, steps=100, initial_q=own).save(tmp_path / "a.npz")
    assert np.array_equal(gw.train(resume=gw.Run.load(path), steps=200).q, whole.q)
    assert np.array_equal(gw.train(world, algorithm, steps=300, initial_q=own[0]).q[0], whole.q[0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gw.greedy(np.zeros((2, 3, 4))), r"table of one agent \(run.policy"),
        (lambda: gw.greedy([1, 2]), r"q must be numbers \[states, actions\], got int64"),
        (lambda: gw.greedy([[np.nan, 1]]), "q must be numbers, got NaN"),
        (lambda: gw.Policy([0.5, 0.5]), r"must be numbers \[states, actions\]"),
        (lambda: gw.Policy([[0.5, 0.4]]), r"sum to 1 in every state, got \[0.5, 0.4\] in state 0"),
        (lambda: gw.Policy([[1.0, 0.0], [1.5, -0.5]]), "in state 1"),
        (lambda: gw.Policy([[np.nan, 1]]), "in state 0"),
        (lambda: gw.Policy([[1.0, 0.0]], ties=[[True]]), "ties must have the shape"),
        (lambda: gw.Policy.of_actions([0, 4], 4), r"an action must be in \[0, 4\), got 0 to 4"),
        (lambda: gw.Policy.of_actions([0.0], 4), "actions must be whole numbers"),
        (lambda: gw.Policy.of_actions([0], 2, ties=[[True]]), "ties must have the shape"),
        (lambda: gw.evaluate(gw.make("hard"), gw.greedy(np.zeros((25, 4)))), "shape .49, 4., got"),
        (lambda: train(np.zeros((24, 4))), r"shape \(25, 4\) or \(1, 25, 4\), got \(24, 4\)"),
        (lambda: train(np.full((25, 4), np.inf)), "finite float32 numbers"),
        (lambda: train(np.full((25, 4), 1e300)), "finite float32 numbers"),
        (lambda: train([["a"] * 4] * 25), "finite float32 numbers"),
        (lambda: train([[1], [2, 3]]), "initial_q must have equally many entries"),
        (lambda: gw.train(resume=train(None), steps=1, initial_q=[[1]]), "must be left out with"),
    ],
)
def test_what_is_no_policy_or_table_is_refused(call: Any, words: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=words):
        call()


def train(initial_q: Any) -> gw.Run:
    return gw.train(gw.make("default"), steps=1, initial_q=initial_q)
