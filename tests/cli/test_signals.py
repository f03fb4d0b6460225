"""Signals: what is saved, with which exit code, and what a terminal sees."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gridworld as gw
from gridworld_cli import signals

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
WORDS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}


def long_run(command: tuple[str, ...], path: Path, *more: str, **options: Any) -> Any:
    arguments = ("train", "--agents", "64", "--steps", "1e13", "--save", str(path), *more)
    return subprocess.Popen([*command, *arguments], **options)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("kind", CODES)
def test_a_signal_saves_and_gives_its_exit_code(
    command: tuple[str, ...], tmp_path: Path, kind: signal.Signals, times: int
) -> None:
    path = tmp_path / "run.npz"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with long_run(command, path, **pipes) as running:
        running.stdout.readline()  # a plain line of progress, as it is a pipe
        for _ in range(times):  # a terminal that is closed sends two
            running.send_signal(kind)
            time.sleep(0.01)
        out, err = running.communicate(timeout=20)
    assert running.returncode == CODES[kind]
    assert "Traceback" not in err
    assert f"stopped    by {WORDS[kind]}" in out
    run = gw.Run.load(path)
    assert run.steps.sum() > 0
    more = gw.train(resume=run, steps=10)
    np.testing.assert_array_equal(more.steps, run.steps + 10)


def test_a_closed_terminal_saves(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    controller, terminal = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    with long_run(command, path, env=environment, **streams) as running:
        os.close(terminal)
        seen = ""
        while "ETA" not in seen:
            seen += os.read(controller, 4096).decode()
        os.close(controller)  # whatever is written from now on fails
        time.sleep(0.3)
        running.send_signal(signal.SIGHUP)
        assert running.wait(timeout=20) == 129
    assert gw.Run.load(path).steps.sum() > 0


def test_nohup_is_respected(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    nohup = ("env", "--ignore-signal=HUP", *command)
    with long_run(nohup, path, stdout=subprocess.PIPE, text=True) as running:
        running.stdout.readline()
        running.send_signal(signal.SIGHUP)
        running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate(timeout=20)
    assert running.returncode == 143
    assert "by SIGTERM" in out


def test_checkpoints_on_the_way_outlive_a_kill(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    with long_run(command, path, "--save-every", "0.2", stdout=subprocess.PIPE) as running:
        running.stdout.readline()
        running.kill()
    assert gw.Run.load(path).steps.sum() > 0


def own(code: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a process that code has prepared."""
    call = "import sys; sys.argv[0] = 'x'; from gridworld_cli.entry import main; main()"
    return subprocess.run(
        [sys.executable, "-c", f"{code}\n{call}", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


DURING_IMPORT = """
import os, signal, sys

class Sender:
    def find_spec(self, name, *rest):
        if name == {module!r}:
            try:
                os.kill(os.getpid(), {number})
                os.kill(os.getpid(), 0)
            except KeyboardInterrupt:
                pass  # as callbacks out of C do

sys.meta_path.insert(0, Sender())
"""


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("module", ["click", "gridworld_cli.commands.train", "gridworld", "numba"])
def test_a_signal_during_the_imports_is_no_traceback(kind: signal.Signals, module: str) -> None:
    done = own(DURING_IMPORT.format(module=module, number=int(kind)), "train")
    assert (done.returncode, done.stdout) == (CODES[kind], "")
    assert done.stderr == "gridworld-bench: stopped.\n"


DURING_SAVE = """
import os, signal
import gridworld as gw
save = gw.Run.save

def slow(run, path):
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    return save(run, path)

gw.Run.save = slow
"""


def test_a_signal_during_the_save_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    done = own(DURING_SAVE, "train", "--steps", 100, "--save", path)
    assert (done.returncode, done.stderr.lstrip()) == (143, "gridworld-bench: stopped.\n")
    assert gw.Run.load(path).steps.tolist() == [100]


def test_a_signal_beside_a_command_that_saves_nothing_ends_it(command: tuple[str, ...]) -> None:
    arguments = ("bench", "--seconds", "1000")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, *arguments], **pipes) as running:  # type: ignore[call-overload]
        time.sleep(1)
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=60)
    assert (running.returncode, err.lstrip()) == (143, "gridworld-bench: stopped.\n")


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The signals of this process raise, and nothing came yet."""
    monkeypatch.setattr(signals._State, "came", None)
    monkeypatch.setattr(signals._State, "at_once", False)
    before = {kind: signal.getsignal(kind) for kind in CODES}
    signals.watch()
    with signals.raised():
        yield
    for kind, handler in before.items():
        signal.signal(kind, handler)


@pytest.mark.usefixtures("watched")
def test_a_held_signal_is_raised_at_the_end_unless_somebody_asked() -> None:
    seen = []
    with signals.held() as ended:
        seen.append(ended())
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        seen.append(ended())
    assert seen == [False, True]
    assert (signals.exit_code(), signals.cause()) == (143, "SIGTERM")
    with pytest.raises(KeyboardInterrupt), signals.held():
        signal.raise_signal(signal.SIGHUP)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGHUP)
    assert signals.exit_code() == 143  # the first one counts
