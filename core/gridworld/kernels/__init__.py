"""Compiled code: it imports itself, NumPy, Numba and llvmlite, and nothing else of the library.

What is kept of it on disk is thrown away when a file of this folder changes, and only then: a
constant from elsewhere would be compiled in and then go on living there. A test holds the border.
"""
