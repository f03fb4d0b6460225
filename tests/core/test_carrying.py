"""Methods that carry more than a Q-table: their kernels equal plain twins, bit for bit."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gridworld as gw
from gridworld.engine import Engine
from gridworld.kernels.codes import ONE_STEP
from gridworld.records import STATUS, VISIT
from gridworld.store.checkpoint import load_checkpoint, save_checkpoint
from oracle.carrying import Twin, advance
from oracle.planning import Planning, Sweeping
from oracle.returns import Returns
from oracle.traces import Traces

AGENTS = 4

NUMBERS: dict[str, Any] = {
    "learning_rate": [0.05, 0.3, 0.6, 0.9],
    "discount_factor": [0.9, 0.99, 1.0, 0.5],
    "epsilon": [0.1, 0.5, 1.0, 0.3],
    "epsilon_decay": 0.97,
    "epsilon_min": 0.05,
}


def six_actions() -> list[list[list[tuple[float, int, float, bool]]]]:
    """A process by chance, with rewards that round."""
    n = 12
    return [
        [
            [
                (0.5, (s + a + 1) % n, -0.1 * (a + 1), False),
                (0.3, (7 * s + a) % n, 0.3, False),
                (0.2, (s * a) % n, 1.0 / (s + 3), (s + a) % 5 == 0),
            ]
            for a in range(6)
        ]
        for s in range(n)
    ]


@cache
def mdp(name: str) -> gw.Mdp:
    if name == "starts":
        rows = "S.X.S\n..#..\n.X..G\nS...X"
        return gw.compile_world(gw.GridWorld.from_text(rows, name="starts", slip=0.1, max_steps=9))
    if name == "P":
        return gw.from_gymnasium(six_actions(), start=[0.25] * 4 + [0.0] * 8, max_steps=25)
    if name == "uneven":  # fewer actions in some states, and rewards that vary
        table: list[Any] = [
            [[(*outcome, 0.3 * a) for outcome in row[a]] for a in range(1 + s % 6)]
            for s, row in enumerate(six_actions())
        ]
        return gw.from_gymnasium(table, start=[0.25] * 4 + [0.0] * 8, max_steps=25)
    if name in ("windy", "cliff-walking"):
        return gw.compile_world(replace(gw.make(name), max_steps=60))
    return gw.compile_world(gw.make(name))


WORLDS = ("default", "starts", "P", "windy", "cliff-walking", "frozen-lake-4x4")


@dataclass(frozen=True)
class Kind:
    """An algorithm with its choices, and its twin."""

    algorithm: str
    twin: type[Twin]
    options: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return "-".join([self.algorithm, *map(str, self.options.values())])

    def make(self, **more: Any) -> gw.Algorithm:
        return gw.ALGORITHMS[self.algorithm](**{**NUMBERS, **self.numbers, **self.options, **more})


POWERS = {"learning_rate_power": [1.0, 0.5, 0.0, 0.8]}

LAMBDAS = {"trace_decay": [0.9, 0.3, 1.0, 0.0]}

KINDS = [
    *(
        Kind("sarsa_lambda", Traces, {"traces": traces}, LAMBDAS)
        for traces in ("accumulating", "replacing", "dutch")
    ),
    Kind("q_lambda", Traces, {}, LAMBDAS),
    Kind("n_step_sarsa", Returns, {}, {"n_steps": [1, 3, 7, 40]}),
    Kind("n_step_tree_backup", Returns, {}, {"n_steps": [1, 3, 7, 40]}),
    Kind("monte_carlo", Returns),
    Kind("n_step_tree_backup", Returns, {"exploration": "softmax"}, {"n_steps": [1, 3, 7, 40]}),
    Kind("sarsa_lambda", Traces, {"traces": "replacing", "ties": "random"}, LAMBDAS),
    Kind("n_step_tree_backup", Returns, {"ties": "random"}, {"n_steps": [1, 3, 7, 40]}),
    Kind("dyna_q", Planning, {}, {"planning_steps": [1, 5, 0, 12]}),
    Kind(
        "dyna_q_plus",
        Planning,
        {},
        {"planning_steps": [1, 5, 0, 12], "exploration_bonus": [0.1, 0.001, 0.0, 1.0]},
    ),
    Kind(
        "prioritized_sweeping",
        Sweeping,
        {},
        {"planning_steps": [1, 5, 2, 12], "priority_threshold": [0.0, 0.001, 0.1, 0.0001]},
    ),
    *(
        Kind(name, twin, {"learning_rate_schedule": "count", **options}, POWERS | numbers)
        for name, twin, options, numbers in (
            ("sarsa_lambda", Traces, {"traces": "dutch"}, LAMBDAS),
            ("n_step_sarsa", Returns, {}, {"n_steps": [1, 3, 7, 40]}),
            ("prioritized_sweeping", Sweeping, {}, {"priority_threshold": 0.001}),
        )
    ),
]

kinds = pytest.mark.parametrize("kind", KINDS, ids=str)

SOME_KINDS = list({kind.algorithm: kind for kind in reversed(KINDS)}.values())
"""One of each algorithm: to compile them takes a second each."""

CASES = [(kind, world) for kind in SOME_KINDS for world in WORLDS] + [
    (kind, "starts") for kind in KINDS if kind not in SOME_KINDS
]
CASES += [
    (kind, "uneven")
    for kind in SOME_KINDS
    if kind.algorithm in ("sarsa_lambda", "n_step_tree_backup", "dyna_q_plus")
]


def test_every_method_is_tried() -> None:
    carrying = {name for name, cls in gw.ALGORITHMS.items() if cls.code not in ONE_STEP}
    assert {kind.algorithm for kind in KINDS} == carrying


def create(kind: Kind, world: str, seed: int = 3, **more: Any) -> gw.Batch:
    return gw.Batch.create(mdp(world), kind.make(**more), agents=AGENTS, seed=seed)


def run(batch: gw.Batch, *chunks: int, threads: int = 1) -> gw.Batch:
    with Engine(threads) as engine:
        for chunk in chunks:
            engine.advance(batch, chunk)
    return batch


def assert_same(one: gw.Batch, other: gw.Batch) -> None:
    for name in ("q", "agents", "bins"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    for row in range(len(one.agents)):
        mine, others = _carried(one, row), _carried(other, row)
        for key, values in mine.items():
            assert values.tobytes() == others[key].tobytes(), key


LINKS = ("leading", "following", "previous")
"""What a twin does without; that it fits together is asked of `memory_fits`."""


def _carried(batch: gw.Batch, row: int) -> dict[str, npt.NDArray[Any]]:
    """What an agent carries; lists and heaps without their order, and what is behind them."""
    found = {key: each.copy() for key, each in batch.carried(row).items() if key not in LINKS}
    if "place" in found:
        found["place"][:] = found["place"] > 0
    for key, each in found.items():
        if f"{key}_count" in found:
            count = int(found[f"{key}_count"][0])
            each[:count] = np.sort(each[:count])
            each[count:] = 0
    return found


@pytest.mark.parametrize(("kind", "world"), CASES, ids=[f"{kind}-{world}" for kind, world in CASES])
def test_equals_its_twin(kind: Kind, world: str) -> None:
    batch = create(kind, world)
    expected = batch.copy()
    run(batch, 1, 150, 249)
    advance(kind.twin, expected, 400)
    assert_same(batch, expected)
    assert (batch.agents["episodes"] > 0).any()
    assert batch.algorithm.memory_fits(batch.agents, batch.floats, batch.ints, batch.mdp.extent)


@pytest.mark.parametrize("name", ["sarsa_lambda", "dyna_q"])
def test_a_large_world_takes_other_instructions_and_gives_the_same_bits(name: str) -> None:
    kind = next(kind for kind in KINDS if kind.algorithm == name)
    batch = create(kind, "maze-33:2")
    assert batch.variant.large
    expected = batch.copy()
    run(batch, 60)
    advance(kind.twin, expected, 60)
    assert_same(batch, expected)


@kinds
def test_chunks_and_saving_in_the_middle_of_episodes_change_nothing(
    kind: Kind, tmp_path: Path
) -> None:
    whole = run(create(kind, "starts"), 500)
    batch = create(kind, "starts")
    for chunk in (1, 2, 100, 3, 94):
        run(batch, chunk)
        batch, _ = load_checkpoint(save_checkpoint(tmp_path / "a.npz", batch))
    assert_same(run(batch, 300), whole)


@kinds
def test_a_row_alone_and_threads_and_a_reset_change_nothing(kind: Kind) -> None:
    whole = run(create(kind, "starts"), 300)
    batch = create(kind, "starts")
    run(batch, 300, threads=2)
    assert_same(batch, whole)
    for row in (0, 2):
        alone = gw.Batch.create(mdp("starts"), kind.make().of_agent(row), seed=3, first_agent=row)
        run(alone, 300)
        assert alone.q[0].tobytes() == whole.q[row].tobytes()
    batch.reset()
    assert_same(run(batch, 300), whole)


# KINDS[2]: true online; KINDS[-3]: a rate of its own in each update
@pytest.mark.parametrize("kind", [*SOME_KINDS, KINDS[2], KINDS[-3]], ids=str)
def test_watching_and_tracing_change_nothing_and_say_what_happened(kind: Kind) -> None:
    batch, expected = create(kind, "starts"), create(kind, "starts")
    visits = np.zeros((AGENTS, batch.mdp.n_states), VISIT)
    counted = visits.copy()
    with Engine(1) as engine:
        engine.advance(batch, 150, 1, visits[1])
        status = np.zeros(1, STATUS)
        seen = set()
        for _ in range(250):
            status[0]["update_action"] = -1
            engine.trace(batch, 1, 1, status, visits[1])
            if status[0]["update_action"] >= 0:
                seen.add(_check_update(status[0], batch))
        assert seen == {False, True}
    advance(kind.twin, expected, 400, counted)
    for name in ("visits", "td_error"):
        assert visits[name][1].tolist() == counted[name][1].tolist()
    assert batch.q[1].tobytes() == expected.q[1].tobytes()
    assert batch.agents[1].tobytes() == expected.agents[1].tobytes()


def _check_update(shown: Any, batch: gw.Batch) -> bool:
    """Whether the last update is what it says it is made of; whether it ended for good."""
    rate = shown["update_rate"]
    if batch.algorithm.learning_rate_schedule != "count":
        assert rate == batch.agents["learning_rate"][1]
    place = shown["update_state"], shown["update_action"]
    if not isinstance(batch.algorithm, gw.DynaQ):  # which may plan with the same pair
        assert shown["update_q_after"] == batch.q[1, place[0], 0, place[1]]
    assert shown["update_target"] == pytest.approx(
        shown["update_reward"] + shown["update_factor"] * shown["update_bootstrap"], rel=1e-5
    )
    error = shown["update_target"] - shown["update_q_before"]
    after = shown["update_q_before"] + (
        rate * error * shown["update_weight"] + shown["update_correction"]
    )
    assert shown["update_q_after"] == pytest.approx(after, rel=1e-5, abs=1e-6)
    if shown["update_next_state"] < 0:
        assert shown["update_bootstrap"] == 0
    return bool(shown["update_next_state"] < 0)


@pytest.mark.parametrize("name", ["dyna_q", "dyna_q_plus", "prioritized_sweeping"])
def test_watchers_see_what_planning_has_updated(name: str) -> None:
    numbers: dict[str, Any] = {"learning_rate": 0.5, "planning_steps": 100}
    algorithm = gw.ALGORITHMS[name](**numbers)
    batch = gw.Batch.create(mdp("starts"), algorithm, seed=3)
    status, visits = np.zeros(1, STATUS), np.zeros(batch.mdp.n_states, VISIT)
    most = 0
    with Engine(1) as engine:
        for _ in range(200):
            before = batch.q[0, :, 0].copy().reshape(-1)
            pair = int(batch.agents["state"][0]) * 4
            engine.trace(batch, 0, 1, status, visits)
            planned = status[0]["planned"][: status[0]["planned_count"]].tolist()
            changed = set(np.flatnonzero(batch.q[0, :, 0].reshape(-1) != before).tolist())
            if len(planned) < 64:
                assert changed <= set(planned) | set(range(pair, pair + 4))
            known = np.flatnonzero(batch.carried(0)["outcome"])
            assert set(planned) <= set(known.tolist())
            most = max(most, len(planned))
    assert most == (64 if name != "prioritized_sweeping" else most)
    assert most > 3


IDENTITIES = [
    ("sarsa", "sarsa_lambda", {"trace_decay": 0.0, "traces": "accumulating"}),
    ("sarsa", "sarsa_lambda", {"trace_decay": 0.0, "traces": "replacing"}),
    ("sarsa", "sarsa_lambda", {"trace_decay": 0.0, "traces": "dutch"}),
    ("q_learning", "q_lambda", {"trace_decay": 0.0}),
    ("q_learning", "dyna_q", {"planning_steps": 0}),
    ("sarsa", "n_step_sarsa", {"n_steps": 1}),
    ("expected_sarsa", "n_step_tree_backup", {"n_steps": 1}),
]


@pytest.mark.parametrize(("simple", "name", "options"), IDENTITIES)
@pytest.mark.parametrize("world", ["default", "starts", "P"])
def test_at_its_lower_end_a_method_is_a_one_step_method(
    simple: str, name: str, options: dict[str, Any], world: str
) -> None:
    plain = gw.Batch.create(mdp(world), gw.ALGORITHMS[simple](**NUMBERS), agents=AGENTS)
    same = gw.Batch.create(mdp(world), gw.ALGORITHMS[name](**NUMBERS, **options), agents=AGENTS)
    run(plain, 2000)
    run(same, 2000)
    assert same.q.tobytes() == plain.q.tobytes()
    for field_ in ("rng", "state", "action", "episodes", "episode_return", "bin_return_min"):
        assert same.agents[field_].tobytes() == plain.agents[field_].tobytes()


@dataclass
class Episode:
    """What an agent went through: pairs, and the reward after each; a last pair if truncated."""

    pairs: list[tuple[int, int]]
    rewards: list[float]
    terminated: bool
    begin: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]


def episodes(batch: gw.Batch, count: int) -> Iterator[Episode]:
    """The next episodes of the only agent of a batch whose method chooses ahead."""
    agent = batch.agents[0]
    with Engine(1) as engine:
        for _ in range(count):
            begin, pairs, rewards = batch.q[0, :, 0].astype(np.float64), [], []
            number, status = int(agent["episodes"]), np.zeros(1, STATUS)
            last = 0.0
            while agent["episodes"] == number:
                pairs.append((int(agent["state"]), int(agent["action"])))
                engine.trace(batch, 0, 1, status)
                total = status if agent["episodes"] > number else batch.agents
                name = "last_return" if agent["episodes"] > number else "episode_return"
                rewards.append(float(total[name][0]) - last)
                last = float(total[name][0])
            state = int(status["last_state"][0])
            terminated = state in batch.mdp.world.goals  # type: ignore[union-attr]
            yield Episode(pairs, rewards, terminated, begin, batch.q[0, :, 0].astype(np.float64))


def online_lambda_return(
    episode: Episode, rate: float, discount: float, decay: float
) -> npt.NDArray[np.float64]:
    """Sutton & Barto 2018, 12.4: at every horizon all is learnt anew from the episode's start."""
    pairs, rewards = episode.pairs, episode.rewards
    kept = [episode.begin]  # w_t^t
    for horizon in range(1, len(pairs) + 1):
        ahead = []  # what is bootstrapped from after k steps, with the values of then
        for k in range(1, horizon + 1):
            end = k == len(pairs)
            ahead.append(0.0 if end else kept[k - 1][pairs[k]])
        q = episode.begin.copy()
        for t in range(horizon):
            total, mean = 0.0, 0.0
            for n in range(1, horizon - t + 1):
                total += discount ** (n - 1) * rewards[t + n - 1]
                whole = total + discount**n * ahead[t + n - 1]
                last = t + n == horizon
                mean += decay ** (n - 1) * (1 if last else 1 - decay) * whole
            q[pairs[t]] += rate * (mean - q[pairs[t]])
        kept.append(q)
    return kept[-1]


