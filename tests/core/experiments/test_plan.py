"""Plans: what they refuse, what they are made of, and how they are spelt."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld.experiments.example import commented_plan
from gridworld.experiments.plans.axes import Axis
from gridworld.processes import make_process

BASE: dict[str, Any] = {"worlds": ["default"], "runs": 4, "episodes": 3}


def plan(**changes: Any) -> gw.Experiment:
    return gw.Experiment(**BASE | changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"vary": {"alpha": [0.1]}}, "an axis must be one of .*learning_rate.*, got 'alpha'"),
        ({"vary": {"learning_rate": []}}, "the axis learning_rate must have 1 to .* got 0"),
        ({"vary": {"learning_rate": "0.1"}}, "the axis learning_rate must be a list"),
        ({"vary": {"learning_rate": 0.1}}, "the axis learning_rate must be a list"),
        ({"vary": {"learning_rate": [0.1, 1.5]}}, "the axis learning_rate cannot be: .* got 1.5"),
        ({"vary": {"learning_rate": [float("nan")]}}, "the axis learning_rate cannot be"),
        ({"vary": {"learning_rate": [[0.1, 0.2]]}}, "the axis learning_rate must hold single"),
        ({"vary": {"slip": [2.0]}}, "the axis slip cannot be: slip must be"),
        ({"vary": {"max_steps": [0]}}, "the axis max_steps cannot be"),
        (
            {
                "vary": {"learning_rate": [0.1, 0.2], "epsilon": [0.1, 0.2, 0.3]},
                "together": [["learning_rate", "epsilon"]],
            },
            "one length, got learning_rate 2, epsilon 3",
        ),
        ({"together": [["epsilon"]]}, "together must name axes that vary, got 'epsilon'"),
        (
            {"vary": {"epsilon": [0.1]}, "together": [["epsilon"], ["epsilon"]]},
            "together must name each once",
        ),
        ({"worlds": ["atlantis"]}, "worlds cannot be: .* got 'atlantis'"),
        ({"worlds": []}, "worlds must name at least one"),
        ({"worlds": "default"}, "worlds must be a list"),
        ({"algorithms": ["deep_q"]}, "algorithms cannot be: .*"),
        ({"algorithms": [gw.QLearning(epsilon=[0.1, 0.2])]}, "one number in a plan .vary it"),
        ({"runs": 10**12}, "runs must be a whole number"),
        ({"runs": 10**9, "vary": {"epsilon": [0.1, 0.2, 0.3]}}, "at most .* runs, got 3 settings"),
        ({"runs": 0}, "runs must be a whole number"),
        ({"episodes": None}, "a plan must have a budget"),
        ({"episodes": 0}, "episodes must be a whole number from 1"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"measures": ["happiness"]}, "a measure must be one of return_mean.* got 'happiness'"),
        ({"measures": ["return_mean", "return_mean"]}, "measures must name each once"),
        ({"measures": ["return_mean_first_4"]}, "needs as many episodes, got a budget of 3"),
        (
            {"measures": ["return_mean_last_2"], "episodes": None, "steps": 100},
            "needs a budget of episodes",
        ),
        ({"measures": ["steps_to_goal_2"]}, "needs worlds whose episodes end at goals alone"),
        ({"fixed": {"epsilon": 2}}, "fixed cannot be: epsilon must be"),
        ({"fixed": {"epsilon": 0.1}, "vary": {"epsilon": [0.1]}}, "fixed or varied, got both"),
        ({"fixed": {"beta": 0.1}}, "a fixed number must be one of"),
        ({"keep_curves": -1}, "keep_curves must be a whole number"),
        ({"keep_curves": 10_000, "runs": 10**6}, "at most 50,000,000 points together"),
        ({"name": 3}, "the name of a plan must be a text"),
        ({"vary": [0.1]}, r"vary must be a table of names and values, got \[0.1\]"),
        ({"fixed": "epsilon"}, "fixed must be a table of names and values, got 'epsilon'"),
        (
            {"worlds": ["default", gw.GridWorld.from_text("S#G", max_steps=None)]},
            "Q-learning on custom cannot run: episodes must be able to end",
        ),
        (
            {"algorithms": ["monte_carlo"], "vary": {"max_steps": [9, None]}},
            "Monte Carlo on default, max_steps never cannot run: max_steps must be set",
        ),
        (
            {
                "algorithms": ["monte_carlo"],
                "episodes": None,
                "steps": 99,
                "change": [(9, replace(gw.make("default"), max_steps=7))],
            },
            "a world of change must have the max_steps 100 of default where Monte Carlo learns",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_once(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(gw.ExperimentError, match=sentence):
        plan(**changes)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: gw.random(float("nan"), 1, 3), "the first number of random"),
        (lambda: gw.random(0, float("inf"), 3), "the second number of random"),
        (lambda: gw.random(1, 0, 3), "low must be at most high"),
        (lambda: gw.random(0, 1, 3, log=True), "low must be above 0"),
        (lambda: gw.logspace(0, 1, 3), "above 0"),
        (lambda: gw.linspace(0, 1, 0), "the count of linspace"),
        (lambda: gw.linspace(0, 1, True), "the count of linspace"),
    ],
)
def test_an_axis_that_cannot_be_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(gw.ExperimentError, match=sentence):
        make()


def test_axes_are_crossed_the_last_one_innermost() -> None:
    made = plan(
        worlds=["default", "easy"],
        algorithms=[gw.QLearning, gw.Sarsa(epsilon_decay=1.0)],
        vary={"learning_rate": [0.1, 0.2], "epsilon": [0.3, 0.4, 0.5]},
    )
    assert len(made.settings) == 2 * 2 * 6
    assert len(made) == 24 * 4
    assert [s.index for s in made.settings] == list(range(24))
    first = made.settings[:4]
    assert [(s.varied["learning_rate"], s.varied["epsilon"]) for s in first] == [
        (0.1, 0.3),
        (0.1, 0.4),
        (0.1, 0.5),
        (0.2, 0.3),
    ]
    assert made.settings[6].algorithm.epsilon_decay == 1.0
    assert made.settings[12].mdp.name == "easy"


def test_axes_that_go_together_are_not_crossed() -> None:
    made = plan(
        vary={"epsilon": [0.1, 0.2], "discount_factor": [0.9, 1.0], "epsilon_min": [0.1, 0.2]},
        together=[["epsilon", "epsilon_min"]],
    )
    assert [tuple(s.varied.values()) for s in made.settings] == [
        (0.1, 0.9, 0.1),
        (0.1, 1.0, 0.1),
        (0.2, 0.9, 0.2),
        (0.2, 1.0, 0.2),
    ]


def test_numbers_of_the_world_make_worlds_of_their_own() -> None:
    made = plan(vary={"slip": [0.0, 0.5], "max_steps": [10, None]})
    assert [(s.world.slip, s.world.max_steps) for s in made.settings] == [
        (0.0, 10),
        (0.0, None),
        (0.5, 10),
        (0.5, None),
    ]
    process = gw.from_gymnasium({0: {0: [(1.0, 0, 1.0, True)]}}, start=0)
    with pytest.raises(gw.ExperimentError, match="on grid worlds only"):
        plan(worlds=[process], vary={"slip": [0.1]})


def test_a_random_axis_is_the_same_for_the_same_seed_and_name() -> None:
    def drawn(name: str, seed: int) -> tuple[Any, ...]:
        axis: Axis = plan(vary={name: gw.random(1e-3, 1, 50, log=True)}, seed=seed).vary[name]
        return axis.values

    assert drawn("learning_rate", 0) == drawn("learning_rate", 0)
    assert drawn("learning_rate", 0) != drawn("epsilon", 0)
    assert drawn("learning_rate", 0) != drawn("learning_rate", 1)
    values = np.array(drawn("learning_rate", 0))
    assert values.min() >= 1e-3
    assert values.max() <= 1
    assert 0.2 < (values < 0.03).mean() < 0.8  # half of them, on the scale of logarithms
    # The first value is pinned: another one would be another plan under an old seed.
    assert drawn("epsilon", 7)[0] == pytest.approx(0.00102190776, rel=1e-6)


WORLD = gw.GridWorld.from_text("S.\n.G", rewards=gw.Rewards(cells={(1, 0): -3.0}), max_steps=None)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"worlds": ["cliff-walking", WORLD], "seed": 2**62, "steps": 50, "name": "Fig. 1"},
        {"algorithms": [gw.Sarsa, gw.DoubleQLearning(learning_rate=0.3)]},
        {"vary": {"learning_rate": gw.linspace(0.1, 1.0, 5), "epsilon": [0, 1]}},
        {"vary": {"learning_rate": gw.logspace(0.01, 1.0, 5), "max_steps": [7, None]}},
        {"vary": {"epsilon": gw.random(0.1, 1, 5, log=True)}},
        {"fixed": {"max_steps": None, "slip": 0.25}},
        {"vary": {"epsilon": [0.1], "slip": [0.1]}, "together": [["epsilon", "slip"]]},
        {"measures": ["regret", "return_mean_last_2", "length_mean_first_1"]},
        {"keep_curves": True},
    ],
)
def test_a_plan_comes_back_from_its_toml(changes: dict[str, Any]) -> None:
    made = plan(**changes)
    again = gw.Experiment.from_toml(made.to_toml())
    assert again.identity == made.identity
    assert again.to_toml() == made.to_toml()
    assert [s.algorithm for s in again.settings] == [s.algorithm for s in made.settings]
    assert again.runs == made.runs


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("worlds = [", "a plan must be TOML"),
        ("world = ['default']", "no other keys than worlds"),
        ("vary = 3", "vary must be a table"),
        ("episodes = 1\n[vary]\nepsilon = {linspace = [0, 1]}", "the axis epsilon must be a list"),
        ("episodes = 1\n[vary]\nepsilon = {random = [0, 1, 2], log = true}", "the axis epsilon"),
        ("episodes = 1\nworlds = [{map = ['S?']}]", "worlds cannot be"),
        ("episodes = 1\nalgorithms = [{algorithm = 'sarsa', x = 1}]", "algorithms cannot be"),
    ],
)
def test_a_text_that_is_no_plan_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(gw.ExperimentError, match=sentence):
        gw.Experiment.from_toml(text)


def test_what_no_text_holds_is_said() -> None:
    process = gw.from_gymnasium({0: {0: [(1.0, 0, 1.0, True)]}}, start=0)
    with pytest.raises(gw.ExperimentError, match="cannot hold the process"):
        plan(worlds=[process]).to_toml()
    own = gw.Measure("own", lambda outcome: outcome.steps)
    with pytest.raises(gw.ExperimentError, match="cannot hold the measure own"):
        plan(measures=[own]).to_toml()


def test_a_plan_is_known_by_what_determines_its_rows_alone() -> None:
    made = plan(vary={"epsilon": gw.linspace(0.1, 0.3, 3)})
    same = [
        replace(made, runs=99),
        replace(made, name="another name"),
        plan(vary={"epsilon": [0.1, 0.2, 0.3]}),
        plan(vary={"epsilon": [0.1, np.nextafter(0.2, 1), 0.3]}),  # the same as float32
        plan(worlds=[gw.make("default")], vary={"epsilon": [0.1, 0.2, 0.3]}),
    ]
    other = [
        replace(made, seed=1),
        replace(made, episodes=4),
        replace(made, steps=4),
        replace(made, keep_curves=7),
        plan(vary=made.vary, measures=["length_mean"]),
        plan(vary=made.vary, algorithms=["sarsa"]),
        plan(vary=made.vary, worlds=["easy"]),
        plan(vary={"epsilon": [0.1, 0.2]}),
        replace(made, fixed={"slip": 0.1}),
    ]
    assert {p.identity for p in same} == {made.identity}
    assert len({p.identity for p in [made, *other]}) == len(other) + 1


def test_a_plan_of_old_is_known_by_what_it_was_known_by() -> None:
    made = gw.Experiment(
        worlds=["default", "cliff-walking"],
        algorithms=["q_learning", gw.Sarsa(epsilon=0.3)],
        vary={"learning_rate": [0.1, 0.7], "slip": [0, 0.1]},
        runs=5,
        episodes=10,
    )
    # Pinned: another one would turn stores that are out there away.
    assert made.identity == "1397826076c1cc7cec57e1853914a74d23f03c315ab466d71f0ad74be4ba75f1"


def test_settings_are_found_by_what_tells_them_apart() -> None:
    made = plan(algorithms=["q_learning", "sarsa"], vary={"learning_rate": [0.1, 0.2]})
    assert made.setting({"algorithm": "sarsa", "learning_rate": 0.2}).index == 3
    assert made.setting(2).algorithm.name == "sarsa"
    assert [s.index for s in made.find({"learning_rate": 0.1})] == [0, 2]
    with pytest.raises(gw.ExperimentError, match="must name one setting of the plan, got 2"):
        made.setting({"learning_rate": 0.1})
    with pytest.raises(gw.ExperimentError, match="a setting is known by"):
        made.setting({"epsilon": 0.1})
    with pytest.raises(gw.ExperimentError, match="a setting must be"):
        made.setting(4)


@pytest.mark.parametrize("package", ["pyarrow", "tomli_w"])
def test_a_missing_extra_says_what_to_type(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    asked: list[Callable[[], Any]] = [
        plan().run,
        lambda: plan().run(tmp_path / "s"),
        plan().to_toml,
        lambda: gw.Results.load(tmp_path),
        lambda: commented_plan(gw.make("default")),
    ]
    for ask in asked:
        with pytest.raises(gw.MissingExtraError, match=r"pip install 'gridworld-bench.experiments"):
            ask()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["default", "cliff-walking", "maze-9"])
def test_the_plan_to_begin_with_is_one(name: str) -> None:
    text = commented_plan(gw.make(name))
    made = gw.Experiment.from_toml(text)
    assert made.worlds[0].name == name
    for measure in gw.measure_names():
        assert measure in text


def test_a_plan_in_text_may_name_a_process_and_no_other_one() -> None:
    plan = gw.Experiment(worlds=["random-walk-5"], algorithms=["sarsa"], runs=2, episodes=5)
    assert 'worlds = [\n    "random-walk-5",\n]' in plan.to_toml()
    assert gw.Experiment.from_toml(plan.to_toml()).identity == plan.identity
    other = replace(make_process("random-walk-7"), name="random-walk-5")
    with pytest.raises(gw.ExperimentError, match="cannot hold the process random-walk-5"):
        gw.Experiment(worlds=[other], runs=2, episodes=5).to_toml()
