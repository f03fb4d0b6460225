"""Exact numbers of a window, and a large world in one byte a sample."""

import base64
import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gridworld as gw
from gridworld.records import AGENT, BIN, STATUS
from gridworld.world import GridWorld
from gridworld_dashboard.frames.cells import Window, cells_data, clip, is_small
from gridworld_dashboard.frames.learnt import Learnt, goals_data
from gridworld_dashboard.frames.overview import overview_data
from gridworld_dashboard.frames.worlds import cliffs, rules

WORLD = GridWorld.from_text(["S.#", ".XG"])
"""States 0 1 2 / 3 4 5: a wall at 2, a pit at 4, the goal at 5."""

LARGE = GridWorld.from_text(["S" + "." * 599] + ["." * 600] * 299 + ["." * 599 + "G"])


def unpack(text: str, dtype: str) -> npt.NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype)


def learnt(world: GridWorld = WORLD, initial_value: float = 0.0, **arrays: Any) -> Learnt:
    n = world.n_states
    return Learnt(
        status=np.zeros(1, STATUS),
        world=world,
        q=arrays.get("q", np.full((n, 4), initial_value, np.float32)),
        initial_value=initial_value,
        visits=arrays.get("visits", np.zeros(n, np.int64)),
        td_error=arrays.get("td_error", np.full(n, np.nan, np.float32)),
        agents=np.zeros(1, AGENT),
        bins=np.zeros((1, 0), BIN),
        carried=arrays.get("carried", {}),
    )


# --- what agents carry beside their Q-tables


def test_traces_and_models_are_told_where_there_are_any() -> None:
    trace = np.zeros(24, np.float32)
    trace[[1, 3, 13]] = [0.25, 0.5, 1.0]
    outcome = np.zeros(24, np.int32)
    outcome[[0, 1, 14]] = [1, -2, 6]
    none = cells_data(learnt(), None, (0, 0, 3, 2))
    assert none is not None
    assert none["eligibility"] is none["model"] is None
    found = learnt(carried={"trace": trace, "outcome": outcome})
    data = cells_data(found, None, (0, 0, 3, 2))
    assert data is not None
    assert unpack(data["eligibility"], "<f4").tolist() == [0.5, 0, 0, 1, 0, 0]
    assert unpack(data["model"], "<f4").tolist() == [2, 0, 0, 1, 0, 0]
    for layer, highest in (("eligibility", 1.0), ("model", 2.0)):
        sampled = overview_data(found, None, layer)
        assert (sampled["lo"], sampled["hi"]) == (0.0, highest)
        assert np.flatnonzero(unpack(sampled["data"], "u1")).tolist() == [0, 3]
        assert not unpack(overview_data(learnt(), None, layer)["data"], "u1").any()


# --- cells


@pytest.mark.parametrize(
    ("window", "clipped"),
    [
        (None, None),
        ((0, 0, 10, 20), (0, 0, 10, 20)),
        ((-5, 290, 10, 20), (0, 290, 5, 11)),
        ((590, 0, 200, 200), (590, 0, 10, 64)),
        ((100, 100, 200, 200), (100, 100, 64, 64)),
        ((9000, -9000, 5, 5), (599, 0, 1, 1)),
    ],
)
def test_a_window_is_clipped_to_the_world(window: Window | None, clipped: Window | None) -> None:
    assert clip(window, LARGE) == clipped


def test_a_small_world_travels_whole() -> None:
    assert is_small(WORLD)
    assert not is_small(LARGE)
    assert clip(None, WORLD) == (0, 0, 3, 2)
    assert clip((1, 0, 64, 64), WORLD) == (1, 0, 2, 2)


def test_cells_are_the_numbers_themselves() -> None:
    q = np.arange(24, dtype=np.float32).reshape(6, 4)
    visits = np.array([3, 2**40, 0, 1, 7, 9])
    td_error = np.array([0.5, np.nan, np.nan, -1, np.nan, np.nan], np.float32)
    optimal = np.array([1.5, -np.inf, np.nan, 1e300, 0, 0])
    found = learnt(q=q, visits=visits, td_error=td_error)
    data = cells_data(found, optimal, (1, 0, 2, 2))
    assert data is not None
    json.dumps(data, allow_nan=False)
    assert (data["x"], data["y"], data["width"], data["height"]) == (1, 0, 2, 2)
    assert unpack(data["q"], "<f4").tolist() == q[[1, 2, 4, 5]].reshape(-1).tolist()
    assert unpack(data["visits"], "<f8").tolist() == [2**40, 0, 7, 9]
    assert np.isnan(unpack(data["td_error"], "<f4")).all()
    np.testing.assert_array_equal(unpack(data["optimal"], "<f4"), [-np.inf, np.nan, 0, 0])
    whole = cells_data(found, None, (0, 0, 3, 2))
    assert whole is not None
    assert whole["optimal"] is None
    assert unpack(whole["td_error"], "<f4")[[0, 3]].tolist() == [0.5, -1]
    assert cells_data(found, None, None) is None


def test_arrivals_at_goals_are_counted() -> None:
    assert goals_data(learnt(visits=np.array([3, 4, 0, 1, 7, 9]))) == 9


# --- overviews


def sampled(found: Learnt, layer: str, optimal: npt.NDArray[np.float64] | None = None) -> Any:
    data = overview_data(found, optimal, layer)
    json.dumps(data, allow_nan=False)
    assert data["layer"] == layer
    return data | {"data": unpack(data["data"], "u1").tolist()}


