"""Gymnasium's tables of outcomes."""

import copy
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv
from gymnasium.envs.toy_text.taxi import TaxiEnv

import gridworld as gw
from gridworld.exact.solver import solve
from gridworld.interop import from_gymnasium
from gridworld.kernels.codes import ALWAYS, DETERMINISTIC, TABLE

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
        (changed((3,), {}), "numbered from 0 to 2 without a gap, got 3 keys from 0 to 3"),
        ({1: P[0], 2: P[1]}, "P must be numbered from 0 to 1 without a gap, got 2 .* 1 to 2"),
        ({"0": P[0], "1": P[1]}, "the keys of P must be whole numbers, got '0'"),
        ({0: P[0], 1: {"a": [], "b": []}}, r"keys of P\[1\] must be whole numbers, got 'a'"),
        ({False: P[0], True: P[1]}, "the keys of P must be whole numbers, got False"),
        (changed((1, 2), []), r"probabilities of P\[1\]\[2\] must sum to 1, got 0"),
        ({0: {}}, "at least one action in every state, got none in 0"),
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
        ([[1.0], [0.5, 0.5]], "start must have equally many entries in every row"),
    ],
)
def test_a_bad_start_is_refused(start: Any, words: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=words):
        from_gymnasium(P, start=start)


def test_an_environment_without_a_table_is_refused() -> None:
    with pytest.raises(gw.WorldError, match=r"must have a table of outcomes \(P\), got none in"):
        from_gymnasium(gymnasium.make("Blackjack-v1"))
    with pytest.raises(gw.WorldError, match="max_steps must be a whole number"):
        from_gymnasium(P, start=0, max_steps="soon")  # type: ignore[arg-type]
    with pytest.raises(gw.WorldError, match=r"a single one, got a vector of 3 \(SyncVectorEnv\)"):
        from_gymnasium(gymnasium.make_vec("FrozenLake-v1", num_envs=3))
    for what in ("FrozenLake-v1", FrozenLakeEnv, None):
        with pytest.raises(gw.WorldError, match=r"an object as gymnasium\.make gives it, or its P"):
            from_gymnasium(what)


def lake(**options: Any) -> Any:
    return gymnasium.make("FrozenLake-v1", is_slippery=False, **options)


class Flip(gymnasium.ActionWrapper[Any, Any, Any]):
    def action(self, action: int) -> int:
        return 3 - action


class Taxing(gymnasium.RewardWrapper[Any, Any]):
    def reward(self, reward: Any) -> float:
        return float(reward) - 0.01


class Shuffled(gymnasium.ObservationWrapper[Any, Any, Any]):
    def observation(self, observation: int) -> int:
        return 15 - observation


class Lenient(gymnasium.wrappers.TimeLimit[Any, Any]):
    """Derived from a wrapper that is known, and another thing."""

    def step(self, action: int) -> Any:
        state, reward, terminated, _, info = super().step(action)
        return state, reward, terminated, False, info


def stepping_backwards() -> Any:
    environment = gymnasium.wrappers.OrderEnforcing(lake())
    step = environment.step
    environment.step = lambda action: step(3 - action)  # type: ignore[method-assign]
    return environment


WRAPPED = {
    "TransformReward": lambda: gymnasium.wrappers.TransformReward(
        lake(), lambda r: float(r) - 0.01
    ),
    "StickyAction": lambda: gymnasium.wrappers.StickyAction(lake(), 0.5),
    "RepeatAction": lambda: gymnasium.wrappers.RepeatAction(lake(), 2),
    "NormalizeReward": lambda: gymnasium.wrappers.NormalizeReward(lake()),
    "DelayObservation": lambda: gymnasium.wrappers.DelayObservation(lake(), 1),
    "TimeAwareObservation": lambda: gymnasium.wrappers.TimeAwareObservation(lake()),
    "Autoreset": lambda: gymnasium.wrappers.Autoreset(lake()),
    "Flip": lambda: Flip(lake()),
    "Taxing": lambda: gymnasium.wrappers.RecordEpisodeStatistics(Taxing(lake())),
    "Shuffled": lambda: Shuffled(lake()),
    "Lenient": lambda: Lenient(lake(), 50),
    "OrderEnforcing": stepping_backwards,
}


@pytest.mark.parametrize("name", WRAPPED)
def test_a_wrapper_that_may_change_something_is_refused_by_name(name: str) -> None:
    environment = WRAPPED[name]()
    with pytest.raises(gw.WorldError, match=f"a wrapper must .* got {name}; dynamics="):
        from_gymnasium(environment)
    mdp = from_gymnasium(environment, dynamics="P")
    assert mdp.outcomes.tolist() == from_gymnasium(lake()).outcomes.tolist()


def test_wrappers_that_only_watch_change_nothing() -> None:
    watched: Any = gymnasium.wrappers.RecordEpisodeStatistics(lake(render_mode="rgb_array"))
    watched = gymnasium.Wrapper(watched)
    drawn = gymnasium.wrappers.RenderCollection(
        gymnasium.wrappers.AddWhiteNoise(watched, probability_of_noise_per_pixel=0.1)
    )
    mdp = from_gymnasium(drawn)
    assert (mdp.max_steps, mdp.name) == (100, "FrozenLake-v1")
    assert mdp.outcomes.tolist() == from_gymnasium(lake()).outcomes.tolist()


