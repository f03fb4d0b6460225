"""What the controls do, with the real trainer and without a socket."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from clock import sometimes
from gridworld.batch import Batch
from gridworld.engine import Engine
from gridworld.history import History, read_history
from gridworld.live.shown import next_mark
from gridworld.mdp import compile_world
from gridworld.records import STATUS
from gridworld.tables import of
from gridworld.worlds import make
from gridworld_dashboard.parameters import Parameters
from gridworld_dashboard.saves import MOST_COPIES
from gridworld_dashboard.session import Session
from gridworld_dashboard.storage import Store
from gridworld_dashboard.wire.protocol import Command, Message


class Desk:
    """A session, and everything that it says."""

    def __init__(self, folder: Path) -> None:
        self.session = Session(folder, now=lambda: 1700000000.5)
        self.said: list[Message] = []  # answers and announcements in the order of their sending
        self.told: list[str] = []  # types of what others hear
        self.session.attach(self._announce, lambda: None)

    def _announce(self, message: Message) -> None:
        self.said.append(message)
        self.told.append(message["type"])

    def do(self, type_: str, **data: Any) -> Message:
        """One command and its only answer."""
        answers: list[Message] = []

        def reply(message: Message, *, tell: bool | Message = False) -> None:
            answers.append(message)
            self.said.append(message)
            if tell:
                self.told.append((message if tell is True else tell)["type"])

        self.session.execute(Command(type_, data), reply)
        wait(lambda: answers != [])
        (answer,) = answers
        return answer

    def ok(self, type_: str, **data: Any) -> dict[str, Any]:
        answer = self.do(type_, **data)
        assert answer["type"] != "error", answer
        assert answer["data"].get("success", True), answer
        return dict(answer["data"])

    def error(self, type_: str, **data: Any) -> str:
        answer = self.do(type_, **data)
        assert answer["type"] == "error", answer
        return str(answer["data"]["message"])

    def train(self, episodes: int, **data: Any) -> None:
        """Start, and wait until the budget is used up."""
        before = self.told.count("training_complete")
        self.ok("start_training", num_episodes=episodes, **{"speed": None} | data)
        wait(lambda: self.told.count("training_complete") > before)

    def state(self) -> dict[str, Any]:
        counters = self.session.observer.counters()
        assert counters is not None
        return counters

    def q(self) -> Any:
        return self.session.observer.look().q

    def history(self) -> History:
        learnt = self.session.observer.look()
        return read_history(learnt.agents[0], learnt.bins[0])


def wait(condition: Callable[[], bool], timeout: float = 20.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.002)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.session.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    """Further sessions on the same folder: restarts of the server."""
    made: list[Desk] = []

    def make_one() -> Desk:
        made.append(Desk(tmp_path))
        return made[-1]

    yield make_one
    for one in made:
        one.session.close()


# --- start, stop, reset


def test_a_new_session_is_idle_and_fresh(desk: Desk) -> None:
    state = desk.state()
    assert state["running"] is False
    assert (state["episode"], state["step"], state["total_steps"]) == (1, 0, 0)
    assert state["agent_pos"] == [0, 0]
    assert state["autosave"] is None
    usual = {
        "learning_rate": 0.1,
        "epsilon": 1.0,
        "discount_factor": 0.99,
        "num_episodes": 500,
        "num_steps": None,
        "epsilon_decay": 0.995,
        "epsilon_min": 0.01,
        "initial_value": 0.0,
        "speed": 30.0,
        "world": "default",
        "slip": 0.0,
        "max_steps": 100,
        "algorithm": "q_learning",
        "seed": 0,
        "agents": 1,
        "first_agent": 0,
    }
    assert state["parameters"].items() >= usual.items()
    listed = of("learning", "run", "world", "pacing")
    assert state["parameters"] == {each.key: each.default for each in listed}


def test_a_budget_of_steps_ends_a_start_as_one_of_episodes_does(desk: Desk) -> None:
    desk.train(10**6, num_steps=250)
    state = desk.state()
    assert (state["total_steps"], state["target_steps"], state["finished"]) == (250, 250, True)
    desk.train(10**6)  # an absent key keeps its value
    assert desk.state()["total_steps"] == desk.state()["target_steps"] == 500
    endless = {"map": ["S##", "###", "##G"], "max_steps": None}
    assert "episodes must be able to end" in desk.error(
        "start_training", world=endless, num_episodes=5, num_steps=None
    )
    desk.train(5, world=endless, num_steps=80, algorithm="sarsa")
    assert desk.state()["total_steps"] == 80
    started = desk.ok("start_training", num_episodes=None, num_steps=40, speed=None)
    assert (started["num_episodes"], started["num_steps"]) == (None, 40)
    wait(lambda: desk.told.count("training_complete") == 4)
    desk.ok("reset")
    assert desk.state()["target_steps"] is None


def test_an_agent_of_any_number_learns_what_it_learns_elsewhere(
    desk: Desk, other: Callable[[], Desk]
) -> None:
    run = desk.state()["run"]
    desk.train(20, first_agent=12345, seed=4)
    assert desk.state()["run"] == run + 1
    alone = gw.train(make("default"), first_agent=12345, seed=4, episodes=20)
    assert desk.q().tobytes() == alone.q[0].tobytes()
    assert desk.state()["repeatable"]
    desk.ok("save_qtable")
    another = other()
    another.ok("load_qtable")
    state = another.state()
    assert (state["parameters"]["first_agent"], state["repeatable"]) == (12345, True)
    assert "first_agent + agents - 1 must be" in another.error(
        "configure", first_agent=2**63 - 1, agents=2
    )
    assert another.state()["parameters"]["first_agent"] == 12345


def test_training_runs_its_budget_and_says_so_train_01(desk: Desk) -> None:
    """TRAIN-01."""
    answer = desk.ok("start_training", num_episodes=30, speed=None)
    assert answer["num_episodes"] == 30
    wait(lambda: "training_complete" in desk.told)
    complete = desk.said[-1]["data"]
    assert complete["total_episodes"] == 30
    assert complete["final_epsilon"] == pytest.approx(0.995**30, rel=1e-5)
    state = desk.state()
    assert (state["running"], state["finished"], state["total_episodes"]) == (False, True, 30)
    assert state["target_episodes"] == 30


def test_the_answer_to_a_start_precedes_its_end(desk: Desk) -> None:
    for _ in range(50):
        desk.said.clear()
        desk.train(1)
        types = [message["type"] for message in desk.said]
        assert types == ["training_started", "training_complete"]


def test_stop_is_at_once_and_start_goes_on_train_02(desk: Desk) -> None:
    """TRAIN-02, QL-05: pieces are the same as one run, to the last bit."""

    def stops_at_once() -> bool:
        desk.ok("reset")
        desk.ok("start_training", num_episodes=4000, speed=None, seed=3)
        begin = time.monotonic()
        desk.ok("stop_training")
        return time.monotonic() - begin < 0.05

    assert sometimes(stops_at_once)
    done = 0
    for pause in (0.001, 0.002, 0.003):
        done = desk.state()["total_episodes"]
        if done >= 4000:
            break
        desk.ok("start_training", num_episodes=4000 - done, speed=20_000)
        time.sleep(pause)
        desk.ok("stop_training")
    done = desk.state()["total_episodes"]
    if done < 4000:
        desk.train(4000 - done)
    pieces, state = desk.q(), desk.state()
    desk.ok("reset")
    desk.train(4000)
    np.testing.assert_array_equal(pieces, desk.q())
    assert desk.state()["total_steps"] == state["total_steps"]
    assert desk.state()["epsilon"] == state["epsilon"]


def test_the_unfinished_episode_is_the_first_of_the_next_start(desk: Desk) -> None:
    desk.ok("step")
    assert desk.state()["step"] == 1
    desk.train(2)
    assert desk.state()["total_episodes"] == 2


def test_null_episodes_run_until_stopped(desk: Desk) -> None:
    desk.ok("start_training", num_episodes=None, speed=None)
    wait(lambda: desk.state()["total_episodes"] > 1000)
    state = desk.state()
    assert state["running"]
    assert state["target_episodes"] is None
    assert state["parameters"]["num_episodes"] is None
    answer = desk.ok("stop_training")
    assert answer["message"].startswith("Training stopped in episode")
    assert answer["total_episodes"] > 1000
    assert desk.told == ["training_started", "training_stopped"]


def test_stop_when_idle_is_answered_and_nobody_else_hears_it(desk: Desk) -> None:
    assert desk.do("stop_training")["type"] == "training_stopped"
    assert desk.told == []


def test_reset_returns_everything_to_the_beginning_train_03(desk: Desk) -> None:
    """TRAIN-03: while training runs, too."""
    desk.train(20)
    run = desk.state()["run"]
    desk.ok("start_training", num_episodes=None, speed=None)
    assert desk.do("reset")["type"] == "reset_complete"
    state = desk.state()
    assert state["run"] > run
    assert (state["running"], state["finished"]) == (False, False)
    assert (state["episode"], state["step"], state["total_steps"]) == (1, 0, 0)
    assert (state["epsilon"], state["target_episodes"]) == (1.0, None)
    assert state["agent_pos"] == [0, 0]
    assert not desk.q().any()
    assert len(desk.history().bins) == 0
    assert desk.told[-1] == "reset_complete"


def test_start_and_load_while_running_are_errors_and_training_goes_on(desk: Desk) -> None:
    desk.ok("start_training", num_episodes=None, speed=50)
    assert desk.error("start_training") == (
        "training must be stopped before it is started, it is running"
    )
    assert "training must be stopped before a load" in desk.error("load_qtable")
    assert "training must be stopped before a change" in desk.error("configure", seed=3)
    assert desk.state()["running"]


# --- parameters


def test_parameters_come_into_force_with_the_next_start_param_04(desk: Desk) -> None:
    """PARAM-04, PARAM-05."""
    desk.train(1, learning_rate=0.5, discount_factor=0.9, epsilon_decay=0.9, epsilon_min=0.2)
    parameters = desk.state()["parameters"]
    assert parameters["learning_rate"] == 0.5
    assert parameters["discount_factor"] == 0.9
    desk.train(1)  # absent keys keep their values
    assert desk.state()["parameters"] == parameters
    assert desk.state()["epsilon"] == pytest.approx(0.81, rel=1e-6)


def test_a_learning_rate_of_zero_in_float32_is_refused(desk: Desk) -> None:
    before = desk.state()["parameters"]
    message = desk.error("start_training", learning_rate=1e-60)
    assert message == "learning_rate must be in (0, 1], got 1e-60"
    assert desk.state()["parameters"] == before
    assert not desk.state()["running"]


def test_epsilon_is_taken_where_it_differs_from_the_one_last_given(desk: Desk) -> None:
    desk.train(10)
    own = desk.state()["epsilon"]
    assert own < 1.0
    desk.train(1, epsilon=1.0, epsilon_decay=1.0)  # the one last given: the agent's own goes on
    assert desk.state()["epsilon"] == own
    desk.train(1, epsilon=0.5)
    assert desk.state()["epsilon"] == 0.5
    desk.train(1, epsilon=0.5, epsilon_decay=0.5)
    assert desk.state()["epsilon"] == 0.25
    desk.train(1, epsilon=0.5, restart_epsilon=True, epsilon_decay=1.0)
    assert desk.state()["epsilon"] == 0.5
    desk.train(1, epsilon_decay=0.5)
    desk.train(1, restart_epsilon=True, epsilon_decay=1.0)  # without a value: the last given
    assert desk.state()["epsilon"] == 0.5
    desk.ok("reset")
    assert desk.state()["epsilon"] == 0.5


def test_a_restart_is_one_of_the_temperature_too(desk: Desk) -> None:
    desk.ok("configure", exploration="softmax", temperature=2.0, temperature_decay=0.5)
    desk.train(1)
    assert desk.state()["temperature"] == 1.0
    desk.train(1)
    assert desk.state()["temperature"] == 0.5
    desk.train(1, restart_epsilon=True)
    assert desk.state()["temperature"] == 1.0
    desk.train(1, temperature=0.25)
    assert desk.state()["temperature"] == 0.125
    assert desk.session.observer.look().bins["epsilon"].tolist() == [[1.0, 0.5, 1.0, 0.125]]


@pytest.mark.parametrize("change", [{"seed": 1}, {"world": "easy"}])
def test_another_seed_or_world_begins_afresh(desk: Desk, change: dict[str, Any]) -> None:
    desk.train(10)
    run = desk.state()["run"]
    desk.train(5, **change)
    state = desk.state()
    assert state["run"] > run
    assert state["total_episodes"] == 5
    assert state["parameters"] | change == state["parameters"]
    desk.train(5, **change)  # the same once more: goes on
    assert desk.state()["total_episodes"] == 10


def test_the_speed_is_kept_and_changes_while_training_runs(desk: Desk) -> None:
    desk.ok("start_training", num_episodes=None)
    time.sleep(0.15)
    assert 1 <= desk.state()["total_steps"] <= 40  # 30 a second at first
    assert desk.ok("set_speed", speed=None) == {"speed": None}
    wait(lambda: desk.state()["total_steps"] > 10_000)
    desk.ok("set_speed", speed=1)
    desk.ok("stop_training")
    desk.ok("start_training")
    assert desk.state()["parameters"]["speed"] == 1


def test_step_and_step_episode(desk: Desk) -> None:
    assert desk.do("step") == {
        "type": "step_complete",
        "data": {"total_episodes": 0, "total_steps": 1},
    }
    assert desk.state()["update"] is not None
    assert desk.do("step_episode")["type"] == "step_episode_complete"
    assert desk.state()["total_episodes"] == 1
    assert not desk.state()["running"]


@pytest.mark.parametrize("command", ["step", "step_episode"])
def test_a_step_stops_who_runs_like_a_debugger(desk: Desk, command: str) -> None:
    desk.ok("start_training", num_episodes=None, speed=None)
    wait(lambda: desk.state()["total_episodes"] > 3)
    answer = desk.do(command)
    assert answer["type"] == f"{command}_complete"
    assert not desk.state()["running"]
    assert desk.state()["total_steps"] == answer["data"]["total_steps"]
    assert desk.told == ["training_started", "training_stopped"]  # the others
    assert [message["type"] for message in desk.said] == ["training_started", answer["type"]]
    desk.do(command)
    assert desk.told == ["training_started", "training_stopped"]


def test_ping_is_answered_with_the_clock(desk: Desk) -> None:
    assert desk.do("ping") == {"type": "pong", "data": {"timestamp": 1700000000.5}}


def test_a_fault_is_answered_and_logged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(desk.session._trainer, "reset", fail)
    assert desk.error("reset") == "reset failed by a fault of the server; see its log"
    assert "ZeroDivisionError" in caplog.text


def test_it_learns_the_optimal_policy_of_the_default_world_ql_04(desk: Desk) -> None:
    """QL-01, QL-02, QL-03, QL-04: 8 moves around the pits to the goal, from the start."""
    desk.train(5000)
    q, world = desk.q(), make("default")
    mdp = compile_world(world)
    state, moves = int(world.starts[0]), 0
    while state >= 0 and moves < 20:
        state = int(mdp.outcomes["next_state"][state * 4 + int(q[state].argmax())])
        moves += 1
    assert (~state, moves) == (int(world.goals[0]), 8)


def test_the_history_has_every_episode_metric_01(desk: Desk) -> None:
    """METRIC-01, METRIC-02, METRIC-03: return, steps and epsilon of each episode."""
    desk.train(40)
    history = desk.history()
    assert history.width == 1
    assert len(history.bins) == 40
    lengths = history.bins["length_mean"]
    assert lengths.sum() == desk.state()["total_steps"]
    np.testing.assert_allclose(history.bins["epsilon"], 0.995 ** np.arange(1, 41), rtol=1e-4)


# --- values without a start


def same_as(desk: Desk, algorithm: gw.Algorithm, world: gw.GridWorld, **more: Any) -> bool:
    """Whether the agents have learnt what `gw.train` gives."""
    run = gw.train(world, algorithm, episodes=desk.state()["total_episodes"], **more)
    shown = desk.state()["shown"]
    return bool((run.q[shown] == desk.q()).all())


def test_configure_puts_values_in_force_without_a_start(desk: Desk) -> None:
    assert desk.ok("configure", num_episodes=7, speed=None) == {"fresh": False}
    assert desk.told == []
    state = desk.state()
    assert (state["run"], state["running"], state["total_steps"]) == (1, False, 0)
    assert state["parameters"] | {"num_episodes": 7, "speed": None} == state["parameters"]
    desk.ok("start_training")
    wait(lambda: "training_complete" in desk.told)
    assert desk.state()["total_episodes"] == 7


def test_other_numbers_begin_afresh_before_the_first_step(desk: Desk) -> None:
    assert desk.ok("configure", epsilon=0.25, learning_rate=0.5) == {"fresh": True}
    assert desk.told == ["configured"]
    state = desk.state()
    assert (state["run"], state["epsilon"], state["repeatable"]) == (2, 0.25, True)
    assert desk.ok("configure", epsilon=0.25) == {"fresh": False}
    desk.train(3, discount_factor=0.75)
    assert desk.state()["run"] == 3
    algorithm = gw.QLearning(epsilon=0.25, learning_rate=0.5, discount_factor=0.75)
    assert same_as(desk, algorithm, make("default"))


def test_later_they_change_the_run_which_is_no_longer_repeatable(desk: Desk) -> None:
    desk.train(5)
    assert desk.state()["repeatable"]
    assert desk.ok("configure", speed=50, num_episodes=9) == {"fresh": False}
    assert desk.state()["repeatable"]
    assert desk.ok("configure", learning_rate=0.5, epsilon=0.125) == {"fresh": False}
    state = desk.state()
    assert (state["total_episodes"], state["repeatable"]) == (5, False)
    assert desk.session.observer.look().agents["learning_rate"][0] == 0.5
    assert desk.session.observer.look().agents["epsilon"][0] == 0.125
    desk.train(2)
    assert not desk.state()["repeatable"]
    desk.ok("reset")
    assert desk.state()["repeatable"]
    assert desk.state()["epsilon"] == 0.125
    desk.train(4)
    assert same_as(desk, gw.QLearning(learning_rate=0.5, epsilon=0.125), make("default"))


def test_a_restart_of_epsilon_is_a_change_once_steps_were_taken(desk: Desk) -> None:
    desk.train(5, restart_epsilon=True)
    assert desk.state()["repeatable"]
    desk.train(5, restart_epsilon=True)
    assert not desk.state()["repeatable"]


@pytest.mark.parametrize(
    "change",
    [
        {"world": "easy"},
        {"world": {"map": ["S..G"]}},
        {"slip": 0.25},
        {"max_steps": 50},
        {"max_steps": None},
        {"algorithm": "sarsa"},
        {"seed": 3},
        {"agents": 3},
        {"initial_value": 1.0},
    ],
)
def test_what_another_run_needs_begins_afresh(desk: Desk, change: dict[str, Any]) -> None:
    desk.train(5)
    assert desk.ok("configure", **change) == {"fresh": True}
    state = desk.state()
    assert (state["run"], state["total_steps"], state["finished"]) == (2, 0, False)
    assert state["repeatable"]
    assert desk.ok("configure", **change) == {"fresh": False}
    desk.train(2)
    assert desk.state()["run"] == 2


@pytest.mark.parametrize("algorithm", gw.ALGORITHMS)
def test_every_algorithm_learns_what_the_library_learns(desk: Desk, algorithm: str) -> None:
    numbers: dict[str, Any] = {"learning_rate": 0.3, "epsilon": 0.5, "initial_value": 2.0}
    numbers["epsilon_decay"] = 0.9
    desk.train(20, algorithm=algorithm, slip=0.25, max_steps=30, seed=5, agents=3, **numbers)
    desk.ok("show_agent", agent=2)
    world = replace(make("default"), slip=0.25, max_steps=30)
    assert same_as(desk, gw.ALGORITHMS[algorithm](**numbers), world, agents=3, seed=5)
    assert desk.state()["repeatable"]


def test_another_world_brings_its_own_slip_and_limit(desk: Desk) -> None:
    desk.ok("configure", slip=0.5, max_steps=7)
    assert desk.ok("configure", world="default") == {"fresh": False}  # no other world
    desk.ok("configure", world="frozen-lake-4x4")
    parameters = desk.state()["parameters"]
    assert (parameters["slip"], parameters["max_steps"]) == (2 / 3, 100)
    desk.ok("configure", world="windy", slip=0.125)
    parameters = desk.state()["parameters"]
    assert (parameters["slip"], parameters["max_steps"]) == (0.125, None)
    assert desk.session.observer.world == replace(make("windy"), slip=0.125)


def test_a_world_of_ones_own_is_not_named(desk: Desk) -> None:
    def named() -> bool:
        return bool(desk.session.observer.world_data()[1]["named"])

    assert named()
    desk.ok("configure", slip=0.5)
    assert named()
    definition = {"map": ["S.G"], "name": "default", "slip": 0.125}
    desk.ok("configure", world=definition)
    assert not named()
    assert (
        desk.state()["parameters"] | {"world": "default", "slip": 0.125}
        == (desk.state()["parameters"])
    )
    assert desk.ok("configure", world=definition) == {"fresh": False}
    assert desk.ok("configure", world="default") == {"fresh": True}
    assert desk.session.observer.world == make("default")
    assert desk.ok("configure", world=make("hard").to_json()) == {"fresh": True}
    assert named()
    assert desk.ok("configure", world="maze-8:3") == {"fresh": True}
    assert named()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"world": "maze-3"}, "N of maze-N must be a whole number from 4 to 2000, got 3"),
        ({"world": {"map": ["..G"]}}, "a map must have at least one start"),
        ({"world": {"rows": ["S.G"]}}, "a world must have no other keys than"),
        ({"world": {"map": ["S.."], "max_steps": None}}, "so that episodes can end"),
        ({"learning_rate": 1e-60}, "learning_rate must be in (0, 1], got 1e-60"),
    ],
)
@pytest.mark.parametrize("command", ["configure", "start_training"])
def test_what_cannot_be_leaves_everything_as_it_was(
    desk: Desk, command: str, change: dict[str, Any], words: str
) -> None:
    desk.train(5)
    state, q = desk.state(), desk.q()
    assert words in desk.error(command, seed=9, **change)
    assert desk.state() == state
    np.testing.assert_array_equal(desk.q(), q)


def test_episodes_that_never_end_are_not_waited_for(desk: Desk) -> None:
    desk.train(5)
    q = desk.q()
    closed = {"map": ["S#G"], "max_steps": None}
    message = desk.error("start_training", num_episodes=3, world=closed)
    assert "episodes must be able to end where they are the budget, got the world" in message
    assert np.array_equal(desk.q(), q), "what was learnt on the present world is untouched"
    assert desk.session.observer.world == gw.make("default")
    desk.ok("configure", world=closed)
    assert desk.error("start_training", num_episodes=3) == message
    assert not desk.session.observer.running
    desk.ok("start_training", num_episodes=None)
    assert desk.session.observer.running
    desk.ok("stop_training")
    desk.ok("start_training", num_episodes=3, max_steps=5, speed=None)


def test_what_memory_cannot_hold_is_refused_with_the_figure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.train(5)
    state, q = desk.state(), desk.q()
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=8 * 10**9))
    for command in ("configure", "start_training"):
        message = desk.error(command, agents=4096, world="maze-1000")
        assert message == (
            "the Q-tables must fit into the free memory of 8.0 GB, "
            "4,096 agents x 1,000,000 states need 65.6 GB"
        )
    assert desk.state() == state
    np.testing.assert_array_equal(desk.q(), q)


def test_an_allocation_that_fails_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("gridworld_dashboard.inforce.compile_world", fail)
    assert "must fit into the free memory" in desk.error("configure", world="hard")
    assert desk.state()["run"] == 1


def test_a_world_comes_as_json_of_any_size(desk: Desk) -> None:
    definition = json.dumps(make("maze-300").to_json()).encode()
    assert len(definition) > 65536
    assert desk.session.put_world(definition)
    assert desk.told == ["configured"]
    assert desk.state()["parameters"]["world"] == "maze-300"
    assert not desk.session.put_world(definition)
    assert desk.told == ["configured"]
    with pytest.raises(gw.WorldError, match="must be a JSON object"):
        desk.session.put_world(b"{")
    desk.ok("start_training", num_episodes=None)
    with pytest.raises(gw.TrainerBusyError, match="must be stopped before a change"):
        desk.session.put_world(definition)


# --- many agents


def test_any_agent_is_shown(desk: Desk) -> None:
    desk.train(10, agents=40)
    state = desk.state()
    assert (state["agents"], state["agents_done"], state["shown"]) == (40, 40, 0)
    assert state["all_steps"] > state["total_steps"]
    assert desk.ok("show_agent", agent=39) == {"agent": 39}
    state = desk.state()
    assert (state["shown"], state["total_episodes"], state["visits_since"]) == (39, 10, 1)
    alone = gw.train(make("default"), first_agent=39, episodes=10)
    np.testing.assert_array_equal(desk.q(), alone.q[0])
    assert "the agent must be in [0, 40), got 40" in desk.error("show_agent", agent=40)
    desk.train(1)
    visits = desk.session.observer.look().visits
    arrivals = visits[[6, 8, 12, 24]].sum()  # in pits and at the goal
    assert visits.sum() - arrivals == desk.state()["total_steps"]


def test_another_agent_is_shown_with_its_own_past(desk: Desk) -> None:
    """All that frames say is that agent's: as if it had been shown all the time."""

    def told() -> dict[str, Any]:
        state, learnt = desk.state(), desk.session.observer.look()
        keys = ("trail", "update", "episode", "step", "agent_pos", "episode_return", "visits_since")
        state["trail"] = state["trail"][-state["step"] - 1 :]  # the last episode
        return {key: state[key] for key in keys} | {
            "visits": learnt.visits.tolist(),
            "td_error": learnt.td_error.tobytes(),
        }

    desk.ok("configure", agents=32)
    desk.ok("show_agent", agent=1)
    desk.train(300)
    always = told()
    desk.ok("reset")
    desk.train(300)
    first = told()
    desk.ok("show_agent", agent=1)
    assert told() == always
    assert (always["episode"], always["visits_since"]) == (300, 1)
    assert first != always
    desk.ok("show_agent", agent=0)
    assert told() == first


