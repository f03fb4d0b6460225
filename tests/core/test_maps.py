"""Maps in every form in which people have them, and that none becomes another in silence."""

import json
import time
from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridworld as gw

from_text = gw.GridWorld.from_text

ROWS = ("S.X", "#.G")


@pytest.mark.parametrize(
    "text",
    [
        "S.X\n#.G",
        "S.X\r\n#.G\r\n",
        "S.X\r#.G\r",
        "\n\nS.X\n#.G\n\n",
        "    S.X\n    #.G",
        "\tS.X\n\t#.G\n",
        "\n      S.X\n      #.G\n    ",
        "\n  S.X\n  #.G\n      ",
        "\n    \n  \t S.X\n  \t #.G\n  \t",
        "\nS.X\n#.G\n    ",
        "SFH\n#FG",
        b"S.X\n#.G",
        bytearray(b"S.X\r\n#.G"),
        "S.X\n#.G".encode("utf-8-sig"),
        ["S.X", "#.G"],
        ("S.X", "#FG"),
        [b"S.X", b"#.G"],
        ["S.X", b"#.G"],
        ["S.X", list("#.G")],
        [list("S.X"), list("#.G")],
        [[b"S", b".", b"X"], (35, 46, 71)],
        np.array(["S.X", "#.G"]),
        np.array([b"S.X", b"#.G"]),
        np.array([list("S.X"), list("#.G")]),
        np.array([list("S.X"), list("#.G")], "S1"),
        np.array([list("S.X"), list("#.G")], object),
        np.array([list("S.X"), list("#.G")]).view(np.uint32).reshape(2, 3),
        np.array([list(b"S.X"), list(b"#.G")], np.uint8),
        np.array([["S", "0", "X"], ["1", 0, "G"]], object),
        [["S", 0, "X"], [True, 0.0, "G"]],
    ],
)
def test_one_map_in_many_forms(text: Any) -> None:
    assert from_text(text).rows == ROWS


def test_maps_of_gymnasium_and_of_our_own_are_read_again() -> None:
    for name in ("4x4", "8x8"):
        lake: Any = gymnasium.make("FrozenLake-v1", map_name=name).unwrapped
        assert from_text(lake.desc).rows == gw.make(f"frozen-lake-{name}").rows
    for name in (*gw.world_names(), "maze-21"):
        world = gw.make(name)
        for form in (world.array, world.rows, str(world), str(world).encode()):
            assert from_text(form).cells == world.cells


