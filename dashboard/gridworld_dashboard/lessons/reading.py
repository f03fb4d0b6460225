"""Lessons from their files (docs/lessons.md says how one is written).

A file is Markdown behind a front matter in TOML. It is read once, when the server starts: what is
wrong in it is said there, in one sentence, and not to a class.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from markdown_it.token import Token

from gridworld.errors import FileError, GridworldError, shortened
from gridworld.experiments.plans.spelling import NEVER
from gridworld.store.link import DEFAULTS, read_link, write_link
from gridworld.tables import PARAMETERS
from gridworld_dashboard.lessons.text import Claim, Links, parse, render, shown

__all__ = [
    "Lesson",
    "LessonError",
    "Question",
    "Step",
    "own_lessons",
    "read_lesson",
    "read_lessons",
]

MOST_LESSONS: Final = 100
"""In a folder."""

MOST_BYTES: Final = 64 * 1024
"""Of a file."""

MOST_TITLE: Final = 80
MOST_SENTENCE: Final = 200

KINDS: Final = ("predict", "run", "explain")
"""The steps of a lesson, in this order, perhaps several times."""

NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")

FRONT: Final = re.compile(r"\+\+\+\n(.*?\n)?\+\+\+\n(.*)", re.DOTALL)

FOLDER: Final = Path(__file__).parent


class LessonError(FileError):
    """A lesson's file is not as it must be; the message names it."""


@dataclass(frozen=True)
class Question:
    """Something to answer.

    Attributes:
        text: HTML.
        choices: HTML of each; none: the answer is written.
        right: The choice that turns out to be right; None: none is said to be.
    """

    text: str
    choices: tuple[str, ...] = ()
    right: int | None = None


