"""The `data` of frames, from arrays to JSON values."""

import base64
import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gridworld.agents import BIN, FRAME
from gridworld.history import History
from gridworld.world import GridWorld
from gridworld_dashboard import frame as frames

WORLD = GridWorld.from_text(["S.#", ".XG"])
"""States 0 1 2 / 3 4 5: a wall at 2, a pit at 4, the goal at 5."""


def unpack(text: str, dtype: str) -> npt.NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype)


def record(**fields: Any) -> npt.NDArray[np.void]:
    made = np.zeros(1, FRAME)
    made["update_action"] = -1
    for name, value in fields.items():
        made[name][0] = value
    return made


def test_counters_are_json_values_with_short_decimals() -> None:
    made = record(
        run=3,
        episode=12,
        step=7,
        state=4,
        epsilon=np.float32(0.995),
        total_steps=512,
        total_episodes=11,
        episode_return=np.float32(-0.7),
        steps_per_second=29.9999,
    )
    data = frames.counters(made, WORLD)
    assert json.loads(json.dumps(data)) == {
        "run": 3,
        "episode": 12,
        "step": 7,
        "agent_pos": [1, 1],
        "epsilon": 0.995,
        "total_steps": 512,
        "total_episodes": 11,
        "episode_return": -0.7,
        "steps_per_second": 30.0,
        "max_steps": 100,
        "trail": [],
        "trail_count": 0,
        "update": None,
    }


def test_the_trail_lists_the_newest_last_and_marks_where_the_agent_was_placed() -> None:
    made = record(trail_count=3)
    made["trail"][0, :3] = [~0, 1, 3]
    assert frames.counters(made, WORLD)["trail"] == [[0, 0, 1], [1, 0], [0, 1]]


def test_at_the_end_of_an_episode_the_trail_ends_where_the_agent_is_shown() -> None:
    made = record(trail_count=3, state=3, step=2)
    made["trail"][0, :3] = [1, 3, ~0]
    data = frames.counters(made, WORLD)
    assert (data["trail"], data["trail_count"]) == ([[1, 0], [0, 1]], 2)
    made["step"], made["state"] = 0, 0
    data = frames.counters(made, WORLD)
    assert (data["trail"][-1], data["trail_count"]) == ([0, 0, 1], 3)


def test_the_trail_unrolls_the_ring() -> None:
    made = record(trail_count=66)
    made["trail"][0] = 1
    made["trail"][0, 1], made["trail"][0, 2] = 3, 4  # entries 65 (the newest) and 2 (the oldest)
    trail = frames.counters(made, WORLD)["trail"]
    assert len(trail) == 64
    assert trail[-1] == [0, 1]
    assert trail[0] == [1, 1]


def test_the_last_update_shows_how_the_number_came_about() -> None:
    made = record(
        total_steps=1,
        update_state=3,
        update_action=3,
        update_next_state=~4,
        update_reward=np.float32(-10),
        update_q_before=np.float32(0.5),
        update_target=np.float32(-10),
        update_q_after=np.float32(-0.55),
    )
    assert frames.counters(made, WORLD)["update"] == {
        "state": [0, 1],
        "action": 3,
        "reward": -10.0,
        "next_state": [1, 1],
        "terminated": True,
        "q_before": 0.5,
        "target": -10.0,
        "td_error": -10.5,
        "q_after": -0.55,
    }


def test_values_are_bytes_from_lo_to_hi_and_nothing_where_nothing_was_learnt() -> None:
    q = np.zeros((6, 4), np.float32)
    q[0] = [1, 2, 3, -1]
    q[1, 2] = -4  # its largest is still 0
    q[5] = 9  # a goal: nobody acts there
    q[2] = 9  # a wall
    data = frames.values_data(q, 0.0, WORLD)
    assert (data["width"], data["height"], data["scale"]) == (3, 2, 1)
    assert (data["lo"], data["hi"]) == (0.0, 3.0)
    assert unpack(data["data"], "u1").tolist() == [255, 1, 0, 0, 0, 0]
    exact = unpack(data["exact"], "<f4")
    np.testing.assert_array_equal(exact, np.array([3, 0, *[np.nan] * 4], np.float32))


@pytest.mark.parametrize(("initial", "shown"), [(0.0, 0), (5.0, 255)])
def test_an_untouched_row_is_one_that_is_still_all_initial_value(
    initial: float, shown: int
) -> None:
    q = np.zeros((6, 4), np.float32)
    data = frames.values_data(q, initial, WORLD)
    assert unpack(data["data"], "u1")[0] == shown


def test_large_worlds_are_sampled_down_without_losing_a_value() -> None:
    world = GridWorld.from_text(["S" + "." * 599] + ["." * 600] * 299 + ["." * 599 + "G"])
    q = np.zeros((world.n_states, 4), np.float32)
    q[world.state(599, 299), 0] = 7.0
    data = frames.values_data(q, 0.0, world)
    assert (data["width"], data["height"], data["scale"]) == (200, 101, 3)
    samples = unpack(data["data"], "u1").reshape(101, 200)
    assert np.argwhere(samples).tolist() == [[99, 199]]
    assert "exact" not in data
    assert frames.policy_data(q, 0.0, world) is None


def test_all_tied_directions_are_in_the_policy_and_none_where_nothing_was_learnt() -> None:
    q = np.zeros((6, 4), np.float32)
    q[0] = [1, 2, 2, 0]
    q[1] = [-1, -1, -1, -1]
    q[4] = [0, 1, 0, 0]  # a pit
    data = frames.policy_data(q, 0.0, WORLD)
    assert data is not None
    assert unpack(data["data"], "u1").tolist() == [0b0110, 0b1111, 0, 0, 0, 0]


def test_numbers_that_json_does_not_know_are_left_out() -> None:
    q = np.zeros((6, 4), np.float32)
    q[0], q[1], q[3, 0] = np.nan, np.inf, 2.0
    learnt = frames.Learnt(q, 0.0, History(1, np.zeros(0, BIN)))
    data = json.loads(json.dumps(frames.learnt_data(learnt, WORLD), allow_nan=False))
    assert unpack(data["values"]["data"], "u1").tolist() == [0, 0, 0, 255, 0, 0]
    assert data["values"]["hi"] == 2.0


def test_the_history_has_one_float_for_each_bin() -> None:
    bins = np.zeros(3, BIN)
    bins["return_mean"] = [1, 2, 6]
    bins["length_max"] = [4, 5, 6]
    bins["epsilon"] = [0.5, 0.25, 0.125]
    data = frames.history_data(History(50, bins))
    assert (data["width"], data["episodes"]) == (50, 150)
    assert unpack(data["return"]["mean"], "<f4").tolist() == [1, 2, 6]
    assert unpack(data["length"]["max"], "<f4").tolist() == [4, 5, 6]
    assert unpack(data["epsilon"], "<f4").tolist() == [0.5, 0.25, 0.125]
    assert unpack(data["rolling_return"], "<f4").tolist() == [1, 1.5, 4]


def test_the_world_says_what_the_page_draws() -> None:
    assert frames.world_data(WORLD) == {
        "name": "custom",
        "rows": ["S.#", ".XG"],
        "width": 3,
        "height": 2,
        "slip": 0.0,
        "wind": None,
        "portals": [],
        "max_steps": 100,
    }
