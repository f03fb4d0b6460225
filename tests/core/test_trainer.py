"""The background thread: commands at once, pacing by the clock, nothing torn or lost."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.batch import Batch
from gridworld.kernels.codes import TRAIL_LENGTH
from gridworld.trainer import BACKLOG_S, TICK_S, Pace, Rate, next_mark

WAIT_S = 60.0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


def value(frame: np.ndarray[Any, Any], name: str) -> Any:
    return frame[name][0].item()


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
    assert value(trainer.frame(), "total_episodes") == 200


def test_train_02_stop_takes_effect_at_once_and_start_goes_on(make: Make) -> None:
    trainer = make(seed=1)
    trainer.warm_up()
    for _ in range(5):
        trainer.start(speed=None)
        time.sleep(0.02)
        assert trainer.stop() is True
        assert not trainer.running
    steps = value(trainer.frame(), "total_steps")
    time.sleep(0.05)
    assert value(trainer.frame(), "total_steps") == steps
    assert trainer.stop() is False
    one_run = gw.train(gw.make("default"), steps=steps, seed=1)
    assert np.array_equal(trainer.snapshot().q, one_run.q[0])


def test_train_03_reset_is_the_initial_state(make: Make) -> None:
    trainer = make(seed=2)
    before, run = trainer.snapshot(), value(trainer.frame(), "run")
    trainer.start(speed=None)
    wait_until(lambda: value(trainer.frame(), "total_steps") > 1000)
    trainer.reset()
    after = trainer.snapshot()
    assert not trainer.running
    assert value(after.frame, "run") == run + 1
    after.frame["run"] = before.frame["run"]
    assert after.frame == before.frame
    assert not after.q.any()
    assert len(after.history.bins) == 0


def test_train_05_train_06_episode_and_step_are_counted_from_one(make: Make) -> None:
    trainer = make(gw.GridWorld.from_text("S.G"), gw.QLearning(epsilon=0, initial_value=0))
    frame = trainer.frame()
    assert (value(frame, "episode"), value(frame, "step")) == (1, 0)
    trainer.step()
    assert (value(trainer.frame(), "episode"), value(trainer.frame(), "step")) == (1, 1)


def test_the_end_of_an_episode_is_seen_until_the_next_step(make: Make) -> None:
    world = gw.GridWorld.from_text("SG", max_steps=100)
    trainer = make(world, gw.QLearning(epsilon=0.0, epsilon_min=0.0))
    trainer.step_episode()
    frame = trainer.frame()
    length = value(frame, "step")
    assert value(frame, "episode") == value(frame, "total_episodes") == 1
    assert value(frame, "state") == world.goals[0]
    assert value(frame, "episode_return") == pytest.approx(10 - 0.1 * (length - 1), abs=1e-4)
    trainer.step()
    frame = trainer.frame()
    assert (value(frame, "episode"), value(frame, "step")) == (2, 1)


def trail_of(frame: np.ndarray[Any, Any]) -> list[int]:
    count = value(frame, "trail_count")
    first = max(0, count - TRAIL_LENGTH)
    return [int(frame["trail"][0][i % TRAIL_LENGTH]) for i in range(first, count)]


@pytest.mark.parametrize("chunks", [[1] * 100, [30, 1, 400, 7]])
def test_viz_01_the_trail_is_the_last_consecutive_steps(make: Make, chunks: list[int]) -> None:
    world = gw.make("default")
    trainer = make(world, seed=6)
    for n in chunks:
        trainer.step(n)
    trail = trail_of(trainer.frame())
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
    assert value(trainer.frame(), "state") in (at, trail[-2])


def test_the_last_update_is_spelt_out(make: Make) -> None:
    trainer = make(algorithm=gw.QLearning(learning_rate=0.5))
    for _ in range(50):
        before = trainer.snapshot()
        trainer.step()
        frame = trainer.frame()
        s, a = value(frame, "update_state"), value(frame, "update_action")
        q, target = value(frame, "update_q_before"), value(frame, "update_target")
        assert before.q[s, a] == np.float32(q)
        assert trainer.snapshot().q[s, a] == np.float32(value(frame, "update_q_after"))
        assert value(frame, "update_q_after") == pytest.approx(q + 0.5 * (target - q), rel=1e-6)


def test_a_budget_that_ends_within_a_chunk_is_seen_to_its_end(make: Make) -> None:
    trainer = make(seed=3)
    trainer.start(episodes=300, speed=None)
    finish(trainer)
    frame = trainer.frame()
    assert value(frame, "episode") == value(frame, "total_episodes") == 300
    trail = trail_of(frame)
    assert trail[-1] < 0
    assert trail[-2] == value(frame, "state")
    assert value(frame, "step") == value(frame, "last_length") > 0


def test_the_speed_is_kept_by_the_clock_and_changes_while_it_runs(make: Make) -> None:
    trainer = make()
    trainer.warm_up()
    trainer.start(speed=200.0)
    begin = time.monotonic()
    time.sleep(0.5)
    steps, elapsed = value(trainer.frame(), "total_steps"), time.monotonic() - begin
    assert steps <= 200 * elapsed + 1
    assert steps > 20
    trainer.set_speed(None)
    assert trainer.running
    wait_until(lambda: value(trainer.frame(), "total_steps") > 10_000)
    trainer.set_speed(0.001)
    steps = value(trainer.frame(), "total_steps")
    time.sleep(0.05)
    assert value(trainer.frame(), "total_steps") == steps
    assert trainer.stop()


def test_parameters_change_between_runs_alone(make: Make) -> None:
    """PARAM-04: a change takes effect with the next start, and keeps what was learnt."""
    trainer = make()
    trainer.start(episodes=5, speed=None)
    finish(trainer)
    epsilon = value(trainer.frame(), "epsilon")
    trainer.start(episodes=1, algorithm=gw.QLearning(learning_rate=0.7))
    finish(trainer)
    assert trainer.call(lambda batch: float(batch.agents["learning_rate"][0])) == pytest.approx(0.7)
    assert value(trainer.frame(), "epsilon") == pytest.approx(epsilon * 0.995, rel=1e-6)
    trainer.start(episodes=1, epsilon=0.5)
    finish(trainer)
    assert value(trainer.frame(), "epsilon") == pytest.approx(0.4975, rel=1e-6)


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
    steps = value(trainer.frame(), "total_steps")
    wait_until(lambda: value(trainer.frame(), "total_steps") > steps)


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
    assert value(trainer.frame(), "run") == 2
    assert value(trainer.frame(), "total_episodes") == 10
    assert trainer.snapshot().q.shape == (49, 4)


def test_many_agents_train_together_and_one_is_shown(make: Make) -> None:
    trainer = make(agents=40, seed=9)
    trainer.start(episodes=50, speed=None)
    finish(trainer)
    headless = gw.train(gw.make("default"), agents=40, episodes=50, seed=9)
    assert np.array_equal(trainer.call(lambda batch: batch.q.copy()), headless.batch.q)
    trainer.show(7)
    frame = trainer.frame()
    assert value(frame, "shown") == 7
    assert value(frame, "total_steps") == headless.steps[7]
    assert value(frame, "all_steps") == headless.steps.sum()
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
        seen.add(value(trainer.frame(), "total_steps"))
        time.sleep(0.005)
    assert len(seen) > 4  # a chunk takes about 50 ms


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_in_the_thread_hangs_nobody(make: Make) -> None:
    def fail() -> None:
        raise ZeroDivisionError("on purpose")

    trainer = make(on_complete=fail)
    trainer.start(episodes=1, speed=None)
    wait_until(lambda: not trainer._thread.is_alive())
    with pytest.raises(gw.TrainerBusyError, match="closed"):
        trainer.stop()
    assert not trainer.running


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


def test_visits_begin_anew_with_another_agent_and_another_run(make: Make) -> None:
    trainer = make(agents=3, watch=True)
    trainer.start(episodes=7, speed=None)
    finish(trainer)
    assert trainer.snapshot(0).visits is not None
    other = trainer.snapshot(1)
    assert (other.visits, other.td_error, other.visits_since) == (None, None, 0)

    def replace() -> None:
        trainer.replace(gw.train(gw.make("hard"), episodes=10).batch)

    beginnings: list[tuple[Callable[[], None], int]] = [
        (lambda: trainer.show(1), 8),
        (trainer.reset, 1),
        (replace, 11),
    ]
    for begin, since in beginnings:
        begin()
        fresh = trainer.snapshot(value(trainer.frame(), "shown"))
        assert fresh.visits is not None
        assert fresh.td_error is not None
        assert not fresh.visits.any()
        assert np.isnan(fresh.td_error).all()
        assert fresh.visits_since == since
        trainer.step(3)
    last = trainer.snapshot()
    assert last.visits is not None
    assert last.visits.shape == (49,)
    assert last.visits.sum() >= 3


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
    trainer.show(0)
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
    trainer.call(lambda _: setattr(trainer, "_marks", deque(maxlen=4)))
    trainer.step(60)
    assert [mark.steps for mark in trainer.take_marks()] == [40, 45, 50, 56]


def test_a_watched_batch_can_be_stopped_and_goes_on(make: Make) -> None:
    trainer = make(agents=20, watch=True, seed=2, threads=2)
    trainer.warm_up()
    for _ in range(4):
        before = value(trainer.frame(), "total_steps")
        trainer.start(speed=None)
        while value(trainer.frame(), "total_steps") == before:
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
