"""Runs that are pinned: their curves, what differs, and how the present run does against them."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from dashboard.room import Room, floats
from dashboard.test_session import Desk, wait
from gridworld.experiments.statistics import paired, probability_better
from gridworld.store.link import link_world, read_link
from gridworld_dashboard import pins
from gridworld_dashboard.parameters import Parameters, told
from gridworld_dashboard.pins import MOST_PINS


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.session.close()


def beside(desk: Desk) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The pins and the comparisons that a frame of now has."""
    data = desk.session.pins.now().data(desk.session.observer.look())
    return data["pins"], data["versus"]


def doubles(text: str) -> Any:
    return np.frombuffer(base64.b64decode(text), "<f8")


def test_a_pinned_run_keeps_its_curves(desk: Desk) -> None:
    desk.train(300, agents=1)
    history = gw.train(gw.make("default"), gw.QLearning(), episodes=300, seed=0).returns[0]
    assert desk.ok("pin") == {"pin": 1}
    assert desk.told[-1] == "pinned"
    desk.train(10, seed=5)
    [pin], _ = beside(desk)
    ends = doubles(pin["ends"])
    assert (ends[0], ends[-1]) == (1, 300)
    rolling = floats(pin["return"]["mean"])
    assert rolling[-1] == pytest.approx(history[-100:].mean(), rel=1e-5)
    assert rolling[0] == history[0]
    assert len(rolling) == len(floats(pin["length"]["mean"])) == len(floats(pin["epsilon"]))
    assert floats(pin["epsilon"])[-1] == pytest.approx(max(0.01, 0.995**300), rel=1e-4)
    assert pin["name"] == "Seed 0"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({}, "Same settings, 20 episodes"),
        ({"learning_rate": 0.5}, "Learning rate 0.1"),
        ({"discount_factor": 0.9, "epsilon_min": 0}, "Discount factor 0.99, lowest epsilon 0.01"),
        ({"max_steps": 7}, "Steps per episode 100"),
        ({"max_steps": None}, "Steps per episode 100"),
        ({"world": "cliff-walking"}, "default"),
        ({"world": {"map": ["S.G"]}}, "default"),
        ({"world": {"map": ["S.G"], "name": "default"}}, "Another map"),
        ({"agents": 4, "first_agent": 2}, "First agent 0, agents 2"),
        ({"speed": 9.0, "num_episodes": 3}, "Same settings, 20 episodes"),
        ({"temperature": 9.0, "trace_decay": 0.1}, "Same settings, 20 episodes"),
    ],
)
def test_a_pinned_run_is_named_by_what_differs(
    desk: Desk, change: dict[str, Any], name: str
) -> None:
    desk.train(20, agents=2)
    desk.ok("pin")
    desk.ok("configure", **change)
    [pin], _ = beside(desk)
    assert pin["name"].casefold() == name.casefold()


def test_what_counts_for_a_run_alone_tells_it_from_others() -> None:
    """Numbers of other algorithms, and of what is not chosen, do not."""
    usual = Parameters()
    for more, names in (
        ({"algorithm": "sarsa", "trace_decay": 0.5}, ["SARSA"]),
        ({"algorithm": "sarsa_lambda", "trace_decay": 0.5}, ["SARSA(λ)", "trace decay 0.5"]),
        ({"ties": "random", "temperature": 3.0}, ["ties random"]),
        ({"exploration": "softmax", "temperature": 3.0}, ["exploration softmax", "temperature 3"]),
        ({"max_steps": None, "num_episodes": None}, ["steps per episode: no limit"]),
    ):
        given: dict[str, Any] = dict(more)
        made = replace(usual, **given)
        assert [told(key, getattr(made, key)) for key in made.differing(usual)] == names


def test_the_comparison_is_that_of_the_library_agent_by_agent(desk: Desk) -> None:
    common: dict[str, Any] = {"agents": 40, "seed": 3}
    desk.train(250, learning_rate=0.1, **common)
    desk.ok("pin")
    desk.ok("configure", learning_rate=0.02)
    desk.ok("reset")
    assert beside(desk)[1] == []  # nothing can be said yet
    desk.train(180, **common)
    [versus] = beside(desk)[1]
    pinned = gw.train(gw.make("default"), gw.QLearning(learning_rate=0.1), episodes=250, **common)
    now = gw.train(gw.make("default"), gw.QLearning(learning_rate=0.02), episodes=180, **common)
    assert (versus["first"], versus["last"], versus["agents"]) == (81, 180, 40)
    a, b = (run.returns[:, 80:180].astype(float).mean(axis=1) for run in (now, pinned))
    difference, _ = paired(a, b)
    ends = [difference.estimate, difference.low, difference.high]
    assert versus["difference"] == pytest.approx(ends, rel=1e-5)
    assert versus["difference"][2] < 0  # a slow learner is behind by then, surely
    better = probability_better(a, b)
    assert versus["better"] == pytest.approx([better.estimate, better.low, better.high], abs=0.03)


