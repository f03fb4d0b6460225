"""Slow plain Q-learning and its family, which every kernel must equal bit for bit.

One agent at a time, Python integers for the random bits, NumPy float32 scalars for the
arithmetic, and nothing shared with the kernels but the record types and codes.
"""

from oracle.learner import advance, initialise
from oracle.random import Stream

__all__ = ["Stream", "advance", "initialise"]
