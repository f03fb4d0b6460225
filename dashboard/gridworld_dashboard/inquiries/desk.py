"""Answers what viewers ask and what takes a moment, beside the training, one after the other."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from gridworld.errors import GridworldError, TrainerBusyError
from gridworld_dashboard.classroom.allowance import ALONE, Terms
from gridworld_dashboard.frames.worlds import world_judged
from gridworld_dashboard.inquiries.past import Past
from gridworld_dashboard.inquiries.trials import Trials
from gridworld_dashboard.observer import Observer
from gridworld_dashboard.reply import Reply
from gridworld_dashboard.truth import Report
from gridworld_dashboard.wire import protocol
from gridworld_dashboard.wire.protocol import Message

__all__ = ["MOST_WAITING", "Desk"]

MOST_WAITING: Final = 64
"""Questions of all viewers together; the next one is told so."""

QUICK: Final = ("check_world",)
"""Answered on the thread of who asks: who draws must not wait for what others look back at."""

_log = logging.getLogger(__name__)


class Desk:
    """A thread that answers questions. Nothing that it does touches the training.

    Args:
        observer: Looks at the training.
        truth: Gives what is known of the optimum.
        terms: How much it may take.

    Attributes:
        commands: What may be asked.
    """

    def __init__(
        self, observer: Observer, truth: Callable[[], Report], terms: Terms = ALONE
    ) -> None:
        self._past = Past(observer, truth, terms)
        trials = Trials(observer, terms.crowd)
        self.commands: Mapping[str, Callable[[Mapping[str, Any]], Message]] = {
            "test_policy": lambda data: protocol.tested(trials.test(data)),
            "play": lambda data: protocol.played(trials.play(data)),
            "look_back": lambda data: protocol.past(self._past.look(data)),
            "check_world": lambda data: protocol.world_checked(
                *world_judged(data.get("world", observer.world))
            ),
        }
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._thread = ThreadPoolExecutor(1, "gridworld-desk")

    def ask(self, command: str, data: Mapping[str, Any], reply: Reply) -> None:
        """Answer a question, later and elsewhere.

        Raises:
            TrainerBusyError: Too many wait for an answer.
        """
        if command in QUICK:
            reply(self._answered(command, data))
            return
        if not self._places.acquire(blocking=False):
            raise TrainerBusyError(
                f"at most {MOST_WAITING} questions may wait for an answer, got one more"
            )
        try:
            self._thread.submit(self._answer_in_turn, command, data, reply)
        except RuntimeError:  # it has ended
            self._places.release()
            raise TrainerBusyError("the server must be open to be asked, it is closing") from None

    def close(self) -> None:
        """Leave what waits without an answer, and end; idempotent."""
        self._past.close()
        self._thread.shutdown(cancel_futures=True)

    def _answer_in_turn(self, command: str, data: Mapping[str, Any], reply: Reply) -> None:
        try:
            message = self._answered(command, data)
        finally:
            self._places.release()
        reply(message)

    def _answered(self, command: str, data: Mapping[str, Any]) -> Message:
        try:
            return self.commands[command](data)
        except GridworldError as error:
            return protocol.error(str(error))
        except MemoryError:
            return protocol.error(f"{command} must fit into the free memory, got too much")
        except Exception:
            _log.exception("%s failed", command)
            return protocol.error(f"{command} failed by a fault of the server; see its log")
