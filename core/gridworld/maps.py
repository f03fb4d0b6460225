"""Maps as people have them: texts, rows, bytes, arrays, letters of their own, 0 and 1."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any, NoReturn

import numpy as np

from gridworld.errors import WorldError
from gridworld.validation import listed, whole

__all__ = [
    "FREE",
    "GOAL",
    "MAX_STATES",
    "PIT",
    "START",
    "WALL",
    "Cell",
    "Legend",
    "MapLike",
    "at",
    "cell_of",
    "read_map",
    "with_places",
]

MAX_STATES = 2**26
"""Cells that a world may have; one Q-table of that many states takes 1 GiB."""

Cell = tuple[int, int]
"""(x, y): x to the right, y down, (0, 0) top left."""

START, GOAL, PIT, WALL, FREE = "S", "G", "X", "#", "."

MapLike = str | bytes | Sequence[Any] | np.ndarray[Any, Any]
"""One text, a sequence of rows, or an array: see `read_map`."""

Legend = Mapping[Any, str]
"""A cell as the writer has it -> `S`, `G`, `X`, `#` or `.`."""

_KINDS = (START, GOAL, PIT, WALL, FREE)

_LETTERS = {kind: kind for kind in _KINDS} | {"F": FREE, "H": PIT}

_DIGITS = {0: FREE, 1: WALL}
"""Where cells are apart, as in an array or a CSV file, and not letters of a text."""

_BLANKS = " \t"

_ABOUT_BLANKS = "; only indentation that all rows share is left out"

_NAMES = {
    "\t": "TAB",
    "\n": "LINE FEED",
    "\r": "CARRIAGE RETURN",
    "\ufeff": "ZERO WIDTH NO-BREAK SPACE (a byte order mark)",
}
"""Unicode has no name for control characters."""

_LOOK_LIKE_NOTHING = "\u034f\u115f\u1160\u2800\u3164\uffa0"
"""Letters that show nothing and that no category gives away."""


def read_map(source: object, legend: Legend | None = None) -> tuple[bytes, int]:
    """A map as one byte a cell, row by row, and its width.

    Args:
        source: One text (bytes: in UTF-8) with a row in each line; a sequence of rows, each a
            text or a sequence of cells; or an array, `[height]` of texts or `[height, width]` of
            cells. A cell is a letter, the code of a letter, or 0 (free) or 1 (wall).
        legend: What other cells mean: `{"A": "S", " ": ".", 2: "G"}`. It comes before the usual
            meanings.

    In one text these are no part of the map: the ends of lines, the indentation (spaces or tabs)
    that all rows share, and blank lines before and after, unless they are as long as a row. Every
    other blank is a letter like any other, and refused unless the legend has it; with a blank in
    the legend only empty lines before and after are left out.

    Raises:
        WorldError: A cell has no meaning, rows are not equally long, or there are none. Letters
            that cannot be seen are named first.
    """
    letters, cells = _meanings(legend)
    known = f"one of {' '.join(_LETTERS)}"
    more = " or of the legend" if legend else ""
    if isinstance(source, bytes | bytearray):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise WorldError(f"a map in bytes must be text in UTF-8, got {source!r:.80}") from None
    if isinstance(source, str):
        return _from_texts(_lines(source, letters), letters, known + more)
    rows = _rows(source)
    if all(isinstance(row, str) for row in rows):
        return _from_texts(rows, letters, known + more)
    digits = " ".join(map(str, _DIGITS))
    return _from_cells(rows, cells, f"{known} {digits}{more}")


def with_places(cells: bytes, width: int, start: object, goal: object) -> bytes:
    """A map with more starts and goals.

    Args:
        cells: The map, one byte a cell.
        width: Cells in a row.
        start: A cell, or several; None: no more than the map has.
        goal: The same.

    Raises:
        WorldError: One is not a free cell of the map.
    """
    changed = bytearray(cells)
    for what, letter, given in (("start", START, start), ("goal", GOAL, goal)):
        if given is None:
            continue
        places = listed(what, given)
        if len(places) == 2 and all(isinstance(part, Integral) for part in places):
            places = (places,)
        for place in places:
            x, y = cell_of(what, place)
            if not (x < width and y * width < len(cells)):
                raise WorldError(
                    f"{what} must be inside the map of {width} x {len(cells) // width},"
                    f" got {at((x, y))}"
                )
            there = chr(changed[y * width + x])
            if there not in (FREE, letter):
                raise WorldError(
                    f"{what} must be a free cell (x to the right, y down),"
                    f" got {at((x, y))}, which is {there}"
                )
            changed[y * width + x] = ord(letter)
    return bytes(changed)


def cell_of(what: str, value: object) -> Cell:
    """A pair of whole numbers as a cell, which may yet be outside the map.

    Raises:
        WorldError: It is none.
    """
    cell = listed(what, value)
    if len(cell) != 2:
        raise WorldError(f"{what} must be two whole numbers x, y, got {value!r:.80}")
    x, y = (
        whole(f"{axis} of {what}", part, 0, MAX_STATES, WorldError)
        for axis, part in zip("xy", cell, strict=True)
    )
    return x, y


def at(cell: Sequence[int]) -> str:
    """How messages write a cell."""
    return f"({cell[0]}, {cell[1]})"


def _meanings(legend: object) -> tuple[dict[str, str], "_Cells"]:
    """What the letters of a text mean, and what cells that stand apart do."""
    letters, cells = dict(_LETTERS), _Cells()
    for digit, kind in _DIGITS.items():
        cells.put(digit, kind)
    for letter, kind in _LETTERS.items():
        cells.put(letter, kind)
    if legend is None:
        return letters, cells
    if not isinstance(legend, Mapping):
        raise WorldError(f"legend must be a mapping of cells to S G X # or ., got {legend!r:.80}")
    for key, kind in legend.items():
        if not isinstance(key, str | bytes | int | float | np.number):
            raise WorldError(f"a key of legend must be a text or a number, got {key!r:.80}")
        if kind not in _KINDS:
            raise WorldError(f"a value of legend must be one of S G X # ., got {kind!r:.80}")
        cells.put(key, kind)
        if isinstance(key, str) and len(key) == 1:
            letters[key] = kind
    return letters, cells


class _Cells(dict[Any, str]):
    """The meanings of cells, in every form in which a cell may come."""

    def put(self, key: Any, kind: str) -> None:
        """Give a cell a meaning."""
        text = key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)
        self[key] = self[text] = self[text.encode()] = kind
        if len(text) == 1 and not text.isdecimal():
            self[ord(text)] = kind
        number = _number(text)
        if number is not None:
            self[number] = kind

    def know(self, cell: Any) -> bool:
        """Whether a cell has a meaning."""
        try:
            return bool(self[cell])
        except (KeyError, TypeError):  # TypeError: it is a list itself
            return False

    def __missing__(self, key: Any) -> str:
        # as numpy.savetxt writes it: 1.000000000000000000e+00
        number = _number(key) if isinstance(key, str) else None
        if number is None or number not in self:
            raise KeyError(key)
        self[key] = self[number]
        return self[key]


def _number(text: str) -> float | None:
    try:
        return float(text) if text.isascii() else None
    except ValueError:
        return None


def _lines(text: str, letters: Mapping[str, str]) -> list[str]:
    """The rows of one text."""
    # str.splitlines would also take letters that cannot be seen for the ends of lines
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if any(blank in letters for blank in _BLANKS):
        return _without_around(lines, lambda line: not line)
    written = [line for line in lines if line.strip(_BLANKS)]
    if not written:
        return []
    indents = {line[: len(line) - len(line.lstrip(_BLANKS))] for line in written}
    indent = min(indents, key=len)
    while not all(other.startswith(indent) for other in indents):
        indent = indent[:-1]
    lines = ["" if indent.startswith(line) else line.removeprefix(indent) for line in lines]
    width = len(written[0]) - len(indent)
    return _without_around(lines, lambda line: not line.strip(_BLANKS) and len(line) != width)


def _without_around(lines: list[str], is_around: Callable[[str], bool]) -> list[str]:
    """The lines between the first and the last that is a row."""
    kept = [i for i, line in enumerate(lines) if not is_around(line)]
    return lines[kept[0] : kept[-1] + 1] if kept else []


def _rows(source: object) -> list[Any]:
    if hasattr(source, "__array__"):
        array = np.asarray(source)
        texts = array.ndim == 1 and array.dtype.kind in "SUO"
        if array.ndim != 2 and not texts:
            raise WorldError(
                f"a map must have two dimensions [height, width], got the shape {array.shape}"
            )
        source = array.tolist()
    if not isinstance(source, Sequence):
        raise WorldError(f"a map must be a text or a list of rows, got {source!r:.80}")
    return [row.decode("utf-8", "replace") if isinstance(row, bytes) else row for row in source]


def _from_texts(rows: list[str], letters: Mapping[str, str], known: str) -> tuple[bytes, int]:
    joined = "".join(rows)
    unknown = set(joined) - letters.keys()
    hidden = {letter for letter in unknown if _is_hidden(letter)}
    if hidden:
        _refuse_cell(rows, hidden.__contains__, known)
    width = _width(rows)
    if unknown:
        _refuse_cell(rows, unknown.__contains__, known)
    codes = {ord(letter): kind for letter, kind in letters.items()}
    return joined.translate(codes).encode("ascii"), width


def _from_cells(rows: list[Any], cells: _Cells, known: str) -> tuple[bytes, int]:
    texts = []
    for y, row in enumerate(rows):
        if isinstance(row, Mapping) or not isinstance(row, Iterable):
            raise WorldError(
                f"a row of the map must be a text or a list of cells, got {row!r:.80} in row {y}"
            )
        rows[y] = row = row.tolist() if isinstance(row, np.ndarray) else list(row)
        try:
            texts.append("".join([cells[cell] for cell in row]))
        except (KeyError, TypeError):
            _refuse_cell(rows[: y + 1], lambda cell: not cells.know(cell), known)
    return "".join(texts).encode("ascii"), _width(texts)


def _width(rows: Sequence[str]) -> int:
    if not rows or not rows[0]:
        raise WorldError("a map must have at least one cell, got none")
    width = len(rows[0])
    for y, row in enumerate(rows):
        if len(row) != width:
            raise WorldError(
                f"the rows of a map must be equally long, got {width} cells in row 0"
                f" and {len(row)} in row {y}"
            )
    return width


def _refuse_cell(
    rows: Sequence[Iterable[Any]], is_bad: Callable[[Any], bool], known: str
) -> NoReturn:
    x, y, cell = next(
        (x, y, cell) for y, row in enumerate(rows) for x, cell in enumerate(row) if is_bad(cell)
    )
    letter = cell if isinstance(cell, str) and len(cell) == 1 else ""
    if letter and _is_hidden(letter):
        raise WorldError(
            f"a cell must be {known}, got {_code(letter)} in row {y}, column {x}"
            f" (both counted from 0{_ABOUT_BLANKS if letter in _BLANKS else ''})"
        )
    which = f", which is {_code(letter)}" if letter and not letter.isascii() else ""
    raise WorldError(f"a cell must be {known}, got {cell!r:.80} at ({x}, {y}){which}")


def _is_hidden(letter: str) -> bool:
    """Whether a letter shows nothing of its own: blanks, controls, formats, combining marks."""
    category = unicodedata.category(letter)
    return category[0] in "ZC" or category in ("Mn", "Me") or letter in _LOOK_LIKE_NOTHING


def _code(letter: str) -> str:
    name = _NAMES.get(letter) or unicodedata.name(letter, "a letter without a name")
    return f"U+{ord(letter):04X} {name}"
