"""The exchange format, ours and other programs'."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import gridworld as gw
from gridworld.store.exchange import exchange_dumps, exchange_loads

WORLD = gw.GridWorld.from_text("S..\n.#G")
CONFIG = {"learning_rate": 0.1, "discount_factor": 0.99, "epsilon_decay": 0.995}


def foreign(**changes: Any) -> str:
    """What another program might have written for WORLD."""
    data: dict[str, Any] = {
        "q_table": [[[x + 10 * y, 0, 0.5, -1] for y in range(2)] for x in range(3)],
        "epsilon": 0.25,
        "timestamp": "2026-01-01T00:00:00Z",
        "config": CONFIG,
    }
    return json.dumps(data | changes)


@given(
    q=hnp.arrays(np.float32, (6, 4), elements=st.floats(-1e6, 1e6, width=32)),
    epsilon=st.floats(0, 1),
)
def test_a_table_survives_to_the_last_bit(q: np.ndarray, epsilon: float) -> None:
    back = exchange_loads(exchange_dumps(WORLD, q, epsilon, CONFIG, save_id="a"), WORLD)
    assert np.array_equal(back.q, q)
    assert back.epsilon == epsilon
    assert back.config == CONFIG
    assert back.save_id == "a"


def test_a_file_of_another_program_loads() -> None:
    found = exchange_loads(foreign(), WORLD)
    assert found.q[WORLD.state(2, 1)].tolist() == [12, 0, 0.5, -1]
    assert found.epsilon == 0.25
    assert found.save_id is None


def test_grid_size_is_written_for_squares_alone() -> None:
    square = gw.make("default")
    data = json.loads(exchange_dumps(square, np.zeros((25, 4), np.float32), 1.0, CONFIG))
    assert data["grid_size"] == 5
    assert data["timestamp"].endswith("Z")
    assert np.shape(data["q_table"]) == (5, 5, 4)
    assert "grid_size" not in json.loads(
        exchange_dumps(WORLD, np.zeros((6, 4), np.float32), 1.0, CONFIG)
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must hold JSON"),
        ("[1, 2", "must hold JSON"),
        ("[" * 100_000, "must hold JSON"),
        ("[]", "JSON object with the key q_table"),
        ('{"epsilon": 1}', "JSON object with the key q_table"),
        (
            foreign(q_table=[]),
            r"nested \[x\]\[y\]\[action\] of 3 x 2 x 4 .*, got 0 entries at depth 1",
        ),
        (foreign(q_table=[[[0] * 4] * 2] * 2 + [[[0] * 4]]), "got 1 entries at depth 2"),
        (foreign(q_table=[[[0] * 4] * 2] * 2 + [[7, 8]]), "got 7 at depth 3"),
        (foreign(q_table=[[["0.5"] * 4] * 2] * 3), "must hold numbers, got '0.5'"),
        (foreign(q_table=[[[True] * 4] * 2] * 3), "must hold numbers, got True"),
        (foreign(q_table=[[[1e300] * 4] * 2] * 3), "one that is too large"),
        (foreign(q_table=[[[10**400] * 4] * 2] * 3), "one that is too large"),
        (foreign().replace("0.5", "NaN"), "got NaN, which is not a finite number"),
        (foreign().replace("0.5", "-Infinity"), "got -Infinity"),
        (foreign(epsilon=2), r"epsilon must be in \[0, 1\], got 2"),
        (foreign(epsilon=True), r"epsilon must be a number in \[0, 1\], got True"),
        (foreign(epsilon=None), "epsilon must be a number"),
        (foreign(grid_size=5), "grid_size must fit the present world of 3 x 2, got 5"),
        (foreign(config=[]), r"config must be a JSON object, got \[\]"),
        (foreign(config={"learning_rate": "x"}), "learning_rate must be a number"),
    ],
)
def test_a_bad_file_is_refused_with_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(gw.FileError, match=sentence):
        exchange_loads(text, WORLD)
