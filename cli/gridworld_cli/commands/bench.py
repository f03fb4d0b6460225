"""`gridworld-bench bench`: how fast this machine trains."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gridworld.algorithms import ALGORITHMS
from gridworld_cli.options import COUNT, as_json, output_option
from gridworld_cli.report import present, status, writable

if TYPE_CHECKING:
    from gridworld_cli.measure import Case

__all__ = ["bench", "own_case"]

SCHEMA = "gridworld-bench/bench/1"

EVERY = "all"

EPSILON = 0.1
"""Held constant: with the default decay, most of a long run would explore hardly at all."""


@dataclass(frozen=True)
class Work:
    """What a case trains on; `threads` None: all."""

    world: str = "default"
    algorithm: str = "q_learning"
    agents: int = 1
    threads: int | None = 1


WORKS: tuple[Work, ...] = (
    Work(),
    Work(agents=32),
    Work(agents=1024),
    Work(agents=1024, threads=None),
    Work(algorithm="sarsa", agents=32),
    Work(algorithm="expected_sarsa", agents=32),
    Work(algorithm="double_q_learning", agents=32),
    Work(world="frozen-lake-8x8", agents=32),
    Work(world="maze-64", agents=32),
    Work(world="maze-1000"),
)


@click.command()
@click.option("--repeats", type=COUNT, default=5, show_default=True, help="Of each case.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.001),
    default=0.3,
    show_default=True,
    help="About how long each repeat lasts.",
)
@click.option("--world", multiple=True, help="Measure on this world alone; may be repeated.")
@click.option(
    "--algorithm",
    type=click.Choice([EVERY, *ALGORITHMS]),
    multiple=True,
    help=f"Measure this one alone, with one agent and with 32; {EVERY}: each; may be repeated.",
)
@output_option("--output", "Write the figures as JSON there.")
@as_json("the figures")
def bench(
    repeats: int,
    seconds: float,
    world: tuple[str, ...],
    algorithm: tuple[str, ...],
    output: str | None,
    as_json: bool,
) -> None:
    """Measure steps per second of this machine: one agent, batches, several algorithms.

    A step is one step of the environment and one update of the Q-table. Epsilon is 0.1.
    """
    from gridworld_cli.measure import measure

    works = WORKS
    if algorithm:
        names = ALGORITHMS if EVERY in algorithm else dict.fromkeys(algorithm)
        works = tuple(
            Work(world=where, algorithm=name, agents=agents)
            for where in world or (Work.world,)
            for name in names
            for agents in (1, 32)
        )
    elif world:
        works = tuple(
            Work(world=name, agents=agents, threads=threads)
            for name in world
            for agents, threads in ((1, 1), (32, 1), (1024, None))
        )
    with writable(output):
        with status(silent=as_json) as tell:
            results = measure(
                [own_case(work) for work in works], repeats=repeats, seconds=seconds, tell=tell
            )
        present(SCHEMA, results, as_json=as_json, output=output)


def own_case(work: Work, name: str | None = None) -> "Case":
    """Training with this library as a case to measure."""
    import gridworld as gw
    from gridworld.engine import Engine, default_threads
    from gridworld_cli.measure import Case
    from gridworld_cli.options import read_world

    mdp = gw.compile_world(read_world(work.world))
    algorithm = gw.ALGORITHMS[work.algorithm](
        epsilon=EPSILON, epsilon_min=EPSILON, epsilon_decay=1.0
    )
    threads = default_threads() if work.threads is None else work.threads

    batch = gw.Batch.create(mdp, algorithm, agents=work.agents)
    engine = Engine(threads)

    def run(steps: int) -> int:
        # goes on with the same agents, as the peers do: setting a batch up is no step
        each = max(1, steps // work.agents)
        batch.set_budget(steps=each)
        engine.run(batch, lambda: None)
        return each * work.agents

    agents = "1 agent" if work.agents == 1 else f"{work.agents:,} agents"
    title = gw.ALGORITHMS[work.algorithm].title
    return Case(
        name or f"{work.world}, {title}, {agents}, {threads} thread{'s' * (threads > 1)}",
        run,
        {
            "world": work.world,
            "algorithm": work.algorithm,
            "agents": work.agents,
            "threads": threads,
        },
    )
