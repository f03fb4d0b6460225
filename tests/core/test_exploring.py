"""Softmax, and how exploration changes from episode to episode."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from gridworld.engine import Engine
from gridworld.kernels.elementary import exponential, power
from gridworld.kernels.jit import jit
from gridworld.records import VISIT

WORLD = gw.GridWorld.from_text("S.X.S\n..#..\n.X..G\nS...X", name="starts", slip=0.1, max_steps=9)


@jit
def tabulate(x: Any, base: Any, exponent: Any, out: Any) -> None:
    for i in range(x.size):
        out[0, i] = exponential(x[i])
        out[1, i] = power(base[i], exponent[i])


def test_exponential_and_power_are_those_of_the_c_library_but_for_the_last_bits() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([-np.geomspace(1e-300, 750, 4000), rng.uniform(-40, 0, 4000), [0.0, -1e300]])
    base = np.floor(rng.uniform(1, 2, x.size) ** 50)
    exponent = rng.uniform(0, 10, x.size)
    exponent[:10], exponent[10:20] = 0.0, 1.0
    out = np.empty((2, x.size))
    tabulate(x, base, exponent, out)
    for mine, theirs in (
        (out[0], [math.exp(each) for each in x]),
        (out[1], [b**e for b, e in zip(base, exponent, strict=True)]),
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-13, atol=1e-323)
    assert (out[1, 10:20] == base[10:20]).all()


def run(algorithm: gw.Algorithm, *chunks: int, world: gw.GridWorld = WORLD) -> gw.Batch:
    batch = gw.Batch.create(gw.compile_world(world), algorithm, agents=3, seed=4)
    with Engine(1) as engine:
        for chunk in chunks:
            engine.advance(batch, chunk)
    return batch


def epsilons(algorithm: gw.Algorithm, episodes: int) -> list[float]:
    """Epsilon, or the temperature, of each episode of the first agent."""
    name = "temperature" if algorithm.exploration == "softmax" else "epsilon"
    world = gw.GridWorld.from_text("SG", slip=0.1, max_steps=1)
    batch = gw.Batch.create(gw.compile_world(world), algorithm)
    found = [float(batch.agents[name][0])]
    with Engine(1) as engine:
        for _ in range(episodes - 1):
            engine.advance(batch, 1)
            found.append(float(batch.agents[name][0]))
    return found


@pytest.mark.parametrize("exploration", ["epsilon_greedy", "softmax"])
@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("factor", lambda k: max(0.1, 0.8 * 0.9 ** (k - 1))),
        ("linear", lambda k: max(0.1, 0.8 - 0.7 * (k - 1) / 20)),
        ("inverse", lambda k: 0.8 / k**0.6),
        ("constant", lambda k: 0.8),
    ],
)
def test_each_schedule_is_its_formula(exploration: str, schedule: str, expected: Any) -> None:
    name = "temperature" if exploration == "softmax" else "epsilon"
    numbers: dict[str, Any] = {name: 0.8, f"{name}_decay": 0.9, f"{name}_min": 0.1}
    algorithm = gw.QLearning(
        exploration=exploration,
        exploration_schedule=schedule,
        exploration_episodes=20,
        exploration_power=0.6,
        **numbers,
    )
    found = epsilons(algorithm, 40)
    np.testing.assert_allclose(found, [expected(k) for k in range(1, 41)], rtol=1e-5)
    if schedule == "linear":
        assert found[20:] == [float(np.float32(0.1))] * 20  # not below it, to the bit


def test_no_schedule_raises_exploration() -> None:
    for schedule in ("factor", "linear", "inverse", "constant"):
        algorithm = gw.QLearning(epsilon=0.05, epsilon_min=0.3, exploration_schedule=schedule)
        found = epsilons(algorithm, 30)
        assert found == sorted(found, reverse=True)


def test_a_schedule_counts_from_where_its_first_value_was_given() -> None:
    linear = gw.QLearning(
        epsilon=1.0, epsilon_min=0.0, exploration_schedule="linear", exploration_episodes=10
    )
    world = gw.GridWorld.from_text("SG", slip=0.1, max_steps=1)
    first = gw.train(world, linear, steps=4)
    assert first.epsilon[0] == pytest.approx(0.6)
    same = gw.train(resume=first, algorithm=linear, steps=2)
    assert same.epsilon[0] == pytest.approx(0.4)
    again = gw.train(resume=first, algorithm=linear, steps=2, restart_epsilon=True)
    assert again.epsilon[0] == pytest.approx(0.8)
    other = gw.train(resume=first, algorithm=linear.with_parameters(epsilon=0.5), steps=2)
    assert other.epsilon[0] == pytest.approx(0.4)
    kept = gw.train(
        resume=first, algorithm=linear.with_parameters(exploration_schedule="constant"), steps=5
    )
    assert kept.epsilon[0] == first.epsilon[0]


@pytest.mark.parametrize("cls", [gw.QLearning, gw.Sarsa])
def test_softmax_towards_zero_is_greedy(cls: Any) -> None:
    values = np.random.default_rng(0).normal(size=(3, 20, 1, 4))
    batches = []
    for numbers in (
        {"epsilon": 0.0, "epsilon_min": 0.0},
        {"exploration": "softmax", "temperature": 1e-30, "temperature_min": 0.0, "epsilon": 0.0},
    ):
        batch = gw.Batch.create(
            gw.compile_world(WORLD), cls(learning_rate=0.3, **numbers), agents=3
        )
        batch.q[:] = values
        start = batch.agents["state"]
        batch.agents["action"] = -1
        if cls.chooses_ahead:  # what was drawn belongs to the table that was there
            batch.agents["action"] = [np.argmax(batch.q[i, start[i], 0]) for i in range(3)]
        with Engine(1) as engine:
            engine.advance(batch, 300)
        batches.append(batch)
    greedy, cold = batches
    assert greedy.q.tobytes() == cold.q.tobytes()
    assert greedy.agents["rng"].tobytes() == cold.agents["rng"].tobytes()
    assert greedy.agents["steps"].tobytes() == cold.agents["steps"].tobytes()


def taken(q: list[float], temperature: float, steps: int) -> list[int]:
    """How often softmax takes each action of one state with these values."""
    n = len(q)
    ends = [[[(1.0, s, 0.0, True)]] * n for s in range(1, n + 1)]
    begin = [[[(1.0, a + 1, 0.0, True)] for a in range(n)]]
    mdp = gw.from_gymnasium(begin + ends, start=0, name="fan")
    algorithm = gw.QLearning(
        learning_rate=1e-30,  # the values stay
        exploration="softmax",
        temperature=temperature,
        exploration_schedule="constant",
    )
    batch = gw.Batch.create(mdp, algorithm, seed=1)
    batch.q[0, 0, 0] = q
    visits = np.zeros(mdp.n_states, VISIT)
    with Engine(1) as engine:
        engine.advance(batch, steps, 0, visits)
    counts: list[int] = visits["visits"][1:].tolist()
    return counts


def test_softmax_takes_actions_by_their_weights() -> None:
    q, heat, steps = [0.5, -0.25, 1.0, 0.0, 0.5, -2.0], 0.5, 4000
    weights = np.exp(np.array(q) / heat)
    expected = steps * weights / weights.sum()
    counts = np.array(taken(q, heat, steps))
    assert ((counts - expected) ** 2 / expected).sum() < 30  # chi-square of 5 degrees


@pytest.mark.parametrize("heat", [1e-40, 1e-3, 1.0, 1e30])
def test_softmax_is_safe_at_any_value(heat: float) -> None:
    counts = taken([3e38, -3e38, 3e38, 0.0, -1e-40, 1e30], heat, 60)
    assert sum(counts) == 60
    assert counts[0] + counts[2] == 60
    assert min(counts[0], counts[2]) > 10


@given(
    st.sampled_from([gw.QLearning, gw.Sarsa, gw.ExpectedSarsa, gw.DoubleQLearning]),
    st.floats(2**-10, 1e3, width=32),
)
def test_a_record_survives_json(cls: Any, heat: float) -> None:
    algorithm = cls(exploration="softmax", temperature=heat, exploration_episodes=[3, 4])
    from gridworld.algorithms import algorithm_from_json

    assert algorithm_from_json(algorithm.to_json()) == algorithm


@pytest.mark.parametrize("schedule", ["linear", "inverse"])
def test_a_stop_and_a_file_change_nothing(schedule: str, tmp_path: Path) -> None:
    algorithm = gw.Sarsa(
        exploration="softmax", temperature=0.5, exploration_schedule=schedule, exploration_power=0.5
    )
    whole = gw.train(WORLD, algorithm, agents=20, steps=400, seed=5)
    half = gw.train(WORLD, algorithm, agents=20, steps=123, seed=5, threads=2)
    loaded = gw.Run.load(half.save(tmp_path / "half.npz"))
    both = gw.train(resume=loaded, steps=277)
    assert both.q.tobytes() == whole.q.tobytes()
    assert both.batch.agents.tobytes() == _with_budget_of(whole, both).tobytes()


def _with_budget_of(run: gw.Run, other: gw.Run) -> Any:
    agents = run.batch.agents.copy()
    for name in ("step_limit", "episode_limit"):
        agents[name] = other.batch.agents[name]
    return agents
