"""The C loops in `baselines`, compiled by the C compiler at hand for this processor."""

import ctypes
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld_peers.work import ALPHA, EPSILON, GAMMA, MAX_STEPS, Ready, Unavailable, Work

__all__ = ["prepare_scalar", "prepare_vector", "vector_can"]

FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")

BLOCK = 32
"""Agents that the vector loop takes care of at a time."""

OUTCOME = np.dtype([("next", "<i4"), ("reward", "<f4")])
AGENT = np.dtype([("rng", "<u8", (2,)), ("state", "<i4"), ("length", "<i4"), ("episodes", "<i8")])


def prepare_scalar(work: Work) -> Ready:
    """All agents of the work, one after the other.

    Raises:
        Unavailable: There is no C compiler.
    """
    q = np.zeros((work.agents, work.n_states, 4), np.float32)
    agents = np.zeros(work.agents, AGENT)
    agents["rng"] = np.random.default_rng(0).integers(1, 2**63, (work.agents, 2))
    return _ready(work, _compiled("scalar.c").scalar_steps, q, agents)


def vector_can(work: Work) -> bool:
    """Whether these are whole blocks of agents, whose entries 31 bits can number."""
    return work.agents % BLOCK == 0 and work.agents * work.n_states * 4 < 2**31


def prepare_vector(work: Work) -> Ready:
    """Blocks of 32 agents, AVX-512 intrinsics.

    Raises:
        Unavailable: There is no C compiler, or the processor lacks AVX-512.
    """
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    if not all(features.get(name) for name in ("avx512f", "avx512dq")):
        raise Unavailable("this processor lacks AVX-512")
    q = np.zeros((work.agents, work.n_states, 4), np.float32)
    agents = np.zeros((4, work.agents), np.int32)
    agents[0] = np.random.default_rng(0).integers(1, 2**31, work.agents)
    return _ready(work, _compiled("avx512.c").vector_steps, q, agents)


def _ready(
    work: Work, function: Any, q: npt.NDArray[np.float32], agents: npt.NDArray[Any]
) -> Ready:
    """Both functions have the same arguments."""
    next_state, reward = work.outcomes()
    world = np.zeros(len(next_state), OUTCOME)
    world["next"], world["reward"] = next_state, reward
    function.restype = None

    def run(steps: int) -> int:
        each = max(1, steps // work.agents)
        function(
            _pointer(world),
            _pointer(q),
            _pointer(agents),
            ctypes.c_int64(work.agents),
            ctypes.c_int64(work.n_states),
            ctypes.c_int32(0),
            ctypes.c_int32(MAX_STEPS),
            ctypes.c_float(ALPHA),
            ctypes.c_float(GAMMA),
            ctypes.c_float(EPSILON),
            ctypes.c_int64(each),
        )
        return each * work.agents

    return Ready(run, lambda: q[0])


def _pointer(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


@cache
def _compiled(name: str) -> ctypes.CDLL:
    source = Path(__file__).parent / "baselines" / name
    if not source.exists():
        raise Unavailable(f"{source} must be there, and is not")
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
