"""Whether episodes can end, and what is refused where they cannot."""

import time
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from core.test_world import worlds

CIRCLE: Any = {s: {a: [(1.0, (s + 1) % 3, 1.0, False)] for a in (0, 1)} for s in range(3)}

DOOR: Any = [  # from state 0 to an end, or into state 1 for ever
    [[(1.0, 0, 0.0, True)], [(0.9, 0, 0.0, False), (0.1, 1, 0.0, False)]],
    [[(1.0, 1, 0.0, False)], [(1.0, 1, 0.0, False)]],
]


def can_end(moves: list[set[int]], state: int) -> bool:
    """Whether a walk from the state can leave; a negative number is an end."""
    seen, waiting = {state}, [state]
    while waiting:
        for target in moves[waiting.pop()]:
            if target < 0:
                return True
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return False


def assert_endless_as_walked(mdp: gw.Mdp, moves: list[set[int]]) -> None:
    entered, waiting = set(mdp.starts.tolist()), mdp.starts.tolist()
    while waiting:
        new = {target for target in moves[waiting.pop()] if target >= 0} - entered
        entered |= new
        waiting += new
    endless = {state for state in entered if not can_end(moves, state)}
    assert (mdp.endless_state is None) == (not endless)
    if endless:
        assert mdp.endless_state in endless
        if any(start in endless for start in mdp.starts):
            assert mdp.endless_state in mdp.starts


@given(st.data())
def test_an_endless_state_is_found_in_any_table(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 6))
    table, moves = [], []
    for _ in range(n):
        row = []
        targets = set()
        for _ in range(2):
            ends = data.draw(
                st.lists(
                    st.tuples(st.integers(0, n - 1), st.sampled_from([False] * 5 + [True])),
                    min_size=1,
                    max_size=3,
                )
            )
            row.append([(1 / len(ends), state, 0.0, ended) for state, ended in ends])
            targets |= {~state if ended else state for state, ended in ends}
        table.append(row)
        moves.append(targets)
    start = data.draw(st.integers(0, n - 1))
    assert_endless_as_walked(gw.from_gymnasium(table, start), moves)


@given(worlds())
def test_an_endless_state_is_found_in_any_grid(world: gw.GridWorld) -> None:
    mdp = gw.compile_world(world)
    per_state = mdp.outcomes["next_state"].reshape(mdp.n_states, 4)
    # At slip 1 an action never does what it says, but the four together do the same.
    assert_endless_as_walked(mdp, [set(row) for row in per_state.tolist()])


ENDLESS: dict[str, tuple[gw.GridWorld | gw.Mdp, str]] = {
    "a table without any end": (gw.from_gymnasium(CIRCLE, 0), "state 0"),
    "one of two starts": (gw.from_gymnasium([*DOOR], [0.5, 0.5]), "state 1"),
    "a state that can be entered": (gw.from_gymnasium(DOOR, 0), "state 1"),
    "a goal behind a wall": (gw.GridWorld.from_text("S#G", max_steps=None), r"\(0, 0\)"),
    "slip": (gw.GridWorld.from_text("#S#G", max_steps=None, slip=0.5), r"\(1, 0\)"),
    "a portal into a closed room": (
        gw.GridWorld.from_text("S.G\n###\n...", portals=[((1, 0), (1, 2))], max_steps=None),
        r"\(0, 0\)",
    ),
    "a start in a closed room": (
        gw.GridWorld.from_text("S.G\n###\n..S", max_steps=None),
        r"\(2, 2\)",
    ),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_a_budget_of_episodes_is_refused_where_one_may_never_end(case: str) -> None:
    world, where = ENDLESS[case]
    words = f"episodes must be able to end .* got the world 'custom' in which none can from {where}"
    with pytest.raises(gw.InvalidValueError, match=words):
        gw.train(world)
    with pytest.raises(gw.InvalidValueError, match="give it max_steps, or steps as the budget"):
        gw.train(world, episodes=3)
    run = gw.train(world, steps=50)
    assert run.steps.tolist() == [50]
    assert gw.train(world, steps=50, episodes=10**6).steps.tolist() == [50]
    with pytest.raises(gw.InvalidValueError, match=words):
        gw.train(resume=run, episodes=3)
    trainer = gw.Trainer(world)
    try:
        with pytest.raises(gw.InvalidValueError, match=words):
            trainer.start(episodes=3)
        assert not trainer.running
        trainer.start(steps=50, speed=None)
    finally:
        trainer.close()


def test_a_limit_on_the_steps_is_an_end() -> None:
    assert gw.train(gw.from_gymnasium(CIRCLE, 0, max_steps=5), episodes=3).steps.tolist() == [15]
    assert gw.train(gw.GridWorld.from_text("S#G"), episodes=3).steps.tolist() == [300]


@pytest.mark.parametrize("name", [*gw.world_names(), "maze-9"])
def test_from_everywhere_in_a_named_world_there_is_an_end(name: str) -> None:
    assert gw.compile_world(gw.make(name)).endless_state is None


def test_an_end_that_the_policy_may_never_find_is_an_end() -> None:
    world = gw.GridWorld.from_text("S..\n.#.\n..G", max_steps=None)
    algorithm = gw.QLearning(epsilon=0.0, learning_rate=0.5)
    assert gw.train(world, algorithm, episodes=3).episodes.tolist() == [3]


@pytest.mark.parametrize(("slip", "blocked"), [*product((0.0, 0.1), (False, True))])
def test_a_large_world_is_searched_once_in_a_second(
    slip: float, blocked: bool, jit_scale: int
) -> None:
    size = 1000 if jit_scale == 1 else 40
    cells = np.full((size, size), ord("."), np.uint8)
    cells[0, 0], cells[-1, -1] = ord("S"), ord("G")
    if blocked:
        cells[-2, -1] = cells[-1, -2] = ord("#")
    world = gw.GridWorld(cells.tobytes(), size, max_steps=None, slip=slip)
    gw.compile_world(gw.GridWorld.from_text("S#G", slip=slip)).endless_state  # noqa: B018  # compiles
    mdp = gw.compile_world(world)
    begin = time.process_time()
    assert mdp.endless_state == (0 if blocked else None)
    assert time.process_time() - begin < 2
    begin = time.process_time()
    for _ in range(1000):
        mdp.endless_state  # noqa: B018
    assert time.process_time() - begin < 0.1
