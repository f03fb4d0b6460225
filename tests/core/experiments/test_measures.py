"""Measures: each against what a plain training says of the same runs."""

import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gridworld as gw
from gridworld.experiments.measures import Outcome

pytestmark = pytest.mark.compiled


PROCESS = gw.from_gymnasium(
    {
        0: {0: [(0.5, 1, 1.0, False), (0.5, 0, -1.0, False)], 1: [(1.0, 2, 0.0, True)]},
        1: {0: [(1.0, 0, 0.0, False)], 1: [(0.7, 2, 5.0, True), (0.3, 0, 0.0, False)]},
        2: {0: [(1.0, 2, 0.0, True)], 1: [(1.0, 2, 0.0, True)]},
    },
    start=0,
)

WORLDS: list[Any] = ["default", "frozen-lake-4x4", "cliff-walking", "windy", PROCESS]


def bits(outcome: Outcome) -> npt.NDArray[Any]:
    return np.array([zlib.crc32(np.ascontiguousarray(q).tobytes()) for q in outcome.q])


BITS = gw.Measure("bits", bits, "Checksum of the Q-table.")


@pytest.mark.parametrize("algorithm", list(gw.ALGORITHMS))
@pytest.mark.parametrize("world", WORLDS, ids=lambda w: getattr(w, "name", w))
def test_run_j_of_a_setting_is_agent_j_alone_bit_for_bit(world: Any, algorithm: str) -> None:
    if algorithm == "monte_carlo":  # it keeps whole episodes
        world = replace(gw.make(world) if isinstance(world, str) else world, max_steps=60)
    plan = gw.Experiment(
        worlds=[world],
        algorithms=[algorithm],
        vary={"learning_rate": [0.1, 0.7], "epsilon": [0.2, 1.0]},
        runs=20,
        episodes=4,
        steps=500,
        seed=5,
        measures=[BITS, "return_mean_first_2", "return_mean_last_1", "regret_mean", "episodes"],
    )
    results = plan.run()
    assert results.complete
    for setting in plan.settings:
        for number in (0, 7, 19):
            alone = gw.train(
                setting.mdp,
                setting.algorithm,
                first_agent=number,
                episodes=4,
                steps=500,
                seed=5,
            )
            place = setting.index, number
            assert results.values("bits")[place] == zlib.crc32(alone.q[0].tobytes())
            assert results.values("episodes")[place] == alone.episodes[0]


