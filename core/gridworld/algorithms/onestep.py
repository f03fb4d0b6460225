"""One-step methods: all that an agent learns from is the step just made."""

from gridworld.algorithms.base import Algorithm
from gridworld.kernels import codes

__all__ = ["DoubleQLearning", "ExpectedSarsa", "QLearning", "Sarsa"]


class QLearning(Algorithm):
    """Q-learning (Watkins 1989; Sutton & Barto 2018, section 6.5)."""

    name = "q_learning"
    title = "Q-learning"
    says = "Learns from the best value of the next cell, whatever the agent does there."
    bootstrap = "best next value"
    symbol = "max Q(s\N{PRIME}, a\N{PRIME})"
    code = codes.Q_LEARNING


class Sarsa(Algorithm):
    """SARSA: learns the value of the policy that it follows (Sutton & Barto 2018, 6.4)."""

    name = "sarsa"
    title = "SARSA"
    says = "Learns from the action that the agent really takes next, exploration included."
    bootstrap = "value of the next action"
    symbol = "Q(s\N{PRIME}, a\N{PRIME})"
    code = codes.SARSA
    chooses_ahead = True


class ExpectedSarsa(Algorithm):
    """Expected SARSA: the mean over the next action (van Seijen et al. 2009; S & B 6.6)."""

    name = "expected_sarsa"
    title = "Expected SARSA"
    says = "Learns from the average over what the agent may do next."
    bootstrap = "average next value"
    symbol = "E Q(s\N{PRIME}, a\N{PRIME})"
    code = codes.EXPECTED_SARSA


class DoubleQLearning(Algorithm):
    """Double Q-learning: two tables, one picks, the other rates (van Hasselt 2010; S & B 6.7).

    It behaves on, reports and exchanges the mean of its two tables.
    """

    name = "double_q_learning"
    title = "Double Q-learning"
    says = "Keeps two tables that check each other, against values that are too high."
    bootstrap = "the other table's value"
    symbol = "Q\N{PRIME}(s\N{PRIME}, a*)"
    code = codes.DOUBLE_Q_LEARNING
    tables = 2
