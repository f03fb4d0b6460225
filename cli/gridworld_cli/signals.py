"""The signals that end a command, told apart by the exit code; they wait for files.

Only the standard library's smallest modules: this comes before everything else.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["at_once", "came", "cause", "exit_code", "held", "raised", "watch"]

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C; `kill`, timeout(1), a container's or a batch system's end; a terminal that is closed."""

STOPPED = b"gridworld-bench: stopped.\n"


class _State:
    """What came, and what is to be done about it."""

    came: int | None = None
    held = False
    at_once = False


def watch() -> None:
    """Let the signals end the process, but for those that are ignored (nohup).

    At once, until a command says that it wants to be told (`raised`).
    """
    _State.at_once = True
    for name in NAMES:
        kind = getattr(signal, name, None)  # Windows has no SIGHUP
        if kind is not None and signal.getsignal(kind) != signal.SIG_IGN:
            signal.signal(kind, _handle)


def exit_code() -> int:
    """128 and the number of the signal that came; that of Ctrl-C where none is known."""
    return 128 + (_State.came or signal.SIGINT)


def came() -> bool:
    """Whether one came."""
    return _State.came is not None


def cause() -> str:
    """What ended the command, in words."""
    came = _State.came or signal.SIGINT
    return "Ctrl-C" if came == signal.SIGINT else signal.Signals(came).name


@contextmanager
def held() -> Iterator[Callable[[], bool]]:
    """Let no signal break in: what asks whether one came decides where to stop.

    A second one changes nothing, since a terminal that is closed sends two, and fingers press
    Ctrl-C again. One that came to nobody's notice is raised at the end.

    Yields:
        Tells whether one came.
    """
    asked = False

    def ask() -> bool:
        nonlocal asked
        asked = came()
        return asked

    before, _State.held = _State.held, True
    try:
        yield ask
    finally:
        _State.held = before
    if came() and not asked:
        raise KeyboardInterrupt


@contextmanager
def raised() -> Iterator[None]:
    """Let a signal raise `KeyboardInterrupt`, where somebody catches it."""
    before, _State.at_once = _State.at_once, False
    try:
        yield
    finally:
        _State.at_once = before


@contextmanager
def at_once() -> Iterator[None]:
    """Let a signal end the process itself, where nothing can be lost.

    Imports and the compiler may swallow the exception, or take seconds until they let it pass.
    """
    before, _State.at_once = _State.at_once, True
    try:
        yield
    finally:
        _State.at_once = before


def _handle(number: int, frame: FrameType | None) -> None:
    if _State.came is None:
        _State.came = number
    if _State.at_once:
        try:
            os.write(2, STOPPED)
        finally:
            os._exit(exit_code())
    if not _State.held:
        raise KeyboardInterrupt
