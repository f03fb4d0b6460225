"""The sessions of a server: one that all share, or one for each browser.

A session that nobody watches any more is put away: what it holds is written into a folder of its
own, and comes back with the browser that has its cookie. So there is a bound to how many there are
at a time, and none to how many there have been.
"""

import contextlib
import hashlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gridworld.errors import GridworldError
from gridworld.live.turns import Turns
from gridworld_dashboard.classroom.allowance import Allowance, Terms
from gridworld_dashboard.session import Session
from gridworld_dashboard.wire.hub import MAX_CLIENTS
from gridworld_dashboard.wire.stream import Stream

__all__ = ["FOLDER_OF_ALL", "PLACES", "SHARED", "FullError", "Key", "Own", "Sessions", "key_of"]

FOLDER_OF_ALL: Final = ".sessions"
"""Below the data folder: a folder for each session beside the shared one."""

PLACES: Final = ("", "left", "right")
"""The sessions of one browser: that of the page, and two beside each other."""

GRACE_S: Final = 30.0
"""A session whose browser has gone for so long makes room for another one."""

LOOK_S: Final = 5.0
"""Between two looks for those that nobody watches."""

MOST_KEPT: Final = 1000
"""Sessions on the disk: of more, the one that was used least lately goes for ever."""

_log = logging.getLogger(__name__)


class FullError(GridworldError):
    """There is no room for another session."""


@dataclass(frozen=True)
class Key:
    """Which session.

    Attributes:
        owner: Who has it, as a name for a folder; empty: all.
        place: One of `PLACES`.
    """

    owner: str = ""
    place: str = ""

    @property
    def folder(self) -> str:
        """Its name below the folder of all sessions."""
        return "-".join(part for part in (self.owner or "all", self.place) if part)


SHARED: Final = Key()


def key_of(secret: str, place: str = "") -> Key:
    """The session of who knows a secret, which its folder's name does not tell."""
    return Key(hashlib.sha256(secret.encode()).hexdigest()[:32], place)


@dataclass(frozen=True)
class Own:
    """The bounds of a server that gives each browser a session of its own.

    Attributes:
        sessions: At a time.
        memory: Bytes that the runs of one may hold.
        idle_s: Seconds without a browser after which one is put away.
    """

    sessions: int = 30
    memory: int = 128_000_000
    idle_s: float = 600.0


class _Room:
    """One session while it is here.

    Attributes:
        lock: Held while it is opened or put away.
        stream: The session with its viewers; None: it is not open.
        inside: Requests and viewers that use it.
        left_at: When the last of them went.
        back: Whether it came back from the disk, and nobody was told yet.
    """

    def __init__(self, now: float) -> None:
        self.lock = threading.Lock()
        self.stream: Stream | None = None
        self.inside = 0
        self.left_at = now
        self.back = False


