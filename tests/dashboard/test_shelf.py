"""Saves by name: listed, renamed, noted, deleted and brought back, handed out and taken."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.test_session import Desk
from gridworld_dashboard.access import Access
from gridworld_dashboard.app import create_app
from gridworld_dashboard.classroom.sessions import Sessions
from gridworld_dashboard.wire.stream import Stream


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.session.close()


def listed(desk: Desk, *, binned: bool = False) -> dict[str, dict[str, Any]]:
    saves = desk.ok("list_saves")["saves"]
    return {save["name"]: save for save in saves if save["binned"] is binned}


def test_saves_are_listed_the_newest_first_and_say_how_far_they_had_come(desk: Desk) -> None:
    assert listed(desk) == {}
    for episodes in (5, 7):
        desk.train(episodes)
        desk.ok("save_qtable", name=f"run-{episodes}")
    found = listed(desk)
    assert set(found) == {"run-5", "run-7"}
    assert found["run-5"]["episodes"] == 5
    assert found["run-7"]["episodes"] == 12
    assert found["run-7"]["saved"].endswith("Z")
    assert found["run-7"]["files"] == ["json", "npz"]


def test_a_save_gets_another_name_and_keeps_its_note(desk: Desk) -> None:
    desk.train(5)
    desk.ok("save_qtable", name="one")
    q = desk.q()
    desk.ok("note_save", name="one", note="with a high alpha")
    desk.ok("rename_save", name="one", to="two")
    assert listed(desk)["two"]["note"] == "with a high alpha"
    assert "one" not in listed(desk)
    desk.ok("reset")
    desk.ok("load_qtable", name="two")
    assert np.array_equal(desk.q(), q)
    desk.ok("note_save", name="two", note="")
    assert listed(desk)["two"]["note"] == ""


@pytest.mark.parametrize("to", ["two", "TWO", "autosave", "Autosave", None])
def test_a_name_that_is_taken_is_refused(desk: Desk, to: str | None) -> None:
    desk.train(5)
    for name in ("one", "two"):
        desk.ok("save_qtable", name=name)
    assert "name" in desk.error("rename_save", name="one", **({"to": to} if to else {}))
    assert set(listed(desk)) == {"one", "two"}


def test_what_is_deleted_lies_in_the_bin_and_comes_back(desk: Desk) -> None:
    desk.train(5)
    desk.ok("save_qtable", name="one")
    q = desk.q()
    desk.ok("delete_save", name="one")
    assert listed(desk) == {}
    assert listed(desk, binned=True)["one"]["episodes"] == 5
    assert "no such save" in desk.error("delete_save", name="one")
    desk.ok("restore_save", name="one")
    assert listed(desk, binned=True) == {}
    desk.ok("reset")
    desk.ok("load_qtable", name="one")
    assert np.array_equal(desk.q(), q)
    assert "no such save" in desk.error("restore_save", name="one")


def test_a_save_after_a_reset_loses_nothing(desk: Desk) -> None:
    desk.train(40)
    desk.ok("save_qtable")
    q = desk.q()
    desk.ok("reset")
    desk.ok("save_qtable")  # the same name, and nothing in it
    assert listed(desk)["agent_latest"]["episodes"] == 0
    desk.ok("restore_save", name="agent_latest")
    assert listed(desk)["agent_latest"]["episodes"] == 40
    assert listed(desk, binned=True)["agent_latest"]["episodes"] == 0, "they have changed places"
    desk.ok("load_qtable")
    assert np.array_equal(desk.q(), q)


@pytest.mark.parametrize("kind", ["npz", "json"])
def test_a_file_that_was_handed_out_is_taken_back(desk: Desk, tmp_path: Path, kind: str) -> None:
    desk.train(30)
    desk.ok("save_qtable", name="mine")
    q = desk.q()
    path = tmp_path / ".qtables" / f"mine.{kind}"
    assert desk.session.saves.file_of("mine").suffix == ".npz", "the exact one"
    name = desk.session.take_file(f"my file.{kind}", path.read_bytes())
    assert name == "my-file"
    assert desk.session.take_file(f"my file.{kind}", path.read_bytes()) == "my-file-2"
    assert desk.told[-1] == "saves"
    desk.ok("reset")
    desk.ok("load_qtable", name=name)
    assert np.array_equal(desk.q(), q)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"PK\x03\x04 and more", b"{", b"[1]", b'{"epsilon": 1}', b"\x00" * 100, b"null"],
)
def test_what_is_no_save_is_refused_and_leaves_nothing(
    desk: Desk, tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(Exception, match=r"file|archive|checkpoint|zip") as caught:
        desk.session.take_file("x.npz", content)
    assert str(tmp_path) not in str(caught.value)
    assert listed(desk) == {}
    assert list((tmp_path / ".qtables").glob(".*")) == []


@pytest.mark.parametrize("name", ["../x", "", "autosave", "a/b", ".hidden", "x" * 300, "Ä"])
def test_names_from_elsewhere_become_names_of_saves(desk: Desk, name: str) -> None:
    text = json.dumps({"q_table": [], "epsilon": 1}).encode()
    taken = desk.session.take_file(f"{name}.json", text)
    assert taken in listed(desk)
    assert taken.casefold() != "autosave"


def test_broken_files_in_the_folder_break_no_list(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / ".qtables"
    folder.mkdir(exist_ok=True)
    for name in ("a.npz", "b.json", "notes.txt", "c d.npz", ".d.json"):
        (folder / name).write_bytes(b"garbage")
    (folder / "e.npz").mkdir()
    assert set(listed(desk)) == {"a", "b"}
    assert listed(desk)["a"]["episodes"] is None
    desk.ok("note_save", name="a", note="broken")
    assert listed(desk)["a"]["note"] == "broken"


def test_files_come_and_go_by_http(desk: Desk, tmp_path: Path) -> None:
    desk.train(20)
    desk.ok("save_qtable", name="mine")
    stream = Stream(desk.session)
    try:
        app = create_app(Sessions(tmp_path, shared=stream), Access.of("127.0.0.1"))
        client = app.server.test_client()
        client.environ_base["HTTP_HOST"] = "127.0.0.1:8000"
        with client.get("/saves/mine") as given:
            assert given.status_code == 200
            assert "mine.npz" in given.headers["Content-Disposition"]
            data = given.data
        kind = "application/octet-stream"
        taken = client.post("/saves?name=theirs.npz", data=data, content_type=kind)
        assert (taken.status_code, taken.get_json()) == (200, {"name": "theirs"})
        with client.get("/saves/theirs") as again:
            assert again.data == data
        for name in ("nothing", ".hidden", "notes.txt", "mine.npz"):
            assert client.get(f"/saves/{name}").status_code == 404
        assert client.post("/saves?name=a", data=b"x", content_type="text/plain").status_code == 415
        refused = client.post("/saves?name=a", data=b"x", content_type=kind)
        assert refused.status_code == 400
        assert refused.get_json()["message"].startswith("Not uploaded: ")
    finally:
        stream.close()
