"""What is sent over HTTP is packed, once."""

import gzip
from pathlib import Path

import pytest
from flask import Flask, send_file
from flask.testing import FlaskClient

from gridworld_dashboard.packing import SMALLEST, Packing

TEXT = "function of_the_page() {}\n" * 200


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    app = Flask(__name__)
    script = tmp_path / "script.js"
    script.write_text(TEXT)
    app.get("/script.js")(lambda: send_file(script))
    app.get("/small", endpoint="small")(lambda: "x" * (SMALLEST - 1))
    app.get("/picture", endpoint="picture")(lambda: (TEXT, {"Content-Type": "image/png"}))
    app.get("/layout", endpoint="layout")(lambda: {"text": TEXT})
    app.get("/gone", endpoint="gone")(lambda: (TEXT, 404))
    app.after_request(Packing())
    return app.test_client()


@pytest.mark.parametrize("path", ["/script.js", "/layout"])
def test_texts_are_packed_for_who_takes_that(client: FlaskClient, path: str) -> None:
    with client.get(path) as plain:
        assert "Content-Encoding" not in plain.headers
        whole = plain.data
    for _ in range(2):
        with client.get(path, headers={"Accept-Encoding": "br, gzip"}) as packed:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert "Accept-Encoding" in packed.headers["Vary"]
            assert int(packed.headers["Content-Length"]) == len(packed.data) < len(whole) / 5
            assert gzip.decompress(packed.data) == whole


def test_what_would_gain_nothing_stays_as_it_is(client: FlaskClient) -> None:
    for path in ("/small", "/picture", "/gone"):
        with client.get(path, headers={"Accept-Encoding": "gzip"}) as given:
            assert "Content-Encoding" not in given.headers
    with client.get("/script.js", headers={"Accept-Encoding": "gzip;q=0"}) as refused:
        assert refused.data.decode() == TEXT


def test_a_text_is_packed_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[int] = []
    compress = gzip.compress

    def counted(data: bytes, *, mtime: float) -> bytes:
        packed.append(len(data))
        return compress(data, mtime=mtime)

    monkeypatch.setattr(gzip, "compress", counted)
    for _ in range(3):
        for path in ("/script.js", "/layout"):
            with client.get(path, headers={"Accept-Encoding": "gzip"}) as given:
                assert given.status_code == 200
    assert len(packed) == 2


def test_a_browser_that_has_it_gets_nothing(client: FlaskClient) -> None:
    with client.get("/script.js", headers={"Accept-Encoding": "gzip"}) as first:
        etag = first.headers["ETag"]
    again = {"Accept-Encoding": "gzip", "If-Modified-Since": first.headers["Last-Modified"]}
    with client.get("/script.js", headers=again) as second:
        assert second.status_code == 304
        assert second.data == b""
    assert etag.startswith("W/")
