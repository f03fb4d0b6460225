"""Learning rates that fall with the updates of each pair."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.store.link import read_link, write_link

WORLD = gw.GridWorld.from_text("S.X.S\n..#..\n.X..G\nS...X", name="starts", slip=0.1, max_steps=9)

COIN = gw.from_gymnasium([[[(0.5, 0, 1.0, True), (0.5, 0, 0.25, True)]]], start=0, max_steps=3)
"""One state, one action, and one of two rewards."""


def made(name: str, **numbers: Any) -> gw.Algorithm:
    return gw.ALGORITHMS[name](learning_rate_schedule="count", **numbers)


@pytest.mark.parametrize("name", ["q_learning", "monte_carlo"])
def test_the_mean_of_what_came_is_learnt(name: str) -> None:
    run = gw.train(COIN, made(name, learning_rate=1.0, initial_value=7.0), agents=3, episodes=400)
    assert run.q[:, 0, 0] == pytest.approx(run.returns.mean(axis=1), abs=1e-5)
    assert run.batch.carried(0)["updates"].tolist() == [400]


@pytest.mark.parametrize("name", ["sarsa", "double_q_learning", "q_lambda", "dyna_q"])
def test_the_power_0_is_a_constant_rate(name: str) -> None:
    plain = gw.train(WORLD, gw.ALGORITHMS[name](learning_rate=0.3), agents=3, steps=500)
    same = gw.train(
        WORLD, made(name, learning_rate=0.3, learning_rate_power=0.0), agents=3, steps=500
    )
    assert same.q.tobytes() == plain.q.tobytes()
    assert same.batch.agents["rng"].tobytes() == plain.batch.agents["rng"].tobytes()


def test_every_update_of_every_table_counts() -> None:
    for name, planned in (("q_learning", 0), ("double_q_learning", 0), ("dyna_q", 5)):
        batch = gw.train(WORLD, made(name), agents=2, steps=300).batch
        for row in range(2):
            updates = batch.carried(row)["updates"]
            assert updates.sum() == 300 * (1 + planned)
            changed = batch.q[row].reshape(-1) != 0
            assert (updates[changed] > 0).all()
    batch = gw.train(WORLD, made("sarsa_lambda"), steps=300).batch
    assert batch.carried(0)["updates"].sum() == 300


def test_a_count_ends_where_its_32_bits_do() -> None:
    batch = gw.Batch.create(COIN, made("q_learning", learning_rate=1.0))
    batch.ints[:] = 2**31 - 2
    run = gw.train(resume=gw.Run(batch), steps=3)
    assert run.batch.ints.tolist() == [[2**31 - 1]]
    assert 0 < run.q[0, 0, 0] < 1e-8


def test_the_rate_of_the_last_update_is_told() -> None:
    trainer = gw.Trainer(COIN, made("q_learning", learning_rate=1.0, learning_rate_power=0.5))
    try:
        trainer.step(9)
        assert trainer.status()["update_rate"][0] == pytest.approx(1 / 3)
        before, target = (trainer.status()[f"update_{name}"][0] for name in ("q_before", "target"))
        assert trainer.status()["update_q_after"][0] == pytest.approx(
            before + (target - before) / 3
        )
    finally:
        trainer.close()


@pytest.mark.parametrize("name", ["sarsa", "double_q_learning", "q_lambda"])
def test_a_stop_a_file_threads_and_larger_batches_change_nothing(name: str, tmp_path: Path) -> None:
    powers = [0.5 + 0.01 * i for i in range(40)]
    algorithm = made(name, learning_rate_power=powers)
    whole = gw.train(WORLD, algorithm, agents=40, steps=400, seed=5)
    half = gw.train(WORLD, algorithm, agents=40, steps=123, seed=5, threads=2)
    both = gw.train(resume=gw.Run.load(half.save(tmp_path / "half.npz")), steps=277)
    assert both.q.tobytes() == whole.q.tobytes()
    assert both.batch.ints.tobytes() == whole.batch.ints.tobytes()
    alone = gw.train(WORLD, algorithm.of_agent(7), first_agent=7, steps=400, seed=5)
    assert alone.q[0].tobytes() == whole.q[7].tobytes()


def test_agents_that_have_learnt_keep_their_schedule() -> None:
    run = gw.train(WORLD, "q_learning", steps=10)
    with pytest.raises(
        gw.InvalidValueError, match="learning_rate_schedule must stay constant to go on, got count"
    ):
        gw.train(resume=run, algorithm=made("q_learning"))
    counting = gw.train(WORLD, made("q_learning"), steps=10)
    more = gw.train(resume=counting, algorithm=made("q_learning", learning_rate_power=0.6), steps=5)
    assert more.batch.agents["learning_rate_power"] == np.float32(0.6)


def test_counts_that_no_training_leaves_are_refused(tmp_path: Path) -> None:
    batch = gw.train(WORLD, made("sarsa_lambda"), steps=10).batch.copy()
    batch.ints[0, 3] = -1
    path = gw.Run(batch).save(tmp_path / "a.npz")
    with pytest.raises(gw.FileError, match=r"updates must be in \[0, .*\], got -1"):
        gw.Run.load(path)


def test_a_link_holds_it() -> None:
    link = write_link({"learning_rate_schedule": "count", "learning_rate_power": 0.8})
    found = read_link(link)
    assert (found["learning_rate_schedule"], found["learning_rate_power"]) == ("count", 0.8)


def test_counts_are_asked_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    from gridworld import memory

    world = gw.make("maze-101:1")
    table = world.n_states * 4 * 4 * 100
    monkeypatch.setattr(memory, "free_memory", lambda: (int(table * 1.5), ""))
    gw.Batch.create(gw.compile_world(world), gw.QLearning(), agents=100, bins=0)
    with pytest.raises(gw.MemoryLimitError, match="what Q-learning carries"):
        gw.Batch.create(gw.compile_world(world), made("q_learning"), agents=100, bins=0)
