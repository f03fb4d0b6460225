"""A grid in pixels."""

import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from gridworld.maps import FREE, GOAL, PIT, START, WALL

__all__ = ["COLOURS", "Picture", "draw_pixels", "png_of"]

MOST_PIXELS = 512
"""Width and height up to which a cell has as many pixels as fit; larger worlds have one a cell."""

LARGEST_CELL = 32

COLOURS = {
    FREE: (255, 255, 255),
    START: (198, 219, 239),
    GOAL: (116, 196, 118),
    PIT: (239, 101, 92),
    WALL: (82, 88, 98),
}
LINE = (222, 225, 230)
INK = (20, 60, 140)


def draw_pixels(array: npt.NDArray[np.uint8], state: int | None) -> npt.NDArray[np.uint8]:
    """The map in colours, the agent a disc: uint8 `[rows, columns, 3]`, some pixels for a cell.

    Goals, pits and walls are told apart by marks as well: a ring, a cross, no line around.

    Args:
        array: The map as character codes `[height, width]`.
        state: Where the agent is; None: nowhere.
    """
    size = max(1, min(LARGEST_CELL, MOST_PIXELS // max(array.shape)))
    palette = np.zeros((128, 3), np.uint8)
    for letter, colour in COLOURS.items():
        palette[ord(letter)] = colour
    cells = palette[array]
    image = cells.repeat(size, axis=0).repeat(size, axis=1)
    if size >= 8:
        _mark(image, array, size)
    if state is not None:
        y, x = divmod(state, array.shape[1])
        part = image[y * size : (y + 1) * size, x * size : (x + 1) * size]
        part[_radius(size) <= 0.32 if size >= 4 else np.ones((size, size), np.bool_)] = INK
    return image


def _mark(image: npt.NDArray[np.uint8], array: npt.NDArray[np.uint8], size: int) -> None:
    height, width = array.shape
    blocks = image.reshape(height, size, width, size, 3).swapaxes(1, 2)
    edge = np.zeros((size, size), np.bool_)
    edge[-1] = edge[:, -1] = True
    across = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    cross = (across <= 1) | (across[::-1] <= 1)
    cross &= _radius(size) < 0.36
    ring = np.abs(_radius(size) - 0.36) < 0.06
    for letter, mark, colour in (
        (FREE, edge, LINE),
        (START, edge, LINE),
        (GOAL, ring, (255, 255, 255)),
        (PIT, cross, (255, 255, 255)),
    ):
        places = array == ord(letter)
        block = blocks[places]
        block[:, mark] = colour
        blocks[places] = block


def _radius(size: int) -> npt.NDArray[np.float64]:
    """How far each pixel of a cell is from its middle, in cells: `[size, size]`."""
    offset = (np.arange(size) + 0.5) / size - 0.5
    radius: npt.NDArray[np.float64] = np.hypot(*np.meshgrid(offset, offset))
    return radius


def png_of(image: npt.NDArray[np.uint8]) -> bytes:
    """The file that a picture `[height, width, 3]` makes."""
    height, width = image.shape[:2]

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter, none
    rows[:, 1:] = image.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.tobytes()))
        + chunk(b"IEND", b"")
    )


class Picture:
    """Pixels that a notebook shows.

    Args:
        image: uint8 `[height, width, 3]`.
    """

    def __init__(self, image: npt.NDArray[np.uint8]) -> None:
        self._image = image

    def _repr_png_(self) -> Any:
        return png_of(self._image)
