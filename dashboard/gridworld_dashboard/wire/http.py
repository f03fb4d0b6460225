"""The web server: Werkzeug's, with patience and with bounds.

Werkzeug waits for ever for a request and for its body, gives each connection a thread, and takes
any number of them.
"""

import contextlib
import io
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

__all__ = ["HttpServer"]

HEAD_S: Final = 10.0
"""A connection must have sent its request after so long."""

BODY_S: Final = 30.0
"""And the body of it after so many seconds more."""

REST_S: Final = 2.0
"""And what is left of it when the answer has begun; a sender reads that only afterwards."""

ROOM_S: Final = 0.2
"""How long a connection waits for the place of one that was ended for it."""

BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"there must be room for another connection, got as many as there may be\n"
)

_log = logging.getLogger(__name__)


class _Patient(io.RawIOBase):
    """Reads from a socket until a moment.

    Attributes:
        until: That moment, of `time.monotonic`.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.until = time.monotonic() + HEAD_S

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the rest must come in time")
        self._sock.settimeout(left)
        try:
            return self._sock.recv_into(buffer)
        finally:
            self._sock.settimeout(None)  # who sends has a patience of its own


class _Handler(WSGIRequestHandler):
    """One connection: one request, in time; nothing on the terminal."""

    default_request_version = "HTTP/1.0"  # of what says none: an answer begins with its status

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._patient = _Patient(self.connection)
        self.rfile = io.BufferedReader(self._patient)

    def run_wsgi(self) -> None:
        server = self.server
        assert isinstance(server, HttpServer)
        server.has_asked(self.connection)
        self._patient.until += BODY_S
        try:
            urlsplit(self.path)
        except ValueError:
            self.send_error(400, "the address must be one")
            return
        super().run_wsgi()

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin the answer, behind which the rest of a body is thrown away for a moment."""
        self._patient.until = min(self._patient.until, time.monotonic() + REST_S)
        super().send_response(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def version_string(self) -> str:
        """What runs here, without its version."""
        return "gridworld-bench"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing of requests; errors are the app's to tell."""
        if type == "error":
            _log.debug(message, *args)


class HttpServer(ThreadedWSGIServer):
    """Serves an app on a socket that listens.

    Args:
        host: As bound.
        port: As bound.
        app: A WSGI app.
        sock: Bound, and listening; it stays open.
        most: Connections at a time; the next one is told so.
    """

    def __init__(
        self, host: str, port: int, app: Callable[..., Any], sock: socket.socket, most: int
    ) -> None:
        super().__init__(host, port, app, _Handler, fd=sock.fileno())
        self._room = threading.BoundedSemaphore(most)
        self._silent: dict[
            socket.socket, None
        ] = {}  # those without a request yet, the oldest first
        self._lock = threading.Lock()

    def has_asked(self, request: socket.socket) -> None:
        """A connection has sent its request, or has ended."""
        with self._lock:
            self._silent.pop(request, None)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread, where there is room, or where a silent one makes it."""
        if not self._room.acquire(blocking=False):
            self._hang_up()
            if not self._room.acquire(timeout=ROOM_S):
                self._turn_away(request)
                return
        with self._lock:
            self._silent[request] = None
        try:
            super().process_request(request, client_address)
        except BaseException as error:  # no further thread can be had
            self.has_asked(request)
            self._room.release()
            _log.warning("a connection was turned away: %s", error)
            self._turn_away(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """On its thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.has_asked(request)
            self._room.release()

    def _hang_up(self) -> None:
        """End what has been silent longest: a browser asks as soon as it is there."""
        with self._lock:
            oldest = next(iter(self._silent), None)
            if oldest is not None:
                self._silent.pop(oldest)
                with contextlib.suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)

    def _turn_away(self, request: Any) -> None:
        with contextlib.suppress(OSError):
            request.setblocking(False)
            request.send(BUSY)
        self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that failed concerns nobody else."""
        _log.debug("a connection failed", exc_info=True)
