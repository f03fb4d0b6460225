"""What a plan is where nobody says it all: usual ranges, and the lines of Python that make it."""

from pathlib import Path
from typing import Any

import pytest

import gridworld as gw
from gridworld.errors import ExperimentError
from gridworld.experiments.plans.pythonic import python_of
from gridworld.experiments.plans.usual import Span, spread, usual_span
from gridworld.tables import LEARNING, PARAMETERS, parameter

NUMBERS = [each for each in PARAMETERS if each.range and each.scope in ("learning", "world")]


@pytest.mark.parametrize("each", NUMBERS, ids=lambda each: each.key)
@pytest.mark.parametrize("at", [None, "default", "low", "high"])
def test_every_number_has_a_usual_range_within_its_own(each: Any, at: str | None) -> None:
    assert each.range is not None
    ends = {"default": each.default, "low": each.range.low, "high": each.range.high}
    axis: Any = spread(each, usual_span(each, None if at is None else ends[at]))
    assert len(axis) >= 2
    assert len(set(axis)) == len(axis)
    for value in axis:
        each.check(value)
    if at is None and each.default:
        assert min(axis) <= each.default <= max(axis)


def test_usual_ranges_are_round_numbers() -> None:
    rate = spread(parameter("learning_rate"), usual_span(parameter("learning_rate"), 0.1))
    assert list(rate) == pytest.approx([0.1 * k for k in range(1, 11)])
    assert usual_span(parameter("epsilon"), 1.0) == Span(0, 1, 11, log=False)
    decay = usual_span(parameter("epsilon_decay"), 0.995)
    assert (decay.low, decay.high) == pytest.approx((0.9, 1))
    steps = spread(parameter("n_steps"), usual_span(parameter("n_steps"), 4))
    assert list(steps) == [1, 2, 3, 5, 8, 12, 18, 27, 40]
    assert usual_span(parameter("initial_value"), 0.0).low == -10


def test_a_range_that_cannot_be_is_refused() -> None:
    with pytest.raises(ExperimentError, match="must be above 0, got 0"):
        spread(parameter("learning_rate"), Span(0, 1, 5, log=True))


PLANS: dict[str, dict[str, Any]] = {
    "one axis": {"vary": {"learning_rate": gw.linspace(0.1, 1, 3)}},
    "two axes": {
        "vary": {"learning_rate": [0.1, 0.5], "epsilon": gw.logspace(0.01, 1, 3)},
        "algorithms": [gw.Sarsa(epsilon_decay=1.0), gw.QLearning, "double_q_learning"],
        "fixed": {"discount_factor": 1.0, "max_steps": None},
        "seed": 7,
    },
    "axes together": {
        "vary": {"epsilon": [0.1, 0.2], "epsilon_min": [0.1, 0.2]},
        "together": [["epsilon", "epsilon_min"]],
        "name": "both",
    },
    "chance and a limit": {
        "vary": {"temperature": gw.random(0.1, 10, 4, log=True), "max_steps": [20, None]},
        "algorithms": [gw.QLearning(exploration="softmax", ties="random")],
    },
    "a world of one's own": {
        "worlds": [gw.GridWorld.from_text("S.#\n..G", slip=0.1, max_steps=None), "easy"],
        "steps": 100,
        "keep_curves": 5,
    },
    "a change": {
        "worlds": ["blocking-maze"],
        "change": [(10, "blocking-maze-2")],
        "steps": 30,
        "episodes": None,
        "measures": ["reward_in_30_steps"],
    },
}


@pytest.mark.parametrize("given", PLANS.values(), ids=PLANS)
def test_lines_of_python_make_the_very_plan(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = gw.Experiment(**{"runs": 2, "episodes": 4} | given)
    made: list[gw.Experiment] = []

    class Noted:
        def best(self) -> str:
            return "the best"

    def run(self: gw.Experiment, store: str) -> Noted:
        made.append(self)
        assert store == "a folder"
        return Noted()

    monkeypatch.setattr(gw.Experiment, "run", run)
    lines = python_of(plan, "a folder")
    exec(compile(lines, "lines", "exec"), {})
    assert made[0].identity == plan.identity
    assert (made[0].runs, made[0].name) == (plan.runs, plan.name)
    assert max(map(len, lines.splitlines())) < 400


def test_every_algorithm_has_a_range_for_each_of_its_numbers() -> None:
    assert {each.key for each in LEARNING if each.range} == {
        each.key for each in NUMBERS if each.scope == "learning"
    }
