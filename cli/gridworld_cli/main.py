"""The commands, and what becomes of their errors.

Nothing heavy is imported up here or at the top of a command's file: `--help` answers at once.
"""

import io
import os
import sys
from collections.abc import Sequence

import click

from gridworld_cli.bench import bench
from gridworld_cli.compare import compare
from gridworld_cli.dashboard import dashboard
from gridworld_cli.evaluate import evaluate
from gridworld_cli.show import show
from gridworld_cli.solve import solve
from gridworld_cli.train import train
from gridworld_cli.worlds import worlds

__all__ = ["cli", "main", "run"]

DONE, FAILED, MISUSE, INTERRUPTED = 0, 1, 2, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gridworld-bench", message="%(prog)s %(version)s")
def cli() -> None:
    """Tabular reinforcement learning on grid worlds.

    `gridworld-bench dashboard` shows an agent learn; the other commands need no screen.
    """


for command in (dashboard, train, worlds, show, solve, evaluate, bench, compare):
    cli.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command line.

    Returns:
        The exit code: 0 done, 1 failed, 2 misuse, 130 interrupted.
    """
    try:
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
    except (click.Abort, KeyboardInterrupt):
        return _complain("stopped.", INTERRUPTED)
    except BrokenPipeError:
        # The reader (`| head`) has gone. Without this, flushing at exit fails once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}", FAILED)
    except Exception as error:
        # Only here, since it brings in the whole library; whatever raised it has it already.
        from gridworld.errors import GridworldError, InvalidValueError

        if isinstance(error, GridworldError):
            return _complain(str(error), MISUSE if isinstance(error, InvalidValueError) else FAILED)
        raise  # a bug: its traceback is what a report needs


def main() -> None:
    """Entry point of the `gridworld-bench` script."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # arrows in a locale that has none
    sys.exit(run(sys.argv[1:]))


def _complain(message: str, code: int, context: click.Context | None = None) -> int:
    sentence = message if message.endswith((".", "!", "?")) else f"{message}."
    hint = f" Try '{context.command_path} --help'." if context is not None else ""
    click.echo(f"gridworld-bench: {sentence}{hint}", err=True)
    return code
