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


def of(name: object, world: gw.GridWorld, **own_keys: object) -> str:
    """A file that says that it was learnt on the world of this name."""
    q = np.zeros((world.n_states, 4), np.float32)
    return exchange_dumps(world, q, 0.5, CONFIG, world_name=name, **own_keys)


@pytest.mark.parametrize("name", ["default", "easy", "maze-5", "maze-5:3", "mine"])
def test_the_world_that_a_file_names_must_be_the_one_in_use(name: str) -> None:
    default = gw.make("default")
    if name == "default":
        assert exchange_loads(of(name, default), default).world is default
        return
    with pytest.raises(gw.FileError, match=f"in use, 'default', got a Q-table of '{name}'"):
        exchange_loads(of(name, default), default)


@pytest.mark.parametrize("name", ["easy", "maze-5", "maze-5:3"])
def test_or_is_taken_where_nobody_chose_one(name: str) -> None:
    found = exchange_loads(of(name, gw.make("default")), gw.make("default"), take_named=True)
    assert found.world.name == name
    assert found.world == gw.make(name)


@pytest.mark.parametrize("name", ["mine", "custom", "maze-5x", "Easy", ""])
def test_a_world_that_no_name_makes_is_not_the_default_one(name: str) -> None:
    with pytest.raises(gw.FileError, match=f"got a Q-table of '{name}'"):
        exchange_loads(of(name, gw.make("default")), gw.make("default"), take_named=True)


def test_the_same_world_may_have_another_name() -> None:
    copy = gw.GridWorld.from_text(gw.make("easy").rows, slip=0.25, name="copy")
    assert exchange_loads(of("easy", copy), copy).world is copy
    with pytest.raises(gw.FileError, match="got a Q-table of 'default'"):
        exchange_loads(of("default", copy), copy)
    nameless = gw.GridWorld.from_text(copy.rows)
    for name, world in (("mine", nameless), ("custom", copy), ("maze-5:0", gw.make("maze-5"))):
        assert exchange_loads(of(name, world), world).world is world


@pytest.mark.parametrize("name", [None, 7, ["easy"], {"map": ["SG"]}])
def test_what_is_no_name_says_nothing(name: object) -> None:
    default = gw.make("default")
    assert exchange_loads(of(name, default), default, take_named=True).world is default


def test_a_named_world_of_another_shape_or_size_is_refused() -> None:
    default = gw.make("default")
    with pytest.raises(gw.FileError, match="must fit the present world of 7 x 7, got 5"):
        exchange_loads(of("hard", default), default, take_named=True)
    with pytest.raises(gw.FileError, match="its world cannot be made: N of maze-N must be"):
        exchange_loads(of("maze-3", default), default, take_named=True)


def test_an_algorithm_of_ours_is_handed_out() -> None:
    default = gw.make("default")
    for said, found in (("sarsa", "sarsa"), ("theirs", None), (None, None), ([], None)):
        assert exchange_loads(of("default", default, algorithm=said), default).algorithm == found
