"""Grid worlds: what is accepted, what is refused, and that nothing gets lost on the way."""

import json
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from gridworld.world import MAX_STATES

rewards = st.floats(-1e20, 1e20)


@st.composite
def worlds(draw: st.DrawFn) -> gw.GridWorld:
    """Any small world: walls, wind, portals and rewards of its own wherever they may be."""
    width, height = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = draw(
        st.lists(st.sampled_from("....##SGX"), min_size=width * height, max_size=width * height)
    )
    cells[draw(st.integers(0, len(cells) - 1))] = "S"
    places = [(i % width, i // width) for i in range(len(cells))]
    enterable = [place for place, cell in zip(places, cells, strict=True) if cell != "#"]
    sources = draw(st.lists(st.sampled_from(enterable), max_size=3, unique=True))
    sources = [(x, y) for x, y in sources if cells[y * width + x] not in "GX"]
    pairs = [(source, draw(st.sampled_from(enterable))) for source in sources]
    portals = [(source, target) for source, target in pairs if source != target]
    return gw.GridWorld(
        "".join(cells).encode(),
        width,
        rewards=gw.Rewards(
            step=draw(rewards),
            goal=draw(rewards),
            pit=draw(rewards),
            cells=draw(st.dictionaries(st.sampled_from(enterable), rewards, max_size=4)),
        ),
        slip=draw(st.sampled_from([0.0, 0.2, 1.0])),
        wind=tuple(draw(st.lists(st.integers(-3, 3), min_size=width, max_size=width))),
        portals=tuple(portals),
        max_steps=draw(st.none() | st.integers(1, 2**31 - 1)) if {"G", "X"} & set(cells) else 7,
        name=draw(st.text(max_size=5)),
    )


@given(worlds())
def test_a_world_survives_json_and_pickle(world: gw.GridWorld) -> None:
    again = gw.GridWorld.from_json(json.loads(json.dumps(world.to_json())))
    assert again == world
    assert again.name == world.name
    assert hash(again) == hash(world)
    assert gw.GridWorld.from_json(json.dumps(world.to_json())) == world
    assert pickle.loads(pickle.dumps(world)) == world


@given(worlds())
def test_cells_states_and_rows_agree(world: gw.GridWorld) -> None:
    assert len(world.rows) == world.height
    for state in range(world.n_states):
        x, y = world.cell(state)
        assert world.state(x, y) == state == y * world.width + x
        letter = world.rows[y][x]
        assert world[x, y] == letter == chr(world.array[y, x])
        kinds = {"S": world.starts, "G": world.goals, "X": world.pits, "#": world.walls}
        for kind, states in kinds.items():
            assert (state in states) == (letter == kind)


def test_text_may_be_indented_and_in_the_letters_of_frozen_lake() -> None:
    world = gw.GridWorld.from_text(
        """
        SFH
        #.G
        """
    )
    assert world.rows == ("S.X", "#.G")
    assert str(world) == "S.X\n#.G"
    assert world == gw.GridWorld.from_text(["SFH", "#FG"])


def test_rewards_may_be_given_as_their_object() -> None:
    rewards = {"step": -1, "cells": {(1, 0): 2, "0,1": 3}}
    world = gw.GridWorld.from_text("S.\n.G", rewards=rewards)
    assert world.rewards == gw.Rewards(step=-1, cells={(1, 0): 2, (0, 1): 3})
    for cells, words in (
        ({(1, 0): 2, "1,0": 3}, r"name a cell once, got \(1, 0\) twice"),
        ({5: 2}, "a key of rewards.cells must be a list, got 5"),
        ([1], r"rewards.cells must have the shape \(2, 2\) of the map, got \(1,\)"),
        ([[1, 2], [3]], r"rewards.cells must be numbers \[height, width\], or an object, got"),
        ([["a", 2], [3, 4]], r"rewards.cells must be numbers \[height, width\]"),
        (np.zeros((2, 3)), r"the shape \(2, 2\) of the map, got \(2, 3\)"),
        ([[1e21, 0], [0, 0]], r"rewards.cells at \(0, 0\) must be a number from"),
        (3, "rewards.cells must be an object, got 3"),
    ):
        with pytest.raises(gw.WorldError, match=words):
            gw.GridWorld.from_text("S.\n.G", rewards={"cells": cells})
    with pytest.raises(gw.WorldError, match="rewards must be an object, got 3"):
        gw.GridWorld.from_text("S.\n.G", rewards=3)  # type: ignore[arg-type]


def test_rewards_of_cells_may_be_rows_of_numbers() -> None:
    table = np.array([[1.0, np.nan, 2.0], [np.nan, 3.0, 4.0]])
    expected = gw.Rewards(step=-1, cells={(0, 0): 1, (2, 0): 2, (2, 1): 4})  # none for the wall
    world = gw.GridWorld.from_text("S..\n.#G", rewards={"step": -1, "cells": table})
    assert world.rewards == expected
    rows = [[1, None, 2], [None, 3, 4]]
    data = {"map": ["S..", ".#G"], "rewards": {"step": -1, "cells": rows}}
    assert gw.GridWorld.from_json(json.dumps(data)) == world
    assert gw.GridWorld.from_json(world.to_json()) == world


def test_the_name_is_no_part_of_what_a_world_is() -> None:
    world = gw.make("default")
    assert replace(world, name="another") == world
    assert replace(world, max_steps=5) != world


@pytest.mark.parametrize(("size", "steps"), [(10, 100), (11, 484)])
def test_large_maps_get_four_steps_a_cell(size: int, steps: int) -> None:
    rows = ["." * size] * (size - 1) + ["S" + "." * (size - 2) + "G"]
    assert gw.GridWorld.from_text(rows).max_steps == steps
    assert gw.GridWorld.from_json({"map": rows}).max_steps == steps
    assert gw.GridWorld.from_json({"map": rows, "max_steps": None}).max_steps is None
    assert gw.GridWorld.from_text(rows, max_steps=3).max_steps == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a map must have at least one cell, got none"),
        ([], "a map must have at least one cell, got none"),
        ([""], "a map must have at least one cell, got none"),
        ("S.\n.QG", "equally long, got 2 cells in row 0 and 3 in row 1"),
        ("S.\n\n.G", "equally long, got 2 cells in row 0 and 0 in row 1"),
        ("S.G\n.Q.", r"one of S G X # \. F H, got 'Q' at \(1, 1\)"),
        ("S.G\n..é", r"got 'é' at \(2, 1\)"),
        ("s.G", r"got 's' at \(0, 0\)"),
        ("..G", r"at least one start \(S\), got none"),
        (["S", 1], "a row of the map must be a text or a list of cells, got 1 in row 1"),
        (7, "a map must be a text or a list of rows, got 7"),
        ({"S": "G"}, "a map must be a text or a list of rows"),
    ],
)
def test_a_bad_map_is_refused(text: Any, words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        gw.GridWorld.from_text(text)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"slip": 1.5}, r"slip must be a number from 0 to 1, got 1\.5"),
        ({"slip": True}, "slip must be a number from 0 to 1, got True"),
        ({"slip": float("nan")}, "slip must be .* got nan"),
        ({"slip": "0.1"}, "slip must be a number .* got '0.1'"),
        ({"wind": [1]}, "one number for each of the 3 columns, got 1"),
        ({"wind": [0, 0.5, 0]}, "wind must be a whole number"),
        ({"wind": "000"}, "wind must be a list, got '000'"),
        ({"wind": [0, 2**40, 0]}, "wind must be a whole number from"),
        ({"max_steps": 0}, "max_steps must be a whole number from 1 .* or None, got 0"),
        ({"max_steps": True}, "max_steps must be .* got True"),
        ({"max_steps": 2**31}, "max_steps must be .* got 2147483648"),
        ({"max_steps": 1.0}, r"max_steps must be .* got 1\.0"),
        ({"max_steps": "soon"}, "max_steps must be .* got 'soon'"),
        ({"portals": [[[0, 0]]]}, "a portal must be a pair of cells"),
        ({"portals": [[[0, 0], [3, 0]]]}, r"inside the map of 3 x 2, got \(3, 0\)"),
        ({"portals": [[[0, 0], [-1, 0]]]}, "x of a cell of a portal must be a whole number"),
        ({"portals": [[[0, 0], [1, 0, 0]]]}, "must be two whole numbers x, y"),
        ({"portals": [[[1, 1], [0, 0]]]}, r"begin or end in a wall, got \(1, 1\)"),
        ({"portals": [[[0, 0], [1, 1]]]}, r"begin or end in a wall, got \(1, 1\)"),
        ({"portals": [[[2, 0], [0, 0]]]}, r"begin in a goal or a pit, got one at \(2, 0\)"),
        ({"portals": [[[0, 1], [0, 1]]]}, r"must lead to another cell, got one at \(0, 1\)"),
        ({"portals": [[[0, 1], [1, 0]], [[0, 1], [0, 0]]]}, "at most one portal, got two at"),
        ({"portals": 3}, "portals must be a list, got 3"),
        ({"rewards": {"step": float("inf")}}, "rewards.step must be a number from .* got inf"),
        ({"rewards": {"goal": None}}, "rewards.goal must be a number"),
        ({"rewards": {"pit": 10**400}}, "rewards.pit must be a number"),
        ({"rewards": {"swamp": 1}}, "no other keys than step, goal, pit, cells, got 'swamp'"),
        ({"rewards": {"cells": {"1;1": 1}}}, "must be \"x,y\", got '1;1'"),
        ({"rewards": {"cells": {"0,0": 1, "00,0": 1}}}, r"name a cell once, got \(0, 0\) twice"),
        ({"rewards": {"cells": {"5,0": 1}}}, r"inside the map of 3 x 2, got \(5, 0\)"),
        ({"rewards": {"cells": {"1,1": 1}}}, r"must not be a wall, got \(1, 1\)"),
        ({"rewards": {"cells": {"0,0": False}}}, r"at \(0, 0\) must be a number"),
        ({"rewards": 3}, "rewards must be an object, got 3"),
        ({"slippery": 0.1}, "no other keys than name, map, .* got 'slippery'"),
        ({"name": 3}, "name must be of type str, got 3"),
    ],
)
def test_a_bad_number_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        gw.GridWorld.from_json({"map": ["S.G", ".#."], **values})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("{", "a world must be a JSON object"),
        ("[" * 100_000, "a world must be a JSON object"),
        ("[]", "a world must be an object"),
        ({}, "a world must have a map, got none"),
        ({"map": {"0": "S"}}, "a map must be a text or a list of rows"),
    ],
)
def test_what_is_no_world_is_refused(data: Any, words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        gw.GridWorld.from_json(data)


def test_an_episode_must_be_able_to_end() -> None:
    with pytest.raises(gw.WorldError, match=r"a goal \(G\), a pit \(X\) or max_steps"):
        gw.GridWorld.from_text("S..", max_steps=None)
    assert gw.GridWorld.from_text("S..").max_steps == 100
    assert gw.GridWorld.from_text("S.X", max_steps=None).max_steps is None


def test_a_world_that_no_memory_holds_is_refused() -> None:
    with pytest.raises(gw.WorldError, match=f"at most {MAX_STATES} cells"):
        gw.GridWorld(b"S" * (MAX_STATES + 1), 1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cells": b"S.Q"}, "cells must be bytes of S, G, X, # and"),
        ({"cells": "S.G"}, "cells must be of type bytes"),
        ({"width": 2}, "whole rows of at least one cell, got 3 cells in rows of 2"),
        ({"width": 0}, "width must be a whole number from 1"),
        ({"cells": b""}, "whole rows of at least one cell, got 0 cells"),
        ({"rewards": None}, "rewards must be of type Rewards, got None"),
    ],
)
def test_a_world_is_checked_however_it_is_built(values: dict[str, Any], words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        gw.GridWorld(**{"cells": b"S.G", "width": 3, **values})


def test_a_place_outside_is_refused() -> None:
    world = gw.make("default")
    for place in ((5, 0), (0, 5), (-1, 0)):
        with pytest.raises(IndexError, match="a cell must be inside 5 x 5"):
            world[place]
    with pytest.raises(IndexError, match=r"a state must be in \[0, 25\), got 25"):
        world.cell(25)


def test_rewards_are_equal_in_any_order() -> None:
    one = gw.Rewards(cells={(1, 0): 2, (0, 1): 3})
    two = gw.Rewards(cells=(((0, 1), 3.0), ((1, 0), 2.0)))
    assert one == two
    assert hash(one) == hash(two)
    assert one.cells == (((1, 0), 2.0), ((0, 1), 3.0))
    with pytest.raises(gw.WorldError, match="must name a cell once"):
        gw.Rewards(cells=[((0, 0), 1.0), ((0, 0), 2.0)])


def test_the_map_cannot_be_changed() -> None:
    world = gw.make("default")
    with pytest.raises(ValueError, match="read-only"):
        world.array[0, 0] = 0
    assert world.array.dtype == np.uint8
