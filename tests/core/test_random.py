"""The random streams: the reference generator, fair draws, seeds that never meet."""

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridworld.kernels.jit import jit
from gridworld.kernels.random import categorical, next_u32, pick, seed_state, unit
from oracle import Stream

words = st.lists(st.integers(0, 2**32 - 1), min_size=4, max_size=4).filter(any)


@jit
def draw(rng: Any, n: int, bits: Any, units: Any, picks: Any) -> Any:
    for k in range(bits.size):
        bits[k], rng = next_u32(rng)
        units[k] = unit(bits[k])
        picks[k] = pick(bits[k], n)
    return rng


@jit
def draw_categories(rng: Any, threshold: Any, alias: Any, first: int, n: int, out: Any) -> None:
    for k in range(out.size):
        bits, rng = next_u32(rng)
        out[k] = categorical(bits, threshold, alias, first, n)


def draws(
    state: list[int], count: int, n: int = 6
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    bits, units = np.empty(count, np.uint32), np.empty(count, np.float32)
    picks = np.empty(count, np.int64)
    draw(tuple(np.uint32(word) for word in state), n, bits, units, picks)
    return bits, units, picks


def test_first_draws_of_xoshiro128plusplus() -> None:
    # By hand from the state 1, 2, 3, 4: rotl(1 + 4, 7) + 1, then rotl(5 + 6149, 7) + 5 ...
    bits = draws([1, 2, 3, 4], 3)[0]
    assert bits[0] == (5 << 7) + 1
    # s after one draw: s0 = 1 ^ 4 ^ 2, s3 = rotl(4 ^ 2, 11)
    s0, s3 = 1 ^ 4 ^ 2, (4 ^ 2) << 11
    assert bits[1] == (((s0 + s3) << 7) & 0xFFFFFFFF | (s0 + s3) >> 25) + s0


@settings(max_examples=20)
@given(state=words)
def test_bits_equal_the_oracle(state: list[int]) -> None:
    stream = Stream(state)
    assert draws(state, 20)[0].tolist() == [stream.bits() for _ in range(20)]


def test_units_and_picks_are_in_range_and_even(jit_scale: int) -> None:
    count = 300_000 // jit_scale
    bits, units, picks = draws([9, 8, 7, 6], count)
    assert units.min() >= 0
    assert units.max() < 1
    np.testing.assert_array_equal(units, (bits >> 8).astype(np.float32) * np.float32(2**-24))
    assert units.mean() == pytest.approx(0.5, abs=3 * 0.2887 / count**0.5)
    shares = np.bincount(picks, minlength=6) / count
    assert len(shares) == 6
    np.testing.assert_allclose(shares, 1 / 6, atol=4 * (5 / 36 / count) ** 0.5)


def test_categories_have_their_probabilities(jit_scale: int) -> None:
    count = 300_000 // jit_scale
    # In the part from entry 1 on: 0.25 stays, else 2; always 1; 0.5 stays, else 0.
    threshold = np.array([0, 2**30, 2**32 - 1, 2**31], np.uint32)
    alias = np.array([9, 2, 0, 0], np.int32)
    out = np.empty(count, np.int64)
    rng = tuple(np.uint32(word) for word in (1, 2, 3, 4))
    draw_categories(rng, threshold, alias, 1, 3, out)
    shares = np.bincount(out, minlength=3) / count
    expected = np.array([0.25 + 0.5, 1.0, 0.75 + 0.5]) / 3
    np.testing.assert_allclose(shares, expected, atol=4 * 0.5 / count**0.5)


@settings(max_examples=30)
@given(
    root=st.lists(st.integers(0, 2**32 - 1), min_size=4, max_size=4),
    agent=st.integers(0, 2**62),
)
def test_seeds_equal_the_oracle_and_are_never_zero(root: list[int], agent: int) -> None:
    state = seed_state(np.array(root, np.uint32), agent)
    assert [int(word) for word in state] == Stream.seeded(np.array(root, np.uint32), agent).words
    assert any(int(word) for word in state)


def test_neighbouring_agents_and_seeds_have_unlike_states() -> None:
    def bits_of(seed: int, agent: int) -> npt.NDArray[np.uint8]:
        root = np.random.SeedSequence(seed).generate_state(4)
        state = np.array([int(word) for word in seed_state(root, agent)], np.uint32)
        return np.unpackbits(state.view(np.uint8))

    agents = [bits_of(0, agent) for agent in range(200)]
    differing = [int((a != b).sum()) for a, b in itertools.pairwise(agents)]
    assert min(differing) > 30
    assert np.mean(differing) == pytest.approx(64, abs=2)
    assert int((bits_of(0, 0) != bits_of(1, 0)).sum()) > 30
    assert len({tuple(bits) for bits in agents}) == 200


@pytest.mark.compiled
def test_global_generators_are_left_alone() -> None:
    before = str(np.random.get_state())  # noqa: NPY002
    draws([1, 2, 3, 4], 10)
    assert str(np.random.get_state()) == before  # noqa: NPY002
