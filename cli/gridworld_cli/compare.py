"""`gridworld-bench compare`: other implementations of the same work, in the same run."""

import click

__all__ = ["compare"]


@click.command()
def compare() -> None:
    """."""
