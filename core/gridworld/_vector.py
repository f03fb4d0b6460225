"""Jitted: the vector kernel, which advances 16 agents in the lanes of a vector.

It takes the same arguments as the scalar kernel and does the same to the last bit.
"""

from collections.abc import Callable

from gridworld._kernels import DETERMINISTIC, SLIP, make_advance

__all__ = ["LANES", "make_advance_vector", "vector_supports"]

LANES = 16
"""Agents in a vector; a slice with fewer is better given to the scalar kernel."""


def vector_supports(algorithm: int, dynamics: int, n_actions: int) -> bool:
    """Whether there is a vector kernel for this kind of world."""
    return n_actions == 4 and dynamics in (DETERMINISTIC, SLIP)


def make_advance_vector(
    algorithm: int, dynamics: int, n_actions: int, several_starts: bool
) -> Callable[..., int]:
    """The vector kernel; arguments and result as of `make_advance`, without `trace`."""
    return make_advance(algorithm, dynamics, n_actions, several_starts)
