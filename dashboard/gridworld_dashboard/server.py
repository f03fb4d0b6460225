"""How the dashboard is served: one process, one port, a clean end."""

import contextlib
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import Final

from gridworld.errors import FileError, GridworldError, InvalidValueError
from gridworld.store.files import lock
from gridworld_dashboard.access import ANY, Access, Role, check_request, is_loopback
from gridworld_dashboard.app import create_app
from gridworld_dashboard.classroom.invitation import drawn
from gridworld_dashboard.classroom.sessions import FOLDER_OF_ALL, Own, Sessions
from gridworld_dashboard.lab.lab import Lab
from gridworld_dashboard.lab.routes import add_routes
from gridworld_dashboard.lessons.reading import own_lessons, read_lessons
from gridworld_dashboard.session import Session
from gridworld_dashboard.storage import FOLDER
from gridworld_dashboard.warmup import compile_beside, warm_up
from gridworld_dashboard.wire.http import HttpServer
from gridworld_dashboard.wire.hub import MAX_CLIENTS
from gridworld_dashboard.wire.stream import Stream

__all__ = ["DashboardServer", "ServerError", "check_request", "serve"]

BACKLOG: Final = 128
"""Connections that may wait to be accepted."""

REQUESTS: Final = 64
"""Connections beside those of viewers."""

SWITCH_S: Final = 0.001
"""With many sessions, whoever holds the interpreter's lock gives it to others after so long: some
hundred threads want it for a moment each, and frames are late by what they wait for each other."""

OWN_FILES: Final = 128 + REQUESTS
"""Descriptors that files, kernels and requests need at the most."""

FILES_OF_VIEWER: Final = 3
"""Its socket, and two that wait on it."""


class ServerError(GridworldError):
    """The dashboard cannot be served."""


class DashboardServer:
    """A port, sessions and their viewers. `start` and `close`; `serve` does both.

    The port is taken at once, so that a busy one is told before any kernel is compiled; nobody
    can connect before `start`.

    Args:
        host: A name or an address; others than those of this machine let others in.
        port: 0: any free one.
        folder: The data folder; saves go to `.qtables` in it.
        access: Who may come in; None: everybody on this machine, and who has the token that is
            made where others can reach it.
        lessons: A folder of lessons beside those that come with the page, in whose place they are
            taken where the names are the same; None: no others.
        own: The bounds of sessions, of which each browser has one; None: all share one.

    Raises:
        InvalidValueError: Everybody is to watch one session, and to have one.
        LessonError: A lesson is not as it must be.
        ServerError: The port is in use, the host is not this machine's, the folder cannot be
            written, or another dashboard serves it.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 8000,
        folder: Path = Path(),
        *,
        access: Access | None = None,
        lessons: Path | None = None,
        own: Own | None = None,
    ) -> None:
        if own is not None and access is not None and access.watching:
            raise InvalidValueError(
                "--present must be without --own, where everybody steers a session of their own"
            )
        self._lessons = own_lessons() | (read_lessons(lessons) if lessons is not None else {})
        _check_folder(folder)
        self._held = contextlib.ExitStack()
        if not self._held.enter_context(lock(folder)):
            self._held.close()
            raise ServerError(
                f"the data folder must be of one dashboard at a time, got {folder.resolve()}, which"
                " another one serves: give --data another folder"
            )
        try:
            self._socket = _bind(host, port)
            self._held.callback(self._socket.close)
            self.access = access or Access.of(host)
        except BaseException:
            self._held.close()
            raise
        self.host = host
        self.own = own
        self.port = int(self._socket.getsockname()[1])
        self._folder = folder
        self._sessions: Sessions | None = None
        self._lab = Lab(folder)
        self._server: HttpServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page."""
        host = self.host
        if host in ANY:
            host = "127.0.0.1"
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def address(self) -> str:
        """Where browsers on other machines find the page, where any can."""
        host = self.host
        if host in ANY:
            host = _outer_address() or "127.0.0.1"
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    @property
    def links(self) -> dict[Role, str] | None:
        """What others open to steer and to watch; None: no token is needed."""
        if self.access.token is None or self.access.viewer_token is None:
            return None
        at = self.address
        watch = at if self.access.watching else f"{at}?token={self.access.viewer_token}"
        return {"presenter": f"{at}?token={self.access.token}", "viewer": watch}

    @property
    def _stream(self) -> Stream | None:
        """Of the session that all share; None: there is none."""
        return None if self._sessions is None else self._sessions.shared

    @property
    def _session(self) -> Session | None:
        stream = self._stream
        return None if stream is None else stream.session

    @property
    def invitation(self) -> str:
        """What those open who are to watch, or to have a session of their own."""
        return self.address if self.links is None else self.links["viewer"]

    def start(self) -> None:
        """Compile the kernels where that has not been done yet, then open the port."""
        warm_up()
        if self.own is not None:
            self._held.callback(sys.setswitchinterval, sys.getswitchinterval())
            sys.setswitchinterval(SWITCH_S)
        self._sessions = Sessions(self._folder, self.own)
        self._sessions.most_viewers = room = room_for_viewers()
        app = create_app(self._sessions, self.access, self._lessons)
        add_routes(app.server, self._lab)
        self._socket.listen(BACKLOG)
        self._server = HttpServer(self.host, self.port, app.server, self._socket, room + REQUESTS)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="gridworld-http", daemon=True
        )
        self._thread.start()

    def close(self) -> list[Path]:
        """Stop, autosave, say goodbye to viewers; idempotent.

        Returns:
            The autosaves; none where nothing was learnt.

        Raises:
            OSError: An autosave cannot be written; all else is closed.
        """
        if self._sessions is None:
            self._close_server()
            return []
        self._sessions.end_frames()
        try:
            # first, since everything else may take a moment that an impatient user does not give
            return self._sessions.save()
        finally:
            self._close_server()

    def _close_server(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None
        if self._sessions is not None:
            self._sessions.say_goodbye()
        self._lab.close()
        self._held.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    folder: Path = Path(),
    say: Callable[[str], None] = _say,
    *,
    compile_ahead: bool = True,
    access: Access | None = None,
    lessons: Path | None = None,
    own: Own | None = None,
) -> None:
    """Serve the dashboard until SIGINT, SIGTERM or SIGHUP. Only for the main thread.

    Args:
        host: A name or an address of this machine.
        port: 0: any free one.
        folder: The data folder; made where it is missing.
        say: Gets what a user at the terminal should read, line by line.
        compile_ahead: Whether a process beside this one compiles what viewers may choose next.
        access: As in `DashboardServer`.
        lessons: See there.
        own: The same.

    Raises:
        LessonError: A lesson is not as it must be.
        ServerError: What must hold and what came, in one sentence.
        KeyboardInterrupt: Ctrl-C (SIGINT) ended it, after the clean end.
    """
    server = DashboardServer(host, port, folder, access=access, lessons=lessons, own=own)
    try:
        say("Compiling the kernels (the first time takes some seconds) ...")
        warm_up()
        with _signals() as signals:
            server.start()
            say(f"Serving the dashboard on {server.url} (Ctrl-C stops)")
            for line in _about_access(server):
                say(line)
            with compile_beside() if compile_ahead else contextlib.nullcontext():
                number = signals.get()
                # first, since everything else may take a moment that nobody gives
                saved = _close(server)
        with contextlib.suppress(OSError):  # of a terminal that was closed
            if len(saved) == 1:
                say(f"Saved {saved[0]}")
            elif saved:
                say(f"Saved {len(saved)} sessions in {folder / FOLDER_OF_ALL}")
    finally:
        with contextlib.suppress(OSError):
            server.close()
    if number == signal.SIGINT:
        raise KeyboardInterrupt


