"""Jitted: `gridworld.kernels.random` in every lane (stream version 1)."""

from typing import Any

import numpy as np

from gridworld.kernels.jit import inlined
from gridworld.kernels.lanes.simd import select, signed, to_float

__all__ = ["next_u32", "next_u32_where", "unit"]

_UNIT = np.float32(2.0**-24)


@inlined
def next_u32(rng: Any) -> Any:
    """Draw 32 random bits: (bits, states after the draw)."""
    s0, s1, s2, s3 = rng
    total = s0 + s3
    bits = ((total << 7) | (total >> 25)) + s0
    shifted = s1 << 9
    s2 = s2 ^ s0
    s3 = s3 ^ s1
    s1 = s1 ^ s2
    s0 = s0 ^ s3
    s2 = s2 ^ shifted
    s3 = (s3 << 11) | (s3 >> 21)
    return bits, (s0, s1, s2, s3)


@inlined
def next_u32_where(mask: Any, rng: Any) -> Any:
    """Draw in some lanes only; the others' bits are unused and their states unchanged."""
    bits, new = next_u32(rng)
    kept = (
        select(mask, new[0], rng[0]),
        select(mask, new[1], rng[1]),
        select(mask, new[2], rng[2]),
        select(mask, new[3], rng[3]),
    )
    return bits, kept


@inlined
def unit(bits: Any) -> Any:
    """The upper 24 bits as float32 in [0, 1)."""
    return to_float(signed(bits >> 8)) * _UNIT
