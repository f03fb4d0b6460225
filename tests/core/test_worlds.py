"""The named worlds."""

import numpy as np
import pytest

import gridworld as gw
from gridworld import worlds
from gridworld.exact.solver import solve
from gridworld.mdp import compile_world
from gridworld.processes import PROCESSES, make_process
from gridworld.worlds import describe, is_world_name, make_grid, maze


@pytest.mark.parametrize("name", [*gw.world_names(), "maze-5", "maze-12:34"])
def test_a_named_world_bears_its_name_and_can_be_solved(name: str) -> None:
    world = gw.make(name)
    assert world.name == name
    assert gw.make(name) == world
    assert len(world.starts) == 1
    assert np.isfinite(solve(world, discount_factor=1).expected_return)
    assert describe(name).endswith(".")


@pytest.mark.parametrize(
    ("name", "width", "height", "pits", "walls", "max_steps"),
    [
        ("default", 5, 5, 3, 0, 100),
        ("easy", 5, 5, 0, 0, 100),
        ("hard", 7, 7, 6, 0, 100),
        ("frozen-lake-4x4", 4, 4, 4, 0, 100),
        ("frozen-lake-8x8", 8, 8, 10, 0, 200),
        ("cliff-walking", 12, 4, 0, 0, None),
        ("windy", 10, 7, 0, 0, None),
        ("dyna-maze", 9, 6, 0, 7, 100),
        ("four-rooms", 13, 13, 0, 65, 676),
        ("blocking-maze", 9, 6, 0, 8, None),
        ("blocking-maze-2", 9, 6, 0, 8, None),
        ("shortcut-maze", 9, 6, 0, 8, None),
        ("shortcut-maze-2", 9, 6, 0, 7, None),
        ("russell-norvig-4x3", 4, 3, 1, 1, None),
        ("book-grid", 4, 3, 1, 1, None),
        ("maze-8", 8, 8, 0, 33, 256),
        ("maze-9", 9, 9, 0, 50, 324),
    ],
)
def test_the_facts_of_a_world(
    name: str, width: int, height: int, pits: int, walls: int, max_steps: int | None
) -> None:
    world = gw.make(name)
    assert (world.width, world.height) == (width, height)
    assert (len(world.pits), len(world.walls)) == (pits, walls)
    assert len(world.goals) == 1
    assert world.max_steps == max_steps


def test_the_default_world_is_the_one_of_the_contract() -> None:
    world = gw.make("default")
    assert world.rows == ("S....", ".X.X.", "..X..", ".....", "....G")
    assert world.rewards == gw.Rewards(step=-0.1, goal=10, pit=-10)
    assert (world.slip, world.wind, world.portals) == (0, (), ())


@pytest.mark.parametrize(
    ("name", "discount", "state", "value"),
    [
        ("random-walk-5", 1.0, 0, 1 / 6),
        ("random-walk-5", 1.0, 4, 5 / 6),
        ("random-walk-19", 1.0, 0, -0.9),
        ("random-walk-101", 1.0, 50, 0.0),
        ("van-hasselt-3x3", 0.95, 6, 5 * 0.95**4 - (1 - 0.95**4) / (1 - 0.95)),
        ("king-windy", 1.0, 30, -7.0),
        ("king-windy-stochastic", 1.0, 30, -10.964609),
        ("windy", 1.0, 30, -15.0),
        ("cliff-walking", 1.0, 36, -13.0),
        ("blocking-maze", 0.95, 48, 0.95**9),
        ("blocking-maze-2", 0.95, 48, 0.95**15),
        ("shortcut-maze", 0.95, 48, 0.95**15),
        ("shortcut-maze-2", 0.95, 48, 0.95**9),
        ("russell-norvig-4x3", 1.0, 8, 0.7453),
        ("russell-norvig-4x3", 1.0, 7, 0.0),
        ("book-grid", 0.9, 8, 0.49068396 / 0.9),
    ],
)
def test_a_world_of_a_book_is_worth_what_the_book_says(
    name: str, discount: float, state: int, value: float
) -> None:
    found = solve(gw.make(name), discount_factor=discount).v[state]
    digits = len(str(value).partition(".")[2])
    assert found == pytest.approx(value, abs=10.0 ** -min(digits, 7))


@pytest.mark.parametrize("name", [each.example for each in PROCESSES.values()])
def test_a_named_process_bears_its_name_and_can_be_learnt_on(name: str) -> None:
    mdp = make_process(name)
    assert mdp.name == gw.make(name).name == name
    assert mdp.world is None
    assert describe(name).endswith(".")
    assert not is_world_name(name)
    assert np.isfinite(solve(mdp, discount_factor=1).expected_return)
    run = gw.train(mdp, gw.Sarsa(epsilon=1.0, epsilon_min=1.0), agents=3, steps=6000)
    assert (run.steps == 6000).all()
    assert run.episodes.sum() > 0
    with pytest.raises(gw.WorldError, match=f"a grid here, got the process {name}"):
        make_grid(name)


