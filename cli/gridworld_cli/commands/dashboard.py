"""`gridworld-bench dashboard`: serve the page."""

from pathlib import Path
from typing import Final

import click

__all__ = ["dashboard"]

PAGE = (
    "dash",
    "dash_extensions",
    "flask",
    "flask_sock",
    "markdown_it",
    "pydantic",
    "segno",
    "simple_websocket",
)
"""What the extra brings that the server imports."""

PATIENCE_S: Final = 5.0
"""A dashboard that answers later is not well."""


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
@click.option(
    "--token",
    metavar="TEXT",
    envvar="GRIDWORLD_TOKEN",
    help="What a request must know to steer: 8 to 200 letters, digits, dots, -, _ or ~; auto makes"
    " one, which is also what happens where others can reach the server.",
)
@click.option(
    "--no-token",
    is_flag=True,
    help="Let everybody steer who can reach the server.",
)
@click.option(
    "--allow-host",
    "allow_hosts",
    metavar="NAME",
    multiple=True,
    help="A further name or address of this server, such as that of a proxy. Several times.",
)
@click.option(
    "--allow-origin",
    "allow_origins",
    metavar="URL",
    multiple=True,
    help="Whose pages may show and use it, such as https://example.org. Several times.",
)
@click.option(
    "--lessons",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of lessons of your own, NAME.md each, beside those that come with the page.",
)
@click.option(
    "--embed-from",
    "embed_from",
    metavar="URL",
    multiple=True,
    help="Whose pages may show it in a frame, such as https://example.org. Several times.",
)
@click.option(
    "--present",
    is_flag=True,
    help="Let everybody watch who can reach the server; only the presenter's link steers.",
)
@click.option(
    "--own",
    is_flag=True,
    help="Give each browser a session of its own, so that a class uses one server.",
)
@click.option(
    "--sessions",
    type=click.IntRange(1, 200),
    help="With --own: how many sessions there may be at a time. Default: 30.",
)
@click.option(
    "--session-mb",
    type=click.IntRange(8, 100_000),
    help="With --own: what the runs of one session may hold in memory. Default: 128.",
)
@click.option(
    "--idle-minutes",
    type=click.FloatRange(0.1, 100_000),
    help="With --own: a session without a browser for so long is put away until that comes back."
    " Default: 10.",
)
@click.option(
    "--health",
    is_flag=True,
    help="Ask the dashboard that serves there whether it is well: exit code 0 or 1.",
)
def dashboard(
    host: str,
    port: int,
    data: Path,
    token: str | None,
    no_token: bool,
    allow_hosts: tuple[str, ...],
    allow_origins: tuple[str, ...],
    lessons: Path | None,
    embed_from: tuple[str, ...],
    present: bool,
    own: bool,
    sessions: int | None,
    session_mb: int | None,
    idle_minutes: float | None,
    health: bool,
) -> None:
    """Serve the dashboard until Ctrl-C.

    On this machine alone (the default) everybody on it may steer; where others can reach it, a
    token is needed, which the links have that are shown here.

    With --present a class watches and one steers; with --own each of a class has a session.
    """
    if health:
        _ask_health(host, port)
        return
    from gridworld.errors import InvalidValueError, require

    require("the page and its server", "dashboard", *PAGE)
    from gridworld_dashboard.access import Access
    from gridworld_dashboard.classroom.sessions import Own
    from gridworld_dashboard.server import ServerError, serve

    try:
        access = Access.of(
            host,
            token=token,
            open_to_all=no_token,
            allow_hosts=allow_hosts,
            allow_origins=allow_origins,
            embed_from=embed_from,
            present=present,
        )
    except (OSError, UnicodeError) as error:
        raise ServerError(f"host must be of this machine, got {host!r:.80}: {error}") from None
    given = {"sessions": sessions, "session-mb": session_mb, "idle-minutes": idle_minutes}
    for name, value in given.items():
        if value is not None and not own:
            raise InvalidValueError(f"--{name} must be with --own, got it alone")
    bounds = Own(
        sessions=Own.sessions if sessions is None else sessions,
        memory=Own.memory if session_mb is None else session_mb * 1_000_000,
        idle_s=Own.idle_s if idle_minutes is None else idle_minutes * 60,
    )
    serve(host, port, data, access=access, lessons=lessons, own=bounds if own else None)


def _ask_health(host: str, port: int) -> None:
    """Say whether the dashboard there is well.

    Raises:
        click.ClickException: It is not, or there is none.
    """
    import http.client

    place = "127.0.0.1" if host in ("", "0.0.0.0") else "::1" if host == "::" else host
    connection = http.client.HTTPConnection(place, port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise click.ClickException(
            f"a dashboard must answer on {place}:{port}, got {str(error) or type(error).__name__}"
        ) from None
    finally:
        connection.close()
    if status != 200:
        raise click.ClickException(f"the dashboard on {place}:{port} must be well, got {status}")
    click.echo("ok")