MAZE = np.array([[0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize(
    "maze",
    [MAZE, MAZE.tolist(), MAZE.astype(bool), MAZE.astype(float), MAZE.astype(np.uint8), [*MAZE]],
)
def test_a_maze_of_0_and_1_gets_its_start_and_its_goal(maze: Any) -> None:
    assert from_text(maze, start=(0, 0), goal=(2, 1)).rows == ("S.#", "#.G")
    assert from_text(maze, start=[(0, 0), (1, 1)], goal=np.array([2, 1])).rows == ("S.#", "#SG")
    assert from_text(["S.", ".G"], start=(0, 0), goal=[(1, 1), [1, 0]]).rows == ("SG", ".G")
    data = {"map": MAZE.tolist(), "start": [0, 0], "goal": [[2, 1], [1, 0]], "name": "own"}
    world = gw.GridWorld.from_json(json.dumps(data))
    assert (world.rows, world.name) == (("SG#", "#.G"), "own")
    assert gw.GridWorld.from_json(world.to_json()) == world


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ({}, r"at least one start \(S\), got none"),
        ({"start": (0, 1)}, r"start must be a free cell .*, got \(0, 1\), which is #"),
        ({"start": (0, 0), "goal": (0, 0)}, r"goal must be a free cell .* which is S"),
        ({"start": (3, 0)}, r"start must be inside the map of 3 x 2, got \(3, 0\)"),
        ({"start": (0, 2)}, r"start must be inside the map of 3 x 2, got \(0, 2\)"),
        ({"start": (-1, 0)}, "x of start must be a whole number from 0"),
        ({"start": 0}, "start must be a list, got 0"),
        ({"start": "00"}, "start must be a list, got '00'"),
        ({"start": [(0, 0, 0)]}, "start must be two whole numbers x, y"),
    ],
)
def test_a_start_or_a_goal_that_cannot_be_is_refused(places: dict[str, Any], words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        from_text(MAZE, **places)


def test_a_legend_says_what_other_cells_mean() -> None:
    assert from_text("A b\n  c", legend={"A": "S", " ": ".", "b": "#", "c": "G"}).rows == (
        "S.#",
        "..G",
    )
    assert from_text("\n  A\n c \n", legend={"A": "S", " ": ".", "c": "G"}).rows == ("..S", ".G.")
    assert from_text([[2, 0], [1, 3]], legend={2: "S", 3: "G"}).rows == ("S.", "#G")
    assert from_text(np.array([[2, 0], [1, 3]]), legend={"2": "S", "3": "G"}).rows == ("S.", "#G")
    assert from_text([["in", ""], ["", "out"]], legend={"in": "S", "": ".", "out": "G"}).rows == (
        "S.",
        ".G",
    )
    # before the usual meanings, and all at once
    assert from_text("GS", legend={"G": "S", "S": "G"}).rows == ("SG",)
    assert from_text([[1, 0]], legend={0: "#", 1: "S"}).rows == ("S#",)
    assert from_text(np.frombuffer(b"AB", np.uint8)[None], legend={"A": "S", "B": "G"}).rows == (
        "SG",
    )
    world = gw.GridWorld.from_json({"map": ["AB"], "legend": {"A": "S", "B": "G"}})
    assert world.rows == ("SG",)


@pytest.mark.parametrize(
    ("text", "legend", "words"),
    [
        ("SA", {"A": "wall"}, "a value of legend must be one of S G X # ., got 'wall'"),
        ("SA", {"A": "F"}, "a value of legend must be one of S G X # ., got 'F'"),
        ("SA", {("A",): "G"}, r"a key of legend must be a text or a number, got \('A',\)"),
        ("SA", ["A"], r"legend must be a mapping .* got \['A'\]"),
        ("SAB", {"A": "G"}, r"one of S G X # \. F H or of the legend, got 'B' at \(2, 0\)"),
        ([[0, 3]], {2: "G"}, r"one of S G X # \. F H 0 1 or of the legend, got 3 at \(1, 0\)"),
    ],
)
def test_a_legend_that_cannot_be_is_refused(text: Any, legend: Any, words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        from_text(text, legend=legend)


HIDDEN = {
    " ": "U+0020 SPACE",
    "\t": "U+0009 TAB",
    "\x0b": "U+000B",
    "\x0c": "U+000C",
    "\x00": "U+0000",
    "\x85": "U+0085",
    "\u00a0": "U+00A0 NO-BREAK SPACE",
    "\u00ad": "U+00AD SOFT HYPHEN",
    "\u0301": "U+0301 COMBINING ACUTE ACCENT",
    "\u115f": "U+115F HANGUL CHOSEONG FILLER",
    "\u2003": "U+2003 EM SPACE",
    "\u200b": "U+200B ZERO WIDTH SPACE",
    "\u200d": "U+200D ZERO WIDTH JOINER",
    "\u200f": "U+200F RIGHT-TO-LEFT MARK",
    "\u2028": "U+2028 LINE SEPARATOR",
    "\u2060": "U+2060 WORD JOINER",
    "\u2800": "U+2800 BRAILLE PATTERN BLANK",
    "\u3000": "U+3000 IDEOGRAPHIC SPACE",
    "\ufe0f": "U+FE0F VARIATION SELECTOR-16",
    "\ufeff": "U+FEFF ZERO WIDTH NO-BREAK SPACE (a byte order mark)",
    "\U000e0020": "U+E0020 TAG SPACE",
}


@pytest.mark.parametrize("letter", HIDDEN, ids=HIDDEN.get)
@pytest.mark.parametrize(
    ("row", "column"), [(0, 0), (0, 1), (0, 3), (1, 0), (1, 2), (1, 3), (2, 0), (2, 3)]
)
def test_a_letter_that_cannot_be_seen_is_named_with_its_place(
    letter: str, row: int, column: int
) -> None:
    rows = ["S..", ".X.", "..G"]
    rows[row] = rows[row][:column] + letter + rows[row][column:]
    for form in ("\n".join(rows), rows, "\r\n".join(rows)):
        with pytest.raises(gw.WorldError) as caught:
            from_text(form)
        assert f"got {HIDDEN[letter]}" in str(caught.value)
        assert f" in row {row}, column {column} (both counted from 0" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        ("S.  \n  .G", 0, 2),
        ("S. \n.G", 0, 2),
        ("S.\n .G", 1, 0),
        ("S.\n    .G", 1, 0),
        ("S. \n.G ", 0, 2),
        ("    S.\n    .G ", 1, 2),
        ("S.G\n   \n...", 1, 0),
        ("S.\n.G\n  ", 2, 0),
        ("  \nS.\n.G", 0, 0),
        ("\tS.\n .G", 0, 0),
    ],
)
def test_blanks_that_may_be_cells_are_not_cut(text: str, row: int, column: int) -> None:
    with pytest.raises(gw.WorldError, match=f"got U[+].* in row {row}, column {column} .*indentat"):
        from_text(text)


def test_a_letter_that_looks_like_another_is_told_apart() -> None:
    with pytest.raises(gw.WorldError, match=r"U\+0405 CYRILLIC CAPITAL LETTER DZE"):
        from_text("\u0405.G")
    with pytest.raises(gw.WorldError, match=r"at \(1, 0\), which is U\+FF0E FULLWIDTH FULL STOP"):
        from_text("S\uff0eG")
    with pytest.raises(gw.WorldError, match=r"at \(1, 0\), which is U\+FF11 FULLWIDTH DIGIT ONE"):
        from_text([["S", "\uff11"]])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("  \n\t\n", "at least one cell, got none"),
        ([[]], "at least one cell, got none"),
        (np.zeros((0, 3)), "at least one cell, got none"),
        (np.zeros((2, 2, 2)), r"two dimensions \[height, width\], got the shape \(2, 2, 2\)"),
        (np.zeros(3), r"two dimensions \[height, width\], got the shape \(3,\)"),
        (np.float64(1), r"two dimensions .* got the shape \(\)"),
        ([["S", ["G"]]], r"one of S G X # \. F H 0 1, got \['G'\] at \(1, 0\)"),
        ([["S", None]], r"got None at \(1, 0\)"),
        ([[0, 0], [0, 2]], r"got 2 at \(1, 1\)"),
        ([[0, 0.5]], r"got 0\.5 at \(1, 0\)"),
        ([[0, float("nan")]], r"got nan at \(1, 0\)"),
        ([[0, -1]], r"got -1 at \(1, 0\)"),
        ([[0, 0], [0]], "equally long, got 2 cells in row 0 and 1 in row 1"),
        ([["S", "."], {"G": 1}], "a text or a list of cells, got {'G': 1} in row 1"),
        (b"S.\xff", "a map in bytes must be text in UTF-8, got b'S.*xff'"),
        ({"S", "G"}, "a map must be a text or a list of rows"),
    ],
)
def test_what_is_no_map_is_refused(source: Any, words: str) -> None:
    with pytest.raises(gw.WorldError, match=words):
        from_text(source)


