"""A Q-table from a file: of a checkpoint, or of the exchange format."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridworld_cli.options import StepLimit, read_world

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    import gridworld as gw

__all__ = ["Learnt", "read_tables"]


@dataclass(frozen=True)
class Learnt:
    """What a file says about a world.

    Attributes:
        mdp: The world.
        q: float32 `[agents, states, actions]`.
        known: bool `[agents, states]`: rows that are not all `initial_value` any more.
        discount_factor: Of the first agent; None where the file does not say.
    """

    mdp: "gw.Mdp"
    q: "npt.NDArray[np.float32]"
    known: "npt.NDArray[np.bool_]"
    discount_factor: float | None


def read_tables(
    path: Path, world: str | None, slip: float | None = None, max_steps: StepLimit = None
) -> Learnt:
    """Read a checkpoint (`.npz`, which brings its world) or an exchange file (`.json`).

    Args:
        path: The file.
        world: The world that an exchange file is for; None: `default`.
        slip: Instead of that world's own.
        max_steps: Instead of that world's own.

    Raises:
        FileError: The file is broken or does not fit the world.
        OSError: It cannot be read.
        click.UsageError: A world is given beside a checkpoint.
    """
    import gridworld as gw
    from gridworld.store.exchange import exchange_loads

    if path.suffix == ".json":
        grid = read_world(world or "default", slip, max_steps)
        exchange = exchange_loads(path.read_bytes(), grid)
        q = exchange.q[None]
        gamma = exchange.config.get("discount_factor")
        return Learnt(gw.compile_world(grid), q, (q != 0).any(axis=2), gamma)
    for flag, value in (("--world", world), ("--slip", slip), ("--max-steps", max_steps)):
        if value is not None:
            raise click.UsageError(
                f"{flag} must be left out with a checkpoint, which brings its own"
            )
    batch = gw.Run.load(path).batch
    q = batch.mean_q
    initial = batch.algorithm.column("initial_value", len(q))
    known = (q != initial[:, None, None]).any(axis=2)
    return Learnt(batch.mdp, q, known, float(batch.agents["discount_factor"][0]))
