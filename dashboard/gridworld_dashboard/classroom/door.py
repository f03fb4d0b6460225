"""Which session a request is for, and the cookie that says so."""

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from flask import Response, request

from gridworld.errors import GridworldError
from gridworld_dashboard.access import Refusal
from gridworld_dashboard.classroom.sessions import PLACES, FullError, Key, Sessions, key_of
from gridworld_dashboard.wire.stream import Stream

__all__ = ["Door", "NoSessionError", "cookie_name", "cookie_rules"]

PLACE_KEY: Final = "at"
"""Of an address: which of one's sessions, where it is not that of the page."""

SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""Of a cookie: 32 bytes that nobody guesses."""

KEPT_S: Final = 30 * 24 * 3600
"""A browser has its session back after so long."""


class NoSessionError(GridworldError):
    """A request leads to no session.

    Args:
        status: Of HTTP.
        message: What must hold, and what came.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Door:
    """Leads every request to its session.

    Args:
        sessions: All of them.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def refusal(self) -> Refusal | None:
        """Why the viewer who asks by the present request finds no room; None: it does."""
        try:
            full = self._sessions.is_full(self._key())
        except NoSessionError as error:
            return Refusal(error.status, str(error))
        words = "there must be room for another viewer, got as many as there may be"
        return Refusal(503, words) if full else None

    @contextmanager
    def session(self) -> Iterator[Stream]:
        """The session of the present request.

        Raises:
            NoSessionError: It says not which, or there is no room for it.
            GridworldError, OSError: It cannot be opened.
        """
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(self._sessions.enter(self._key()))
            except FullError as error:
                raise NoSessionError(503, str(error)) from None
            yield stream

    def told(self) -> dict[str, Any] | None:
        """What who has come in to watch is told of the session; None: nothing."""
        return self._sessions.describe(self._key())

    def give_cookie(self, response: Response) -> Response:
        """Give who opens a page the cookie of a session of their own; for Flask's `after_request`.

        One that is there lasts as long again from now on.
        """
        page = request.method == "GET" and response.mimetype == "text/html"
        way_in = "Set-Cookie" in response.headers  # the page itself follows
        if self._sessions.own is None or not page or way_in or response.status_code != 200:
            return response
        secret = self._secret()
        if secret is not None and request.headers.get("Sec-Fetch-Dest") in FRAMES:
            return response  # a frame of our own must not take it from the page around it
        rules = cookie_rules()
        response.set_cookie(
            cookie_name("session"), secret or secrets.token_urlsafe(32), max_age=KEPT_S, **rules
        )
        return response

    def _key(self) -> Key:
        place = request.args.get(PLACE_KEY, "")
        if place not in PLACES:
            names = ", ".join(filter(None, PLACES))
            raise NoSessionError(400, f"{PLACE_KEY} must be one of {names}, or left out")
        if self._sessions.own is None:
            return Key("", place)
        secret = self._secret()
        if secret is None:
            raise NoSessionError(
                403, "the cookie of a session must come with a request: GET / gives it to a browser"
            )
        return key_of(secret, place)

    def _secret(self) -> str | None:
        given = request.cookies.get(cookie_name("session"), "")
        return given if SECRET.fullmatch(given) else None


FRAMES: Final = ("iframe", "frame")


def cookie_name(kind: str) -> str:
    """Browsers give cookies to all ports of a host; servers beside each other must not mix."""
    return f"gridworld_{kind}_{request.environ.get('SERVER_PORT', '')}"


def cookie_rules() -> dict[str, Any]:
    """How a cookie is given, on this request: none that a script reads, or a foreign page uses.

    A page that another site shows in a frame gets a strict cookie neither kept nor sent. There it
    is one for frames within that site alone (`Partitioned`), which browsers take by TLS only, and
    from this machine.
    """
    foreign = (
        request.headers.get("Sec-Fetch-Dest", "").lower() in FRAMES
        and request.headers.get("Sec-Fetch-Site", "").lower() == "cross-site"
    )
    rules = {"httponly": True, "path": "/"}
    if foreign:
        return rules | {"samesite": "None", "secure": True, "partitioned": True}
    return rules | {"samesite": "Strict", "secure": request.is_secure}
