"""The background thread: commands at once, pacing by the clock, nothing torn or lost."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.agents import TRAIL_LENGTH
from gridworld.batch import Batch
from gridworld.trainer import BACKLOG_S, TICK_S, Pace, Rate

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