def test_since_when_another_agent_is_optimal_is_known_from_its_past(desk: Desk) -> None:
    world, step, since = make("default"), 0, None
    solution = gw.solve(world)
    last = gw.train(world, episodes=300, first_agent=1)
    while (step := next_mark(step)) < last.steps[0]:
        run = gw.train(world, steps=step, first_agent=1)
        optimal = gw.assess(world, run.q[0], solution).regret == 0
        since = (since or int(run.batch.agents["episodes"][0])) if optimal else None
    assert since is not None
    assert gw.assess(world, last.q[0], solution).regret == 0
    desk.train(300, agents=32)
    desk.ok("show_agent", agent=1)
    wait(lambda: desk.session.truth.report.data["optimal_since"] == since)
    assert 10 < since < 300


def test_what_cannot_be_known_of_another_agent_is_said_to_be_unknown(desk: Desk) -> None:
    desk.train(3000, agents=2)
    desk.train(1, learning_rate=0.2)
    desk.ok("show_agent", agent=1)
    state, learnt = desk.state(), desk.session.observer.look()
    assert (state["visits_since"], state["update"]) == (3002, None)
    assert state["trail"] == [[*state["agent_pos"], 1]]
    assert not learnt.visits.any()
    assert np.isnan(learnt.td_error).all()
    wait(lambda: desk.session.truth.report.data["optimal_by"] == 3001)
    assert desk.session.truth.report.data["optimal_since"] is None


