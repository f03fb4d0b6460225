"""The experiments over HTTP: a page, and what it asks for. The guard stands before all of it."""

import io
import json
from typing import Any, Final

from flask import Flask, Response, request, send_file

from gridworld_dashboard.guard import role_of_request
from gridworld_dashboard.lab.lab import DOINGS, MOST_BYTES, QUESTIONS, Lab
from gridworld_dashboard.lab.page import page

__all__ = ["PATH", "add_routes"]

PATH: Final = "/experiments"


def add_routes(flask: Flask, lab: Lab) -> None:
    """Let a server show the page and answer it.

    Args:
        flask: The server.
        lab: Knows the experiments.
    """

    def shown() -> Response:
        return Response(page(role_of_request()), mimetype="text/html")

    def asked(question: str) -> Response:
        if question not in QUESTIONS:
            return _told(404, f"a question must be one of {', '.join(QUESTIONS)}")
        data = _data()
        return data if isinstance(data, Response) else _json(*lab.ask(question, data))

    def done(doing: str) -> Response:
        if doing not in DOINGS:
            return _told(404, f"what is to be done must be one of {', '.join(DOINGS)}")
        if role_of_request() != "presenter":
            words = f"{doing} must come from who steers, got it from who watches"
            return _told(403, words)
        data = _data()
        return data if isinstance(data, Response) else _json(*lab.do(doing, data))

    def file() -> Any:
        given: dict[str, Any] = dict(request.args.items())
        if "settings" in given:
            given["settings"] = [int(n) for n in given["settings"].split(",") if n.isdecimal()]
        status, name, content = lab.export(given)
        if isinstance(name, bytes):
            return _json(status, name)
        # as bytes, since a text would be packed, and kept so
        return send_file(
            io.BytesIO(content),
            "application/octet-stream",
            as_attachment=True,
            download_name=name,
            max_age=0,
        )

    flask.get(PATH, endpoint="experiments")(shown)
    flask.get(f"{PATH}/file", endpoint="experiments_file")(file)
    flask.post(f"{PATH}/ask/<question>", endpoint="experiments_ask")(asked)
    flask.post(f"{PATH}/do/<doing>", endpoint="experiments_do")(done)


def _data() -> dict[str, Any] | Response:
    """The object that the present request brings; what is said of it, where it brings none."""
    if request.mimetype != "application/json":
        got = request.mimetype or "none"
        return _told(415, f"the type of a question must be application/json, got {got:.80}")
    request.max_content_length = MOST_BYTES
    try:
        data = json.loads(request.get_data())
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        return _told(400, "a question must be a JSON object, got something else")
    return data


def _json(status: int, body: bytes) -> Response:
    return Response(
        body, status, mimetype="application/json", headers={"Cache-Control": "no-store"}
    )


def _told(status: int, words: str) -> Response:
    return _json(status, json.dumps({"message": words}).encode())
