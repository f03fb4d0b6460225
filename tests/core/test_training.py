"""Headless training: the same bits however the work is cut up."""

import _thread
import contextlib
import os
import pickle
import subprocess
import sys
import threading
import time
import tracemalloc
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
import gridworld.store.checkpoint
from gridworld import store
from gridworld.algorithms import ALGORITHMS
from gridworld.training import Progress

DEFAULT = gw.make("default")


def greedy_length(world: gw.GridWorld, q: np.ndarray[Any, Any]) -> int:
    """Steps of the greedy path from the start to the goal, 1000 where it never arrives."""
    mdp = gw.compile_world(world)
    state, steps = int(world.starts[0]), 0
    while steps < 1000:
        steps += 1
        state = int(mdp.outcomes[state * 4 + int(q[state].argmax())]["next_state"])
        if state < 0:
            return steps if ~state in world.goals else 1000
    return steps


@pytest.mark.compiled
def test_ql_04_the_default_world_is_solved_for_99_of_100_seeds() -> None:
    """QL-04: after 500 episodes with the default parameters the greedy path has 8 steps."""
    run = gw.train(DEFAULT, agents=1, episodes=500)
    assert greedy_length(DEFAULT, run.q[0]) == 8
    optimal = 0
    for seed in range(100):
        q = gw.train(DEFAULT, gw.QLearning(), episodes=500, seed=seed, threads=1).q[0]
        optimal += greedy_length(DEFAULT, q) == 8
    assert optimal >= 99


def assert_same(one: gw.Run, other: gw.Run, rows: slice = slice(None)) -> None:
    assert np.array_equal(one.batch.q, other.batch.q[rows])
    for name in one.batch.agents.dtype.names or ():
        if not name.endswith("_limit"):
            assert np.array_equal(one.batch.agents[name], other.batch.agents[name][rows]), name


WORLDS = {
    "plain": DEFAULT,
    "slip": gw.GridWorld.from_text("S..\n.X.\n..G", slip=0.3),
    "wind": gw.GridWorld.from_text("S..\n...\n..G", wind=[0, 1, 0]),
    "portals": gw.GridWorld.from_text("S..\nS..\n..G", portals=[((1, 0), (1, 2))]),
}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_a_row_of_a_batch_is_the_agent_alone(name: str, world: str) -> None:
    algorithm = ALGORITHMS[name](
        epsilon=list(np.linspace(0, 1, 40)), learning_rate=list(np.linspace(0.05, 1, 40))
    )
    batch = gw.train(WORLDS[world], algorithm, agents=40, steps=600, seed=11, threads=2)
    for row in (0, 17, 31, 39):
        alone = gw.train(
            WORLDS[world],
            algorithm.with_parameters(
                epsilon=algorithm.epsilon[row],  # type: ignore[index]
                learning_rate=algorithm.learning_rate[row],  # type: ignore[index]
            ),
            first_agent=row,
            steps=600,
            seed=11,
            threads=1,
        )
        assert_same(alone, batch, slice(row, row + 1))


@pytest.mark.compiled
@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_a_run_in_pieces_is_one_run(name: str) -> None:
    whole = gw.train(DEFAULT, ALGORITHMS[name](), agents=35, steps=3000, seed=2)
    run = gw.train(DEFAULT, ALGORITHMS[name](), agents=35, steps=1, seed=2)
    for steps in (63, 64, 65, 807, 2000):
        run = gw.train(resume=run, steps=steps, threads=1)
    assert_same(run, whole)


@pytest.mark.compiled
def test_a_run_by_episodes_in_pieces_is_one_run() -> None:
    whole = gw.train(DEFAULT, agents=35, episodes=1500, seed=2)
    run = gw.train(DEFAULT, agents=35, episodes=700, seed=2)
    run = gw.train(resume=run, episodes=800)
    assert_same(run, whole)
    assert whole.episodes.tolist() == [1500] * 35


def test_the_first_budget_reached_ends_it() -> None:
    run = gw.train(DEFAULT, agents=3, episodes=10, steps=40)
    assert ((run.episodes == 10) | (run.steps == 40)).all()
    assert (run.steps <= 40).all()
    assert gw.train(DEFAULT).episodes.tolist() == [500]


