"""How the dashboard is served: one process, one port, a clean end."""

import contextlib
import errno
import ipaddress
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
from urllib.parse import urlsplit

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from gridworld.errors import FileError, GridworldError
from gridworld.store.files import lock
from gridworld_dashboard.app import create_app
from gridworld_dashboard.session import Session
from gridworld_dashboard.storage import FOLDER
from gridworld_dashboard.warmup import compile_beside, warm_up
from gridworld_dashboard.wire.stream import Stream

__all__ = ["DashboardServer", "ServerError", "check_request", "serve"]

BACKLOG: Final = 128
"""Connections that may wait to be accepted."""


class ServerError(GridworldError):
    """The dashboard cannot be served."""


class DashboardServer:
    """A port, a session and its viewers. `start` and `close`; `serve` does both.

    The port is taken at once, so that a busy one is told before any kernel is compiled; nobody
    can connect before `start`.

    Args:
        host: A name or an address; others than those of this machine let others in.
        port: 0: any free one.
        folder: The data folder; saves go to `.qtables` in it.

    Raises:
        ServerError: The port is in use, the host is not this machine's, the folder cannot be
            written, or another dashboard serves it.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 8000, folder: Path = Path()) -> None:
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
        except ServerError:
            self._held.close()
            raise
        self.host = host
        self.port = int(self._socket.getsockname()[1])
        self._folder = folder
        self._session: Session | None = None
        self._stream: Stream | None = None
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page."""
        host = self.host
        if host in ("", "0.0.0.0", "::"):
            host = "127.0.0.1"
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Compile the kernels where that has not been done yet, then open the port."""
        warm_up()
        self._session = Session(self._folder)
        self._stream = Stream(self._session)
        loopback = _is_loopback(self.host)

        def check(host: str, origin: str | None) -> str | None:
            return check_request(host, origin, self.host if loopback else None)

        app = create_app(self._stream, check)
        self._socket.listen(BACKLOG)
        self._server = make_server(
            self.host,
            self.port,
            app.server,
            threaded=True,
            request_handler=_Handler,
            fd=self._socket.fileno(),
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="gridworld-http", daemon=True
        )
        self._thread.start()

    def close(self) -> Path | None:
        """Stop, autosave, say goodbye to viewers; idempotent.

        Returns:
            The autosave, or None where nothing was learnt.

        Raises:
            OSError: The autosave cannot be written; all else is closed.
        """
        if self._stream is not None:
            self._stream.publisher.close()
        try:
            # first, since everything else may take a moment that an impatient user does not give
            return self._session.close() if self._session is not None else None
        finally:
            self._close_server()

    def _close_server(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None
        if self._stream is not None:
            self._stream.close()
        self._socket.close()
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
) -> None:
    """Serve the dashboard until SIGINT, SIGTERM or SIGHUP. Only for the main thread.

    Args:
        host: A name or an address of this machine.
        port: 0: any free one.
        folder: The data folder; made where it is missing.
        say: Gets what a user at the terminal should read, line by line.
        compile_ahead: Whether a process beside this one compiles what viewers may choose next.

    Raises:
        ServerError: What must hold and what came, in one sentence.
        KeyboardInterrupt: Ctrl-C (SIGINT) ended it, after the clean end.
    """
    server = DashboardServer(host, port, folder)
    try:
        say("Compiling the kernels (the first time takes some seconds) ...")
        warm_up()
        with _signals() as signals:
            server.start()
            say(f"Serving the dashboard on {server.url} (Ctrl-C stops)")
            if not _is_loopback(host):
                say(f"Others can reach and steer it, since it listens on {host}")
            with compile_beside() if compile_ahead else contextlib.nullcontext():
                number = signals.get()
                # first, since everything else may take a moment that nobody gives
                saved = _close(server)
        if saved is not None:
            with contextlib.suppress(OSError):  # of a terminal that was closed
                say(f"Saved {saved}")
    finally:
        with contextlib.suppress(OSError):
            server.close()
    if number == signal.SIGINT:
        raise KeyboardInterrupt


def _close(server: DashboardServer) -> Path | None:
    try:
        return server.close()
    except (OSError, FileError) as error:
        raise ServerError(f"the autosave must be written at the end, got {error}") from None


def check_request(host: str, origin: str | None, bound: str | None) -> str | None:
    """Whether a request may pass: it must come from a page of our own, or from no page.

    A browser lets any page send requests here. Its `Origin` tells them apart; the `Host` tells
    a page whose name has been pointed at this machine (DNS rebinding).

    Args:
        host: The request's Host.
        origin: Its Origin, None where there is none.
        bound: The name or address that is served, where that is this machine only; None: any
            Host may pass.

    Returns:
        The sentence that refuses it; None: it may pass.
    """
    name = _host_name(host)
    if bound is not None and name not in {"localhost", "127.0.0.1", "::1", bound.lower()}:
        return f"Host must be localhost or a loopback address, got {host[:100]!r}"
    if origin is not None:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or parts.netloc.lower() != host.lower():
            return f"Origin must be this server's own, got {origin[:100]!r}"
    return None


class _Handler(WSGIRequestHandler):
    """Werkzeug's handler without a line on the terminal for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


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


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host_name(host: str) -> str:
    """The Host without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


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
