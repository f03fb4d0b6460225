"""The background thread: commands at once, pacing by the clock, nothing torn or lost."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.batch import Batch
from gridworld.kernels.codes import TRAIL_LENGTH
from gridworld.live.pace import BACKLOG_S, TICK_S, Pace, Rate
from gridworld.live.shown import MOST_RETRACED, next_mark

WAIT_S = 60.0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


def value(status: np.ndarray[Any, Any], name: str) -> Any:
    return status[name][0].item()


@pytest.fixture
def make() -> Iterator[Callable[..., gw.Trainer]]:
    trainers = []

    def build(
        world: Any = None, algorithm: gw.Algorithm | None = None, **options: Any
    ) -> gw.Trainer:
        trainers.append(gw.Trainer(world or gw.make("default"), algorithm, **options))
        return trainers[-1]

    yield build
    for trainer in trainers:
        trainer.close()


Make = Callable[..., gw.Trainer]


def finish(trainer: gw.Trainer) -> None:
    wait_until(lambda: not trainer.running)


def test_train_01_start_trains_in_the_background(make: Make) -> None:
    """TRAIN-01, TRAIN-04, QL-01, QL-02, QL-03: the same learning as headless, off this thread."""
    trainer = make(seed=4)
    trainer.start(episodes=200, speed=None)
    finish(trainer)
    headless = gw.train(gw.make("default"), episodes=200, seed=4)
    assert np.array_equal(trainer.snapshot().q, headless.q[0])
    assert value(trainer.status(), "total_episodes") == 200


def test_train_02_stop_takes_effect_at_once_and_start_goes_on(make: Make) -> None:
    trainer = make(seed=1)
    trainer.warm_up()
    for _ in range(5):
        trainer.start(speed=None)
        time.sleep(0.02)
        assert trainer.stop() is True
        assert not trainer.running
    steps = value(trainer.status(), "total_steps")
    time.sleep(0.05)
    assert value(trainer.status(), "total_steps") == steps
    assert trainer.stop() is False
    one_run = gw.train(gw.make("default"), steps=steps, seed=1)
    assert np.array_equal(trainer.snapshot().q, one_run.q[0])


def test_train_03_reset_is_the_initial_state(make: Make) -> None:
    trainer = make(seed=2)
    before, run = trainer.snapshot(), value(trainer.status(), "run")
    trainer.start(speed=None)
    wait_until(lambda: value(trainer.status(), "total_steps") > 1000)
    trainer.reset()
    after = trainer.snapshot()
    assert not trainer.running
    assert value(after.status, "run") == run + 1
    after.status["run"] = before.status["run"]
    assert after.status == before.status
    assert not after.q.any()
    assert len(after.history.bins) == 0


def test_train_05_train_06_episode_and_step_are_counted_from_one(make: Make) -> None:
    trainer = make(gw.GridWorld.from_text("S.G"), gw.QLearning(epsilon=0, initial_value=0))
    status = trainer.status()
    assert (value(status, "episode"), value(status, "step")) == (1, 0)
    trainer.step()
    assert (value(trainer.status(), "episode"), value(trainer.status(), "step")) == (1, 1)


def test_the_end_of_an_episode_is_seen_until_the_next_step(make: Make) -> None:
    world = gw.GridWorld.from_text("SG", max_steps=100)
    trainer = make(world, gw.QLearning(epsilon=0.0, epsilon_min=0.0))
    trainer.step_episode()
    status = trainer.status()
    length = value(status, "step")
    assert value(status, "episode") == value(status, "total_episodes") == 1
    assert value(status, "state") == world.goals[0]
    assert value(status, "episode_return") == pytest.approx(10 - 0.1 * (length - 1), abs=1e-4)
    trainer.step()
    status = trainer.status()
    assert (value(status, "episode"), value(status, "step")) == (2, 1)


def trail_of(status: np.ndarray[Any, Any]) -> list[int]:
    count = value(status, "trail_count")
    first = max(0, count - TRAIL_LENGTH)
    return [int(status["trail"][0][i % TRAIL_LENGTH]) for i in range(first, count)]


@pytest.mark.parametrize("chunks", [[1] * 100, [30, 1, 400, 7]])
def test_viz_01_the_trail_is_the_last_consecutive_steps(make: Make, chunks: list[int]) -> None:
    world = gw.make("default")
    trainer = make(world, seed=6)
    for n in chunks:
        trainer.step(n)
    trail = trail_of(trainer.status())
    assert len(trail) == TRAIL_LENGTH
    at = trail[0] if trail[0] >= 0 else ~trail[0]
    ends = set(world.goals) | set(world.pits)
    for entry in trail[1:]:
        if entry < 0:
            assert ~entry in world.starts
            at = ~entry
        else:
            assert at not in ends
            (x0, y0), (x1, y1) = world.cell(at), world.cell(entry)
            assert abs(x0 - x1) + abs(y0 - y1) <= 1
            at = entry
    assert value(trainer.status(), "state") in (at, trail[-2])


def test_the_last_update_is_spelt_out(make: Make) -> None:
    trainer = make(algorithm=gw.QLearning(learning_rate=0.5))
    for _ in range(50):
        before = trainer.snapshot()
        trainer.step()
        status = trainer.status()
        s, a = value(status, "update_state"), value(status, "update_action")
        q, target = value(status, "update_q_before"), value(status, "update_target")
        assert before.q[s, a] == np.float32(q)
        assert trainer.snapshot().q[s, a] == np.float32(value(status, "update_q_after"))
        assert value(status, "update_q_after") == pytest.approx(q + 0.5 * (target - q), rel=1e-6)


def test_a_budget_that_ends_within_a_chunk_is_seen_to_its_end(make: Make) -> None:
    trainer = make(seed=3)
    trainer.start(episodes=300, speed=None)
    finish(trainer)
    status = trainer.status()
    assert value(status, "episode") == value(status, "total_episodes") == 300
    trail = trail_of(status)
    assert trail[-1] < 0
    assert trail[-2] == value(status, "state")
    assert value(status, "step") == value(status, "last_length") > 0


def test_the_speed_is_kept_by_the_clock_and_changes_while_it_runs(make: Make) -> None:
    trainer = make()
    trainer.warm_up()
    trainer.start(speed=200.0)
    begin = time.monotonic()
    time.sleep(0.5)
    steps, elapsed = value(trainer.status(), "total_steps"), time.monotonic() - begin
    assert steps <= 200 * elapsed + 1
    assert steps > 20
    trainer.set_speed(None)
    assert trainer.running
    wait_until(lambda: value(trainer.status(), "total_steps") > 10_000)
    trainer.set_speed(0.001)
    steps = value(trainer.status(), "total_steps")
    time.sleep(0.05)
    assert value(trainer.status(), "total_steps") == steps
    assert trainer.stop()


def test_parameters_change_between_runs_alone(make: Make) -> None:
    """PARAM-04: a change takes effect with the next start, and keeps what was learnt."""
    trainer = make()
    trainer.start(episodes=5, speed=None)
    finish(trainer)
    epsilon = value(trainer.status(), "epsilon")
    trainer.start(episodes=1, algorithm=gw.QLearning(learning_rate=0.7))
    finish(trainer)
    assert trainer.call(lambda batch: float(batch.agents["learning_rate"][0])) == pytest.approx(0.7)
    assert value(trainer.status(), "epsilon") == pytest.approx(epsilon * 0.995, rel=1e-6)
    trainer.start(episodes=1, epsilon=0.5)
    finish(trainer)
    assert value(trainer.status(), "epsilon") == pytest.approx(0.4975, rel=1e-6)


def test_commands_that_need_a_stop_say_so(make: Make) -> None:
    trainer = make()
    trainer.start(speed=1.0)
    with pytest.raises(gw.TrainerBusyError, match="must be stopped before it is started"):
        trainer.start()
    with pytest.raises(gw.TrainerBusyError, match="must be stopped before single steps"):
        trainer.step()
    assert trainer.running


@pytest.mark.parametrize("speed", [0, -1, 2e9, float("nan"), float("inf"), True, "fast"])
def test_a_bad_speed_is_refused(make: Make, speed: Any) -> None:
    trainer = make()
    with pytest.raises(gw.InvalidValueError, match=r"speed must be in \(0, 1e9\] or null, got"):
        trainer.set_speed(speed)
    with pytest.raises(gw.InvalidValueError, match="speed must be"):
        trainer.start(speed=speed)
    assert not trainer.running


def test_an_error_in_a_command_reaches_its_caller_and_training_goes_on(make: Make) -> None:
    trainer = make()
    trainer.start(speed=None)

    def fail(_: Batch) -> None:
        raise ZeroDivisionError("on purpose")

    with pytest.raises(ZeroDivisionError, match="on purpose"):
        trainer.call(fail)
    steps = value(trainer.status(), "total_steps")
    wait_until(lambda: value(trainer.status(), "total_steps") > steps)


def test_completion_is_announced_once_on_the_trainers_thread(make: Make) -> None:
    told: list[str] = []
    trainer = make(on_complete=lambda: told.append(threading.current_thread().name))
    trainer.start(episodes=3, speed=None)
    finish(trainer)
    wait_until(lambda: bool(told))
    trainer.step(5)
    assert told == ["gridworld-trainer"]


def test_another_batch_takes_its_place(make: Make) -> None:
    trainer = make()
    batch = gw.train(gw.make("hard"), episodes=10).batch
    trainer.start(speed=None)
    trainer.replace(batch)
    assert not trainer.running
    assert value(trainer.status(), "run") == 2
    assert value(trainer.status(), "total_episodes") == 10
    assert trainer.snapshot().q.shape == (49, 4)


def test_many_agents_train_together_and_one_is_shown(make: Make) -> None:
    trainer = make(agents=40, seed=9)
    trainer.start(episodes=50, speed=None)
    finish(trainer)
    headless = gw.train(gw.make("default"), agents=40, episodes=50, seed=9)
    assert np.array_equal(trainer.call(lambda batch: batch.q.copy()), headless.batch.q)
    trainer.show(7)
    status = trainer.status()
    assert value(status, "shown") == 7
    assert value(status, "total_steps") == headless.steps[7]
    assert value(status, "all_steps") == headless.steps.sum()
    with pytest.raises(gw.InvalidValueError, match=r"must be in \[0, 40\), got 40"):
        trainer.show(40)


def test_a_closed_trainer_says_so(make: Make) -> None:
    trainer = make()
    trainer.start(speed=None)
    trainer.close()
    with pytest.raises(gw.TrainerBusyError, match="closed"):
        trainer.stop()


def test_short_runs_at_full_speed_do_not_make_long_chunks(make: Make) -> None:
    trainer = make()
    for _ in range(30):
        trainer.start(episodes=100, speed=None)
        finish(trainer)
    trainer.start(speed=None)
    seen = set()
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        seen.add(value(trainer.status(), "total_steps"))
        time.sleep(0.005)
    assert len(seen) > 4  # a chunk takes about 50 ms


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_in_the_thread_hangs_nobody(make: Make) -> None:
    def fail() -> None:
        raise ZeroDivisionError("on purpose")

    trainer = make(on_complete=fail)
    trainer.start(episodes=1, speed=None)
    wait_until(lambda: not trainer._worker.thread.is_alive())
    with pytest.raises(gw.TrainerBusyError, match="closed"):
        trainer.stop()
    assert not trainer.running


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_watchers_see_that_a_training_has_broken_off(make: Make) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("on purpose")

    trainer = make()
    trainer.step(5)
    trainer.look(lambda shown: setattr(shown, "advance", fail))
    trainer.start(speed=None)
    wait_until(lambda: not trainer._worker.thread.is_alive())
    assert not trainer.running
    assert not value(trainer.status(), "running")
    assert value(trainer.status(), "total_steps") == 5


def same_bits(batch: Batch, other: Batch) -> bool:
    return all(
        getattr(batch, name).tobytes() == getattr(other, name).tobytes() for name in ("q", "bins")
    ) and all(
        batch.agents[name].tobytes() == other.agents[name].tobytes()
        for name in batch.agents.dtype.names or ()
        if not name.endswith("_limit")
    )


ALGORITHMS = [gw.QLearning(), gw.Sarsa(), gw.ExpectedSarsa(), gw.DoubleQLearning()]


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
@pytest.mark.parametrize(("agents", "row"), [(1, 0), (5, 4), (17, 0), (40, 33)])
@pytest.mark.parametrize("threads", [1, 2])
def test_watching_changes_no_bit(
    make: Make, algorithm: gw.Algorithm, agents: int, row: int, threads: int, jit_scale: int
) -> None:
    world = gw.make("frozen-lake-4x4" if threads == 2 else "default")
    trainer = make(world, algorithm, agents=agents, threads=threads, seed=8, watch=True)
    trainer.show(row)
    episodes = 30 if jit_scale > 1 else 300
    trainer.start(episodes=episodes, speed=None)
    finish(trainer)
    headless = gw.train(world, algorithm, agents=agents, episodes=episodes, seed=8)
    assert trainer.call(lambda batch: same_bits(batch, headless.batch))
    snapshot = trainer.snapshot(row)
    ends = list(world.goals) + list(world.pits)
    assert snapshot.visits is not None
    assert snapshot.td_error is not None
    acted = np.delete(snapshot.visits, ends)
    assert acted.sum() == headless.steps[row]
    assert 0 < snapshot.visits[ends].sum() <= episodes
    assert np.isnan(snapshot.td_error[ends]).all()
    assert (
        np.isnan(snapshot.td_error) == (np.where(acted_in(world), snapshot.visits, 0) == 0)
    ).all()
    assert snapshot.visits_since == 1


def acted_in(world: gw.GridWorld) -> np.ndarray[Any, Any]:
    return ~np.isin(np.arange(world.n_states), list(world.goals) + list(world.pits))


def test_visits_begin_anew_with_another_run(make: Make) -> None:
    trainer = make(agents=3, watch=True)
    trainer.start(episodes=7, speed=None)
    finish(trainer)
    other = trainer.snapshot(1)
    assert (other.visits, other.td_error, other.visits_since) == (None, None, 0)
    trainer.reset()
    fresh = trainer.snapshot()
    assert fresh.visits is not None
    assert fresh.td_error is not None
    assert not fresh.visits.any()
    assert np.isnan(fresh.td_error).all()
    assert fresh.visits_since == 1


def known(trainer: gw.Trainer, row: int) -> Any:
    """All that the trainer tells of the agent that it shows."""
    assert value(trainer.status(), "shown") == row
    found = trainer.snapshot(row)
    assert found.visits is not None
    assert found.td_error is not None
    # how many entries the trail has had depends on the length of the chunks
    left_out = ("steps_per_second", "trail", "trail_count")
    fields = [name for name in found.status.dtype.names or () if name not in left_out]
    marks = [(mark.steps, mark.shown, mark.q.tobytes()) for mark in trainer.take_marks()]
    return (
        [found.status[name].tobytes() for name in fields],
        trail_of(found.status),
        found.q.tobytes(),
        found.history.bins.tobytes(),
        found.visits.tobytes(),
        found.td_error.tobytes(),
        found.visits_since,
        marks,
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
@pytest.mark.parametrize("world", ["default", "frozen-lake-4x4", "cliff-walking"])
@pytest.mark.parametrize("budget", [{"episodes": 12}, {"steps": 133}])
def test_another_agent_is_told_as_if_it_had_been_shown_all_the_time(
    make: Make, algorithm: gw.Algorithm, world: str, budget: dict[str, Any]
) -> None:
    """Its trail, its last update, its visits, its marks; at the end of its budget, too."""
    short = replace(gw.make(world), max_steps=20)
    watched = make(short, algorithm, agents=17, seed=3, watch=True)
    watched.show(13)
    turned = make(short, algorithm, agents=17, seed=3, watch=True)
    for trainer in (watched, turned):
        trainer.start(**budget, speed=None)
        finish(trainer)
    turned.show(13)
    last = turned.status()
    if "episodes" in budget:
        assert value(last, "episode") == value(last, "total_episodes") == 12
        assert value(last, "step") == value(last, "last_length") > 0
    assert known(turned, 13) == known(watched, 13)
    for trainer in (watched, turned):
        trainer.start(steps=100, speed=None)
        finish(trainer)
    assert known(turned, 13) == known(watched, 13)


def test_a_run_of_a_file_brings_its_past(make: Make) -> None:
    trainer = make(watch=True)
    trainer.replace(gw.train(gw.make("hard"), episodes=10, agents=2).batch.copy())
    alone = make(gw.make("hard"), agents=2, watch=True)
    alone.replace(alone.call(lambda batch: batch.copy()))
    alone.start(episodes=10, speed=None)
    finish(alone)
    assert known(trainer, 0)[1:] == known(alone, 0)[1:]


def test_an_agent_of_any_number_and_with_numbers_of_its_own_is_told(make: Make) -> None:
    trainer = make(watch=True)
    algorithm = gw.QLearning(learning_rate=[0.1, 0.5, 0.25], initial_value=[0.0, 1.0, 2.0])
    run = gw.train(gw.make("default"), algorithm, episodes=20, numbers=[7, 3, 3])
    trainer.replace(run.batch.copy())
    for row in (1, 2, 0):
        trainer.show(row)
        status = trainer.status()
        assert value(status, "visits_since") == 1
        assert value(status, "episode") == value(status, "total_episodes") == 20
        assert value(status, "total_steps") == run.steps[row]


def changed_on_the_way(trainer: gw.Trainer) -> None:
    trainer.start(episodes=3, algorithm=gw.QLearning(learning_rate=0.5), speed=None)


def another_epsilon_on_the_way(trainer: gw.Trainer) -> None:
    trainer.start(episodes=3, epsilon=0.5, speed=None)


def table_from_elsewhere(trainer: gw.Trainer) -> None:
    trainer.call(lambda batch: batch.q.fill(0.25))


@pytest.mark.parametrize(
    "change", [changed_on_the_way, another_epsilon_on_the_way, table_from_elsewhere]
)
def test_a_past_that_cannot_be_gone_through_again_is_unknown(
    make: Make, change: Callable[[gw.Trainer], None]
) -> None:
    """And nothing of the agent that was shown before is left."""
    trainer = make(agents=3, watch=True)
    trainer.start(episodes=7, speed=None)
    finish(trainer)
    change(trainer)
    finish(trainer)
    trainer.show(1)
    found, status = trainer.snapshot(1), trainer.status()
    episodes = value(status, "total_episodes")
    assert found.visits is not None
    assert found.td_error is not None
    assert not found.visits.any()
    assert np.isnan(found.td_error).all()
    assert found.visits_since == value(status, "visits_since") == episodes + 1
    assert trainer.take_marks() == []
    assert trail_of(status) == [~int(trainer.call(lambda batch: batch.agents["state"][1]))]
    assert value(status, "update_action") == -1
    assert (value(status, "episode"), value(status, "step")) == (episodes + 1, 0)
    trainer.step(3)
    found = trainer.snapshot(1)
    assert found.visits is not None
    assert found.visits.sum() >= 3


@pytest.mark.compiled
def test_a_long_past_stays_unknown(make: Make) -> None:
    trainer = make(agents=2, watch=True)
    trainer.start(steps=MOST_RETRACED + 1, speed=None)
    finish(trainer)
    trainer.show(1)
    assert value(trainer.status(), "visits_since") > 1
    begin = time.monotonic()
    trainer.replace(gw.train(gw.make("default"), agents=2, steps=MOST_RETRACED).batch.copy())
    trainer.show(1)
    assert value(trainer.status(), "visits_since") == 1
    assert time.monotonic() - begin < 5


def test_an_agent_that_is_shown_already_keeps_what_is_known(make: Make) -> None:
    trainer = make(watch=True)
    trainer.step(40)
    trainer.call(lambda batch: batch.q.fill(0.25))
    trainer.show(0)
    visits = trainer.snapshot().visits
    assert visits is not None
    assert visits.sum() >= 40


def test_a_snapshot_of_another_agent_is_of_that_agent(make: Make) -> None:
    trainer = make(agents=3, seed=1)
    trainer.start(episodes=5, speed=None)
    finish(trainer)
    other = trainer.snapshot(2)
    headless = gw.train(gw.make("default"), agents=3, episodes=5, seed=1)
    assert other.frame is other.status
    assert value(other.status, "shown") == 2
    assert value(other.status, "total_steps") == headless.steps[2]
    assert value(other.status, "all_steps") == headless.steps.sum()
    assert value(trainer.status(), "shown") == 0
    assert np.array_equal(other.q, headless.q[2])
    for row in (-1, 3):
        with pytest.raises(gw.InvalidValueError, match=r"must be in \[0, 3\), got"):
            trainer.snapshot(row)


def test_one_look_is_of_one_moment(make: Make, jit_scale: int) -> None:
    """Whatever is copied in one trip belongs together, while training goes on."""
    trainer = make(watch=True, seed=5)
    trainer.start(speed=None)
    for _ in range(5):
        status, q, visits = trainer.look(
            lambda shown: (
                shown.status.copy(),
                shown.batch.row_q(shown.row).copy(),
                shown.visits["visits"].copy() if shown.visits is not None else None,
            )
        )
        steps = value(status, "total_steps")
        assert visits is not None
        assert visits[acted_in(gw.make("default"))].sum() == steps
        if 0 < steps < 5_000_000 // jit_scale**2:
            assert np.array_equal(q, gw.train(gw.make("default"), steps=steps, seed=5).q[0])
    assert trainer.stop()


def test_without_watching_nothing_is_recorded(make: Make) -> None:
    trainer = make()
    trainer.step(100)
    snapshot = trainer.snapshot()
    assert (snapshot.visits, snapshot.td_error, snapshot.visits_since) == (None, None, 0)
    assert trainer.take_marks() == []


def test_marks_resolve_a_run_that_is_over_in_a_moment(make: Make, jit_scale: int) -> None:
    world = gw.make("default")
    trainer = make(world, gw.DoubleQLearning(), agents=2, seed=5, watch=True)
    trainer.show(1)
    trainer.start(steps=4000 if jit_scale == 1 else 400, speed=None)
    finish(trainer)
    marks = trainer.take_marks()
    assert trainer.take_marks() == []
    steps = [mark.steps for mark in marks]
    assert steps[:5] == [32, 36, 40, 45, 50]
    assert steps[-1] > (3500 if jit_scale == 1 else 350)
    for mark in marks[:: 10 if jit_scale == 1 else 5]:
        run = gw.train(world, gw.DoubleQLearning(), agents=2, seed=5, steps=mark.steps)
        assert mark.q.tobytes() == run.q[1].tobytes()
        assert mark.episodes == run.batch.agents["episodes"][1]
        assert mark.epsilon == run.batch.agents["epsilon"][1]
        assert (mark.run, mark.shown) == (1, 1)


def test_marks_are_made_by_single_steps_and_at_a_limited_speed(make: Make) -> None:
    trainer = make(watch=True)
    trainer.step(40)
    assert [mark.steps for mark in trainer.take_marks()] == [32, 36, 40]
    trainer.start(steps=20, speed=1e5)
    finish(trainer)
    assert [mark.steps for mark in trainer.take_marks()] == [45, 50, 56]
    trainer.reset()
    trainer.step(32)
    trainer.reset()
    assert trainer.take_marks() == []


def test_large_tables_are_not_marked(make: Make) -> None:
    trainer = make(gw.make("maze-129"), watch=True)
    trainer.step(100)
    assert trainer.take_marks() == []
    assert trainer.snapshot().visits is not None


def test_marks_are_bounded_and_their_steps_grow(make: Make) -> None:
    step, marks = 0, []
    while step < 10**12:
        marks.append(next_mark(step))
        assert marks[-1] > step
        assert next_mark(marks[-1] - 1) == marks[-1]
        step = marks[-1]
    assert len(marks) < 220
    trainer = make(watch=True)
    trainer.look(lambda shown: setattr(shown, "_marks", deque(maxlen=4)))
    trainer.step(60)
    assert [mark.steps for mark in trainer.take_marks()] == [40, 45, 50, 56]


def test_a_watched_batch_can_be_stopped_and_goes_on(make: Make) -> None:
    trainer = make(agents=20, watch=True, seed=2, threads=2)
    trainer.warm_up()
    for _ in range(4):
        before = value(trainer.status(), "total_steps")
        trainer.start(speed=None)
        while value(trainer.status(), "total_steps") == before:
            time.sleep(0.002)
        trainer.stop()
    steps = trainer.call(lambda batch: batch.agents["steps"].copy())
    alone = gw.train(gw.make("default"), agents=20, seed=2, steps=int(steps[0]))
    assert np.array_equal(trainer.snapshot(0).q, alone.q[0])
    visits = trainer.snapshot(0).visits
    assert visits is not None
    assert visits[acted_in(gw.make("default"))].sum() == steps[0]
    assert trainer.call(lambda batch: (batch.agents["step_limit"] > 2**62).all())


def test_pace_owes_steps_by_the_clock() -> None:
    pace = Pace(10.0, 100.0, at_once=True)
    assert pace.due(100.0, 1000) == 1
    assert pace.due(100.05, 1000) == 0
    assert pace.delay(100.05) == pytest.approx(0.05)
    assert pace.due(100.35, 1000) == 3


def test_pace_takes_fast_steps_in_ticks() -> None:
    assert Pace(1000.0, 0.0).delay(0.0) == pytest.approx(TICK_S)
    assert Pace(2.0, 0.0).delay(0.0) == pytest.approx(0.5)
    assert Pace(None, 0.0).delay(0.0) == 0


def test_pace_forgives_what_the_machine_cannot_do() -> None:
    pace = Pace(1e6, 0.0)
    late = 2 * BACKLOG_S
    assert pace.due(late, 1000) == 1000
    assert pace.due(late, 1000) == 0


def test_rate_is_taken_over_the_last_second() -> None:
    rate = Rate()
    assert rate.update(0.0, 0) == 0
    assert rate.update(0.5, 500) == 1000
    for tenth in range(10, 40):
        slow = rate.update(tenth / 10, 500)
    assert slow == 0


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.0, 3.0, 7.5])
def test_a_slow_rate_is_steady_from_the_first_step_on(speed: float) -> None:
    pace, rate = Pace(speed, 0.0, at_once=True), Rate(1 / speed, (-1 / speed, 0))
    now, steps, seen = 0.0, 0, set()
    while steps < 12:
        steps += pace.due(now, 100)
        seen.add(round(rate.update(now, steps), 2))  # frames come between the steps as well
        now += min(0.1, pace.delay(now)) or 0.001
    assert max(seen) <= 1.1 * speed
    assert min(seen) >= 0.9 * speed
    assert rate.update(now + 60, steps) == 0, "nothing is taken any more"