def test_agents_done_are_those_whose_budget_is_used_up(desk: Desk) -> None:
    desk.ok("start_training", agents=5, num_episodes=3, speed=50)
    assert desk.state()["agents_done"] == 0
    desk.ok("set_speed", speed=None)
    wait(lambda: "training_complete" in desk.told)
    assert desk.state()["agents_done"] == 5


# --- the optimum


def test_the_truth_follows_the_run(desk: Desk) -> None:
    def truth() -> dict[str, Any]:
        return desk.session.truth.report.data

    desk.train(3000)
    wait(lambda: truth()["at_episode"] == 3000)
    assert truth()["optimal_return"] == pytest.approx(gw.solve(make("default")).expected_return)
    assert truth() | {"regret": 0.0, "arrives": True, "optimal_length": 8.0} == truth()
    assert 0 < truth()["optimal_since"] < 3000
    episodes, regret = desk.session.truth.report.points
    assert len(episodes) > 30  # although it was over in a moment
    assert regret[0] > 0
    desk.ok("configure", world={"map": ["S.G"]})
    wait(lambda: truth()["optimal_length"] == 2 and truth()["at_episode"] == 0)
    desk.ok("configure", discount_factor=0.5)
    wait(lambda: truth()["optimal_return"] == pytest.approx(4.9))