@pytest.mark.parametrize("world", WORLDS, ids=lambda w: getattr(w, "name", w))
def test_means_are_those_of_the_episodes(world: Any) -> None:
    measures = [
        f"{of}_mean{part}" for of in ("return", "length") for part in ("", "_first_7", "_last_5")
    ]
    plan = gw.Experiment(worlds=[world], runs=16, episodes=300, measures=[*measures, "steps"])
    results = plan.run()
    run = gw.train(plan.settings[0].mdp, agents=16, episodes=300)
    for name, episodes in (("return", run.returns), ("length", run.lengths)):
        assert run.bin_width == 1
        wide = episodes.astype(np.float64)
        for part, columns in (("", wide), ("_first_7", wide[:, :7]), ("_last_5", wide[:, -5:])):
            got = results.values(f"{name}_mean{part}")[0]
            np.testing.assert_allclose(got, columns.mean(axis=1), rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(results.values("steps")[0], run.steps)


def test_a_mean_does_not_depend_on_what_else_is_measured() -> None:
    def mean(*more: str) -> npt.NDArray[np.float64]:
        plan = gw.Experiment(runs=40, episodes=500, measures=["return_mean", *more])
        return plan.run().values("return_mean")

    np.testing.assert_array_equal(mean(), mean("return_mean_first_3", "regret_mean"))


@pytest.mark.parametrize("world", WORLDS, ids=lambda w: getattr(w, "name", w))
@pytest.mark.parametrize("gamma", [0.0, 0.9, 1.0])
def test_the_regret_is_the_exact_one(world: Any, gamma: float) -> None:
    plan = gw.Experiment(
        worlds=[world],
        runs=12,
        episodes=30,
        steps=3000,
        fixed={"discount_factor": gamma},
        measures=["regret", "arrives"],
    )
    results = plan.run()
    mdp = plan.settings[0].mdp
    run = gw.train(mdp, gw.QLearning(discount_factor=gamma), agents=12, episodes=30, steps=3000)
    solution = gw.solve(mdp, gamma)
    for row in range(12):
        judged = gw.assess(mdp, run.q[row], solution)
        assert results.values("regret")[0, row] == pytest.approx(judged.regret, abs=2e-9)
        assert results.values("arrives")[0, row] == judged.arrives


def test_the_regret_on_the_way_is_that_of_shorter_runs() -> None:
    plan = gw.Experiment(
        runs=8, episodes=100, measures=["optimal_since", "regret_mean"], fixed={"epsilon_min": 0.1}
    )
    since = plan.run().values("optimal_since")[0]
    assert np.isfinite(since).any()
    for row, episode in enumerate(since):
        for episodes in (100, episode) if np.isfinite(episode) else (100,):
            run = gw.train(
                gw.make("default"),
                gw.QLearning(epsilon_min=0.1),
                first_agent=row,
                episodes=int(episodes),
            )
            optimal = gw.regret(gw.make("default"), run.q)[0] < 1e-9
            assert optimal == np.isfinite(episode)


def test_budgets_of_steps_have_first_episodes_and_a_way_as_well() -> None:
    plan = gw.Experiment(
        runs=16,
        steps=2000,
        measures=["return_mean_first_3", "regret_mean", "reward_per_step", "episodes"],
    )
    results = plan.run()
    run = gw.train(gw.make("default"), agents=16, steps=2000)
    first = run.returns[:, :3].astype(np.float64).mean(axis=1)
    np.testing.assert_allclose(results.values("return_mean_first_3")[0], first, rtol=1e-5)
    np.testing.assert_array_equal(results.values("episodes")[0], run.episodes)
    assert (np.abs(results.values("reward_per_step")) < 1).all()


def test_steps_to_a_goal_are_those_of_a_run_that_stops_there() -> None:
    plan = gw.Experiment(worlds=["cliff-walking"], runs=6, episodes=5, measures=["steps_to_goal_3"])
    run = gw.train(gw.make("cliff-walking"), agents=6, episodes=3)
    np.testing.assert_array_equal(plan.run().values()[0], run.steps)


def test_failures_are_counted() -> None:
    lost = gw.GridWorld.from_text("S...\n....\n...#\n..#G", max_steps=20)
    plan = gw.Experiment(worlds=[lost], runs=10, episodes=5)
    assert plan.run().values("never_arrived").all()
    short = gw.Experiment(runs=10, episodes=1000, steps=50)
    results = short.run()
    assert results.values("cut_off").all()
    assert not results.values("diverged").any()
    summary = results.summary().to_pylist()[0]
    assert (summary["cut_off"], summary["runs"]) == (10, 10)


def test_a_table_above_what_rewards_allow_has_diverged() -> None:
    process = gw.from_gymnasium({0: {0: [(1.0, 0, 1.0, False)]}}, start=0)
    outcome = Outcome(
        mdp=process,
        algorithm=gw.QLearning(),
        discount_factor=np.full(3, 0.9, np.float32),
        q=np.array([9.9, 10.5, np.nan], np.float32).reshape(3, 1, 1),
        epsilon=np.zeros(3, np.float32),
        end=None,  # type: ignore[arg-type]
        open_return=np.zeros(3, np.float32),
        shortest=np.zeros(3, np.int64),
        episode_budget=None,
    )
    from gridworld.experiments.measures import has_diverged

    assert has_diverged(outcome).tolist() == [False, True, True]


def test_a_measure_of_ones_own_is_called_by_its_name() -> None:
    own = gw.Measure("largest", lambda outcome: outcome.q.max(axis=(1, 2)), unit="reward")
    results = gw.Experiment(runs=5, episodes=10, measures=[own]).run()
    run = gw.train(gw.make("default"), agents=5, episodes=10)
    np.testing.assert_array_equal(results.values("largest")[0], run.q.max(axis=(1, 2)))


@pytest.mark.parametrize(
    "compute", [lambda outcome: 1.0, lambda outcome: outcome.q, lambda outcome: ["a"] * 5]
)
def test_a_measure_that_gives_no_numbers_is_named(compute: Any) -> None:
    plan = gw.Experiment(runs=5, episodes=2, measures=[gw.Measure("odd", compute)])
    with pytest.raises(gw.ExperimentError, match="the measure odd must give one number"):
        plan.run()


def test_a_measure_of_ones_own_has_a_name_of_its_own() -> None:
    for name in ("regret", "return_mean_first_3"):
        with pytest.raises(gw.ExperimentError, match="needs another name"):
            gw.Experiment(episodes=1, measures=[gw.Measure(name, lambda o: o.steps)])
    with pytest.raises(gw.ExperimentError, match="a measure's name must be"):
        gw.Measure("a b", lambda o: o.steps)


@pytest.mark.parametrize("world", ["windy", "dyna-maze", "frozen-lake-4x4"])
def test_counts_until_a_step_and_single_episodes_are_those_of_shorter_runs(world: str) -> None:
    names = ["episodes_in_700_steps", "reward_in_700_steps", "return_of_episode_1"]
    names += ["return_of_episode_3", "length_of_episode_3"]
    plan = gw.Experiment(worlds=[world], runs=20, steps=1500, measures=names)
    results = plan.run()
    setting = plan.settings[0]
    short = gw.train(setting.mdp, setting.algorithm, agents=20, steps=700)
    whole = gw.train(setting.mdp, setting.algorithm, agents=20, steps=1500)
    assert (results.values(names[0])[0] == short.episodes).all()
    sums = np.nansum(short.returns.astype(np.float64), axis=1)
    np.testing.assert_allclose(
        results.values(names[1])[0], sums + short.batch.agents["episode_return"], atol=1e-3
    )
    for name, of, k in (
        (names[2], whole.returns, 1),
        (names[3], whole.returns, 3),
        (names[4], whole.lengths, 3),
    ):
        column = of[:, k - 1] if of.shape[1] >= k else np.full(20, np.nan)
        np.testing.assert_allclose(results.values(name)[0], column, rtol=1e-5, atol=1e-5)


def test_the_error_of_values_is_that_of_the_tables_after_each_episode() -> None:
    plan = gw.Experiment(
        worlds=["random-walk-5"],
        algorithms=[gw.Sarsa(discount_factor=1.0, initial_value=0.5)],
        vary={"learning_rate": [0.1, 0.3]},
        runs=8,
        episodes=4,
        measures=["value_error_first_3"],
    )
    found = plan.run().values()
    true = np.arange(1, 6) / 6
    for setting in plan.settings:
        errors = []
        for episodes in (1, 2, 3):
            run = gw.train(setting.mdp, setting.algorithm, agents=8, episodes=episodes)
            errors.append(np.sqrt(((run.q[:, :, 0] - true) ** 2).mean(axis=1)))
        np.testing.assert_allclose(found[setting.index], np.mean(errors, axis=0), rtol=1e-6)


def test_a_plan_may_change_the_world_on_the_way() -> None:
    plan = gw.Experiment(
        worlds=["blocking-maze"],
        algorithms=["sarsa"],
        runs=20,
        steps=1500,
        change=[(500, "blocking-maze-2"), (900, "shortcut-maze-2")],
        measures=[BITS, "reward_in_500_steps", "reward_in_1500_steps"],
    )
    results = plan.run()
    for number in (0, 19):
        run = gw.train(gw.make("blocking-maze"), "sarsa", first_agent=number, steps=500)
        assert results.values("reward_in_500_steps")[0, number] == run.episodes[0]
        for name, steps in (("blocking-maze-2", 400), ("shortcut-maze-2", 600)):
            run = gw.train(gw.make(name), resume=run, steps=steps)
        assert results.values("bits")[0, number] == zlib.crc32(run.q[0].tobytes())
    curves = results.curves(0, by="step", points=3)
    assert curves.x[-1] == 1500
    settings = gw.read_link(results.link(0, 19))
    assert [pair[0] for pair in settings["change"]] == [500, 900]
    told = gw.Experiment.from_dict(
        {"worlds": ["blocking-maze"], "steps": 1500, "change": [[500, "blocking-maze-2"]]}
    )
    assert gw.Experiment.from_toml(told.to_toml()).identity == told.identity
    plain = gw.Experiment.from_dict({"worlds": ["blocking-maze"], "steps": 1500})
    assert plain.identity != told.identity


@pytest.mark.parametrize(
    ("change", "budget", "words"),
    [
        ([(5, "default")], {"steps": 9}, "must have the 54 states and 4 actions of blocking-maze"),
        ([(9, "blocking-maze-2")], {"steps": 9}, "before the last of the 9 steps, got 9"),
        ([(5, "blocking-maze-2")], {"episodes": 9}, "must have a budget of steps alone"),
        ([(5, "blocking-maze-2")] * 2, {"steps": 9}, "must be a whole number from 6"),
        ([(0, "blocking-maze-2")], {"steps": 9}, "must be a whole number from 1"),
        ([5], {"steps": 9}, "must list pairs of a number of steps and a world, got 5"),
        ("no", {"steps": 9}, "change must be a list, got 'no'"),
        ([(5, "nowhere")], {"steps": 9}, "worlds cannot be: a world must be one of"),
    ],
)
def test_a_change_that_cannot_be_is_refused(change: Any, budget: Any, words: str) -> None:
    with pytest.raises(gw.ExperimentError, match=words):
        gw.Experiment(worlds=["blocking-maze"], change=change, **budget)


@pytest.mark.parametrize(
    ("name", "budget", "words"),
    [
        ("value_error_first_3", {"episodes": 5}, "needs processes with one action"),
        ("episodes_in_10_steps", {"steps": 9}, "needs as many steps, got a budget of 9"),
        ("return_of_episode_6", {"episodes": 5}, "needs as many episodes, got a budget of 5"),
        ("return_of_episode_0", {"episodes": 5}, "a measure must be one of"),
        ("episodes_in_K_steps", {"steps": 9}, "a measure must be one of"),
    ],
)
def test_a_measure_that_cannot_be_is_refused(name: str, budget: Any, words: str) -> None:
    with pytest.raises(gw.ExperimentError, match=words):
        gw.Experiment(measures=[name], **budget)