def test_true_online_sarsa_is_the_online_lambda_return_algorithm() -> None:
    world = gw.GridWorld.from_text("S..\n.#.\n..G", max_steps=None)
    algorithm = gw.SarsaLambda(
        traces="dutch", trace_decay=0.8, learning_rate=0.4, discount_factor=0.9, epsilon=0.5
    )
    batch = gw.Batch.create(gw.compile_world(world), algorithm, seed=4)
    lengths = []
    for episode in episodes(batch, 12):
        assert episode.terminated
        expected = online_lambda_return(episode, 0.4, 0.9, 0.8)
        assert np.abs(episode.end - expected).max() < 1e-5
        lengths.append(len(episode.pairs))
    assert max(lengths) > 8


def test_a_step_forgets_traces_that_are_negligible() -> None:
    algorithm = gw.SarsaLambda(trace_decay=0.01, epsilon=1, epsilon_decay=1)
    batch = gw.Batch.create(gw.compile_world(gw.make("maze-33:1")), algorithm)
    run(batch, 500)
    count = int(batch.carried(0)["eligible_count"][0])
    assert 1 <= count <= 5  # 0.0099^5 is below 1e-8
    whole = gw.Batch.create(batch.mdp, algorithm.with_parameters(trace_decay=1, discount_factor=1))
    run(whole, 500)
    assert whole.carried(0)["eligible_count"][0] > 10


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("eligible", 0), 25, "eligible must be in"),
        (("eligible_count", 0), 26, "eligible_count must be in"),
        (("eligible_count", 0), 0, "must fit together"),
        (("trace", 99), 1, "must fit together"),
        (("trace", 0), -1, "trace must be in"),
        (("bootstrapped", 0), np.inf, "bootstrapped must be in"),
    ],
)
def test_a_file_with_a_list_that_does_not_fit_is_refused(
    tmp_path: Path, place: tuple[str, int], value: float, sentence: str
) -> None:
    batch = run(create(KINDS[1], "default"), 3)
    assert batch.carried(0)["eligible_count"][0] > 0
    batch.carried(0)[place[0]][place[1]] = value
    with pytest.raises(gw.FileError, match=sentence):
        load_checkpoint(save_checkpoint(tmp_path / "a.npz", batch))