# --- saving and loading


def test_save_and_load_go_on_bit_for_bit_ql_05(desk: Desk, other: Callable[[], Desk]) -> None:
    """QL-05: save, close everything, load, and go on training."""
    desk.ok("start_training", num_episodes=300, speed=None, learning_rate=0.3, seed=9)
    wait(lambda: "training_complete" in desk.told)
    saved = desk.ok("save_qtable")
    assert saved["filepath"].endswith(".qtables/agent_latest.json")
    desk.train(100)

    second = other()
    answer = second.ok("load_qtable")
    assert answer["epsilon"] == pytest.approx(0.995**300, rel=1e-4)
    assert second.told == ["load_complete"]
    state = second.state()
    assert state["total_episodes"] == 300
    assert state["parameters"]["learning_rate"] == 0.3
    assert state["parameters"]["seed"] == 9
    second.train(100)
    np.testing.assert_array_equal(second.q(), desk.q())
    assert second.state()["epsilon"] == desk.state()["epsilon"]
    assert second.state()["total_episodes"] == 400
    assert second.state()["repeatable"]


def test_a_run_that_is_not_repeatable_stays_so_in_its_file(
    desk: Desk, other: Callable[[], Desk]
) -> None:
    desk.train(5)
    desk.train(5, learning_rate=0.5)
    desk.ok("save_qtable")
    second = other()
    second.ok("load_qtable")
    assert not second.state()["repeatable"]


