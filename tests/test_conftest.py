"""The tests' own ways: signals for their children, and no child left behind."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]

PROBE = """
import signal, subprocess, sys

ASK = "import signal; print([int(signal.getsignal(k) == signal.SIG_IGN) for k in (1, 2, 15)])"


def test_signals():
    assert subprocess.check_output([sys.executable, "-c", ASK], text=True) == "[0, 0, 0]\\n"
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        pass
    else:
        raise AssertionError
    signal.raise_signal(signal.SIGHUP)


def test_left():
    line = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(1000)"]
    started = subprocess.Popen(line, stdout=subprocess.PIPE)
    started.stdout.readline()
    print("PID", started.pid)
    raise AssertionError
"""


def test_under_nohup_signals_have_their_meaning_and_nothing_is_left_behind(tmp_path: Path) -> None:
    probe = tmp_path / "test_probe.py"
    probe.write_text(PROBE)
    ignoring = ["env", *(f"--ignore-signal={name}" for name in ("INT", "HUP", "TERM"))]
    options = ["-q", "-p", "conftest", "-p", "no:cacheprovider", "-c", str(ROOT / "setup.cfg")]
    done = subprocess.run(
        [*ignoring, sys.executable, "-m", "pytest", *options, "-W", "ignore", str(probe)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
        cwd=tmp_path,
        timeout=100,
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    left = int(done.stdout.split("PID ")[1].split()[0])
    assert not psutil.pid_exists(left)
