"""The peers of `gridworld-bench compare`: other ways of doing the same work.

The work: tabular Q-learning on the default 5 x 5 world, alpha 0.1, gamma 0.99, epsilon 0.1
throughout, episodes of at most 100 steps. A step is one step of the environment and one update.
Every peer is written as its users would write it, and learns to reach the goal (a test).
"""

from collections.abc import Callable

from gridworld_peers import c_loops, gymnasium_loop, jax_scan, python_loop
from gridworld_peers.work import Peer, Unavailable

__all__ = ["PEERS", "available_peers"]

PEERS: dict[str, Callable[[], Peer]] = {
    "Python": python_loop.peer,
    "Gymnasium": gymnasium_loop.peer,
    "JAX": jax_scan.peer,
    "C": c_loops.scalar_peer,
    "C with AVX-512": c_loops.vector_peer,
}
"""Short name to the function that makes the peer, or raises `Unavailable`."""


def available_peers() -> tuple[list[Peer], dict[str, str]]:
    """The peers that this machine can run, and why it cannot run the others, by name."""
    peers: list[Peer] = []
    missing: dict[str, str] = {}
    for name, make in PEERS.items():
        try:
            peers.append(make())
        except Unavailable as error:
            missing[name] = str(error)
    return peers, missing
