"""What is in force, and how other values come into force."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gridworld.algorithms.base import Extent
from gridworld.batch import Batch, check_alike, check_ends, check_memory, needed_memory
from gridworld.errors import TrainerBusyError, WorldError
from gridworld.kernels.actions import N_ACTIONS
from gridworld.live.trainer import Trainer
from gridworld.mdp import compile_world
from gridworld_dashboard.classroom.allowance import Allowance
from gridworld_dashboard.frames.histories import chart_bins
from gridworld_dashboard.observer import Observer
from gridworld_dashboard.scene import Plan, Scene, brought, is_plain, plan
from gridworld_dashboard.storage import Loaded
from gridworld_dashboard.undo import Undo

__all__ = ["InForce"]


class InForce:
    """The values that the training of a session has, or will have at its next start.

    Args:
        trainer: Trains with them.
        observer: Has the scene, which says them.
        undo: Keeps the run that a fresh one replaces.
        allowance: What the session may take.
    """

    def __init__(
        self, trainer: Trainer, observer: Observer, undo: Undo, allowance: Allowance
    ) -> None:
        self._trainer, self._observer, self._undo = trainer, observer, undo
        self._allowance = allowance

    def check_idle(self, before: str = "a change") -> None:
        """Refuse what needs a training that is stopped.

        Raises:
            TrainerBusyError: It runs.
        """
        if self._trainer.running:
            raise TrainerBusyError(f"training must be stopped before {before}, it is running")

    def put(self, data: Mapping[str, Any]) -> bool:
        """Other values, without a start; whether that began afresh.

        Raises:
            TrainerBusyError: Training runs.
            GridworldError: As in `prepare`.
        """
        self.check_idle()
        planned = self.planned(data)
        scene = self.prepare(planned)

        def change(batch: Batch) -> None:
            if planned.algorithm is not None:
                batch.set_parameters(planned.algorithm, restart_epsilon=planned.restart)

        if planned.fresh:
            self._observer.finished = False
        else:
            self._trainer.call(change)
        self._trainer.set_speed(planned.parameters.speed)
        self._observer.scene = scene
        return planned.fresh

    def planned(self, given: Mapping[str, Any], restart: bool = False) -> Plan:
        """What other values would change (see `scene.plan`)."""
        scene = self._observer.scene
        return plan(
            scene,
            given,
            untouched=scene.repeatable and not self._trainer.status()["all_steps"][0],
            present=lambda: self._trainer.call(lambda batch: batch.algorithm),
            restart=restart,
        )

    def prepare(self, planned: Plan, *, to_an_end: bool = False) -> Scene:
        """Begin afresh where the plan says so; the scene of the plan, not yet in force.

        Args:
            planned: The plan.
            to_an_end: Whether episodes are going to be waited for.

        Raises:
            GridworldError: Memory cannot hold it, a number is outside its range, or episodes are
                waited for that never end; the present run is untouched.
        """
        scene, parameters = self._observer.scene, planned.parameters
        if not planned.fresh:
            if to_an_end:
                check_ends(scene.mdp)
            self._undo.settle()
            return replace(scene, parameters=parameters, repeatable=planned.repeatable)
        algorithm = parameters.build()
        bins = chart_bins(parameters.agents)
        # before the world is compiled, which may take a moment
        extent = Extent(planned.world.n_states, N_ACTIONS, planned.world.max_steps or 0)
        self._allowance.check_world(planned.world.n_states)
        self._allowance.check_run(needed_memory(parameters.agents, extent, algorithm, bins))
        check_memory(parameters.agents, extent, algorithm, bins)
        mdp = scene.mdp if planned.world is scene.world else compile_world(planned.world)
        if to_an_end:
            check_ends(mdp)
        batch = Batch.create(
            mdp,
            algorithm,
            agents=parameters.agents,
            seed=parameters.seed,
            first_agent=parameters.first_agent,
            bins=bins,
        )
        self._undo.replace("begin", batch, scene, finished=self._observer.finished)
        return Scene(self._observer.newest_run, mdp, parameters, planned.named, planned.repeatable)

    def change_world(self, asked: object) -> bool:
        """Put another world in force, in which the agents go on where they can, training or not.

        They can where it has the same size and they carry no more in it; a run in which nothing was
        learnt begins afresh. Where they cannot, training stops.

        Args:
            asked: A name, a definition or a world.

        Returns:
            Whether that began afresh.

        Raises:
            GridworldError: As in `prepare`; what runs goes on.
        """
        observer, scene = self._observer, self._observer.scene
        planned = self.planned({"world": asked})
        world = planned.world
        if world is scene.world:
            return False
        untouched = scene.repeatable and not self._trainer.status()["all_steps"][0]
        same_size = (world.width, world.height) == (scene.world.width, scene.world.height)
        if (untouched and not self._trainer.running) or not same_size:
            return self._begin_in(planned)
        mdp = compile_world(world)
        try:
            check_alike(scene.mdp, mdp, self._trainer.call(lambda batch: batch.algorithm))
        except WorldError:
            return self._begin_in(planned)
        if self._trainer.running and scene.target_episodes and not scene.target_steps:
            check_ends(mdp)
        self._undo.set_world(mdp, scene, finished=observer.finished)
        observer.scene = replace(
            scene,
            run=observer.newest_run,
            mdp=mdp,
            parameters=planned.parameters,
            named=planned.named,
            repeatable=False,
        )
        return False

    def _begin_in(self, planned: Plan) -> bool:
        """Begin afresh in another world: true."""
        scene = self.prepare(planned)
        self._observer.finished = False
        self._observer.scene = scene
        return True

    def reset(self) -> None:
        """Stop, and begin the same run afresh."""
        observer, scene = self._observer, self._observer.scene
        self._undo.reset(scene, finished=observer.finished)
        observer.finished = False
        observer.scene = replace(
            scene,
            run=observer.newest_run,
            repeatable=self._trainer.call(is_plain),
            target_episodes=None,
            target_steps=None,
        )

    def load(self, loaded: Loaded) -> None:
        """Go on from what a file holds.

        Raises:
            GridworldError: The session may not take so much.
        """
        self._allowance.check_batch(loaded.batch)
        observer = self._observer
        self._undo.replace("load", loaded.batch, observer.scene, finished=observer.finished)
        observer.finished = False
        observer.scene = brought(
            observer.scene, observer.newest_run, loaded.batch, repeatable=loaded.repeatable
        )

    def undo(self) -> str:
        """Go back to the run that was put aside; why it was.

        Raises:
            TrainerBusyError: Training runs.
            GridworldError: There is none.
        """
        self.check_idle("an undo")
        observer, scene = self._observer, self._observer.scene
        aside = self._undo.back(scene, finished=observer.finished)
        observer.finished = aside.finished
        observer.scene = aside.scene_as(observer.newest_run, scene.parameters.speed)
        return aside.why