def test_returns_of_whole_episodes_are_constant_step_monte_carlo() -> None:
    world = gw.GridWorld.from_text("S..\n.#.\n..G", max_steps=3000)
    numbers: dict[str, Any] = {"learning_rate": 0.3, "discount_factor": 0.9, "epsilon": 0.5}
    process = gw.compile_world(world)
    batch = gw.Batch.create(process, gw.NStepSarsa(n_steps=3000, **numbers), seed=4)
    whole = gw.Batch.create(process, gw.MonteCarlo(**numbers), seed=4)
    for episode in episodes(batch, 12):
        q, total = episode.begin.copy(), 0.0
        returns = []
        for reward in reversed(episode.rewards):
            total = reward + 0.9 * total
            returns.append(total)
        for pair, target in zip(episode.pairs, reversed(returns), strict=True):
            q[pair] += 0.3 * (target - q[pair])
        assert np.abs(q - episode.end).max() < 1e-5
    run(whole, int(batch.agents["steps"][0]))
    assert whole.q.tobytes() == batch.q.tobytes()


def test_a_truncated_episode_bootstraps_and_with_monte_carlo_counts_what_it_got() -> None:
    process = gw.compile_world(gw.GridWorld.from_text("S...G", max_steps=2, rewards={"step": -1}))
    numbers: dict[str, Any] = {
        "learning_rate": 1,
        "discount_factor": 1,
        "epsilon": 1,
        "initial_value": 5,
    }
    for algorithm, behind in ((gw.MonteCarlo, 0), (gw.NStepSarsa, 5), (gw.NStepTreeBackup, 5)):
        batch = gw.Batch.create(process, algorithm(**numbers), seed=1)
        place = int(batch.agents["state"][0])
        with Engine(1) as engine:
            status = np.zeros(1, STATUS)
            engine.trace(batch, 0, 2, status)
        assert place == 0
        assert batch.agents["episodes"][0] == 1
        assert status["update_target"][0] == -1 + behind


