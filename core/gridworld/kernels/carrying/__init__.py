"""Jitted: methods that carry more from step to step than a Q-table, each in a file of its own."""
