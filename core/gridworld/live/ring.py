"""The ring buffer between the trainer and everybody who watches.

Protocol (a sequence lock for each slot)
    One writer, any number of readers, no lock. Write h (h = 1, 2, …) goes to slot h % slots:

    1. `sequence[slot] = -1`, then a fence: from now on the slot counts as torn.
    2. The words of the record are copied in, then a fence.
    3. `sequence[slot] = h`, then `head = h` with release order: the record is published.

    A reader takes `head` with acquire order, copies that slot's words, and accepts the copy only
    if `sequence[slot]` was h both before and after. Otherwise the writer has lapped it, and it
    begins again with the newer head. The writer never waits; a reader waits only while it is
    lapped, which takes the writer `slots - 1` further records within one copy of a few hundred
    bytes. The orders are atomic instructions (`gridworld.kernels.atomics`), so the protocol
    holds on processors that reorder stores (ARM) as well.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.kernels.ring import ring_read, ring_write

__all__ = ["RingBuffer"]


class RingBuffer:
    """The newest record of one writer, for any number of readers.

    Args:
        dtype: A record type whose size is a multiple of 8 bytes.
        slots: Records kept apart; at least 2.
    """

    def __init__(self, dtype: np.dtype[Any], slots: int = 8) -> None:
        if dtype.itemsize % 8 or slots < 2:
            raise ValueError(
                f"a ring needs records of whole 8-byte words and at least 2 slots, "
                f"got {dtype.itemsize} bytes and {slots}"
            )
        self._dtype = dtype
        self._words = np.zeros((slots, dtype.itemsize // 8), np.int64)
        self._sequence = np.full(slots, -1, np.int64)
        self._head = np.zeros(1, np.int64)

    def write(self, record: npt.NDArray[np.void]) -> None:
        """Publish a record, `dtype[1]`. Only one thread may call this."""
        words = record.view(np.int64)
        ring_write(self._words, self._sequence, self._head, words)

    def read(self) -> tuple[int, npt.NDArray[np.void]]:
        """The newest record's number (from 1) and a copy of it, `dtype[1]`.

        Number 0 and a record of zeros where nothing was written yet.
        """
        words = np.zeros(self._words.shape[1], np.int64)
        number = ring_read(self._words, self._sequence, self._head, words)
        return int(number), words.view(self._dtype)
