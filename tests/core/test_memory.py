"""How much memory may be taken: machine, container, limits of the process."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gridworld as gw
from gridworld import memory

HUGE = 9223372036854771712
"""What control groups of version 1 say where there is no limit."""


def group(folder: Path, version: int, *, limit: object, used: int, cache: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = {
        1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        2: ("memory.max", "memory.current", "inactive_file"),
    }[version]
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\n{names[2]} {cache}\nactive_file 7\n")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system without control groups: `proc/cgroup` and `cgroup/` are made by the test."""
    (tmp_path / "proc").mkdir()
    (tmp_path / "cgroup").mkdir()
    monkeypatch.setattr(memory, "PROC", tmp_path / "proc")
    monkeypatch.setattr(memory, "CGROUPS", tmp_path / "cgroup")
    return tmp_path


def belong(system: Path, *lines: str) -> None:
    (system / "proc" / "cgroup").write_text("".join(f"{line}\n" for line in lines))


MB = 10**6


def test_without_any_limit_the_machine_is_the_limit(system: Path) -> None:
    free, whose = memory.free_memory()
    assert free > 100 * MB
    assert whose == ""
    belong(system, "0::/", "1:cpu:/x", "nonsense", "")
    group(system / "cgroup", 2, limit="max", used=50 * MB)
    group(system / "cgroup" / "memory", 1, limit=HUGE, used=50 * MB)
    assert memory.free_memory()[1] == ""


@pytest.mark.parametrize(
    ("lines", "folder", "version"),
    [
        (["0::/"], "", 2),
        (["0::/a/b"], "a/b", 2),
        (["0::/a/b"], "a", 2),  # the outer group
        (["0::/docker/1234"], "", 2),  # the host's path, seen from within
        (["3:cpuset:/", "0::/a"], "unified/a", 2),
        (["4:memory:/"], "memory", 1),
        (["4:memory:/docker/12"], "memory/docker/12", 1),
        (["4:memory:/docker/12"], "memory/docker", 1),
        (["4:memory:/docker/12"], "memory", 1),
        (["4:memory,hugetlb:/a"], "memory/a", 1),
        (["4:memory,hugetlb:/a"], "memory,hugetlb/a", 1),
        (["4:cpu:/", "5:memory:/a:b"], "memory/a:b", 1),
    ],
)
def test_a_container_is_a_limit(system: Path, lines: list[str], folder: str, version: int) -> None:
    belong(system, *lines)
    group(system / "cgroup" / folder, version, limit=100 * MB, used=60 * MB, cache=20 * MB)
    assert memory.free_memory() == (60 * MB, " (limit of the container)")
    with pytest.raises(
        gw.MemoryLimitError,
        match=r"the free memory of 60 MB \(limit of the container\), 1,000 agents .* need \d+ MB",
    ):
        gw.train(gw.maze(201), agents=1000, steps=1)
    gw.train(gw.maze(21), agents=10, steps=1)


def test_the_tightest_of_several_groups_counts(system: Path) -> None:
    belong(system, "0::/a/b/c")
    group(system / "cgroup" / "a" / "b" / "c", 2, limit=400 * MB, used=100 * MB)
    group(system / "cgroup" / "a" / "b", 2, limit="max", used=100 * MB)
    group(system / "cgroup" / "a", 2, limit=500 * MB, used=450 * MB)
    assert memory.free_memory()[0] == 50 * MB
    (system / "cgroup" / "a" / "b" / "c" / "memory.high").write_text("120000000\n")
    assert memory.free_memory()[0] == 20 * MB
    group(system / "cgroup" / "a" / "b" / "c", 2, limit=100 * MB, used=130 * MB)
    assert memory.free_memory()[0] == 0


def test_small_requests_ask_nobody(system: Path) -> None:
    belong(system, "0::/")
    group(system / "cgroup", 2, limit=1, used=1)
    gw.train(gw.make("default"), steps=1)
    with pytest.raises(gw.MemoryLimitError, match="the free memory of 0 MB"):
        memory.require_memory("it", "this", 2 * MB)


def test_whatever_takes_memory_asks_first(system: Path, tmp_path: Path) -> None:
    """Resuming, copying, evaluating and loading, within a container that is full by then."""
    world = gw.maze(101)
    run = gw.train(world, agents=100, steps=1)
    path = run.save(tmp_path / "run.npz")
    belong(system, "0::/")
    group(system / "cgroup", 2, limit=100 * MB, used=99 * MB)
    where = r"must fit into the free memory of 1 MB \(limit of the container\)"
    for function in (
        lambda: gw.train(resume=run, steps=1),
        run.batch.copy,
        lambda: gw.Run(run.batch.sealed()).batch.copy(),
        lambda: gw.Trainer(world, agents=100),
        lambda: gw.evaluate(world, np.broadcast_to(run.q, run.q.shape), episodes=1),
        lambda: gw.evaluate(gw.make("default"), np.zeros((25, 4)), episodes=10**6),
        lambda: gw.Run.load(path),
    ):
        with pytest.raises(gw.MemoryLimitError, match=where):
            function()
    with pytest.raises(gw.MemoryLimitError, match=r"run\.npz cannot be loaded: its arrays must"):
        gw.Run.load(path)


LIMITED = """
import resource, sys
import psutil
import gridworld as gw
world = gw.maze(101)
gw.train(world, agents=40, steps=1)
kind = getattr(resource, sys.argv[1])
taken = psutil.Process().memory_info()
used = taken.vms if sys.argv[1] == "RLIMIT_AS" else taken.data
resource.setrlimit(kind, (used + 200_000_000, resource.RLIM_INFINITY))
try:
    gw.train(world, agents=2_000, steps=1)
except gw.MemoryLimitError as error:
    print(error)
print(gw.train(world, agents=200, steps=1).steps.sum())
"""


@pytest.mark.compiled
@pytest.mark.parametrize(("limit", "words"), [("RLIMIT_AS", "ulimit -v"), ("RLIMIT_DATA", "-d)")])
def test_limits_of_the_process_are_seen(limit: str, words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, limit], capture_output=True, text=True, check=True
    )
    sentence, steps = done.stdout.splitlines()
    assert words in sentence
    assert "2,000 agents x 10,201 states need" in sentence
    assert steps == "200"
