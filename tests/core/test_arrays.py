"""Processes as the arrays of other solvers, out and in."""

import sys
from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from core.test_world import worlds

GAMMA = 0.95


def processes() -> list[Any]:
    return [
        *(gw.compile_world(gw.make(name)) for name in gw.world_names()),
        *(gw.make(name) for name in ("king-windy-stochastic", "random-walk-19")),
        gw.from_gymnasium(gymnasium.make("CliffWalking-v1")),
        gw.from_gymnasium(gymnasium.make("Taxi-v4", is_rainy=True)),
    ]


def start_of(mdp: gw.Mdp, size: int) -> Any:
    start = np.zeros(size)
    start[mdp.starts] = mdp.start_probability
    return start


def iterated(p: Any, r: Any, rounds: int = 700) -> Any:
    """Plain value iteration on (P `[A, S, S]`, R `[S, A]`)."""
    v = np.zeros(p.shape[1])
    for _ in range(rounds):
        v = (r + GAMMA * np.einsum("ast,t->sa", p, v)).max(axis=1)
    return v


@pytest.mark.parametrize("mdp", processes(), ids=lambda mdp: mdp.name)
def test_arrays_have_the_optimum_of_the_process(mdp: gw.Mdp) -> None:
    p, r = mdp.to_arrays()
    size = p.shape[1]
    assert p.shape == (mdp.n_actions, size, size)
    assert r.shape == (size, mdp.n_actions)
    assert size in (mdp.n_states, mdp.n_states + 1)
    assert np.allclose(p.sum(axis=2), 1, atol=1e-12)
    v = gw.solve(mdp, GAMMA).v
    assert np.allclose(iterated(p, r)[: mdp.n_states], v, atol=1e-8)
    again = gw.Mdp.from_arrays(p, r, start=start_of(mdp, size), max_steps=mdp.max_steps or None)
    assert np.allclose(gw.solve(again, GAMMA).v[: mdp.n_states], v, atol=1e-8)
    assert again.max_steps == mdp.max_steps


def test_a_state_of_their_own_is_made_for_ends_only_where_it_must_be() -> None:
    assert gw.compile_world(gw.make("cliff-walking")).to_arrays()[0].shape[1] == 48
    cliff = gw.from_gymnasium(gymnasium.make("CliffWalking-v1"))
    assert cliff.to_arrays()[0].shape[1] == 49


@pytest.mark.parametrize(
    "mdp",
    [mdp for mdp in processes() if mdp.name in ("cliff-walking", "king-windy-stochastic")],
    ids=lambda mdp: mdp.name,
)
def test_every_layout_says_the_same(mdp: gw.Mdp) -> None:
    p, r = mdp.to_arrays()
    by_states, r2 = mdp.to_arrays("states")
    assert np.array_equal(by_states.transpose(1, 0, 2), p)
    assert np.array_equal(r2, r)
    matrices, r3 = mdp.to_arrays(sparse=True)
    assert np.array_equal(np.stack([each.toarray() for each in matrices]), p)
    assert np.array_equal(r3, r)
    pairs, r4 = mdp.to_arrays("states", sparse=True)
    assert np.array_equal(pairs.toarray(), by_states.reshape(-1, p.shape[1]))
    assert np.array_equal(r4, r.ravel())
    start = start_of(mdp, p.shape[1])
    expected = gw.Mdp.from_arrays(p, r, start=start).outcomes
    for other in (
        gw.Mdp.from_arrays(by_states, r, start=start, layout="states"),
        gw.Mdp.from_arrays(matrices, r, start=start),
        gw.Mdp.from_arrays(p, np.repeat(r.T[:, :, None], p.shape[1], axis=2), start=start),
    ):
        assert np.array_equal(other.outcomes, expected)


