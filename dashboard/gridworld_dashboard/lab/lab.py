"""The experiments of a server: what there is, what runs, and what they say."""

import json
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gridworld.errors import ExperimentError, FileError, GridworldError, MissingExtraError
from gridworld.experiments.extras import require_extra
from gridworld_dashboard.lab.places import Places
from gridworld_dashboard.lab.processes import Answer, Answerer, Runner
from gridworld_dashboard.saves import sentence

__all__ = ["DOINGS", "QUESTIONS", "Lab"]

QUESTIONS: Final = ("list", "form", "estimate", "view", "best", "better", "curves", "link")
"""What changes nothing: those who watch may ask it."""

COMPUTED: Final = frozenset({"estimate", "curves"})
"""Of those, what runs kernels, which may have to be compiled first: nobody else waits for it."""

DOINGS: Final = ("begin", "go", "stop", "delete", "restore")
"""What is for who steers."""

MOST_BYTES: Final = 8_000_000
"""Of a question: a link may hold a world of 4 MB."""


_NOTHING: Final[Mapping[str, Any]] = {"stores": [], "plans": [], "bin": []}


class Lab:
    """For all threads of a server.

    Args:
        folder: The data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._places = Places(folder)
        self._answerer = Answerer(folder)
        self._computer = Answerer(folder)
        self._runner = Runner()
        self._moving = threading.Lock()

    def ask(self, question: str, data: Mapping[str, Any]) -> Answer:
        """A question of `QUESTIONS` and its answer."""
        try:
            require_extra()
        except MissingExtraError as error:
            if question == "list":  # which is no failure of who looks at the page
                return 200, json.dumps({**_NOTHING, "problem": str(error)}).encode()
            return 501, json.dumps({"message": str(error)}).encode()
        answerer = self._computer if question in COMPUTED else self._answerer
        status, body = answerer.ask(question, data)
        if question == "list" and status == 200:
            body = self._with_states(body)
        return status, body

    def _with_states(self, body: bytes) -> bytes:
        """A list, with how it stands with each experiment that was begun here."""
        said: dict[str, Any] = json.loads(body)
        states = self._runner.states()
        for one in said["stores"]:
            state = states.get(one["key"])
            if state is not None:
                one |= {"state": state.state, "message": state.message}
                one["progress"] = dict(state.progress)
        return json.dumps(said).encode()

    def do(self, doing: str, data: Mapping[str, Any]) -> Answer:
        """Something of `DOINGS`, and what came of it."""
        try:
            require_extra()
            if doing == "begin":
                return self._begin(data)
            said = self._done(doing, data)
        except MissingExtraError as error:
            return 501, json.dumps({"message": str(error)}).encode()
        except FileError as error:
            return 404, json.dumps({"message": str(error)}).encode()
        except (GridworldError, OSError) as error:
            return 400, json.dumps({"message": sentence(error)}).encode()
        return 200, json.dumps(said).encode()

    def _begin(self, data: Mapping[str, Any]) -> Answer:
        status, body = self._answerer.ask("begin", data)
        if status == 200:
            key = json.loads(body)["key"]
            self._runner.put(key, self._places.store(key))
        return status, body

    def _done(self, doing: str, data: Mapping[str, Any]) -> dict[str, Any]:
        key = str(data.get("store", ""))
        if doing == "restore":
            with self._moving:
                return {"message": self._places.restore(key)}
        if doing == "go":
            self._runner.put(key, self._places.store(key), _runs(data.get("runs")))
            return {"message": "it goes on"}
        self._places.store(key)
        self._runner.stop(key)
        if doing == "stop":
            return {"message": "it is stopped; what was finished is kept"}
        with self._moving:
            words = self._places.delete(key)
        self._runner.forget(key)
        return {"message": words}

    def export(self, data: Mapping[str, Any]) -> tuple[int, str | bytes, bytes]:
        """An experiment as a file.

        Returns:
            A status of HTTP; the file's name, or what is said instead; its content.
        """
        with tempfile.TemporaryDirectory(prefix="gridworld-") as folder:
            path = Path(folder) / "export"
            status, body = self.ask("export", {**data, "path": str(path)})
            if status != 200:
                return status, body, b""
            return status, str(json.loads(body)["name"]), path.read_bytes()

    def close(self) -> None:
        """End what runs; what was finished is kept. Idempotent."""
        self._runner.close()
        self._answerer.close()
        self._computer.close()


def _runs(given: object) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or given < 2:
        raise ExperimentError(f"runs must be a whole number from 2, got {given!r:.80}")
    return given
