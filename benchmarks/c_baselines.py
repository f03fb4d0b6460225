"""The C baselines: compiled on this machine, called in this process.

So they run in turn with the library's kernels, on the same core at the same clock rate.
"""

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["ScalarBaseline", "VectorBaseline", "compiler", "has_avx512"]

FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
ALPHA, GAMMA = 0.1, 0.99

_SOURCES = Path(__file__).parent / "baselines"
_SCALAR_AGENT = np.dtype(
    [("rng", "<u8", 2), ("state", "<i4"), ("length", "<i4"), ("episodes", "<i8")]
)


def compiler() -> str | None:
    """The C compiler's path, or None."""
    return shutil.which("gcc") or shutil.which("cc")


@cache
def has_avx512() -> bool:
    """Whether this processor runs the vector baseline."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    return {"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= set(flags)


@cache
def _library(name: str) -> ctypes.CDLL:
    path = compiler()
    if path is None:
        raise RuntimeError("a C compiler (gcc) must be on the PATH, got none")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, f"{name}.so")
        subprocess.run([path, *FLAGS, "-o", str(library), str(_SOURCES / f"{name}.c")], check=True)
        return ctypes.CDLL(str(library))


def _pointer(array: npt.NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


class ScalarBaseline:
    """One agent in plain C.

    Args:
        outcomes: Records (next_state int32, reward float32) `[S * 4]`, deterministic.
        start: The state in which episodes begin.
        max_steps: An episode's length at the most; 0: no limit.
        epsilon: Probability of a random action.
    """

    def __init__(
        self, outcomes: npt.NDArray[np.void], start: int, max_steps: int, epsilon: float
    ) -> None:
        self._function = _library("scalar").scalar_steps
        self._function.restype = None
        self._outcomes = np.ascontiguousarray(outcomes)
        self.q = np.zeros((len(outcomes) // 4, 4), np.float32)
        self.agent = np.zeros(1, _SCALAR_AGENT)
        self.agent["rng"] = np.random.SeedSequence(0).generate_state(2, np.uint64)
        self.agent["state"] = start
        self._numbers = (
            ctypes.c_int32(start),
            ctypes.c_int32(max_steps),
            ctypes.c_float(ALPHA),
            ctypes.c_float(GAMMA),
            ctypes.c_float(epsilon),
        )

    def run(self, n_steps: int) -> None:
        """Make `n_steps` steps."""
        self._function(
            _pointer(self._outcomes),
            _pointer(self.q),
            _pointer(self.agent),
            *self._numbers,
            ctypes.c_int64(n_steps),
        )


class VectorBaseline:
    """Agents in blocks of 32, with AVX-512 intrinsics.

    Args:
        outcomes: Records (next_state int32, reward float32) `[S * 4]`, deterministic.
        start: The state in which episodes begin.
        max_steps: An episode's length at the most; 0: no limit.
        epsilon: Probability of a random action.
        agents: A multiple of 32.
    """

    def __init__(
        self,
        outcomes: npt.NDArray[np.void],
        start: int,
        max_steps: int,
        epsilon: float,
        agents: int,
    ) -> None:
        if agents % 32 or agents * len(outcomes) >= 2**31:
            raise ValueError(f"agents must be a multiple of 32 within memory, got {agents}")
        self._function = _library("avx512").vector_steps
        self._function.restype = None
        self._outcomes = np.ascontiguousarray(outcomes)
        self.q = np.zeros((agents, len(outcomes) // 4, 4), np.float32)
        self.agents = np.zeros((4, agents), np.int32)
        self.agents[0] = np.random.SeedSequence(0).generate_state(agents).view(np.int32) | 1
        self.agents[1] = start
        self._numbers = (
            ctypes.c_int64(agents),
            ctypes.c_int64(len(outcomes) // 4),
            ctypes.c_int32(start),
            ctypes.c_int32(max_steps),
            ctypes.c_float(ALPHA),
            ctypes.c_float(GAMMA),
            ctypes.c_float(epsilon),
        )

    def run(self, n_steps: int) -> None:
        """Let every agent make `n_steps` steps."""
        self._function(
            _pointer(self._outcomes),
            _pointer(self.q),
            _pointer(self.agents),
            *self._numbers,
            ctypes.c_int64(n_steps),
        )
