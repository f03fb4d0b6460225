"""What one session may take of a server that has many."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gridworld.batch import Batch
from gridworld.errors import InvalidValueError, MemoryLimitError
from gridworld.live.turns import Turns

__all__ = ["ALONE", "COPIES", "NO_LIMITS", "Allowance", "Terms"]

COPIES: Final = 5
"""So often a session may hold a run: the present one, the one that was put aside for it, two
copies on their way to the disk, and the agents that go through their past again."""

MOST_CELLS: Final = 128 * 128
"""Of a world, in a session of one's own: solving it takes a moment, and looking at it no longer
than a frame may be late."""

MOST_TEXT: Final = 4_000_000
"""Bytes of JSON: read, it takes ten times as much for a moment."""

MOST_TABS: Final = 10
"""That watch one session."""


@dataclass(frozen=True)
class Allowance:
    """The limits of one session; None: only those of the machine.

    Attributes:
        memory: Bytes that its runs may hold, copies included.
        disk: Bytes of its saves.
        cells: Of its world.
        text: Bytes of a JSON that it takes.
        tabs: That watch it.
    """

    memory: int | None = None
    disk: int | None = None
    cells: int | None = None
    text: int | None = None
    tabs: int | None = None

    @classmethod
    def own(cls, memory: int) -> "Allowance":
        """Of a session of one's own, that may hold so many bytes in memory, and as many on disk."""
        return cls(memory, memory, MOST_CELLS, MOST_TEXT, MOST_TABS)

    @property
    def run(self) -> int | None:
        """Bytes of one run."""
        return None if self.memory is None else self.memory // COPIES

    def check_world(self, cells: int) -> None:
        """Refuse a world that is too large here.

        Raises:
            InvalidValueError: It is.
        """
        if self.cells is not None and cells > self.cells:
            raise InvalidValueError(
                f"a world must have at most {self.cells:,} cells in a session of one's own,"
                f" got {cells:,}"
            )

    def check_run(self, need: int) -> None:
        """Refuse a run that is too large here, before anything is allocated.

        Raises:
            MemoryLimitError: It is.
        """
        if self.run is not None and need > self.run:
            raise MemoryLimitError(
                f"a run must have at most {_written(self.run)} of tables and histories in a session"
                f" of one's own, got {_written(need)}: fewer agents or a smaller world"
            )

    def check_batch(self, batch: Batch) -> None:
        """Refuse one that came from a file.

        Raises:
            InvalidValueError: Its world is too large here.
            MemoryLimitError: It is.
        """
        self.check_world(batch.mdp.n_states)
        parts: tuple[Any, ...] = (batch.q, batch.agents, batch.bins, batch.floats, batch.ints)
        self.check_run(sum(part.nbytes for part in parts))

    def check_disk(self, folder: Path, more: int) -> None:
        """Refuse a save where there is no room for it.

        Raises:
            InvalidValueError: There is none.
        """
        if self.disk is None:
            return
        taken = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        if taken + more > self.disk:
            raise InvalidValueError(
                f"the saves of a session must have at most {_written(self.disk)}, got"
                f" {_written(taken + more)}: delete some, or download them"
            )


NO_LIMITS: Final = Allowance()


@dataclass(frozen=True)
class Terms:
    """How a session shares its server with others.

    Attributes:
        allowance: What it may take.
        turns: Taken by the trainings of all of them; None: there are no others.
        crowd: Gives how many there are.
        comes_back: Whether it goes on from what it was when it ended last; else that is offered.
    """

    allowance: Allowance = NO_LIMITS
    turns: Turns | None = None
    crowd: Callable[[], int] = lambda: 1
    comes_back: bool = False

    @property
    def threads(self) -> int | None:
        """Of its training; None: as many as there are processors."""
        return None if self.turns is None else 1


ALONE: Final = Terms()


def _written(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
