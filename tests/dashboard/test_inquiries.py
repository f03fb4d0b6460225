"""Tests of the policy, games by hand and looks back: exact, and the training stays untouched."""

import base64
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from dashboard.test_session import Desk, wait
from gridworld.batch import Batch
from gridworld_dashboard.classroom.allowance import ALONE, Allowance
from gridworld_dashboard.inquiries import desk as desk_module
from gridworld_dashboard.inquiries import past, trials
from gridworld_dashboard.wire import protocol


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.session.close()


def condition(desk: Desk) -> dict[str, bytes]:
    """All that training changes, and what is shown of it."""
    batch = desk.session._trainer.call(Batch.copy)
    names = ("q", "agents", "bins", "floats", "ints")
    found = {name: getattr(batch, name).tobytes() for name in names}
    look = desk.session.observer.look()
    state = {key: value for key, value in desk.state().items() if key != "steps_per_second"}
    return found | {
        "visits": look.visits.tobytes(),
        "td_error": look.td_error.tobytes(),
        "state": repr(state).encode(),
    }


def q_of(answer: dict[str, Any]) -> bytes:
    return base64.b64decode(answer["cells"]["q"])


# --- the training stays as it is


@pytest.mark.parametrize("agents", [1, 40])
def test_no_question_changes_a_byte_of_the_training(desk: Desk, agents: int) -> None:
    desk.train(60, agents=agents, seed=2)
    desk.ok("step")
    before = condition(desk)
    desk.ok("test_policy", epsilon=0.2, start=(2, 0), seed=9)
    desk.ok("play", actions=(3, 3, 1), seed=5)
    desk.ok("look_back", episode=30)
    desk.ok("look_back", episode=7)
    assert condition(desk) == before
    desk.train(20)
    after = desk.q().tobytes()
    desk.ok("reset")
    desk.train(60)
    desk.ok("step")
    desk.train(20)
    assert desk.q().tobytes() == after


def test_questions_are_answered_while_training_runs(desk: Desk) -> None:
    desk.ok("start_training", num_episodes=None, speed=None)
    wait(lambda: desk.state()["total_episodes"] > 50)
    assert desk.ok("look_back", episode=20)["total_episodes"] == 20
    assert desk.ok("test_policy")["episodes"] == trials.EPISODES
    assert desk.ok("play", actions=[])["steps"] == 0
    assert desk.state()["running"]
    desk.ok("stop_training")


# --- tests


def test_a_test_is_the_librarys_evaluation_beside_the_exact_value(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "SOLVE_S", 300.0)
    desk.ok("configure", world="frozen-lake-4x4", discount_factor=0.9)
    desk.train(400, seed=1)
    world, q = gw.make("frozen-lake-4x4"), desk.q()
    for epsilon, seed in ((0.0, 0), (0.25, 7)):
        found = desk.ok("test_policy", epsilon=epsilon, seed=seed)
        plain = gw.evaluate(world, q, episodes=1000, seed=seed, epsilon=epsilon)
        assert found["return_mean"] == plain.return_mean[0]
        assert found["return_std"] == plain.return_std[0]
        assert found["first"]["return"] == plain.returns[0, 0] == sum(found["first"]["rewards"])
        assert found["first"]["steps"] == plain.lengths[0, 0] == len(found["first"]["path"]) - 1
        assert found["goals"] == plain.ends[world.goals].sum()
        assert found["goals"] + found["others"] == plain.ended[0]
        assert sum(bar["count"] for bar in found["bars"]) == 1000
        exact = gw.policy_value(world, q, discount_factor=0.9, epsilon=epsilon)[0]
        assert found["exact"] == pytest.approx(exact)
        discounted = gw.evaluate(
            world, q, episodes=1000, seed=seed, epsilon=epsilon, discount_factor=0.9
        )
        assert found["discounted_mean"] == discounted.return_mean[0]


def test_a_test_begins_where_it_is_told_to(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "SOLVE_S", 300.0)
    desk.train(2000, seed=1)
    found = desk.ok("test_policy", start=(3, 4))
    assert found["first"]["path"] == [[3, 4], [4, 4]]
    assert (found["first"]["return"], found["first"]["ended"]) == (10.0, "a goal")
    assert found["exact"] == pytest.approx(10.0)
    assert found["bars"] == [{"low": 10.0, "high": 10.0, "count": 1000}]
    cells = {(1, 1): "a pit", (4, 4): "a goal"}
    for cell, kind in cells.items():
        message = desk.error("test_policy", start=cell)
        assert message == f"start must be a cell in which one acts, got {cell}, {kind}"
    message = desk.error("play", start=(5, 0))
    assert message == "start must be a cell of a world of 5 x 5, got (5, 0)"


