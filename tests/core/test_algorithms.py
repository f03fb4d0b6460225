"""Parameter records: ranges, sequences, JSON."""

import json
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from gridworld import tables
from gridworld.algorithms import ALGORITHMS, algorithm_from_json, as_algorithm
from gridworld.parameter import Parameter

NUMBERS = [each for each in gw.QLearning.parameters() if each.kind == "number"]

unit = st.floats(0, 1, width=32)
positive_unit = st.floats(2**-100, 1, width=32)


@given(
    name=st.sampled_from(sorted(ALGORITHMS)),
    numbers=st.fixed_dictionaries(
        {},
        optional={
            "learning_rate": positive_unit,
            "discount_factor": unit,
            "epsilon": unit | st.lists(unit, min_size=3, max_size=3),
            "epsilon_decay": positive_unit,
            "epsilon_min": unit,
            "initial_value": st.floats(-100, 100, width=32),
        },
    ),
)
def test_a_record_survives_json(name: str, numbers: dict[str, Any]) -> None:
    algorithm = ALGORITHMS[name](**numbers)
    again = algorithm_from_json(json.loads(json.dumps(algorithm.to_json())))
    assert again == algorithm
    for each in NUMBERS:
        assert np.array_equal(again.column(each.key, 3), algorithm.column(each.key, 3))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("learning_rate", 1.5, r"learning_rate must be in \(0, 1\], got 1.5"),
        ("learning_rate", 0, r"learning_rate must be in \(0, 1\], got 0"),
        ("learning_rate", 1e-60, r"learning_rate must be in \(0, 1\], got 1e-60"),
        ("discount_factor", -0.1, r"discount_factor must be in \[0, 1\], got -0.1"),
        ("epsilon", float("nan"), r"epsilon must be in \[0, 1\], got nan"),
        ("epsilon", [0.1, 2.0], r"epsilon must be in \[0, 1\], got 2"),
        ("epsilon_decay", float("inf"), r"epsilon_decay must be in \(0, 1\], got inf"),
        ("initial_value", 1e308, r"initial_value must be in \[-1e30, 1e30\], got 1e\+308"),
        (
            "epsilon",
            "0.1",
            r"epsilon must be a number in \[0, 1\] or one for each agent, got '0.1'",
        ),
        ("epsilon", True, r"epsilon must be a number in .*, got True"),
        ("epsilon", [], r"epsilon must be a number in .*, got \[\]"),
        ("epsilon", [[0.1]], r"epsilon must be a number in .*"),
    ],
)
def test_a_bad_number_is_named_with_its_range(name: str, value: object, sentence: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=sentence):
        gw.QLearning(**{name: value})  # type: ignore[arg-type]


def test_a_sequence_needs_one_number_for_each_agent() -> None:
    with pytest.raises(ValueError, match=r"one for each agent \(3\), got 2 numbers"):
        gw.QLearning(epsilon=[0.1, 0.2]).column("epsilon", 3)


def test_an_unknown_algorithm_or_parameter_is_refused() -> None:
    with pytest.raises(gw.InvalidValueError, match=r"must be one of q_learning, .*got 'dqn'"):
        algorithm_from_json({"algorithm": "dqn"})
    with pytest.raises(gw.InvalidValueError, match="got curiosity"):
        algorithm_from_json({"algorithm": "sarsa", "curiosity": 1})


def test_the_records_have_what_the_table_lists_and_say_so() -> None:
    listed = {each.key for each in tables.LEARNING}
    assert {each.key for cls in ALGORITHMS.values() for each in cls.parameters()} == listed
    classes: list[type[gw.Algorithm]] = [gw.Algorithm, *ALGORITHMS.values()]
    for cls in classes:
        text = " ".join((cls.__doc__ or "").split())
        for each in cls.parameters():
            if cls is not gw.Algorithm and each in gw.Algorithm.parameters():
                continue
            sentence = re.search(rf" {each.key}: (.*?\.)(?= \w+:| Unit| Raises|$)", text)
            assert sentence is not None, each.key
            if each.kind == "number":
                assert sentence[1].endswith(f"in {each.range}; default {each.default:g}."), each.key
            elif each.kind == "whole":
                words = f"a whole number in {each.range}; default {each.default}."
                assert sentence[1].endswith(words), each.key
            else:
                assert sentence[1].endswith(f"{each.must}; default {each.default}."), each.key


@pytest.mark.parametrize("each", NUMBERS, ids=lambda each: each.key)
def test_a_number_within_one_float32_step_of_a_bound_is_the_bound(each: Parameter) -> None:
    make: Any = gw.QLearning
    assert each.range is not None
    for bound, outwards in ((each.range.low, -np.inf), (each.range.high, np.inf)):
        width = math.copysign(abs(float(np.spacing(np.float32(bound)))), outwards)
        step, far = bound + width, bound + 2 * width
        beyond = float(np.nextafter(bound, outwards))
        if each.range.above and bound == each.range.low:
            for value in (bound, beyond, step):
                with pytest.raises(gw.InvalidValueError, match=rf"in {re.escape(str(each.range))}"):
                    make(**{each.key: value})
            continue
        for value in (bound, beyond, step):
            assert getattr(make(**{each.key: value}), each.key) == bound
            assert getattr(make(**{each.key: [0.5, value]}), each.key) == (0.5, bound)
        with pytest.raises(gw.InvalidValueError, match=re.escape(f"got {far!r}")):
            make(**{each.key: [0.5, far]})


def test_the_last_number_of_arange_is_a_learning_rate() -> None:
    rates = np.arange(0.2, 1.05, 0.1)
    assert rates.max() > 1
    assert max(gw.QLearning(learning_rate=rates).learning_rate) == 1.0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given", ["sarsa", "SARSA", " Expected-SARSA ", "Double Q-learning", gw.Sarsa, gw.Sarsa()]
)
def test_an_algorithm_may_be_a_record_a_class_or_a_name(given: Any) -> None:
    run = gw.train(gw.make("easy"), given, steps=50)
    same = as_algorithm(given)
    assert run.batch.algorithm == same
    assert (run.q == gw.train(gw.make("easy"), same, steps=50).q).all()


@pytest.mark.parametrize("given", ["dqn", 7, int, gw.Algorithm, gw.Algorithm(), [gw.Sarsa()], ""])
def test_anything_else_is_no_algorithm(given: Any) -> None:
    with pytest.raises(
        gw.InvalidValueError, match=r"^algorithm must be .*q_learning.*, got "
    ) as caught:
        gw.train(gw.make("easy"), given, steps=50)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_every_algorithm_can_be_called_by_its_title() -> None:
    for cls in ALGORITHMS.values():
        assert as_algorithm(cls.title) == as_algorithm(cls) == cls()
        assert cls.says.endswith(".")
        assert re.search(r"\d{4}|Sutton", cls.__doc__ or ""), "its source"
