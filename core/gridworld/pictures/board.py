"""A grid as SVG: its cells, values and a policy on them."""

import base64
from html import escape

import numpy as np
import numpy.typing as npt

from gridworld.kernels.actions import DELTAS
from gridworld.maps import FREE, GOAL, PIT, START, WALL
from gridworld.pictures.pixels import COLOURS, draw_pixels, png_of

__all__ = ["MOST_CELLS", "board", "colour_of", "shown_values"]

MOST_CELLS = 2500
"""Larger worlds are drawn as pixels, without letters and numbers."""

MOST_NUMBERS = 12
"""Width up to which cells have room for their values."""

LARGEST, SMALLEST = 44, 10
"""Pixels of a cell's side."""

MOST_PIXELS = 560

SCALE = np.array([(250, 250, 235), (161, 218, 180), (65, 182, 196), (44, 127, 184), (37, 52, 148)])
"""From low to high values (ColorBrewer's YlGnBu), which also stays in order without colours."""

INK, PAPER = "#26303c", "#ffffff"


def board(
    cells: npt.NDArray[np.uint8],
    *,
    name: str,
    values: npt.NDArray[np.float64] | None = None,
    ties: npt.NDArray[np.bool_] | None = None,
    state: int | None = None,
) -> str:
    """A grid as SVG.

    Args:
        cells: The map as character codes `[height, width]`.
        name: What the picture is called.
        values: float64 `[S]`, NaN where there is none.
        ties: bool `[S, 4]`, the actions that are drawn as arrows where one acts.
        state: Where an agent is.
    """
    if cells.size > MOST_CELLS:
        return _pixels(cells, values, state, name)
    return _cells(cells, values, ties, state, name)


def shown_values(
    cells: npt.NDArray[np.uint8], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The values that are worth a colour, float64 `[S]`: NaN where nobody acts."""
    idle = np.isin(cells.reshape(-1), [ord(kind) for kind in (GOAL, PIT, WALL)])
    return np.where(idle | ~np.isfinite(values), np.nan, values)


def colour_of(share: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Colours of shares in [0, 1], uint8 `[..., 3]`."""
    place = share * (len(SCALE) - 1)
    below = np.minimum(place.astype(int), len(SCALE) - 2)
    part = (place - below)[..., None]
    mixed: npt.NDArray[np.uint8] = (SCALE[below] * (1 - part) + SCALE[below + 1] * part).astype(
        np.uint8
    )
    return mixed


def _shares(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where each value is between the lowest and the highest."""
    low, high = np.nanmin(values, initial=np.inf), np.nanmax(values, initial=-np.inf)
    if not high > low:
        return np.where(np.isnan(values), np.nan, 0.5)
    share: npt.NDArray[np.float64] = (values - low) / (high - low)
    return share


def _pixels(
    cells: npt.NDArray[np.uint8],
    values: npt.NDArray[np.float64] | None,
    state: int | None,
    name: str,
) -> str:
    image = draw_pixels(cells, None if values is not None else state)
    if values is not None:
        size = len(image) // len(cells)
        known = ~np.isnan(values)
        colours = np.zeros((cells.size, 3), np.uint8)
        colours[known] = colour_of(_shares(values)[known])
        wide = colours.reshape(*cells.shape, 3).repeat(size, 0).repeat(size, 1)
        there = known.reshape(cells.shape).repeat(size, 0).repeat(size, 1)
        image[there] = wide[there]
    height, width = image.shape[:2]
    data = base64.b64encode(png_of(image)).decode()
    body = f'<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/>'
    return _document(width, height, name, body)


def _cells(
    cells: npt.NDArray[np.uint8],
    values: npt.NDArray[np.float64] | None,
    ties: npt.NDArray[np.bool_] | None,
    state: int | None,
    name: str,
) -> str:
    height, width = cells.shape
    side = min(LARGEST, max(SMALLEST, MOST_PIXELS // max(cells.shape)))
    shares = None if values is None else _shares(values)
    numbers = values is not None and width <= MOST_NUMBERS and side >= 36
    parts, arrows = [], []
    for s, code in enumerate(cells.reshape(-1).tolist()):
        y, x = divmod(s, width)
        kind = chr(code)
        fill, dark = "#{:02x}{:02x}{:02x}".format(*COLOURS[kind]), kind == WALL
        if shares is not None and not np.isnan(shares[s]):
            fill = "#{:02x}{:02x}{:02x}".format(*colour_of(shares[s : s + 1])[0])
            dark = bool(shares[s] > 0.6)
        left, top = x * side, y * side
        parts.append(
            f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="{fill}"'
            ' stroke="#d5d9df" stroke-width=".5"/>'
        )
        ink = PAPER if dark else INK
        acts = kind in (START, FREE)
        ways = [] if ties is None or not acts else np.flatnonzero(ties[s]).tolist()
        size, lift = (0.75 * side, 0.1 * side) if numbers else (side, 0)  # room for the number
        arrows += [_arrow(left + side / 2, top + side / 2 - lift, size, way, ink) for way in ways]
        if kind in (START, GOAL, PIT) and not ways:
            parts.append(_text(left + side / 2, top + side / 2, side * 0.5, INK, kind))
        elif kind == START:
            parts.append(_text(left + side * 0.16, top + side * 0.2, side * 0.26, ink, kind))
        if numbers and values is not None and not np.isnan(values[s]):
            parts.append(
                _text(left + side / 2, top + side * 0.86, side * 0.22, ink, f"{values[s]:.3g}")
            )
    if state is not None:
        y, x = divmod(state, width)
        parts.append(
            f'<circle cx="{(x + 0.5) * side}" cy="{(y + 0.5) * side}" r="{side * 0.3}"'
            f' fill="#143c8c" stroke="{PAPER}"/>'
        )
    body = "".join(parts + arrows)
    return _document(width * side, height * side, name, body)


def _arrow(x: float, y: float, size: float, action: int, ink: str) -> str:
    dx, dy = DELTAS[action]
    reach, head = 0.34 * size, 0.11 * size
    tip_x, tip_y = x + dx * reach, y + dy * reach
    wing_x, wing_y = tip_x - dx * head, tip_y - dy * head
    return (
        f'<path d="M{x:g} {y:g}L{wing_x:g} {wing_y:g}M{wing_x - dy * head:g} {wing_y - dx * head:g}'
        f'L{tip_x:g} {tip_y:g}L{wing_x + dy * head:g} {wing_y + dx * head:g}" fill="none"'
        f' stroke="{ink}" stroke-width="{max(1.0, size / 22):g}"/>'
    )


def _text(x: float, y: float, size: float, ink: str, text: str) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{ink}" text-anchor="middle"'
        f' dominant-baseline="central" font-family="sans-serif">{escape(text)}</text>'
    )


def _document(width: float, height: float, name: str, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" height="{height:g}"'
        f' viewBox="0 0 {width:g} {height:g}"><title>{escape(name)}</title>{body}</svg>'
    )
