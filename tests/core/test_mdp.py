"""Worlds as arrays: every move does what the plain oracle says."""

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from core.test_world import worlds
from gridworld.interop import from_gymnasium
from gridworld.kernels.codes import ALWAYS, DETERMINISTIC, SLIP, TABLE
from gridworld.mdp import compile_exact
from gridworld.outcomes import OUTCOME, alias_table
from oracle.world import move


def assert_moves_as_the_oracle(world: gw.GridWorld) -> None:
    mdp = gw.compile_world(world)
    exact = compile_exact(mdp)
    assert mdp.outcomes.dtype == OUTCOME
    assert (mdp.n_states, mdp.n_actions, mdp.n_outcomes) == (world.n_states, 4, 1)
    for state in range(world.n_states):
        x, y = world.cell(state)
        for action in range(4):
            outcome = mdp.outcomes[state * 4 + action]
            assert exact[state * 4 + action]["next_state"] == outcome["next_state"]
            if world[x, y] in "GX#":
                assert (outcome["next_state"], outcome["reward"]) == (~state, 0)
                continue
            to_x, to_y, reward, ends = move(world, x, y, action)
            target = world.state(to_x, to_y)
            assert outcome["next_state"] == (~target if ends else target)
            assert outcome["reward"] == np.float32(reward)
            assert exact[state * 4 + action]["reward"] == reward


@given(worlds())
def test_every_move_is_the_oracles(world: gw.GridWorld) -> None:
    assert_moves_as_the_oracle(world)


@pytest.mark.parametrize("name", [*gw.world_names(), "maze-10:5"])
def test_every_move_of_a_named_world_is_the_oracles(name: str) -> None:
    assert_moves_as_the_oracle(gw.make(name))


@given(st.data())
def test_without_walls_wind_is_added_and_the_sum_clipped(data: st.DataObject) -> None:
    width, height = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    wind = data.draw(st.lists(st.integers(-9, 9), min_size=width, max_size=width))
    rows = ["S" + "." * (width - 1)] + ["." * width] * (height - 1)
    mdp = gw.compile_world(gw.GridWorld.from_text(rows, wind=wind))
    for y in range(height):
        for x in range(width):
            for action, (dx, dy) in enumerate([(0, -1), (0, 1), (-1, 0), (1, 0)]):
                to_x = min(max(x + dx, 0), width - 1)
                to_y = min(max(y + dy - wind[x], 0), height - 1)
                outcome = mdp.outcomes[(y * width + x) * 4 + action]
                assert outcome["next_state"] == to_y * width + to_x


def outcomes_of(world: gw.GridWorld, x: int, y: int) -> list[tuple[int, float]]:
    mdp = gw.compile_world(world)
    rows = mdp.outcomes[world.state(x, y) * 4 :][:4]
    return [(int(row["next_state"]), round(float(row["reward"]), 6)) for row in rows]


def test_wind_stops_at_a_wall() -> None:
    world = gw.GridWorld.from_text(["...", ".#.", "...", "S.."], wind=[3, 0, 3])
    # Up from (0, 3): blown to the top. Right: blown up to below the wall.
    assert outcomes_of(world, 0, 3) == [(0, -0.1), (3, -0.1), (0, -0.1), (7, -0.1)]


def test_a_bounce_pays_the_step_even_where_the_cell_has_a_reward_of_its_own() -> None:
    rewards = gw.Rewards(step=-1, cells={(0, 0): 5, (1, 0): 7})
    world = gw.GridWorld.from_text("S.\n.G", rewards=rewards)
    assert outcomes_of(world, 0, 0) == [(0, -1), (2, -1), (0, -1), (1, 7)]
    assert outcomes_of(world, 0, 1)[0] == (0, 5)


def test_a_portal_pays_for_its_entrance_and_its_exit_may_end_the_episode() -> None:
    rewards = gw.Rewards(cells={(1, 0): 3, (0, 1): 4})
    world = gw.GridWorld.from_text(
        "S..\n..G", rewards=rewards, portals=[[(1, 0), (2, 1)], [(0, 1), (0, 0)]]
    )
    # Right: to the goal, paid for the entrance. Down: back to where it stood, which is no bounce.
    assert outcomes_of(world, 0, 0) == [(0, -0.1), (0, 4), (0, -0.1), (~5, 3)]


def test_portals_do_not_chain() -> None:
    world = gw.GridWorld.from_text("S...G", portals=[[(1, 0), (2, 0)], [(2, 0), (3, 0)]])
    # Right from the start: through the first portal, into the second one's entrance, no further.
    assert outcomes_of(world, 0, 0)[3] == (2, -0.1)
    assert outcomes_of(world, 3, 0)[2] == (3, -0.1)


def test_a_name_is_no_world() -> None:
    with pytest.raises(
        gw.WorldError, match=r"gridworld.make gives one by its name\), got 'default'"
    ):
        gw.compile_world("default")  # type: ignore[arg-type]


def test_dynamics_starts_and_limits() -> None:
    plain = gw.compile_world(gw.make("default"))
    assert (plain.dynamics, float(plain.slip), plain.max_steps) == (DETERMINISTIC, 0, 100)
    lake = gw.compile_world(gw.make("frozen-lake-4x4"))
    assert (lake.dynamics, lake.slip) == (SLIP, np.float32(2 / 3))
    assert gw.compile_world(gw.make("windy")).max_steps == 0
    several = gw.compile_world(gw.GridWorld.from_text("S.S\n.SG"))
    assert several.starts.tolist() == [0, 2, 4]
    assert (several.start_threshold == ALWAYS).all()
    assert several.start_alias.tolist() == [0, 1, 2]
    assert np.allclose(several.start_probability, 1 / 3)
    assert several.world is not None


