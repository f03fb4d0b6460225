"""The processes beside the server: one that answers, and one for the experiment that runs.

`python -m gridworld_dashboard.lab.helper answer FOLDER` reads questions, a line of JSON each, and
writes an answer for each: a status of HTTP, a blank, and JSON. `… run FOLDER [RUNS]` runs the
store's plan and writes how far it has come. Both end with their standard input, which the server
holds open: no kill of the server leaves one behind. What was finished is in the store.

They are of low priority, so that the live training, its frames and its answers come first; and the
interpreter's lock of the server is never held by them.
"""

import json
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gridworld.errors import FileError, GridworldError, MissingExtraError, shortened

if TYPE_CHECKING:
    from gridworld.experiments.running import ExperimentProgress
    from gridworld_dashboard.lab.answers import Answers

__all__ = ["answer_all", "main", "run_plan"]

NICE: Final = {"answer": 10, "run": 19}
"""By how much each gives way."""

IDLE_S: Final = 300.0
"""After which the one that answers gives its memory back; the server starts another."""

TELL_S: Final = 0.2
"""Between two lines on how far a run has come."""

MOST_WORDS: Final = 600

_log = logging.getLogger(__name__)


def main(arguments: list[str]) -> None:
    """Be one of them."""
    kind, folder, *rest = arguments
    if hasattr(os, "nice"):
        os.nice(NICE[kind])
    if kind == "answer":
        answer_all(Path(folder))
    else:
        run_plan(Path(folder), int(rest[0]) if rest else None)
    sys.stdout.flush()
    os._exit(0)  # a thread that reads the input would make an end of the usual kind a crash


def answer_all(folder: Path) -> None:
    """Answer until nothing more comes in, or for so long nothing has."""
    from gridworld_dashboard.lab.answers import Answers

    answers = Answers(folder)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines.put,), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=IDLE_S)
        except queue.Empty:
            return
        if not line:
            return
        status, said = _answered(answers, json.loads(line))
        _write(f"{status} {json.dumps(said, separators=(',', ':'), allow_nan=False)}")


def _read(take: Any) -> None:
    for line in sys.stdin:
        take(line)
    take("")


def _answered(answers: "Answers", asked: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    try:
        return 200, answers.answer(asked["do"], asked["data"])
    except MissingExtraError as error:
        return 501, {"message": str(error)}
    except FileError as error:
        return 404, {"message": shortened(error, MOST_WORDS)}
    except (GridworldError, MemoryError, OSError) as error:
        return 400, {"message": shortened(error, MOST_WORDS) or "too little memory"}
    except Exception as error:
        _log.exception("an answer failed")
        words = shortened(f"{type(error).__name__}: {error}", MOST_WORDS)
        return 500, {"message": f"a fault of the server ({words})"}


def run_plan(folder: Path, runs: int | None) -> None:
    """Run what the store lacks of its plan.

    Args:
        folder: The store.
        runs: Of each setting, instead of the plan's.
    """
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    said: dict[str, Any]
    try:
        from gridworld.experiments.experiment import Experiment

        plan = Experiment.from_toml(folder / "plan.toml")
        if runs is not None:
            plan = replace(plan, runs=runs)
        plan.run(folder, progress=_Teller())
        said = {"end": "done"}
    except (GridworldError, MemoryError, OSError) as error:
        said = {"end": "failed", "message": shortened(error, MOST_WORDS) or "too little memory"}
    except Exception as error:
        _log.exception("an experiment failed")
        words = shortened(f"{type(error).__name__}: {error}", MOST_WORDS)
        said = {"end": "failed", "message": f"a fault of the server ({words})"}
    _write(json.dumps(said))


class _Teller:
    """Writes how far a run has come, not too often."""

    def __init__(self) -> None:
        self._at = -TELL_S

    def __call__(self, progress: "ExperimentProgress") -> None:
        now = time.monotonic()
        if now - self._at < TELL_S and progress.runs < progress.all_runs:
            return
        self._at = now
        left = progress.seconds_left
        said = {
            "runs": progress.runs,
            "all_runs": progress.all_runs,
            "rate": progress.new_runs / max(progress.seconds, 1e-9),
            "steps_rate": progress.steps / max(progress.seconds, 1e-9),
            "left": None if left != left else left,
            "best": progress.best,
        }
        _write(json.dumps(said))


def _end_with_the_server() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    # what was finished is in the store, whole at every moment
    os._exit(0)


def _write(line: str) -> None:
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError:  # the server is gone
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
