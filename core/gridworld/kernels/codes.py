"""The numbers that kernels share: by some of them they are specialised when they are compiled."""

__all__ = [
    "ACCUMULATING",
    "AHEAD",
    "ALWAYS",
    "BY_COUNT",
    "CONSTANT",
    "DETERMINISTIC",
    "DOUBLE_Q_LEARNING",
    "DUTCH",
    "DYNA_Q",
    "DYNA_Q_PLUS",
    "EPSILON_GREEDY",
    "EXPECTED_SARSA",
    "FACTOR",
    "FOLD",
    "INT32_MAX",
    "INVERSE",
    "LINEAR",
    "LOWEST",
    "MONTE_CARLO",
    "MOST_PLANNED",
    "N_STEP_SARSA",
    "N_STEP_TREE_BACKUP",
    "ONE_STEP",
    "PRIORITIZED_SWEEPING",
    "Q_LAMBDA",
    "Q_LEARNING",
    "RANDOM",
    "REPLACING",
    "SARSA",
    "SARSA_LAMBDA",
    "SLIP",
    "SOFTMAX",
    "STEADY",
    "TABLE",
    "TRAIL_LENGTH",
]

Q_LEARNING, SARSA, EXPECTED_SARSA, DOUBLE_Q_LEARNING = 0, 1, 2, 3
SARSA_LAMBDA, Q_LAMBDA = 4, 5
N_STEP_SARSA, N_STEP_TREE_BACKUP, MONTE_CARLO = 6, 7, 8
DYNA_Q, DYNA_Q_PLUS, PRIORITIZED_SWEEPING = 9, 10, 11
"""How an agent learns."""

ONE_STEP = (Q_LEARNING, SARSA, EXPECTED_SARSA, DOUBLE_Q_LEARNING)
"""Of these, what learns from the step just made alone."""

AHEAD = (SARSA, SARSA_LAMBDA, N_STEP_SARSA, MONTE_CARLO)
"""Of them all, what draws its next action before the update, and then carries it out."""

ACCUMULATING, REPLACING, DUTCH = 0, 1, 2
"""What becomes of the trace of a pair that is visited again."""

DETERMINISTIC, SLIP, TABLE = 0, 1, 2
"""How a world answers an action: always alike; on a grid, sometimes with one of the two
perpendicular moves; with one of several outcomes of given probabilities."""

LOWEST, RANDOM = 0, 1
"""Which of several greedy actions is taken: the lowest, or any, each as likely as the others."""

EPSILON_GREEDY, SOFTMAX = 0, 1
"""How an agent explores."""

FACTOR, LINEAR, INVERSE, CONSTANT = 0, 1, 2, 3
"""How exploration changes from episode to episode."""

STEADY, BY_COUNT = 0, 1
"""How the learning rate changes: not at all, or with the updates of each pair."""

FOLD = 256
"""Episodes whose returns are summed in float32 before the sum joins the bin's float64."""

TRAIL_LENGTH = 64
"""Consecutive steps that the live view shows behind the agent."""

MOST_PLANNED = 64
"""Updates of planning after one step that the live view shows."""

INT32_MAX = 2**31 - 1
"""Counts and indices that are kept in 32 bits go no further."""

ALWAYS = 2**32 - 1
"""Threshold of a bucket of an alias table that holds one outcome alone."""