def test_the_second_map_of_a_maze_differs_in_its_barrier_alone() -> None:
    for name in ("blocking-maze", "shortcut-maze"):
        first, second = gw.make(name), gw.make(f"{name}-2")
        rows = [a == b for a, b in zip(first.rows, second.rows, strict=True)]
        assert rows == [True, True, True, False, True, True]
        assert first.rewards == second.rewards


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "nonsense",
            "one of default, .*four-rooms, maze-N or maze-N:seed, or .*, got 'nonsense'",
        ),
        ("maze-", "got 'maze-'"),
        ("maze-8:", "got 'maze-8:'"),
        ("maze--8", "got 'maze--8'"),
        ("maze-٨", "got 'maze-٨'"),
        ("maze-3", "N of maze-N must be a whole number from 4 to 2000, got 3"),
        ("maze-2001", "N of maze-N must be a whole number from 4 to 2000, got 2001"),
        ("maze-8:9999999999999999999", "the seed of a maze must be a whole number from 0"),
        ("random-walk-4", "N of random-walk-N must be odd, so that there is a middle, got 4"),
        ("random-walk-1", "N of random-walk-N must be a whole number from 3 to 9999, got 1"),
        ("random-walk-", "got 'random-walk-'"),
        ("king-windy-5", "got 'king-windy-5'"),
        ("../default", r"got '\.\./default'"),
        (None, "got None"),
    ],
)
def test_an_unknown_name_is_refused(name: str, words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        gw.make(name)
    with pytest.raises(gw.WorldError, match=words):
        describe(name)


@pytest.mark.parametrize("name", ["maze-9:0", "maze-009", "maze-9:00"])
def test_a_maze_has_one_name(name: str) -> None:
    assert gw.make(name).name == "maze-9"


@pytest.mark.parametrize("size", [4, 5, 6, 31, 50])
@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_a_maze_is_perfect(size: int, seed: int) -> None:
    world = maze(size, seed)
    free = world.array != ord("#")
    assert free.shape == (size, size)
    # A tree: connected, and one edge fewer than cells.
    edges = np.sum(free[1:] & free[:-1]) + np.sum(free[:, 1:] & free[:, :-1])
    assert edges == free.sum() - 1
    reached = np.zeros_like(free)
    reached.flat[world.starts] = True
    for _ in range(free.size):
        grown = reached.copy()
        grown[1:] |= reached[:-1]
        grown[:-1] |= reached[1:]
        grown[:, 1:] |= reached[:, :-1]
        grown[:, :-1] |= reached[:, 1:]
        grown &= free
        if (grown == reached).all():
            break
        reached = grown
    assert (reached == free).all()
    assert free[1::2, 1::2].all()
    assert world.cell(int(world.starts[0])) == (1, 1)
    assert world.cell(int(world.goals[0])) == (size // 2 * 2 - 1,) * 2


def test_a_maze_depends_on_its_seed_and_on_nothing_else() -> None:
    assert gw.make("maze-9:3").rows == (
        "#########",
        "#S#.....#",
        "#.#.###.#",
        "#.#.#...#",
        "#.###.#.#",
        "#...#.#.#",
        "###.#.#.#",
        "#.....#G#",
        "#########",
    )
    np.random.default_rng(0).random()
    assert gw.make("maze-20:1") == gw.make("maze-20:1") != gw.make("maze-20:2")


def test_the_largest_maze_is_made(jit_scale: int) -> None:
    size = 2000 if jit_scale == 1 else 60
    world = maze(size)
    assert world.n_states == size * size
    assert world.max_steps == 4 * size * size
    assert (world.array != ord("#")).sum() == 2 * (size // 2) ** 2 - 1


@pytest.mark.parametrize("size", [True, 8.0, "8"])
def test_a_maze_of_no_number_is_refused(size: int) -> None:
    with pytest.raises(gw.WorldError, match="N of maze-N must be a whole number"):
        maze(size)


@pytest.mark.parametrize("name", [*gw.world_names(), "maze-9", "maze-2000:7", "maze-1"])
def test_a_world_name_may_be_asked_for(name: str) -> None:
    assert is_world_name(name)


@pytest.mark.parametrize("name", ["", "maze", "maze-", "maze-9:", "Default", "../default", 5, None])
def test_anything_else_is_no_world_name(name: object) -> None:
    assert not is_world_name(name)


def test_every_named_world_has_a_title_and_a_sentence() -> None:
    titles = [worlds.title(name) for name in gw.world_names()]
    assert len(set(titles)) == len(titles)
    for name, title in zip(gw.world_names(), titles, strict=True):
        assert 0 < len(title) < 16
        assert gw.describe(name).endswith(".")
    with pytest.raises(gw.WorldError, match=r"must be one of default, .*got 'maze-9'"):
        worlds.title("maze-9")


@pytest.mark.compiled
@pytest.mark.parametrize("name", [*gw.world_names(), "maze-21:5", "maze-31"])
def test_every_world_is_learnt_with_the_numbers_that_it_brings(name: str) -> None:
    numbers = worlds.numbers(name)
    assert numbers.keys() == worlds.numbers("default").keys()
    episodes = numbers.pop("num_episodes")
    world = compile_world(make_grid(name))
    solution = solve(world, discount_factor=0.99)
    for seed in range(20):
        run = gw.train(world, gw.QLearning(**numbers), episodes=episodes, seed=seed)
        assert gw.assess(world, run.q[0], solution).arrives, f"seed {seed}"


def test_a_world_without_a_name_brings_no_numbers() -> None:
    with pytest.raises(gw.WorldError, match="must be one of"):
        worlds.numbers("nowhere")
