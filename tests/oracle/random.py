"""xoshiro128++ and what is drawn from it, on Python integers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

M32 = 2**32 - 1
M64 = 2**64 - 1


def _rotated(x: int, k: int) -> int:
    return ((x << k) | (x >> (32 - k))) & M32


def _mixed(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & M64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & M64
    return x ^ (x >> 31)


class Stream:
    """The random stream of one agent."""

    def __init__(self, words: Sequence[int] | npt.NDArray[np.uint32]) -> None:
        self.words = [int(word) for word in words]

    @classmethod
    def seeded(cls, root: npt.NDArray[np.uint32], agent: int) -> "Stream":
        r0, r1, r2, r3 = (int(word) for word in root)
        a = ((r0 | r1 << 32) + agent * 0xD1342543DE82EF95) & M64
        b = (r2 | r3 << 32) ^ ((agent * 0xAF251AF3B0F025B5) & M64)
        a = _mixed(a)
        b ^= _mixed((a + 0x9E3779B97F4A7C15) & M64)
        a ^= _mixed(b)
        b ^= _mixed((a + 0xD1342543DE82EF95) & M64)
        if a == b == 0:
            a = 0x9E3779B97F4A7C15
        return cls([a & M32, a >> 32, b & M32, b >> 32])

    def bits(self) -> int:
        s0, s1, s2, s3 = self.words
        result = (_rotated((s0 + s3) & M32, 7) + s0) & M32
        t = (s1 << 9) & M32
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = _rotated(s3, 11)
        self.words = [s0, s1, s2, s3]
        return result

    def categorical(self, threshold: npt.NDArray[np.uint32], alias: npt.NDArray[np.int32]) -> int:
        """Draw by the alias table given (one distribution)."""
        product = self.bits() * len(threshold)
        k, fraction = product >> 32, product & M32
        if fraction < int(threshold[k]) or int(threshold[k]) == M32:
            return k
        return int(alias[k])


def unit(bits: int) -> np.float32:
    return np.float32(bits >> 8) * np.float32(2.0**-24)
