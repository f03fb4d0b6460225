"""Jitted: carve a perfect maze."""

from typing import Any

from gridworld.kernels.actions import DELTAS
from gridworld.kernels.jit import jit


@jit
def carve_maze(cells: Any, free: Any, random: Any, previous: Any) -> None:
    """Carve passages between the rooms by a depth-first walk with backtracking.

    Rooms are the cells with odd x and odd y; the walk begins in the room (1, 1).

    Args:
        cells: uint8 `[height, width]`, all wall; carved in place.
        free: The letter of a carved cell.
        random: uint32 `[rooms - 1]`: one number for each passage, drawn uniformly.
        previous: int64 `[rooms_down, rooms_right]`, all -1; filled with the number of the room
            from which each was entered (the first with its own).
    """
    rooms_down, rooms_right = previous.shape
    room = 0
    previous[0, 0] = 0
    cells[1, 1] = free
    carved = 0
    while carved < random.size:
        x = room % rooms_right
        y = room // rooms_right
        choices = 0
        for dx, dy in DELTAS:
            x2 = x + dx
            y2 = y + dy
            if 0 <= x2 < rooms_right and 0 <= y2 < rooms_down and previous[y2, x2] < 0:
                choices += 1
        if choices == 0:
            room = previous[y, x]
            continue
        choice = (int(random[carved]) * choices) >> 32
        for dx, dy in DELTAS:
            x2 = x + dx
            y2 = y + dy
            if 0 <= x2 < rooms_right and 0 <= y2 < rooms_down and previous[y2, x2] < 0:
                if choice == 0:
                    cells[2 * y + 1 + dy, 2 * x + 1 + dx] = free
                    cells[2 * y2 + 1, 2 * x2 + 1] = free
                    previous[y2, x2] = room
                    room = y2 * rooms_right + x2
                    break
                choice -= 1
        carved += 1