def test_returns_and_lengths_are_per_episode_while_they_fit() -> None:
    run = gw.train(DEFAULT, agents=5, episodes=300, seed=1)
    assert run.bin_width == 1
    assert run.returns.shape == run.lengths.shape == (5, 300)
    assert np.array_equal(run.lengths.sum(axis=1), run.steps)
    goal = run.returns > 0
    np.testing.assert_allclose(run.returns[goal], 10 - 0.1 * (run.lengths[goal] - 1), atol=1e-4)
    long = gw.train(DEFAULT, episodes=5000)
    assert long.bin_width == 8
    assert long.returns.shape == (1, 625)


def test_parameters_that_differ_take_effect_in_the_run_that_goes_on() -> None:
    first = gw.QLearning(epsilon=[0.9, 0.5], epsilon_decay=0.99, learning_rate=0.2)
    run = gw.train(DEFAULT, first, agents=2, episodes=10)
    own = run.epsilon
    assert (own < [0.9, 0.5]).all()

    def go_on(algorithm: gw.Algorithm | None, **options: Any) -> gw.Run:
        return gw.train(resume=run, algorithm=algorithm, steps=1, **options)

    assert go_on(None).epsilon.tolist() == own.tolist()
    assert go_on(run.algorithm).epsilon.tolist() == own.tolist()
    assert go_on(run.algorithm, restart_epsilon=True).epsilon.tolist() == pytest.approx([0.9, 0.5])
    same = run.algorithm.with_parameters(learning_rate=0.05, epsilon_decay=1, discount_factor=0.5)
    more = go_on(same)
    assert more.epsilon.tolist() == own.tolist()
    assert more.algorithm == same
    for name in ("learning_rate", "epsilon_decay", "discount_factor"):
        assert more.batch.agents[name].tolist() == same.column(name, 2).tolist()
    other = run.algorithm.with_parameters(epsilon=0.05)
    assert go_on(other).epsilon.tolist() == pytest.approx([0.05, 0.05])
    second = run.algorithm.with_parameters(epsilon=[0.9, 0.05])
    assert go_on(second).epsilon.tolist() == pytest.approx([own[0], 0.05])
    back = other.with_parameters(epsilon=[0.9, 0.5])
    again = gw.train(resume=go_on(other), algorithm=back, steps=1)
    assert again.epsilon.tolist() == pytest.approx([0.9, 0.5])
    sentence = "initial_value must stay 0 to go on, got 5; only a fresh start"
    for initial in (5, [0, 5]):
        with pytest.raises(gw.InvalidValueError, match=sentence):
            go_on(run.algorithm.with_parameters(initial_value=initial))


def test_a_run_stays_what_it_is() -> None:
    for algorithm in (gw.QLearning(), gw.DoubleQLearning()):
        run = gw.train(DEFAULT, algorithm, agents=3, episodes=5)
        before = run.batch.copy()
        batch = run.batch
        for change in (
            partial(batch.set_epsilon, 0.5),
            partial(batch.set_budget, 1),
            partial(batch.set_parameters, algorithm),
            batch.reset,
        ):
            with pytest.raises(gw.InvalidValueError, match=r"batch must be one's own"):
                change()
        for array in (batch.q, batch.agents, batch.bins, batch.numbers):
            with pytest.raises(ValueError, match="read-only"):
                array[:] = 0
        if algorithm.tables == 1:
            with pytest.raises(ValueError, match="read-only"):
                run.q[0, 0, 0] = 1
        batch.algorithm = gw.QLearning(epsilon=0)
        for mine in (run.episodes, run.steps, run.epsilon, run.numbers, run.returns):
            mine[...] = 7
        run.history(0).bins["epsilon"] = 0
        own = run.batch.copy()
        own.set_epsilon(0.5)
        assert own.agents["epsilon"].tolist() == [0.5] * 3
        handed = gw.Run(own)
        own.set_epsilon(0.25)
        assert handed.epsilon.tolist() == [0.5] * 3
        for attribute in ("batch", "interrupted", "algorithm"):
            with pytest.raises(AttributeError):
                setattr(run, attribute, None)
        copies = pickle.loads(pickle.dumps(run)), run
        for one in copies:
            assert one.batch.is_sealed
            assert one.algorithm == algorithm
            assert one.batch.q.tobytes() == before.q.tobytes()
            assert one.batch.agents.tobytes() == before.agents.tobytes()
            assert one.batch.bins.tobytes() == before.bins.tobytes()


