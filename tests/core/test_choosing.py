"""How an agent chooses among actions: what ties do, and that files of old stay what they are."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gridworld as gw
from gridworld.engine import Engine
from gridworld.records import VISIT

ALGORITHMS = list(gw.ALGORITHMS.values())


def fan(n_actions: int) -> gw.Mdp:
    """Action a leads from state 0 to the end, in state a + 1, and pays nothing."""
    ends = [[[(1.0, s, 0.0, True)]] * n_actions for s in range(1, n_actions + 1)]
    begin = [[[(1.0, a + 1, 0.0, True)] for a in range(n_actions)]]
    return gw.from_gymnasium(begin + ends, start=0, max_steps=9, name="fan")


def made(cls: Any, **numbers: Any) -> gw.Algorithm:
    """With these numbers, and without planning, which draws and changes values, too."""
    takes = [each.key for each in cls.parameters()]
    plans = {"planning_steps": 0} if "planning_steps" in takes else {}
    algorithm: gw.Algorithm = cls(**plans, **numbers)
    return algorithm


def taken(batch: gw.Batch, steps: int) -> npt.NDArray[np.int64]:
    """How often each action was taken by the first agent on `fan`."""
    visits = np.zeros(batch.mdp.n_states, VISIT)
    with Engine(1) as engine:
        engine.advance(batch, steps, 0, visits)
    return np.asarray(visits["visits"][1:])


@pytest.mark.parametrize("cls", ALGORITHMS)
def test_random_ties_take_each_of_the_best_alike(cls: Any) -> None:
    batch = gw.Batch.create(fan(6), made(cls, epsilon=0.0, ties="random"), seed=3)
    batch.q[:, 0, :, 0] = -1.0  # the others are tied, behind it
    if cls.chooses_ahead:
        batch.agents["action"] = 1  # instead of what was drawn when all were tied
    steps, best = 600, 5
    counts = taken(batch, steps)
    assert counts[0] == 0
    assert counts.sum() == steps
    expected = steps / best
    assert ((counts[1:] - expected) ** 2 / expected).sum() < 25  # chi-square of 4 degrees


def test_lowest_ties_take_the_lowest() -> None:
    counts = taken(gw.Batch.create(fan(6), gw.QLearning(epsilon=0.0)), 50)
    assert counts.tolist() == [50, 0, 0, 0, 0, 0]


@pytest.mark.compiled
def test_lanes_take_each_of_the_best_alike() -> None:
    world = gw.GridWorld.from_text("#X#\nXSX\n#X#", rewards={"step": 0, "goal": 0, "pit": 0})
    algorithm = gw.QLearning(epsilon=0.0, ties="random", learning_rate=1.0)
    batch = gw.Batch.create(gw.compile_world(world), algorithm, agents=4096, seed=1)
    with Engine(1) as engine:
        engine.advance(batch, 1)
    # an update of nothing by nothing leaves no trace: let each action pay what tells it apart
    rewards = {"step": 0, "cells": {"1,0": 1, "1,2": 2, "0,1": 3, "2,1": 4}}
    telling = gw.GridWorld.from_text("#X#\nXSX\n#X#", rewards=rewards)
    run = gw.train(telling, algorithm, agents=4096, steps=1, seed=1)
    assert run.kernel == "vector"
    counts = np.bincount(np.argmax(run.q[:, 4] != 0, axis=1), minlength=4)
    assert ((counts - 1024) ** 2 / 1024).sum() < 25


@pytest.mark.parametrize(
    ("cls", "agents"),
    [
        *((cls, 3) for cls in ALGORITHMS),
        pytest.param(gw.Sarsa, 20, marks=pytest.mark.compiled),
    ],
)
def test_without_ties_the_stream_alone_is_another(cls: Any, agents: int) -> None:
    mdp = gw.compile_world(gw.make("default"))
    rng = np.random.default_rng(0)
    batches = []
    for ties in ("lowest", "random"):
        algorithm = made(cls, epsilon=0.0, epsilon_min=0.0, ties=ties, learning_rate=0.3)
        batches.append(gw.Batch.create(mdp, algorithm, agents=agents, seed=2))
    values = rng.normal(size=batches[0].q.shape)
    for batch in batches:
        batch.q[:] = values
        # what SARSA drew at the start belongs to the table that was there
        batch.agents["action"] = np.argmax(batch.mean_q[:, batch.agents["state"][0]], axis=1)
        if not cls.chooses_ahead:
            batch.agents["action"] = -1
        with Engine(1) as engine:
            engine.advance(batch, 200)
    one, other = batches
    if cls is not gw.DoubleQLearning:  # which table it updates is drawn
        assert one.q.tobytes() == other.q.tobytes()
        for name in one.agents.dtype.names or ():
            if name != "rng":
                assert (one.agents[name] == other.agents[name]).all(), name
    assert (one.agents["rng"] != other.agents["rng"]).any()


@pytest.mark.compiled
def test_random_ties_find_out_of_the_corner() -> None:
    found = {}
    for ties in ("lowest", "random"):
        algorithm = gw.QLearning(epsilon=0.1, epsilon_min=0.1, epsilon_decay=1.0, ties=ties)
        run = gw.train(gw.make("dyna-maze"), algorithm, agents=32, episodes=500)
        found[ties] = (run.q.max(axis=(1, 2)) > 0).sum()
    assert found == {"lowest": 0, "random": 32}


@pytest.mark.parametrize("cls", [gw.Sarsa, gw.DoubleQLearning])
def test_a_stop_a_file_and_threads_change_nothing(cls: Any, tmp_path: Path) -> None:
    world = gw.make("frozen-lake-4x4")
    algorithm = cls(epsilon=0.3, ties="random")
    whole = gw.train(world, algorithm, agents=20, steps=500, seed=5)
    half = gw.train(world, algorithm, agents=20, steps=123, seed=5, threads=2)
    half.save(tmp_path / "half.npz")
    loaded = gw.Run.load(tmp_path / "half.npz")
    assert loaded.algorithm == algorithm
    both = gw.train(resume=loaded, steps=377)
    alone = gw.train(world, algorithm, first_agent=7, steps=500, seed=5)
    assert both.q.tobytes() == whole.q.tobytes()
    assert both.batch.agents["rng"].tobytes() == whole.batch.agents["rng"].tobytes()
    assert alone.q[0].tobytes() == whole.q[7].tobytes()


def test_what_came_later_is_left_out_of_files_at_its_default() -> None:
    plain = gw.QLearning().to_json()
    assert list(plain) == [
        "algorithm",
        "learning_rate",
        "discount_factor",
        "epsilon",
        "epsilon_decay",
        "epsilon_min",
        "initial_value",
    ]
    assert gw.QLearning(ties="random").to_json() == plain | {"ties": "random"}


def test_a_plan_varies_ties() -> None:
    plan = gw.Experiment(
        worlds=["easy"],
        algorithms=["sarsa", gw.QLearning(ties="random")],
        vary={"ties": ["lowest", "random"], "learning_rate": [0.1, 0.5]},
        runs=2,
        steps=50,
        measures=["return_mean"],
    )
    assert [s.algorithm.ties for s in plan.settings] == ["lowest"] * 2 + ["random"] * 2 + [
        "lowest"
    ] * 2 + ["random"] * 2


def test_ties_must_be_known() -> None:
    with pytest.raises(gw.InvalidValueError, match="ties must be one of lowest, random, got 'any'"):
        gw.Sarsa(ties="any")
