"""What all tests share."""

import contextlib
import os
import shutil
import signal
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest
from hypothesis import settings

# A loaded machine is slow, not wrong; and CI must not fail by chance on what nobody changed.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")


def pytest_configure() -> None:
    """Give signals back their meaning, where nohup, cron or a job in the background took it away.

    What is ignored would be ignored by every process that a test starts. A hangup goes on meaning
    nothing here: it is handled, by doing nothing, which processes do not inherit.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for kind in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(kind) == signal.SIG_IGN:
            signal.signal(kind, lambda *_: None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """End what a test has started and not ended, where it fails: a training may run for ever."""
    before = _children()
    try:
        yield
    except BaseException:
        for pid in _children() - before:
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                for one in (*process.children(recursive=True), process):
                    one.kill()
        raise


def _children() -> set[int]:
    found: set[int] = set()
    for path in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread that has just ended
            found |= set(map(int, path.read_text().split()))
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser: `CHROMIUM`, or the distribution's."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found is not None, "a browser is needed: `make chromium` installs one"
    return found