def test_what_the_library_saved_may_have_been_changed_on_its_way(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / ".qtables").mkdir()
    world = replace(make("default"), slip=0.5, max_steps=9)
    gw.train(world, gw.Sarsa(initial_value=3), episodes=5, agents=2).save(
        tmp_path / ".qtables" / "theirs.npz"
    )
    desk.ok("load_qtable", name="theirs")
    state = desk.state()
    given = {"slip": 0.5, "max_steps": 9, "initial_value": 3.0, "algorithm": "sarsa", "agents": 2}
    assert state["parameters"] | given == state["parameters"]
    assert not state["repeatable"]
    desk.ok("reset")
    assert desk.state()["repeatable"]


def test_both_files_bear_the_same_save_id(desk: Desk, tmp_path: Path) -> None:
    desk.train(5)
    desk.ok("save_qtable", name="v1.2")
    data = json.loads((tmp_path / ".qtables" / "v1.2.json").read_text())
    assert {"q_table", "epsilon", "grid_size", "timestamp", "config", "save_id"} <= set(data)
    assert len(data["q_table"]) == 5
    assert sorted(path.name for path in (tmp_path / ".qtables").iterdir()) == [
        "v1.2.json",
        "v1.2.npz",
    ]


def test_a_json_that_somebody_changed_is_taken(desk: Desk, tmp_path: Path) -> None:
    desk.train(50)
    desk.ok("save_qtable")
    path = tmp_path / ".qtables" / "agent_latest.json"
    data = json.loads(path.read_text())
    del data["save_id"]
    data["q_table"][2][1] = [1.5, 2.5, 3.5, 4.5]
    data["epsilon"] = 0.125
    data["config"]["learning_rate"] = 0.25
    path.write_text(json.dumps(data))
    assert desk.ok("load_qtable")["epsilon"] == 0.125
    assert desk.q()[1 * 5 + 2].tolist() == [1.5, 2.5, 3.5, 4.5]
    state = desk.state()
    assert state["total_episodes"] == 0
    assert state["parameters"]["learning_rate"] == 0.25
    desk.train(1, epsilon=1.0, epsilon_decay=1.0)  # the one last given: the file's goes on
    assert desk.state()["epsilon"] == 0.125