@dataclass(frozen=True)
class Step:
    """A part of a lesson that is read at a time.

    Attributes:
        kind: One of `KINDS`.
        parts: HTML, and questions, in their order.
    """

    kind: str
    parts: tuple[str | Question, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked."""
        return tuple(part for part in self.parts if isinstance(part, Question))


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        name: Of its file, without the suffix.
        title: As the list calls it.
        says: What it is about, in a sentence.
        steps: Predict, run and explain.
        runs: Name to settings, as `read_link` gives them.
        claims: Numbers that its text says of them.
    """

    name: str
    title: str
    says: str
    steps: tuple[Step, ...]
    runs: Mapping[str, Mapping[str, Any]]
    claims: tuple[Claim, ...]

    def data(self) -> dict[str, Any]:
        """What the page gets of it."""
        return {
            "name": self.name,
            "title": self.title,
            "says": self.says,
            "steps": [
                {
                    "kind": step.kind,
                    "parts": [
                        {"html": part}
                        if isinstance(part, str)
                        else {"question": part.text, "choices": part.choices, "right": part.right}
                        for part in step.parts
                    ],
                }
                for step in self.steps
            ],
        }


def own_lessons() -> dict[str, Lesson]:
    """The lessons that come with the page, by name."""
    return read_lessons(FOLDER)


def read_lessons(folder: Path) -> dict[str, Lesson]:
    """The lessons of a folder, by name, in the order of their names.

    Raises:
        LessonError: A file is not as it must be, or there is none, or too many.
        OSError: One cannot be read.
    """
    if not folder.is_dir():
        raise LessonError(f"lessons must be in a folder, got {str(folder)!r:.200}")
    files = sorted(folder.glob("*.md"))
    if not 1 <= len(files) <= MOST_LESSONS:
        raise LessonError(
            f"a folder of lessons must hold 1 to {MOST_LESSONS} files NAME.md, got {len(files)} in"
            f" {str(folder)!r:.200}"
        )
    return {file.stem: read_lesson(file) for file in files}


def read_lesson(file: Path) -> Lesson:
    """The lesson of a file.

    Raises:
        LessonError: It is not as it must be.
        OSError: It cannot be read.
    """
    try:
        return _lesson(file)
    except GridworldError as error:
        raise LessonError(f"lesson {file.name}: {error}") from None


def _lesson(file: Path) -> Lesson:
    if NAME.fullmatch(file.stem) is None:
        raise LessonError("its name must be of letters, digits, dots, - and _")
    if (size := file.stat().st_size) > MOST_BYTES:
        raise LessonError(f"it must have at most {MOST_BYTES} bytes, got {size}")
    try:
        text = file.read_text("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise LessonError("it must be text in UTF-8, got other bytes") from None
    found = FRONT.fullmatch(text)
    if found is None:
        raise LessonError(
            "it must begin with +++, TOML and +++, each of these on a line of its own"
        )
    try:
        front = tomllib.loads(found[1] or "")
    except tomllib.TOMLDecodeError as error:
        raise LessonError(f"what is between its +++ must be TOML ({error})") from None
    if unknown := sorted(set(front) - {"title", "says", "runs"}):
        raise LessonError(
            f"between its +++ must be title, says and runs alone, got {unknown[0]!r:.80}"
        )
    runs = _runs(front.get("runs", {}))
    links = Links(runs, _link)
    steps = _steps(found[2], links)
    return Lesson(
        file.stem,
        _words(front, "title", MOST_TITLE),
        _words(front, "says", MOST_SENTENCE),
        steps,
        runs,
        tuple(links.claims),
    )


def _words(front: Mapping[str, Any], key: str, most: int) -> str:
    words = front.get(key)
    if not isinstance(words, str) or not 1 <= len(words.strip()) <= most:
        got = "none" if words is None else f"{words!r:.80}"
        raise LessonError(f"{key} must be a text of 1 to {most} letters, got {got}")
    return words.strip()


# --- runs


def _link(settings: Mapping[str, Any]) -> str:
    return write_link(settings, page="")


def _runs(tables: object) -> dict[str, dict[str, Any]]:
    if not isinstance(tables, dict):
        raise LessonError("runs must be tables [runs.NAME]")
    return {name: _settings(name, table) for name, table in tables.items()}


def _settings(name: str, table: object) -> dict[str, Any]:
    """The settings of a run: those of a link, or parameters by their names."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name):
        raise LessonError(
            f"the name of a run must be of small letters, digits and _, got {name!r:.80}"
        )
    if not isinstance(table, dict):
        raise LessonError(f"run {name} must be a table [runs.{name}]")
    try:
        if set(table) == {"link"} and isinstance(table["link"], str):
            return shown(read_link(table["link"]))
        if unknown := sorted(set(table) - set(DEFAULTS)):
            known = ", ".join(key for key in DEFAULTS if key != "view")
            raise LessonError(
                f"its keys must be link alone, or any of {known} and view, got {unknown[0]!r:.80}"
            )
        nullable = {each.key for each in PARAMETERS if each.null}
        given = {
            key: None if value == NEVER and key in nullable else value
            for key, value in table.items()
        }
        return shown(read_link(_link(given)))
    except GridworldError as error:
        raise LessonError(f"run {name}: {error}") from None


# --- steps


def _steps(text: str, links: Links) -> tuple[Step, ...]:
    tokens = parse(text)
    found: list[tuple[str, list[Token]]] = []
    for block in _blocks(tokens):
        if block[0].type == "heading_open" and block[0].tag == "h2":
            found.append((block[1].content.strip().lower(), []))
        elif found:
            found[-1][1].extend(block)
        else:
            raise LessonError(f"its text must begin with ## Predict, got {_begin(block)!r:.80}")
    names = [name for name, _ in found]
    rounds = len(names) // len(KINDS)
    expected = [kind for kind, _ in zip(cycle(KINDS), names, strict=False)]
    if not rounds or len(names) % len(KINDS) or names != expected:
        got = ", ".join(f"## {name.capitalize()}" for name in names) or "none"
        words = " then ".join(f"## {kind.capitalize()}" for kind in KINDS)
        raise LessonError(f"its headings must be {words}, perhaps again, got {shortened(got)}")
    steps = []
    for kind, part in found:
        before = links.runs_seen
        step = Step(kind, tuple(_parts(list(_blocks(part)), links)))
        if not step.parts:
            raise LessonError(f"## {kind.capitalize()} must not be empty")
        if kind == "predict" and not step.questions:
            raise LessonError("## Predict must ask something: a paragraph that begins with ?")
        if kind == "run" and links.runs_seen == before:
            raise LessonError("## Run must have a link to a run: [words](run:NAME)")
        steps.append(step)
    return tuple(steps)


def _begin(block: Sequence[Token]) -> str:
    return next((token.content for token in block if token.content), block[0].type)


def _blocks(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Paragraphs, lists, headings: each with what is in it."""
    block: list[Token] = []
    depth = 0
    for token in tokens:
        block.append(token)
        depth += token.nesting
        if depth == 0:
            yield block
            block = []


def _parts(blocks: list[list[Token]], links: Links) -> Iterator[str | Question]:
    plain: list[Token] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        at += 1
        if not _asks(block):
            plain += block
            continue
        if plain:
            yield render(plain, links)
            plain = []
        _strip(block[1], "?")
        text = render(block, links)
        if at < len(blocks) and blocks[at][0].type == "bullet_list_open":
            yield _with_choices(text, blocks[at], links)
            at += 1
        else:
            yield Question(text)
    if plain:
        yield render(plain, links)


def _asks(block: Sequence[Token]) -> bool:
    return block[0].type == "paragraph_open" and block[1].content.startswith("? ")


def _with_choices(text: str, block: Sequence[Token], links: Links) -> Question:
    """A question whose list begins each of its items with [ ], or with [x] where it is right."""
    choices: list[str] = []
    right: int | None = None
    for item in _blocks(block[1:-1]):
        inline = [token for token in item if token.type == "inline"]
        mark = inline[0].content[:3] if inline else ""
        if len(inline) != 1 or mark not in ("[ ]", "[x]"):
            raise LessonError(
                "each choice below a question must be one line - [ ] or - [x], got"
                f" {_begin(item)!r:.80}"
            )
        if mark == "[x]":
            if right is not None:
                raise LessonError("one choice at the most must be the right one, [x], got two")
            right = len(choices)
        _strip(inline[0], mark)
        choices.append(render(inline, links))
    if len(choices) < 2:
        raise LessonError(f"a question must have two choices at least, got {len(choices)}")
    return Question(text, tuple(choices), right)


def _strip(inline: Token, mark: str) -> None:
    """Take a mark and the space behind it from where a text begins."""
    first = (inline.children or [])[0]
    first.content = first.content.removeprefix(mark).lstrip()