def test_portals_and_walls_are_no_places_to_begin(desk: Desk) -> None:
    desk.ok("configure", world="cliff-walking")
    assert "a portal" in desk.error("test_policy", start=(5, 3))
    desk.ok("configure", world={"map": ["S#G"]})
    assert "a wall" in desk.error("test_policy", start=(1, 0))


def test_a_policy_that_goes_round_for_ever_is_told_and_takes_no_age(desk: Desk) -> None:
    desk.ok("configure", world={"map": ["S.G"], "max_steps": None}, discount_factor=1.0)
    found = desk.ok("test_policy")
    assert found["exact"] is None
    assert found["why"] == "the policy may go on for ever"
    assert found["first"]["ended"] is None
    assert found["first"]["steps"] == found["max_steps"] == 10_000
    assert len(found["first"]["path"]) == trials.MOST_PATH + 1


def test_where_episodes_are_long_there_are_fewer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "MOST_STEPS", 1200)
    found = desk.ok("test_policy")
    assert found["episodes"] == 12
    assert found["max_steps"] == 100


def test_an_exact_value_that_takes_too_long_stays_unknown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "SOLVE_S", -1.0)
    found = desk.ok("test_policy")
    assert found["exact"] is None
    assert "seconds" in found["why"]


# --- games


def test_a_game_goes_by_the_worlds_own_steps_and_chance(desk: Desk) -> None:
    desk.ok("configure", world="frozen-lake-4x4", max_steps=6)
    actions = [1, 3, 1, 3, 3, 1]
    for seed in range(20):
        game: list[int] = []
        for action in actions:  # move by move, as a page asks
            game.append(action)
            found = desk.ok("play", actions=game, seed=seed)
            if found["over"]:
                break
        assert found["steps"] == len(game)
        assert found["return"] == sum(found["rewards"])
        assert found["over"] == (found["ended"] is not None or len(game) == 6)
        # who always does the same is met by the same chance
        same = gw.evaluate(gw.make("frozen-lake-4x4"), desk.q(), episodes=1, seed=seed, max_steps=6)
        assert found["agent"]["return"] == same.returns[0, 0]
        assert found["agent"]["steps"] == same.lengths[0, 0]


def test_a_game_like_the_agents_earns_what_the_agent_earns(desk: Desk) -> None:
    desk.ok("configure", world="frozen-lake-4x4")
    desk.train(300)
    greedy = desk.q().argmax(axis=1)
    game: list[int] = []
    while not (found := desk.ok("play", actions=game, seed=11))["over"]:
        x, y = found["path"][-1]
        game.append(int(greedy[4 * y + x]))
    assert found["return"] == found["agent"]["return"]
    assert found["steps"] == found["agent"]["steps"]


def test_a_game_has_an_end(desk: Desk) -> None:
    found = desk.ok("play", actions=[1, 3])
    assert (found["over"], found["ended"], found["path"]) == (
        True,
        "a pit",
        [[0, 0], [0, 1], [1, 1]],
    )
    message = desk.error("play", actions=[1, 3, 3])
    assert message == "a game must have no moves after its end, got 3 moves in one of 2"
    found = desk.ok("play", actions=[0] * 100)
    assert (found["over"], found["ended"]) == (True, None)


@pytest.mark.parametrize(
    ("type_", "data", "words"),
    [
        ("play", {"actions": [4]}, "actions must be at most 2000 actions, whole numbers in [0, 4)"),
        ("play", {"actions": [0] * 2001}, "actions must be at most 2000 actions"),
        ("play", {"actions": "up"}, "actions must be at most 2000 actions"),
        ("play", {"start": [1]}, "start must be [x, y] of a cell, or null"),
        ("play", {"seed": -1}, "seed must be"),
        ("test_policy", {"epsilon": 1.5}, "epsilon must be in [0, 1], got 1.5"),
        ("test_policy", {"start": "S"}, "start must be [x, y] of a cell, or null"),
        ("test_policy", {"agents": 3}, "must have only the keys epsilon, start, seed"),
        ("look_back", {}, "episode must be a whole number from 0, got none"),
        ("look_back", {"episode": -1}, "episode must be a whole number from 0, got -1"),
        ("look_back", {"episode": 1.5}, "episode must be a whole number from 0, got 1.5"),
        ("look_back", {"episode": True}, "episode must be a whole number from 0, got true"),
    ],
)
def test_what_cannot_be_asked_is_refused(type_: str, data: dict[str, Any], words: str) -> None:
    [refused] = protocol.parse(protocol.encode({"type": type_, "data": data}))
    assert isinstance(refused, protocol.Refusal)
    assert words in refused.message