def test_runs_whose_bins_differ_are_compared_on_the_wider_ones(desk: Desk) -> None:
    desk.train(700, agents=2)
    desk.ok("pin")
    desk.ok("reset")
    desk.train(3000)  # 999 bins hold no single episodes of these
    [versus] = beside(desk)[1]
    assert versus["last"] <= 700
    assert versus["first"] % 4 == 1
    assert versus["difference"][0] == pytest.approx(0, abs=1e-5)  # the same agents, so far
    assert versus["better"][0] == 0.5


def test_of_one_agent_no_interval_is_claimed(desk: Desk) -> None:
    desk.train(150)
    desk.ok("pin")
    desk.train(150, seed=1)
    [versus] = beside(desk)[1]
    mean, low, high = versus["difference"]
    assert (low, high) == (None, None)
    assert isinstance(mean, float)


def test_a_pinned_run_can_be_opened_again(desk: Desk) -> None:
    desk.train(60, agents=3, learning_rate=0.3, world="four-rooms")
    before = desk.session.observer.look().q.tobytes()
    desk.ok("pin")
    desk.train(5, world="easy")
    [pin], _ = beside(desk)
    assert pin["repeatable"]
    settings = read_link(pin["link"])
    assert (settings["world"], settings["num_episodes"]) == ("four-rooms", 60)
    world = link_world(settings)
    again = gw.train(world, gw.QLearning(learning_rate=0.3), agents=3, episodes=60)
    assert again.q[0].tobytes() == before


def test_a_run_of_so_many_steps_is_opened_for_as_many(desk: Desk) -> None:
    desk.ok("start_training", num_episodes=None, num_steps=777, speed=None)
    wait(lambda: desk.state()["finished"])
    desk.ok("pin")
    settings = read_link(beside(desk)[0][0]["link"])
    assert (settings["num_episodes"], settings["num_steps"]) == (None, 777)


def test_four_runs_are_pinned_at_the_most_and_taken_away_by_their_numbers(desk: Desk) -> None:
    assert "an episode must have ended before a run is pinned, got none" in desk.error("pin")
    desk.train(5)
    numbers = [desk.ok("pin")["pin"] for _ in range(MOST_PINS)]
    assert "at most 4 runs can be pinned" in desk.error("pin")
    assert desk.ok("unpin", pin=numbers[1]) == {"pin": numbers[1]}
    assert "must be that of a pinned run (1, 3, 4), got 2" in desk.error("unpin", pin=2)
    assert desk.ok("pin")["pin"] == 5
    assert [pin["pin"] for pin in beside(desk)[0]] == [1, 3, 4, 5]


def test_a_world_that_no_link_holds_is_pinned_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "DEFINED_CELLS", 10)
    for map_, holds in ((["S.", ".G"], True), (["S......", "......G"], False)):
        desk.train(2, world={"map": map_})
        desk.ok("pin")
        assert (beside(desk)[0][-1]["link"] is not None) == holds


def test_frames_bring_what_is_pinned_at_once_and_while_it_trains(tmp_path: Path) -> None:
    room = Room(tmp_path)
    try:
        peer = room.peer()
        assert peer.next()["data"]["pins"] == []
        peer.ask("start_training", num_episodes=30, speed=None, agents=5)
        peer.type("training_complete")
        assert peer.ask("pin")["type"] == "pinned"
        shown = peer.until(lambda m: bool(m["data"].get("pins")))["data"]
        assert shown["pins"][0]["name"].startswith("Same settings")
        peer.ask("configure", learning_rate=0.7)
        peer.until(lambda m: m["data"].get("pins", [{}])[0].get("name") == "Learning rate 0.1")
        peer.ask("start_training", num_episodes=None, speed=1e5, agents=5, seed=8)
        found = peer.until(lambda m: bool(m["data"].get("versus")))["data"]
        assert found["pins"][0]["name"] == "Learning rate 0.1, seed 0"
        peer.ask("unpin", pin=shown["pins"][0]["pin"])
        peer.until(lambda m: m["data"].get("pins") == [])
    finally:
        room.close()