def test_a_run_is_handed_out_without_a_copy() -> None:
    run = gw.train(gw.maze(401, seed=1), agents=4, steps=1)
    tracemalloc.start()
    batch, q = run.batch, run.q
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert batch.q.nbytes == q.nbytes > 10_000_000
    assert used < 20_000


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_rows_of_any_number_are_those_agents(name: str) -> None:
    """Two settings of the same 20 agents, in one batch, and each agent alone."""
    numbers = np.array([*range(17), 5, 2**40, 2**63 - 1])
    rates = [0.1] * 20 + [0.7] * 20
    algorithm = ALGORITHMS[name](learning_rate=rates, epsilon=0.3)
    both = gw.train(DEFAULT, algorithm, numbers=[*numbers, *numbers], steps=700, seed=3)
    assert both.numbers.tolist() == numbers.tolist() * 2
    for row in (0, 1, 16, 17, 18, 19, 20, 22, 37, 38, 39):
        alone = gw.train(
            DEFAULT,
            algorithm.with_parameters(learning_rate=rates[row]),
            first_agent=int(numbers[row % 20]),
            steps=700,
            seed=3,
        )
        assert_same(alone, both, slice(row, row + 1))
    assert_same(
        gw.train(resume=gw.train(resume=both, steps=1), steps=1), gw.train(resume=both, steps=2)
    )
    assert both.q[5].tobytes() == both.q[17].tobytes()
    assert both.q[5].tobytes() != both.q[25].tobytes()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"numbers": []}, "numbers must be a list of whole numbers from 0"),
        ({"numbers": 3}, "numbers must be a list of whole numbers from 0"),
        ({"numbers": [[1]]}, "numbers must be a list of whole numbers from 0"),
        ({"numbers": [1.0]}, "numbers must be a list of whole numbers from 0"),
        ({"numbers": [True]}, "numbers must be a list of whole numbers from 0"),
        ({"numbers": "12"}, "numbers must be a list of whole numbers from 0"),
        ({"numbers": [1, -1]}, "numbers must be a whole number from 0, got -1"),
        ({"numbers": [2**63]}, "numbers must be a whole number from 0"),
        ({"numbers": [1, 2], "agents": 3}, "must be left out with numbers, got 3 and 0 beside 2"),
        ({"numbers": [1], "first_agent": 1}, "must be left out with numbers"),
        ({"agents": 2, "first_agent": 2**63 - 1}, r"first_agent \+ agents - 1 must be"),
    ],
)
def test_bad_numbers_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=sentence):
        gw.train(DEFAULT, **options)


def test_resuming_leaves_the_run_as_it_was() -> None:
    run = gw.train(DEFAULT, episodes=5)
    before = run.q.copy()
    gw.train(resume=run, episodes=50)
    assert np.array_equal(run.q, before)
    assert run.episodes.tolist() == [5]


def test_optimistic_values_are_the_initial_table() -> None:
    run = gw.train(DEFAULT, gw.QLearning(initial_value=[1.0, 2.0]), agents=2, steps=1)
    assert np.count_nonzero(run.q[0] != 1) == 1
    assert np.count_nonzero(run.q[1] != 2) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"agents": 0}, "agents must be a whole number from 1, got 0"),
        ({"agents": True}, "agents must be a whole number from 1, got True"),
        ({"episodes": 0}, "episodes must be a whole number from 1, got 0"),
        ({"steps": 1.5}, "steps must be a whole number from 1, got 1.5"),
        ({"seed": -1}, "seed must be a whole number from 0, got -1"),
        ({"first_agent": -1}, "first_agent must be a whole number from 0, got -1"),
        ({"agents": 2**63}, "agents must be a whole number from 1 to 9223372036854775807, got 92"),
        ({"seed": 2**70}, "seed must be a whole number from 0 to 9223372036854775807, got 11"),
        ({"threads": 0}, "threads must be a whole number from 1, got 0"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=sentence):
        gw.train(DEFAULT, **options)


BLOCKED = ("blocking-maze", "blocking-maze-2")


