"""A world that changes while a trainer goes on: the same bits as a run that is resumed in it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from core.test_trainer import Make, finish, value, wait_until
from core.test_trainer import make as make
from gridworld.batch import Batch

FIRST = gw.make("default")
WALLED = gw.GridWorld.from_text("S#...\n.X.X.\n..X..\n.###.\n....G", name="walled")
OTHERS = {
    "walls": WALLED,
    "a start more": replace(WALLED, cells=WALLED.cells.replace(b".", b"S", 1)),
    "slip": replace(FIRST, slip=0.3),
    "wind and portals": replace(FIRST, wind=(0, 1, 0, -1, 0), portals=(((0, 2), (4, 3)),)),
    "rewards and limit": replace(FIRST, rewards=gw.Rewards(step=-1), max_steps=20),
}


@pytest.fixture
def change(make: Make) -> Callable[..., gw.Trainer]:
    """Trains so many steps, then so many more in another world."""

    def train(other: gw.GridWorld, algorithm: gw.Algorithm, **options: Any) -> gw.Trainer:
        trainer = make(FIRST, algorithm, seed=3, watch=True, **options)
        trainer.warm_up()
        trainer.start(steps=700, speed=None)
        finish(trainer)
        trainer.set_world(other)
        trainer.warm_up()
        trainer.start(steps=500, speed=None)
        finish(trainer)
        return trainer

    return train


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("agents", [1, pytest.param(40, marks=pytest.mark.compiled)])
def test_it_goes_on_as_a_run_that_is_resumed(
    change: Callable[..., gw.Trainer], other: str, agents: int
) -> None:
    trainer = change(OTHERS[other], gw.QLearning(epsilon=0.4), agents=agents)
    run = gw.train(FIRST, gw.QLearning(epsilon=0.4), agents=agents, steps=700, seed=3)
    more = gw.train(OTHERS[other], resume=run, steps=500)
    assert trainer.call(lambda batch: batch.q.tobytes()) == more.batch.q.tobytes()
    assert trainer.call(lambda batch: batch.bins.tobytes()) == more.batch.bins.tobytes()


@pytest.mark.parametrize(
    "algorithm",
    [gw.Sarsa(), gw.DoubleQLearning(), gw.SarsaLambda(), gw.DynaQ()],
    ids=lambda each: each.name,
)
def test_whatever_the_agents_carry(
    change: Callable[..., gw.Trainer], algorithm: gw.Algorithm
) -> None:
    trainer = change(WALLED, algorithm)
    more = gw.train(WALLED, resume=gw.train(FIRST, algorithm, steps=700, seed=3), steps=500)
    assert np.array_equal(trainer.snapshot().q, more.q[0])


def test_a_running_training_goes_on_from_that_very_step(make: Make) -> None:
    trainer = make(FIRST, seed=6)
    trainer.warm_up()
    trainer.start(speed=None)
    wait_until(lambda: value(trainer.status(), "total_steps") > 500)
    before: list[Batch] = []
    trainer.set_world(WALLED, lambda batch: before.append(batch.copy()))
    assert trainer.running
    steps = int(before[0].agents["steps"][0])
    wait_until(lambda: value(trainer.status(), "total_steps") > steps + 500)
    trainer.stop()
    whole = int(trainer.status()["total_steps"][0])
    run = gw.train(FIRST, steps=steps, seed=6)
    assert np.array_equal(before[0].q, run.batch.q)
    more = gw.train(WALLED, resume=run, steps=whole - steps)
    assert np.array_equal(trainer.snapshot().q, more.q[0])


def test_watchers_see_a_run_of_its_own_with_all_that_still_counts(make: Make) -> None:
    trainer = make(FIRST, seed=2, watch=True, agents=3)
    trainer.warm_up()
    trainer.show(1)
    trainer.start(steps=900, speed=None)
    finish(trainer)
    before, run = trainer.snapshot(1), value(trainer.status(), "run")
    trainer.set_world(WALLED)
    after = trainer.snapshot(1)
    assert value(trainer.status(), "run") == run + 1
    for name in ("shown", "total_steps", "total_episodes", "all_steps", "epsilon", "trail"):
        assert np.array_equal(after.status[name], before.status[name]), name
    assert np.array_equal(after.q, before.q)
    assert before.visits is not None
    assert after.visits is not None
    other = FIRST.array.ravel() != WALLED.array.ravel()
    assert before.visits[other].any()
    assert not after.visits[other].any()
    assert np.array_equal(after.visits[~other], before.visits[~other])
    assert trainer.take_marks() == []  # they would be of the world before


@pytest.mark.parametrize("other", [gw.make("hard"), gw.make("dyna-maze")])
def test_a_world_of_another_shape_is_refused_and_nothing_stops(
    make: Make, other: gw.GridWorld
) -> None:
    trainer = make(FIRST)
    trainer.start(speed=50)
    looked: list[Batch] = []
    with pytest.raises(gw.WorldError, match="must have 25 states of 4 actions as before"):
        trainer.set_world(other, looked.append)
    assert trainer.running
    assert looked == []
    assert trainer.call(lambda batch: batch.mdp.world) == FIRST
