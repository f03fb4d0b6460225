"""The stream: what a viewer sends goes to the session, answers and frames go to the viewer."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from simple_websocket import ConnectionClosed  # type: ignore[import-untyped]

from gridworld_dashboard.frames.cells import clip
from gridworld_dashboard.frames.looks import View
from gridworld_dashboard.session import Session
from gridworld_dashboard.wire import protocol
from gridworld_dashboard.wire.hub import Client, Hub
from gridworld_dashboard.wire.protocol import MAX_FRAME_BYTES, Command, Message
from gridworld_dashboard.wire.publisher import CHANGE_GAP_S, LEARNT_TICKS, TICK_S, Frame, Publisher
from gridworld_dashboard.wire.transport import Transport, Wake

__all__ = ["Stream", "Viewer", "WebSocketLike", "close", "turn_away"]

IDLE_WAIT_S: Final = 1.0

WATCHING: Final = ("ping", "set_view", "list_saves", *protocol.ASKING)
"""Commands that change nothing for others."""

CROWD: Final = 10
"""So many viewers get what was learnt with the same frame, the next ones a frame later."""

WORLD_SENDS: Final = 4
"""A new run's world goes out so many times."""

LARGE_WORLD: Final = 128 * 128
"""Worlds of more cells are then left out of idle frames as well."""

SMALL_BYTES: Final = 128 * 1024
"""A frame of so many fits between the server and a viewer who is about to read."""

GOING_AWAY, TOO_BIG, POLICY, FAULT, TRY_LATER = 1001, 1009, 1008, 1011, 1013

MOST_REASON: Final = 120
"""Letters of ASCII that a frame which closes a connection holds; a page shows them."""

_log = logging.getLogger(__name__)


class WebSocketLike(Protocol):
    """What is used of simple-websocket's `Server`."""

    sock: Transport
    event: Wake
    thread: threading.Thread
    input_buffer: list[str | bytes]

    def send(self, data: str) -> None:
        """Send a text frame."""

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """The next frame; None when there is none in time."""

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        """Close with a code and a reason."""