@pytest.mark.parametrize("algorithm", list(gw.ALGORITHMS))
@pytest.mark.parametrize("agents", [1, pytest.param(40, marks=pytest.mark.compiled)])
def test_a_run_goes_on_in_another_world(algorithm: str, agents: int) -> None:
    # some algorithms need a limit on the steps of an episode
    first, second = (replace(gw.make(name), max_steps=1000) for name in BLOCKED)
    run = gw.train(first, algorithm, agents=agents, steps=900)
    more = gw.train(second, resume=run, steps=600)
    assert more.mdp.world == second
    assert run.mdp.world == first
    assert (more.steps == 1500).all()
    # a world with the same map changes nothing, on the way or in what comes after
    same = gw.train(replace(first), resume=run, steps=600)
    assert same.q.tobytes() == gw.train(first, algorithm, agents=agents, steps=1500).q.tobytes()
    again = gw.train(second, resume=gw.train(resume=run, steps=1), steps=599)
    assert again.q.shape == more.q.shape
    # from where it stood then, it is a run of the second world
    batch = run.batch.copy()
    batch.set_world(gw.compile_world(second))
    assert gw.train(resume=gw.Run(batch), steps=600).q.tobytes() == more.q.tobytes()


MAZES = [(50, gw.make("blocking-maze-2")), (120, gw.make("shortcut-maze-2"))]


@pytest.mark.parametrize("agents", [1, 40])
@pytest.mark.parametrize("algorithm", ["sarsa", "dyna_q_plus"])
def test_a_world_that_changes_is_trained_on_as_by_going_on(agents: int, algorithm: str) -> None:
    told: list[float] = []
    run = gw.train(
        gw.make("blocking-maze"),
        algorithm,
        agents=agents,
        steps=200,
        seed=3,
        change=MAZES,
        progress=lambda progress: told.append(progress.fraction),
    )
    alone = gw.train(gw.make("blocking-maze"), algorithm, agents=agents, steps=50, seed=3)
    for (_, world), steps in zip(MAZES, (70, 80), strict=True):
        alone = gw.train(world, resume=alone, steps=steps)
    assert run.q.tobytes() == alone.q.tobytes()
    assert run.returns.tobytes() == alone.returns.tobytes()
    assert (run.steps.tolist(), run.mdp.name) == ([200] * agents, "shortcut-maze-2")
    assert told == sorted(told)
    assert told[-1] == 1
    more = gw.train(resume=run, steps=30, change=[(10, gw.make("blocking-maze"))])
    again = gw.train(gw.make("blocking-maze"), resume=gw.train(resume=run, steps=10), steps=20)
    assert more.q.tobytes() == again.q.tobytes()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"steps": 120}, "a change must come before the last of the 120 steps, got 120"),
        ({"episodes": 9}, "must have a budget of steps alone"),
        ({"steps": 500, "episodes": 9}, "must have a budget of steps alone"),
        ({}, "must have a budget of steps alone"),
        ({"steps": 500, "change": [(9, gw.make("easy"))]}, "must have 54 states of 4 actions"),
        ({"steps": 500, "change": [(9, None)]}, "world must be given"),
        ({"steps": 500, "change": [(9, "nowhere")]}, "a world must be one of"),
        ({"steps": 500, "change": [9]}, "change must list pairs"),
        ({"steps": 500, "checkpoint": "x.npz"}, "checkpoint must be left out with change"),
    ],
)
def test_a_change_that_cannot_be_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=words):
        gw.train(gw.make("blocking-maze"), **{"change": MAZES, **given})


