"""The integers by which kernels are specialised when they are compiled."""

__all__ = [
    "DETERMINISTIC",
    "DOUBLE_Q_LEARNING",
    "EXPECTED_SARSA",
    "Q_LEARNING",
    "SARSA",
    "SLIP",
    "TABLE",
]

Q_LEARNING, SARSA, EXPECTED_SARSA, DOUBLE_Q_LEARNING = 0, 1, 2, 3
"""How an agent learns."""

DETERMINISTIC, SLIP, TABLE = 0, 1, 2
"""How a world answers an action: always alike; on a grid, sometimes with one of the two
perpendicular moves; with one of several outcomes of given probabilities."""
