"""The ground truth: turn by turn, with a clock that the tests move, and no thread."""

import base64
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.errors import SolveStoppedError
from gridworld.live.trainer import Mark
from gridworld_dashboard import truth as truths
from gridworld_dashboard.truth import LOOK_S, MOST_POINTS, REST, Curve, GroundTruth, Question

WORLD = gw.GridWorld.from_text(["S.G"])
MDP = gw.compile_world(WORLD)
NOTHING = np.zeros((3, 4), np.float32)
OPTIMAL = np.array([[0, 0, 0, 1]] * 3, np.float32)
BACK = np.array([[0, 0, 1, 0]] * 3, np.float32)


class Bench:
    """A ground truth, and everything around it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.question = Question(
            run=1,
            shown=0,
            steps=0,
            mdp=MDP,
            discount_factor=0.9,
            initial_value=0.0,
            running=False,
        )
        self.tables: list[Mark] = []
        self.taken = 0
        self.changes = 0
        self.truth = GroundTruth(lambda: self.question, self._take, self._change, lambda: self.now)

    def _take(self) -> list[Mark]:
        self.taken += 1
        tables, self.tables = self.tables, []
        return tables or [self.mark(NOTHING, self.question.steps)]

    def _change(self) -> None:
        self.changes += 1

    def mark(self, q: Any, steps: int) -> Mark:
        return Mark(self.question.run, self.question.shown, steps // 2, steps, q, 0.5)

    def learn(self, *tables: Any) -> None:
        """Tables after two steps, an episode, each."""
        first = self.question.steps
        self.tables += [self.mark(q, first + 2 * (i + 1)) for i, q in enumerate(tables)]
        self.question = replace(self.question, steps=first + 2 * len(tables))

    def turns(self) -> list[float | None]:
        """All that there is to do now."""
        pauses = []
        for _ in range(50):
            pauses.append(self.truth.turn())
            if pauses[-1] is None:
                return pauses
        raise AssertionError("it never ends")

    @property
    def data(self) -> dict[str, Any]:
        return self.truth.report.data

    @property
    def curve(self) -> list[tuple[float, float]]:
        episodes, regret = self.truth.report.points
        return list(zip(episodes.tolist(), regret.tolist(), strict=True))


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def ready(bench: Bench) -> Bench:
    bench.turns()
    return bench


def test_it_says_that_it_solves_before_it_does(bench: Bench) -> None:
    assert bench.data["state"] == "solving"
    assert bench.data["optimal_return"] is None
    assert bench.truth.report.optimal is None
    assert bench.truth.turn() == 0
    assert bench.data["state"] == "ready"
    assert bench.changes == 2  # that it solves, and that it has


def test_the_optimum_is_the_exact_one(ready: Bench) -> None:
    assert ready.data["optimal_return"] == pytest.approx(-0.1 + 0.9 * 10)
    assert ready.data["optimal_length"] == 2
    optimal = ready.truth.report.optimal
    assert optimal is not None
    np.testing.assert_allclose(optimal, [8.9, 10, 0])


def test_an_untouched_agent_is_assessed_once_and_then_there_is_nothing_to_do(ready: Bench) -> None:
    assert ready.data["at_episode"] == 0
    assert ready.data["agreement"] == 0
    assert ready.data["arrives"] is False
    assert ready.data["regret"] > 0
    assert ready.taken == 1
    changes = ready.changes
    assert ready.truth.turn() is None
    assert (ready.taken, ready.changes) == (1, changes)


def test_the_curve_has_every_table_and_says_since_when_it_is_optimal(ready: Bench) -> None:
    regret = ready.data["regret"]
    ready.learn(BACK, OPTIMAL, BACK, OPTIMAL, OPTIMAL)
    ready.turns()
    assert ready.curve == [
        (0, regret),
        (1, pytest.approx(regret)),
        (2, 0),
        (3, pytest.approx(regret)),
        (4, 0),
        (5, 0),
    ]
    assert ready.data | {"optimal_since": 4, "at_episode": 5, "regret": 0.0} == ready.data
    assert ready.data | {"arrives": True, "agreement": 1.0} == ready.data
    assert ready.data["expected_return"] == pytest.approx(8.9)
    packed = ready.truth.report.regrets
    assert np.frombuffer(base64.b64decode(packed["episodes"]), "<f8").tolist() == [*range(6)]
    ready.learn(BACK)
    ready.turns()
    assert ready.data["optimal_since"] is None


def test_it_rests_four_times_as_long_as_it_worked(
    ready: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assess = gw.assess

    def slowly(*args: Any, **more: Any) -> gw.Assessment:
        ready.now += 0.3
        return assess(*args, **more)

    monkeypatch.setattr(gw, "assess", slowly)
    ready.learn(BACK, OPTIMAL)
    assert [ready.truth.turn() for _ in range(2)] == [pytest.approx(REST * 0.3)] * 2
    assert ready.truth.turn() is None


def test_while_training_runs_the_newest_table_is_taken_now_and_then(ready: Bench) -> None:
    ready.question = replace(ready.question, running=True)
    assert ready.truth.turn() == LOOK_S  # nothing learnt yet
    ready.now = 10.0
    ready.learn(BACK)
    assert ready.truth.turn() == 0
    ready.learn(OPTIMAL)
    ready.now += 0.05
    assert ready.truth.turn() == pytest.approx(LOOK_S - 0.05)
    assert len(ready.curve) == 2
    ready.now += LOOK_S
    changes = ready.changes
    ready.truth.turn()
    assert len(ready.curve) == 3
    assert ready.changes == changes  # the next frame shows it anyway


def test_another_run_or_agent_begins_another_curve(ready: Bench) -> None:
    ready.learn(OPTIMAL)
    ready.turns()
    stage = ready.truth.report.stage
    ready.question = replace(ready.question, shown=3, steps=0)
    ready.turns()
    assert ready.truth.report.stage > stage
    assert [episode for episode, _ in ready.curve] == [0]
    assert ready.data["optimal_since"] is None
    assert ready.data["state"] == "ready"
    ready.question = replace(ready.question, run=2)
    ready.turns()
    assert [episode for episode, _ in ready.curve] == [0]


def test_who_was_optimal_when_first_looked_at_was_so_by_then_and_perhaps_before(
    ready: Bench,
) -> None:
    ready.question = replace(ready.question, shown=1, steps=600)
    ready.tables = [ready.mark(OPTIMAL, 600)]
    ready.turns()
    assert ready.data | {"optimal_since": None, "optimal_by": 300, "regret": 0.0} == ready.data
    ready.learn(OPTIMAL)
    ready.turns()
    assert ready.data | {"optimal_since": None, "optimal_by": 300} == ready.data
    ready.learn(BACK, OPTIMAL)
    ready.turns()
    assert ready.data | {"optimal_since": 303, "optimal_by": None} == ready.data


def test_tables_that_were_assessed_before_do_not_come_again(ready: Bench) -> None:
    ready.learn(BACK, OPTIMAL)
    ready.turns()
    curve = ready.curve
    ready.tables = [ready.mark(NOTHING, 2), ready.mark(OPTIMAL, 4), ready.mark(OPTIMAL, 6)]
    ready.question = replace(ready.question, steps=6)
    ready.turns()
    assert ready.curve == [*curve, (3, 0)]


def test_tables_of_an_agent_that_is_shown_meanwhile_are_not_lost(ready: Bench) -> None:
    asked = ready.question = replace(ready.question, steps=2)
    ready.question = replace(asked, shown=1, steps=6)
    tables = [ready.mark(BACK, 2), ready.mark(BACK, 4), ready.mark(OPTIMAL, 6)]
    ready.question = asked

    def take() -> list[Mark]:
        ready.question = replace(asked, shown=1, steps=6)
        return tables

    ready.truth._tables = take
    ready.turns()
    assert [episode for episode, _ in ready.curve] == [1, 2, 3]
    assert ready.data["optimal_since"] == 3


def test_a_table_of_before_is_left_out(ready: Bench) -> None:
    ready.learn(BACK, OPTIMAL)
    ready.truth.turn()
    ready.question = replace(ready.question, run=2, steps=0)
    ready.tables = [replace(ready.mark(OPTIMAL, 8), run=1), ready.mark(BACK, 0)]
    ready.turns()
    assert [episode for episode, _ in ready.curve] == [0]


def test_another_discount_factor_or_world_is_solved_again(ready: Bench) -> None:
    ready.question = replace(ready.question, discount_factor=0.5)
    ready.turns()
    assert ready.data["optimal_return"] == pytest.approx(-0.1 + 0.5 * 10)
    longer = gw.compile_world(gw.GridWorld.from_text(["S..G"]))
    ready.question = replace(ready.question, mdp=longer)
    ready.tables = [replace(ready.mark(np.zeros((4, 4), np.float32), 0))]
    ready.turns()
    assert ready.data["optimal_length"] == 3
    assert ready.truth.report.mdp is longer


def test_a_solution_that_nobody_wants_any_more_is_given_up(
    ready: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    solve = gw.solve

    def meanwhile(
        mdp: gw.Mdp, discount_factor: float, *, should_stop: Callable[[], bool]
    ) -> gw.Solution:
        assert not should_stop()
        ready.question = replace(ready.question, discount_factor=0.7)
        assert should_stop()
        monkeypatch.setattr(gw, "solve", solve)
        raise SolveStoppedError("it stopped")

    ready.question = replace(ready.question, discount_factor=0.5)
    monkeypatch.setattr(gw, "solve", meanwhile)
    assert ready.truth.turn() == 0
    assert ready.data["state"] == "solving"
    ready.turns()
    assert ready.data["optimal_return"] == pytest.approx(-0.1 + 0.7 * 10)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (gw.NoProperPolicyError("some policy must end, got none"), "some policy must end"),
        (gw.MemoryLimitError("it must fit"), "it must fit"),
        (MemoryError(), "must fit into the free memory"),
    ],
)
def test_what_cannot_be_solved_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*args: Any, **more: Any) -> gw.Solution:
        raise error

    monkeypatch.setattr(gw, "solve", fail)
    assert bench.turns() == [None]
    assert bench.data["state"] == "unavailable"
    assert words in bench.data["reason"]
    assert bench.turns() == [None]
    assert bench.taken == 0
    monkeypatch.undo()
    bench.question = replace(bench.question, discount_factor=0.5)
    bench.turns()
    assert (bench.data["state"], bench.data["reason"]) == ("ready", None)


def test_a_world_that_is_too_large_is_not_solved(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(truths, "MOST_CELLS", 2)
    bench.turns()
    assert bench.data["state"] == "unavailable"
    assert bench.data["reason"] == "the world must have at most 2 cells to be solved, got 3"


def test_walls_have_no_optimum() -> None:
    bench = Bench()
    bench.question = replace(
        bench.question, mdp=gw.compile_world(gw.GridWorld.from_text(["S.G", "..#"]))
    )
    bench.tables = [bench.mark(np.zeros((6, 4), np.float32), 0)]
    bench.turns()
    optimal = bench.truth.report.optimal
    assert optimal is not None
    assert np.isnan(optimal).tolist() == [False] * 5 + [True]


def test_a_table_beyond_float32_has_no_regret(ready: Bench) -> None:
    ready.learn(np.full((3, 4), np.nan, np.float32))
    ready.turns()
    assert ready.data | {"regret": None, "arrives": None, "at_episode": 1} == ready.data
    ready.learn(OPTIMAL)
    ready.turns()
    assert [episode for episode, _ in ready.curve] == [0, 2]


def test_a_policy_that_never_ends_has_an_infinite_regret_at_discount_one(ready: Bench) -> None:
    ready.question = replace(ready.question, discount_factor=1.0)
    ready.turns()
    assert ready.data | {"regret": None, "expected_return": None, "arrives": False} == ready.data
    assert ready.curve == [(0, np.inf)]


def test_the_curve_stays_bounded_and_keeps_both_ends() -> None:
    curve = Curve()
    for episode in range(12_345):
        curve.add(episode, 1 / (1 + episode))
        assert len(curve) <= MOST_POINTS
    episodes = [point for point, _ in curve]
    assert episodes[0] == 0
    assert episodes[-1] == 12_344
    assert episodes == sorted(set(episodes))
    curve.add(12_344, 7.0)
    assert list(curve)[-1] == (12_344, 7.0)


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_the_thread_solves_and_ends() -> None:
    bench = Bench()
    bench.truth.start()
    wait(lambda: bench.data["at_episode"] is not None)
    assert bench.data["state"] == "ready"
    bench.truth.close()
    assert not bench.truth._thread.is_alive()


def test_a_fault_is_told_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **more: Any) -> gw.Solution:
        raise ZeroDivisionError

    monkeypatch.setattr(gw, "solve", fail)
    bench = Bench()
    bench.truth.start()
    wait(lambda: bench.data["state"] == "unavailable")
    bench.truth.close()
    assert bench.data["reason"] == "a fault of the server; its log says more"
    assert "ZeroDivisionError" in caplog.text
