"""`gridworld-bench lessons`: is what lessons say so?"""

import json
import math
from pathlib import Path

import click

__all__ = ["lessons"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print what a program can read.")
@click.pass_context
def lessons(ctx: click.Context, folder: Path | None, as_json: bool) -> None:
    """Check the numbers that lessons claim of their runs.

    FOLDER holds lessons of your own, NAME.md each; without one, those that come with the page are
    checked. The exit code is 1 where a number is not what its text says.
    """
    from gridworld.errors import require

    require("lessons", "dashboard", "markdown_it")
    from gridworld_dashboard.lessons.checking import check
    from gridworld_dashboard.lessons.reading import own_lessons, read_lessons

    found = own_lessons() if folder is None else read_lessons(folder)
    verdicts = []
    for lesson in found.values():
        for verdict in check(lesson):
            verdicts.append(verdict)
            if not as_json:
                click.echo(str(verdict))
    wrong = sum(not verdict.holds for verdict in verdicts)
    if as_json:
        told = [
            {
                "lesson": verdict.lesson,
                "run": verdict.claim.run,
                "measure": verdict.claim.measure,
                "text": verdict.claim.text,
                "found": verdict.found if math.isfinite(verdict.found) else None,
                "holds": verdict.holds,
            }
            for verdict in verdicts
        ]
        click.echo(json.dumps({"lessons": list(found), "claims": told}))
    else:
        claims = f"{len(verdicts)} number{'' if len(verdicts) == 1 else 's'}"
        click.echo(f"{len(found)} lessons, {claims}, {wrong or 'none'} not as the text says")
    if wrong:
        ctx.exit(1)