def test_ctrl_c_before_a_change_leaves_the_budget_that_was_given() -> None:
    def stop(progress: gw.Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(gw.TrainingInterrupted) as stopped:
        gw.train(
            gw.make("blocking-maze"), steps=10**9, change=[(10**8, MAZES[0][1])], progress=stop
        )
    run = stopped.value.run
    assert run.interrupted
    assert run.batch.agents["step_limit"].tolist() == [10**9]


def test_who_stands_in_a_wall_of_the_other_world_ends_the_episode_with_the_next_step() -> None:
    first = gw.GridWorld.from_text("S..G", max_steps=None)
    second = gw.GridWorld.from_text("S#.G", max_steps=None)
    batch = gw.Batch.create(gw.compile_world(first), gw.QLearning())
    batch.agents["state"] = 1
    run = gw.train(second, resume=gw.Run(batch), steps=1)
    assert run.episodes[0] == 1
    assert run.returns[0, 0] == 0.0
    assert run.batch.agents["state"][0] == 0


def test_an_episode_longer_than_the_other_worlds_limit_is_truncated_at_once() -> None:
    first = gw.GridWorld.from_text("S" + "." * 50 + "G", max_steps=None)
    run = gw.train(first, gw.QLearning(epsilon=0.0), steps=30)
    assert run.episodes[0] == 0
    more = gw.train(replace(first, max_steps=10), resume=run, steps=1)
    assert more.episodes[0] == 1


def test_resume_takes_no_other_algorithm_and_no_world_of_another_shape() -> None:
    run = gw.train(DEFAULT, episodes=1)
    for beside in ({"agents": 2}, {"seed": 1}, {"first_agent": 1}, {"numbers": [3]}):
        with pytest.raises(gw.InvalidValueError, match=f"{next(iter(beside))} must be left out"):
            gw.train(resume=run, **beside)
    with pytest.raises(gw.WorldError, match=r"must have 25 states .* as before, got 49 of 4"):
        gw.train(gw.make("hard"), resume=run)
    with pytest.raises(gw.InvalidValueError, match=r"resume must be a Run .*got 'run.npz'"):
        gw.train(resume="run.npz")  # type: ignore[arg-type]
    with pytest.raises(gw.InvalidValueError, match="restart_epsilon must come with resume"):
        gw.train(DEFAULT, restart_epsilon=True)
    with pytest.raises(gw.InvalidValueError, match="must stay q_learning to go on, got sarsa"):
        gw.train(None, gw.Sarsa(), resume=run)
    with pytest.raises(gw.InvalidValueError, match="world must be given"):
        gw.train()


def test_what_memory_cannot_hold_is_refused_before_it_is_allocated() -> None:
    begin = time.monotonic()
    with pytest.raises(
        gw.MemoryLimitError, match=r"must fit into the free memory of .* need .* GB"
    ):
        gw.train(DEFAULT, agents=10**12)
    assert time.monotonic() - begin < 5


@pytest.mark.compiled
def test_progress_grows_to_the_whole_budget() -> None:
    seen: list[Progress] = []
    run = gw.train(DEFAULT, agents=64, steps=20_000, progress=seen.append)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert seen[-1].steps == run.steps.sum() == 64 * 20_000
    assert seen[-1].episodes == run.episodes.sum()


def test_ctrl_c_is_raised_with_what_was_learnt_so_far() -> None:
    gw.train(DEFAULT, steps=1)  # its kernel is there
    timer = threading.Timer(0.5, _thread.interrupt_main)
    timer.start()
    begin = time.monotonic()
    with pytest.raises(gw.TrainingInterrupted, match="interrupted: Run") as stopped:
        gw.train(DEFAULT, steps=10**14)
    timer.join()
    assert isinstance(stopped.value, KeyboardInterrupt)
    assert not isinstance(stopped.value, Exception)
    run = stopped.value.run
    assert run.interrupted
    assert time.monotonic() - begin < 30
    assert run.q.any()
    steps = int(run.steps[0])
    assert np.array_equal(gw.train(DEFAULT, steps=steps).q, run.q)


def outlast(timers: list[threading.Timer]) -> None:
    """Wait until the last of them has pressed Ctrl-C."""
    try:
        while any(timer.is_alive() for timer in timers):
            time.sleep(0.002)
        time.sleep(0.01)
    except KeyboardInterrupt:
        outlast(timers)


# Between the opening of a file and its holder, Python itself leaves it to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.compiled
def test_ctrl_c_at_any_moment_ends_a_training_and_leaves_no_kernel_behind() -> None:
    gw.train(DEFAULT, agents=40, steps=1)
    for delay in np.linspace(0.0002, 0.08, 25):
        timers = [threading.Timer(delay * k, _thread.interrupt_main) for k in (1, 1.05)]
        seen: list[gw.Run] = []
        with contextlib.suppress(KeyboardInterrupt):  # before there was a run, or the second
            try:
                for timer in timers:
                    timer.start()
                gw.train(DEFAULT, agents=40, steps=10**14, threads=2)
            except gw.TrainingInterrupted as stopped:
                seen.append(stopped.run)
        outlast(timers)
        for run in seen:
            before = run.q.copy()
            time.sleep(0.002)
            assert run.q.tobytes() == before.tobytes()


def test_ctrl_c_in_the_callback_is_no_lost_run() -> None:
    def press(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(gw.TrainingInterrupted) as stopped:
        gw.train(DEFAULT, steps=10, progress=press)
    assert stopped.value.run.steps.tolist() == [10]
    assert not stopped.value.run.interrupted


COMPILE = """
import _thread, sys, threading
import gridworld as gw
import gridworld.kernels.jit  # the compiler itself, whose import swallows what is raised in it
world = gw.make("default")
where, moment = sys.argv[1:]
if where == "advance":
    gw.Batch.create(gw.compile_world(world), gw.QLearning())
threading.Timer(float(moment), _thread.interrupt_main).start()
try:
    gw.solve(world) if where == "solve" else gw.train(world, episodes=1)
except gw.TrainingInterrupted as stopped:
    print("with", stopped.run.steps.sum())
except KeyboardInterrupt:
    print("without")
else:
    print("swallowed")
"""


@pytest.mark.compiled
@pytest.mark.parametrize("moment", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("where", ["create", "advance", "solve"])
def test_ctrl_c_while_kernels_compile_is_not_swallowed(
    where: str, moment: float, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPILE, where, str(moment)],
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    # How far it had come is a question of the machine.
    words = ["without"] if where == "solve" else ["without", "with 0"]
    assert done.stdout.strip() in words
    assert done.stderr == ""


@pytest.mark.compiled
def test_checkpoints_on_the_way_go_on_to_the_same_end(tmp_path: Path) -> None:
    """What a run that was killed left is gone on from, to its budget, bit for bit."""
    path = tmp_path / "run.npz"
    kept: list[gw.Run] = []

    def look(_: Progress) -> None:
        if path.exists():
            kept.append(gw.Run.load(path))
            path.unlink()

    run = gw.train(
        DEFAULT,
        agents=70,
        steps=3_000_000,
        threads=2,
        progress=look,
        checkpoint=path,
        checkpoint_every=0.02,
    )
    assert run.steps.tolist() == [3_000_000] * 70
    assert kept
    for half in kept[:: max(1, len(kept) // 3)]:
        assert half.steps.sum() < run.steps.sum()
        assert_same(gw.train(resume=half), run)


@pytest.mark.compiled
def test_a_checkpoint_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    options: dict[str, Any] = {"agents": 64, "steps": 3_000_000, "checkpoint_every": 0.05}
    with pytest.raises(OSError, match="file"):
        gw.train(DEFAULT, checkpoint=tmp_path / "file" / "run.npz", **options)
    write = store.checkpoint.save_checkpoint
    calls: list[object] = []

    def full(path: Path, batch: gw.Batch) -> Path:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return write(path, batch)

    monkeypatch.setattr(store.checkpoint, "save_checkpoint", full)
    with pytest.warns(UserWarning, match=r"run\.npz keeps an older checkpoint: .*No space left"):
        run = gw.train(DEFAULT, checkpoint=tmp_path / "run.npz", **options)
    assert len(calls) > 1
    assert run.steps.tolist() == [3_000_000] * 64


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), True, "60"])
def test_checkpoints_come_after_some_time(seconds: Any, tmp_path: Path) -> None:
    with pytest.raises(gw.InvalidValueError, match=r"checkpoint_every must be above 0 \(seconds\)"):
        gw.train(DEFAULT, checkpoint=tmp_path / "a.npz", checkpoint_every=seconds)


def test_a_run_says_what_it_is_in_one_line() -> None:
    run = gw.train(gw.make("easy"), gw.Sarsa(), agents=3, episodes=2, seed=1)
    assert repr(run) == (
        "Run(world='easy', algorithm='sarsa', agents=3, episodes=6,"
        f" steps={run.steps.sum()}, kernel='{run.kernel}')"
    )
    assert repr(gw.Run(run.batch, interrupted=True)).endswith(", interrupted=True)")
