"""Jitted: random numbers from a state that each agent carries (stream version 1).

The generator is xoshiro128++ 1.0 (Blackman & Vigna 2021, "Scrambled linear pseudorandom number
generators", ACM TOMS 47:4): 128 bits of state, 32 bits a draw, period 2^128 - 1. What a draw is
used for is part of the stream version: a change of it changes every run.

uint32 arithmetic wraps. Numba widens it to 64 bits, hence the casts after every operation; in
plain Python it needs `numpy.errstate(over="ignore")`.
"""

from typing import Any

import numpy as np

from gridworld.kernels.codes import ALWAYS
from gridworld.kernels.jit import inlined, jit

__all__ = ["STREAM_VERSION", "categorical", "next_u32", "pick", "seed_state", "unit"]

STREAM_VERSION = 1

RandomState = tuple[Any, Any, Any, Any]
"""Four uint32."""

_UNIT = np.float32(2.0**-24)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_STRIDE_0 = np.uint64(0xD1342543DE82EF95)
_STRIDE_1 = np.uint64(0xAF251AF3B0F025B5)
_MIX_0 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_1 = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0xFFFFFFFF)


@inlined
def next_u32(rng: RandomState) -> tuple[Any, RandomState]:
    """Draw 32 random bits: (bits, state after the draw)."""
    s0, s1, s2, s3 = rng
    total = np.uint32(s0 + s3)
    rotated = np.uint32((total << np.uint32(7)) | (total >> np.uint32(25)))
    bits = np.uint32(rotated + s0)
    shifted = np.uint32(s1 << np.uint32(9))
    s2 = np.uint32(s2 ^ s0)
    s3 = np.uint32(s3 ^ s1)
    s1 = np.uint32(s1 ^ s2)
    s0 = np.uint32(s0 ^ s3)
    s2 = np.uint32(s2 ^ shifted)
    s3 = np.uint32((s3 << np.uint32(11)) | (s3 >> np.uint32(21)))
    return bits, (s0, s1, s2, s3)


@inlined
def unit(bits: Any) -> Any:
    """The upper 24 bits as a float32 in [0, 1), each value exact."""
    return np.float32(bits >> np.uint32(8)) * _UNIT


@inlined
def pick(bits: Any, n: Any) -> Any:
    """A number in [0, n) from 32 bits (Lemire 2019, without the rejection: bias below n / 2^32)."""
    return np.int64((np.uint64(bits) * np.uint64(n)) >> np.uint64(32))


@inlined
def categorical(bits: Any, threshold: Any, alias: Any, first: Any, n: Any) -> Any:
    """A number in [0, n) from 32 bits by Walker's alias tables (Walker 1977; Vose 1991).

    Args:
        bits: The draw.
        threshold: uint32; the entries `[first, first + n)` are this distribution's.
        alias: int32 of the same shape, values in [0, n).
        first: Where the distribution begins.
        n: Outcomes, at least 1.
    """
    product = np.uint64(bits) * np.uint64(n)
    k = np.int64(product >> np.uint64(32))
    fraction = np.uint32(product & _LOW)
    bound = threshold[first + k]
    if fraction < bound or bound == ALWAYS:
        return k
    return np.int64(alias[first + k])


@inlined
def _mix(x: Any) -> Any:
    """A bijection of uint64 whose output bits all depend on all input bits (SplitMix64)."""
    x = np.uint64(x ^ (x >> np.uint64(30))) * _MIX_0
    x = np.uint64(x ^ (x >> np.uint64(27))) * _MIX_1
    return np.uint64(x ^ (x >> np.uint64(31)))


@jit
def seed_state(root: Any, agent: Any) -> RandomState:
    """The state with which an agent's stream begins.

    Distinct agents of one root get distinct states, because every step is a bijection.

    Args:
        root: uint32 `[4]`, `SeedSequence(seed).generate_state(4, uint32)`.
        agent: The agent's number, at least 0.
    """
    i = np.uint64(agent)
    a = (np.uint64(root[0]) | (np.uint64(root[1]) << np.uint64(32))) + i * _STRIDE_0
    b = (np.uint64(root[2]) | (np.uint64(root[3]) << np.uint64(32))) ^ (i * _STRIDE_1)
    a = np.uint64(_mix(a))
    b = np.uint64(b ^ _mix(np.uint64(a + _GOLDEN)))
    a = np.uint64(a ^ _mix(b))
    b = np.uint64(b ^ _mix(np.uint64(a + _STRIDE_0)))
    if a == np.uint64(0) and b == np.uint64(0):
        a = _GOLDEN  # all zero is the one state that xoshiro never leaves
    return (
        np.uint32(a & _LOW),
        np.uint32(a >> np.uint64(32)),
        np.uint32(b & _LOW),
        np.uint32(b >> np.uint64(32)),
    )