def _about_access(server: DashboardServer) -> Iterator[str]:
    """Who can come in, where that is not this machine alone, or not everybody on it."""
    yield from _about_roles(server)
    if not is_loopback(server.host) and _shows_pictures():
        yield from drawn(server.invitation)


def _shows_pictures() -> bool:
    """Whether somebody may point a camera at what is said."""
    encoding = (sys.stdout.encoding or "").lower()
    return sys.stdout.isatty() and encoding.startswith("utf")


def _about_roles(server: DashboardServer) -> Iterator[str]:
    links, own = server.links, server.own
    if own is not None:
        yield (
            f"Each browser has a session of its own, {own.sessions} at a time; one whose browser"
            f" is away for {own.idle_s / 60:g} minutes is put away, and comes back with it"
        )
        yield f"To have one, open {server.invitation}"
        if links is not None:
            yield f"To have one and do what concerns all, open {links['presenter']}"
    elif links is not None:
        yield f"To steer it, open {links['presenter']}"
        yield f"To watch it, open {links['viewer']}"
    elif not is_loopback(server.host):
        yield (
            "Everybody who can reach this machine can steer it and write into its data folder,"
            f" since it listens on {server.host} without a token"
        )


def _outer_address() -> str | None:
    """An address of this machine that others know, by what it would send from; None: none is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # of a network for documents; nothing is sent
        except OSError:
            return None
        return str(probe.getsockname()[0])


def room_for_viewers() -> int:
    """How many viewers there may be: no more than the system gives descriptors for.

    As many are asked for as a full house needs, where the system lets a process have them.
    """
    try:
        import resource
    except ImportError:  # not on Windows
        return MAX_CLIENTS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OWN_FILES + FILES_OF_VIEWER * MAX_CLIENTS
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MAX_CLIENTS
    more = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return max(1, min(MAX_CLIENTS, (soft - OWN_FILES) // FILES_OF_VIEWER))


def _close(server: DashboardServer) -> list[Path]:
    try:
        return server.close()
    except (OSError, FileError) as error:
        raise ServerError(f"the autosave must be written at the end, got {error}") from None


def _check_folder(folder: Path) -> None:
    saves = folder / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if saves.exists() and not saves.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(saves))
        target = saves if saves.exists() else folder
        if not os.access(target, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    except OSError as error:
        raise ServerError(
            f"the data folder must be writable, got {error.filename}: {error.strerror}"
        ) from None


def _bind(host: str, port: int) -> socket.socket:
    """Take the port; nobody can connect before `listen`."""
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, OverflowError, UnicodeError) as error:
        raise ServerError(
            f"host and port must be of this machine, got {host}:{port}: {error}"
        ) from None
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise ServerError(
            f"port {port} on {host} must be free and allowed, got {error.strerror}"
        ) from None
    return sock


@contextlib.contextmanager
def _signals() -> "Iterator[SimpleQueue[int]]":
    """A queue that gets the first SIGINT, SIGTERM or SIGHUP; those that are ignored stay so.

    After it, a second Ctrl-C does what it did before, and the others do nothing: a terminal that
    is closed sends SIGHUP twice.
    """
    queue: SimpleQueue[int] = SimpleQueue()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    found = (getattr(signal, name) for name in names if hasattr(signal, name))
    before = {kind: signal.getsignal(kind) for kind in found}
    kinds = [kind for kind, handler in before.items() if handler != signal.SIG_IGN]

    def handle(number: int, frame: FrameType | None) -> None:
        for kind in kinds:
            signal.signal(kind, before[kind] if kind == signal.SIGINT else signal.SIG_IGN)
        queue.put(number)

    for kind in kinds:
        signal.signal(kind, handle)
    try:
        yield queue
    finally:
        for kind in kinds:
            signal.signal(kind, before[kind])
