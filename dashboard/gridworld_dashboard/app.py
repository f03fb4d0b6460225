"""The Dash app: the page, the WebSocket and the way in for large worlds, wired."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from dash import Dash
from flask import Response, request, send_file
from flask_sock import Sock

from gridworld.errors import FileError, GridworldError, TrainerBusyError
from gridworld_dashboard.access import Access
from gridworld_dashboard.classroom.door import Door, NoSessionError
from gridworld_dashboard.classroom.sessions import Sessions
from gridworld_dashboard.frames.worlds import world_judged
from gridworld_dashboard.guard import HEALTH_PATH, WEBSOCKET_PATH, guard, role_of_request
from gridworld_dashboard.lessons.reading import Lesson, own_lessons
from gridworld_dashboard.packing import Packing
from gridworld_dashboard.page import beside, callbacks, layout
from gridworld_dashboard.page.beside import BESIDE_PATH
from gridworld_dashboard.page.glossary import glossary_page
from gridworld_dashboard.saves import sentence
from gridworld_dashboard.session import Session
from gridworld_dashboard.shelf import MAX_UPLOAD_BYTES, NAME
from gridworld_dashboard.wire.protocol import MAX_FRAME_BYTES, MAX_WORLD_BYTES
from gridworld_dashboard.wire.stream import turn_away
from gridworld_dashboard.wire.transport import Gate, Wake

__all__ = ["SAVES_PATH", "WEBSOCKET_PATH", "WORLD_PATH", "create_app"]

GLOSSARY_PATH: Final = "/glossary"
"""What each quantity is; `#KEY` leads to one of them."""

LESSONS_PATH: Final = "/lessons"
"""All lessons, which the page asks for when somebody opens them."""

SAVES_PATH: Final = "/saves"
"""Takes the file of a save (its name in `?name=`); below it, by their names, saves are given."""

WORLD_PATH: Final = "/world"
"""Takes worlds that are too large for a frame."""

WAYS: Final = ("configure", "change_world", "check_world")
"""What is done with such a world: commands of the wire."""

PATIENCE_BYTES: Final = 256 * 1024 * 1024
"""So much of a body that is too large is read, since a sender reads the answer only afterwards."""

PING_INTERVAL_S: Final = 25


def create_app(
    sessions: Sessions, access: Access, lessons: Mapping[str, Lesson] | None = None
) -> Dash:
    """The app that a WSGI server serves (`.server`), for one process and many threads.

    Args:
        sessions: What there is to watch and to steer.
        access: Who may come in.
        lessons: By name; None: those that come with the page.
    """
    app = Dash(
        __package__,
        title="gridworld-bench",
        update_title=None,  # type: ignore[arg-type]  # Dash's way to leave the title alone
        # loaded by main.mjs; loaded by Dash as well, each module would exist twice
        assets_ignore=r"",
        assets_path_ignore=["lib", "vendor"],
        serve_locally=True,
        index_string=layout.INDEX_STRING,
        # what is in the panels comes when the grid is on the screen
        suppress_callback_exceptions=True,
    )
    app.layout = layout.build()
    callbacks.register(app, layout.whole())
    flask = app.server

    door = Door(sessions)

    def may_steer() -> bool:
        """Whether the present request may change its session: one's own may everybody."""
        return sessions.own is not None or role_of_request() == "presenter"

    guard(flask, access, door.refusal)
    flask.after_request(Packing())
    flask.after_request(door.give_cookie)
    flask.config["SOCK_SERVER_OPTIONS"] = {
        "ping_interval": PING_INTERVAL_S,
        "max_message_size": MAX_FRAME_BYTES,
        "event_class": Wake,
    }

    def watch(ws: Any) -> None:
        try:
            with door.session() as stream:
                told = door.told()
                role = role_of_request() if access.token is not None else None
                you = {"role": role, "session": told} if role or told else None
                stream.handle(ws, steers=may_steer(), you=you)
        except (GridworldError, OSError) as error:  # no session could be opened
            turn_away(ws, str(error))

    def of_session(answer: Callable[..., Any], **given: Any) -> Any:
        """What a session answers to a request of HTTP."""
        try:
            with door.session() as stream:
                return answer(stream.session, **given)
        except NoSessionError as error:
            return {"message": str(error)}, error.status

    Sock(flask).route(WEBSOCKET_PATH)(watch)
    flask.post(WORLD_PATH, endpoint="world")(lambda: of_session(_take_world, steers=may_steer()))
    flask.post(SAVES_PATH, endpoint="take_save")(lambda: of_session(_take_save, steers=may_steer()))
    flask.get(f"{SAVES_PATH}/<name>", endpoint="give_save")(
        lambda name: of_session(_give_save, name=name)
    )
    told = {"lessons": [each.data() for each in (lessons or own_lessons()).values()]}
    flask.get(LESSONS_PATH, endpoint="lessons")(lambda: told)
    glossary = glossary_page()
    flask.get(GLOSSARY_PATH, endpoint="glossary")(lambda: Response(glossary, mimetype="text/html"))
    flask.get(BESIDE_PATH, endpoint="beside")(beside.page)
    flask.get(HEALTH_PATH, endpoint="health")(lambda: _health(sessions))
    flask.wsgi_app = Gate(flask.wsgi_app)
    return app