def test_what_can_be_asked_is_taken() -> None:
    for type_, data in (
        ("play", {"actions": [0, 1.0, 3], "start": None, "seed": 2**62}),
        ("test_policy", {"epsilon": 0, "start": [2, 3]}),
        ("look_back", {"episode": 3, "layer": None, "window": [0, 0, 2, 2]}),
    ):
        [command] = protocol.parse(protocol.encode({"type": type_, "data": data}))
        assert isinstance(command, protocol.Command), command


# --- looks back

KINDS: list[dict[str, Any]] = [
    {},
    {"algorithm": "sarsa", "world": "cliff-walking", "epsilon": 0.1, "epsilon_decay": 1.0},
    {"algorithm": "double_q_learning", "world": "frozen-lake-4x4", "seed": 3},
    {"algorithm": "dyna_q", "world": "dyna-maze", "planning_steps": 3},
    {"algorithm": "sarsa_lambda", "agents": 5, "first_agent": 100},
    {"algorithm": "expected_sarsa", "exploration": "softmax", "initial_value": 0.5},
    {"agents": 40, "seed": 8, "ties": "random"},
]


@pytest.mark.parametrize("given", KINDS, ids=lambda given: given.get("algorithm", "q_learning"))
def test_a_look_back_is_a_run_that_was_stopped_there(desk: Desk, given: dict[str, Any]) -> None:
    desk.ok("configure", **given)
    row = given.get("agents", 1) - 1
    if row:
        desk.ok("show_agent", agent=row)
    desk.train(50)
    scene = desk.session.observer.scene
    # back and forth: from the beginning, on from the last look, and from before it
    for episode in (50, 7, 0, 8, 49, 1):
        found = desk.ok("look_back", episode=episode)
        assert found["total_episodes"] == episode
        first = given.get("first_agent", 0) + row
        if episode == 0:
            q = np.full((scene.world.n_states, 4), given.get("initial_value", 0), np.float32)
            assert q_of(found) == q.tobytes()
            continue
        run = gw.train(
            scene.mdp,
            scene.parameters.build(),
            seed=given.get("seed", 0),
            first_agent=first,
            episodes=episode,
        )
        assert q_of(found) == run.q[0].tobytes()
        assert np.float32(found["epsilon"]) == run.epsilon[0]
        assert found["total_steps"] == run.steps[0]
        history = run.history()
        assert found["episode_return"] == pytest.approx(history.bins["return_mean"][-1], rel=1e-6)
        assert found["step"] == history.bins["length_mean"][-1]


def test_a_look_back_shows_the_way_that_was_gone(desk: Desk) -> None:
    desk.train(30, seed=4)
    seen = desk.state()
    found = desk.ok("look_back", episode=30)
    for key in ("episode", "step", "agent_pos", "episode_return", "epsilon", "total_steps", "run"):
        assert found[key] == seen[key]
    assert found["trail"][-5:] == seen["trail"][-5:]
    look = desk.session.observer.look()
    assert base64.b64decode(found["cells"]["visits"]) == look.visits.astype("<f8").tobytes()
    td_error = np.frombuffer(base64.b64decode(found["cells"]["td_error"]), "<f4")
    np.testing.assert_array_equal(td_error, look.td_error)


def test_a_past_that_cannot_be_repeated_is_not_made_up(desk: Desk) -> None:
    desk.train(30)
    desk.ok("configure", learning_rate=0.4)
    desk.train(10)
    words = desk.error("look_back", episode=35)
    assert words.startswith("a run must be one that begins here and keeps its numbers")
    desk.ok("reset")
    desk.train(20)
    message = desk.error("look_back", episode=21)
    assert message == "episode must be in [0, 20], got 21"
    assert desk.ok("look_back", episode=20)["total_episodes"] == 20


def test_a_run_that_was_brought_back_has_its_own_past(desk: Desk) -> None:
    desk.train(30, seed=1)
    first = q_of(desk.ok("look_back", episode=10))
    desk.ok("configure", seed=2)
    desk.train(30)
    assert q_of(desk.ok("look_back", episode=10)) != first
    desk.ok("undo")
    assert q_of(desk.ok("look_back", episode=10)) == first