class Viewer:
    """One connection: commands in; answers and frames out.

    Args:
        ws: The connection.
        session: Takes the commands.
        hub: Who else watches.
        publisher: Has the frames.
        steers: Whether it may do more than watch.
        you: What is true for this viewer alone, as its first frame says it; None: nothing.
    """

    def __init__(
        self,
        ws: WebSocketLike,
        session: Session,
        hub: Hub,
        publisher: Publisher,
        *,
        steers: bool = True,
        you: Mapping[str, Any] | None = None,
    ) -> None:
        self._steers = steers
        self._you = you
        self._ws = ws
        self._session = session
        self._hub = hub
        self._publisher = publisher
        self._greeted = False
        self._view_wanted = False
        self._frame_seen = 0
        self._look_seen = 0
        self._view_seen: View | None = None
        self._stage_seen = 0
        self._run_seen = 0
        self._world_sends = 0
        # Large frames of all viewers in the same moment would delay the last of them.
        self._turn = hub.viewers // CROWD % LEARNT_TICKS
        self._client = Client(ws.event.poke, self._show_small)
        ws.sock.backlog = lambda: len(ws.input_buffer)
        ws.sock.ended = ws.event.poke

    def serve(self) -> None:
        """Talk until one side ends it.

        Raises:
            ConnectionClosed: The viewer has gone.
            OSError: The connection is broken.
        """
        self._hub.join(self._client)
        try:
            self._greet()
            self._talk()
        finally:
            self._hub.leave(self._client)

    def _greet(self) -> None:
        """The first message is the whole state."""
        while (frame := self._publisher.build("state", newcomer=True)) is None:
            time.sleep(CHANGE_GAP_S)  # another viewer is just about to begin afresh
        self._ws.sock.send(self._encode(frame, you=self._you))
        self._greeted = True

    def _show_view(self) -> None:
        """Show what it wants to see at once, and not only with the next idle frame."""
        self._view_wanted = False
        frame = self._publisher.build("state")
        if frame is not None:
            self._ws.sock.offer(lambda: self._encode(frame))

    def _talk(self) -> None:
        while not self._hub.closing:
            if self._client.overflowed:
                close(self._ws, POLICY, "too many messages were left unread")
                return
            if not self._answer():
                # It does not read its answers: no further commands until it does.
                self._ws.sock.writable(TICK_S)
                continue
            if self._view_wanted and not self._session.observer.running:
                self._show_view()
            self._show()
            received = self._ws.receive(timeout=IDLE_WAIT_S)
            if received is None:
                continue
            if isinstance(received, str) and len(received.encode()) > MAX_FRAME_BYTES:
                # simple-websocket counts characters
                close(self._ws, TOO_BIG, "Message is too big")
                return
            self._take(received)
        self._answer()
        close(self._ws, GOING_AWAY, "the server stops")

    def _take(self, received: str | bytes) -> None:
        for item in protocol.parse(received):

            def reply(
                message: Message, *, tell: bool | Message = False, id_: protocol.Id | None = item.id
            ) -> None:
                self._hub.answer(self._client, message, id_, tell=tell)

            if not isinstance(item, Command):
                reply(protocol.error(item.message))
            elif not self._steers and item.type not in WATCHING:
                words = f"{item.type} must come from who steers, got it from who watches"
                reply(protocol.error(words))
            elif item.type == "set_view":
                reply(self._set_view(item))
            else:
                self._session.execute(item, reply)

    def _set_view(self, command: Command) -> Message:
        """Another view, of this viewer alone; the next frame shows it."""
        view = replace(self._client.view, **command.data)
        self._client.view = view
        self._publisher.prepare()
        self._view_wanted = True
        return protocol.view_set(view.layer, clip(view.window, self._session.observer.world))

    def _answer(self) -> bool:
        """Send what waits; False where the viewer has to read first."""
        while self._client.outbox:
            if not self._ws.sock.writable():
                return False
            self._ws.send(self._client.outbox.popleft())
        return True

    def _show(self, most: int | None = None) -> bool:
        """Send the newest frame; False: not yet, or not from here.

        Args:
            most: Bytes that may go out from this thread; None: it is this viewer's own.
        """
        if self._client.outbox:
            return False  # answers go first
        if not self._greeted or self._hub.closing:
            return True
        left: list[Frame] = []

        def make() -> bytes:
            frame = self._newest()
            if frame is None:
                return b""
            data = self._encode(frame, most)
            if not data:
                left.append(frame)
            return data

        try:
            return self._ws.sock.offer(make) and not left
        except OSError:
            return False  # its own thread will find out

    def _show_small(self) -> bool:
        """On the publisher's thread, which must not wait until a viewer has read a large frame."""
        return self._show(SMALL_BYTES)

    def _newest(self) -> Frame | None:
        """The newest frame, unless it has been seen or must not be."""
        frame = self._publisher.latest
        if frame is None or frame.number <= self._frame_seen:
            return None
        # A frame from before a start, a stop or a reset must not follow the answer to it; the
        # next one is on its way.
        if (frame.run, frame.running) != (
            self._session.observer.run,
            self._session.observer.running,
        ):
            return None
        return frame

    def _encode(
        self, frame: Frame, most: int | None = None, you: Mapping[str, Any] | None = None
    ) -> bytes:
        """The pieces that this viewer has not seen; nothing where they are more than `most`.

        Args:
            frame: The frame.
            most: Bytes.
            you: What nobody else is told.
        """
        look, whole = frame.look, frame.type == "state"
        sends = self._world_sends if self._run_seen == frame.run else 0
        view = look.reduced(self._client.view)
        learnt = whole or sends == 0 or view != self._view_seen
        learnt = learnt or (self._look_seen != look.number and frame.look_age >= self._turn)
        if not whole and not look.has(view):
            learnt = False  # it is being made; this frame is due
        # More than once, half a second apart: of two messages right after each other, the page's
        # WebSocket component may show the second one only.
        world = sends == 0 or (learnt and sends < WORLD_SENDS)
        world = world or (whole and look.learnt.world.n_states <= LARGE_WORLD)
        truth = frame.truth.stage != self._stage_seen
        data = frame.encoded(view=view if learnt else None, truth=truth, world=world, you=you)
        if most is not None and len(data) > most:
            return b""
        self._frame_seen, self._run_seen = frame.number, frame.run
        self._world_sends = sends + world
        self._stage_seen = frame.truth.stage
        if learnt:
            self._look_seen, self._view_seen = look.number, view
        return data


class Stream:
    """The session, its viewers, and the frames between them.

    Args:
        session: What is shown and steered.
        clock: As in `Publisher`.
        wake: See there.
    """

    def __init__(
        self,
        session: Session,
        clock: Callable[[], float] = time.monotonic,
        wake: threading.Event | None = None,
    ) -> None:
        self.session = session
        self.hub = Hub()
        self.publisher = Publisher(session, self.hub, clock, wake)
        session.attach(self.hub.announce, self.publisher.change)
        self.publisher.start()

    def close(self) -> None:
        """Say goodbye to all viewers; the session stays."""
        self.publisher.close()
        self.hub.close()

    def handle(
        self, ws: WebSocketLike, *, steers: bool = True, you: Mapping[str, Any] | None = None
    ) -> None:
        """Serve one viewer until it goes.

        Args:
            ws: Its connection.
            steers: Whether it may do more than watch.
            you: As in `Viewer`.

        Everything is caught: an exception that left this function would make the web server
        write an HTTP page into the WebSocket.
        """
        try:
            Viewer(ws, self.session, self.hub, self.publisher, steers=steers, you=you).serve()
        except (ConnectionClosed, OSError):
            pass  # it has gone
        except Exception:
            _log.exception("a viewer's thread failed")
            close(ws, FAULT, "a fault of the server; its log says more")
        finally:
            ws.sock.finish(ws.thread)


def close(ws: WebSocketLike, code: int, reason: str) -> None:
    """Close, unless it is closed already."""
    with contextlib.suppress(ConnectionClosed, OSError):
        ws.close(code, reason)


def turn_away(ws: WebSocketLike, reason: str) -> None:
    """Say goodbye to a viewer that has come for nothing."""
    try:
        close(ws, TRY_LATER, reason[:MOST_REASON])
    finally:
        ws.sock.finish(ws.thread)
