"""The scalar kernel equals the plain oracle, and keeps its promises about budgets and chunks."""

import os
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from clock import sometimes
from gridworld.kernels.codes import (
    BY_COUNT,
    CONSTANT,
    DETERMINISTIC,
    INVERSE,
    LINEAR,
    RANDOM,
    SARSA,
    SLIP,
    SOFTMAX,
    TABLE,
)
from gridworld.kernels.scalar import make_advance, make_initialise
from gridworld.kernels.step import MdpTables
from gridworld.records import FRAME, VISIT
from oracle.cases import CODES, ROOT, Batch, Case

CASES = [
    case
    for algorithm in CODES
    for case in (
        Case(algorithm, DETERMINISTIC),
        Case(algorithm, SLIP, several_starts=True),
        Case(algorithm, TABLE, several_starts=True, n_actions=6),
        Case(algorithm, DETERMINISTIC, ties=RANDOM),
        Case(algorithm, TABLE, True, 6, RANDOM, schedule=LINEAR, noisy=True, uneven=True),
        Case(algorithm, SLIP, exploration=SOFTMAX, schedule=INVERSE, rate=BY_COUNT),
    )
]
CASES += [Case(SARSA, TABLE, True, 6, exploration=SOFTMAX), Case(0, SLIP, schedule=CONSTANT)]
PLAIN = Case(0, DETERMINISTIC)


def begin(
    case: Case, seed: int, n: int = 3, capacity: int = 4, max_steps: int = 20
) -> tuple[MdpTables, Batch]:
    tables = case.tables(seed, max_steps=max_steps)
    batch = Batch.random(case, tables, seed, n, capacity)
    numbers = np.arange(seed, seed + n)
    make_initialise(case.variant)(tables, batch.agents, batch.q, ROOT, numbers)
    return tables, batch


def run(case: Case, tables: MdpTables, batch: Batch, n_steps: int, stop: int = 0) -> int:
    advance = make_advance(case.variant)
    control = np.array([stop], np.int64)
    more = batch.carried if case.rate == BY_COUNT else ()
    return int(advance(tables, batch.agents, batch.q, batch.bins, control, n_steps, *more))


def run_oracle(case: Case, tables: MdpTables, batch: Batch, n_steps: int) -> None:
    oracle.advance(
        case.algorithm,
        case.dynamics,
        tables,
        batch.agents,
        batch.q,
        batch.bins,
        n_steps,
        variant=case.variant,
        updates=batch.updates if case.rate == BY_COUNT else None,
    )


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=8)
@given(
    seed=st.integers(0, 2**32),
    max_steps=st.sampled_from([0, 1, 7, 50]),
    capacity=st.sampled_from([0, 2, 6]),
    n_steps=st.integers(1, 600),
)
def test_equals_the_oracle(
    case: Case, seed: int, max_steps: int, capacity: int, n_steps: int
) -> None:
    tables, batch = begin(case, seed, 3, capacity, max_steps)
    expected = batch.copy()
    run(case, tables, batch, n_steps)
    run_oracle(case, tables, expected, n_steps)
    assert batch == expected


@pytest.mark.parametrize("case", CASES, ids=str)
def test_initialises_as_the_oracle(case: Case) -> None:
    tables, batch = begin(case, 5)
    expected = Batch.random(case, tables, 5)
    numbers = np.arange(5, 8)
    oracle.initialise(tables, expected.agents, expected.q, ROOT, numbers, case.variant)
    assert batch == expected


@pytest.mark.parametrize("case", CASES[1:-2:6], ids=str)
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32), chunks=st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_chunks_change_nothing(case: Case, seed: int, chunks: list[int]) -> None:
    tables, batch = begin(case, seed)
    whole = batch.copy()
    for chunk in chunks:
        run(case, tables, batch, chunk)
    run(case, tables, whole, sum(chunks))
    assert batch == whole


