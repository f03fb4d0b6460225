"""Worlds from files: JSON, maps in plain text, mazes in CSV."""

import csv
import os
from pathlib import Path

from gridworld.errors import FileError, WorldError
from gridworld.store.texts import decode, parse_json
from gridworld.world import GridWorld

__all__ = ["WORLD_SUFFIXES", "parse_world", "read_world"]

_JSON, _CSV, _TEXT = "json", "csv", "text"

_FORMATS = {".json": _JSON, ".csv": _CSV, ".tsv": _CSV, ".txt": _TEXT}

WORLD_SUFFIXES = tuple(_FORMATS)
"""Suffixes, in letters of any case, that say how a world is written."""

_DELIMITERS = ",;\t"


def read_world(path: str | os.PathLike[str]) -> GridWorld:
    """Read a world from a file.

    The suffix, in letters of any case, says how it is written: `.json` as
    `GridWorld.from_json` reads it, `.txt` as a map, `.csv` (or `.tsv`) as a map with commas,
    semicolons or tabs between the cells, which are 0 (free), 1 (wall) or a letter of the map, so
    that a maze of 0 and 1 needs an `S` and a `G`. Any other file is one of the three as it looks.

    Args:
        path: The file, in UTF-8 with or without a byte order mark.

    Returns:
        The world; its name is the one in the JSON object, else the file's without its suffix.

    Raises:
        OSError: The file cannot be read.
        FileError: It holds no world.
    """
    where = Path(path)
    return parse_world(where.read_bytes(), path, suffix=where.suffix, name=where.stem)


def parse_world(data: bytes, source: object, *, suffix: str = "", name: str) -> GridWorld:
    """A world from the bytes of a file.

    Args:
        data: The bytes.
        source: Where they are from, as messages name it.
        suffix: As of the file; another than `WORLD_SUFFIXES`: it is found out from the content.
        name: What the world is called if it does not say.

    Raises:
        FileError: It is no world.
    """
    text = decode(data, source)
    kind = _FORMATS.get(suffix.lower()) or _guess(text)
    try:
        if kind == _JSON:
            return GridWorld.from_json({"name": name} | parse_json(source, text))
        return GridWorld.from_text(_cells(text) if kind == _CSV else text, name=name)
    except WorldError as error:
        raise FileError(f"{source} holds no world: {error}") from error


def _guess(text: str) -> str:
    start = text.lstrip()
    if start.startswith("{"):
        return _JSON
    first = start.partition("\n")[0]
    return _CSV if "," in first or ";" in first else _TEXT


def _cells(text: str) -> list[list[str]]:
    first = text.lstrip().partition("\n")[0]
    delimiter = next((mark for mark in _DELIMITERS if mark in first), ",")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    try:
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        return [[cell.strip(" ") for cell in row] for row in rows]
    except csv.Error as error:
        raise WorldError(f"a map must be a CSV file, got {error}") from None
