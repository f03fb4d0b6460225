"""What the script `gridworld-bench` calls: so small that Ctrl-C finds it ready."""

from gridworld_cli import signals

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process."""
    signals.watch()
    from gridworld_cli.main import main

    main()