@pytest.mark.parametrize("case", CASES[1:-2:6], ids=str)
def test_a_budget_that_is_raised_goes_on_as_if_it_had_been_whole(case: Case) -> None:
    tables, batch = begin(case, 11)
    whole = batch.copy()
    batch.agents["episode_limit"], batch.agents["step_limit"] = 3, 2**40
    run(case, tables, batch, 400)
    assert (batch.agents["episodes"] == 3).all()
    batch.agents["episode_limit"] = whole.agents["episode_limit"] = 40
    batch.agents["step_limit"] = whole.agents["step_limit"] = 300
    run(case, tables, batch, 400)
    run(case, tables, whole, 400)
    assert batch == whole


def test_a_row_alone_does_what_it_does_in_the_batch() -> None:
    tables, batch = begin(PLAIN, 2, n=5)
    alone = batch.copy()
    run(PLAIN, tables, batch, 500)
    for row in range(5):
        run(PLAIN, tables, alone.rows(slice(row, row + 1)), 500)
    assert batch == alone


def test_counts_steps_and_freezes_agents_that_are_done() -> None:
    tables, batch = begin(PLAIN, 4)
    batch.agents["episode_limit"], batch.agents["step_limit"] = 2**40, [100, 250, 7]
    assert run(PLAIN, tables, batch, 200) == 100 + 200 + 7
    assert run(PLAIN, tables, batch, 200) == 50
    frozen = batch.copy()
    assert run(PLAIN, tables, batch, 200) == 0
    assert batch == frozen


def test_the_stop_word_keeps_everything_as_it_is() -> None:
    tables, batch = begin(PLAIN, 4)
    before = batch.copy()
    assert run(PLAIN, tables, batch, 200, stop=1) == 0
    assert batch == before


@pytest.mark.compiled
def test_train_02_the_stop_word_ends_a_running_kernel_at_once() -> None:
    tables, batch = begin(PLAIN, 4, n=1)
    run(PLAIN, tables, batch, 1)
    batch.agents["episode_limit"] = batch.agents["step_limit"] = 2**62
    advance = make_advance(PLAIN.variant)

    def ends_at_once() -> bool:
        control = np.zeros(1, np.int64)
        arrays = tables, batch.agents, batch.q, batch.bins, control
        thread = threading.Thread(target=advance, args=(*arrays, 2**60))
        thread.start()
        time.sleep(0.05)
        assert thread.is_alive()
        begin_stop = time.perf_counter()
        control[0] = 1
        thread.join(5.0)
        return time.perf_counter() - begin_stop < 0.05

    assert sometimes(ends_at_once)
    expected = begin(PLAIN, 4, n=1)[1]
    expected.agents["episode_limit"] = expected.agents["step_limit"] = 2**62
    run(PLAIN, tables, expected, int(batch.agents["steps"][0]))
    assert batch == expected


def test_the_length_of_an_endless_episode_stays_at_its_highest() -> None:
    tables, batch = begin(PLAIN, 0, n=1, max_steps=0)
    tables.outcomes["next_state"][:] = 0
    batch.agents["length"] = 2**31 - 3
    batch.agents["episode_limit"] = batch.agents["step_limit"] = 2**40
    run(PLAIN, tables, batch, 10)
    assert batch.agents["length"][0] == 2**31 - 1
    assert batch.agents["episodes"][0] == 0


def test_without_a_history_no_statistics_are_kept() -> None:
    tables, batch = begin(PLAIN, 1, capacity=0)
    with_history = begin(PLAIN, 1, capacity=4)[1]
    before = batch.agents.copy()
    run(PLAIN, tables, batch, 400)
    run(PLAIN, tables, with_history, 400)
    assert batch.agents["episodes"].min() > 0
    assert (batch.agents["fold_count"] == 0).all()
    assert batch.agents["bin_return_min"].tobytes() == before["bin_return_min"].tobytes()
    assert batch.q.tobytes() == with_history.q.tobytes()


def test_wide_bins_are_folded_as_by_the_oracle() -> None:
    tables, batch = begin(PLAIN, 8, n=1, max_steps=1)
    batch.agents["bin_width"] = 300
    batch.agents["episode_limit"] = batch.agents["step_limit"] = 2**40
    expected = batch.copy()
    run(PLAIN, tables, batch, 310)
    run_oracle(PLAIN, tables, expected, 310)
    assert batch.agents["bins"][0] == 1
    assert batch == expected


