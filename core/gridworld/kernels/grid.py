"""Jitted: what each action does in each cell of a grid."""

from typing import Any

from gridworld.kernels.actions import DELTAS, N_ACTIONS
from gridworld.kernels.jit import jit


@jit
def compile_grid(
    walls: Any,
    width: Any,
    ends: Any,
    arrive: Any,
    entry_reward: Any,
    step_reward: Any,
    wind: Any,
    outcomes: Any,
) -> None:
    """Fill the table of outcomes of a grid's moves, slip left aside.

    Args:
        walls: bool `[S]`, cells that nobody enters.
        width: Cells in a row.
        ends: bool `[S]`, cells that nobody leaves: goals, pits, walls.
        arrive: int32 `[S]`, the outcome's `next_state` for who enters the cell.
        entry_reward: float64 `[S]`, what entering the cell pays.
        step_reward: What staying in a cell pays.
        wind: int64 `[width]`, or empty.
        outcomes: Records `[S * 4]` with `next_state` and `reward`; filled in place.
    """
    height = walls.size // width
    for y in range(height):
        for x in range(width):
            state = y * width + x
            for action in range(N_ACTIONS):
                i = state * N_ACTIONS + action
                if ends[state]:
                    outcomes[i]["next_state"] = ~state
                    outcomes[i]["reward"] = 0.0
                    continue
                x2 = x + DELTAS[action][0]
                y2 = y + DELTAS[action][1]
                push = wind[x] if wind.size > 0 else 0
                if x2 < 0 or x2 >= width:
                    x2 = x
                elif y2 < 0:
                    # The sum of move and wind is clipped, not the move alone: a push back
                    # onto the grid is spent on the way from the edge's far side.
                    y2 = y
                    push = min(push + 1, 0) if push < 0 else push
                elif y2 >= height:
                    y2 = y
                    push = max(push - 1, 0) if push > 0 else push
                elif walls[y2 * width + x2]:
                    x2 = x
                    y2 = y
                while push > 0 and y2 > 0 and not walls[(y2 - 1) * width + x2]:
                    y2 -= 1
                    push -= 1
                while push < 0 and y2 < height - 1 and not walls[(y2 + 1) * width + x2]:
                    y2 += 1
                    push += 1
                entered = y2 * width + x2
                if entered == state:
                    outcomes[i]["next_state"] = state
                    outcomes[i]["reward"] = step_reward
                else:
                    outcomes[i]["next_state"] = arrive[entered]
                    outcomes[i]["reward"] = entry_reward[entered]