def test_monte_carlo_needs_a_limit_on_the_steps_and_keeps_it() -> None:
    endless = gw.GridWorld.from_text("S.G", max_steps=None)
    with pytest.raises(gw.InvalidValueError, match="max_steps must be set for Monte Carlo, which"):
        gw.train(endless, "monte_carlo", steps=10)
    first = gw.train(replace(endless, max_steps=9), "monte_carlo", steps=50)
    with pytest.raises(gw.WorldError, match="must have the max_steps 9 as before where"):
        gw.train(resume=first, world=replace(endless, max_steps=5), steps=1)
    longer = gw.train(replace(endless, max_steps=9), "sarsa", steps=50)
    gw.train(resume=longer, world=replace(endless, max_steps=5), steps=1)


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("next", 0), 3, "must fit together"),
        (("next", 0), 40, "next must be in"),
        (("pair", 0), 100, "pair must be in"),
        (("reward", 0), np.nan, "reward must be in"),
    ],
)
def test_a_file_with_steps_that_do_not_fit_is_refused(
    tmp_path: Path, place: tuple[str, int], value: float, sentence: str
) -> None:
    kind = next(kind for kind in KINDS if kind.algorithm == "n_step_sarsa")
    batch = run(create(kind, "default"), 3)
    batch.carried(1)[place[0]][place[1]] = value
    with pytest.raises(gw.FileError, match=sentence):
        load_checkpoint(save_checkpoint(tmp_path / "a.npz", batch))


