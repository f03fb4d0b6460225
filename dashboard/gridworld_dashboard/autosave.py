"""What outlives a session: saved on the way and at its end, and offered or gone on from later."""

import logging
from dataclasses import asdict, replace
from pathlib import Path

from gridworld.batch import Batch
from gridworld.errors import GridworldError
from gridworld.live.trainer import Trainer
from gridworld_dashboard.inforce import InForce
from gridworld_dashboard.observer import Observer
from gridworld_dashboard.parameters import Parameters, kept
from gridworld_dashboard.saves import KEPT_BYTES, Keeper, Saves, sentence
from gridworld_dashboard.storage import AUTOSAVE, Store

__all__ = ["Autosave"]

_log = logging.getLogger(__name__)


class Autosave:
    """Of one session.

    Args:
        trainer: Has the batch.
        observer: Has what is in force.
        store: Where it goes.
        saves: Behind which it waits.
    """

    def __init__(self, trainer: Trainer, observer: Observer, store: Store, saves: Saves) -> None:
        self._trainer, self._observer, self._store, self._saves = trainer, observer, store, saves
        self.keeper = Keeper(lambda: int(trainer.status()["all_steps"][0]), self.on_the_way)

    def on_the_way(self) -> None:
        """Save as a clean exit does: after a crash the page offers it."""
        if self._trainer.call(lambda batch: batch.q.nbytes) > KEPT_BYTES:
            return
        batch = self._trainer.call(Batch.copy)
        self._saves.do(lambda: self._write(batch))

    def after_a_fault(self) -> None:
        """Save what was learnt, behind the saves that are under way."""
        copy = self._trainer.call(Batch.copy)
        self._saves.later(lambda: self._write(copy))

    def at_the_end(self, *, settings: bool) -> Path | None:
        """Save where anything was learnt; the file, None: nothing was.

        Args:
            settings: Whether to save as well where something was only set.

        Raises:
            OSError: It cannot be written.
        """
        batch = self._trainer.call(lambda batch: batch)
        changed = settings and self._observer.scene.parameters != Parameters()
        if not (changed or batch.agents["steps"].any()):
            return None
        return self._saves.do(lambda: self._write(batch))

    def come_back(self, force: InForce) -> None:
        """Be what it was when it was saved last, as far as that can be read.

        Args:
            force: Puts it in force.
        """
        try:
            loaded = self._store.load(AUTOSAVE, self._trainer.call(lambda batch: batch))
            force.load(loaded)
        except (GridworldError, OSError, MemoryError) as error:
            if self._store.autosave_offer() is not None:  # else there is none: it is a new one
                _log.warning("a session could not come back as it was: %s", sentence(error))
            return
        scene = self._observer.scene
        parameters = kept(scene.parameters, loaded.batch.algorithm, loaded.parameters)
        self._observer.scene = replace(scene, parameters=parameters)
        self._trainer.set_speed(parameters.speed)

    def _write(self, batch: Batch) -> Path:
        scene = self._observer.scene
        return self._store.autosave(
            batch, repeatable=scene.repeatable, parameters=asdict(scene.parameters)
        )