@given(worlds())
def test_gymnasiums_table_goes_out_and_in(world: gw.GridWorld) -> None:
    mdp = gw.compile_world(world)
    again = gw.from_gymnasium(mdp.P, start_of(mdp, mdp.n_states), max_steps=world.max_steps)
    a, b = gw.solve(mdp, GAMMA), gw.solve(again, GAMMA)
    assert np.allclose(a.v, b.v, atol=1e-8)
    assert (again.n_states, again.n_actions, again.max_steps) == (
        mdp.n_states,
        mdp.n_actions,
        mdp.max_steps,
    )


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_any_arrays_can_be_learnt_on(n_states: int, n_actions: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.ones(n_states), size=(n_actions, n_states))
    r = random.normal(size=(n_states, n_actions))
    mdp = gw.Mdp.from_arrays(p, r, start=0)
    assert np.allclose(gw.solve(mdp, GAMMA).v, iterated(p, r), atol=1e-8)
    ended = gw.Mdp.from_arrays(p, r, start=0, terminal=[n_states - 1])
    assert gw.solve(ended, GAMMA).v[n_states - 1] == 0


def test_rewards_of_a_state_and_lists_are_taken() -> None:
    stay = [[[0, 1], [0, 1]]]
    mdp = gw.Mdp.from_arrays(stay, [3, 0], start=0, name="two")
    assert (mdp.name, mdp.n_states, mdp.n_actions) == ("two", 2, 1)
    assert mdp.outcomes.tolist() == [(~1, 3.0), (~1, 0.0)]


X: Any = "x"
P2 = np.array([[[0.5, 0.5], [0, 1]]])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gw.Mdp.from_arrays(P2, np.zeros(2)), "P, R and start must be given"),
        (lambda: gw.Mdp.from_arrays(P2[0], np.zeros(2), start=0), r"shape \[A, S, S\] .* \(2, 2\)"),
        (lambda: gw.Mdp.from_arrays(P2, np.zeros(3), start=0), r"R must have .* got \(3,\)"),
        (lambda: gw.Mdp.from_arrays(P2 / 2, np.zeros(2), start=0), "must sum to 1, got 0.5"),
        (lambda: gw.Mdp.from_arrays(-P2, np.zeros(2), start=0), "a probability of"),
        (lambda: gw.Mdp.from_arrays(P2, [np.nan, 0], start=0), "a reward of"),
        (lambda: gw.Mdp.from_arrays(P2, np.zeros(2), start=2), "start must be a whole number"),
        (lambda: gw.Mdp.from_arrays(P2, np.zeros(2), start=0, terminal=5), "a state of terminal"),
        (lambda: gw.Mdp.from_arrays(P2, np.zeros(2), start=0, layout=X), "layout must be one of"),
        (lambda: gw.Mdp.from_arrays(P2.astype(str), np.zeros(2), start=0), "P must hold numbers"),
        (lambda: gw.Mdp.from_arrays(P2, ["a", "b"], start=0), "R must hold numbers"),
        (lambda: gw.Mdp.from_arrays(P2, np.zeros(2), alias=0), "P and R must come alone"),
        (lambda: gw.compile_world(gw.make("easy")).to_arrays(X), "layout must be one of"),
    ],
)
def test_arrays_that_are_no_process_are_refused(call: Any, words: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=words):
        call()


def test_sparse_arrays_are_refused_where_they_make_no_process() -> None:
    matrices, r = gw.compile_world(gw.make("easy")).to_arrays(sparse=True)
    with pytest.raises(gw.WorldError, match=r"\[S, S\] of every action"):
        gw.Mdp.from_arrays([matrices[0], matrices[1][:5]], r, start=0)
    with pytest.raises(gw.WorldError, match="sparse P must come by actions"):
        gw.Mdp.from_arrays(matrices, r, start=0, layout="states")


@pytest.mark.compiled
def test_what_memory_cannot_hold_is_refused() -> None:
    with pytest.raises(gw.MemoryLimitError, match="P must fit into the free memory"):
        gw.compile_world(gw.make("maze-1000")).to_arrays()


def test_without_scipy_it_is_said_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(gw.MissingExtraError, match="pip install 'gridworld-bench"):
        gw.compile_world(gw.make("easy")).to_arrays(sparse=True)