def test_a_long_past_is_seen_as_far_as_it_is_gone_through(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "MOST_STEPS", 2000)
    monkeypatch.setattr(past, "STATION_STEPS", 300)
    desk.train(400, seed=6)
    found = desk.ok("look_back", episode=400)
    most = found["most"]
    assert 20 < most < 400
    assert found["total_episodes"] == most
    assert found["total_steps"] <= 2000
    again = gw.train(gw.make("default"), gw.QLearning(), seed=6, episodes=most)
    assert q_of(found) == again.q[0].tobytes()
    looker = desk.session._desk._past
    assert len(looker._stations) >= 5
    before = looker._stations[:]
    near = desk.ok("look_back", episode=most - 1)
    assert near["most"] is None
    assert looker._stations == before  # from the nearest copy on, which stays as it is


def test_a_look_that_would_take_long_goes_as_far_as_it_may_and_the_next_one_farther(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.train(150, algorithm="dyna_q", world="dyna-maze", planning_steps=20)
    monkeypatch.setattr(past, "LOOK_S", 0.0)
    monkeypatch.setattr(past, "STATION_S", 0.0)
    reached = [desk.ok("look_back", episode=150)]
    assert reached[0]["most"] == reached[0]["total_episodes"] < 150
    scene = desk.session.observer.scene
    while reached[-1]["total_episodes"] < 150 and len(reached) < 1000:
        monkeypatch.setattr(past, "LOOK_S", 0.001 * len(reached))
        reached.append(desk.ok("look_back", episode=150))
    assert len(reached) > 1
    run = gw.train(scene.mdp, scene.parameters.build(), episodes=150)
    assert q_of(reached[-1]) == run.q[0].tobytes()


def test_copies_keep_to_their_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "STATION_STEPS", 200)
    monkeypatch.setattr(past, "MOST_BYTES", 4000)
    desk.train(300)
    desk.ok("look_back", episode=300)
    looker = desk.session._desk._past
    assert looker._walker is not None
    sizes = [past._size(each.batch) for each in [*looker._stations, looker._walker]]
    assert len(sizes) > 1
    assert sum(sizes) <= 4000
    monkeypatch.setattr(past, "MOST_BYTES", 700)
    desk.ok("reset")
    desk.train(5)
    assert desk.error("look_back", episode=5).startswith("an agent must take at most 0 MB")


def test_a_large_world_brings_the_layer_and_the_window_that_are_asked_for(desk: Desk) -> None:
    desk.ok("configure", world="maze-70")
    desk.train(2)
    found = desk.ok("look_back", episode=1, layer="visits", window=(3, 4, 10, 12))
    assert found["overview"]["layer"] == "visits"
    assert [found["cells"][key] for key in ("x", "y", "width", "height")] == [3, 4, 10, 12]
    assert desk.ok("look_back", episode=1, layer=None)["cells"] is None


def test_in_a_crowd_everybody_takes_less(desk: Desk) -> None:
    desk.train(400, seed=6)
    observer, report = desk.session.observer, lambda: desk.session.truth.report
    crowded = replace(ALONE, crowd=lambda: 20_000, allowance=Allowance.own(5 * 2_000))
    looker = past.Past(observer, report, crowded)
    found = looker.look({"episode": 400})
    assert found["most_steps"] == past.MOST_STEPS // 20_000
    assert 0 < found["total_steps"] <= found["most_steps"]
    assert found["total_episodes"] == found["most"] < 400
    again = gw.train(gw.make("default"), gw.QLearning(), seed=6, episodes=found["most"])
    assert q_of(found) == again.q[0].tobytes()
    small = past.Past(observer, report, replace(ALONE, allowance=Allowance.own(5 * 700)))
    with pytest.raises(gw.MemoryLimitError, match="an agent must take at most 0 MB"):
        small.look({"episode": 1})
    assert trials.Trials(observer, lambda: 10**6).test({})["episodes"] == 1


# --- the desk


def test_too_many_questions_are_told_so_and_later_ones_are_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    answers: list[dict[str, Any]] = []
    counter = desk.session._desk
    monkeypatch.setitem(
        counter.commands,
        "play",
        lambda data: gate.wait() and protocol.played({}),
    )
    for _ in range(desk_module.MOST_WAITING):
        counter.ask("play", {}, lambda message, tell=False: answers.append(message))
    assert desk.error("test_policy") == "at most 64 questions may wait for an answer, got one more"
    gate.set()
    wait(lambda: len(answers) == desk_module.MOST_WAITING)
    assert desk.ok("test_policy")["episodes"] == trials.EPISODES


def test_a_fault_of_a_question_is_told_and_the_next_one_is_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(trials, "evaluate", fail)
    assert "fault of the server" in desk.error("test_policy")
    monkeypatch.undo()
    assert desk.ok("test_policy")["episodes"] == trials.EPISODES


def test_a_closed_session_answers_no_question(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    made.session.close()
    assert "must be open" in made.error("play")
