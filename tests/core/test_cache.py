"""Kernels on disk: found again, never trusted blindly, never needed."""

import importlib.util
import os
import pickle
import random
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import pytest

from gridworld.kernels import cache

pytestmark = pytest.mark.compiled

ROOT = Path(__file__).parents[2]

KERNELS = """
from gridworld.kernels.jit import jit

FACTOR = 2

@jit
def scale(x):
    return FACTOR * x

@jit
def shift(x):
    return x + 1000

def closing_over(number):
    @jit
    def closed(x):
        return x + number
    return closed
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module with small kernels, and an empty cache."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_warned", False)
    path = tmp_path / "small_kernels.py"
    path.write_text(KERNELS)
    return path


def fresh(source: Path) -> Any:
    """The module as another process would import it."""
    spec = importlib.util.spec_from_file_location("small_kernels", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["small_kernels"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def no_traces() -> Iterator[None]:
    yield
    sys.modules.pop("small_kernels", None)


def hits(kernel: Any) -> int:
    return sum(kernel.stats.cache_hits.values())


def compiled_file(source: Path) -> Path:
    """The only file in the cache, which `scale(21)` has written."""
    assert fresh(source).scale(21) == 42
    [path] = (source.parent / "cache").rglob("*.*")
    assert path.suffix == ".nbc"
    return path


def assert_heals(source: Path) -> None:
    for hit in (0, 1):
        kernel = fresh(source).scale
        assert kernel(21) == 42
        assert hits(kernel) == hit


def test_is_found_again(source: Path) -> None:
    compiled_file(source)
    kernel = fresh(source).scale
    assert kernel(21) == 42
    assert hits(kernel) == 1
    assert kernel(0.5) == 1.0  # another signature, another file
    assert hits(kernel) == 1


def test_numbers_closed_over_belong_to_the_kernel(source: Path) -> None:
    for expected in (0, 1):
        module = fresh(source)
        for number in (1, 2):
            kernel = module.closing_over(number)
            assert kernel(10) == 10 + number
            assert hits(kernel) == expected


def test_a_changed_source_is_compiled_again(source: Path) -> None:
    compiled_file(source)
    source.write_text(KERNELS.replace("FACTOR = 2", "FACTOR = 3"))
    kernel = fresh(source).scale
    assert kernel(21) == 63
    assert hits(kernel) == 0


def empty(path: Path) -> None:
    path.write_bytes(b"")


def keep_sixteenths(count: int) -> Callable[[Path], None]:
    def cut(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * count // 16 + 1])

    return cut


def flip_bytes(seed: int) -> Callable[[Path], None]:
    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        chance = random.Random(seed)
        for _ in range(chance.choice([1, 1, 3, 100])):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)

    return flip


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def fill_with_noise(path: Path) -> None:
    path.write_bytes(random.Random(3).randbytes(path.stat().st_size))


def fill_with_zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def put_a_dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "nowhere")


def put_a_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(("0.68.1", {"not": "a kernel"})))


def put_the_payload_alone(path: Path) -> None:
    path.write_bytes(path.read_bytes()[32:])


DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty": empty,
    **{f"cut {count} / 16": keep_sixteenths(count) for count in range(16)},
    **{f"flipped {seed}": flip_bytes(seed) for seed in range(12)},
    "appended": append,
    "noise": fill_with_noise,
    "zeros": fill_with_zeros,
    "folder": put_a_folder,
    "link": put_a_dangling_link,
    "pickle": put_a_pickle,
    "payload": put_the_payload_alone,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_again(source: Path, damage: str) -> None:
    path = compiled_file(source)
    DAMAGES[damage](path)
    assert_heals(source)


def test_the_file_of_another_kernel_is_not_taken(source: Path) -> None:
    path = compiled_file(source)
    mine = path.read_bytes()
    assert fresh(source).shift(1) == 1001
    [other] = set(path.parent.iterdir()) - {path}
    path.write_bytes(other.read_bytes())
    other.write_bytes(mine)
    assert_heals(source)
    assert fresh(source).shift(1) == 1001


def test_what_cannot_be_unpickled_is_compiled_again(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled_file(source)

    def fail(*_: object) -> None:
        raise EOFError

    with monkeypatch.context() as patch:
        patch.setattr("numba.core.compiler.CompileResult._rebuild", fail)
        kernel = fresh(source).scale
        assert kernel(21) == 42
        assert hits(kernel) == 0
    assert hits(fresh(source).scale) == 0
    assert_heals_at_once(source)


def assert_heals_at_once(source: Path) -> None:
    kernel = fresh(source).scale
    assert kernel(21) == 42
    assert hits(kernel) == 1


@pytest.mark.parametrize("place", ["file", "below a file"])
def test_a_folder_that_cannot_be_written_is_told_once(
    source: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    obstacle = source.parent / "obstacle"
    obstacle.touch()
    folder = obstacle if place == "file" else obstacle / "a" / "b"
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(folder))
    with pytest.warns(cache.CompileCacheWarning, match="NUMBA_CACHE_DIR") as told:
        results = [kernel(21) for kernel in (fresh(source).scale, fresh(source).shift)]
    assert results == [42, 1021]
    assert len(told) == 1
    assert str(folder) in str(told[0].message)
    assert not list(source.parent.rglob("*.nbc"))


def test_a_full_folder_keeps_no_halves(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bytes = Path.write_bytes

    def fill_up(path: Path, content: bytes) -> int:
        write_bytes(path, content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill_up)
    with pytest.warns(cache.CompileCacheWarning, match="No space left on device"):
        assert fresh(source).scale(21) == 42
    assert not list((source.parent / "cache").rglob("*.*"))
    monkeypatch.undo()
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(source.parent / "cache"))
    assert_heals(source)


def test_a_folder_that_others_filled_is_read_where_it_cannot_be_written(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled_file(source)
    monkeypatch.setattr(cache, "_write", lambda *_: pytest.fail("written"))
    assert_heals_at_once(source)


def test_without_a_home_there_is_no_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    package = Path("/package/module.py")
    beside, of_user = cache.folders(package)
    assert beside == Path("/package/__pycache__")
    assert of_user.is_relative_to("/somewhere")
    # as `os.path.expanduser` answers for a user that the system does not know
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert cache.folders(package) == [beside]


def test_code_without_a_file_is_not_kept(source: Path) -> None:
    names: dict[str, Any] = {"__name__": "nowhere"}
    exec(compile(KERNELS, "<nowhere>", "exec"), names)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert names["scale"](21) == 42
    assert not list(source.parent.rglob("*.nbc"))


def test_flush_and_disable(source: Path) -> None:
    path = compiled_file(source)
    kernel = fresh(source).scale
    kernel._cache.disable()
    assert kernel(21) == 42
    assert hits(kernel) == 0
    kernel._cache.flush()
    assert not path.exists()
    kernel._cache.enable()
    assert kernel(0.5) == 1.0
    assert list(path.parent.iterdir())


# --- the whole program

EVALUATE = """
import gridworld as gw
to_the_right = [[0.0, 0.0, 0.0, 1.0]] * 2
print(gw.evaluate(gw.GridWorld.from_text("SG"), to_the_right, episodes=1).returns[0, 0])
"""


def run_python(code: str, copy: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    rest = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=rest | {"PYTHONPATH": str(copy)} | environment,
        cwd=copy,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The library's source, without anything compiled."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "core/gridworld", tmp_path / "copy/gridworld", ignore=ignore)
    return tmp_path / "copy"


def test_a_constant_changed_in_a_kernel_changes_the_result(copy: Path) -> None:
    """As by a `git pull`: the file of the compiled function itself stays as it was."""
    path = copy / "gridworld/kernels/actions.py"
    assert run_python(EVALUATE, copy).stdout == "10.0\n"
    assert list(copy.rglob("*.nbc"))
    path.write_text(path.read_text().replace("(1, 0))", "(-1, 0))"))  # never to the right
    assert float(run_python(EVALUATE, copy).stdout) < -9


def test_the_library_works_where_nothing_can_be_kept(copy: Path, tmp_path: Path) -> None:
    """Read-only packages and no home: the obstacles stop root as well."""
    (copy / "gridworld/kernels/__pycache__").touch()
    home = tmp_path / "home"
    home.touch()
    done = run_python(EVALUATE, copy, HOME=str(home), XDG_CACHE_HOME="", PYTHONWARNINGS="default")
    assert done.stdout == "10.0\n"
    [line] = done.stderr.splitlines()
    assert "NUMBA_CACHE_DIR" in line
    assert not list(tmp_path.rglob("*.nbc"))
    assert not list(tmp_path.rglob("*.tmp"))


SMALL_FILES = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))"


def test_the_library_works_where_the_disk_is_full(copy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    done = run_python(SMALL_FILES + EVALUATE, copy, NUMBA_CACHE_DIR=str(folder))
    assert done.stdout == "10.0\n"
    [line] = done.stderr.splitlines()
    assert str(folder) in line
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_two_processes_that_compile_at_once_leave_whole_files(source: Path) -> None:
    code = f"""
import importlib.util, sys
sys.path.insert(0, {str(source.parent)!r})
import small_kernels
total = 0
for number in range(8):
    total += small_kernels.closing_over(number)(1000)
print(total)
"""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "NUMBA_CACHE_DIR": str(source.parent / "cache"),
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    assert [process.communicate()[0] for process in started] == ["8028\n"] * 3
    module = fresh(source)
    for number in range(8):
        kernel = module.closing_over(number)
        assert kernel(1000) == 1000 + number
        assert hits(kernel) == 1
