"""The frames: built by one thread, ten a second, once for all viewers.

A frame is complete, so a viewer who is slow skips frames and misses nothing. It is encoded in
named pieces: counters (every time), what was learnt (twice a second), the truth (with that, and
when it changes) and the world (of a run); a viewer gets the pieces that it has not seen.

What was learnt is looked at for the frame that shows it first, so that all of that frame is of one
moment. On a large world that takes longer than a frame may be late: there a second thread looks,
less often, and frames go on meanwhile; `learnt_at` says of which moment it is.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from gridworld_dashboard.frames.looks import Look, View, inside
from gridworld_dashboard.session import Session
from gridworld_dashboard.truth import Report
from gridworld_dashboard.wire.hub import Hub
from gridworld_dashboard.wire.transport import text_frame

__all__ = ["CHANGE_GAP_S", "LEARNT_TICKS", "TICK_S", "Frame", "Publisher"]

TICK_S: Final = 0.1
"""From one frame to the next while training runs, by the clock."""

IDLE_TICKS: Final = 10
"""While nothing runs, frames come so many times more slowly."""

LEARNT_TICKS: Final = 5
"""What was learnt is looked at every so many frames."""

LOOK_SHARE: Final = 0.2
"""Looks take this part of the time at the most, those of all sessions together."""

QUICK_LOOK_S: Final = 0.01
"""What takes longer is not done while a frame is due, the looks of all sessions taken together."""

LEARNT_MAX_AGE_S: Final = 1.0
"""A newcomer sees nothing that is older."""

CHANGE_GAP_S: Final = 0.02
"""Changes are shown at once, but not more often than this."""

_log = logging.getLogger(__name__)


class Frame:
    """A frame for all viewers, in pieces of JSON: what stands between the braces.

    Args:
        number: Grows with every frame.
        type_: `"state"` or `"training_update"`.
        counters: New in every frame.
        look: What was learnt.
        look_age: Frames since that look.
        truth: What is known of the optimum.
        world: The same for a run.

    Attributes:
        run: The run that it shows.
        running: Whether training ran.
    """

    def __init__(
        self,
        number: int,
        type_: str,
        *,
        counters: dict[str, Any],
        look: Look,
        look_age: int,
        truth: Report,
        world: str,
    ) -> None:
        self.number = number
        self.type = type_
        self.run = int(counters["run"])
        self.running = bool(counters["running"])
        self.look = look
        self.look_age = look_age
        self.truth = truth
        self._counters = inside(counters)
        self._world = world
        self._encoded: dict[tuple[View | None, bool, bool], bytes] = {}

    def encoded(
        self, *, view: View | None, truth: bool, world: bool, you: Mapping[str, Any] | None = None
    ) -> bytes:
        """The frame as it goes out, with these pieces; encoded once for all viewers.

        Args:
            view: Reduced to this look's world; None: without what was learnt.
            truth: Whether to say what is known of the optimum; with a view that goes without
                saying.
            world: Whether to show the world.
            you: What one viewer alone is told; None: nothing, as mostly.
        """
        if you is not None:
            more = inside({"you": you})
            return self._framed([*self._pieces(view, truth=truth, world=world), more])
        key = (view, truth, world)
        if key not in self._encoded:
            self._encoded[key] = self._framed(self._pieces(view, truth=truth, world=world))
        return self._encoded[key]

    def _pieces(self, view: View | None, *, truth: bool, world: bool) -> list[str]:
        pieces = [self._counters]
        if world:
            pieces.append(self._world)
        if view is not None:
            pieces.append(self.look.pieces(view))
            pieces.append(inside({"regrets": self.truth.regrets}))
        if truth or view is not None:
            pieces.append(inside({"truth": self.truth.data}))
        return pieces

    def _framed(self, pieces: list[str]) -> bytes:
        return text_frame(f'{{"type":"{self.type}","data":{{{",".join(pieces)}}}}}')


class Publisher:
    """Builds frames: every 100 ms while training runs, every second else, and after changes.

    Args:
        session: What is shown.
        hub: Who watches.
        clock: Seconds, monotonic.
        wake: Ends the wait for the next frame; its `wait` goes by the same clock.
    """

    def __init__(
        self,
        session: Session,
        hub: Hub,
        clock: Callable[[], float] = time.monotonic,
        wake: threading.Event | None = None,
    ) -> None:
        self._session = session
        self._hub = hub
        self._clock = clock
        self._building = threading.Lock()
        self._world = ""
        self._world_run = 0
        self._number = 0
        self.latest: Frame | None = None
        self._looking = threading.Lock()
        self._look: Look | None = None
        self._look_number = 0
        self._look_frame = 0  # the last frame without that look
        self._looked_at = 0.0
        self._look_took = 0.0
        self._next_look_at = 0.0
        self._look_due = threading.Event()
        self._wake = wake or threading.Event()
        self._changed = False
        self._closed = False
        self._threads = [
            threading.Thread(target=self._loop, name="gridworld-publisher", daemon=True),
            threading.Thread(target=self._watch, name="gridworld-looker", daemon=True),
        ]

    def start(self) -> None:
        """Begin to publish."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End; idempotent."""
        self._closed = True
        self._wake.set()
        self._look_due.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def change(self) -> None:
        """Something has changed that viewers must see at once. Any thread may call it."""
        self._changed = True
        self._wake.set()

    def build(self, type_: str, *, newcomer: bool = False, again: bool = False) -> Frame | None:
        """A frame of the present; None in the middle of a fresh beginning.

        Args:
            type_: Of the frame.
            newcomer: Whether it is the first one of a viewer. Others see what was learnt a moment
                ago while training runs: looking again takes too long for a frame that is due.
            again: Whether to look again all the same.
        """
        counters = self._session.observer.counters()
        if counters is None:
            return None
        before = look = self._look
        if again or look is None or self._is_stale(look, counters, newcomer):
            look = self._look_again(None if again else counters, newcomer)
            if before is None or look.learnt is not before.learnt:  # the moment of the frame
                counters = self._session.observer.counters(look.learnt.status)
        if counters is None or not look.shows(counters):
            return None
        counters |= {"events": self._hub.events, "viewers": self._hub.viewers}
        with self._building:
            if counters["run"] != self._world_run:
                run, world = self._session.observer.world_data()
                if run != counters["run"]:
                    return None
                self._world, self._world_run = inside({"world": world}), run
            self._number += 1
            return Frame(
                self._number,
                type_,
                counters=counters,
                look=look,
                look_age=self._number - self._look_frame - 1,
                truth=self._session.truth.report,
                world=self._world,
            )

    def prepare(self) -> None:
        """A viewer wants to see something else: make it on the calling thread."""
        look = self._look
        if look is not None:
            look.prepare(self._hub.views)

    # --- looking

    def _is_stale(self, look: Look, counters: dict[str, Any], newcomer: bool) -> bool:
        """Whether a frame must not show this look."""
        if not look.shows(counters):
            return True
        session = self._session
        knows = look.knows(session.truth.report) and look.compares_with(session.pins.now())
        if look.is_at(counters) and knows:
            return False
        if not counters["running"]:
            return True
        # while there are no viewers, nobody looks
        return newcomer and self._clock() - self._looked_at > LEARNT_MAX_AGE_S

    def _look_again(self, counters: dict[str, Any] | None = None, newcomer: bool = False) -> Look:
        """Look, and make what all viewers want to see.

        Args:
            counters: Where another thread has just looked, that may be good enough for them.
            newcomer: As in `build`.
        """
        with self._looking:
            before = self._look
            if counters and before is not None and not self._is_stale(before, counters, newcomer):
                return before
            begin = self._clock()
            self._look_number += 1
            if counters and before is not None and before.is_at(counters):
                learnt = before.learnt  # only the optimum is new
            else:
                learnt = self._session.observer.look()
            session = self._session
            look = Look(self._look_number, learnt, session.truth.report, session.pins.now())
            views = self._hub.views
            look.prepare(views)
            end = self._clock()
            with self._building:
                self._look, self._look_frame = look, self._number
            self._looked_at = end
            if before is None or learnt is not before.learnt:
                self._look_took = end - begin
            self._next_look_at = begin + (end - begin) / LOOK_SHARE * self._session.terms.crowd()
            if views != self._hub.views:  # somebody has just made something of the look before
                look.prepare(self._hub.views)
            return look

    def _watch(self) -> None:
        while True:
            self._look_due.wait()
            self._look_due.clear()
            if self._closed:
                return
            try:
                self._look_again()
            except Exception:
                if not self._closed:
                    _log.exception("nobody could look at what was learnt")

    # --- publishing

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
        if tick and self._session.observer.running:
            due = ticks % LEARNT_TICKS == 0 and self._clock() >= self._next_look_at
            quick = self._look_took <= QUICK_LOOK_S / self._session.terms.crowd()
            self._publish("training_update", again=due and quick)
            if due and not quick and self._hub.viewers:
                self._look_due.set()  # for a later frame
            return True
        if (self._changed and since >= CHANGE_GAP_S) or (
            tick and since >= (IDLE_TICKS - 0.5) * TICK_S
        ):
            self._publish("state")
            return True
        return False

    def _publish(self, type_: str, *, again: bool = False) -> None:
        self._changed = False
        if not self._hub.viewers:
            return
        frame = self.build(type_, again=again)
        if frame is not None:
            self.latest = frame
            self._hub.show_all()
