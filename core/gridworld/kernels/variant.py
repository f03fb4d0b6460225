"""By what kernels are specialised when they are compiled."""

from typing import NamedTuple

from gridworld.kernels.codes import DETERMINISTIC, Q_LEARNING

__all__ = ["Variant"]


class Variant(NamedTuple):
    """The numbers that a kernel closes over, so that only the code of one setting is left in it.

    It holds numbers alone: a kernel that closed over a compiled function would never be found in
    the cache on disk. `batch.Batch.variant` is the one place where it is made of an algorithm and
    a world.

    Attributes:
        algorithm: `Q_LEARNING` .. `DOUBLE_Q_LEARNING`.
        dynamics: `DETERMINISTIC`, `SLIP` (4 actions) or `TABLE`.
        n_actions: A, at least 1.
        several_starts: Whether `MdpTables.starts` holds more than one state.
        large: Whether the world has more than `scalar.SMALL_WORLD` states: other instructions, the
            same bits.
        trace: Whether a frame is kept up to date.
        watch: Whether visits and TD errors of the states are recorded.
    """

    algorithm: int = Q_LEARNING
    dynamics: int = DETERMINISTIC
    n_actions: int = 4
    several_starts: bool = False
    large: bool = False
    trace: bool = False
    watch: bool = False