def test_the_steps_of_a_return_are_fixed_from_the_beginning() -> None:
    run_ = gw.train(gw.make("default"), gw.NStepSarsa(n_steps=3), steps=50)
    with pytest.raises(gw.InvalidValueError, match="n_steps must stay 3 to go on, got 4"):
        gw.train(resume=run_, algorithm=gw.NStepSarsa(n_steps=4), steps=1)
    for wrong, came in ((0, "0"), (2.5, "2.5"), (True, "True"), ("4", "'4'"), ([1, 0], "0")):
        with pytest.raises(gw.InvalidValueError, match=f"n_steps must be a whole number .*{came}"):
            gw.NStepSarsa(n_steps=wrong)  # type: ignore[arg-type]


@pytest.mark.compiled
def test_planning_carries_what_was_seen_through_the_maze() -> None:
    """Sutton & Barto 2018, Example 8.1: the second episode is short where the first was planned."""
    maze = gw.make("dyna-maze")
    numbers: dict[str, Any] = {
        "learning_rate": 0.1,
        "discount_factor": 0.95,
        "epsilon": 0.5,
        "epsilon_decay": 0.5,
    }
    lengths = {}
    for steps in (0, 50):
        algorithm = gw.DynaQ(planning_steps=steps, **numbers)
        run_ = gw.train(replace(maze, max_steps=None), algorithm, agents=20, episodes=3, seed=1)
        lengths[steps] = float(run_.lengths[:, 2].mean())
    assert lengths[50] < lengths[0] / 4


