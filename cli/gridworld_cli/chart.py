"""The figures of `compare` as a picture: horizontal bars on a logarithmic scale, one SVG."""

import math
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from gridworld.algorithms import ALGORITHMS
from gridworld_cli.report import short

__all__ = ["case", "chart", "ratio", "skipped", "title"]

WIDTH, LEFT, RIGHT, MARGIN = 800, 190, 690, 24
HEAD, GROUP, ROW, FOOT = 100, 44, 20, 52
"""Heights: above the first group, of a group's title, of a bar, below the last group."""

LEGEND = "Longer is faster, on a logarithmic scale. Q-learning where nothing else is said."

INK, MUTED, LINE, PEER, OWN = "#1c1e22", "#5b6068", "#e2e2dd", "#b3b7bd", "#2f5fd0"


def title(work: dict[str, Any]) -> str:
    """5 x 5, 1,024 agents; with the algorithm, where it is not Q-learning."""
    agents = "1 agent" if work["agents"] == 1 else f"{work['agents']:,} agents"
    name = work.get("algorithm", "q_learning")
    learning = "" if name == "q_learning" else f", {ALGORITHMS[name].title}"
    return f"{work['size']} x {work['size']}, {agents}{learning}"


def case(result: dict[str, Any]) -> str:
    """The name, and the threads where there are several."""
    threads = result["threads"]
    return str(result["name"]) + (f", {threads} threads" if threads > 1 else "")


def skipped(work: dict[str, Any]) -> str:
    """Why, with the figures."""
    needs, free = (work["skipped"][key] / 1e9 for key in ("needs_bytes", "free_bytes"))
    return f"skipped: needs {needs:.1f} GB, more than half of {free:.1f} GB"


def ratio(number: float) -> str:
    """Three digits."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def chart(data: dict[str, Any]) -> str:
    """The picture of what `compare --json` prints."""
    rows = [max(1, len(work["results"])) for work in data["works"]]
    bottom = HEAD + sum(GROUP + ROW * count for count in rows)
    height = bottom + FOOT
    size = f'width="{WIDTH}" height="{height}"'
    font = f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {size} {font}>',
        "<title>Steps per second, compared</title>",
        f'<rect {size} rx="6" fill="#ffffff"/>',
        _text(MARGIN, 36, "Steps per second", 'font-size="18" font-weight="600"'),
        _text(
            MARGIN,
            57,
            "Longer is faster, on a logarithmic scale. Q-learning, where nothing else is said.",
            f'fill="{MUTED}"',
        ),
        *_body(data["works"], bottom),
        _text(MARGIN, height - 18, _machine(data["machine"]), f'font-size="12" fill="{MUTED}"'),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _body(works: list[dict[str, Any]], bottom: int) -> Iterator[str]:
    medians = [
        result["steps_per_second"]["median"] for work in works for result in work["results"]
    ] or [1.0]
    low, high = math.floor(math.log10(min(medians))), math.floor(math.log10(max(medians))) + 1

    def x(rate: float) -> float:
        share = (math.log10(rate) - low) / (high - low)
        return LEFT + max(0.0, min(share, 1.0)) * (RIGHT - LEFT)

    for power in range(low, high + 1):
        at = x(10.0**power)
        yield f'<path d="M{at:.1f} {HEAD - 8}V{bottom + 4}" stroke="{LINE}"/>'
        label = f"{10.0 ** (power % 3):.0f}{['', ' k', ' M', ' G', ' T'][power // 3]}"
        yield _text(at, HEAD - 14, label, f'font-size="12" text-anchor="middle" fill="{MUTED}"')
    y = HEAD
    for work in works:
        yield _text(MARGIN, y + 30, title(work), 'font-weight="600"')
        y += GROUP
        if work["skipped"]:
            yield _text(LEFT + 8, y + 12, skipped(work), f'font-style="italic" fill="{MUTED}"')
            y += ROW
        for result in work["results"]:
            yield from _bar(result, y, x(result["steps_per_second"]["median"]))
            y += ROW


def _bar(result: dict[str, Any], y: int, end: float) -> Iterator[str]:
    own = result["name"] == "gridworld-bench"
    yield _text(LEFT - 8, y + 12, case(result), 'text-anchor="end"')
    yield (
        f'<rect x="{LEFT}" y="{y + 1}" width="{end - LEFT:.1f}" height="14" rx="2" '
        f'fill="{OWN if own else PEER}"/>'
    )
    yield (
        f'<text x="{end + 6:.1f}" y="{y + 12}" stroke="#ffffff" stroke-width="4" '
        f'paint-order="stroke">{short(result["steps_per_second"]["median"])}'
        f'<tspan dx="8" fill="{MUTED}">x {ratio(result["ratio"])}</tspan></text>'
    )


def _machine(machine: dict[str, Any]) -> str:
    return f"{machine['processor']}, {machine['processors']} processors, {machine['date'][:10]}"


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text x="{x:.6g}" y="{y}" {style}>{escape(text)}</text>'
