"""The vector kernel equals the scalar kernel bit for bit; its vectors do what they say."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridworld.kernels.codes import DETERMINISTIC, RANDOM, SLIP, TABLE
from gridworld.kernels.jit import jit
from gridworld.kernels.lanes import simd
from gridworld.kernels.lanes.memory import load_each
from gridworld.kernels.scalar import make_advance, make_initialise
from gridworld.kernels.step import MdpTables
from gridworld.kernels.variant import Variant
from gridworld.kernels.vector import make_advance_vector, vector_supports
from oracle.cases import CODES, ROOT, Batch, Case

pytestmark = pytest.mark.compiled

CASES = [
    Case(0, DETERMINISTIC),
    Case(1, DETERMINISTIC),
    *(Case(algorithm, SLIP, several_starts=True) for algorithm in CODES),
    *(Case(algorithm, SLIP, several_starts=True, ties=RANDOM) for algorithm in CODES),
    Case(0, TABLE),
    Case(2, DETERMINISTIC, n_actions=3),
    Case(3, TABLE, several_starts=True, n_actions=6, ties=RANDOM),
]


def begin(
    case: Case, seed: int, n: int, capacity: int = 4, max_steps: int = 20
) -> tuple[MdpTables, Batch]:
    tables = case.tables(seed, max_steps=max_steps)
    batch = Batch.random(case, tables, seed, n, capacity)
    numbers = np.arange(seed, seed + n)
    make_initialise(case.variant)(tables, batch.agents, batch.q, ROOT, numbers)
    return tables, batch


def run(make: Any, case: Case, tables: MdpTables, batch: Batch, n_steps: int, stop: int = 0) -> int:
    advance = make(case.variant)
    control = np.array([stop], np.int64)
    return int(advance(tables, batch.agents, batch.q, batch.bins, control, n_steps))


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    n=st.sampled_from([1, 11, 12, 13, 16, 17, 31, 32, 33, 70]),
    max_steps=st.sampled_from([0, 1, 7, 50]),
    capacity=st.sampled_from([0, 2, 6]),
    chunks=st.lists(st.integers(1, 3000), min_size=1, max_size=3),
)
def test_equals_the_scalar_kernel(
    case: Case, seed: int, n: int, max_steps: int, capacity: int, chunks: list[int]
) -> None:
    tables, batch = begin(case, seed, n, capacity, max_steps)
    expected = batch.copy()
    steps = sum(run(make_advance_vector, case, tables, batch, chunk) for chunk in chunks)
    assert steps == run(make_advance, case, tables, expected, sum(chunks))
    assert batch == expected


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_long_run_with_full_bins_equals_the_scalar_kernel(case: Case) -> None:
    tables, batch = begin(case, 21, 40)
    batch.agents["episode_limit"] = np.arange(40) * 300 + 5000
    batch.agents["step_limit"] = 2**40
    expected = batch.copy()
    run(make_advance_vector, case, tables, batch, 10**6)
    run(make_advance, case, tables, expected, 10**6)
    assert (batch.agents["episodes"] == batch.agents["episode_limit"]).all()
    assert batch.agents["bin_width"].min() > 256  # folds within bins were needed
    assert batch == expected


def test_a_row_alone_does_what_it_does_in_any_batch() -> None:
    case = CASES[0]
    tables, batch = begin(case, 2, 50)
    alone, halves = batch.copy(), batch.copy()
    run(make_advance_vector, case, tables, batch, 2000)
    for row in range(50):
        run(make_advance_vector, case, tables, alone.rows(slice(row, row + 1)), 2000)
    for half in (slice(0, 25), slice(25, 50)):
        run(make_advance_vector, case, tables, halves.rows(half), 2000)
    assert batch == alone
    assert batch == halves


def test_the_stop_word_keeps_everything_as_it_is() -> None:
    tables, batch = begin(CASES[0], 3, 40)
    before = batch.copy()
    assert run(make_advance_vector, CASES[0], tables, batch, 100, stop=1) == 0
    assert batch == before


def test_the_length_of_an_endless_episode_stays_at_its_highest() -> None:
    case = CASES[0]
    tables, batch = begin(case, 0, 32, max_steps=0)
    tables.outcomes["next_state"][:] = 0
    batch.agents["length"] = 2**31 - 3
    batch.agents["episode_limit"] = batch.agents["step_limit"] = 2**40
    expected = batch.copy()
    for chunk in (10, 300):
        run(make_advance_vector, case, tables, batch, chunk)
        run(make_advance, case, tables, expected, chunk)
    assert (batch.agents["length"] == 2**31 - 1).all()
    assert batch == expected


def test_supports_all_worlds_of_up_to_64_actions() -> None:
    for dynamics, n_actions in ((SLIP, 4), (DETERMINISTIC, 1), (TABLE, 4), (TABLE, 64)):
        assert all(vector_supports(Variant(code, dynamics, n_actions)) for code in CODES)
    assert not vector_supports(Variant(0, TABLE, 65))


def test_elsewhere_it_is_the_scalar_kernel() -> None:
    assert make_advance_vector(Variant(0, TABLE, 65)) is make_advance(Variant(0, TABLE, 65))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_kernel_has_one_signature(case: Case) -> None:
    tables, batch = begin(case, 1, 12)
    run(make_advance_vector, case, tables, batch, 1)
    kernel: Any = make_advance_vector(case.variant)
    assert len(kernel.signatures) == 1


@jit
def try_vectors(floats: Any, integers: Any, counts: Any, table: Any, out: Any) -> Any:
    x, i, u = simd.f32x16(0), simd.i32x16(0), simd.u32x16(0)
    for lane in range(16):
        x = simd.insert(x, lane, floats[lane])
        i = simd.insert(i, lane, integers[lane])
        u = simd.insert(u, lane, counts[lane])
    picked = load_each(table, i & 7)
    high = simd.high_product(u, np.uint32(10))
    for lane in range(16):
        out[0, lane] = simd.extract(simd.minimum(x, np.float32(0.5)), lane)
        out[1, lane] = simd.extract(simd.maximum(x, np.float32(0.5)) * 2 - x, lane)
        out[2, lane] = simd.extract(i >> 1, lane)
        out[3, lane] = simd.extract(u >> 1, lane)
        out[4, lane] = simd.extract(simd.select(i < 0, ~i, i), lane)
        out[5, lane] = simd.extract(picked, lane)
        out[6, lane] = simd.extract(high, lane)
        out[7, lane] = simd.bits_of((i < 0) | (x > np.float32(0.9))) >> lane & 1
    return simd.lowest(i), simd.any_lane(i == 3), simd.any_lane(i == 2000)


def test_vectors_do_what_the_same_scalars_do() -> None:
    rng = np.random.default_rng(0)
    x = rng.random(16, np.float32)
    i = rng.integers(-1000, 1000, 16).astype(np.int32)
    i[5] = 3
    u = rng.integers(0, 2**32, 16, np.uint32)
    table = rng.integers(0, 100, 8).astype(np.int32)
    out = np.zeros((8, 16))
    assert try_vectors(x, i, u, table, out) == (i.min(), True, False)
    half = np.float32(0.5)
    expected = [
        np.minimum(x, half),
        np.maximum(x, half) * np.float32(2) - x,
        i >> 1,
        u >> 1,
        np.where(i < 0, ~i, i),
        table[i & 7],
        u.astype(np.uint64) * 10 >> 32,
        (i < 0) | (x > np.float32(0.9)),
    ]
    np.testing.assert_array_equal(out, np.array(expected, float))
