"""The Dash app: the page and the WebSocket, wired; nothing is decided here."""

from collections.abc import Callable
from typing import Any, Final

from dash import Dash
from flask import Response, abort, request
from flask_sock import Sock

from gridworld_dashboard import callbacks, layout
from gridworld_dashboard.protocol import MAX_FRAME_BYTES
from gridworld_dashboard.stream import Stream
from gridworld_dashboard.transport import Gate, Wake

__all__ = ["WEBSOCKET_PATH", "create_app"]

WEBSOCKET_PATH: Final = "/ws"

PING_INTERVAL_S: Final = 25


def create_app(stream: Stream, check: Callable[[str, str | None], str | None]) -> Dash:
    """The app that a WSGI server serves (`.server`), for one process and many threads.

    Args:
        stream: Handles each WebSocket.
        check: Given a request's Host and Origin, the sentence that refuses it; None: it may pass.
    """
    app = Dash(
        __package__,
        title="gridworld-bench",
        update_title=None,  # type: ignore[arg-type]  # Dash's way to leave the title alone
        # loaded by main.mjs; loaded by Dash as well, each module would exist twice
        assets_ignore=r"",
        assets_path_ignore=["lib"],
        serve_locally=True,
        index_string=layout.INDEX_STRING,
    )
    app.layout = layout.build()
    callbacks.register(app)
    flask = app.server

    def guard() -> Any:
        refusal = check(request.host, request.origin)
        if refusal is not None:
            return Response(refusal + "\n", 403, mimetype="text/plain")
        if request.path == WEBSOCKET_PATH:
            if request.headers.get("Upgrade", "").lower() != "websocket":
                words = f"{WEBSOCKET_PATH} speaks WebSocket only.\n"
                headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
                return Response(words, 426, headers, mimetype="text/plain")
            if stream.hub.full:
                abort(503)
        return None

    def harden(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Content-Security-Policy", "frame-ancestors 'self'")
        return response

    flask.before_request(guard)
    flask.after_request(harden)
    flask.config["SOCK_SERVER_OPTIONS"] = {
        "ping_interval": PING_INTERVAL_S,
        "max_message_size": MAX_FRAME_BYTES,
        "event_class": Wake,
    }
    Sock(flask).route(WEBSOCKET_PATH)(stream.handle)
    flask.wsgi_app = Gate(flask.wsgi_app)
    return app
