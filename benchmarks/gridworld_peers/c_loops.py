"""The C loops in `benchmarks/baselines`, compiled by the C compiler at hand for this processor."""

import ctypes
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from gridworld_peers.work import ALPHA, EPSILON, GAMMA, MAX_STEPS, Peer, Unavailable, outcomes

__all__ = ["scalar_peer", "vector_peer"]

FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")

VECTOR_AGENTS = 32

OUTCOME = np.dtype([("next", "<i4"), ("reward", "<f4")])
AGENT = np.dtype([("rng", "<u8", (2,)), ("state", "<i4"), ("length", "<i4"), ("episodes", "<i8")])


def scalar_peer() -> Peer:
    """One agent.

    Raises:
        Unavailable: There is no C compiler.
    """
    function = _compiled("scalar.c").scalar_steps
    function.restype = None
    world, n_states = _world()
    q = np.zeros((n_states, 4), np.float32)
    agent = np.zeros(1, AGENT)
    agent["rng"] = 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03

    def run(steps: int) -> int:
        function(
            _pointer(world),
            _pointer(q),
            _pointer(agent),
            ctypes.c_int32(0),
            ctypes.c_int32(MAX_STEPS),
            ctypes.c_float(ALPHA),
            ctypes.c_float(GAMMA),
            ctypes.c_float(EPSILON),
            ctypes.c_int64(steps),
        )
        return steps

    return Peer("C, 1 agent", run, lambda: q, {"agents": 1, "threads": 1})


def vector_peer() -> Peer:
    """32 agents, AVX-512 intrinsics.

    Raises:
        Unavailable: There is no C compiler, or the processor lacks AVX-512.
    """
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    if not all(features.get(name) for name in ("avx512f", "avx512dq")):
        raise Unavailable("this processor lacks AVX-512")
    function = _compiled("avx512.c").vector_steps
    function.restype = None
    world, n_states = _world()
    q = np.zeros((VECTOR_AGENTS, n_states, 4), np.float32)
    agents = np.zeros((4, VECTOR_AGENTS), np.int32)
    agents[0] = np.random.default_rng(0).integers(1, 2**31, VECTOR_AGENTS)

    def run(steps: int) -> int:
        each = max(1, steps // VECTOR_AGENTS)
        function(
            _pointer(world),
            _pointer(q),
            _pointer(agents),
            ctypes.c_int64(VECTOR_AGENTS),
            ctypes.c_int64(n_states),
            ctypes.c_int32(0),
            ctypes.c_int32(MAX_STEPS),
            ctypes.c_float(ALPHA),
            ctypes.c_float(GAMMA),
            ctypes.c_float(EPSILON),
            ctypes.c_int64(each),
        )
        return each * VECTOR_AGENTS

    facts = {"agents": VECTOR_AGENTS, "threads": 1}
    return Peer(f"C with AVX-512, {VECTOR_AGENTS} agents", run, lambda: q[0], facts)


def _world() -> tuple[np.ndarray[tuple[int], np.dtype[np.void]], int]:
    next_state, reward = outcomes()
    world = np.zeros(len(next_state), OUTCOME)
    world["next"], world["reward"] = next_state, reward
    return world, len(world) // 4


def _pointer(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _compiled(name: str) -> ctypes.CDLL:
    source = Path(__file__).parents[1] / "baselines" / name
    if not source.exists():
        raise Unavailable(f"benchmarks/baselines/{name} is only in the source tree")
    compiler = os.environ.get("CC") or shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise Unavailable("there is no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / f"{source.stem}.so"
        built = subprocess.run(
            [compiler, *FLAGS, "-o", library, source], capture_output=True, text=True, check=False
        )
        if built.returncode:
            first = (built.stderr.splitlines() or ["no message"])[0]
            raise Unavailable(f"{compiler} failed on {name}: {first}")
        return ctypes.CDLL(str(library))
