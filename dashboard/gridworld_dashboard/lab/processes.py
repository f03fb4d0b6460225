"""The server's end of the processes beside it (`helper`)."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from gridworld.errors import ExperimentError

__all__ = ["MOST_WAITING", "Answerer", "Runner", "State"]

MOST_WAITING: Final = 8
"""Experiments that wait for the one that runs: on the cores of one machine two at a time would only
be slower."""

MOST_ASKING: Final = 16
"""Questions that wait for an answer."""

ANSWER_S: Final = 180.0
"""A question that takes longer is given up: the first one may have to compile the kernels."""

PATIENCE_S: Final = 3.0
"""In which a process has to end."""

MODULE: Final = "gridworld_dashboard.lab.helper"

Status = int
Answer = tuple[Status, bytes]


def _begin(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        # -P: a data folder may hold anything, modules of the library's names too
        [sys.executable, "-P", "-m", MODULE, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C at the terminal is for the server
    )


def _end(process: "subprocess.Popen[str]") -> None:
    """Let a process end, which it does when its input is closed."""
    with contextlib.suppress(OSError):
        assert process.stdin is not None
        process.stdin.close()
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Answerer:
    """Asks the process that answers; it is started when there is a question.

    Args:
        folder: The data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._room = threading.BoundedSemaphore(MOST_ASKING)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._closed = False

    def ask(self, do: str, data: Mapping[str, Any]) -> Answer:
        """A question and its answer: a status of HTTP, and JSON."""
        if not self._room.acquire(blocking=False):
            return 503, _message(
                f"at most {MOST_ASKING} questions on experiments may wait, got another one"
            )
        try:
            with self._lock:
                line = json.dumps({"do": do, "data": data})
                # one that has been idle for long ends, perhaps just now
                return self._tried(line) or self._tried(line) or (500, _message(_GONE))
        finally:
            self._room.release()

    def close(self) -> None:
        """End it; idempotent."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()  # it only reads
        with self._lock:
            self._drop()

    def _tried(self, line: str) -> Answer | None:
        """The answer; None: the process is gone."""
        if self._closed:
            return 503, _message("the server must go on to answer, it stops")
        if self._process is None or self._process.poll() is not None:
            self._drop()
            self._start()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        try:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            answer = self._lines.get(timeout=ANSWER_S)
        except OSError:
            answer = ""
        except Empty:
            process.kill()
            self._drop()
            return 503, _message(f"an answer must come within {ANSWER_S:.0f} s, got none")
        if not answer:
            self._drop()
            return None
        status, _, body = answer.rstrip("\n").partition(" ")
        return int(status), body.encode()

    def _start(self) -> None:
        lines: SimpleQueue[str] = SimpleQueue()
        self._lines = lines
        self._process = process = _begin("answer", str(self._folder))

        def pump() -> None:
            assert process.stdout is not None
            with process.stdout as said:
                for line in said:
                    lines.put(line)
            lines.put("")

        threading.Thread(target=pump, name="gridworld-answers", daemon=True).start()

    def _drop(self) -> None:
        if self._process is not None:
            _end(self._process)
            self._process = None


@dataclass(frozen=True)
class State:
    """How it stands with an experiment that was begun here.

    Attributes:
        state: waiting, running, stopped, failed or done.
        message: Why it failed.
        progress: How far it has come: runs, all_runs, rate, steps_rate, left (seconds), best.
    """

    state: str
    message: str = ""
    progress: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Task:
    key: str
    folder: Path
    runs: int | None


class Runner:
    """Runs experiments, one after the other, each in a process of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[_Task] = deque()
        self._states: dict[str, State] = {}
        self._current: tuple[_Task, subprocess.Popen[str]] | None = None
        self._stopping: set[str] = set()
        self._closed = False

    def states(self) -> dict[str, State]:
        """Of all that were begun since the server was."""
        with self._lock:
            return dict(self._states)

    def is_busy(self, key: str) -> bool:
        """Whether it runs, or waits to."""
        state = self.states().get(key)
        return state is not None and state.state in ("waiting", "running")

    def put(self, key: str, folder: Path, runs: int | None = None) -> None:
        """Run an experiment, or let it wait for its turn; one that does already goes on.

        Args:
            key: By which it is known.
            folder: Its store.
            runs: Of each setting, instead of the plan's.

        Raises:
            ExperimentError: There is room for no further one.
        """
        with self._lock:
            state = self._states.get(key)
            if state is not None and state.state in ("waiting", "running"):
                return
            if len(self._waiting) >= MOST_WAITING:
                raise ExperimentError(
                    f"at most {MOST_WAITING} experiments may wait for the one that runs, got"
                    " another one: stop one of them first"
                )
            self._states[key] = State("waiting")
            self._waiting.append(_Task(key, folder, runs))
            self._next()

    def stop(self, key: str) -> None:
        """End it; what was finished is kept. One that does not run stays as it is."""
        with self._lock:
            waiting = [task for task in self._waiting if task.key == key]
            for task in waiting:
                self._waiting.remove(task)
                self._states[key] = State("stopped")
            if self._current is None or self._current[0].key != key:
                return
            self._stopping.add(key)
            process = self._current[1]
        _end(process)

    def forget(self, key: str) -> None:
        """It is somewhere else now."""
        with self._lock:
            self._states.pop(key, None)

    def close(self) -> None:
        """End all; idempotent."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            current = self._current
        if current is not None:
            _end(current[1])

    def _next(self) -> None:
        """Begin with the next one, where none runs; with the lock held."""
        if self._current is not None or not self._waiting or self._closed:
            return
        task = self._waiting.popleft()
        more = [] if task.runs is None else [str(task.runs)]
        process = _begin("run", str(task.folder), *more)
        self._current = task, process
        self._states[task.key] = State("running")
        self._thread = threading.Thread(
            target=self._follow, args=(task, process), name="gridworld-experiment", daemon=True
        )
        self._thread.start()

    def _follow(self, task: _Task, process: "subprocess.Popen[str]") -> None:
        """Take what it tells until it ends."""
        end: dict[str, Any] = {}
        begun = time.monotonic()
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                said = json.loads(line)
                if "end" in said:
                    end = said
                    continue
                with self._lock:
                    self._states[task.key] = State("running", progress=said)
        _end(process)
        code = process.returncode
        with self._lock:
            stopped = task.key in self._stopping
            self._stopping.discard(task.key)
            before = self._states[task.key].progress
            taken = {"seconds": time.monotonic() - begun}
            if end.get("end") == "done":
                state = State("done", progress={**before, **taken})
            elif stopped or self._closed:
                state = State("stopped", progress=before)
            else:
                words = end.get("message", f"its process ended by itself ({code})")
                state = State("failed", str(words), before)
            self._states[task.key] = state
            self._current = None
            self._next()


_GONE: Final = "the process that answers must live, it ended"


def _message(words: str) -> bytes:
    return json.dumps({"message": words}).encode()