def _health(sessions: Sessions) -> tuple[dict[str, Any], int]:
    """Whether commands are answered and training can go on."""
    return ({"status": "ok"}, 200) if sessions.is_well() else ({"status": "ended"}, 503)


def _take_world(session: Session, *, steers: bool) -> tuple[dict[str, Any], int]:
    """Put the world of the present request in force, or say what is wrong with it.

    `?how=change_world` and `?how=check_world` do what those commands do.
    """
    how = request.args.get("how", "configure")
    if how not in WAYS:
        return {"message": f"how must be one of {', '.join(WAYS)}, got {how!r:.80}"}, 400
    if not steers:
        return {"message": "a world must come from who steers, got one from a viewer"}, 403
    if request.mimetype != "application/json":
        got = request.mimetype or "none"
        return {"message": f"the type of a world must be application/json, got {got}"[:200]}, 415
    body = _body("a world", _least(MAX_WORLD_BYTES, session.terms.allowance.text))
    if not isinstance(body, bytes):
        return body
    try:
        if how == "check_world":
            problem, judged = world_judged(body)
            return {"problem": problem, "world": judged}, 200
        fresh = session.put_world(body, go_on=how == "change_world")
    except TrainerBusyError as error:
        return {"message": str(error)}, 409
    except (GridworldError, MemoryError) as error:
        return {"message": str(error) or "the world must fit into the free memory"}, 400
    world = session.observer.world
    return {"fresh": fresh, "world": world.name, "width": world.width, "height": world.height}, 200


def _least(usual: int, allowed: int | None) -> int:
    return usual if allowed is None else min(usual, allowed)


def _body(what: str, most: int) -> bytes | tuple[dict[str, Any], int]:
    """The body of the present request; what is said of it, where it has more bytes than it may."""
    words = f"{what} must have at most {most / 1e6:.0f} MB"
    size = request.content_length or 0
    # one more, since of chunks so many are read and the rest is left out without a word
    request.max_content_length = most + 1 if size <= most else None
    if size > most:
        left = min(size, PATIENCE_BYTES)
        while left > 0 and (chunk := request.stream.read(min(left, 1 << 20))):
            left -= len(chunk)
        return {"message": f"{words}, got {size / 1e6:.1f} MB"}, 413
    body: bytes = request.get_data()
    return body if len(body) <= most else ({"message": f"{words}, got more"}, 413)


def _take_save(session: Session, *, steers: bool) -> tuple[dict[str, Any], int]:
    """Put the file that the present request brings among the saves."""
    if not steers:
        return {"message": "a save must come from who steers, got one from a viewer"}, 403
    if request.mimetype != "application/octet-stream":
        got = request.mimetype or "none"
        words = f"the type of a save must be application/octet-stream, got {got}"
        return {"message": words[:200]}, 415
    body = _body("a save", _least(MAX_UPLOAD_BYTES, session.terms.allowance.run))
    if not isinstance(body, bytes):
        return body
    try:
        return {"name": session.take_file(request.args.get("name", ""), body)}, 200
    except (GridworldError, MemoryError, OSError) as error:
        return {"message": f"Not uploaded: {sentence(error)}"}, 400


def _give_save(session: Session, name: str) -> Any:
    """The file of a save."""
    try:
        if NAME.fullmatch(name) is None:
            raise FileError("a save must have a name of letters, digits, dots, - and _")
        path = session.saves.file_of(name)
        return send_file(path.resolve(), as_attachment=True, download_name=path.name, max_age=0)
    except (GridworldError, OSError) as error:
        return {"message": sentence(error)}, 404
