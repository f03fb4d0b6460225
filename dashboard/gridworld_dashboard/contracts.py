"""What a session works with: who trains for it, and who waits for its answers."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm
from gridworld.batch import Batch
from gridworld.trainer import Mark, Snapshot
from gridworld_dashboard.wire.protocol import Message

__all__ = ["Reply", "TrainerLike"]

T = TypeVar("T")


class Reply(Protocol):
    """Takes the one answer to a command."""

    def __call__(self, message: Message, *, tell: bool | Message = False) -> None:
        """May be called on any thread.

        Args:
            message: The answer.
            tell: Whether all others have to know as well; a message: what they are told instead.
        """


class TrainerLike(Protocol):
    """What a session needs of a `gridworld.Trainer`."""

    @property
    def running(self) -> bool:
        """Whether training runs."""
        ...

    def start(
        self,
        episodes: int | None = ...,
        steps: int | None = ...,
        *,
        speed: float | object | None = ...,
        algorithm: Algorithm | None = ...,
        epsilon: float | None = ...,
    ) -> None:
        """Train on from where the agents are."""

    def stop(self) -> bool:
        """Stop at once; False where nothing ran."""
        ...

    def reset(self) -> None:
        """Stop, and begin afresh."""

    def replace(self, batch: Batch) -> None:
        """Stop, and go on with another batch."""

    def set_speed(self, speed: float | None) -> None:
        """Steps a second."""

    def step(self, n: int = ...) -> None:
        """Take single steps while stopped."""

    def step_episode(self) -> None:
        """Finish the episode under way while stopped."""

    def show(self, row: int) -> None:
        """Let the frames describe another agent."""

    def frame(self) -> npt.NDArray[np.void]:
        """The newest `FRAME[1]`."""
        ...

    def snapshot(self, row: int = ...) -> Snapshot:
        """One agent, copied between two chunks."""
        ...

    def take_marks(self) -> list[Mark]:
        """Copies of the shown agent's table on its way."""
        ...

    def call(self, function: Callable[[Batch], T]) -> T:
        """Run `function(batch)` between two chunks."""
        ...

    def close(self) -> None:
        """End the thread."""
