"""What lies under a WebSocket: a socket that no viewer can hold up others with.

simple-websocket sends with `socket.send`, which may send a part only, reads ahead without a
bound, and cannot be woken but by a message. Its socket and its event are given to it, so both
are put right here.
"""

import contextlib
import selectors
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

__all__ = ["Gate", "Transport", "Wake", "text_frame"]

SEND_TIMEOUT_S: Final = 5
"""A viewer who takes nothing for so long has gone; its thread must not wait for ever."""

SEND_BUFFER_BYTES: Final = 256 * 1024
"""Small, so that a slow viewer gets few new frames instead of many old ones."""

MAX_BACKLOG: Final = 64
"""Frames that have come in and wait for the handler; the sender waits beyond."""

BACKLOG_PAUSE_S: Final = 0.01

CLOSE: Final = 0x88
"""How a close frame begins: it is never cut in parts. No letter of a handshake is as high."""

FAREWELL_S: Final = 1.0
"""How long a closing connection is listened to, so that the other side reads why."""


class Wake:
    """Stands in for the `threading.Event` that simple-websocket waits on.

    `set` is a message; `poke` only ends the wait, so that `receive` returns None at once.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._message = False
        self._poked = False

    def set(self) -> None:
        """A message has come, or the end."""
        with self._condition:
            self._message = True
            self._condition.notify()

    def poke(self) -> None:
        """There is something to send."""
        with self._condition:
            self._poked = True
            self._condition.notify()

    def clear(self) -> None:
        """The message has been taken."""
        with self._condition:
            self._message = False

    def is_set(self) -> bool:
        """Whether a message waits."""
        return self._message

    def wait(self, timeout: float | None = None) -> bool:
        """True: a message waits; False: poked, or the time is over."""
        with self._condition:
            self._condition.wait_for(lambda: self._message or self._poked, timeout)
            self._poked = False
            return self._message


class Transport:
    """A TCP socket as simple-websocket uses it. The web server opens and closes it.

    Args:
        sock: Connected, and blocking.

    Attributes:
        backlog: Gives the number of frames that wait for the handler.
        ended: Called when nothing more will come in.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sending = threading.Lock()
        self._finished = False
        self.backlog: Callable[[], int] = lambda: 0
        self.ended: Callable[[], None] = lambda: None
        with contextlib.suppress(OSError):  # the other side may have gone already
            # without it small frames wait 40 ms for the acknowledgement of the one before
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeout(SEND_TIMEOUT_S))
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_WRITE)

    def fileno(self) -> int:
        """For `select`."""
        return self._sock.fileno()

    def send(self, data: bytes) -> int:
        """Send all of it: the handler and the thread that answers pings may both call this.

        Nothing goes out behind a close frame, for which a browser would report an error.

        Raises:
            OSError: The other side has gone, or takes nothing.
        """
        with self._sending:
            self._send(data)
            self._finished |= _closes(data)
        return len(data)

    def offer(self, make: Callable[[], bytes]) -> bool:
        """Send what `make` gives, unless that means waiting.

        `make` is called when nobody else sends, so what it sees is true until its bytes are out.

        Returns:
            False: others are sending, or the viewer has not taken what was sent before.

        Raises:
            OSError: The other side has gone.
        """
        if not self._sending.acquire(blocking=False):
            return False
        try:
            if not self.writable():
                return False
            data = make()
            if data:
                self._send(data)
            return True
        finally:
            self._sending.release()

    def _send(self, data: bytes) -> None:
        if self._finished:
            raise ConnectionError("the connection is closed")
        try:
            self._sock.sendall(data)
        except OSError:
            # a part may be out, so nothing that follows would be understood
            self._finished = True
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
            raise

    def recv(self, size: int) -> bytes:
        """Read, once the handler has caught up: TCP then makes a flooding sender wait."""
        while self.backlog() > MAX_BACKLOG and not self._finished:
            time.sleep(BACKLOG_PAUSE_S)
        return self._sock.recv(size)

    def close(self) -> None:
        """The last thing that simple-websocket's thread does; the web server closes the socket.

        The handler is told, because that thread wakes it a little too early to see the end.
        """
        self.ended()

    def writable(self, timeout: float = 0.0) -> bool:
        """Whether the viewer has taken most of what was sent: a third of the buffer is free."""
        return not self._finished and bool(self._selector.select(timeout))

    def finish(self, reader: threading.Thread) -> None:
        """Say goodbye: no more goes out, and the rest of what comes in is thrown away.

        Closed with unread input, TCP resets the connection, and the other side may never read
        the close frame that says why. The shutdown also keeps the web server from writing its
        HTTP response behind that frame.

        Args:
            reader: simple-websocket's thread.
        """
        with self._sending:
            self._finished = True
            self._selector.close()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + FAREWELL_S
        reader.join(FAREWELL_S)
        with contextlib.suppress(OSError):
            while (left := deadline - time.monotonic()) > 0 and not reader.is_alive():
                self._sock.settimeout(left)
                if not self._sock.recv(65536):
                    break
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)


class Gate:
    """WSGI middleware that prepares requests for a WebSocket.

    Args:
        app: What comes behind.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Wrap the socket, and decline compression: it costs more than the whole training."""
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            for key in ("werkzeug.socket", "gunicorn.socket"):
                if key in environ:
                    environ[key] = Transport(environ[key])
        return self._app(environ, start_response)


def text_frame(text: str) -> bytes:
    """An unmasked WebSocket frame (RFC 6455, section 5.2): built once, sent to every viewer."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        header = struct.pack("!BB", 0x81, size)
    elif size < 65536:
        header = struct.pack("!BBH", 0x81, 126, size)
    else:
        header = struct.pack("!BBQ", 0x81, 127, size)
    return header + payload


def _closes(frames: bytes) -> bool:
    """Whether unmasked frames (RFC 6455, section 5.2) end the connection."""
    begin = 0
    while begin + 1 < len(frames):
        if frames[begin] == CLOSE:
            return True
        size, begin = frames[begin + 1], begin + 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            size, begin = int.from_bytes(frames[begin : begin + wide]), begin + wide
        begin += size
    return False


def _timeout(seconds: int) -> bytes:
    """The value of `SO_SNDTIMEO`."""
    if sys.platform == "win32":
        return struct.pack("L", seconds * 1000)
    return struct.pack("ll", seconds, 0)
