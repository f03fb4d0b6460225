"""What `gridworld-bench compare` measures: ways of doing the same work.

The work: tabular Q-learning (or another algorithm, where a peer has it), alpha 0.1, gamma 0.99,
epsilon 0.1 throughout, episodes of at most 100 steps. A step is one step of the environment and
one update. Every peer is written as its users would write it, and learns to reach the goal of the
default world (a test).
"""

from collections.abc import Callable
from dataclasses import dataclass

from gridworld.engine import default_threads
from gridworld_peers import c_loops, gymnasium_loop, jax_scan, own, python_loop
from gridworld_peers.work import Ready, Unavailable, Work

__all__ = ["ALGORITHMS", "PEERS", "REFERENCE", "Peer", "Ready", "Unavailable", "Work"]


def _any(work: Work) -> bool:
    return True


def _plain(work: Work) -> bool:
    return work.algorithm == "q_learning"


def _one(work: Work) -> bool:
    return _plain(work) and work.agents == 1


def _several(work: Work) -> bool:
    return work.agents > 1


@dataclass(frozen=True)
class Peer:
    """A way of doing the work.

    Attributes:
        name: As the table shows it.
        prepare: Sets it up for a work, or raises `Unavailable`.
        can: Whether it is made for such a work at all.
        threads: That it may use.
    """

    name: str
    prepare: Callable[[Work], Ready]
    can: Callable[[Work], bool] = _any
    threads: int = 1


ALGORITHMS = ("q_learning", *c_loops.CARRYING)
"""By which the work can be compared."""

REFERENCE = "C"
"""The peer that the others are compared with."""

ALL = default_threads()

PEERS: tuple[Peer, ...] = (
    Peer("Python loop", python_loop.prepare, _one),
    Peer("Gymnasium loop", gymnasium_loop.prepare, _one),
    Peer("JAX", jax_scan.prepare, _plain, threads=ALL),
    Peer(REFERENCE, c_loops.prepare_scalar, c_loops.scalar_can),
    Peer("C with AVX-512", c_loops.prepare_vector, c_loops.vector_can),
    Peer("gridworld-bench", lambda work: own.prepare(work, 1)),
    *(
        [Peer("gridworld-bench", lambda work: own.prepare(work, ALL), _several, ALL)]
        if ALL > 1
        else []
    ),
)
