"""Stream version 1: what agents learnt when it was declared, they learn to the last bit for ever.

`tests/data/qtables.json` was written before the kernels were first rearranged. No change of the
code may change it; entries are added when an algorithm or a kind of world is.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gridworld as gw
from gridworld.engine import Engine
from gridworld.kernels import codes
from gridworld.records import VISIT

FILE = Path(__file__).parents[1] / "data/qtables.json"

STEPS = 1000
"""Of each agent, in two unequal parts."""

AGENTS = {"scalar": 3, "vector": 20}
"""By kernel: so many agents make the engine take it, where the world has one."""

ONE_STEP = [name for name, cls in gw.ALGORITHMS.items() if cls.code in codes.ONE_STEP]

FIELDS = ("rng", "state", "action", "length", "episode_return", "epsilon", "episodes", "steps")
"""What is compared of an agent's record."""


def table_of_six_actions() -> list[list[list[tuple[float, int, float, bool]]]]:
    """Like Taxi's in size of a row, with up to three outcomes and rewards that round."""
    n = 20
    return [
        [
            [
                (0.5, (s + a + 1) % n, -0.1 * (a + 1), False),
                (0.3, (7 * s + a) % n, 0.3, False),
                (0.2, (s * a) % n, 1.0 / (s + 3), (s + a) % 5 == 0),
            ]
            if (s + a) % 3
            else [(1.0, (s + 2 * a) % n, -1.0, False)]
            for a in range(6)
        ]
        for s in range(n)
    ]


@cache
def worlds() -> dict[str, gw.Mdp]:
    starts = gw.GridWorld.from_text("S.X.S\n..#..\n.X..G\nS...X", name="starts", slip=0.1)
    spread = [0.0] * 20
    spread[3], spread[8], spread[13] = 0.5, 0.3, 0.2
    return {
        "plain": gw.compile_world(gw.make("default")),
        "slip": gw.compile_world(gw.make("frozen-lake-4x4")),
        "wind": gw.compile_world(gw.make("windy")),
        "portals": gw.compile_world(gw.make("cliff-walking")),
        "starts": gw.compile_world(starts),
        "P": gw.from_gymnasium(table_of_six_actions(), start=spread, max_steps=60, name="six"),
        "large": gw.compile_world(gw.make("maze-65:3")),
    }


@dataclass(frozen=True)
class Case:
    algorithm: str
    world: str
    kernel: str
    watch: bool

    def __str__(self) -> str:
        return f"{self.algorithm}/{self.world}/{self.kernel}" + ("/visits" if self.watch else "")


CASES = [
    Case(algorithm, world, kernel, watch)
    for algorithm in ONE_STEP
    for world in ("plain", "slip", "wind", "portals", "starts", "P", "large")
    for kernel in AGENTS
    for watch in (False, True)
    if world != "large" or algorithm == "q_learning"
] + [
    Case(algorithm, world, "scalar", watch=False)
    for algorithm in gw.ALGORITHMS
    if algorithm not in ONE_STEP
    for world in ("plain", "starts", "P")
]


def digest(arrays: list[npt.NDArray[Any]]) -> str:
    checksum = hashlib.sha256()
    for array in arrays:
        checksum.update(np.ascontiguousarray(array).tobytes())
    return checksum.hexdigest()


def learn(case: Case) -> dict[str, str]:
    """Train, and take checksums of what came of it."""
    n = AGENTS[case.kernel]
    mdp = worlds()[case.world]
    algorithm = gw.ALGORITHMS[case.algorithm](
        learning_rate=[0.05 + 0.9 * i / n for i in range(n)],
        discount_factor=[0.99 - 0.01 * i for i in range(n)],
        epsilon=[1.0 - 0.03 * i for i in range(n)],
        epsilon_decay=0.97,
        epsilon_min=0.02,
        initial_value=0.25,
    )
    batch = gw.Batch.create(mdp, algorithm, agents=n, seed=7, first_agent=5)
    visits = np.zeros(mdp.n_states, VISIT) if case.watch else None
    with Engine(1) as engine:
        for steps in (STEPS // 3, STEPS - STEPS // 3):
            engine.advance(batch, steps, 1, visits)
    record = {
        "q": digest([batch.q]),
        "agents": digest([batch.agents[name] for name in FIELDS]),
    }
    if visits is not None:
        record["visits"] = digest([visits["visits"], visits["td_error"]])
    return record


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=str(case), marks=[pytest.mark.compiled] * (case.kernel == "vector"))
        for case in CASES
    ],
)
def test_learns_the_same_bits_as_ever(case: Case) -> None:
    assert learn(case) == json.loads(FILE.read_text())[str(case)]


def test_every_entry_is_compared() -> None:
    assert set(json.loads(FILE.read_text())) == {str(case) for case in CASES}
