"""What stands in a lesson: Markdown, whose links open runs, show checked numbers, or explain."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from gridworld.errors import FileError, GridworldError
from gridworld.experiments.measures import measure
from gridworld.store.link import CHANGE, MARK, link_world, read_link
from gridworld.textbook.glossary import GLOSSARY
from gridworld.world import GridWorld

__all__ = ["OPTIMUM", "Claim", "Links", "parse", "render", "shown"]

OPTIMUM: Final = "optimum"
"""What can be claimed beside the measures of experiments: the exact optimum of the run's world."""

NUMBER: Final = re.compile(r"[-\N{MINUS SIGN}]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?(?: ?(%))?")

# What a class wrote may come from anywhere: no HTML passes, and nothing is fetched.
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class Claim:
    """A number that a text says of a run: the mean over its agents.

    Attributes:
        run: Its name.
        measure: Of `gridworld.measure_names`, or `OPTIMUM`.
        text: As it stands there.
        value: The same as a number.
        digits: Behind its point.
    """

    run: str
    measure: str
    text: str
    value: float
    digits: int

    def holds_for(self, found: float) -> bool:
        """Whether that number, rounded as the text has it, is what it says."""
        return round(found, self.digits) == self.value


@dataclass
class Links:
    """What links in a lesson may lead to, and what was found of them.

    Attributes:
        runs: Name to settings.
        link: Gives the link to settings, without a page's address.
        claims: Found so far.
        runs_seen: Links to runs so far.
    """

    runs: Mapping[str, Mapping[str, Any]]
    link: Callable[[Mapping[str, Any]], str]
    claims: list[Claim] = field(default_factory=list)
    runs_seen: int = 0

    def lead(self, opening: Token, closing: Token, text: str) -> None:
        """Let a link lead where it is to.

        Raises:
            FileError: It leads nowhere.
        """
        href = str(opening.attrs.get("href", ""))
        scheme, _, rest = href.partition(":")
        if MARK in href or scheme == "run":
            settings = self._settings(href) if MARK in href else self._run(rest)
            opening.attrs = {"href": self.link(settings), "class": "to-run"}
            self.runs_seen += 1
        elif scheme == "check":
            claim = self._claim(rest, text)
            self.claims.append(claim)
            opening.tag = closing.tag = "span"
            opening.attrs = {"class": "checked"}
        elif scheme == "about":
            if rest not in (each.key for each in GLOSSARY):
                known = ", ".join(each.key for each in GLOSSARY)
                raise FileError(f"about: must name one of {known}, got {rest!r:.80}")
            opening.attrs = {"href": f"glossary#{rest}", "target": "_blank", "class": "about"}
        elif scheme in ("http", "https"):
            opening.attrs = {"href": href, "target": "_blank", "rel": "noopener noreferrer"}
        else:
            raise FileError(
                "a link must lead to run:NAME, check:RUN.MEASURE, about:QUANTITY, a link of the"
                f" page's Share, or https://, got {href!r:.80}"
            )

    def _settings(self, href: str) -> Mapping[str, Any]:
        try:
            return shown(read_link(href))
        except GridworldError as error:
            raise FileError(f"a link to a run: {error}") from None

    def _run(self, name: str) -> Mapping[str, Any]:
        if name not in self.runs:
            known = ", ".join(self.runs) or "none"
            raise FileError(f"run: must name a run of the lesson ({known}), got {name!r:.80}")
        return self.runs[name]

    def _claim(self, what: str, text: str) -> Claim:
        name, _, asked = what.partition(".")
        settings = self._run(name)
        if settings["first_agent"]:
            raise FileError(
                f"run {name} must begin with agent 0 to be checked, got {settings['first_agent']}"
            )
        if settings["num_episodes"] is None and settings["num_steps"] is None:
            raise FileError(f"run {name} must have an end to be checked, got none")
        if asked != OPTIMUM:
            try:
                measure(asked)
            except GridworldError as error:
                raise FileError(f"check: {error}") from None
        found = NUMBER.fullmatch(text.strip())
        if found is None:
            raise FileError(
                f"what is checked must be a number such as -13.5 or 62 %, got {text!r:.80}"
            )
        digits, share = len(found[1] or ""), bool(found[2])
        plain = text.strip().rstrip("% ").replace(",", "").replace("\N{MINUS SIGN}", "-")
        value = float(plain)
        if share:
            return Claim(name, asked, text, round(value / 100, digits + 2), digits + 2)
        return Claim(name, asked, text, value, digits)


def shown(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of a run, if the page shows it.

    Raises:
        FileError: It does not.
    """
    if CHANGE in settings or not isinstance(link_world(settings), GridWorld):
        raise FileError("its world must be a grid that stays as it is, got another one")
    return settings


def parse(text: str) -> list[Token]:
    """The tokens of a text."""
    return _MARKDOWN.parse(text)


def render(tokens: Sequence[Token], links: Links) -> str:
    """Tokens as HTML, each link leading where it is to.

    Raises:
        FileError: One leads nowhere, or there is a picture.
    """
    for token in tokens:
        _lead(token.children or (), links)
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})).strip()


def _lead(children: Iterable[Token], links: Links) -> None:
    opening: Token | None = None
    inside: list[Token] = []
    for token in children:
        if token.type == "image":
            raise FileError("a text must have no pictures, got one")
        if token.type == "link_open":
            opening, inside = token, []
        elif token.type == "link_close":
            assert opening is not None
            links.lead(opening, token, "".join(each.content for each in inside))
            if opening.tag == "span":
                for each in inside:  # a number is set as one
                    each.content = each.content.replace("-", "\N{MINUS SIGN}")
            opening = None
        else:
            inside.append(token)
