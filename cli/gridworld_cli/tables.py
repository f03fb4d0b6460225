"""A Q-table from a file: of a checkpoint, or of the exchange format."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridworld.tables import DEFAULTS
from gridworld_cli.options import StepLimit, read_world

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    import gridworld as gw
    from gridworld.store.exchange import Exchange

__all__ = ["Learnt", "read_tables"]


@dataclass(frozen=True)
class Learnt:
    """What a file says about a world.

    Attributes:
        mdp: The world.
        q: float32 `[agents, states, actions]`.
        known: bool `[agents, states]`: rows that are not all `initial_value` any more.
    """

    mdp: "gw.Mdp"
    q: "npt.NDArray[np.float32]"
    known: "npt.NDArray[np.bool_]"


def read_tables(
    path: Path, world: str | None, slip: float | None = None, max_steps: StepLimit = None
) -> Learnt:
    """Read a checkpoint (`.npz`, which brings its world) or an exchange file (`.json`).

    Args:
        path: The file.
        world: The world that an exchange file is for; None: the one that it names, or `default`
            where it names none.
        slip: Instead of that world's own.
        max_steps: Instead of that world's own.

    Raises:
        FileError: The file is broken or does not fit the world.
        OSError: It cannot be read.
        click.UsageError: A world is given beside a checkpoint.
    """
    import gridworld as gw

    if path.suffix.lower() == ".json":
        exchange = _read_exchange(path, world, slip, max_steps)
        q = exchange.q[None]
        return Learnt(gw.compile_world(exchange.world), q, (q != 0).any(axis=2))
    for flag, value in (("--world", world), ("--slip", slip), ("--max-steps", max_steps)):
        if value is not None:
            raise click.UsageError(
                f"{flag} must be left out with a checkpoint, which brings its own"
            )
    batch = gw.Run.load(path).batch
    q = batch.mean_q
    initial = batch.algorithm.column("initial_value", len(q))
    known = (q != initial[:, None, None]).any(axis=2)
    return Learnt(batch.mdp, q, known)


def _read_exchange(
    path: Path, world: str | None, slip: float | None, max_steps: StepLimit
) -> "Exchange":
    import gridworld as gw
    from gridworld.store.exchange import exchange_loads

    text = path.read_bytes()
    given = read_world(world or DEFAULTS["world"], slip, max_steps)
    try:
        exchange = exchange_loads(text, given, take_named=world is None)
    except gw.FileError as error:
        hint = "" if world else " (--world says which it was learnt on)"
        raise gw.FileError(f"{path} cannot be loaded: {error}{hint}") from None
    own = exchange.world
    if own is given or (slip is None and max_steps is None):
        return exchange
    return replace(exchange, world=read_world(own.name, slip, max_steps))
