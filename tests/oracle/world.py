"""Slow and plain: what a move does in a grid world."""

import gridworld as gw

MOVES = {0: (0, -1), 1: (0, 1), 2: (-1, 0), 3: (1, 0)}


def move(world: gw.GridWorld, x: int, y: int, action: int) -> tuple[int, int, float, bool]:
    """Where an executed action leads: (x, y, reward, whether the episode ends)."""
    walls = {(i, j) for j, row in enumerate(world.rows) for i, c in enumerate(row) if c == "#"}
    dx, dy = MOVES[action]
    to_x, to_y = x + dx, y + dy
    if (to_x, to_y) in walls:
        to_x, to_y = x, y
    if not 0 <= to_x < world.width:
        to_x = x
    wind = world.wind[x] if world.wind else 0
    for _ in range(abs(wind)):
        pushed = to_y - (1 if wind > 0 else -1)
        if (to_x, pushed) in walls:
            break
        to_y = pushed
    to_y = min(max(to_y, 0), world.height - 1)
    if (to_x, to_y) == (x, y):
        return x, y, world.rewards.step, False
    own = dict(world.rewards.cells)
    kind = {"G": world.rewards.goal, "X": world.rewards.pit}
    reward = own.get((to_x, to_y), kind.get(world[to_x, to_y], world.rewards.step))
    to_x, to_y = dict(world.portals).get((to_x, to_y), (to_x, to_y))
    return to_x, to_y, reward, world[to_x, to_y] in "GX"
