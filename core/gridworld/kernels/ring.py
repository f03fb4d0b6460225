"""Jitted: the two sides of the ring buffer, whose protocol `ring.py` states."""

from typing import Any

from gridworld.kernels.atomics import fence, load_atomic, store_atomic
from gridworld.kernels.jit import jit

__all__ = ["ring_read", "ring_write"]

TORN = -1


@jit
def ring_write(words: Any, sequence: Any, head: Any, record: Any) -> None:
    """Publish a record.

    Args:
        words: int64 `[slots, n]`, changed in place.
        sequence: int64 `[slots]`, changed in place.
        head: int64 `[1]`, changed in place.
        record: int64 `[n]`.
    """
    number = load_atomic(head, 0) + 1
    slot = number % len(sequence)
    store_atomic(sequence, slot, TORN)
    fence()
    for i in range(len(record)):
        words[slot, i] = record[i]
    fence()
    store_atomic(sequence, slot, number)
    store_atomic(head, 0, number)


@jit
def ring_read(words: Any, sequence: Any, head: Any, record: Any) -> int:
    """Copy the newest record; its number, or 0 where there is none yet.

    Args:
        words: int64 `[slots, n]`.
        sequence: int64 `[slots]`.
        head: int64 `[1]`.
        record: int64 `[n]`, changed in place.
    """
    while True:
        number = load_atomic(head, 0)
        if number == 0:
            return 0
        slot = number % len(sequence)
        if load_atomic(sequence, slot) != number:
            continue
        for i in range(len(record)):
            record[i] = words[slot, i]
        fence()
        if load_atomic(sequence, slot) == number:
            return int(number)