def test_a_file_of_another_program_loads(desk: Desk, tmp_path: Path) -> None:
    table = [[[x + y / 10, 0, 0, 0] for y in range(5)] for x in range(5)]
    (tmp_path / ".qtables").mkdir()
    (tmp_path / ".qtables" / "theirs.json").write_text(
        json.dumps(
            {
                "q_table": table,
                "epsilon": 0.3,
                "grid_size": 5,
                "timestamp": "2024-01-01T00:00:00Z",
                "config": {"learning_rate": 0.2, "discount_factor": 0.9, "epsilon_decay": 0.99},
            }
        )
    )
    assert desk.ok("load_qtable", name="theirs")["epsilon"] == pytest.approx(0.3)
    assert not desk.state()["repeatable"]
    assert desk.ok("configure", learning_rate=0.3) == {"fresh": False}  # what was loaded stays
    assert desk.q()[2 * 5 + 4, 0] == np.float32(4.2)
    assert desk.state()["parameters"]["discount_factor"] == 0.9


def test_a_json_brings_the_world_that_it_names(desk: Desk, tmp_path: Path) -> None:
    desk.ok("configure", world="easy", algorithm="sarsa")
    desk.train(50)
    desk.ok("save_qtable")
    q = desk.q()
    (tmp_path / ".qtables" / "agent_latest.npz").unlink()
    desk.ok("configure", world="default", algorithm="q_learning")
    answer = desk.ok("load_qtable")
    assert "the world easy was taken, which the file names" in answer["message"]
    state = desk.state()
    assert (state["parameters"]["world"], state["parameters"]["algorithm"]) == ("easy", "sarsa")
    np.testing.assert_array_equal(desk.q(), q)
    # the world in use stays where it is the named one, with the slip that somebody chose
    desk.ok("configure", slip=0.25)
    assert "taken" not in desk.ok("load_qtable")["message"]
    assert desk.state()["parameters"]["slip"] == 0.25


