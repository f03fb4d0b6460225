"""Gymnasium's tables of outcomes."""

import copy
from typing import Any

import gymnasium
import numpy as np
import pytest

import gridworld as gw
from gridworld.exact.solver import solve
from gridworld.interop import from_gymnasium
from gridworld.kernels.codes import DETERMINISTIC, TABLE
from gridworld.mdp import ALWAYS

P: Any = {
    0: {0: [(0.5, 0, 1.0, False), (0.5, 1, 2.0, True)], 1: [(1.0, 1, 0.0, False)]},
    1: {0: [(1.0, 1, 0.0, True)], 1: [(1.0, 1, 0.0, True)]},
}


def chances(mdp: gw.Mdp) -> list[dict[tuple[int, float], float]]:
    """For each state and action: (next_state, reward) -> probability."""
    k = mdp.n_outcomes
    found = []
    for i in range(mdp.n_states * mdp.n_actions):
        row: dict[tuple[int, float], float] = {}
        for j in range(i * k, (i + 1) * k):
            outcome = mdp.outcomes[j]
            p = float(mdp.probability[j]) if mdp.dynamics == TABLE else 1.0
            if p > 0:
                key = int(outcome["next_state"]), float(outcome["reward"])
                row[key] = row.get(key, 0) + p
        found.append(row)
    return found


@pytest.mark.parametrize(
    ("name", "options", "n_actions", "max_steps", "dynamics"),
    [
        ("Taxi-v4", {}, 6, 200, DETERMINISTIC),
        ("Taxi-v4", {"is_rainy": True}, 6, 200, TABLE),
        ("FrozenLake-v1", {}, 4, 100, TABLE),
        ("FrozenLake-v1", {"is_slippery": False}, 4, 100, DETERMINISTIC),
        ("CliffWalking-v1", {}, 4, 0, DETERMINISTIC),
    ],
)
def test_an_environment_keeps_its_outcomes(
    name: str, options: dict[str, Any], n_actions: int, max_steps: int, dynamics: int
) -> None:
    environment = gymnasium.make(name, **options)
    mdp = from_gymnasium(environment)
    inner: Any = environment.unwrapped
    assert (mdp.n_actions, mdp.max_steps, mdp.dynamics) == (n_actions, max_steps, dynamics)
    assert mdp.name == name
    assert mdp.world is None
    found = chances(mdp)
    for s, row in inner.P.items():
        for a, outcomes in row.items():
            expected: dict[tuple[int, float], float] = {}
            for p, state, reward, ended in outcomes:
                key = int(~state if ended else state), float(np.float32(reward))
                expected[key] = expected.get(key, 0) + p
            assert found[s * n_actions + a] == pytest.approx(expected)
    start = np.zeros(mdp.n_states)
    start[mdp.starts] = mdp.start_probability
    assert np.allclose(start, inner.initial_state_distrib)


@pytest.mark.parametrize(
    ("name", "world", "options"),
    [
        ("FrozenLake-v1", "frozen-lake-4x4", {}),
        ("FrozenLake8x8-v1", "frozen-lake-8x8", {}),
        ("CliffWalking-v1", "cliff-walking", {}),
    ],
)
@pytest.mark.parametrize("discount", [0.99, 1.0])
def test_our_world_is_worth_what_gymnasiums_is(
    name: str, world: str, options: dict[str, Any], discount: float
) -> None:
    theirs = solve(from_gymnasium(gymnasium.make(name, **options)), discount)
    ours = solve(gw.make(world), discount)
    assert theirs.expected_return == pytest.approx(ours.expected_return, abs=2e-9)
    assert from_gymnasium(gymnasium.make(name)).max_steps == (gw.make(world).max_steps or 0)


