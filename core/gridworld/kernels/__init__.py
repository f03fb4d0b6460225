"""Compiled code: it imports itself, NumPy, Numba and llvmlite, and nothing else of the library."""
