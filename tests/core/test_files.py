"""Atomic writes: kill -9, failures, leftovers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from gridworld.store.files import LEFTOVER_AGE_S, remove_leftovers, write_atomically


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "table.json"
    assert write_atomically(path, lambda file: file.write(b"one")) == path
    write_atomically(path, lambda file: file.write(b"two"))
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["table.json"]


def test_a_failure_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_bytes(b"old")

    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, fail)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["table.json"]


def test_a_new_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    written = write_atomically(tmp_path / "a", lambda file: file.write(b""))
    (tmp_path / "b").touch()
    assert written.stat().st_mode == (tmp_path / "b").stat().st_mode


def test_only_old_leftovers_are_removed(tmp_path: Path) -> None:
    old, young, other = tmp_path / ".a.1.tmp", tmp_path / ".a.2.tmp", tmp_path / "a.tmp"
    for path in (old, young, other):
        path.touch()
    past = time.time() - LEFTOVER_AGE_S - 60
    for path in (old, other):
        os.utime(path, (past, past))
    remove_leftovers(tmp_path)
    assert not old.exists()
    assert young.exists()
    assert other.exists()


SAVE_FOR_EVER = """
import sys
from gridworld.store.files import write_atomically
n = 0
while True:
    n += 1
    content = str(n % 10).encode() * 300_000
    pieces = [content[i : i + 999] for i in range(0, 300_000, 999)]
    write_atomically(sys.argv[1], lambda file: [file.write(piece) for piece in pieces])
    print("saved", flush=True) if n == 1 else None
"""


def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "table"
    for attempt in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", SAVE_FOR_EVER, str(path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * attempt)
            process.send_signal(signal.SIGKILL)
        content = path.read_bytes()
        assert len(content) == 300_000
        assert len(set(content)) == 1
