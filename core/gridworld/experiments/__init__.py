"""Experiments: a question asked of many runs, and an honest answer."""
