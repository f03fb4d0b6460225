"""A minute of what `make fuzz` does for hours: nothing that comes in is answered by a crash."""

import pytest

from fuzz.mutations import mutated
from fuzz.targets import TARGETS, seeds

INPUTS = {"checkpoint": 400}
"""Where not 1,500."""


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_ever_released_or_found_is_taken_or_refused(name: str) -> None:
    assert len(seeds(name)) > 1
    for data in seeds(name):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_broken_is_taken_or_refused_in_a_sentence(name: str) -> None:
    for number in range(INPUTS.get(name, 1500)):
        data = mutated(number, seeds(name))
        try:
            TARGETS[name](data)
        except BaseException as error:
            raise AssertionError(f"input {number} of {name}: {data[:300]!r}") from error


def test_changes_are_the_same_for_the_same_number_and_reach_far() -> None:
    some = seeds("plan")
    assert [mutated(7, some)] * 2 == [mutated(7, some), mutated(7, some)]
    assert len({mutated(number, some) for number in range(200)}) > 190