@given(st.text(alphabet="SSS...GX#FH01x \t\n\n\n\r\x0b\x85\u00a0\ufeff\u200b\u2028", max_size=12))
def test_no_letter_of_a_text_vanishes(text: str) -> None:
    try:
        world = from_text(text)
    except gw.WorldError:
        return
    seen = "".join(text.split()).replace("F", ".").replace("H", "X")
    assert "".join(world.rows) == seen
    indents = {len(line) - len(line.lstrip()) for line in text.splitlines() if line.strip()}
    assert len(indents) == 1


@pytest.mark.parametrize("form", ["text", "indented", "U1", "S1", "codes", "maze", "lists"])
def test_a_large_map_is_read_in_a_moment(form: str) -> None:
    size = 2000
    rows = ["S" + "." * (size - 1)] + ["." * size] * (size - 2) + ["." * (size - 1) + "G"]
    letters = np.frombuffer("".join(rows).encode(), "S1").reshape(size, size)
    maze = np.zeros((size, size), np.int64)
    source: Any = {
        "text": "\n".join(rows),
        "indented": "".join(f"\n    {row}" for row in rows),
        "U1": letters.astype("U1"),
        "S1": letters,
        "codes": letters.view(np.uint8),
        "maze": maze,
        "lists": maze.tolist(),
    }[form]
    places: dict[str, Any] = {}
    if form in ("maze", "lists"):
        places = {"start": (0, 0), "goal": (size - 1, size - 1)}
    begin = time.process_time()
    world = from_text(source, **places)
    assert time.process_time() - begin < (0.7 if form in ("text", "indented") else 3)
    assert world.cells == "".join(rows).encode()