def test_a_json_of_a_world_that_no_name_makes_is_refused_elsewhere(
    desk: Desk, tmp_path: Path
) -> None:
    own = {"map": make("easy").rows, "name": "mine"}
    desk.ok("configure", world=own)
    desk.ok("save_qtable")
    (tmp_path / ".qtables" / "agent_latest.npz").unlink()
    assert desk.ok("load_qtable")["success"]
    desk.ok("configure", world="default")
    answer = desk.do("load_qtable")["data"]
    assert answer["success"] is False
    assert "of the world in use, 'default', got a Q-table of 'mine'" in answer["message"]


BROKEN = {
    "truncated": ("{", "must hold JSON"),
    "not an object": ("[1]", "q_table"),
    "nan": ('{"q_table": NaN, "epsilon": 0.5}', "NaN"),
    "another shape": ('{"q_table": [[[0, 0, 0, 0]]], "epsilon": 0.5}', "of 5 x 5 x 4"),
    "nested deeply": ("[" * 100_000, "must hold JSON"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused_and_the_agent_untouched(
    desk: Desk, tmp_path: Path, kind: str
) -> None:
    text, words = BROKEN[kind]
    desk.train(20)
    q, state = desk.q(), desk.state()
    (tmp_path / ".qtables").mkdir()
    (tmp_path / ".qtables" / "bad.json").write_text(text)
    answer = desk.do("load_qtable", name="bad")
    assert answer["type"] == "load_complete"
    assert answer["data"]["success"] is False
    assert words in answer["data"]["message"]
    assert answer["data"]["epsilon"] == state["epsilon"]
    np.testing.assert_array_equal(desk.q(), q)
    assert desk.state() == state
    assert "load_complete" not in desk.told


def test_a_missing_file_is_told(desk: Desk) -> None:
    answer = desk.do("load_qtable", name="nowhere")["data"]
    assert answer["success"] is False
    assert "nowhere.json must exist to be loaded, got no such file" in answer["message"]


def test_a_broken_checkpoint_leaves_the_json_and_says_so(desk: Desk, tmp_path: Path) -> None:
    desk.train(20)
    desk.ok("save_qtable")
    q = desk.q()
    path = tmp_path / ".qtables" / "agent_latest.npz"
    path.write_bytes(path.read_bytes()[:1000])
    assert "the checkpoint beside it was left out" in desk.ok("load_qtable")["message"]
    np.testing.assert_array_equal(desk.q(), q)
    (tmp_path / ".qtables" / "agent_latest.json").unlink()
    assert "whole checkpoint" in desk.do("load_qtable")["data"]["message"]


def test_saving_while_training_runs_takes_one_moment(desk: Desk) -> None:
    desk.ok("start_training", num_episodes=None, speed=None)
    wait(lambda: desk.state()["total_steps"] > 0)
    desk.ok("save_qtable")
    assert desk.state()["running"]
    desk.ok("reset")
    desk.ok("load_qtable")
    steps, q = desk.state()["total_steps"], desk.q()
    desk.ok("reset")
    desk.session._trainer.step(steps)  # as many from the beginning leave the same table
    np.testing.assert_array_equal(desk.q(), q)


def test_a_failed_save_says_why(desk: Desk, tmp_path: Path) -> None:
    desk.train(1)
    (tmp_path / ".qtables").write_text("in the way")
    answer = desk.do("save_qtable")
    assert answer["type"] == "save_complete"
    assert answer["data"]["success"] is False
    assert "Not saved: " in answer["data"]["message"]
    assert ".qtables" in answer["data"]["message"]
    (tmp_path / ".qtables").unlink()
    assert desk.ok("save_qtable")


@pytest.mark.parametrize("error", [MemoryError(), OSError(24, "Too many open files"), KeyError()])
@pytest.mark.parametrize("where", ["copy", "save"])
def test_saves_that_fail_leave_room_for_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception, where: str
) -> None:
    def fail(*args: Any, **more: Any) -> None:
        raise error

    desk.train(1)
    monkeypatch.setattr(Batch if where == "copy" else Store, where, fail)
    for _ in range(MOST_COPIES + 1):
        answer = desk.do("save_qtable")
        assert answer["data"]["success"] is False
        assert len(answer["data"]["message"]) > len("Not saved: ")
    monkeypatch.undo()
    assert desk.ok("save_qtable")


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("can't start new thread"), ZeroDivisionError()]
)
@pytest.mark.parametrize("agents", [1, 3])
def test_a_training_that_breaks_off_is_told_saved_and_goes_on(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    agents: int,
) -> None:
    desk.train(20, agents=agents)

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(Engine, "advance", fail)
    desk.ok("start_training", num_episodes=None, speed=None)
    wait(lambda: "training_stopped" in desk.told)
    (told,) = (m for m in desk.said if m["type"] == "training_stopped")
    assert told["data"]["message"].startswith("Training broke off by a fault, what was learnt is")
    assert not desk.state()["running"]
    assert "training broke off" in caplog.text
    wait((tmp_path / ".qtables" / "autosave.npz").exists)
    steps = desk.state()["all_steps"]
    assert desk.session.is_well()
    assert desk.ok("save_qtable")
    monkeypatch.undo()
    desk.train(30)
    went_on = desk.q()
    desk.ok("load_qtable", name="autosave")
    assert desk.state()["all_steps"] == steps
    desk.train(30)
    np.testing.assert_array_equal(desk.q(), went_on)


