"""Who watches, and what they are to be told."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from gridworld_dashboard.frames.looks import View
from gridworld_dashboard.wire.protocol import Id, Message, encode

__all__ = ["Client", "Hub"]

MAX_CLIENTS: Final = 500
"""Each costs two threads."""

MAX_OUTBOX: Final = 1000
"""Messages that a viewer may leave unread."""

MAX_EVENTS: Final = 16

UNTOLD: Final = ("pong", "view_set", "saves", "world_checked", "tested", "played", "past")
"""Answers that are no events: they come often, and concern nobody but who asked."""


class Client:
    """One viewer, as others see it: an outbox that its own thread empties.

    Args:
        poke: Wakes that thread.
        show: Sends it the newest frame at once; False where that has to wait.

    Attributes:
        view: What it sees of the grid.
    """

    def __init__(self, poke: Callable[[], None], show: Callable[[], bool] = lambda: False) -> None:
        self.poke = poke
        self.show = show
        self.view = View()
        self.outbox: deque[str] = deque()
        self.overflowed = False

    def post(self, text: str) -> None:
        """Leave a message. Any thread may call it; it never waits."""
        if len(self.outbox) >= MAX_OUTBOX:
            self.overflowed = True
        else:
            self.outbox.append(text)
        self.poke()


class Hub:
    """All viewers, and the last events, which frames repeat for pages that miss a message.

    Attributes:
        closing: Whether all are being said goodbye to.
        room: How many there may be.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gone = threading.Condition(self._lock)
        self._clients: set[Client] = set()
        self._events: deque[dict[str, Any]] = deque(maxlen=MAX_EVENTS)
        self._n_events = 0
        self.closing = False
        self.room = MAX_CLIENTS

    def join(self, client: Client) -> None:
        """A new viewer."""
        with self._lock:
            self._clients.add(client)

    def leave(self, client: Client) -> None:
        """A viewer has gone."""
        with self._lock:
            self._clients.discard(client)
            self._gone.notify_all()

    @property
    def viewers(self) -> int:
        """How many there are."""
        return len(self._clients)

    @property
    def views(self) -> set[View]:
        """What all of them see of the grid."""
        return {client.view for client in self._copy()}

    @property
    def full(self) -> bool:
        """Whether there is no room for another one."""
        return len(self._clients) >= min(MAX_CLIENTS, self.room)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The last events, the newest last."""
        with self._lock:
            return list(self._events)

    def answer(
        self, client: Client, message: Message, id_: Id | None, *, tell: bool | Message
    ) -> None:
        """Answer a command.

        Args:
            client: Who sent it.
            message: The answer.
            id_: Of the command.
            tell: Whether all others get the message too, without its id; or what they get
                instead.
        """
        with self._lock:
            if tell:
                others = message if tell is True else tell
                self._tell(others, besides=client)
                if others is not message:
                    self._record(others, None)
            client.post(encode(message, id_))
            if tell is True or (id_ is not None and message["type"] not in UNTOLD):
                self._record(message, id_)

    def announce(self, message: Message) -> None:
        """Tell everybody something that answers nobody."""
        with self._lock:
            self._tell(message, besides=None)
            self._record(message, None)

    def show_all(self) -> None:
        """There is a new frame.

        It is sent from here where nothing has to be waited for: waking a thread for each viewer
        ten times a second takes longer than sending.
        """
        for client in self._copy():
            if not client.show():
                client.poke()

    def close(self, patience: float = 1.0) -> None:
        """Let every handler say goodbye, and wait for them a moment, in seconds."""
        self.closing = True
        for client in self._copy():
            client.poke()
        with self._lock:
            self._gone.wait_for(lambda: not self._clients, patience)

    def _copy(self) -> list[Client]:
        with self._lock:
            return list(self._clients)

    def _tell(self, message: Message, besides: Client | None) -> None:
        text = encode(message)
        for client in self._clients:
            if client is not besides:
                client.post(text)

    def _record(self, message: Message, id_: Id | None) -> None:
        self._n_events += 1
        event = {"n": self._n_events, **message}
        if id_ is not None:
            event["id"] = id_
        self._events.append(event)
