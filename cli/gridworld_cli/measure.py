"""Speed measured so that figures can be compared: warm, in turn, with their spread."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["Case", "Result", "machine", "measure"]

MOST_GROWTH = 16
"""From one trial to the next: the first ones may be too short to tell anything."""


@dataclass(frozen=True)
class Case:
    """One way of doing the work.

    Attributes:
        name: As the table shows it.
        run: Takes about so many steps, all agents together, and returns how many it took. Its
            first call may compile.
        facts: For the JSON.
    """

    name: str
    run: Callable[[int], int]
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What was measured of one case.

    Attributes:
        case: The case.
        rates: Steps per second of each repeat.
        steps: Of each repeat.
    """

    case: Case
    rates: tuple[float, ...]
    steps: tuple[int, ...]

    @property
    def median(self) -> float:
        """Steps per second."""
        return statistics.median(self.rates)

    @property
    def spread(self) -> float:
        """Half the distance between the fastest and the slowest repeat, over the median."""
        return (max(self.rates) - min(self.rates)) / 2 / self.median

    def to_json(self) -> dict[str, Any]:
        """One entry of `results`."""
        return {
            "name": self.case.name,
            **self.case.facts,
            "steps": list(self.steps),
            "steps_per_second": {
                "median": self.median,
                "lowest": min(self.rates),
                "highest": max(self.rates),
                "all": list(self.rates),
            },
        }


def measure(
    cases: Sequence[Case],
    *,
    repeats: int,
    seconds: float,
    tell: Callable[[str], None],
    clock: Callable[[], float] = time.perf_counter,
) -> list[Result]:
    """Measure cases in turn, so that a slow moment of the machine meets all of them.

    Args:
        cases: Measured in this order in each round.
        repeats: Rounds, from 1.
        seconds: About how long each repeat of each case lasts.
        tell: Called with a word on what is being done.
        clock: Seconds, monotonic.
    """
    lengths = []
    for case in cases:
        tell(f"warming up: {case.name}")
        lengths.append(_calibrate(case, seconds, clock))
    rates: list[list[float]] = [[] for _ in cases]
    steps: list[list[int]] = [[] for _ in cases]
    for repeat in range(repeats):
        for i, case in enumerate(cases):
            tell(f"round {repeat + 1} of {repeats}: {case.name}")
            begin = clock()
            done = case.run(lengths[i])
            rates[i].append(done / (clock() - begin))
            steps[i].append(done)
    return [Result(case, tuple(rates[i]), tuple(steps[i])) for i, case in enumerate(cases)]


def machine() -> dict[str, Any]:
    """The facts about this machine that a figure needs beside it."""
    import psutil
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    vectors = [name for name in ("avx512f", "avx2", "avx", "sse4.2", "neon") if features.get(name)]
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "processor": _processor(),
        "architecture": platform.machine(),
        "vector_instructions": vectors[0] if vectors else None,
        "processors": _usable_processors(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {
            name: found
            for name in ("gridworld-bench", "numpy", "numba", "llvmlite", "gymnasium", "jax")
            if (found := _version(name))
        },
    }


def _calibrate(case: Case, seconds: float, clock: Callable[[], float]) -> int:
    """How many steps last about so long; short trials would mostly measure how it starts up."""
    case.run(1)  # compiles
    steps = 1000
    while True:
        # twice, because one of them may be held up
        first = clock()
        case.run(steps)
        second = clock()
        done = case.run(steps)
        took = min(second - first, clock() - second)
        if took >= seconds / 2:
            return max(1, round(done / took * seconds))
        growth = seconds / took if took > 0 else MOST_GROWTH
        steps = round(done * min(max(growth, 2), MOST_GROWTH))


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _usable_processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