@pytest.mark.compiled
def test_the_history_accounts_for_every_episode() -> None:
    tables, batch = begin(PLAIN, 8, n=1, capacity=6)
    batch.agents["episode_limit"] = batch.agents["step_limit"] = 2**40
    run(PLAIN, tables, batch, 100_000)
    agent = batch.agents[0]
    closed = batch.bins[0, : agent["bins"]]
    assert agent["bin_width"] >= 512  # wide enough to have been folded more than once
    episodes = agent["bins"] * agent["bin_width"] + agent["bin_count"] + agent["fold_count"]
    assert episodes == agent["episodes"]
    assert (closed["return_min"] <= closed["return_mean"]).all()
    assert (closed["return_mean"] <= closed["return_max"]).all()
    steps = closed["length_mean"].astype(float).sum() * agent["bin_width"]
    open_steps = agent["steps"] - agent["fold_start_step"] + agent["bin_length_sum"]
    assert steps + open_steps == pytest.approx(agent["steps"], rel=1e-5)


def trace(case: Case, tables: MdpTables, batch: Batch, n_steps: int, frame: Any) -> None:
    advance = make_advance(case.variant._replace(trace=True))
    control = np.zeros(1, np.int64)
    advance(tables, batch.agents, batch.q, batch.bins, control, n_steps, frame)


def fresh_visits(batch: Batch) -> Any:
    visits = np.zeros((len(batch.agents), batch.q.shape[1]), VISIT)
    visits["td_error"] = np.nan
    return visits


def watch(
    case: Case, tables: MdpTables, batch: Batch, n_steps: int, visits: Any, frame: Any = None
) -> None:
    advance = make_advance(case.variant._replace(trace=frame is not None, watch=True))
    for row in range(len(batch.agents)):
        one = batch.rows(slice(row, row + 1))
        control = np.zeros(1, np.int64)
        more = one.carried[2:] if case.rate == BY_COUNT else ()
        advance(tables, one.agents, one.q, one.bins, control, n_steps, frame, visits[row], *more)


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=6)
@given(
    seed=st.integers(0, 2**32),
    max_steps=st.sampled_from([0, 1, 7, 50]),
    chunks=st.lists(st.integers(0, 300), min_size=1, max_size=3),
    traced=st.booleans(),
)
def test_visits_and_td_errors_are_the_oracles(
    case: Case, seed: int, max_steps: int, chunks: list[int], traced: bool
) -> None:
    tables, batch = begin(case, seed, 2, 4, max_steps)
    expected, counted = batch.copy(), fresh_visits(batch)
    visits = fresh_visits(batch)
    for chunk in chunks:
        watch(case, tables, batch, chunk, visits, np.zeros(1, FRAME) if traced else None)
    oracle.advance(
        case.algorithm,
        case.dynamics,
        tables,
        expected.agents,
        expected.q,
        expected.bins,
        sum(chunks),
        counted,
        case.variant,
        expected.updates if case.rate == BY_COUNT else None,
    )
    assert batch == expected
    for field in ("visits", "td_error"):
        assert visits[field].tobytes() == counted[field].tobytes()


@pytest.mark.parametrize("algorithm", CODES)
def test_the_last_update_says_what_it_was_made_of(algorithm: int) -> None:
    case = Case(algorithm, SLIP)
    tables, batch = begin(case, 3, n=1)
    batch.agents["episode_limit"] = batch.agents["step_limit"] = 2**40
    frame, discount = np.zeros(1, FRAME), batch.agents["discount_factor"][0]
    seen = set()
    for _ in range(200):
        before = batch.q.copy()
        trace(case, tables, batch, 1, frame)
        shown = frame[0]
        table = int(shown["update_table"])
        entry = 0, int(shown["update_state"]), table, int(shown["update_action"])
        assert shown["update_q_before"] == before[entry]
        assert shown["update_q_after"] == batch.q[entry]
        assert shown["update_target"] == (
            shown["update_reward"] + discount * shown["update_bootstrap"]
        )
        terminated = shown["update_next_state"] < 0
        row = before[0, max(shown["update_next_state"], ~shown["update_next_state"])]
        if terminated:
            assert shown["update_bootstrap"] == 0
        elif algorithm == 0:
            assert shown["update_bootstrap"] == row.max()
        elif algorithm == 3:
            assert shown["update_bootstrap"] == row[1 - table, row[table].argmax()]
        seen.add((table, bool(terminated)))
    assert len(seen) == (4 if algorithm == 3 else 2)


