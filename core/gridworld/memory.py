"""How much memory this process may still take: of the machine, its container and its limits."""

import sys
from collections.abc import Iterator
from pathlib import Path

from gridworld.errors import MemoryLimitError

__all__ = ["free_memory", "require_memory"]

MEMORY_SHARE = 0.9
"""Part of the free memory that one request may take."""

ALWAYS_THERE = 1 << 20
"""Bytes that nobody asks about: reading the limits would take longer than most small runs."""

PROC = Path("/proc/self")
CGROUPS = Path("/sys/fs/cgroup")

_FILES = {
    # of a version of control groups: its limits, what is used, what of that is only cache
    1: (("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file"),
    2: (("memory.max", "memory.high"), "memory.current", "inactive_file"),
}


def require_memory(what: str, detail: str, need: int) -> None:
    """Refuse a request that memory cannot hold, before anything is allocated.

    Args:
        what: What must fit: "the Q-tables".
        detail: What needs so much: "7 agents x 25 states".
        need: Bytes.

    Raises:
        MemoryLimitError: It is more than nine tenths of what is free.
    """
    if need <= ALWAYS_THERE:
        return
    free, whose = free_memory()
    if need > MEMORY_SHARE * free:
        raise MemoryLimitError(
            f"{what} must fit into the free memory of {_written(free)}{whose}, "
            f"{detail} need {_written(need)}"
        )


def free_memory() -> tuple[int, str]:
    """Bytes that this process may still take, and in words whose limit that is.

    It is the least of what the machine has, what the control groups of the process (a container,
    a batch job) leave, and what `ulimit -v` and `ulimit -d` leave.
    """
    import psutil  # here, because `import gridworld` must stay quick

    found = [(int(psutil.virtual_memory().available), "")]
    found += [(left, " (limit of the container)") for left in _left_by_groups()]
    found += list(_left_by_limits())
    free, whose = min(found)
    return max(free, 0), whose


def _left_by_groups() -> Iterator[int]:
    """Bytes that each control group leaves in which this process is, the outer ones included."""
    try:
        lines = (PROC / "cgroup").read_text().splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "":
            version, mounts = 2, (CGROUPS, CGROUPS / "unified")
        elif "memory" in controllers.split(","):
            version, mounts = 1, (CGROUPS / "memory", CGROUPS / controllers)
        else:
            continue
        for mount in mounts:
            # Within a container the path may be the host's, which is not there: its own group
            # is the mount then.
            inner = mount / path.lstrip("/")
            for folder in (inner, *inner.parents):
                yield from _left_by_group(folder, version)
                if folder == mount:
                    break


def _left_by_group(folder: Path, version: int) -> Iterator[int]:
    limits, usage, cache = _FILES[version]
    try:
        used = int((folder / usage).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        used -= int(stat.get(cache, 0))
    except (OSError, ValueError):
        return
    for limit in limits:
        try:
            yield int((folder / limit).read_text()) - used
        except (OSError, ValueError):  # "max" is no limit
            continue


def _left_by_limits() -> Iterator[tuple[int, str]]:
    """What `setrlimit` leaves, where the system has it."""
    if sys.platform == "win32":
        return
    import resource

    import psutil

    taken = psutil.Process().memory_info()
    for name, used, option in (
        ("RLIMIT_AS", taken.vms, "-v"),
        ("RLIMIT_DATA", getattr(taken, "data", 0), "-d"),
    ):
        limit = resource.getrlimit(getattr(resource, name))[0]
        if limit != resource.RLIM_INFINITY:
            yield limit - used, f" (ulimit {option})"


def _written(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
