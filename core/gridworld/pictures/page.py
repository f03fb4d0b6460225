"""What a notebook shows: facts beside pictures, and curves."""

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["curve", "page"]

WIDTH, HEIGHT, LEFT, BOTTOM = 420, 200, 52, 30

LINE = "#0072b2"


def curve(
    x: npt.NDArray[Any],
    y: npt.NDArray[Any],
    band: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None,
    *,
    label: str,
) -> str:
    """A line over episodes as SVG, with a band around it.

    Args:
        x: `[n]`, ascending.
        y: `[n]`.
        band: What is below and above, `[n]` each, or None.
        label: What is shown.
    """
    edges = [y] if band is None else [y, *band]
    low = min(float(np.min(each)) for each in edges)
    high = max(float(np.max(each)) for each in edges)
    span, last = (high - low) or 1.0, float(x[-1])

    def points(values: npt.NDArray[Any], order: int = 1) -> str:
        across = LEFT + (WIDTH - LEFT - 8) * (x / last)
        down = 8 + (HEIGHT - BOTTOM - 8) * (1 - (values - low) / span)
        pairs = list(zip(across.tolist(), down.tolist(), strict=True))[::order]
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in pairs)

    body = ""
    if band is not None:
        body += (
            f'<polygon points="{points(band[1])} {points(band[0], -1)}" fill="{LINE}"'
            ' fill-opacity=".2"/>'
        )
    body += f'<polyline points="{points(y)}" fill="none" stroke="{LINE}" stroke-width="1.5"/>'
    foot = HEIGHT - BOTTOM
    body += f'<path d="M{LEFT} 8V{foot}H{WIDTH - 8}" fill="none" stroke="#8a929c"/>'
    for text, a, b, anchor in (
        (f"{high:.4g}", LEFT - 4, 14, "end"),
        (f"{low:.4g}", LEFT - 4, foot, "end"),
        (f"{int(x[-1]):,} episodes", WIDTH - 8, foot + 14, "end"),
        (label, LEFT, foot + 26, "start"),
    ):
        body += (
            f'<text x="{a}" y="{b}" font-size="10" text-anchor="{anchor}" fill="#4a525c"'
            f' font-family="sans-serif">{escape(text)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}"><title>{escape(label)}</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{body}</svg>'
    )


def page(title: str, facts: Mapping[str, Any], pictures: str) -> str:
    """Facts in a table, and pictures beside it, as HTML."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(str(key))}</th>"
        f"<td style='text-align:left'>{escape(str(value))}</td></tr>"
        for key, value in facts.items()
    )
    return (
        f"<div><strong>{escape(title)}</strong>"
        "<div style='display:flex;gap:16px;flex-wrap:wrap;align-items:flex-start'>"
        f"<table>{rows}</table>{pictures}</div></div>"
    )
