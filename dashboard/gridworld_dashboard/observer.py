"""What there is to see of the training. Nothing here changes anything."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from gridworld.live.shown import Mark, Shown
from gridworld.live.trainer import Trainer
from gridworld.world import GridWorld
from gridworld_dashboard.frames.counters import counters
from gridworld_dashboard.frames.learnt import Learnt
from gridworld_dashboard.frames.numbers import decimal
from gridworld_dashboard.frames.worlds import world_data
from gridworld_dashboard.scene import Scene
from gridworld_dashboard.truth import Question

__all__ = ["Observer"]

T = TypeVar("T")


class Observer:
    """Looks at a trainer. Any thread may ask.

    Args:
        trainer: Who trains; it must watch.
        scene: What is in force.
        autosave: What the page offers to load while nothing was learnt; None: nothing.
        undo: Gives what it offers to bring back.

    Attributes:
        scene: Replaced as a whole by who steers.
        finished: Whether the budget of the last start was used up.
    """

    def __init__(
        self,
        trainer: Trainer,
        scene: Scene,
        autosave: dict[str, Any] | None,
        undo: Callable[[], dict[str, Any] | None],
    ) -> None:
        self._trainer = trainer
        self._undo = undo
        self._autosave = autosave
        self.scene = scene
        self.finished = False

    @property
    def running(self) -> bool:
        """Whether training runs."""
        return self._trainer.running

    @property
    def run(self) -> int:
        """The number of the present run; it grows with every fresh beginning."""
        return self.scene.run

    @property
    def newest_run(self) -> int:
        """The run that the trainer has begun, whose scene may be still to come."""
        return int(self._trainer.status()["run"][0])

    @property
    def epsilon(self) -> float:
        """Of the shown agent."""
        return decimal(np.float32(self._trainer.status()["epsilon"][0]))

    @property
    def world(self) -> GridWorld:
        """The present world."""
        return self.scene.world

    def world_data(self) -> tuple[int, dict[str, Any]]:
        """The number of the present run, and its world as frames show it."""
        scene = self.scene
        return scene.run, world_data(scene.world, named=scene.named)

    def counters(self, status: npt.NDArray[np.void] | None = None) -> dict[str, Any] | None:
        """The part of a frame that is new every time; None in the middle of a fresh beginning.

        Args:
            status: `STATUS[1]` of the moment that the frame shows; None: of now.
        """
        scene = self.scene
        if status is None:
            status = self._trainer.status()
        record = status[0]
        if int(record["run"]) != scene.run:
            return None
        running = bool(record["running"])
        fresh = not running and not record["all_steps"]
        return counters(status, scene.world) | {
            "running": running,
            "parameters": asdict(scene.parameters),
            "agents": scene.parameters.agents,
            "repeatable": scene.repeatable,
            "target_episodes": scene.target_episodes,
            "target_steps": scene.target_steps,
            "finished": self.finished,
            "autosave": self._autosave if fresh else None,
            "undo": self._undo(),
        }

    def copy(self, function: Callable[[Shown], T]) -> T:
        """What a function copies of the shown agent; it must be quick (`Trainer.look`)."""
        return self._trainer.look(function)

    def look(self) -> Learnt:
        """A copy of what the shown agent has learnt, and of what all went through."""
        return self._trainer.look(Learnt.of)

    def question(self) -> Question:
        """What the ground truth is about; quick."""
        scene, record = self.scene, self._trainer.status()[0]
        return Question(
            run=scene.run,
            shown=int(record["shown"]),
            steps=int(record["total_steps"]),
            mdp=scene.mdp,
            discount_factor=scene.parameters.discount_factor,
            initial_value=scene.parameters.initial_value,
            running=bool(record["running"]),
        )

    def tables(self) -> list[Mark]:
        """Tables of the shown agent since the last time, the newest last."""
        return self._trainer.look(lambda shown: [*shown.take_marks(), shown.mark()])
