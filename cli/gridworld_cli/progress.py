"""How far a training has come: a bar on a terminal, plain lines in a pipe."""

import contextlib
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

import click

from gridworld_cli.report import console, duration, on_terminal, rate

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from gridworld import Progress

__all__ = ["ProgressReport", "describe"]

LINE_EVERY_S = 2.0


class Fraction(Protocol):
    """How far something has come."""

    @property
    def fraction(self) -> float:
        """In [0, 1]."""
        ...


P = TypeVar("P", bound=Fraction)


class ProgressReport(Generic[P]):
    """Tells of the progress that it is called with.

    Args:
        words: What to say of it, by the progress and the seconds since the beginning.
        silent: Say nothing.
        patient: Go on in silence where the reader has gone, or the terminal is closed.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        words: Callable[[P, float], str],
        *,
        silent: bool = False,
        patient: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._words = words
        self._silent = silent
        self._patient = patient
        self._clock = clock
        self._begin = self._told = clock()
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        self._begin = self._told = self._clock()
        # a terminal that cannot go back in its line gets lines, as a pipe does
        if not self._silent and on_terminal() and not console().is_dumb_terminal:
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

            self._bar = Progress(
                BarColumn(bar_width=30),
                TaskProgressColumn(),
                TextColumn("{task.fields[text]}"),
                console=console(),
                transient=True,
            )
            self._bar.add_task("", total=1.0, text="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            with contextlib.suppress(OSError):
                self._bar.stop()

    def __call__(self, progress: P) -> None:
        """Tell of it, in a pipe only now and then.

        Raises:
            OSError: Nobody reads it, and it is not patient.
        """
        if self._silent:
            return
        try:
            self._tell(progress)
        except OSError:
            if not self._patient:
                raise
            self._silent = True

    def _tell(self, progress: P) -> None:
        now = self._clock()
        text = self._words(progress, now - self._begin)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=progress.fraction, text=text)
        elif now - self._told >= LINE_EVERY_S and progress.fraction < 1:
            self._told = now
            click.echo(f"{progress.fraction:4.0%}  {text}")


def describe(progress: "Progress", elapsed: float) -> str:
    """Episodes, speed and the time that is left, estimated from the time that it took so far."""
    parts = [f"{progress.episodes:,} episodes", rate(progress.steps, elapsed)]
    if 0 < progress.fraction < 1:
        parts.append(f"ETA {duration(elapsed * (1 / progress.fraction - 1))}")
    return "  ".join(parts)
