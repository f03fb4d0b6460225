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

from gridworld.tables import DEFAULTS
from gridworld_peers.work import ALPHA, EPSILON, GAMMA, MAX_STEPS, Ready, Unavailable, Work

__all__ = ["CARRYING", "prepare_scalar", "prepare_vector", "scalar_can", "vector_can"]

FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")

BLOCK = 32
"""Agents that the vector loop takes care of at a time."""

OUTCOME = np.dtype([("next", "<i4"), ("reward", "<f4")])
AGENT = np.dtype([("rng", "<u8", (2,)), ("state", "<i4"), ("length", "<i4"), ("episodes", "<i8")])


CARRYING = ("sarsa_lambda", "n_step_sarsa", "dyna_q")
"""Algorithms that carry more than a Q-table, of which there is a loop for one agent."""


def scalar_can(work: Work) -> bool:
    """Whether there is a loop for the algorithm and so many agents."""
    return work.algorithm == "q_learning" or (work.algorithm in CARRYING and work.agents == 1)


def prepare_scalar(work: Work) -> Ready:
    """All agents of the work, one after the other.

    Raises:
        Unavailable: There is no C compiler.
    """
    if work.algorithm in CARRYING:
        return _prepare_carrying(work)
    q = np.zeros((work.agents, work.n_states, 4), np.float32)
    agents = np.zeros(work.agents, AGENT)
    agents["rng"] = np.random.default_rng(0).integers(1, 2**63, (work.agents, 2))
    return _ready(work, _compiled("scalar.c").scalar_steps, q, agents)


def vector_can(work: Work) -> bool:
    """Whether these are whole blocks of agents, whose entries 31 bits can number."""
    if work.algorithm != "q_learning":
        return False
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


def _prepare_carrying(work: Work) -> Ready:
    """One agent, with what it carries and the library's usual numbers."""
    next_state, reward = work.outcomes()
    world = np.zeros(len(next_state), OUTCOME)
    world["next"], world["reward"] = next_state, reward
    q = np.zeros((work.n_states, 4), np.float32)
    agent = np.zeros(1, AGENT)
    agent["rng"] = np.random.default_rng(0).integers(1, 2**63, (1, 2))
    pairs = np.zeros(q.size, np.int32)
    last: ctypes.c_float | ctypes.c_int32
    if work.algorithm == "sarsa_lambda":
        function = _compiled("traces.c").traces_steps
        carried: tuple[npt.NDArray[Any], ...] = (np.zeros_like(q), pairs)
        last = ctypes.c_float(DEFAULTS["trace_decay"])
    elif work.algorithm == "n_step_sarsa":
        function = _compiled("nstep.c").nstep_steps
        last = ctypes.c_int32(DEFAULTS["n_steps"])
        carried = (np.zeros(last.value, np.float32), np.zeros(last.value, np.int32))
    else:
        function = _compiled("dyna.c").dyna_steps
        carried = (np.zeros(q.size, OUTCOME), pairs)
        last = ctypes.c_int32(DEFAULTS["planning_steps"])
    carried = (*carried, np.zeros(2, np.int32))
    numbers = [ctypes.c_float(number) for number in (ALPHA, GAMMA, EPSILON)]
    function.restype = None

    def run(steps: int) -> int:
        function(
            *(_pointer(array) for array in (world, q, agent, *carried)),
            ctypes.c_int32(0),
            ctypes.c_int32(MAX_STEPS),
            *numbers,
            last,
            ctypes.c_int64(steps),
        )
        return steps

    return Ready(run, lambda: q)


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
