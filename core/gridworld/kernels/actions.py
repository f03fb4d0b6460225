"""The only place that numbers the actions of a grid."""

__all__ = ["DELTAS", "DOWN", "LEFT", "NAMES", "N_ACTIONS", "RIGHT", "UP"]

UP, DOWN, LEFT, RIGHT = 0, 1, 2, 3

N_ACTIONS = 4

DELTAS = ((0, -1), (0, 1), (-1, 0), (1, 0))
"""(dx, dy) of each action; y grows downwards."""

NAMES = ("up", "down", "left", "right")