@pytest.mark.parametrize("limits", [(30,), (300,), (20, 300), (300, 20), (100, 7, 50)])
@pytest.mark.parametrize("dynamics", [None, "P"])
def test_the_tightest_limit_counts(limits: tuple[int, ...], dynamics: Any) -> None:
    environment = lake()
    for limit in limits:
        environment = gymnasium.wrappers.TimeLimit(environment, limit)
    assert from_gymnasium(environment, dynamics=dynamics).max_steps == min(100, *limits)
    environment.reset(seed=0)
    steps, cut = 0, False
    while not cut:
        _, _, _, cut, _ = environment.step(0)  # against the edge for ever
        steps += 1
    assert steps == min(100, *limits)


class Walk:
    """Three states in a row, of nobody's library."""

    P: Any = (
        ([(1.0, 0, 1.0, False)], [(1.0, 1, 1.0, False)]),
        ([(1.0, 0, 1.0, False)], [(1.0, 2, 1.0, True)]),
        ([(1.0, 2, 0.0, True)], [(1.0, 2, 0.0, True)]),
    )
    initial_state_distrib = (0.5, 0.5, 0.0)

    def __init__(self, cut_after: int = 10**9) -> None:
        self.cut_after = cut_after

    def reset(self, *, seed: int | None = None) -> tuple[int, dict[str, Any]]:
        if seed is not None:
            self.random = np.random.default_rng(seed)
        self.steps, self.state = 0, int(self.random.integers(2))
        return self.state, {}

    def step(self, action: int) -> Any:
        [(_, self.state, reward, terminated)] = self.P[self.state][action]
        self.steps += 1
        return self.state, reward, terminated, self.steps == self.cut_after, {}


class Old(Walk):
    """As Gym had it: no seed, and one word for both ends."""

    def reset(self) -> Any:  # type: ignore[override]
        return super().reset(seed=0)[0]

    def step(self, action: int) -> Any:
        state, reward, terminated, truncated, info = super().step(action)
        return state, reward, terminated or truncated, info


class OldAndDear(Old):
    def step(self, action: int) -> Any:
        state, reward, *others = super().step(action)
        return state, reward - 0.5, *others


class Dear(Walk):
    def step(self, action: int) -> Any:
        state, reward, *others = super().step(action)
        return state, reward - 0.5, *others


class Endless(Walk):
    def step(self, action: int) -> Any:
        state, reward, terminated, *others = super().step(action)
        return (0 if terminated else state), reward, False, *others


class Elsewhere(Walk):
    def reset(self, *, seed: int | None = None) -> Any:
        super().reset(seed=seed)
        self.state = 2
        return 2, {}


class Seen(Walk):
    def step(self, action: int) -> Any:
        state, *others = super().step(action)
        return [state, state], *others


class Broken(Walk):
    def step(self, action: int) -> Any:
        raise RuntimeError("no such day")


def test_an_environment_of_ones_own_is_taken_if_it_does_what_its_table_says() -> None:
    walk = Walk()
    mdp = from_gymnasium(walk)
    assert (mdp.n_states, mdp.max_steps, mdp.starts.tolist()) == (3, 0, [0, 1])
    assert not hasattr(walk, "state"), "it was tried out on a copy"
    assert from_gymnasium(Old()).n_states == 3


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Dear, "Dear, where action .* led to"),
        (OldAndDear, "OldAndDear, where action .* led to"),
        (Endless, r"Endless, where action 1 in state 1 led to \(0, 1.0, False\)"),
        (Elsewhere, "Elsewhere, which began in state 2"),
        (Seen, r"Seen, which observes \[\d, \d\], not the number of a state"),
        (Broken, r"Broken, which could not be tried out \(RuntimeError: no such day\)"),
    ],
)
def test_an_environment_that_does_something_else_is_refused(kind: Any, words: str) -> None:
    with pytest.raises(gw.WorldError, match=f"P must be all that happens .* got {words}"):
        from_gymnasium(kind())
    assert from_gymnasium(kind(), dynamics="P").n_states == 3


def test_a_limit_that_only_the_environment_knows_is_refused() -> None:
    with pytest.raises(gw.WorldError, match="Walk, which cut an episode off after 3 steps"):
        from_gymnasium(Walk(cut_after=3))
    assert from_gymnasium(Walk(cut_after=3), max_steps=3).max_steps == 3


class Icy(FrozenLakeEnv):
    """Another map is no other way to step."""

    def __init__(self) -> None:
        super().__init__(desc=["SF", "HG"])


class Melting(Icy):
    def step(self, a: int) -> Any:
        return super().step(0)  # type: ignore[no-untyped-call]


class Headstart(Icy):
    def reset(self, **options: Any) -> Any:
        super().reset(**options)
        self.s = 1
        return 1, {}


def test_gymnasiums_environments_must_step_as_gymnasiums() -> None:
    assert from_gymnasium(Icy()).n_states == 4
    for environment, words in (
        (Melting(), "Melting, which overrides step"),
        (Headstart(), "Headstart, which overrides reset"),
        (TaxiEnv(fickle_passenger=True), "TaxiEnv with fickle_passenger"),
        (gymnasium.make("Taxi-v4", fickle_passenger=True), "TaxiEnv with fickle_passenger"),
    ):
        with pytest.raises(gw.WorldError, match=f"P must be all that happens .* got {words}"):
            from_gymnasium(environment)
        assert from_gymnasium(environment, dynamics="P").n_states > 3
    with pytest.raises(gw.WorldError, match=r"dynamics must be .P. or None, got 'p'"):
        from_gymnasium(P, start=0, dynamics="p")  # type: ignore[arg-type]