def test_tables_are_the_arrays_that_kernels_take() -> None:
    mdp = gw.compile_world(gw.make("frozen-lake-4x4"))
    tables = mdp.tables()
    assert tables.outcomes is mdp.outcomes
    assert tables.slip == np.float32(2 / 3)
    assert tables.max_steps == 100


def test_a_large_world_is_compiled_in_two_seconds(jit_scale: int) -> None:
    size = 2000 if jit_scale == 1 else 50
    random = np.random.default_rng(0).integers(0, 8, (size, size))
    letters = np.frombuffer(b"SGX#....", np.uint8)[random]
    text = "\n".join(row.tobytes().decode() for row in letters)
    gw.compile_world(gw.make("default"))
    began = time.thread_time()
    mdp = gw.compile_world(gw.GridWorld.from_text(text))
    assert time.thread_time() - began < 2
    assert mdp.outcomes.nbytes == 32 * size * size


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12).filter(lambda p: sum(p) > 0.01))
def test_an_alias_table_draws_what_it_was_built_for(weights: list[float]) -> None:
    probability = np.array(weights) / sum(weights)
    threshold, alias = alias_table(probability)
    n = len(probability)
    drawn = np.zeros(n)
    for k in range(n):
        keep = 1.0 if threshold[k] == ALWAYS else threshold[k] / 2**32
        drawn[k] += keep / n
        drawn[alias[k]] += (1 - keep) / n
    assert np.abs(drawn - probability).max() < 2e-9
    assert (drawn[probability == 0] == 0).all()


CHAIN = {
    0: {0: [(0.25, 0, 1.5, False), (0.75, 1, 0.1, False)], 1: [(1.0, 1, 0, True)]},
    1: {0: [(1.0, 1, -2, True)], 1: [(1.0, 0, 0, False)]},
}


def arrays_of(mdp: gw.Mdp) -> dict[str, Any]:
    names = (
        "name n_states n_actions max_steps dynamics outcomes threshold alias starts"
        " start_threshold start_alias probability exact_reward"
    )
    return {name: getattr(mdp, name) for name in names.split()}


def test_a_process_is_rebuilt_from_its_arrays() -> None:
    mdp = from_gymnasium(CHAIN, start=[0.25, 0.75], max_steps=9)
    again = gw.Mdp.from_arrays(**arrays_of(mdp))
    for name, value in arrays_of(mdp).items():
        assert np.array_equal(getattr(again, name), value)
    assert np.allclose(again.start_probability, [0.25, 0.75])
    arrays = arrays_of(mdp)
    del arrays["probability"], arrays["exact_reward"]
    drawn = gw.Mdp.from_arrays(**arrays)
    assert np.abs(drawn.probability - mdp.probability).max() < 1e-9
    assert np.array_equal(drawn.exact_reward, mdp.outcomes["reward"])


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("n_states", lambda _: 0, "must be possible, got 0"),
        ("n_states", lambda _: 3, "outcomes must fit|must be"),
        ("max_steps", lambda _: -1, "must be possible"),
        ("dynamics", lambda _: SLIP, "dynamics without a grid must be 0 or 2, got 1"),
        ("dynamics", lambda _: DETERMINISTIC, "outcomes must fit"),
        ("outcomes", lambda a: a[:2], "outcomes must fit"),
        ("outcomes", lambda a: a["reward"], "outcomes must be"),
        ("threshold", lambda a: a[:3], r"threshold must be uint32 of shape \(8,\)"),
        ("alias", lambda a: a + 2, r"alias must be in \[0, 2\), got"),
        ("alias", lambda a: a.astype(np.int64), "alias must be int32"),
        ("starts", lambda a: a + 1, r"starts must be in \[0, 2\), got 1 to 2"),
        ("starts", lambda a: a[:0], "starts must be int32"),
        ("start_alias", lambda a: a + 1, r"start_alias must be in"),
        ("probability", lambda a: a / 2, "probabilities must sum to 1"),
        ("exact_reward", lambda a: a * np.inf, "must be finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_arrays_that_would_mislead_a_kernel_are_refused(name: str, change: Any, words: str) -> None:
    arrays = arrays_of(from_gymnasium(CHAIN, start=[0.25, 0.75]))
    arrays[name] = change(arrays[name])
    with pytest.raises(gw.WorldError, match=words):
        gw.Mdp.from_arrays(**arrays)


@pytest.mark.parametrize(("field", "value"), [("next_state", 2), ("next_state", ~2)])
def test_a_move_out_of_the_world_is_refused(field: str, value: int) -> None:
    arrays = arrays_of(from_gymnasium(CHAIN, start=0))
    arrays["outcomes"] = arrays["outcomes"].copy()
    arrays["outcomes"][field][0] = value
    with pytest.raises(gw.WorldError, match=r"next_state must be in \[0, 2\)"):
        gw.Mdp.from_arrays(**arrays)


def test_a_reward_that_is_no_number_is_refused() -> None:
    arrays = arrays_of(from_gymnasium(CHAIN, start=0))
    arrays["outcomes"] = arrays["outcomes"].copy()
    arrays["outcomes"]["reward"][0] = np.nan
    with pytest.raises(gw.WorldError, match="rewards must be finite"):
        gw.Mdp.from_arrays(**arrays)


def test_the_chain_has_several_outcomes() -> None:
    mdp = from_gymnasium(CHAIN, start=0)
    assert (mdp.dynamics, mdp.n_outcomes) == (TABLE, 2)