def test_threads_that_cannot_be_had_leave_no_kernel_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ok("configure", agents=200)

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    start = threading.Thread.start
    monkeypatch.setattr(
        threading.Thread,
        "start",
        lambda thread: refuse(thread) if "gridworld-kernel" in thread.name else start(thread),
    )
    desk.ok("start_training", num_episodes=None, speed=None)
    if (os.cpu_count() or 1) > 1:
        wait(lambda: "training_stopped" in desk.told)
        steps = desk.state()["all_steps"]
        time.sleep(0.1)
        assert desk.state()["all_steps"] == steps
    desk.ok("stop_training")
    monkeypatch.undo()
    desk.train(10)


def test_a_step_after_the_end_is_no_longer_the_end(desk: Desk) -> None:
    desk.train(3)
    assert desk.state()["finished"]
    desk.ok("step")
    assert not desk.state()["finished"]


def test_nobody_saves_under_the_name_of_the_autosave(desk: Desk) -> None:
    answer = desk.do("save_qtable", name="autosave")["data"]
    assert answer["success"] is False
    assert "name must not be autosave" in answer["message"]


def test_a_slow_disk_holds_up_neither_commands_nor_training(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = threading.Event()
    save = Store.save

    def slowly(store: Store, batch: Batch, name: str, **more: Any) -> tuple[Path, str]:
        assert disk.wait(20)
        return save(store, batch, name, **more)

    monkeypatch.setattr(Store, "save", slowly)
    desk.ok("step")
    saved: list[Message] = []

    def reply(message: Message, *, tell: bool | Message = False) -> None:
        saved.append(message)

    desk.session.execute(Command("save_qtable", {}), reply)
    desk.ok("ping")
    desk.train(5)
    desk.ok("reset")
    assert saved == []
    disk.set()
    assert desk.ok("load_qtable")  # waits for the save, whose copy was taken at once
    assert [message["data"]["success"] for message in saved] == [True]
    assert desk.state()["total_steps"] == 1


def test_above_128_cells_a_side_the_checkpoint_is_saved_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    small = Batch.create(compile_world(make("default")), Parameters().build())
    large = Batch.create(compile_world(make("maze-129:1")), Parameters().build())
    store.save(small, "a")
    path, words = store.save(large, "a")
    assert path == tmp_path / ".qtables" / "a.npz"
    assert "alone: above 128 x 128 cells" in words
    assert not store.exchange_path("a").exists()
    loaded = store.load("a", small)
    assert loaded.path == store.checkpoint_path("a")
    assert loaded.batch.mdp.world == large.mdp.world


# --- the end, and the beginning after it


def test_a_clean_exit_leaves_an_autosave_that_is_offered_and_not_loaded(
    desk: Desk, other: Callable[[], Desk], tmp_path: Path
) -> None:
    desk.ok("start_training", num_episodes=None, speed=None)
    wait(lambda: desk.state()["total_episodes"] > 10)
    assert desk.session.close() == tmp_path / ".qtables" / "autosave.npz"
    assert desk.session.close() is None

    second = other()
    offer = second.state()["autosave"]
    assert second.state()["total_steps"] == 0
    assert offer["episodes"] > 10
    assert offer["saved"].endswith("Z")
    second.ok("step")
    assert second.state()["autosave"] is None  # no longer fresh
    second.ok("reset")
    assert second.state()["autosave"] == offer
    second.ok("load_qtable", name="autosave")
    assert second.state()["total_episodes"] == offer["episodes"]


def test_nothing_learnt_leaves_no_autosave(desk: Desk, tmp_path: Path) -> None:
    assert desk.session.close() is None
    assert not (tmp_path / ".qtables").exists()


def test_a_broken_autosave_is_not_offered(tmp_path: Path, other: Callable[[], Desk]) -> None:
    (tmp_path / ".qtables").mkdir()
    (tmp_path / ".qtables" / "autosave.npz").write_bytes(b"PK")
    assert other().state()["autosave"] is None


def test_commands_after_the_end_are_answered(desk: Desk) -> None:
    desk.session.close()
    assert "closed" in desk.error("start_training")
    assert desk.do("save_qtable")["data"]["success"] is False
    assert desk.do("load_qtable")["type"] in ("error", "load_complete")


def test_no_frame_in_the_middle_of_a_fresh_beginning(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = np.zeros(1, STATUS)
    ahead["run"] = 99
    monkeypatch.setattr(desk.session._trainer, "status", lambda: ahead)
    assert desk.session.observer.counters() is None


def test_commands_from_many_threads_are_all_answered(desk: Desk) -> None:
    commands = ["start_training", "stop_training", "reset", "step", "set_speed", "ping"]
    answers: list[Message] = []

    def reply(message: Message, *, tell: bool | Message = False) -> None:
        answers.append(message)

    def hammer(seed: int) -> None:
        order = np.random.default_rng(seed).permutation(commands * 5)
        for type_ in order.tolist():
            data = {"speed": None} if type_ == "set_speed" else {}
            desk.session.execute(Command(type_, data), reply)

    threads = [threading.Thread(target=hammer, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(answers) == 6 * 30
    desk.ok("reset")
    assert desk.state()["total_steps"] == 0
