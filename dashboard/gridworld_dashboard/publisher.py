"""The frames: built by one thread, ten a second, once for all viewers.

A frame is complete, so a viewer who is slow skips frames and misses nothing. It is encoded in
three pieces: counters (every time), what was learnt (twice a second) and the world (once a run);
a viewer gets the pieces that it has not seen.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from gridworld_dashboard import frame as frames
from gridworld_dashboard import protocol
from gridworld_dashboard.hub import Hub
from gridworld_dashboard.session import Session
from gridworld_dashboard.transport import text_frame

__all__ = ["CHANGE_GAP_S", "LEARNT_TICKS", "TICK_S", "Frame", "Publisher"]

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

_log = logging.getLogger(__name__)


class Frame:
    """A frame for all viewers, in pieces of JSON: what stands between the braces.

    Args:
        number: Grows with every frame.
        type_: `"state"` or `"training_update"`.
        run: The run that it shows.
        running: Whether training ran.
        counters: New in every frame.
        learnt: Values, policy, history.
        learnt_number: Grows whenever `learnt` is looked at again.
        learnt_age: Frames since then.
        world: The same for a run.
    """

    def __init__(
        self,
        number: int,
        type_: str,
        *,
        run: int,
        running: bool,
        counters: str,
        learnt: str,
        learnt_number: int,
        learnt_age: int,
        world: str,
    ) -> None:
        self.number = number
        self.type = type_
        self.run = run
        self.running = running
        self.learnt_number = learnt_number
        self.learnt_age = learnt_age
        self._pieces = counters, learnt, world
        self._encoded: dict[tuple[bool, bool], bytes] = {}

    def encoded(self, *, learnt: bool, world: bool) -> bytes:
        """The frame as it goes out, with these pieces; encoded once for all viewers."""
        key = (learnt, world)
        if key not in self._encoded:
            wanted = zip(self._pieces, (True, learnt, world), strict=True)
            inside = ",".join(piece for piece, want in wanted if want)
            self._encoded[key] = text_frame(f'{{"type":"{self.type}","data":{{{inside}}}}}')
        return self._encoded[key]


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
        self._learnt_age = 0
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
            self._learnt_age += 1
            return Frame(
                self._number,
                type_,
                run=run,
                running=counters["running"],
                counters=_inside(counters),
                learnt=self._learnt,
                learnt_number=self._learnt_number,
                learnt_age=self._learnt_age - 1,
                world=self._world,
            )

    def _look(self, key: tuple[int, int]) -> None:
        data = frames.learnt_data(self._session.learnt(), self._session.world)
        self._learnt = _inside(data)
        self._learnt_number += 1
        self._learnt_age = 0
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
            self._hub.show_all()


def _inside(data: dict[str, Any]) -> str:
    """The object as JSON without its braces."""
    return protocol.encode(data)[1:-1]
