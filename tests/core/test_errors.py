"""What a message repeats of what came is short, whatever came and wherever it is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.errors import MOST_LETTERS, shortened
from gridworld.store.exchange import exchange_loads
from gridworld.store.link import read_link
from gridworld.store.texts import decode, parse_json

LONG = "x" * 60_000
DEEP: list[Any] = []
for _ in range(200):
    DEEP = [DEEP, LONG]

VALUES: dict[str, Any] = {
    "a text": LONG,
    "bytes": LONG.encode(),
    "a list": [LONG],
    "a nest": DEEP,
    "an object": {LONG: LONG},
    "a number": 10**4000,
    "an array": np.arange(60_000),
    "lines": "\n" * 60_000,
    "letters of others": "\N{KEY}" * 60_000,
}

MAP = ["S.G"]


def world(**more: Any) -> Callable[[Any], object]:
    """A world of which one part is what came."""

    def make(value: Any) -> object:
        filled = {key: value if part is None else part for key, part in more.items()}
        return gw.GridWorld.from_json({"map": MAP, **filled})

    return make


PLACES: dict[str, Callable[[Any], object]] = {
    "a map": lambda value: gw.GridWorld.from_text(value),
    "a row": lambda value: gw.GridWorld.from_text(["S", value]),
    "a cell": lambda value: gw.GridWorld.from_text([["S", value]]),
    "a world": lambda value: gw.GridWorld.from_json(value),
    "a key": lambda value: gw.GridWorld.from_json({str(value): 1, "map": MAP}),
    "a name": world(name=None),
    "slip": world(slip=None),
    "wind": world(wind=None),
    "one wind": lambda value: world(wind=None)([value, 1, 1]),
    "portals": world(portals=None),
    "a portal": lambda value: world(portals=None)([value]),
    "three ends": lambda value: world(portals=None)([[value] * 3]),
    "an end": lambda value: world(portals=None)([[value, [0, 0]]]),
    "a place": lambda value: world(portals=None)([[[value, 0], [0, 0]]]),
    "max_steps": world(max_steps=None),
    "rewards": world(rewards=None),
    "a reward": lambda value: world(rewards=None)({"step": value}),
    "a reward's key": lambda value: world(rewards=None)({str(value): 1}),
    "a cell of rewards": lambda value: world(rewards=None)({"cells": {str(value): 1}}),
    "cells of rewards": lambda value: world(rewards=None)({"cells": value}),
    "a legend": world(legend=None),
    "a legend's cell": lambda value: world(legend=None)({"A": value}),
    "a start": world(start=None),
    "a goal": world(goal=None),
    "a world's name": lambda value: gw.make(value),
    "an algorithm": lambda value: gw.train(gw.make("default"), value, steps=1),
    "a parameter": lambda value: gw.QLearning(learning_rate=value),
    "a parameter's name": lambda value: gw.QLearning().with_parameters(**{str(value): 1}),
    "a seed": lambda value: gw.train(gw.make("default"), seed=value, steps=1),
    "agents": lambda value: gw.train(gw.make("default"), agents=value, steps=1),
    "numbers": lambda value: gw.train(gw.make("default"), numbers=[value], steps=1),
    "steps": lambda value: gw.train(gw.make("default"), steps=value),
    "a run": lambda value: gw.train(resume=value, steps=1),
    "a link": lambda value: read_link(f"#v1.{value}"),
    "JSON": lambda value: parse_json("it", str(value)),
    "a Q-table": lambda value: exchange_loads(str(value), gw.make("default")),
    "text": lambda value: decode(b"\xff" * 60_000 + str(value).encode("utf-8", "replace"), "it"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_came_is_cut(place: str) -> None:
    refused = 0
    for kind, value in VALUES.items():
        try:
            PLACES[place](value)
        except gw.GridworldError as error:
            refused += 1
            sentence = str(error)
        except (TypeError, ValueError, OverflowError) as error:  # of Python, before it is ours
            sentence = str(error)[:1] if "int string conversion" in str(error) else str(error)
        else:
            continue
        assert len(sentence) <= MOST_LETTERS, (place, kind)
        assert sentence.count("\n") <= 1, (place, kind)
    assert refused >= 3


def test_a_sentence_says_first_what_must_hold() -> None:
    with pytest.raises(gw.WorldError) as caught:
        gw.GridWorld.from_json({"map": MAP, "portals": [["x" * 60_000] * 3]})
    assert str(caught.value).startswith("a portal must be a pair of cells, got ['xxx")
    assert len(str(caught.value)) < 200


def test_what_is_short_stays() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "..."
    assert shortened(ValueError("x" * 100), 80) == "x" * 77 + "..."
