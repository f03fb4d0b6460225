"""The ring buffer: nobody ever sees a torn record."""

import threading
from typing import Any

import numpy as np
import pytest

from gridworld.kernels.jit import jit
from gridworld.kernels.ring import ring_read, ring_write
from gridworld.live.ring import RingBuffer
from gridworld.records import STATUS

WORDS = STATUS.itemsize // 8


@jit
def write_many(words: Any, sequence: Any, head: Any, n: int) -> None:
    """Write n records, each of one number throughout."""
    record = np.empty(words.shape[1], np.int64)
    for number in range(1, n + 1):
        record[:] = number
        ring_write(words, sequence, head, record)


@jit
def read_until(words: Any, sequence: Any, head: Any, last: int) -> tuple[int, int, int]:
    """Read until record `last` came: (records that were not of one number, steps back, reads)."""
    record = np.empty(words.shape[1], np.int64)
    torn = back = reads = newest = 0
    while newest < last:
        number = ring_read(words, sequence, head, record)
        reads += 1
        if number == 0:
            continue
        back += number < newest
        newest = number
        for i in range(len(record)):
            torn += record[i] != number
    return torn, back, reads


def test_readers_at_full_speed_never_see_a_torn_record(jit_scale: int) -> None:
    last = 300_000 // jit_scale
    words, sequence = np.zeros((4, WORDS), np.int64), np.full(4, -1, np.int64)
    head = np.zeros(1, np.int64)
    results: list[tuple[int, int, int]] = []
    readers = [
        threading.Thread(
            target=lambda: results.append(read_until(words, sequence, head, last)), daemon=True
        )
        for _ in range(6)
    ]
    for reader in readers:
        reader.start()
    write_many(words, sequence, head, last)
    for reader in readers:
        reader.join(60)
    assert len(results) == len(readers)
    for torn, back, reads in results:
        assert (torn, back) == (0, 0)
        assert reads > 0


def test_a_reader_gets_the_newest_record_and_a_copy() -> None:
    ring = RingBuffer(STATUS)
    assert ring.read()[0] == 0
    record = np.zeros(1, STATUS)
    for step in range(20):
        record["step"] = step
        ring.write(record)
    number, copy = ring.read()
    assert number == 20
    assert copy["step"] == 19
    copy["step"] = -1
    assert ring.read()[1]["step"] == 19


def test_a_slot_that_is_being_written_is_not_given_out() -> None:
    words, sequence = np.zeros((2, 1), np.int64), np.full(2, -1, np.int64)
    head, record = np.zeros(1, np.int64), np.zeros(1, np.int64)
    ring_write(words, sequence, head, np.full(1, 7, np.int64))
    assert ring_read(words, sequence, head, record) == 1
    sequence[1] = -1  # as while the writer is inside
    reader = threading.Thread(target=ring_read, args=(words, sequence, head, record), daemon=True)
    reader.start()
    reader.join(0.05)
    assert reader.is_alive()
    ring_write(words, sequence, head, np.full(1, 8, np.int64))
    reader.join(10)
    assert not reader.is_alive()
    assert record[0] == 8


def test_a_ring_needs_two_slots_of_whole_words() -> None:
    with pytest.raises(ValueError, match="at least 2 slots, got 8 bytes and 1"):
        RingBuffer(np.dtype(np.int64), slots=1)
    with pytest.raises(ValueError, match="whole 8-byte words"):
        RingBuffer(np.dtype(np.int32))
