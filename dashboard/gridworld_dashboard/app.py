"""The Dash app: the page, the WebSocket and the way in for large worlds, wired."""

from collections.abc import Callable
from typing import Any, Final

from dash import Dash
from flask import Response, abort, request
from flask_sock import Sock

from gridworld.errors import GridworldError, TrainerBusyError
from gridworld_dashboard.page import callbacks, layout
from gridworld_dashboard.session import Session
from gridworld_dashboard.wire.protocol import MAX_FRAME_BYTES, MAX_WORLD_BYTES
from gridworld_dashboard.wire.stream import Stream
from gridworld_dashboard.wire.transport import Gate, Wake

__all__ = ["WEBSOCKET_PATH", "WORLD_PATH", "create_app"]

WEBSOCKET_PATH: Final = "/ws"

WORLD_PATH: Final = "/world"
"""Takes worlds that are too large for a frame."""

PATIENCE_BYTES: Final = 256 * 1024 * 1024
"""So much of a body that is too large is read, since a sender reads the answer only afterwards."""

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
        # what is in the panels comes when the grid is on the screen
        suppress_callback_exceptions=True,
    )
    app.layout = layout.build()
    callbacks.register(app, layout.whole())
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
    flask.post(WORLD_PATH)(lambda: _take_world(stream.session))
    flask.wsgi_app = Gate(flask.wsgi_app)
    return app


def _take_world(session: Session) -> tuple[dict[str, Any], int]:
    """Put the world of the present request in force."""
    if request.mimetype != "application/json":
        got = request.mimetype or "none"
        return {"message": f"the type of a world must be application/json, got {got}"[:200]}, 415
    size = request.content_length or 0
    if size > MAX_WORLD_BYTES:
        left = min(size, PATIENCE_BYTES)
        while left > 0 and (chunk := request.stream.read(min(left, 1 << 20))):
            left -= len(chunk)
        most = MAX_WORLD_BYTES / 1e6
        return {"message": f"a world must have at most {most:.0f} MB, got {size / 1e6:.1f} MB"}, 413
    try:
        fresh = session.put_world(request.get_data())
    except TrainerBusyError as error:
        return {"message": str(error)}, 409
    except (GridworldError, MemoryError) as error:
        return {"message": str(error) or "the world must fit into the free memory"}, 400
    world = session.observer.world
    return {"fresh": fresh, "world": world.name, "width": world.width, "height": world.height}, 200