@pytest.mark.parametrize("case", [Case(0, DETERMINISTIC), Case(1, SLIP, True)], ids=str)
def test_tracing_changes_nothing(case: Case) -> None:
    tables, batch = begin(case, 6, n=1)
    expected = batch.copy()
    trace(case, tables, batch, 300, np.zeros(1, FRAME))
    run(case, tables, expected, 300)
    assert batch == expected


def test_viz_01_the_trail_holds_every_step_and_placing() -> None:
    tables, batch = begin(PLAIN, 6, n=1)
    batch.agents["episode_limit"] = batch.agents["step_limit"] = 2**40
    frame = np.zeros(1, FRAME)
    trace(PLAIN, tables, batch, 0, frame)
    entries = [~int(batch.agents["state"][0])]
    for _ in range(100):
        state, q = int(batch.agents["state"][0]), batch.q.copy()
        trace(PLAIN, tables, batch, 1, frame)
        shown = frame[0]
        entered = int(shown["update_next_state"])
        entries.append(max(entered, ~entered))
        if batch.agents["length"][0] == 0:
            entries.append(~int(batch.agents["state"][0]))
            assert shown["last_state"] == entries[-2]
        changed = state, 0, int(shown["update_action"])
        assert shown["update_state"] == state
        assert shown["update_q_before"] == q[(0, *changed)]
        assert shown["update_q_after"] == batch.q[(0, *changed)]
    count = int(frame["trail_count"][0])
    assert count == len(entries) > 100
    newest = [int(frame["trail"][0][k % 64]) for k in range(count - 64, count)]
    assert newest == entries[-64:]


def test_the_trail_says_where_an_agent_goes_on_after_steps_that_were_not_traced() -> None:
    tables, batch = begin(PLAIN, 6, n=1)
    batch.agents["episode_limit"] = batch.agents["step_limit"] = 2**40
    frame = np.zeros(1, FRAME)
    trace(PLAIN, tables, batch, 1, frame)
    before = int(batch.agents["state"][0])
    while batch.agents["state"][0] == before:
        run(PLAIN, tables, batch, 1)
    count = int(frame["trail_count"][0])
    trace(PLAIN, tables, batch, 0, frame)
    assert frame["trail_count"][0] == count + 1
    assert frame["trail"][0][count] == ~int(batch.agents["state"][0])


SECOND_PROCESS = """
import numpy as np
from oracle.cases import ROOT, Batch, Case
from gridworld.kernels.scalar import make_advance, make_initialise
from gridworld.kernels.step import MdpTables
from gridworld.kernels.vector import make_advance_vector
case = Case(0, 0)
tables = case.tables(0)
batch = Batch.random(case, tables, 0, 12)
make_initialise(case.variant)(tables, batch.agents, batch.q, ROOT, np.arange(12))
for make in (make_advance, make_advance_vector):
    advance = make(case.variant)
    advance(tables, batch.agents, batch.q, batch.bins, np.zeros(1, np.int64), 5)
    print(sum(advance.stats.cache_hits.values()), sum(advance.stats.cache_misses.values()))
"""


@pytest.mark.compiled
def test_another_process_finds_the_kernels_on_disk() -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(2):
        lines = subprocess.run(
            [sys.executable, "-c", SECOND_PROCESS],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
    assert lines == ["1 0", "1 0"]


@pytest.mark.compiled
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_kernel_has_one_signature(case: Case) -> None:
    tables, batch = begin(case, 1)
    run(case, tables, batch, 1)
    kernel: Any = make_advance(case.variant)
    assert len(kernel.signatures) == 1
    frame = np.zeros(1, FRAME)
    for traced in (None, frame):
        watch(case, tables, batch.rows(slice(0, 1)), 1, fresh_visits(batch), traced)
        kernel = make_advance(case.variant._replace(trace=traced is not None, watch=True))
        assert len(kernel.signatures) == 1
    initialise: Any = make_initialise(case.variant)
    assert len(initialise.signatures) == 1
