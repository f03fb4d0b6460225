"""What mail, chat and text processors make of a link, undone where that is certain.

The page does the same (`assets/lib/share/mend.mjs`). Nothing here judges: of what is found, that
counts which unpacks to a whole.
"""

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["MARK", "found_codes", "holds_mark"]

MARK: Final = "#run="
"""What stands between the page's address and the settings."""

MOST_PIECES: Final = 64
"""Lines that a link may be broken into, where other text follows it."""

_ROUNDS = 3
"""How often a link may have been encoded over and over."""

_PERCENT = re.compile(r"%([0-7][0-9a-fA-F])")
_NUMBERED = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));")
_NAMED = re.compile(r"&(amp|num|equals|lowbar|lt|gt|quot|shy|ZeroWidthSpace);")
_NAMES = {
    "amp": "&", "num": "#", "equals": "=", "lowbar": "_", "lt": "<", "gt": ">", "quot": '"',
    "shy": "", "ZeroWidthSpace": "",
}  # fmt: skip

# Tags that permit a line break, escapes before Markdown's signs, and letters that nobody sees.
_UNSEEN = re.compile("<wbr ?/?>|\\\\|[\u00ad\u200b-\u200f\u2060\ufeff]", re.IGNORECASE)

_SOFT_BREAK = re.compile(r"=[ \t]*\r?\n")
"""Of quoted-printable."""

# A piece of a code behind blanks, or behind a line break and the signs of a quotation.
_PIECE = re.compile(r"\s*(?:[\r\n]\s*(?:[>|]\s*)+)?([A-Za-z0-9_-]+)", re.ASCII)


def holds_mark(text: str) -> bool:
    """Whether there is a link in it, mangled or not."""
    return any(MARK in reading for reading in _readings(text))


def found_codes(text: str) -> Iterator[str]:
    """What may be the code of a link, the likeliest first; none where there cannot be any.

    Args:
        text: A link, text around one, or a code alone.
    """
    seen: set[str] = set()
    for code in _codes(text):
        for each in (code, code.rstrip("_-")):  # Markdown's emphasis
            if each and each not in seen:
                seen.add(each)
                yield each


def _codes(text: str) -> Iterator[str]:
    marked = False
    for reading in _readings(text):
        _, *behind = reading.split(MARK)
        marked = marked or bool(behind)
        for part in behind:
            yield from _joined(_pieces(part))
            if part.startswith("3D"):  # an equals sign in quoted-printable
                yield from _joined(_pieces(part[2:]))
    if not marked:
        pieces = _pieces(text)
        if "".join(pieces) == "".join(text.split()):
            yield from _joined(pieces)


def _readings(text: str) -> list[str]:
    """The text as it stands, and with one kind of line break or the other taken away."""
    plain = text
    for _ in range(_ROUNDS):
        before = plain
        plain = _PERCENT.sub(lambda match: chr(int(match[1], 16)), plain)
        plain = _NUMBERED.sub(_letter, plain)
        plain = _NAMED.sub(lambda match: _NAMES[match[1]], plain)
        if plain == before:
            break
    plain = _UNSEEN.sub("", plain)
    return [plain, _SOFT_BREAK.sub("", plain), "".join(plain.split())]


def _letter(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    return chr(number) if number <= 0x10FFFF else match[0]


def _pieces(text: str) -> list[str]:
    found = []
    at = 0
    while match := _PIECE.match(text, at):
        found.append(match[1])
        at = match.end()
    return found


def _joined(pieces: list[str]) -> Iterator[str]:
    """The first piece, all, and what lies between."""
    if pieces:
        yield pieces[0]
        yield "".join(pieces)
        for count in range(2, min(len(pieces), MOST_PIECES)):
            yield "".join(pieces[:count])
