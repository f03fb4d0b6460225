"""The stream: one thread builds a frame for all viewers, each viewer's thread sends it.

A frame is complete, so a viewer who is slow skips frames and misses nothing. It is encoded once,
in three pieces: counters (every time), what was learnt (twice a second) and the world (once a
run); a viewer gets the pieces that it has not seen.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from simple_websocket import ConnectionClosed  # type: ignore[import-untyped]

from gridworld_dashboard import frame as frames
from gridworld_dashboard import protocol
from gridworld_dashboard.hub import Client, Hub
from gridworld_dashboard.protocol import MAX_FRAME_BYTES, Command, Message
from gridworld_dashboard.session import Session
from gridworld_dashboard.transport import Transport, Wake

__all__ = ["Frame", "Publisher", "Stream", "WebSocketLike"]

TICK_S: Final = 0.1
"""From one frame to the next while training runs, by the clock."""

IDLE_TICKS: Final = 10
"""While nothing runs, frames come so many times more slowly."""

LEARNT_TICKS: Final = 5
"""What was learnt is looked at every so many frames."""

LEARNT_MAX_AGE_S: Final = 1.0
"""Nobody looks while there are no viewers."""

CHANGE_GAP_S: Final = 0.02
"""Changes are shown at once, but not more often than this."""

IDLE_WAIT_S: Final = 1.0

GOING_AWAY, TOO_BIG, POLICY, FAULT = 1001, 1009, 1008, 1011

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


@dataclass(frozen=True)
class Frame:
    """A frame for all viewers, in pieces of JSON: what stands between the braces.

    Attributes:
        number: Grows with every frame.
        type: `"state"` or `"training_update"`.
        run: The run that it shows.
        running: Whether training ran.
        counters: New in every frame.
        learnt: Values, policy, history.
        learnt_number: Grows whenever `learnt` is looked at again.
        world: The same for a run.
    """

    number: int
    type: str
    run: int
    running: bool
    counters: str
    learnt: str
    learnt_number: int
    world: str

    def text_for(self, client: Client) -> str:
        """The message for one viewer, which has seen it then."""
        pieces = [self.counters]
        if self.type == "state" or client.learnt_seen != self.learnt_number:
            pieces.append(self.learnt)
        if self.type == "state" or client.run_seen != self.run:
            pieces.append(self.world)
        client.frame_seen = self.number
        client.learnt_seen = self.learnt_number
        client.run_seen = self.run
        return f'{{"type":"{self.type}","data":{{{",".join(pieces)}}}}}'


class Publisher:
    """Builds frames: every 100 ms while training runs, every second else, and after changes.

    Args:
        session: What is shown.
        hub: Who watches.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, session: Session, hub: Hub, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._session = session
        self._hub = hub
        self._clock = clock
        self._building = threading.Lock()
        self._learnt = ""
        self._learnt_number = 0
        self._learnt_key = (0, 0)  # run and step
        self._learnt_at = 0.0
        self._world = ""
        self._world_run = 0
        self._number = 0
        self.latest: Frame | None = None
        self._wake = threading.Event()
        self._changed = False
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="gridworld-publisher", daemon=True)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def close(self) -> None:
        """End; idempotent."""
        self._closed = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def change(self) -> None:
        """Something has changed that viewers must see at once. Any thread may call it."""
        self._changed = True
        self._wake.set()

    def build(self, type_: str) -> Frame | None:
        """A frame of the present; None in the middle of a fresh beginning."""
        with self._building:
            counters = self._session.counters()
            if counters is None:
                return None
            run = counters["run"]
            if run != self._world_run:
                self._world = _inside({"world": frames.world_data(self._session.world)})
                self._world_run = run
            # While training runs a frame shows what was learnt a moment ago: looking again takes
            # too long for a frame that is due.
            key = (run, counters["total_steps"])
            moment = counters["running"] and self._clock() - self._learnt_at < LEARNT_MAX_AGE_S
            if key != self._learnt_key and not (moment and self._learnt_key[0] == run):
                self._look(key)
            counters |= {"events": self._hub.events, "viewers": self._hub.viewers}
            self._number += 1
            return Frame(
                number=self._number,
                type=type_,
                run=run,
                running=counters["running"],
                counters=_inside(counters),
                learnt=self._learnt,
                learnt_number=self._learnt_number,
                world=self._world,
            )

    def _look(self, key: tuple[int, int]) -> None:
        data = frames.learnt_data(self._session.learnt(), self._session.world)
        self._learnt = _inside(data)
        self._learnt_number += 1
        self._learnt_key = key
        self._learnt_at = self._clock()

    def _loop(self) -> None:
        due = self._clock()
        ticks = 0
        last = -CHANGE_GAP_S
        while True:
            now = self._clock()
            pause = due - now
            if self._changed:
                pause = min(pause, last + CHANGE_GAP_S - now)
            if pause > 0:
                self._wake.wait(pause)
                self._wake.clear()
            if self._closed:
                return
            now = self._clock()
            tick = now >= due
            if tick:
                due += TICK_S * (1 + (now - due) // TICK_S)
                ticks += 1
            try:
                if self._turn(tick, ticks, now - last):
                    last = now
            except Exception:
                if not self._closed:
                    _log.exception("a frame could not be built")

    def _turn(self, tick: bool, ticks: int, since: float) -> bool:
        """Publish what is due; whether anything was."""
        running = self._session.running
        if tick and running:
            self._publish("training_update")
            if ticks % LEARNT_TICKS == 0 and self._hub.viewers:
                with self._building:  # for the next frame
                    counters = self._session.counters()
                    if counters is not None:
                        self._look((counters["run"], counters["total_steps"]))
            return True
        if (self._changed and since >= CHANGE_GAP_S) or (
            tick and since >= (IDLE_TICKS - 0.5) * TICK_S
        ):
            self._publish("state")
            return True
        return False

    def _publish(self, type_: str) -> None:
        self._changed = False
        if not self._hub.viewers:
            return
        frame = self.build(type_)
        if frame is not None:
            self.latest = frame
            self._hub.poke_all()


class Stream:
    """The session, its viewers, and the frames between them.

    Args:
        session: What is shown and steered.
        clock: Seconds, monotonic.
    """

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        self.session = session
        self.hub = Hub()
        self.publisher = Publisher(session, self.hub, clock)
        session.attach(self.hub.announce, self.publisher.change)
        self.publisher.start()

    def close(self) -> None:
        """Say goodbye to all viewers; the session stays."""
        self.publisher.close()
        self.hub.close()

    def handle(self, ws: WebSocketLike) -> None:
        """Serve one viewer until it goes.

        Everything is caught: an exception that left this function would make the web server
        write an HTTP page into the WebSocket.
        """
        ws.sock.backlog = lambda: len(ws.input_buffer)
        client = self.hub.join(ws.event.poke)
        try:
            self._serve(ws, client)
        except (ConnectionClosed, OSError):
            pass  # it has gone
        except Exception:
            _log.exception("a viewer's thread failed")
            _close(ws, FAULT, "a fault of the server; its log says more")
        finally:
            self.hub.leave(client)
            ws.sock.finish(ws.thread)

    def _serve(self, ws: WebSocketLike, client: Client) -> None:
        frame = self.publisher.build("state")
        if frame is not None:
            ws.send(frame.text_for(client))
        while not self.hub.closing:
            if client.overflowed:
                _close(ws, POLICY, "too many messages were left unread")
                return
            self._flush(ws, client)
            if client.outbox:
                # It does not read its answers: no further commands until it does.
                ws.sock.writable(TICK_S)
                continue
            received = ws.receive(timeout=IDLE_WAIT_S)
            if received is None:
                continue
            if isinstance(received, str) and len(received.encode()) > MAX_FRAME_BYTES:
                # simple-websocket counts characters
                _close(ws, TOO_BIG, "Message is too big")
                return
            self._take(received, client)
        self._flush(ws, client)
        _close(ws, GOING_AWAY, "the server stops")

    def _take(self, received: str | bytes, client: Client) -> None:
        for item in protocol.parse(received):

            def reply(
                message: Message, *, tell: bool = False, id_: protocol.Id | None = item.id
            ) -> None:
                self.hub.answer(client, message, id_, tell=tell)

            if isinstance(item, Command):
                self.session.execute(item, reply)
            else:
                reply(protocol.error(item.message))

    def _flush(self, ws: WebSocketLike, client: Client) -> None:
        """Send what waits and can be sent without waiting: answers, then the newest frame."""
        while client.outbox:
            if not ws.sock.writable():
                return
            ws.send(client.outbox.popleft())
        frame = self.publisher.latest
        if frame is None or frame.number <= client.frame_seen or not ws.sock.writable():
            return
        # A frame from before a start, a stop or a reset must not follow the answer to it; the
        # next one is on its way.
        if (frame.run, frame.running) == (self.session.run, self.session.running):
            ws.send(frame.text_for(client))


def _close(ws: WebSocketLike, code: int, reason: str) -> None:
    with contextlib.suppress(ConnectionClosed, OSError):
        ws.close(code, reason)


def _inside(data: dict[str, Any]) -> str:
    """The object as JSON without its braces."""
    return protocol.encode(data)[1:-1]
