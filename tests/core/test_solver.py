"""Exact optima."""

import time
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw
from core.test_world import worlds
from gridworld.errors import SolveStoppedError
from gridworld.exact import elimination, policy_iteration
from gridworld.exact.solver import Solution, solve
from gridworld.interop import from_gymnasium
from gridworld.kernels.exact.equations import BAND, DENSE, NONE, SPARSE, Entries
from oracle.optimum import Table, by_trying_every_policy, by_value_iteration, table_of

RUSSELL_NORVIG = gw.GridWorld.from_text(
    ["...G", ".#.X", "S..."], rewards=gw.Rewards(step=-0.04, goal=1, pit=-1), slip=0.2
)

LAKE = gw.Rewards(step=0, goal=1, pit=0)


def solved_by(way: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let blocks of every size be solved in one way, after sweeps towards the best policy."""

    def quickest(entries: Entries, begin_of: npt.NDArray[np.int64]) -> elimination.Plan:
        plan = chosen(entries, begin_of)
        plan.way[:] = way
        plan.most[:] = 10**7 if way == NONE else 0
        return plan

    chosen = elimination.quickest
    monkeypatch.setattr(elimination, "quickest", quickest)
    monkeypatch.setattr(policy_iteration, "SWEPT_STATES", 0)


WAYS = [NONE, BAND, DENSE, SPARSE]


def random_world(size: int, seed: int, pits: float = 0.05, **values: object) -> gw.GridWorld:
    random = np.random.default_rng(seed).random((size, size))
    letters = np.full((size, size), ord("."), np.uint8)
    letters[random < 0.1] = ord("#")
    letters[random > 1 - pits] = ord("X")
    letters[0, 0], letters[-1, -1] = ord("S"), ord("G")
    rows = [row.tobytes().decode() for row in letters]
    return gw.GridWorld.from_json({"map": rows, **values})


@pytest.mark.parametrize(
    ("name", "discount", "value"),
    [
        ("default", 1, 10 - 0.7),
        ("default", 0.99, 10 * 0.99**7 - 0.1 * (1 - 0.99**7) / 0.01),
        ("easy", 1, 10 - 0.7),
        ("hard", 1, 10 - 1.1),
        ("frozen-lake-4x4", 1, 14 / 17),
        ("frozen-lake-8x8", 1, 1),
        ("cliff-walking", 1, -13),
        ("cliff-walking", 0.99, -(1 - 0.99**13) / 0.01),
        ("windy", 1, -15),
        ("dyna-maze", 1, 1),
        ("dyna-maze", 0.99, 0.99**13),
        ("dyna-maze", 0.5, 0.5**13),
        ("default", 0, -0.1),
    ],
)
def test_the_value_of_a_named_world(name: str, discount: float, value: float) -> None:
    solution = solve(gw.make(name), discount_factor=discount)
    assert solution.expected_return == pytest.approx(value, abs=1e-9)
    assert solution.error <= 1e-9
    assert solution.discount_factor == discount


def test_the_slippery_lake_is_worth_what_is_known() -> None:
    solution = solve(gw.make("frozen-lake-4x4"))
    assert round(solution.expected_return, 6) == 0.542026
    assert round(solve(gw.make("frozen-lake-8x8")).expected_return, 4) == 0.4146


def test_russell_and_norvigs_world() -> None:
    # "Artificial Intelligence", 4th edition, Figure 16.3; their utility includes the reward of
    # the state itself.
    utilities = solve(RUSSELL_NORVIG, 1).v.reshape(3, 4) - 0.04
    assert np.round(utilities[0, :3], 4).tolist() == [0.8116, 0.8678, 0.9178]
    assert np.round(utilities[1, [0, 2]], 4).tolist() == [0.7616, 0.6603]
    assert np.round(utilities[2], 4).tolist() == [0.7053, 0.6553, 0.6114, 0.3879]


def assert_optimal(world: gw.GridWorld | gw.Mdp, solution: Solution, table: Table) -> None:
    """Values, action values and policy fit each other, by the plain table."""
    scale = max(1.0, float(np.abs(solution.v).max()))
    for s, row in enumerate(table):
        for a, outcomes in enumerate(row):
            q = sum(
                p * (r + (0 if ended else solution.discount_factor * solution.v[to]))
                for p, to, r, ended in outcomes
                if p > 0
            )
            assert solution.q[s, a] == pytest.approx(q, abs=1e-12 * scale)
        assert solution.v[s] == pytest.approx(solution.q[s].max(), abs=1e-9 * scale)
        idle = all(o[0][1:] == (s, 0.0, True) for o in row)
        assert solution.policy[s].any() != idle
        if not idle:
            chosen = solution.q[s, solution.actions[s]]
            assert chosen == pytest.approx(solution.v[s], rel=1e-9, abs=1e-9 * scale)
            assert solution.policy[s, solution.actions[s]]


@given(worlds(), st.sampled_from([0.0, 0.5, 0.9]))
def test_a_discounted_optimum_is_the_oracles(world: gw.GridWorld, discount: float) -> None:
    table = table_of(world)
    solution = solve(world, discount)
    expected = by_value_iteration(table, discount, 400)
    scale = max(1.0, float(np.abs(expected).max()))
    assert np.abs(solution.v - expected).max() <= 1e-9 * scale
    assert_optimal(world, solution, table)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.2, 2 / 3, 1.0]))
def test_an_undiscounted_optimum_is_the_oracles(seed: int, slip: float) -> None:
    world = random_world(4, seed, pits=0.2, slip=slip, rewards={"step": -1})
    table = table_of(world)
    expected = by_value_iteration(table, 1.0, 4000)
    # Cells from which no end can be reached.
    closed = (expected < -3000).nonzero()[0]
    if set(closed) & set(world.starts.tolist()):
        with pytest.raises(gw.NoProperPolicyError, match="must be sure to end from every start"):
            solve(world, 1)
        return
    solution = solve(world, 1)
    assert (np.flatnonzero(solution.v == -np.inf) == closed).all()
    finite = np.isfinite(solution.v)
    assert np.abs(solution.v[finite] - expected[finite]).max() <= 1e-9
    assert not solution.policy[closed].any()


def random_table(seed: int) -> Table:
    """Four states, two actions, many loops, rewards of both signs and none."""
    random = np.random.default_rng(seed)
    values = [[0.0], [0.0, -1.0], [0.0, 0.7], [0.0, -1.0, 0.7]][seed % 4]
    table: Table = []
    for _ in range(4):
        rows = []
        for _ in range(2):
            k = int(random.integers(1, 3))
            rows.append(
                [
                    (
                        1 / k,
                        int(random.integers(4)),
                        float(random.choice(values)),
                        bool(random.random() < 0.2),
                    )
                    for _ in range(k)
                ]
            )
        table.append(rows)
    return table


@pytest.mark.parametrize("way", [None, NONE, DENSE])
def test_loops_without_discount_are_the_oracles(
    way: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way is not None:
        solved_by(way, monkeypatch)
    refused = solved = hopeless = unjust = 0
    for seed in range(1000 if way is None else 300):
        table = random_table(seed)
        best = by_trying_every_policy(table).max(axis=0)
        gains = any(
            r > 0 and best[s] == -np.inf
            for s, row in enumerate(table)
            for outcomes in row
            for _, _, r, _ in outcomes
        )
        infinite = best.max() == np.inf or best[0] == -np.inf
        try:
            solution = solve(from_gymnasium(table, start=0), 1)
        except gw.NoProperPolicyError:
            refused += 1
            unjust += not (infinite or gains)
            continue
        solved += 1
        hopeless += bool((best == -np.inf).any())
        assert best.max() < np.inf
        assert solution.v == pytest.approx(best, abs=1e-9), seed
    assert refused
    assert not unjust
    assert hopeless or way is not None
    assert solved > refused


def test_actions_lead_to_an_end_where_ties_do_not() -> None:
    world = gw.make("dyna-maze")
    solution = solve(world, 1)
    mdp = gw.compile_world(world)
    state = int(world.starts[0])
    assert solution.policy[state].sum() > 1
    for steps in range(1, 15):
        state = int(mdp.outcomes["next_state"][state * 4 + solution.actions[state]])
        assert (state < 0) == (steps == 14)


def test_nobody_acts_in_goals_pits_and_walls() -> None:
    world = gw.make("four-rooms")
    solution = solve(world)
    for states in (world.goals, world.walls):
        assert not solution.policy[states].any()
        assert (solution.v[states] == 0).all()
        assert (solution.q[states] == 0).all()
    assert solution.policy[world.starts].any()


def test_all_tied_actions_are_optimal() -> None:
    world = gw.make("easy")
    policy = solve(world).policy.reshape(5, 5, 4)
    assert policy[:4, :4].tolist() == [[[False, True, False, True]] * 4] * 4
    assert policy[4, 0].tolist() == [False, False, False, True]


def test_what_cannot_be_reached_may_be_hopeless() -> None:
    solution = solve(gw.GridWorld.from_text("S.G\n###\n..."), 1)
    assert solution.v[:2].tolist() == pytest.approx([9.9, 10])
    assert (solution.v[6:] == -np.inf).all()
    assert not solution.policy[6:].any()


def test_going_round_without_reward_counts_as_an_end() -> None:
    still = gw.GridWorld.from_text("S.X", rewards=gw.Rewards(step=0), max_steps=None)
    assert solve(still, 1).v.tolist() == [0, 0, 0]
    assert solve(still, 1).actions[1] != 3
    stuck = gw.GridWorld.from_text("S#G", rewards=LAKE)
    assert solve(stuck, 1).expected_return == 0


@pytest.mark.parametrize(
    ("text", "values", "words"),
    [
        ("S#G", {}, "sure to end from every start, got none from state 0"),
        ("S.#G", {"slip": 0.5}, "sure to end from every start, got none from state 0"),
        ("S..G", {"rewards": {"step": 0.1}}, "no loop must gain on every round"),
        ("S..G", {"rewards": {"step": 0.1}, "slip": 0.2}, "no loop must gain on every round"),
        ("S..G", {"rewards": {"cells": {"1,0": 1, "2,0": -0.5}}}, "no loop must gain"),
        ("S.#G", {"rewards": {"cells": {"1,0": 1}}}, "where rewards above 0 can be collected"),
    ],
)
def test_an_infinite_optimum_is_refused(text: str, values: dict[str, object], words: str) -> None:
    world = gw.GridWorld.from_json({"map": [text], **values})
    with pytest.raises(gw.NoProperPolicyError, match=words):
        solve(world, 1)
    assert np.isfinite(solve(world, 0.9).v).all()


def test_rewards_that_cancel_out_on_paper_are_no_gain() -> None:
    # 0.1 + 0.2 - 0.3 is 5.6e-17 in float64.
    rewards = (0.1, 0.2, -0.3)
    table = [[[(1.0, (s + 1) % 3, rewards[s], False)], [(1.0, s, 1.0, True)]] for s in range(3)]
    assert solve(from_gymnasium(table, start=0), 1).v.tolist() == pytest.approx([1.3, 1.2, 1.0])


def test_loops_that_gain_are_worth_their_geometric_sum() -> None:
    world = gw.GridWorld.from_text("S.#G", rewards=gw.Rewards(step=-1, cells={(1, 0): 3.0}))
    # Right 3, left -1, and so on: 3 - 1 g + 3 g^2 ... ; staying in (1, 0) costs the step.
    for discount in (0.5, 0.99, 0.999999):
        g = Fraction(discount)
        exact = float((3 - g) / (1 - g * g))
        assert solve(world, discount).v[0] == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize("discount", [1.0, 0.999])
def test_a_long_way_keeps_its_ninth_decimal(discount: float, jit_scale: int) -> None:
    cells = max(300_000 // jit_scale, 2000)
    world = gw.GridWorld.from_text(["S" + "." * (cells - 2) + "G"])
    solution = solve(world, discount)
    v = Fraction(10)
    checked = {0, cells // 2, cells - 1000}
    if discount < 1:  # fractions grow with each multiplication
        checked = {cells - 200}
    for state in range(cells - 3, min(checked) - 1, -1):
        v = Fraction(-0.1) + (v if discount == 1 else Fraction(discount) * v)
        if state in checked:
            assert abs(Fraction(float(solution.v[state])) - v) < Fraction(1, 10**10)
    assert solution.error <= 1e-9


@pytest.mark.parametrize("discount", [0.9, 0.99, 1.0])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("step", [-0.1, 0])
def test_every_way_finds_the_same(
    discount: float, seed: int, step: float, monkeypatch: pytest.MonkeyPatch, jit_scale: int
) -> None:
    size = 20 if jit_scale == 1 else 6
    world = random_world(size, seed, slip=0.3, rewards={"step": step, "goal": 10, "pit": -3})
    expected = solve(world, discount)
    finite = np.isfinite(expected.v)
    for way in WAYS:
        with monkeypatch.context() as patch:
            solved_by(way, patch)
            found = solve(world, discount)
        assert np.array_equal(finite, np.isfinite(found.v))
        assert np.abs(expected.v[finite] - found.v[finite]).max() <= expected.error + found.error
        assert found.error <= 1e-9


def test_a_large_slippery_lake_is_sure_to_be_crossed(jit_scale: int) -> None:
    size = 60 if jit_scale == 1 else 6
    rewards = {"step": 0, "goal": 1, "pit": 0}
    world = random_world(size, 3, pits=0.02, slip=2 / 3, rewards=rewards)
    solution = solve(world, 1)
    assert 0 < solution.expected_return <= 1 + 1e-9
    assert solution.error <= 1e-9


@pytest.mark.parametrize("discount", [0.99, 1.0])
def test_a_world_of_a_million_cells_is_solved(discount: float, jit_scale: int) -> None:
    solve(gw.make("default"), discount)
    size = 1024 if jit_scale == 1 else 30
    world = gw.make(f"maze-{size}")
    began = time.perf_counter()
    solution = solve(world, discount)
    assert time.perf_counter() - began < 15
    assert solution.error <= 1e-9
    mdp = gw.compile_world(world)
    state, steps = int(world.starts[0]), 0
    while state >= 0:
        state = int(mdp.outcomes["next_state"][state * 4 + solution.actions[state]])
        steps += 1
        assert steps <= world.n_states
    if discount == 1:
        assert solution.expected_return == pytest.approx(10 - 0.1 * (steps - 1), abs=1e-7)


@pytest.mark.parametrize("slip", [0.0, 0.2])
def test_it_can_be_stopped(slip: float) -> None:
    world = random_world(40, 0, slip=slip)
    asked: list[None] = []

    def should_stop() -> bool:
        asked.append(None)
        return len(asked) > 2

    with pytest.raises(SolveStoppedError, match="stopped before it was done"):
        solve(world, should_stop=should_stop)


@pytest.mark.parametrize("discount", [-0.1, 1.1, float("nan"), True, "1"])
def test_a_bad_discount_factor_is_refused(discount: float) -> None:
    with pytest.raises(gw.InvalidValueError, match="discount_factor must be a number from 0 to 1"):
        solve(gw.make("default"), discount)


def test_several_starts_count_alike() -> None:
    world = gw.GridWorld.from_text("S..G..S.")
    assert solve(world, 1).expected_return == pytest.approx((9.8 + 9.8) / 2)
