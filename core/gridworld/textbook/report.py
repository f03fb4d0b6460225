"""What was reproduced, as a page: Markdown or HTML, from the same parts."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gridworld.textbook.verdict import SIGNS, Drawn, Figure, Row

__all__ = ["HEADS", "Reproduced", "as_html", "as_markdown", "cells_of", "summary_of"]

HEADS = ("what", "published", "ours", "interval", "tolerance", "verdict")

SUMMARY_HEADS = ("figure", "what it shows", "numbers", "verdict", "seconds")


@dataclass(frozen=True)
class Reproduced:
    """A figure, and what came of it.

    Attributes:
        figure: Which.
        drawn: Its lines and numbers.
        seconds: That it took.
    """

    figure: Figure
    drawn: Drawn
    seconds: float

    @property
    def verdict(self) -> str:
        """In a word."""
        return "pass" if self.drawn.passed else "FAIL"


def cells_of(row: Row) -> tuple[str, ...]:
    """A row in words, under `HEADS`."""
    digits = _digits(row)
    ours = row.ours
    band = "exact" if ours.low == ours.high else f"{ours.low:.{digits}f} to {ours.high:.{digits}f}"
    return (
        row.what,
        f"{SIGNS[row.relation]}{row.published:.{digits}f}",
        f"{ours.estimate:.{digits}f}",
        band,
        f"{row.tolerance:.2g}",
        "pass" if row.passed else "FAIL",
    )


def _digits(row: Row) -> int:
    """Decimals that show two digits of the tolerance, as far as they are worth reading."""
    scale = row.tolerance or abs(row.published) / 100 or 1.0
    return min(max(1 - math.floor(math.log10(scale)), 0), 10)


def summary_of(one: Reproduced) -> tuple[str, ...]:
    """A figure in words, under `SUMMARY_HEADS`."""
    rows = one.drawn.rows
    passed = sum(row.passed for row in rows)
    figure = one.figure
    return (
        figure.key,
        figure.title,
        f"{passed} of {len(rows)}",
        one.verdict,
        f"{one.seconds:.1f}",
    )


def _head(found: Sequence[Reproduced], facts: Mapping[str, str]) -> list[str]:
    failed = [one.figure.key for one in found if not one.drawn.passed]
    numbers = sum(len(one.drawn.rows) for one in found)
    said = "All are reproduced." if not failed else f"Not reproduced: {', '.join(failed)}."
    seconds = sum(one.seconds for one in found)
    told = ", ".join(f"{name} {value}" for name, value in facts.items())
    return [f"{len(found)} figures, {numbers} numbers, {seconds:.0f} s. {said}", f"{told}."]


def _words(one: Reproduced) -> list[str]:
    """What is said of a figure beside its table."""
    figure = one.figure
    said = [f"{figure.source}. Ours: {one.drawn.note}." if one.drawn.note else f"{figure.source}."]
    said.append(f"Tolerance: {figure.tolerance}")
    if not one.drawn.passed:
        said.append(f"Why not: {figure.explains or 'not known yet.'}")
    return said


def as_markdown(
    found: Sequence[Reproduced], pictures: Mapping[str, str], facts: Mapping[str, str]
) -> str:
    """The report in Markdown.

    Args:
        found: Figures, in order.
        pictures: Key of a figure to its picture's file, beside the report.
        facts: Of the machine and the program.
    """
    parts = ["# The books, reproduced", *_head(found, facts)]
    parts.append(_table(SUMMARY_HEADS, map(summary_of, found)))
    for one in found:
        parts += [f"## {one.figure.key}: {one.figure.title} ({one.verdict})", *_words(one)]
        if one.figure.key in pictures:
            parts.append(f"![{one.figure.title}]({pictures[one.figure.key]})")
        parts.append(_table(HEADS, map(cells_of, one.drawn.rows)))
    return "\n\n".join(parts) + "\n"


def _table(heads: Sequence[str], rows: "map[tuple[str, ...]]") -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { text-align: left; padding: 0.15rem 0.8rem 0.15rem 0; border-bottom: 1px solid #8884 }
tr.FAIL td { color: #b00020; font-weight: 600 }
img { max-width: 100%; background: #fff }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #dde }
  tr.FAIL td { color: #ff8a80 } }
"""


def as_html(
    found: Sequence[Reproduced], pictures: Mapping[str, str], facts: Mapping[str, str]
) -> str:
    """The same as a page that loads nothing but its pictures."""
    parts = [f"<p>{html.escape(text)}</p>" for text in _head(found, facts)]
    parts.append(_html_table(SUMMARY_HEADS, [summary_of(one) for one in found]))
    for one in found:
        title = html.escape(f"{one.figure.key}: {one.figure.title} ({one.verdict})")
        parts.append(f"<h2>{title}</h2>")
        parts += [f"<p>{html.escape(text)}</p>" for text in _words(one)]
        if one.figure.key in pictures:
            source, alt = map(html.escape, (pictures[one.figure.key], one.figure.title))
            parts.append(f'<img src="{source}" alt="{alt}">')
        parts.append(_html_table(HEADS, [cells_of(row) for row in one.drawn.rows]))
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>The books, reproduced</title><style>{_STYLE}</style></head>\n"
        f"<body>\n<h1>The books, reproduced</h1>\n{body}\n</body>\n</html>\n"
    )


def _html_table(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    def line(cells: Sequence[str], tag: str, kind: str = "") -> str:
        inside = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)
        return f"<tr{kind}>{inside}</tr>"

    body = [line(row, "td", ' class="FAIL"' if "FAIL" in row else "") for row in rows]
    return "<table>\n" + "\n".join([line(heads, "th"), *body]) + "\n</table>"
