"""One episode step by step is the one that `evaluate` counts."""

from itertools import pairwise

import numpy as np
import pytest

import gridworld as gw
from gridworld.exact.evaluation import greedy_actions
from gridworld.exact.walking import Walk, episode_stream, given_choice, greedy_choice, walk
from gridworld.interop.streams import Moves
from gridworld.mdp import compile_world

WORLDS = ("default", "frozen-lake-4x4", "cliff-walking", "windy", "russell-norvig-4x3")


def one(world: str, q: object, *, seed: int, episode: int, epsilon: float) -> Walk:
    mdp = compile_world(gw.make(world))
    choice = greedy_choice(greedy_actions(mdp, q)[0], epsilon)  # type: ignore[arg-type]
    return walk(Moves(mdp), episode_stream(seed, episode), choice, 60)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("epsilon", [0.0, 0.3, 1.0])
def test_a_walk_is_the_episode_that_is_evaluated(world: str, epsilon: float) -> None:
    grid = gw.make(world)
    q = np.random.default_rng(5).random((grid.n_states, 4), np.float32)
    for seed in (0, 2**63 - 1):
        found = gw.evaluate(grid, q, episodes=20, seed=seed, epsilon=epsilon, max_steps=60)
        for episode in range(20):
            gone = one(world, q, seed=seed, episode=episode, epsilon=epsilon)
            assert gone.total == found.returns[0, episode]
            assert len(gone.rewards) == len(gone.states) - 1 == found.lengths[0, episode]
            assert gone.ended == found.terminated[0, episode]


def test_a_walk_stays_on_the_map_and_ends_where_episodes_end() -> None:
    grid = gw.make("frozen-lake-4x4")
    gone = one("frozen-lake-4x4", np.zeros((16, 4)), seed=3, episode=0, epsilon=1.0)
    cells = [grid.cell(state) for state in gone.states]
    assert cells[0] == (0, 0)
    for (x, y), (u, v) in pairwise(cells):
        assert abs(x - u) + abs(y - v) <= 1
    assert gone.ended
    assert grid[cells[-1]] in "GX"


def test_given_actions_are_taken_until_there_are_none_or_an_end() -> None:
    moves = Moves(compile_world(gw.make("default")))
    gone = walk(moves, episode_stream(0), given_choice([3, 3, 1]), 60)
    assert (gone.states, gone.ended) == ([0, 1, 2, 7], False)
    assert gone.rewards == [-0.1] * 3
    gone = walk(moves, episode_stream(0), given_choice([1, 3, 3, 3]), 60)
    assert (gone.states, gone.ended) == ([0, 5, 6], True)  # a pit
    assert gone.total == pytest.approx(-10.1)
    assert len(walk(moves, episode_stream(0), given_choice([0] * 9), 4).rewards) == 4
