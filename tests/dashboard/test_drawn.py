"""Worlds that viewers draw: judged by the library, put in force while training goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from dashboard.room import Room
from dashboard.test_session import Desk, wait

WALLED = {"map": ["S#...", ".X.X.", "..X..", ".###.", "....G"], "name": "walled"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.session.close()


def world_of(definition: dict[str, Any]) -> gw.GridWorld:
    return gw.GridWorld.from_json(definition)


@pytest.mark.parametrize("agents", [1, 1024])
def test_the_agents_go_on_bit_for_bit_as_a_resumed_run(desk: Desk, agents: int) -> None:
    options: dict[str, Any] = {"num_steps": 300, "num_episodes": None, "speed": None}
    desk.ok("start_training", agents=agents, seed=5, **options)
    wait(lambda: not desk.state()["running"])
    assert desk.ok("change_world", world=WALLED) == {"fresh": False}
    state = desk.state()
    assert (state["repeatable"], state["total_steps"]) == (False, 300)
    assert state["parameters"]["world"] == "walled"
    desk.ok("start_training", **options)
    wait(lambda: not desk.state()["running"])
    run = gw.train(gw.make("default"), agents=agents, steps=300, seed=5)
    more = gw.train(world_of(WALLED), resume=run, steps=300)
    assert desk.session._trainer.call(lambda batch: batch.q.tobytes()) == more.batch.q.tobytes()


def test_a_training_at_full_speed_goes_on_in_it(desk: Desk) -> None:
    desk.ok("start_training", agents=1024, num_episodes=None, speed=None)
    wait(lambda: desk.state()["total_steps"] > 1000)
    run = desk.state()["run"]
    assert desk.ok("change_world", world=WALLED) == {"fresh": False}
    state = desk.state()
    assert (state["running"], state["repeatable"], state["run"]) == (True, False, run + 1)
    wait(lambda: desk.state()["total_steps"] > state["total_steps"] + 1000)
    assert desk.session.observer.world == world_of(WALLED)
    assert desk.told == ["training_started", "world_changed"]


def test_where_nothing_was_learnt_the_run_begins_afresh_and_stays_repeatable(desk: Desk) -> None:
    assert desk.ok("change_world", world=WALLED) == {"fresh": True}
    assert desk.state()["repeatable"]
    desk.train(30)
    run = gw.train(world_of(WALLED), episodes=30)
    assert np.array_equal(desk.q(), run.q[0])


@pytest.mark.parametrize(
    ("algorithm", "other"),
    [
        ("q_learning", {"map": ["S...G"]}),
        ("q_learning", {"map": ["S" + 23 * "." + "G"]}),  # as many cells
        ("monte_carlo", WALLED | {"max_steps": 30}),
    ],
)
def test_agents_that_cannot_go_on_begin_afresh_and_can_be_brought_back(
    desk: Desk, algorithm: str, other: dict[str, Any]
) -> None:
    desk.train(20, algorithm=algorithm)
    desk.ok("start_training", num_episodes=None, speed=20)
    assert desk.ok("change_world", world=other) == {"fresh": True}
    state = desk.state()
    assert (state["running"], state["total_steps"], state["repeatable"]) == (False, 0, True)
    assert state["undo"]["why"] == "begin"
    desk.ok("undo")
    assert (desk.state()["total_episodes"] >= 20, desk.state()["repeatable"]) == (True, True)


def test_a_change_is_undone_with_all_strokes_of_its_drawing(desk: Desk) -> None:
    desk.train(25)
    q = desk.q()
    desk.ok("change_world", world=WALLED)
    desk.ok("change_world", world=WALLED | {"slip": 0.5})
    desk.ok("step")
    offer = desk.state()["undo"]
    assert (offer["why"], offer["world"], offer["episodes"]) == ("world", "default", 25)
    assert desk.ok("undo") == {"why": "world"}
    state = desk.state()
    assert (state["repeatable"], state["parameters"]["world"]) == (True, "default")
    assert np.array_equal(desk.q(), q)
    # what is drawn after another start is a drawing of its own
    desk.ok("change_world", world=WALLED)
    desk.train(10)
    desk.ok("change_world", world=WALLED | {"slip": 0.5})
    assert desk.state()["undo"]["world"] == "walled"


def test_what_goes_on_is_saved_and_reset_in_the_world_in_force(desk: Desk) -> None:
    desk.train(20)
    desk.ok("change_world", world=WALLED)
    desk.ok("save_qtable", name="drawn")
    desk.ok("reset")
    assert (desk.state()["repeatable"], desk.session.observer.world) == (True, world_of(WALLED))
    desk.ok("load_qtable", name="drawn")
    assert not desk.state()["repeatable"]
    assert desk.session.observer.world == world_of(WALLED)


def test_the_same_world_changes_nothing(desk: Desk) -> None:
    desk.train(5)
    before = desk.state()
    definition = desk.ok("check_world")["world"]["definition"]
    assert desk.ok("change_world", world=definition) == {"fresh": False}
    assert desk.state() == before


@pytest.mark.parametrize(
    ("world", "words"),
    [
        ({"map": ["..G"]}, "a map must have at least one start (S), got none"),
        ({"map": ["S.."], "max_steps": None}, "a world must have a goal (G), a pit (X) or max_ste"),
        ({"map": ["S.G", "."]}, "the rows of a map must be equally long, got 3 cells in row 0"),
        ({"map": "S?G"}, "a cell must be one of S G X # . F H"),
        ({"map": ["SG"], "slip": 2}, "slip must be a number from 0 to 1, got 2"),
        ({"map": ["S#G"], "portals": [[[1, 0], [2, 0]]]}, "must not begin or end in a wall"),
        ({"map": ["SG"], "wind": [1]}, "wind must have one number for each of the 2 columns"),
        ({}, "a world must have a map, got none"),
    ],
)
def test_what_a_world_needs_is_said_by_the_library(
    desk: Desk, world: dict[str, Any], words: str
) -> None:
    desk.train(5)
    before = desk.state()
    checked = desk.ok("check_world", world=world)
    assert checked["world"] is None
    assert words in checked["problem"]
    assert words in desk.error("change_world", world=world)
    assert desk.state() == before


def test_a_text_is_read_and_the_world_in_force_is_told_with_its_definition(desk: Desk) -> None:
    checked = desk.ok("check_world", world={"map": "  S.\n  HG\n"})
    assert checked["problem"] is None
    assert checked["world"]["definition"]["map"] == ["S.", "XG"]
    desk.ok("configure", world="cliff-walking")
    shown = desk.ok("check_world")["world"]
    assert gw.GridWorld.from_json(shown["definition"]) == gw.make("cliff-walking")
    assert len(shown["cliffs"]) == 10


def test_a_world_without_an_end_is_refused_while_episodes_are_waited_for(desk: Desk) -> None:
    desk.ok("configure", world=WALLED | {"max_steps": None})
    desk.ok("start_training", num_episodes=10**9, speed=None)
    walled_in = WALLED | {"map": ["S#...", "##.X.", "..X..", ".###.", "....G"], "max_steps": None}
    assert "episodes must be able to end where they are the budget" in desk.error(
        "change_world", world=walled_in
    )
    assert desk.state()["running"]
    desk.ok("stop_training")
    assert desk.ok("change_world", world=walled_in) == {"fresh": False}


def test_viewers_get_the_new_world_and_the_optimum_follows(tmp_path: Path) -> None:
    room = Room(tmp_path)
    peer, other = room.peer(), room.peer()
    assert other.next()["data"]["world"]["name"] == "default"
    peer.ask("start_training", num_episodes=20, speed=None)
    other.type("training_complete")
    peer.ask("change_world", world=WALLED)
    assert other.type("world_changed")["data"] == {"fresh": False}

    def solved(message: dict[str, Any]) -> bool:
        data = message["data"]
        there = (data.get("world") or {}).get("name") == "walled"
        return there and data.get("truth", {}).get("state") == "ready"

    frame = other.until(solved)["data"]
    assert frame["world"]["definition"]["map"] == WALLED["map"]
    assert (frame["total_episodes"], frame["repeatable"]) == (20, False)
    optimum = gw.solve(world_of(WALLED), discount_factor=0.99).expected_return
    assert frame["truth"]["optimal_return"] == pytest.approx(optimum)
    assert frame["history"]["episodes"] == 20
    room.close()


def test_what_is_too_large_for_a_frame_comes_by_http(desk: Desk) -> None:
    desk.train(5)
    body = json.dumps(WALLED).encode()
    assert desk.session.put_world(body, go_on=True) is False
    assert desk.told[-1] == "world_changed"
    assert desk.state()["total_episodes"] == 5
