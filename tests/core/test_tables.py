"""The table of parameters: ranges as they are written, and what may be set."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridworld import tables
from gridworld.errors import InvalidValueError
from gridworld.parameter import Choice, Parameter, Range


@pytest.mark.parametrize(
    ("range_", "written"),
    [
        (Range(0, 1), "[0, 1]"),
        (Range(0, 1, above=True), "(0, 1]"),
        (Range(-1e30, 1e30), "[-1e30, 1e30]"),
        (Range(0, 10**9, above=True), "(0, 1e9]"),
        (Range(1, 10**12), "[1, 1e12]"),
        (Range(0.5, 4096), "[0.5, 4096]"),
        (Range(1, 2**31 - 1), "[1, 2**31)"),
        (Range(0, 2**63 - 1), "[0, 2**63)"),
        (Range(0, 3 * 2**40), "[0, 3298534883328]"),
    ],
)
def test_ranges_are_written_as_people_do(range_: Range, written: str) -> None:
    assert str(range_) == written


@given(st.floats(0, 1))
def test_what_is_inside_a_range_stays_as_it_is(value: float) -> None:
    assert Range(0, 1).hold(value) == value


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers())
def test_what_is_held_is_inside(value: float) -> None:
    held = Range(0, 1, above=True).hold(value)
    assert held is None or 0 < held <= 1


def test_every_default_and_preset_is_allowed() -> None:
    for each in tables.PARAMETERS:
        if each.kind not in ("world", "algorithm"):
            assert each.check(each.default) == each.default
        assert each.says.endswith(".")
        assert each.title
    for preset in tables.PRESETS:
        for key, number in preset.numbers.items():
            assert tables.parameter(key).check(number) == number


def test_every_key_is_there_once() -> None:
    for keys in (
        [each.key for each in tables.PARAMETERS],
        [layer.key for layer in tables.LAYERS],
        [preset.key for preset in tables.PRESETS],
        [each.flag for each in tables.PARAMETERS if each.flag],
    ):
        assert len(set(keys)) == len(keys)


CHOICE = Parameter(
    "ties", "Ties", "Which.", "learning", "choice", "lowest",
    choices=(Choice("lowest", "Lowest", "The first."), Choice("random", "Random", "Any.")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("each", "value", "sentence"),
    [
        (tables.parameter("slip"), 1.5, "slip must be in [0, 1], got 1.5"),
        (tables.parameter("slip"), "1", "slip must be a number in [0, 1], got '1'"),
        (tables.parameter("slip"), True, "slip must be a number in [0, 1], got True"),
        (tables.parameter("slip"), None, "slip must be a number in [0, 1], got None"),
        (tables.parameter("speed"), 0, "speed must be in (0, 1e9] or null, got 0"),
        (
            tables.parameter("seed"),
            2**63,
            f"seed must be a whole number in [0, 2**63), got {2**63}",
        ),
        (tables.parameter("seed"), 0.5, "seed must be a whole number in [0, 2**63), got 0.5"),
        (tables.parameter("arrows"), 1, "arrows must be true or false, got 1"),
        (CHOICE, "RANDOM", "ties must be one of lowest, random, got 'RANDOM'"),
        (CHOICE, ["random"], "ties must be one of lowest, random, got ['random']"),
    ],
)
def test_what_cannot_be_is_told_with_what_must_hold(
    each: Parameter, value: Any, sentence: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        each.check(value)
    assert str(caught.value) == sentence


def test_json_has_no_whole_numbers() -> None:
    found = tables.parameter("num_episodes").check(5e2)
    assert (found, type(found)) == (500, int)
    assert tables.parameter("num_episodes").check(None) is None
    assert CHOICE.check("random") == "random"
