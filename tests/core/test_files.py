"""Atomic writes: kill -9, failures, leftovers, and what is no regular file."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from gridworld.store.files import (
    LEFTOVER_AGE_S,
    ready_to_write,
    remove_leftovers,
    write_atomically,
)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
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


def put(content: bytes) -> Callable[[BinaryIO], object]:
    return lambda file: file.write(content)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("there", [True, False], ids=["file", "dangling"])
@pytest.mark.parametrize("links", [1, 3])
def test_a_symbolic_link_stays_and_its_file_is_replaced(
    tmp_path: Path, links: int, there: bool
) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "run.npz"
    if there:
        real.write_bytes(b"old")
    last = real
    for n in range(links):
        link = tmp_path / f"link{n}"
        link.symlink_to(os.path.relpath(last, link.parent))
        last = link
    with ready_to_write(last):
        assert names(real.parent) == ["run.npz"] * there
    write_atomically(last, put(b"new"))
    assert real.read_bytes() == b"new"
    assert not real.is_symlink()
    assert all((tmp_path / f"link{n}").is_symlink() for n in range(links))
    assert names(real.parent) == ["run.npz"]


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755, 0o222])
def test_a_file_keeps_its_mode_and_owner(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "run.npz"
    path.write_bytes(b"old")
    path.chmod(mode)
    before = path.stat()
    seen: list[int] = []

    def write(file: BinaryIO) -> None:
        seen.append(stat.S_IMODE(os.fstat(file.fileno()).st_mode))
        file.write(b"new")

    write_atomically(path, write)
    after = path.stat()
    assert stat.S_IMODE(after.st_mode) == mode
    assert seen == [mode]  # nor may others look into it while it is written
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino


def loop(folder: Path) -> Path:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    return folder / "a"


def read_only(folder: Path) -> Path:
    path = folder / "ro.npz"
    path.write_bytes(b"old")
    path.chmod(0o444)
    return path


def link_to_read_only(folder: Path) -> Path:
    (folder / "link").symlink_to(read_only(folder))
    return folder / "link"


def below_a_file(folder: Path) -> Path:
    (folder / "file").write_bytes(b"old")
    return folder / "file" / "below" / "run.npz"


def link_into_nowhere(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "missing" / "run.npz")
    return folder / "link"


REFUSED: dict[str, tuple[Callable[[Path], str | Path], int, str, str]] = {
    "folder": (lambda folder: folder, errno.EISDIR, "Is a folder", ""),
    "final slash": (lambda f: f"{f}/run/", errno.EISDIR, "must be the path of a file", "run/"),
    "empty": (lambda folder: "", errno.EISDIR, "must be the path of a file", ""),
    "no folder": (lambda f: f / "x" / "y" / "z", errno.ENOENT, "No such folder", "x/y"),
    "link into no folder": (link_into_nowhere, errno.ENOENT, "No such folder", "missing"),
    "below a file": (below_a_file, errno.ENOTDIR, "Not a folder", "file"),
    "loop": (loop, errno.ELOOP, "Too many levels", "a"),
    "too long": (lambda f: f / ("n" * 300), errno.ENAMETOOLONG, "too long", "n" * 300),
    "read-only": (read_only, errno.EACCES, "must be writable, got a read-only file", "ro.npz"),
    "link to it": (link_to_read_only, errno.EACCES, "must be writable", "link"),
}  # fmt: skip


def ask(path: str | Path) -> None:
    with ready_to_write(path):
        pass


@pytest.mark.parametrize("use", [ask, lambda path: write_atomically(path, put(b"new"))])
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_written_is_named(
    tmp_path: Path, case: str, use: Callable[[str | Path], object]
) -> None:
    make, number, words, name = REFUSED[case]
    path = make(tmp_path)
    before = names(tmp_path)
    with pytest.raises(OSError, match=words) as caught:
        use(path)
    assert caught.value.errno == number
    assert str(caught.value.filename).endswith(name)
    assert names(tmp_path) == before


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("\N{EURO SIGN}" * 85)  # 255 bytes
    write_atomically(path, put(b"new"))
    assert path.read_bytes() == b"new"
    assert len(names(tmp_path)) == 1


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = os.urandom(300_000)  # more than a pipe holds at once

    def write(file: BinaryIO) -> None:
        file.write(b"....")
        file.seek(0)  # as an archive does, and a pipe cannot
        file.write(content)

    def save() -> None:
        with ready_to_write(path):
            pass_on.wait(20)
            write_atomically(path, write)

    pass_on = threading.Event()
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as reader:
        os.set_blocking(reader.fileno(), True)
        writer = threading.Thread(target=save)
        with ready_to_write(path):  # or there might be no writer yet, which reads as the end
            writer.start()
            time.sleep(0.05)
            pass_on.set()
            first = reader.read(100_000)
        rest = reader.readall()
        writer.join(20)
    assert first + rest == content
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_a_pipe_without_a_reader_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="must have a reader, got a pipe that nobody reads") as caught:
        write_atomically(path, put(b"new"))
    assert caught.value.filename == str(path)


def test_a_device_is_written_into(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    for path in (Path("/dev/null"), link):
        with ready_to_write(path):
            write_atomically(path, put(b"new"))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert link.is_symlink()


def test_a_full_device_is_named() -> None:
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_atomically("/dev/full", put(b"new"))


LIMITED = """
import resource, signal, sys
from gridworld.store.files import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_atomically(sys.argv[1], lambda file: file.write(bytes(100_000)))
"""

OUTPUT = """
import sys
from gridworld.store.files import write_atomically
write_atomically(sys.argv[1], lambda file: file.write(b"content"))
"""


def script(code: str, *arguments: object, **more: Any) -> "subprocess.CompletedProcess[bytes]":
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=environment, check=False, **more)


def test_a_disk_that_holds_no_more_leaves_the_old_file_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    path.write_bytes(b"old")
    done = script(LIMITED, path, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1].endswith(f"File too large: '{path}'")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["run.npz"]


def test_ones_own_output_is_written_into(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with path.open("wb") as file:
        inode = path.stat().st_ino
        assert script(OUTPUT, "/dev/stdout", stdout=file).returncode == 0
    assert (path.read_bytes(), path.stat().st_ino) == (b"content", inode)
    assert script(OUTPUT, "/dev/stdout", stdout=subprocess.PIPE).stdout == b"content"


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
