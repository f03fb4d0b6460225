"""`gridworld-bench train`: learn without a screen."""

import threading
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridworld.tables import DEFAULTS, LEARNING, PARAMETERS, parameter
from gridworld_cli import signals
from gridworld_cli.config import is_link, read_config
from gridworld_cli.options import (
    COUNT,
    Count,
    as_json,
    help_of,
    max_steps_option,
    output_option,
    read_world,
    slip_option,
    world_option,
)
from gridworld_cli.parameters import algorithm_option, parameter_options
from gridworld_cli.progress import ProgressReport, describe
from gridworld_cli.report import apart_from, duration, pairs, print_json, rate, writable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    import gridworld as gw

__all__ = ["train"]

SCHEMA = "gridworld-bench/train/1"

WINDOW = 100
"""Last episodes of each agent that the reported means cover, or one bin of its history."""

PATIENCE_S = 1.5
"""Kernels that were compiled before are loaded in less."""

COMPILING = "Compiling the kernels (only the first time) ..."

WARM_UP_VALUES = 1 << 22
"""Q-values that a warm-up may allocate; above, loading the kernels hardly counts."""

EPISODES = DEFAULTS["num_episodes"]

NUMBERS = tuple(each.key for each in LEARNING)

AGENTS = ("agents", "seed", "first_agent")

WITH_LOAD = tuple(each.key for each in PARAMETERS if each.effect == "afresh")
"""What a checkpoint brings with it."""


