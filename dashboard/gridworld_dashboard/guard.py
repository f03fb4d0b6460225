"""What stands before every route: who may come in, and what is no request at all."""

import base64
import binascii
import hashlib
import logging
from collections.abc import Callable
from typing import Final

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from gridworld.errors import shortened
from gridworld_dashboard.access import Access, Refusal, Role
from gridworld_dashboard.classroom.door import cookie_name, cookie_rules
from gridworld_dashboard.wire.protocol import MAX_FRAME_BYTES

__all__ = ["HEALTH_PATH", "WEBSOCKET_PATH", "guard", "role_of_request"]

WEBSOCKET_PATH: Final = "/ws"

HEALTH_PATH: Final = "/health"
"""Says whether the server is well, and nothing else: supervisors have no token."""

TOKEN_KEY: Final = "token"
"""Of the link, and in a cookie's name."""

ROLE: Final = "gridworld.role"
"""Where a request's environment has what it may do."""

SUITES_PATH: Final = "/_dash-component-suites/"
"""Dash's scripts; of those that there are not, it knows exceptions alone."""

UPDATE_PATH: Final = "/_dash-update-component"
"""Dash's own, for callbacks on the server: the page has none."""

ENTER: Final = (
    "location.replace(Object.assign(new URL(location), {search: location.search"
    '.replace(/([?&])token=[^&]*&?/, "$1").replace(/[?&]$/, "")}))'
)
"""The way from the link to the page: the address keeps all but the token."""

# A redirect would be the way of HTTP, but a browser that comes from another site's page, such as
# a mail, sends no strict cookie along it.
ENTRANCE: Final = (
    f"<!doctype html><html lang=en><title>gridworld-bench</title><script>{ENTER}</script>"
    "<noscript>gridworld-bench must have a browser that runs scripts.</noscript></html>"
)

_log = logging.getLogger(__name__)


def guard(flask: Flask, access: Access, closed: Callable[[], Refusal | None]) -> None:
    """Let every request be asked for its right before any route sees it.

    Args:
        flask: The server of the page.
        access: The rules.
        closed: Says why a viewer finds no session to watch; None: it does.
    """
    script = base64.b64encode(hashlib.sha256(ENTER.encode()).digest()).decode()

    def before() -> Response | None:
        refusal = _refusal(access)
        if refusal is None and request.path == WEBSOCKET_PATH:
            refusal = closed() or _handshake_refusal()
        if refusal is not None:
            return _told(refusal)
        request.max_content_length = MAX_FRAME_BYTES
        if request.method == "GET" and request.path == "/" and _token_of_link() is not None:
            return _entrance(access, script)
        return None

    def after(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Content-Security-Policy", access.ancestors)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    def failed(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            words = shortened(error.description or error.name, 300)
            if isinstance(error, RequestEntityTooLarge):
                words = f"a body must have at most {request.max_content_length} bytes, got more"
            told = _told(Refusal(error.code or 500, words))
            if isinstance(error, MethodNotAllowed) and error.valid_methods:
                told.headers["Allow"] = ", ".join(sorted(error.valid_methods))
            return told
        if request.path.startswith(SUITES_PATH):
            return _told(Refusal(404, f"nothing is at {request.path[:100]!r}"))
        if isinstance(error, OSError):  # of the connection, or of the chunks that came over it
            return _told(Refusal(400, f"a body must be whole, got {shortened(error, 100)}"))
        if request.path == UPDATE_PATH:  # the page's callbacks are all in the browser
            return _told(Refusal(400, "a callback must be one of this page, which has none here"))
        _log.error("%s %s failed", request.method, request.path[:100], exc_info=error)
        return _told(Refusal(500, "a fault of the server; its log says more"))

    flask.before_request(before)
    flask.after_request(after)
    flask.register_error_handler(Exception, failed)


def role_of_request() -> Role:
    """What the present request may do."""
    role: Role = request.environ[ROLE]
    return role


def _refusal(access: Access) -> Refusal | None:
    host = request.environ.get("HTTP_HOST", "")
    refusal = access.refusal(host, request.method, request.headers)
    if refusal is not None:
        return refusal
    if "Content-Length" in request.headers and "Transfer-Encoding" in request.headers:
        return Refusal(400, "a body must have one length, got Content-Length and chunks")
    if request.path == HEALTH_PATH:
        return None
    role = access.role_of(_token_of_link(), _bearer(), request.cookies.get(cookie_name(TOKEN_KEY)))
    if role is None:
        return Refusal(
            401, "a token must come with a request: open the link that the server's terminal shows"
        )
    request.environ[ROLE] = role
    rule = request.url_rule.rule if request.url_rule is not None else ""
    if rule.endswith("/<path:path>") and request.path != WEBSOCKET_PATH:
        return Refusal(404, f"nothing is at {request.path[:100]!r}")  # else Dash gives the page
    return None


def _handshake_refusal() -> Refusal | None:
    """What is wrong with the request for a WebSocket (RFC 6455, section 4.2.1)."""
    headers = request.headers
    if headers.get("Upgrade", "").strip().lower() != "websocket":
        return Refusal(426, f"{WEBSOCKET_PATH} speaks WebSocket only.")
    if request.method != "GET" or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return Refusal(400, "a WebSocket must begin with a GET of HTTP/1.1")
    if "upgrade" not in headers.get("Connection", "").lower():
        return Refusal(400, "a WebSocket must begin with Connection: Upgrade")
    if headers.get("Sec-WebSocket-Version", "").strip() != "13":
        return Refusal(426, "Sec-WebSocket-Version must be 13")
    try:
        key = base64.b64decode(headers.get("Sec-WebSocket-Key", "").strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 16:
        return Refusal(400, "Sec-WebSocket-Key must be 16 bytes in base64")
    return None


def _told(refusal: Refusal) -> Response:
    response = Response(f"{refusal.message}\n", refusal.status, mimetype="text/plain")
    if refusal.status == 426:
        response.headers["Upgrade"] = "websocket"
        response.headers["Connection"] = "Upgrade"
        response.headers["Sec-WebSocket-Version"] = "13"
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _entrance(access: Access, script: str) -> Response:
    """Give the cookie for the link's token, and lead on to the page."""
    response = Response(ENTRANCE, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'sha256-{script}'; {access.ancestors}"
    )
    token = _token_of_link()
    if token is not None and access.known_role(token) is not None:
        response.set_cookie(cookie_name(TOKEN_KEY), token, **cookie_rules())
    return response


def _token_of_link() -> str | None:
    return request.args.get(TOKEN_KEY)


def _bearer() -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None
