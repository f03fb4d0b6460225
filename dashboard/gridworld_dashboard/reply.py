"""Who waits for the answer to a command."""

from typing import Protocol

from gridworld_dashboard.wire.protocol import Message

__all__ = ["Reply"]


class Reply(Protocol):
    """Takes the one answer to a command."""

    def __call__(self, message: Message, *, tell: bool | Message = False) -> None:
        """May be called on any thread.

        Args:
            message: The answer.
            tell: Whether all others have to know as well; a message: what they are told instead.
        """
