"""Kernels of the ground truth: what can be reached, and the values of policies."""
