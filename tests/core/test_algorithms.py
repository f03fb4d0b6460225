"""Parameter records: ranges, sequences, JSON."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from gridworld.algorithms import ALGORITHMS, PARAMETERS, algorithm_from_json

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
    for parameter in PARAMETERS:
        assert np.array_equal(again.column(parameter, 3), algorithm.column(parameter, 3))


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
    with pytest.raises(gw.InvalidValueError, match="got temperature"):
        algorithm_from_json({"algorithm": "sarsa", "temperature": 1})