class Sessions:
    """Opens sessions for those who come, and puts them away when they have gone.

    Args:
        folder: The data folder.
        own: The bounds of sessions of one's own; None: all share one, and two beside it.
        clock: Seconds, monotonic.
        shared: The session of all, where it is there already.

    Attributes:
        own: See above.
        most_viewers: Of all sessions together.
    """

    def __init__(
        self,
        folder: Path,
        own: Own | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        shared: Stream | None = None,
    ) -> None:
        self.own = own
        self.most_viewers = MAX_CLIENTS
        self._folder = folder
        self._clock = clock
        self._turns = Turns()
        self._lock = threading.Lock()
        self._rooms: dict[Key, _Room] = {}
        self._closing = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="gridworld-sweeper", daemon=True)
        if own is None:
            self._rooms[SHARED] = room = _Room(clock())
            room.stream = shared or Stream(Session(folder))
            room.inside = 1  # it is never put away

    @property
    def shared(self) -> Stream | None:
        """The one that all share; None: each browser has its own."""
        room = self._rooms.get(SHARED)
        return None if room is None else room.stream

    @property
    def streams(self) -> list[Stream]:
        """Those that are open."""
        with self._lock:
            return [room.stream for room in self._rooms.values() if room.stream is not None]

    @property
    def most(self) -> int:
        """How many there may be at a time."""
        return len(PLACES) if self.own is None else self.own.sessions

    def is_well(self) -> bool:
        """Whether commands are answered, and training can go on."""
        if self._closing.is_set():
            return False
        return all(stream.session.is_well() for stream in self.streams)

    def describe(self, key: Key) -> dict[str, Any] | None:
        """What who comes in is told of a session; None: it is the one that all share."""
        own, room = self.own, self._rooms.get(key)
        if own is None or room is None:
            return None
        back, room.back = room.back, False
        cells = Allowance.own(own.memory).cells
        return {
            "most": own.sessions,
            "memory_mb": own.memory // 1_000_000,
            "cells": cells,
            "idle_minutes": own.idle_s / 60,
            "back": back,
        }

    # --- coming and going

    def is_full(self, key: Key) -> bool:
        """Whether there is no room for another viewer, of this session or of them all."""
        with self._lock:
            room = self._rooms.get(key)
        stream = None if room is None else room.stream
        viewers = sum(stream.hub.viewers for stream in self.streams)
        return viewers >= self.most_viewers or (stream is not None and stream.hub.full)

    @contextlib.contextmanager
    def enter(self, key: Key) -> Iterator[Stream]:
        """A session, opened where it is not, which stays until the block ends.

        Raises:
            FullError: There is no room for it.
            GridworldError, OSError: It cannot be opened.
        """
        room = self._come(key)
        try:
            with room.lock:
                if room.stream is None:
                    room.stream = self._open(key, room)
            yield room.stream
        finally:
            with self._lock:
                room.inside -= 1
                room.left_at = self._clock()
            self._drop(key, room)  # where it could not be opened

    def _come(self, key: Key) -> _Room:
        for _ in range(3):  # others may come in between
            if self._closing.is_set():
                raise FullError("the server must go on, it ends")
            with self._lock:
                room = self._rooms.get(key)
                if room is None and len(self._rooms) < self.most:
                    room = self._rooms[key] = _Room(self._clock())
                    self._sweep_from_now_on()
                if room is not None:
                    room.inside += 1
                    return room
            self._make_room()
        raise self._full()

    def _make_room(self) -> None:
        """Put the session away whose browser has gone longest, where there are as many as may be.

        Raises:
            FullError: Everybody is there.
        """
        with self._lock:
            if len(self._rooms) < self.most:
                return
        if not self._put_away(GRACE_S, most=1):
            raise self._full()

    def _full(self) -> FullError:
        return FullError(
            f"there must be room for another session, got {self.most} in use: whoever goes makes"
            " room; this page tries again"
        )

    def _open(self, key: Key, room: _Room) -> Stream:
        folder = self._folder / FOLDER_OF_ALL / key.folder
        room.back = folder.exists()
        if room.back:
            folder.touch()  # it was used
        own = self.own
        session = Session(
            folder,
            terms=Terms(
                Allowance.own(own.memory if own else Own.memory),
                self._turns,
                crowd=lambda: len(self._rooms),
                comes_back=True,
            ),
        )
        stream = Stream(session)
        if own is not None and (tabs := session.terms.allowance.tabs) is not None:
            stream.hub.room = tabs
        return stream

    # --- putting away

    def _sweep_from_now_on(self) -> None:
        """Start the thread with the first session that may have to be put away."""
        if self._sweeper.ident is None:
            self._sweeper.start()

    def _sweep(self) -> None:
        idle_s = Own.idle_s if self.own is None else self.own.idle_s
        while not self._closing.wait(min(LOOK_S, idle_s)):
            try:
                self._put_away(idle_s)
                self._forget_oldest()
            except Exception:
                _log.exception("the sessions that nobody watches could not be put away")

    def _put_away(self, idle_s: float, most: int | None = None) -> int:
        """Put sessions away that nobody has used for so long, the longest first; how many."""
        now = self._clock()
        with self._lock:
            idle = [
                (room.left_at, key, room)
                for key, room in self._rooms.items()
                if not room.inside and now - room.left_at >= idle_s
            ]
        idle.sort(key=lambda one: one[0])
        return sum(self._close_room(key, room) is not None for _, key, room in idle[:most])

    def _close_room(self, key: Key, room: _Room) -> Path | None:
        """Put a session away, unless somebody has come; where it is now."""
        with room.lock:
            with self._lock:
                if room.inside:
                    return None
            stream, room.stream = room.stream, None
            if stream is not None:
                _close(stream)
        self._drop(key, room)
        return self._folder / FOLDER_OF_ALL / key.folder

    def _drop(self, key: Key, room: _Room) -> None:
        """Let the place of a session that is not open go to others, unless somebody has come."""
        with self._lock:
            if room.stream is None and not room.inside and self._rooms.get(key) is room:
                del self._rooms[key]

    def _forget_oldest(self) -> None:
        """Let no more sessions be on the disk than there may be."""
        folder = self._folder / FOLDER_OF_ALL
        if not folder.is_dir():
            return
        with self._lock:
            here = {key.folder for key in self._rooms}
        found = [one for one in folder.iterdir() if one.is_dir() and one.name not in here]
        found.sort(key=lambda one: one.stat().st_mtime)
        for one in found[: max(0, len(found) - MOST_KEPT)]:
            shutil.rmtree(one, ignore_errors=True)

    # --- the end

    def end_frames(self) -> None:
        """Build no more frames; idempotent."""
        self._closing.set()
        for stream in self.streams:
            stream.publisher.close()

    def save(self) -> list[Path]:
        """Stop and save all of them; the files. Idempotent.

        Raises:
            OSError: One could not be written; the others were.
        """
        self._closing.set()
        found: list[Path] = []
        failed: OSError | GridworldError | None = None
        for stream in self.streams:
            try:
                saved = stream.session.close()
            except (OSError, GridworldError) as error:
                failed = failed or error
            else:
                found += [] if saved is None else [saved]
        if failed is not None:
            raise failed
        return found

    def say_goodbye(self) -> None:
        """Close every connection; idempotent."""
        self._closing.set()
        if self._sweeper.ident is not None:
            self._sweeper.join()
        streams = self.streams
        for stream in streams:
            stream.hub.close(patience=0.0)  # all of them at once
        for stream in streams:
            stream.close()


def _close(stream: Stream) -> None:
    """Save, and end."""
    stream.publisher.close()
    try:
        stream.session.close()
    except (OSError, GridworldError) as error:
        _log.error("a session could not be saved: %s", error)
    finally:
        stream.close()
