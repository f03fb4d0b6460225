"""Worlds from files."""

from pathlib import Path

import numpy as np
import pytest

import gridworld as gw
from gridworld.store.worldfile import parse_world

MAP = "S..\n.X.\n..G\n"
DATA = '{"map": ["S..", ".X.", "..G"]}'
CSV = "S,0,0\n0,X,0\n0,0,G\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("world.txt", MAP),
        ("WORLD.TXT", MAP),
        ("world.Json", DATA),
        ("world.JSON", DATA),
        ("world.csv", CSV),
        ("world.CSV", CSV.replace("0", ".")),
        ("world.csv", CSV.replace(",", ";")),
        ("world.csv", CSV.replace(",", ", ").replace("\n", "\r\n")),
        ("world.csv", '"S","0","0"\n"0","X","0"\n0,0,"G"'),
        ("world.csv", "S,0.0,0e0\n0,X,0\n0,0,G\n\n"),
        ("world.tsv", CSV.replace(",", "\t")),
        ("world", MAP),
        ("world", DATA),
        ("world", "\n  " + DATA),
        ("world", CSV),
        ("world.map", CSV.replace(",", ";")),
        ("a.world", MAP),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_world_is_read_from_a_file(tmp_path: Path, name: str, text: str, mark: str) -> None:
    path = tmp_path / name
    path.write_bytes((mark + text).encode())
    world = gw.read_world(path)
    assert world.rows == ("S..", ".X.", "..G")
    assert world.name == path.stem
    assert gw.read_world(str(path)) == world


def test_a_world_keeps_the_name_that_its_file_says(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text('{"name": "the lake", "map": ["S.G"]}')
    assert gw.read_world(path).name == "the lake"


def test_a_maze_that_numpy_wrote_is_read(tmp_path: Path) -> None:
    maze = np.array([[0, 0, 1], [1, 0, 0]])
    for number, form in enumerate(("%d", "%.18e", "%g")):
        path = tmp_path / f"{number}.csv"
        np.savetxt(path, maze, delimiter=",", fmt=form)
        rows = path.read_text().splitlines()
        path.write_text("\n".join(["S" + rows[0][rows[0].index(",") :], *rows[1:]]))
        assert gw.read_world(path).rows == ("S.#", "#..")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("world.txt", b"S.  \n  .G", r"holds no world: .* got U\+0020 SPACE in row 0, column 2"),
        ("world.txt", "S.\u00a0\n..G".encode(), r"got U\+00A0 NO-BREAK SPACE in row 0, column 2"),
        ("world.txt", "\ufeff\ufeffS.G".encode(), r"got U\+FEFF .* in row 0, column 0"),
        ("world.csv", "S,\u200b0\n0,G".encode(), r"got '\\u200b0' at \(1, 0\)"),
        ("world.csv", "S,\u00a0\n0,G".encode(), r"got U\+00A0 NO-BREAK SPACE in row 0, column 1"),
        ("world.csv", b"S,2\n0,G", r"one of S G X # \. F H 0 1, got '2' at \(1, 0\)"),
        ("world.csv", b"S,0,\n0,G,", r"got '' at \(2, 0\)"),
        ("world.csv", b"0,0\n0,0", r"at least one start \(S\), got none"),
        ("world.csv", b'S,"0\n0,G', "a map must be a CSV file, got"),
        ("world.csv", b"", "at least one cell, got none"),
        ("world.txt", b"", "at least one cell, got none"),
        ("world.json", b"{", "must hold JSON, got"),
        ("world.json", b"[]", "must hold a JSON object, got list"),
        ("world.json", b"{}", "a world must have a map, got none"),
        ("world.txt", b"\xff\xfeS\x00", "must be text in UTF-8, got UTF-16"),
        ("world.txt", b"S.\xe9", "must be text in UTF-8$"),
    ],
)
def test_a_file_that_holds_no_world_is_refused_by_name(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(gw.FileError, match=words) as caught:
        gw.read_world(path)
    assert str(caught.value).startswith(str(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        gw.read_world(tmp_path / "missing.txt")


def test_bytes_are_named_by_their_source() -> None:
    assert parse_world(MAP.encode(), "the standard input", name="stdin").name == "stdin"
    with pytest.raises(gw.FileError, match=r"^the standard input holds no world: "):
        parse_world(b"?", "the standard input", name="stdin")
