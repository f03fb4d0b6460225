"""The run that a reset, a load, a fresh beginning or another world has put aside.

One click brings it back.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from gridworld.batch import Batch
from gridworld.engine import Engine
from gridworld.errors import InvalidValueError
from gridworld.live.trainer import Trainer
from gridworld.mdp import Mdp
from gridworld_dashboard.scene import Scene

__all__ = ["MOST_BYTES", "Aside", "Undo"]

MOST_BYTES: Final = 256_000_000
"""Of Q-tables and histories: a larger run is not kept beside the one that follows it."""


@dataclass(frozen=True)
class Aside:
    """A run that was put aside.

    Attributes:
        number: Grows with each.
        why: What put it aside: "reset", "load", "begin", "world" or "undo".
        batch: Which advances no more.
        scene: What was in force.
        finished: Whether its budget was used up.
    """

    number: int
    why: str
    batch: Batch
    scene: Scene
    finished: bool

    def scene_as(self, run: int, speed: float | None) -> Scene:
        """What is in force again, as another run; at the speed that is in force now."""
        return replace(self.scene, run=run, parameters=replace(self.scene.parameters, speed=speed))


class Undo:
    """Gives the trainer other runs, and keeps the last one in which anything was learnt.

    Args:
        trainer: Who trains.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._aside: Aside | None = None
        self._number = 0
        self._drawing = False

    @property
    def offer(self) -> dict[str, Any] | None:
        """What can be brought back, as a frame says it; None: nothing."""
        aside = self._aside
        if aside is None:
            return None
        agent = aside.batch.agents[0]
        return {
            "n": aside.number,
            "why": aside.why,
            "world": aside.scene.parameters.world,
            "episodes": int(agent["episodes"]),
            "steps": int(agent["steps"]),
        }

    def replace(self, why: str, batch: Batch, scene: Scene, *, finished: bool) -> None:
        """Go on with another batch.

        Args:
            why: See `Aside`.
            batch: The other one.
            scene: In force so far.
            finished: Whether the budget of the run so far was used up.
        """
        present = self._trainer.call(lambda batch: batch)
        kept = self._kept(why, present, scene, finished)
        # A kernel that was never used here is compiled while the clock of the frames goes on.
        with Engine(1) as engine:
            engine.warm_up(batch, watch=True)
        self._trainer.replace(batch)
        self._aside, self._drawing = kept or self._aside, False

    def reset(self, scene: Scene, *, finished: bool) -> None:
        """Stop, and begin afresh.

        Args:
            scene: In force.
            finished: As above.
        """
        self._trainer.stop()
        kept = self._trainer.call(
            lambda batch: self._kept("reset", batch, scene, finished, copy=True)
        )
        self._trainer.reset()
        self._aside, self._drawing = kept or self._aside, False

    def settle(self) -> None:
        """The next change of the world is not one of those before it."""
        self._drawing = False

    def set_world(self, mdp: Mdp, scene: Scene, *, finished: bool) -> None:
        """Let the agents go on in another world.

        Of changes that follow each other, strokes of one drawing, the run before the first is kept.

        Args:
            mdp: The other one.
            scene: In force.
            finished: As above.

        Raises:
            WorldError: They cannot.
        """
        kept: list[Aside | None] = []

        def keep(batch: Batch) -> None:
            if not self._drawing:
                kept.append(self._kept("world", batch, scene, finished, copy=True))

        self._trainer.set_world(mdp, keep)
        for aside in kept:
            self._aside = aside or self._aside
        self._drawing = True

    def back(self, scene: Scene, *, finished: bool) -> Aside:
        """Bring the run back that was put aside last; the present one is put aside for it.

        Args:
            scene: In force so far.
            finished: As above.

        Raises:
            InvalidValueError: There is none.
        """
        aside, self._aside = self._aside, None
        if aside is None:
            raise InvalidValueError("undo must follow a reset, a load or a new run, got none")
        self.replace("undo", aside.batch, scene, finished=finished)
        return aside

    def _kept(
        self, why: str, batch: Batch, scene: Scene, finished: bool, *, copy: bool = False
    ) -> Aside | None:
        """The run as it can be brought back; None: nothing was learnt in it, or it is too large."""
        size = batch.q.nbytes + batch.bins.nbytes
        touched = bool(batch.agents["steps"].any()) or not scene.repeatable
        if not touched or size > MOST_BYTES:
            return None
        try:
            kept = batch.copy() if copy else batch
        except MemoryError:
            return None
        self._number += 1
        return Aside(self._number, why, kept, scene, finished)