def test_values_are_bytes_from_lo_to_hi_and_nothing_where_nothing_was_learnt() -> None:
    q = np.zeros((6, 4), np.float32)
    q[0] = [1, 2, 3, -1]
    q[1, 2] = -4  # its largest is still 0
    q[5] = 9  # a goal: nobody acts there
    q[2] = 9  # a wall
    data = sampled(learnt(q=q), "value")
    assert (data["width"], data["height"], data["scale"]) == (3, 2, 1)
    assert (data["lo"], data["hi"]) == (0.0, 3.0)
    assert data["data"] == [255, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(("initial", "shown"), [(0.0, 0), (5.0, 255)])
def test_an_untouched_row_is_one_that_is_still_all_initial_value(
    initial: float, shown: int
) -> None:
    data = sampled(learnt(initial_value=initial, q=np.zeros((6, 4), np.float32)), "value")
    assert data["data"][0] == shown


def test_numbers_that_json_does_not_know_are_left_out() -> None:
    q = np.zeros((6, 4), np.float32)
    q[0], q[1], q[3, 0] = np.nan, np.inf, 2.0
    data = sampled(learnt(q=q), "value")
    assert data["data"] == [0, 0, 0, 255, 0, 0]
    assert data["hi"] == 2.0


def test_the_optimum_is_shown_where_one_acts() -> None:
    optimal = np.array([1.0, -np.inf, np.nan, 3.0, 0, 0])
    data = sampled(learnt(), "optimal", optimal)
    assert (data["lo"], data["hi"]) == (1.0, 3.0)
    assert data["data"] == [1, 0, 0, 255, 0, 0]
    assert sampled(learnt(), "optimal")["data"] == [0] * 6


def test_the_difference_is_what_is_true_less_what_it_believes() -> None:
    q = np.zeros((6, 4), np.float32)
    q[0, 1], q[3, 0] = 2.0, 1.5
    data = sampled(learnt(q=q), "difference", np.array([6.0, 1, np.nan, 0.5, 0, 0]))
    assert (data["lo"], data["hi"]) == (-4.0, 4.0)
    assert data["data"] == [255, 0, 0, 96, 0, 0]
    assert sampled(learnt(q=q), "difference")["data"] == [0] * 6


def test_visits_are_logarithms() -> None:
    data = sampled(learnt(visits=np.array([0, 9, 0, 99, 0, 999])), "visits")
    assert (data["lo"], data["hi"]) == (0.0, pytest.approx(3))
    assert data["data"] == [0, 86, 0, 170, 0, 255]


def test_td_errors_are_even_around_zero() -> None:
    errors = np.array([0, -2, np.nan, 1, np.nan, np.nan], np.float32)
    data = sampled(learnt(td_error=errors), "td_error")
    assert (data["lo"], data["hi"]) == (-2.0, 2.0)
    assert data["data"] == [128, 1, 0, 192, 0, 0]
    nothing = sampled(learnt(), "td_error")
    assert (nothing["lo"], nothing["hi"], nothing["data"]) == (0.0, 0.0, [0] * 6)


def test_the_scale_of_an_overview_is_that_of_all_cells() -> None:
    q = np.zeros((LARGE.n_states, 4), np.float32)
    q[LARGE.state(0, 1)] = [3.0, 0, 0, 0]
    q[LARGE.state(1, 1)] = -2.0  # in the block of a larger value
    data = sampled(learnt(LARGE, q=q), "value")
    assert data["scale"] > 1
    assert (data["lo"], data["hi"]) == (-2.0, 3.0)


def test_large_worlds_are_sampled_down_without_losing_a_value() -> None:
    q = np.zeros((LARGE.n_states, 4), np.float32)
    q[LARGE.state(598, 299), 0] = 7.0
    data = sampled(learnt(LARGE, q=q), "value")
    assert (data["width"], data["height"], data["scale"]) == (200, 101, 3)
    samples = np.array(data["data"]).reshape(101, 200)
    assert np.argwhere(samples).tolist() == [[99, 199]]


def test_a_sample_of_errors_is_the_one_largest_in_size() -> None:
    errors = np.full(LARGE.n_states, np.nan, np.float32)
    errors[LARGE.state(0, 0)], errors[LARGE.state(1, 1)] = 1.0, -3.0
    errors[LARGE.state(599, 300)] = 2.0
    data = sampled(learnt(LARGE, td_error=errors), "td_error")
    samples = np.array(data["data"]).reshape(101, 200)
    assert (samples[0, 0], samples[100, 199]) == (1, 213)
    assert np.count_nonzero(samples) == 2


def say(*parts: str) -> str:
    return " \N{MIDDLE DOT} ".join(part.replace("-", "\N{MINUS SIGN}") for part in parts)


def test_the_rules_of_a_world_are_one_line() -> None:
    told = {name: rules(gw.make(name)) for name in gw.world_names()}
    assert told["default"] == say("step -0.1", "goal 10", "pit -10", "at most 100 steps")
    assert "66.7 % of the moves slip aside" in told["frozen-lake-4x4"]
    assert told["windy"] == say("step -1", "goal -1", "wind blows up to 2 up")
    cliff = ("step -1", "goal -1", "10 cells -100", "the cliff leads to the start")
    assert told["cliff-walking"] == say(*cliff)
    world = gw.GridWorld.from_text("S.\n.G", portals=[((1, 0), (0, 1))], max_steps=None)
    assert rules(world).endswith("1 cell leads elsewhere")


def test_a_cliff_is_a_portal_that_costs_more_than_a_step() -> None:
    assert len(cliffs(gw.make("cliff-walking"))) == 10
    portals = [((1, 0), (0, 1))]
    for cost, found in ((-5.0, 1), (-0.05, 0), (1.0, 0)):
        rewards = gw.Rewards(cells={(1, 0): cost})
        world = gw.GridWorld.from_text("S.\n.G", rewards=rewards, portals=portals)
        assert len(cliffs(world)) == found
