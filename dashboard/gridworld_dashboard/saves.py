"""Saving beside the training: nobody waits for a disk, but who asked."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from pathlib import Path
from typing import Any, Final, TypeVar

from gridworld.batch import Batch
from gridworld.errors import GridworldError, shortened
from gridworld_dashboard.reply import Reply
from gridworld_dashboard.shelf import Shelf
from gridworld_dashboard.storage import Store
from gridworld_dashboard.wire import protocol

__all__ = ["KEPT_BYTES", "Keeper", "Saves", "sentence"]

T = TypeVar("T")

SAVE_WAIT_S: Final = 0.06
"""A save that takes longer is answered when it is done, after the answers to later commands."""

KEEP_S: Final = 60.0
"""Between two saves on the way."""

KEPT_BYTES: Final = 32_000_000
"""Of Q-tables: larger ones are saved at a clean exit alone, since a copy holds up the training."""

MOST_COPIES: Final = 2
"""Copies of the Q-tables in memory at a time."""

_log = logging.getLogger(__name__)


class Saves:
    """The thread that reads and writes files, one after the other.

    Args:
        store: Where they are.

    Attributes:
        shelf: What there is, and what can be done with it; on that thread alone.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.shelf = Shelf(store)
        self._thread = ThreadPoolExecutor(1, "gridworld-files")
        self._copies = threading.Semaphore(MOST_COPIES)

    def save(self, name: str, copy: Callable[[], Batch], repeatable: bool, reply: Reply) -> None:
        """Copy now, and write on the thread.

        Args:
            name: Of the save.
            copy: Gives a batch that does not advance.
            repeatable: Kept with the checkpoint.
            reply: Gets the answer, perhaps later.
        """

        def write(batch: Batch) -> None:
            try:
                self.shelf.keep(name)
                path, words = self._store.save(batch, name, repeatable=repeatable)
            except Exception as error:
                fail(error)
            else:
                reply(protocol.save_complete(True, str(path), words))
            finally:
                self._copies.release()

        def fail(error: Exception) -> None:
            if not isinstance(error, GridworldError | OSError | MemoryError):
                _log.error("a save failed", exc_info=error)
            path = str(self._store.exchange_path(name))
            reply(protocol.save_complete(False, path, f"Not saved: {sentence(error)}"))

        self._copies.acquire()
        try:
            future = self._thread.submit(write, copy())
        except Exception as error:
            self._copies.release()
            fail(error)
            return
        try:
            future.result(timeout=SAVE_WAIT_S)
        except TimeoutError:
            return

    def arrange(self, command: str, data: Mapping[str, Any], reply: Reply) -> None:
        """Do something with the saves as they are, and tell all what there is then.

        Args:
            command: One of `Shelf.commands`.
            data: Its own.
            reply: Gets the answer.
        """

        def work() -> tuple[str, list[dict[str, Any]]]:
            words = self.shelf.commands[command](data)
            return words, self.shelf.listed()

        try:
            words, listed = self.do(work)
        except (GridworldError, OSError) as error:
            reply(protocol.error(sentence(error)))
        else:
            reply(protocol.saves(listed, words), tell=bool(words))

    def file_of(self, name: str) -> Path:
        """The file of a save, to hand it out.

        Raises:
            FileError: There is no save of that name.
        """
        return self.do(lambda: self.shelf.file(name))

    def do(self, work: Callable[[], T]) -> T:
        """Do something behind the saves that are under way, and give its result."""
        return self._thread.submit(work).result()

    def later(self, work: Callable[[], object]) -> None:
        """Do something behind the saves that are under way, of which nobody waits for the end."""

        def tried() -> None:
            try:
                work()
            except Exception as error:
                _log.error("not saved: %s", sentence(error))

        self._thread.submit(tried)

    def close(self) -> None:
        """Write what waits, and end; idempotent."""
        self._thread.shutdown()


class Keeper:
    """Saves the run now and then, so that a crash of the server or the machine loses a minute.

    Args:
        steps: Gives the steps that all agents have taken.
        save: Saves, where there is anything; on this thread.
        every: Seconds.
    """

    def __init__(
        self, steps: Callable[[], int], save: Callable[[], object], every: float = KEEP_S
    ) -> None:
        self._steps = steps
        self._save = save
        self._every = every
        self._known = 0
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._live, name="gridworld-keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End, after a save that is under way; idempotent."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()

    def _live(self) -> None:
        while not self._closed.wait(self._every):
            try:
                steps = self._steps()
                if steps and steps != self._known:
                    self._save()
                    self._known = steps
            except Exception as error:  # the next one may go better; a close ends it
                if not self._closed.is_set():
                    _log.warning("the run could not be saved on the way: %s", sentence(error))


def sentence(error: Exception) -> str:
    """Why something failed, for the viewer."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    nothing = "too little memory" if isinstance(error, MemoryError) else "a fault"
    return shortened(error, 500) or nothing
