"""What the checks of single values say."""

from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.validation import array_of


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([[1, 2], [3]], "rows of 1 and 2"),
        ([[[1, 2], [3, 4]], [[5, 6], [7]]], "rows of 1 and 2"),
        ([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]], "rows of 1 and 2 and 3"),
        ([1, [2, 3]], "single entries beside rows"),
        ([np.zeros(2), np.zeros(3)], "rows of 2 and 3"),
    ],
)
def test_an_uneven_table_is_refused(value: Any, words: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=f"^q must have equally many .* got {words}$"):
        array_of("q", value)


def test_an_even_table_is_an_array() -> None:
    assert array_of("q", [[1, 2], [3, 4]]).shape == (2, 2)
    table = np.zeros((3, 2), np.float32)
    assert array_of("q", table) is table