def test_sweeping_finds_the_optimum_with_far_fewer_steps_than_q_learning() -> None:
    world = gw.make("dyna-maze")
    numbers: dict[str, Any] = {
        "learning_rate": 1.0,
        "discount_factor": 0.95,
        "epsilon": 1.0,
        "epsilon_decay": 1.0,
    }
    sweeping = gw.PrioritizedSweeping(planning_steps=20, priority_threshold=0, **numbers)
    q = gw.train(world, sweeping, steps=60_000, seed=2).q[0]
    v = gw.solve(world, discount_factor=0.95).v
    acts = [
        s for s in range(world.n_states) if world.rows[s // world.width][s % world.width] in "S."
    ]
    assert np.abs(q[acts].max(axis=1) - v[acts]).max() < 1e-4


def test_dyna_q_plus_tries_again_what_it_left_for_long() -> None:
    """Without a reward anywhere, curiosity alone moves it."""
    world = gw.GridWorld.from_text("S....\n.....\n....G", rewards={"step": 0, "goal": 0})
    numbers: dict[str, Any] = {"epsilon": 0, "planning_steps": 20, "discount_factor": 0.95}
    mdp_ = gw.compile_world(world)
    dull = gw.Batch.create(mdp_, gw.DynaQ(**numbers))
    curious = gw.Batch.create(mdp_, gw.DynaQPlus(exploration_bonus=0.1, **numbers))
    for batch in (dull, curious):
        run(batch, 500)
    assert np.count_nonzero(dull.carried(0)["outcome"]) == 1  # up, for ever
    assert (curious.carried(0)["tried"] > 0).sum() > 40


@pytest.mark.parametrize(
    ("algorithm", "place", "value", "sentence"),
    [
        ("dyna_q", ("known", 0), 100, "known must be in"),
        ("dyna_q", ("outcome", 0), 26, "outcome must be in"),
        ("dyna_q", ("known_count", 0), 0, "must fit together"),
        ("dyna_q_plus", ("outcome", 99), 3, "must fit together"),
        ("prioritized_sweeping", ("queue_count", 0), 99, "must fit together"),
        ("prioritized_sweeping", ("leading", 24), 7, "must fit together"),
        ("prioritized_sweeping", ("following", 99), 99, "must fit together"),
        ("prioritized_sweeping", ("previous", 99), 98, "must fit together"),
        ("prioritized_sweeping", ("place", 99), 1, "must fit together"),
        ("prioritized_sweeping", ("priority", 0), -1, "priority must be in"),
    ],
)
def test_a_file_with_a_model_that_does_not_fit_is_refused(
    tmp_path: Path, algorithm: str, place: tuple[str, int], value: float, sentence: str
) -> None:
    kind = next(kind for kind in KINDS if kind.algorithm == algorithm)
    batch = run(create(kind, "default"), 20)
    load_checkpoint(save_checkpoint(tmp_path / "whole.npz", batch))
    batch.carried(1)[place[0]][place[1]] = value
    with pytest.raises(gw.FileError, match=sentence):
        load_checkpoint(save_checkpoint(tmp_path / "a.npz", batch))
