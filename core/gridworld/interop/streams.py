"""The kernels' random streams and moves, step by step: in plain Python, and for many at once.

Both draw what the kernels draw, in their order (stream version 1): the same random numbers give
the same steps, bit for bit.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.errors import InvalidValueError
from gridworld.kernels import random
from gridworld.kernels.codes import ALWAYS, SLIP, TABLE
from gridworld.kernels.elementary import normal
from gridworld.kernels.step import across
from gridworld.mdp import Mdp, compile_exact
from gridworld.validation import whole

__all__ = ["ManyStreams", "Moves", "Stream", "seeded"]

_M32 = 2**32 - 1

# Written for one or for many: where they do not run in a kernel they are called as they stand.
_next_u32: Any = getattr(random.next_u32, "py_func", random.next_u32)
_unit: Any = getattr(random.unit, "py_func", random.unit)
_across: Any = getattr(across, "py_func", across)


def seeded(seed: int, numbers: Sequence[int]) -> npt.NDArray[np.uint32]:
    """The streams with which agents of these numbers begin a training: uint32 `[n, 4]`.

    Raises:
        InvalidValueError: The seed or a number is not in [0, 2**63).
    """
    seed = whole("seed", seed, 0, 2**63 - 1)
    root = np.random.SeedSequence(seed).generate_state(4, np.uint32)
    for number in (min(numbers), max(numbers)):
        whole("agent", number, 0, 2**63 - 1)
    with np.errstate(over="ignore"):  # where the kernel runs as plain Python
        return np.array([random.seed_state(root, number) for number in numbers], np.uint32)


class Stream:
    """One random stream (xoshiro128++, as `gridworld.kernels.random`), on Python's numbers.

    Args:
        words: Its state, four numbers in [0, 2**32), not all 0.

    Raises:
        InvalidValueError: It cannot be one.
    """

    def __init__(self, words: Sequence[int] | npt.NDArray[Any]) -> None:
        self.words = words

    @property
    def words(self) -> tuple[int, int, int, int]:
        """Its state."""
        return self._words

    @words.setter
    def words(self, words: Sequence[int] | npt.NDArray[Any]) -> None:
        given = tuple(whole("a word of a random state", word, 0, _M32) for word in words)
        if len(given) != 4 or not any(given):
            raise InvalidValueError(f"a random state must be four words, not all 0, got {given}")
        self._words = given

    def bits(self) -> int:
        """Draw 32 bits."""
        s0, s1, s2, s3 = self._words
        total = (s0 + s3) & _M32
        drawn = (((total << 7) | (total >> 25)) + s0) & _M32
        shifted = s1 << 9
        s2 ^= s0
        s3 ^= s1
        self._words = (
            s0 ^ s3,
            s1 ^ s2,
            (s2 ^ shifted) & _M32,
            ((s3 << 11) | (s3 >> 21)) & _M32,
        )
        return drawn


class ManyStreams:
    """Random streams side by side.

    Args:
        words: uint32 `[n, 4]`; changed in place by every draw.
    """

    def __init__(self, words: npt.NDArray[np.uint32]) -> None:
        self.words = words

    def bits(self, rows: npt.NDArray[np.int64] | slice) -> npt.NDArray[np.uint32]:
        """Draw 32 bits from each of these streams."""
        drawn, words = _next_u32(tuple(self.words[rows].T))
        self.words[rows] = np.stack(words, axis=1)
        bits: npt.NDArray[np.uint32] = drawn
        return bits


class Moves:
    """What a process does, one step of one or of many at a time.

    Rewards are those declared, in float64; rounded to float32 they are what training sees.

    Args:
        mdp: The process.
    """

    def __init__(self, mdp: Mdp) -> None:
        exact = compile_exact(mdp)
        self._mdp = mdp
        self._next_state = exact["next_state"].astype(np.int64)
        self._reward = exact["reward"].copy()
        self._slip = float(mdp.slip)

    def start(self, stream: Stream) -> int:
        """Where an episode begins."""
        mdp = self._mdp
        k = 0
        if len(mdp.starts) > 1:
            k = _categorical(
                stream.bits(), mdp.start_threshold, mdp.start_alias, 0, len(mdp.starts)
            )
        return int(mdp.starts[k])

    def step(self, state: int, action: int, stream: Stream) -> tuple[int, float]:
        """(next state, or ~state where the episode ends there; reward)."""
        mdp = self._mdp
        if mdp.dynamics == SLIP:
            bits = stream.bits()
            if (bits >> 8) * 2.0**-24 < self._slip:
                action = _across(action, bits & 1)
        index = state * mdp.n_actions + action
        if mdp.dynamics == TABLE:
            n = mdp.n_outcomes
            index *= n
            index += _categorical(stream.bits(), mdp.threshold, mdp.alias, index, n)
        reward = float(self._reward[index])
        if len(mdp.reward_sd):
            reward += float(mdp.reward_sd[index]) * normal(np.uint32(stream.bits()))
        return int(self._next_state[index]), reward

    def starts(
        self, streams: ManyStreams, rows: npt.NDArray[np.int64] | slice
    ) -> npt.NDArray[np.int64]:
        """Where the episodes of these begin."""
        mdp = self._mdp
        if len(mdp.starts) == 1:
            return np.full(len(streams.words[rows]), mdp.starts[0], np.int64)
        k = _categoricals(
            streams.bits(rows), mdp.start_threshold, mdp.start_alias, 0, len(mdp.starts)
        )
        starts: npt.NDArray[np.int64] = mdp.starts[k].astype(np.int64)
        return starts

    def steps(
        self,
        states: npt.NDArray[np.int64],
        actions: npt.NDArray[np.int64],
        streams: ManyStreams,
        rows: npt.NDArray[np.int64] | slice,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """As `step`, of these."""
        mdp = self._mdp
        if mdp.dynamics == SLIP:
            bits = streams.bits(rows)
            aside = _across(actions, (bits & np.uint32(1)).astype(np.int64))
            actions = np.where(_unit(bits) < mdp.slip, aside, actions)
        index = states * mdp.n_actions + actions
        if mdp.dynamics == TABLE:
            n = mdp.n_outcomes
            index = index * n
            index = index + _categoricals(streams.bits(rows), mdp.threshold, mdp.alias, index, n)
        rewards = self._reward[index]
        if len(mdp.reward_sd):
            drawn = [normal(bits) for bits in streams.bits(rows)]
            rewards = rewards + mdp.reward_sd[index] * np.array(drawn)
        return self._next_state[index], rewards


def _categorical(bits: int, threshold: Any, alias: Any, first: int, n: int) -> int:
    """`gridworld.kernels.random.categorical`."""
    product = bits * n
    k, fraction = product >> 32, product & _M32
    bound = int(threshold[first + k])
    return k if fraction < bound or bound == ALWAYS else int(alias[first + k])


def _categoricals(bits: Any, threshold: Any, alias: Any, first: Any, n: int) -> Any:
    """`_categorical` of many."""
    product = bits.astype(np.uint64) * np.uint64(n)
    k = (product >> np.uint64(32)).astype(np.int64)
    bound = threshold[first + k]
    kept = ((product & np.uint64(_M32)) < bound) | (bound == ALWAYS)
    return np.where(kept, k, alias[first + k])
