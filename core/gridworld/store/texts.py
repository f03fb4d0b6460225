"""Files that hold text, as editors and other programs leave them."""

import json
import os
from pathlib import Path
from typing import Any

from gridworld.errors import FileError

__all__ = ["decode", "parse_json", "read_text"]

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: str | os.PathLike[str]) -> str:
    """What a file holds, without the byte order mark that some editors write first.

    Raises:
        FileError: It is no text in UTF-8.
        OSError: It cannot be read.
    """
    return decode(Path(path).read_bytes(), path)


def decode(data: bytes, source: object) -> str:
    """The text of bytes in UTF-8, without a byte order mark.

    Args:
        data: The bytes.
        source: Where they are from, as messages name it.

    Raises:
        FileError: They are no text in UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        got = ", got UTF-16" if data.startswith(_UTF_16) else ""
        raise FileError(f"{source} must be text in UTF-8{got}") from None


def parse_json(source: object, text: str) -> dict[str, Any]:
    """The JSON object that a text is.

    Args:
        source: Where it is from, as messages name it.
        text: The text.

    Raises:
        FileError: It is something else.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{source} must hold JSON, got {error}") from None
    if not isinstance(data, dict):
        raise FileError(f"{source} must hold a JSON object, got {type(data).__name__}")
    return data
