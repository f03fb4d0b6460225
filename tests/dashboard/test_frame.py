"""The `data` of frames, from arrays to JSON values."""

import base64
import json
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.records import AGENT, BIN, STATUS
from gridworld.world import GridWorld
from gridworld_dashboard.frames.counters import counters
from gridworld_dashboard.frames.histories import history_data
from gridworld_dashboard.frames.worlds import rules, world_data

WORLD = GridWorld.from_text(["S.#", ".XG"])
"""States 0 1 2 / 3 4 5: a wall at 2, a pit at 4, the goal at 5."""


def unpack(text: str, dtype: str) -> npt.NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype)


def record(**fields: Any) -> npt.NDArray[np.void]:
    made = np.zeros(1, STATUS)
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
        all_steps=512,
        visits_since=1,
        total_episodes=11,
        episode_return=np.float32(-0.7),
        steps_per_second=29.9999,
    )
    data = counters(made, WORLD)
    assert json.loads(json.dumps(data)) == {
        "run": 3,
        "episode": 12,
        "step": 7,
        "agent_pos": [1, 1],
        "epsilon": 0.995,
        "temperature": 0.0,
        "planned": [],
        "total_steps": 512,
        "total_episodes": 11,
        "episode_return": -0.7,
        "steps_per_second": 30.0,
        "shown": 0,
        "all_steps": 512,
        "agents_done": 0,
        "visits_since": 1,
        "max_steps": 100,
        "trail": [],
        "trail_count": 0,
        "update": None,
    }


def test_the_trail_lists_the_newest_last_and_marks_where_the_agent_was_placed() -> None:
    made = record(trail_count=3)
    made["trail"][0, :3] = [~0, 1, 3]
    assert counters(made, WORLD)["trail"] == [[0, 0, 1], [1, 0], [0, 1]]


def test_at_the_end_of_an_episode_the_trail_ends_where_the_agent_is_shown() -> None:
    made = record(trail_count=3, state=3, step=2)
    made["trail"][0, :3] = [1, 3, ~0]
    data = counters(made, WORLD)
    assert (data["trail"], data["trail_count"]) == ([[1, 0], [0, 1]], 2)
    made["step"], made["state"] = 0, 0
    data = counters(made, WORLD)
    assert (data["trail"][-1], data["trail_count"]) == ([0, 0, 1], 3)


def test_the_trail_unrolls_the_ring() -> None:
    made = record(trail_count=66)
    made["trail"][0] = 1
    made["trail"][0, 1], made["trail"][0, 2] = 3, 4  # entries 65 (the newest) and 2 (the oldest)
    trail = counters(made, WORLD)["trail"]
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
        update_bootstrap=np.float32(0),
        update_table=1,
        update_steps=1,
        update_factor=np.float32(0.5),
        update_weight=np.float32(1),
        update_rate=np.float32(0.1),
        update_q_after=np.float32(-0.55),
    )
    assert counters(made, WORLD)["update"] == {
        "state": [0, 1],
        "action": 3,
        "reward": -10.0,
        "next_state": [1, 1],
        "terminated": True,
        "q_before": 0.5,
        "target": -10.0,
        "bootstrap": 0.0,
        "table": 1,
        "steps": 1,
        "factor": 0.5,
        "weight": 1.0,
        "rate": 0.1,
        "correction": 0.0,
        "td_error": -10.5,
        "q_after": -0.55,
    }


def test_what_planning_has_updated_is_told_in_order() -> None:
    made = record(total_steps=1, planned_count=3)
    made["planned"][0, :4] = [4 * 3 + 1, 0, 4 * 3 + 1, 7]
    assert counters(made, WORLD)["planned"] == [[0, 1, 1], [0, 0, 0], [0, 1, 1]]


def histories(*widths: int) -> tuple[npt.NDArray[np.void], npt.NDArray[np.void]]:
    """Records and three bins of each of some agents; the second has twice the returns."""
    agents, bins = np.zeros(len(widths), AGENT), np.zeros((len(widths), 4), BIN)
    agents["bins"], agents["bin_width"] = 3, widths
    for row in range(len(widths)):
        bins[row, :3]["return_mean"] = np.array([1, 2, 6]) * (row + 1)
        bins[row, :3]["return_min"] = 0.5
        bins[row, :3]["length_max"] = [4, 5, 6]
        bins[row, :3]["epsilon"] = [0.5, 0.25, 0.125]
    return agents, bins


def test_the_history_of_one_agent_lies_between_its_extremes() -> None:
    data = history_data(*histories(50))
    assert (data["agents"], data["width"], data["episodes"]) == (1, 50, 150)
    assert unpack(data["return"]["mean"], "<f4").tolist() == [1, 2, 6]
    assert unpack(data["return"]["low"], "<f4").tolist() == [0.5] * 3
    assert unpack(data["length"]["high"], "<f4").tolist() == [4, 5, 6]
    assert unpack(data["epsilon"], "<f4").tolist() == [0.5, 0.25, 0.125]
    assert unpack(data["rolling_return"], "<f4").tolist() == [1, 1.5, 4]


def test_the_history_of_many_is_their_middle() -> None:
    data = history_data(*histories(*[50] * 8))
    assert (data["agents"], data["width"], data["episodes"]) == (8, 50, 150)
    means = unpack(data["return"]["mean"], "<f4")
    np.testing.assert_allclose(means, np.array([1, 2, 6]) * 4.5)
    low, high = (unpack(data["return"][name], "<f4") for name in ("low", "high"))
    assert (low < means).all()
    assert (means < high).all()
    assert unpack(data["epsilon"], "<f4").tolist() == [0.5, 0.25, 0.125]
    np.testing.assert_allclose(unpack(data["rolling_return"], "<f4"), [4.5, 6.75, 18])


def test_the_world_says_what_the_page_draws() -> None:
    assert world_data(WORLD, named=False) == {
        "name": "custom",
        "rows": ["S.#", ".XG"],
        "width": 3,
        "height": 2,
        "slip": 0.0,
        "wind": None,
        "portals": [],
        "cliffs": [],
        "max_steps": 100,
        "rules": rules(WORLD),
        "named": False,
        "definition": WORLD.to_json(),
    }


def test_only_a_small_world_without_a_name_is_defined() -> None:
    assert world_data(WORLD, named=True)["definition"] is None
    large = GridWorld.from_text(["S" + "." * 99 + "G"] + ["." * 101] * 99)
    assert world_data(large, named=False)["definition"] is None