def test_a_bare_table_needs_a_start() -> None:
    with pytest.raises(gw.WorldError, match="start must be given"):
        from_gymnasium(P)
    mdp = from_gymnasium(P, start=1)
    assert mdp.starts.tolist() == [1]
    assert (mdp.max_steps, mdp.name) == (0, "custom")
    mdp = from_gymnasium(P, [0.25, 0.75], max_steps=7, name="mine")
    assert (mdp.max_steps, mdp.name) == (7, "mine")
    assert np.allclose(mdp.start_probability, [0.25, 0.75])
    certain = from_gymnasium(P, np.array([0.0, 1.0]))
    assert (certain.starts.tolist(), certain.start_threshold.tolist()) == ([1], [ALWAYS])


def test_a_limit_may_be_replaced() -> None:
    environment = gymnasium.make("Taxi-v4")
    assert from_gymnasium(environment, max_steps=None).max_steps == 0
    assert from_gymnasium(environment, max_steps=5).max_steps == 5
    # The limit belongs to a wrapper.
    assert from_gymnasium(environment.unwrapped).max_steps == 0


def test_repeated_and_impossible_outcomes_are_joined_and_dropped() -> None:
    table = [[[(0.5, 0, 1, True), (0.0, 0, 9, False), (0.5, 0, 1.0, np.True_)]]]
    mdp = from_gymnasium(table, start=np.int64(0))
    assert (mdp.dynamics, mdp.n_outcomes) == (DETERMINISTIC, 1)
    assert mdp.outcomes.tolist() == [(~0, 1.0)]


def changed(path: tuple[Any, ...], value: Any) -> Any:
    table = copy.deepcopy(P)
    place = table
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return table


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "P must have from 1 to"),
        (changed((3,), {}), "P must be numbered from 0 to 2 without a gap"),
        (changed((1, 2), []), "the same actions, at least one, in every state, got 2 .* and 3 in"),
        ({0: {}}, "at least one, in every state"),
        (changed((1, 0), []), r"probabilities of P\[1\]\[0\] must sum to 1, got 0"),
        (changed((1, 0), [(0.9, 0, 0, False)]), r"must sum to 1, got 0\.9"),
        (changed((1, 0), [(-1.0, 0, 0, False)]), r"a probability of P\[1\]\[0\] must be"),
        (changed((1, 0), [(float("nan"), 0, 0, False)]), "a probability of .* got nan"),
        (changed((1, 0), [(1.0, 2, 0, False)]), "a next state of .* from 0 to 1, got 2"),
        (changed((1, 0), [(1.0, -1, 0, False)]), "a next state of .* got -1"),
        (changed((1, 0), [(1.0, 0.0, 0, False)]), "a next state of .* must be a whole number"),
        (changed((1, 0), [(1.0, 0, float("inf"), False)]), "a reward of .* got inf"),
        (changed((1, 0), [(1.0, 0, 0, "no")]), "terminated of .* true or false, got 'no'"),
        (changed((1, 0), [(1.0, 0, 0)]), "must be .probability, next state, reward, terminated"),
        (changed((1, 0), 3), r"P\[1\]\[0\] must be a list, got 3"),
    ],
)
def test_a_bad_table_is_refused(table: Any, words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        from_gymnasium(table, start=0)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (2, "start must be a whole number from 0 to 1, got 2"),
        (True, "start must be a whole number"),
        ([1.0], "the probability of each of the 2 states, which sum to 1, got 1"),
        ([0.5, 0.4], r"got 2 with the sum 0\.9"),
        ([1.5, -0.5], "a probability of start must be"),
    ],
)
def test_a_bad_start_is_refused(start: Any, words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        from_gymnasium(P, start=start)


def test_an_environment_without_a_table_is_refused() -> None:
    with pytest.raises(gw.WorldError, match=r"must have a table of outcomes \(P\), got none in"):
        from_gymnasium(gymnasium.make("Blackjack-v1"))
    with pytest.raises(gw.WorldError, match="max_steps must be a whole number"):
        from_gymnasium(P, start=0, max_steps="soon")  # type: ignore[arg-type]