@click.command()
@world_option(default=None)
@slip_option
@max_steps_option
@algorithm_option
@click.option("--episodes", type=COUNT, help=f"Budget of each agent. Default: {EPISODES}.")
@click.option("--steps", type=COUNT, help="Budget of each agent; the first reached ends it.")
@click.option("--agents", type=COUNT, help=f"{parameter('agents').says} Default: 1.")
@click.option("--seed", type=Count(0), help=help_of(parameter("seed")))
@click.option("--first-agent", type=Count(0), help=help_of(parameter("first_agent")))
@click.option("--threads", type=COUNT, help="Default: one for each processor.")
@parameter_options
@click.option(
    "--config",
    metavar="LINK|FILE",
    help="A link from the dashboard in quotes, a file that holds one, or a file with a JSON object"
    " of these options (learning_rate, not --learning-rate). Options given beside it win.",
)
@click.option("--load", type=click.Path(path_type=Path), help="A checkpoint (.npz) to go on from.")
@output_option("--save", "Write a checkpoint (.npz) at the end, whatever ends it.")
@click.option(
    "--save-every",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    help="Write it while training as well, each time so many seconds have passed.",
)
@as_json("the result")
@click.pass_context
def train(
    context: click.Context,
    /,
    config: str | None,
    load: Path | None,
    save: str | None,
    save_every: float | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Train agents without a screen.

    A parameter may be one number, or one for each agent with commas between them.

    Ctrl-C, SIGTERM and SIGHUP end the training early, keep what was asked to be saved, and give
    the exit codes 130, 143 and 129. Without a budget, --load goes on to that of the run that was
    ended.

    With --config and a link from the dashboard, the agents learn what they learn there, to the
    last bit.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if config is not None:
        if load is not None and is_link(config):
            raise click.UsageError(
                "--config must be no link with --load: a checkpoint brings its own world"
            )
        given = _join(read_config(config, context, options), given)
    if load is not None and (clash := [name for name in WITH_LOAD if name in given]):
        raise click.UsageError(
            f"--{clash[0].replace('_', '-')} must be left out with --load: "
            "a checkpoint brings its own"
        )
    if save_every is not None:
        _check_save_every(save)
    with apart_from(save), writable(save), signals.held() as ended:
        learning = _prepare(given, load)
        if save_every is not None:
            learning |= {"checkpoint": save, "checkpoint_every": save_every}
        with ProgressReport(describe, silent=as_json, patient=save is not None) as report:
            run, seconds = _train(learning, report, ended)
        if save is not None:
            run.save(save)
        result = _result(run, seconds, learning, save)
        if as_json:
            print_json(result)
        else:
            _print(result, run)
    return signals.exit_code() if run.interrupted else 0


def _check_save_every(save: str | None) -> None:
    if save is None:
        raise click.UsageError("--save-every must come with --save, got it alone")
    path = Path(save)
    if path.exists() and not path.is_file():
        raise click.UsageError(f"--save-every must have a file that can be replaced, got {save}")


def _join(config: dict[str, Any], flags: dict[str, Any]) -> dict[str, Any]:
    """The options of a configuration and those given beside it, which win."""
    replaced: set[str] = set()
    if "world" in flags:
        replaced |= {"slip", "max_steps", "change"}  # they were said of the other world
    if "episodes" in flags or "steps" in flags:
        replaced |= {"episodes", "steps"}
    joined = {key: value for key, value in config.items() if key not in replaced} | flags
    if joined.get("episodes", 1) is None and joined.get("steps") is None:
        raise click.UsageError(
            "--episodes or --steps must be given beside a link to a run until stopped, got neither"
        )
    return joined


def _prepare(given: dict[str, Any], load: Path | None) -> dict[str, Any]:
    """The arguments of `gridworld.train`; its kernels are ready."""
    with signals.at_once():
        import gridworld as gw
        from gridworld.algorithms import algorithm_from_json
        from gridworld.engine import default_threads

        numbers = {name: given[name] for name in NUMBERS if name in given}
        learning: dict[str, Any] = {"threads": given.get("threads") or default_threads()}
        learning |= {name: given[name] for name in ("episodes", "steps") if name in given}
        if load is not None:
            resume = gw.Run.load(load)
            algorithm = resume.algorithm.with_parameters(**numbers)
            mdp, agents = resume.mdp, len(resume.steps)
            learning |= {"resume": resume, "restart_epsilon": "epsilon" in numbers}
        else:
            mdp, agents = _read_mdp(given), given.get("agents", 1)
            algorithm = algorithm_from_json(
                {"algorithm": given.get("algorithm", DEFAULTS["algorithm"])} | numbers
            )
            learning |= {"world": mdp, "change": _changes(given.get("change", ()))}
            learning |= {name: given[name] for name in AGENTS if name in given}
        _warm_up(mdp, algorithm, agents)
        return learning | {"algorithm": algorithm}


def _read_mdp(given: dict[str, Any]) -> "gw.Mdp":
    """The world to learn on."""
    import gridworld as gw

    world = given.get("world", "default")
    if not isinstance(world, gw.Mdp):
        return gw.compile_world(read_world(world, given.get("slip"), given.get("max_steps")))
    for name in ("slip", "max_steps"):
        if name in given:
            raise click.UsageError(
                f"--{name.replace('_', '-')} must be left out with the process {world.name},"
                " which has none"
            )
    return world


def _changes(given: "Sequence[tuple[int, gw.GridWorld | gw.Mdp]]") -> "list[tuple[int, gw.Mdp]]":
    """In which worlds the agents go on, compiled."""
    import gridworld as gw

    return [(n, w if isinstance(w, gw.Mdp) else gw.compile_world(w)) for n, w in given]


def _train(
    learning: dict[str, Any], report: ProgressReport[Any], ended: Callable[[], bool]
) -> tuple["gw.Run", float]:
    """Train until the budget is used up, or until it is ended; gives the run and its seconds."""
    import gridworld as gw

    def look(progress: "gw.Progress") -> None:
        report(progress)
        if ended():
            raise KeyboardInterrupt

    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = _warn
        try:
            run = gw.train(progress=look, **learning)
        except gw.TrainingInterrupted as interrupted:
            run = interrupted.run
    return run, time.perf_counter() - begin


def _warn(message: Warning | str, *place: object, **more: object) -> None:
    """Say a warning as every other sentence."""
    click.echo(f"gridworld-bench: {message}.", err=True)


def _warm_up(mdp: "gw.Mdp", algorithm: "gw.Algorithm", agents: int) -> None:
    """Load or compile the kernels, so that the clock measures training alone."""
    import gridworld as gw
    from gridworld.algorithms.base import memory_sizes

    # 32 agents fill a vector kernel, and one more takes the scalar one
    few = min(agents, 33)
    carried = sum(memory_sizes(algorithm.memory(mdp.extent)))
    numbers = mdp.n_states * mdp.n_actions * algorithm.tables + carried
    if few * numbers <= WARM_UP_VALUES:
        slow = threading.Timer(PATIENCE_S, click.echo, [COMPILING], {"err": True})
        slow.daemon = True
        slow.start()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", gw.PrecisionWarning)  # the training itself says it
                gw.train(mdp, algorithm.of_agent(0), agents=few, steps=1, threads=1)
        finally:
            slow.cancel()


def _result(
    run: "gw.Run", seconds: float, learning: dict[str, Any], save: str | None
) -> dict[str, Any]:
    batch = run.batch
    resume: gw.Run | None = learning.get("resume")
    before = (0, 0) if resume is None else (resume.steps.sum(), resume.episodes.sum())
    steps, episodes = int(run.steps.sum()), int(run.episodes.sum())
    columns = min(max(1, WINDOW // run.bin_width), run.returns.shape[1])
    first: gw.Mdp = batch.mdp if resume is not None else learning["world"]
    change = [[step, mdp.name] for step, mdp in learning.get("change", ())]
    return {
        "schema": SCHEMA,
        "world": first.name,
        "slip": None if first.world is None else first.world.slip,
        "max_steps": first.max_steps or None,
        **({"change": change} if change else {}),
        **batch.algorithm.to_json(),
        "seed": batch.seed,
        "first_agent": batch.first_agent,
        "agents": len(run.steps),
        "episodes": episodes,
        "steps": steps,
        "trained_episodes": int(episodes - before[1]),
        "trained_steps": int(steps - before[0]),
        "seconds": seconds,
        "steps_per_second": float(steps - before[0]) / seconds,
        "kernel": run.kernel,
        "threads": learning["threads"],
        "final_epsilon": float(run.epsilon.mean()),
        "recent_episodes": columns * run.bin_width,
        "mean_return": _recent_mean(run.returns, columns),
        "mean_length": _recent_mean(run.lengths, columns),
        "interrupted": run.interrupted,
        "saved": save,
    }


def _recent_mean(table: "npt.NDArray[np.float32]", columns: int) -> float | None:
    """Mean over the last `columns` bins of every agent; None where there are none."""
    import numpy as np

    recent = [row[~np.isnan(row)][-columns:] for row in table]
    values = np.concatenate(recent)
    return float(values.mean(dtype=np.float64)) if len(values) else None


def _print(result: dict[str, Any], run: "gw.Run") -> None:
    agents, number = result["agents"], result["first_agent"]
    first = f", from number {number:,}" if number else ""
    episodes = f"{result['episodes']:,}"
    if result["trained_episodes"] != result["episodes"]:
        episodes += f" ({result['trained_episodes']:,} of them now)"
    slip = f", slip {result['slip']:.3g}" if result["slip"] else ""
    later = "".join(f", after {n:,} steps {name}" for n, name in result.get("change", ()))
    rows = [
        ("world", f"{result['world']}{slip}{later}"),
        ("algorithm", run.batch.algorithm.title),
        ("agents", f"{agents:,}{first} ({result['kernel']} kernel, {result['threads']} threads)"),
        ("episodes", episodes),
        ("steps", f"{result['trained_steps']:,} in {duration(result['seconds'])}"),
        ("speed", rate(result["trained_steps"], result["seconds"])),
        ("epsilon", f"{result['final_epsilon']:.3g}" + (" (mean)" if agents > 1 else "")),
    ]
    if result["mean_return"] is not None:
        last = f"mean of the last {result['recent_episodes']:,} episodes"
        rows.append(("return", f"{result['mean_return']:.3f} ({last})"))
        rows.append(("length", f"{result['mean_length']:.1f} steps ({last})"))
    if result["saved"]:
        rows.append(("saved", result["saved"]))
    if result["interrupted"]:
        rows.append(("stopped", f"by {signals.cause()}, before the budget was used up"))
    pairs(rows)
