"""Worlds that one steps in: Gymnasium's rules, the oracle's moves, the kernels' bits."""

import subprocess
import sys
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

import gridworld as gw
from gridworld.interop.env import GridEnv
from gridworld.interop.streams import ManyStreams, Stream, seeded
from gridworld.interop.vector import GridVectorEnv
from gridworld.kernels.codes import SLIP
from gridworld.mdp import compile_exact
from gridworld.pictures.pixels import draw_pixels, png_of
from gridworld.registering import env_ids
from oracle.random import Stream as TwinStream
from oracle.random import unit
from oracle.world import move

YX: Any = "yx"

WORLDS: dict[str, Any] = {
    "default": gw.make("default"),
    "slip": gw.make("frozen-lake-4x4"),
    "windy": gw.make("windy"),
    "starts": gw.GridWorld.from_text("S.S#\n.X.G\nS..S", slip=0.3, max_steps=7),
    "certain": gw.GridWorld.from_text("S.S\n.XG", slip=1.0),
    "table": gw.from_gymnasium(gymnasium.make("Taxi-v4", is_rainy=True)),
}


GRIDS = [env_id for env_id, world in env_ids().items() if isinstance(gw.make(world), gw.GridWorld)]


@pytest.mark.parametrize("env_id", env_ids())
@pytest.mark.parametrize("observation", ["state", "xy"])
@pytest.mark.filterwarnings("error")
def test_gymnasiums_checker_has_nothing_to_say(
    env_id: str, observation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if env_id not in GRIDS and observation == "xy":
        with pytest.raises(gw.WorldError, match="must be of a grid"):
            gymnasium.make(env_id, observation=observation)
        return
    environment = gymnasium.make(env_id, observation=observation, render_mode="ansi")
    check_env(environment.unwrapped)
    environment.reset(seed=0)
    environment.step(environment.action_space.sample())
    assert ("@" if env_id in GRIDS else "state ") in str(environment.render())


def test_every_named_world_has_an_id() -> None:
    assert set(gw.world_names()) < set(env_ids().values())
    assert len(env_ids()) == 2 + len(gw.world_names()) + len(gw.process_names())
    assert env_ids()["gridworld/RandomWalk-v0"] == "random-walk-5"
    assert env_ids()["gridworld/FrozenLake4x4-v0"] == "frozen-lake-4x4"


@pytest.mark.parametrize("order", ["gymnasium, gridworld", "gridworld, gymnasium"])
def test_ids_are_there_whichever_is_imported_first(order: str) -> None:
    code = f"""
import {order}, sys
assert not {{"numba", "gridworld.mdp"}} & set(sys.modules), "registering needs no compiler"
assert not any(type(finder).__module__ == "gridworld.registering" for finder in sys.meta_path)
env = gymnasium.make("gridworld/FourRooms-v0", slip=0.25, max_steps=9)
assert env.unwrapped.mdp.world.slip == 0.25 and env.unwrapped.max_steps == 9
assert type(gymnasium.__spec__.loader).__module__ != "gridworld.registering"
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def moves_of(world: gw.GridWorld) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """What the oracle says of each executed action: ~state at an end, reward."""
    following = np.zeros((world.n_states, 4), np.int64)
    paid = np.zeros((world.n_states, 4))
    for state in range(world.n_states):
        for action in range(4):
            x, y = world.cell(state)
            if world[x, y] in "GX#":
                continue
            to_x, to_y, reward, ends = move(world, x, y, action)
            target = world.state(to_x, to_y)
            following[state, action] = ~target if ends else target
            paid[state, action] = reward
    return following, paid


@pytest.mark.parametrize("env_id", GRIDS)
@pytest.mark.parametrize("slip", [None, 0.3])
def test_a_million_random_steps_are_the_oracles(
    env_id: str, slip: float | None, jit_scale: int
) -> None:
    changes: dict[str, Any] = {} if slip is None else {"slip": slip}
    copies, rounds = 2000, 500 // jit_scale + 1
    vector: Any = gymnasium.make_vec(env_id, copies, **changes, autoreset="same-step")
    world = vector.mdp.world
    following, paid = moves_of(world)
    state, _ = vector.reset(seed=5)
    random = np.random.default_rng(0)
    aside = 0
    for _ in range(rounds):
        action = random.integers(4, size=copies)
        entered, reward, terminated, truncated, info = vector.step(action)
        last = info.get("final_obs", entered)
        told = np.where(terminated, ~last, last)
        sides = 2 - (action // 2) * 2  # the perpendicular pair: left, right or up, down
        possible = [action, *([sides, sides + 1] if world.slip else [])]
        fits = [(following[state, way] == told) & (paid[state, way] == reward) for way in possible]
        assert np.logical_or.reduce(fits).all()
        aside += int((~fits[0]).sum())
        assert np.isin(entered[terminated | truncated], world.starts).all()
        state = entered
    if world.slip:  # bounces and such look alike, so that fewer are seen than there are
        count = copies * rounds
        assert 0.2 * world.slip < aside / count < world.slip + 2 / np.sqrt(count)


@pytest.mark.parametrize("name", WORLDS)
def test_copies_make_the_steps_of_single_environments(name: str) -> None:
    copies, random = 5, np.random.default_rng(1)
    vector = gw.make_vec_env(WORLDS[name], copies, autoreset="same-step")
    singles = [gw.make_env(WORLDS[name]) for _ in range(copies)]
    states, info = vector.reset(seed=11)
    for i, env in enumerate(singles):
        state, single = env.reset(seed=11, options={"agent": i})
        assert state == states[i]
        assert (single["action_mask"] == info["action_mask"][i]).all()
    for _ in range(120):
        actions = random.integers(vector.mdp.n_actions, size=copies)
        states, rewards, terminated, truncated, info = vector.step(actions)
        for i, env in enumerate(singles):
            state, reward, ended, cut, single = env.step(actions[i])
            assert (reward, ended, cut) == (rewards[i], terminated[i], truncated[i])
            if ended or cut:
                assert info["final_obs"][i] == state
                assert info["_final_obs"][i]
                state, single = env.reset()
            assert state == states[i]
            assert (single["action_mask"] == info["action_mask"][i]).all()


@pytest.mark.parametrize("name", WORLDS)
def test_an_agent_that_draws_as_the_kernels_learns_their_bits(name: str) -> None:
    world, steps, half = WORLDS[name], 400, np.float32(0.5)
    algorithm = gw.QLearning(learning_rate=0.5, epsilon=0.5, epsilon_decay=1.0, epsilon_min=0.0)
    run = gw.train(world, algorithm, agents=3, steps=steps, seed=4)
    for agent in range(3):
        env = gw.make_env(world)
        state, _ = env.reset(seed=4, options={"agent": agent})
        q = np.zeros((env.mdp.n_states, env.mdp.n_actions), np.float32)
        for _ in range(steps):
            bits, n = env.random_bits(), env.mdp.n_actions
            pick = bits % n if n == 4 else (env.random_bits() * n) >> 32
            action = pick if unit(bits) < half else int(np.argmax(q[state]))
            entered, reward, terminated, truncated, _ = env.step(action)
            best = np.float32(0) if terminated else q[entered].max()
            target = np.float32(reward) + np.float32(0.99) * best
            q[state, action] += half * (target - q[state, action])
            state = env.reset()[0] if terminated or truncated else entered
        assert np.array_equal(q, run.q[agent])
        assert env.random_state == tuple(run.batch.agents["rng"][agent])


def test_a_students_agent_finds_the_optimum() -> None:
    env = gymnasium.make("gridworld/Default-v0")
    random = np.random.default_rng(0)
    q = np.zeros((int(env.observation_space.n), int(env.action_space.n)))  # type: ignore[attr-defined]
    for _ in range(1500):
        state, _ = env.reset()
        over = False
        while not over:
            action = env.action_space.sample() if random.random() < 0.5 else int(q[state].argmax())
            entered, reward, terminated, truncated, _ = env.step(action)
            target = float(reward) + 0.99 * (0 if terminated else q[entered].max())
            q[state, action] += 0.5 * (target - q[state, action])
            state, over = entered, terminated or truncated
    best = gw.solve(gw.make("default"), 0.99)
    assert q[0].max() == pytest.approx(best.v[0], abs=1e-3)


@pytest.mark.parametrize("name", ["starts", "slip", "table"])
def test_chances_are_those_declared(name: str, jit_scale: int) -> None:
    vector = gw.make_vec_env(WORLDS[name], 40_000 // jit_scale)
    states, _ = vector.reset(seed=3)
    share = np.bincount(states, minlength=vector.mdp.n_states) / vector.num_envs
    expected = np.zeros(vector.mdp.n_states)
    expected[vector.mdp.starts] = vector.mdp.start_probability
    assert np.abs(share - expected).max() < 4 / np.sqrt(vector.num_envs)


def test_each_way_of_beginning_again() -> None:
    corridor = gw.GridWorld.from_text("S.G", max_steps=3)
    right, left = np.array([3, 2]), np.array([2, 2])
    vector: Any = gw.make_vec_env(corridor, 2)
    assert vector.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    vector.reset(seed=0)
    vector.step(right)
    states, rewards, terminated, truncated, _ = vector.step(right)
    assert (states.tolist(), rewards.tolist()) == ([2, 0], [10, -0.1])
    assert (terminated.tolist(), truncated.tolist()) == ([True, False], [False, False])
    states, rewards, terminated, truncated, _ = vector.step(right)  # counts for nothing in one
    assert (states.tolist(), rewards.tolist()) == ([0, 0], [0, -0.1])
    assert (terminated.any(), truncated.tolist()) == (False, [False, True])
    states, _, _, truncated, _ = vector.step(right)
    assert (states.tolist(), truncated.any()) == ([1, 0], False)

    vector = gw.make_vec_env(corridor, 2, autoreset="disabled")
    vector.reset(seed=0)
    vector.step(right)
    vector.step(right)
    with pytest.raises(gymnasium.error.ResetNeeded, match="call reset"):
        vector.step(right)
    states, _ = vector.reset(options={"reset_mask": np.array([True, False])})
    assert states.tolist() == [0, 0]
    states, _, _, truncated, _ = vector.step(left)
    assert truncated.tolist() == [False, True]


def test_copies_are_seeded_by_themselves_where_nobody_does() -> None:
    world = gw.GridWorld.from_text(["S" * 60, "." * 59 + "G"])
    begun = [gw.make_vec_env(world, 9).reset()[0].tolist() for _ in range(2)]
    assert begun[0] != begun[1]
    env = gw.make_env(world)
    assert len({env.reset()[0] for _ in range(20)}) > 3
    env.reset(seed=5)
    state = env.random_state
    first = env.random_bits()
    env.random_state = state
    assert env.random_bits() == first


def test_streams_are_the_twins() -> None:
    words = seeded(7, range(4))
    many = ManyStreams(words.copy())
    drawn = np.array([many.bits(slice(None)) for _ in range(50)])
    for i in range(4):
        twin, single = TwinStream(words[i]), Stream(words[i])
        for k in range(50):
            assert single.bits() == twin.bits() == drawn[k, i]
        assert single.words == tuple(twin.words) == tuple(many.words[i])
        if i == 2:  # one draws alone
            assert many.bits(np.array([2])) == [twin.bits()]
            assert tuple(many.words[2]) == tuple(twin.words)


@pytest.mark.parametrize("name", WORLDS)
def test_the_table_is_what_happens(name: str) -> None:
    env = gw.make_env(WORLDS[name])
    inner = (
        gw.compile_world(WORLDS[name]) if isinstance(WORLDS[name], gw.GridWorld) else WORLDS[name]
    )
    exact = compile_exact(inner)
    for state, row in env.P.items():
        assert len(row) == inner.n_actions
        for action, outcomes in row.items():
            assert sum(outcome[0] for outcome in outcomes) == pytest.approx(1, abs=1e-12)
            mask = any(entered != state or ended for _, entered, _, ended in outcomes)
            assert env.reset(seed=1)[1]["action_mask"].dtype == np.int8
            assert bool(env._mask[state, action]) == mask
        if inner.dynamics == SLIP:
            direct = exact[state * 4 : state * 4 + 4]["reward"].tolist()
            paid = {outcome[2] for outcomes in row.values() for outcome in outcomes}
            assert paid <= set(direct)


def test_an_environment_of_ours_gives_back_its_world() -> None:
    world = gw.make("four-rooms")
    again = gw.from_gymnasium(gw.make_env(world))
    assert again.world == world
    assert again.name == "four-rooms"
    limited = gw.from_gymnasium(gymnasium.make("gridworld/FourRooms-v0", max_episode_steps=50))
    assert (limited.max_steps, limited.name) == (50, "four-rooms")
    endless = gw.from_gymnasium(gw.make_env(world), max_steps=None, name="mine")
    assert (endless.max_steps, endless.name) == (0, "mine")

    class Other(GridEnv):
        def step(self, action: Any) -> Any:
            return super().step(3 - action)

    with pytest.raises(gw.WorldError, match="P must be all that happens"):
        gw.from_gymnasium(Other(world), max_steps=None)


def test_an_episode_may_begin_anywhere_and_must_begin_somewhere() -> None:
    env = gw.make_env("default", observation="xy")
    with pytest.raises(gymnasium.error.ResetNeeded, match="call reset"):
        env.step(0)
    observed, info = env.reset(options={"state": (4, 3)})
    assert observed.tolist() == [4, 3]
    assert info["action_mask"].tolist() == [1, 1, 1, 0]
    observed, reward, terminated, truncated, _ = env.step(np.int64(1))
    assert (observed.tolist(), reward, terminated, truncated) == ([4, 4], 10.0, True, False)
    with pytest.raises(gymnasium.error.ResetNeeded, match="call reset"):
        env.step(0)
    assert env.reset(options={"state": 7})[0].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gw.make_env("defalt"), "a world must be one of default"),
        (lambda: gw.make_env(3), "world must be a GridWorld"),  # type: ignore[arg-type]
        (lambda: gw.make_env("default", slipp=1), "must be one of rewards, slip, wind.* got 'sl"),
        (lambda: gw.make_env("default", slip=2), "slip must be a number from 0 to 1, got 2"),
        (lambda: gw.make_env(WORLDS["table"], slip=0.5), "max_steps or name alone, got slip"),
        (lambda: gw.make_env("easy", observation=YX), "observation must be one of state, xy"),
        (lambda: gw.make_env(WORLDS["table"], observation="xy"), "must be of a grid"),
        (lambda: gw.make_env("easy", render_mode="3d"), "render_mode must be one of ansi"),
        (
            lambda: gw.make_env(WORLDS["table"], render_mode="human"),
            "one of ansi or None .there is no grid",
        ),
        (lambda: gw.make_vec_env("easy", 0), "num_envs must be a whole number from 1"),
        (lambda: gw.make_vec_env("easy", 2, autoreset="no"), "autoreset must be one of next-step"),
        (lambda: gw.make_vec_env("easy", 2, render_mode="ansi"), "render_mode of many copies"),
        (lambda: gw.make_env("easy").reset(seed=1, options={"x": 1}), "no other keys than state"),
        (lambda: gw.make_env("easy").reset(options={"state": 24}), "one acts, got 24, which is G"),
        (lambda: gw.make_env("easy").reset(options={"state": (5, 0)}), "x of the state .* got 5"),
        (lambda: gw.make_env("easy").reset(options={"state": 25}), "from 0 to 24, got 25"),
        (lambda: gw.make_env("easy").reset(seed=1, options={"agent": -1}), "agent must be a whole"),
        (lambda: begun().step(4), r"an action must be a whole number in \[0, 4\), got 4"),
        (lambda: begun().step(0.5), "an action must be a whole number"),
        (lambda: setattr(begun(), "random_state", [0] * 4), "four words, not all 0"),
        (lambda: setattr(begun(), "random_state", [1] * 3), "four words"),
        (lambda: vector().step([0, 1]), "actions must be 3 whole numbers, got int64 of the shape"),
        (lambda: vector().step([0, 1, 4]), r"an action must be in \[0, 4\), got 0 to 4"),
        (lambda: vector().reset(options={"mask": 1}), "no other keys than reset_mask"),
        (lambda: vector().reset(options={"reset_mask": [1]}), "reset_mask must be 3 truth values"),
    ],
)
def test_what_cannot_be_is_refused(call: Any, words: str) -> None:
    with pytest.raises(gw.InvalidValueError, match=words):
        call()


def begun() -> GridEnv:
    env = gw.make_env("easy")
    env.reset(seed=0)
    return env


def vector() -> GridVectorEnv:
    env = gw.make_vec_env("easy", 3)
    env.reset(seed=0)
    return env


def test_rewards_of_ones_own_may_be_given_as_an_object() -> None:
    env = gw.make_env("easy", rewards={"step": -1, "cells": {(1, 0): 5}})
    env.reset(seed=0)
    assert env.step(3)[1] == 5
    assert env.step(2)[1] == -1


def test_pictures_tell_cells_and_the_agent_apart() -> None:
    world = gw.GridWorld.from_text("SG\nX#")
    image = draw_pixels(world.array, 0)
    assert image.shape == (64, 64, 3)
    assert image.dtype == np.uint8
    corners = {tuple(image[y * 32 + 6, x * 32 + 3]) for x in (0, 1) for y in (0, 1)}
    assert len(corners) == 4
    assert not np.array_equal(image[:32, :32], draw_pixels(world.array, None)[:32, :32])
    assert draw_pixels(gw.make("maze-600").array, 601).shape == (600, 600, 3)
    assert png_of(image).startswith(b"\x89PNG\r\n\x1a\n")


def test_without_gymnasium_it_is_said_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(gw.MissingExtraError, match=r"pip install 'gridworld-bench\[gymnasium\]'"):
        gw.make_env("easy")


class _Notebook:
    """What of IPython is asked for in a notebook."""

    kernel = object()

    def __init__(self) -> None:
        self.shown: list[Any] = []

    def get_ipython(self) -> "_Notebook":
        return self

    def clear_output(self, wait: bool) -> None:
        assert wait

    def display(self, picture: Any) -> None:
        self.shown.append(picture._repr_png_())


def test_a_human_sees_a_picture_in_a_notebook_and_a_text_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    env = gw.make_env("easy", render_mode="human")
    env.reset(seed=0)
    assert capsys.readouterr().out.startswith("@....")
    notebook = _Notebook()
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", notebook)
    env.step(3)
    assert [picture[:4] for picture in notebook.shown] == [b"\x89PNG"]
