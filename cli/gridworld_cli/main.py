"""The commands, and what becomes of their errors.

Nothing heavy is imported up here or at the top of a command's file: `--help` answers at once.
"""

import contextlib
import io
import os
import sys
from collections.abc import Sequence

import click

from gridworld_cli import signals
from gridworld_cli.commands.bench import bench
from gridworld_cli.commands.compare import compare
from gridworld_cli.commands.dashboard import dashboard
from gridworld_cli.commands.evaluate import evaluate
from gridworld_cli.commands.experiment import experiment
from gridworld_cli.commands.lessons import lessons
from gridworld_cli.commands.reproduce import reproduce
from gridworld_cli.commands.show import show
from gridworld_cli.commands.solve import solve
from gridworld_cli.commands.train import train
from gridworld_cli.commands.worlds import worlds

__all__ = ["cli", "main", "run"]

DONE, FAILED, MISUSE = 0, 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gridworld-bench", message="%(prog)s %(version)s")
def cli() -> None:
    """Tabular reinforcement learning on grid worlds.

    `gridworld-bench dashboard` shows an agent learn; the other commands need no screen.
    """


for command in (
    dashboard,
    train,
    worlds,
    show,
    solve,
    evaluate,
    experiment,
    reproduce,
    lessons,
    bench,
    compare,
):
    cli.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command line.

    Returns:
        The exit code: 0 done, 1 failed, 2 misuse, 128 and its number after a signal (Ctrl-C: 130).
    """
    try:
        with signals.raised():
            result = cli.main(list(arguments), prog_name="gridworld-bench", standalone_mode=False)
            sys.stdout.flush()
        return result if isinstance(result, int) else DONE
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return MISUSE
    except click.UsageError as error:
        return _complain(error.format_message(), MISUSE, error.ctx)
    except click.ClickException as error:
        return _complain(error.format_message(), FAILED)
    except click.Abort as error:
        # click says the same of an end of input, which nobody here waits for
        if isinstance(error.__cause__, EOFError):
            raise error.__cause__ from None
        return _complain(str(error.__cause__ or "") or "stopped.", signals.exit_code())
    except KeyboardInterrupt as error:
        return _complain(str(error) or "stopped.", signals.exit_code())
    except OSError as error:
        if error.filename:
            return _complain(f"{error.filename}: {error.strerror}", FAILED)
        if signals.came():
            return signals.exit_code()  # a terminal that is closed takes no last words
        # the reader (`| head`) has gone, and wants to hear no more
        gone = isinstance(error, BrokenPipeError)
        return FAILED if gone else _complain(f"{error.strerror or error}", FAILED)
    except Exception as error:
        # Only here, since it brings in the whole library; whatever raised it has it already.
        from gridworld.errors import GridworldError, InvalidValueError

        if isinstance(error, GridworldError):
            return _complain(str(error), MISUSE if isinstance(error, InvalidValueError) else FAILED)
        raise  # a bug: its traceback is what a report needs


def main() -> None:
    """Run the command line of this process, and end it."""
    signals.watch()
    _open_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="replace"
        )  # a world's name in a locale that has no such letters
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        # Without this, Python would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def _open_streams() -> None:
    """Put something behind what was closed (`>&-`), or the next file to be opened would be it."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(handle, True)
    os.close(handle)
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False))
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False))


def _complain(message: str, code: int, context: click.Context | None = None) -> int:
    sentence = message if message.endswith((".", "!", "?")) else f"{message}."
    hint = f" Try '{context.command_path} --help'." if context is not None else ""
    with contextlib.suppress(OSError):  # nobody may be there to read it
        click.echo(f"gridworld-bench: {sentence}{hint}", err=True)
    return code
