"""`gridworld-bench dashboard`: serve the page."""

from pathlib import Path

import click

__all__ = ["dashboard"]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 takes any that is free.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder that holds .qtables. Default: the current one.",
)
def dashboard(host: str, port: int, data: Path) -> None:
    """Serve the dashboard until Ctrl-C."""
    from gridworld_dashboard.server import serve

    serve(host, port, data)
