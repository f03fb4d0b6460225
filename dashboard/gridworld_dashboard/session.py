"""What the controls do to the trainer. There is no socket here, and no page.

One server has one session, and every viewer sees it. Commands come from any thread and are
carried out one after the other.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from gridworld.algorithms.base import Extent
from gridworld.batch import Batch, check_ends, check_memory
from gridworld.errors import FileError, GridworldError, TrainerBusyError
from gridworld.kernels.actions import N_ACTIONS
from gridworld.live.trainer import Trainer
from gridworld.mdp import compile_world
from gridworld.world import GridWorld
from gridworld.worlds import make_grid
from gridworld_dashboard.ends import Ends
from gridworld_dashboard.frames.histories import chart_bins
from gridworld_dashboard.observer import Observer
from gridworld_dashboard.parameters import Parameters
from gridworld_dashboard.reply import Reply
from gridworld_dashboard.saves import KEPT_BYTES, Keeper, Saves, sentence
from gridworld_dashboard.scene import Plan, Scene, brought, is_plain, plan
from gridworld_dashboard.storage import Loaded, Store
from gridworld_dashboard.truth import GroundTruth
from gridworld_dashboard.undo import Undo
from gridworld_dashboard.wire import protocol
from gridworld_dashboard.wire.protocol import Command, Message

__all__ = ["Reply", "Session"]

_log = logging.getLogger(__name__)


class Session:
    """The training of one server.

    Args:
        folder: The data folder; saves go to `.qtables` in it.
        now: Unix seconds.

    Attributes:
        observer: Looks at what the commands have done.
        truth: Knows the optimum.
    """

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._store = Store(folder)
        self._store.clean()
        self._saves = Saves(self._store)
        self._announce: Callable[[Message], None] = lambda message: None
        self._changed: Callable[[], None] = lambda: None
        self._lock = threading.RLock()
        self._closed = False
        self._ends = Ends(lambda message: self._announce(message))
        parameters = Parameters()
        mdp = compile_world(make_grid(parameters.world))
        self._trainer = Trainer(
            mdp,
            parameters.build(),
            seed=parameters.seed,
            watch=True,
            on_complete=self._on_complete,
            on_fault=self._on_fault,
        )
        self._trainer.set_speed(parameters.speed)
        self._undo = Undo(self._trainer)
        scene = Scene(1, mdp, parameters, named=True, repeatable=True)
        self.observer = Observer(
            self._trainer, scene, self._store.autosave_offer(), lambda: self._undo.offer
        )
        self._commands: dict[str, Callable[[Mapping[str, Any], Reply], None]] = {
            "start_training": self._start,
            "configure": self._configure,
            "stop_training": self._stop,
            "reset": self._reset,
            "undo": self._bring_back,
            "set_speed": self._set_speed,
            "step": partial(self._halt_and, "step", self._trainer.step),
            "step_episode": partial(self._halt_and, "step_episode", self._trainer.step_episode),
            "show_agent": self._show_agent,
        }
        # whom to tell is known later
        self.truth = GroundTruth(
            self.observer.question, self.observer.tables, lambda: self._changed()
        )
        self.truth.start()
        self._keeper = Keeper(
            lambda: int(self._trainer.status()["all_steps"][0]), self._keep_on_the_way
        )
        self._keeper.start()

    def attach(self, announce: Callable[[Message], None], changed: Callable[[], None]) -> None:
        """Say who is to be told.

        Args:
            announce: Gets messages for all viewers that answer nobody; on the trainer's thread.
            changed: Called after every change of the state; on any thread.
        """
        self._announce, self._changed = announce, changed

    def is_well(self) -> bool:
        """Whether commands are answered, and training can go on."""
        return not self._closed and not self._trainer.closed

    # --- commands

    def execute(self, command: Command, reply: Reply) -> None:
        """Carry out a command; `reply` is called exactly once, perhaps later and elsewhere."""
        try:
            if command.type == "ping":
                reply(protocol.pong(self._now()))
            elif command.type == "save_qtable":
                self._save(command.data, reply)
            elif command.type in self._saves.shelf.commands:
                self._saves.arrange(command.type, command.data, reply)
            else:
                if command.type == "load_qtable":  # nobody waits for a disk, but who asked
                    self._load(command.data, reply)
                else:
                    with self._lock:
                        self._commands[command.type](command.data, reply)
                self._changed()
                self.truth.poke()
        except GridworldError as error:
            reply(protocol.error(str(error)))
        except MemoryError:
            reply(protocol.error(f"{command.type} must fit into the free memory, got too much"))
        except Exception:
            _log.exception("%s failed", command.type)
            reply(protocol.error(f"{command.type} failed by a fault of the server; see its log"))

    def _start(self, data: Mapping[str, Any], reply: Reply) -> None:
        if self._trainer.running:
            raise TrainerBusyError("training must be stopped before it is started, it is running")
        given = dict(data)
        restart = given.pop("restart_epsilon", False)
        planned = self._planned(given, restart)
        more, steps = planned.parameters.num_episodes, planned.parameters.num_steps
        scene = self._prepare(planned, to_an_end=more is not None and steps is None)
        status = self._trainer.status()[0]
        done = int(status["total_episodes"])
        with self._ends.held():
            self.observer.finished = False
            self.observer.scene = replace(
                scene,
                target_episodes=None if more is None else done + more,
                target_steps=None if steps is None else int(status["total_steps"]) + steps,
            )
            self._trainer.start(
                episodes=more,
                steps=steps,
                speed=planned.parameters.speed,
                algorithm=planned.algorithm,
                epsilon=planned.epsilon,
            )
            reply(protocol.training_started(more, done, steps), tell=True)

    def _configure(self, data: Mapping[str, Any], reply: Reply) -> None:
        fresh = self._put_in_force(data)
        reply(protocol.configured(fresh), tell=fresh)

    def put_world(self, definition: bytes) -> bool:
        """Put a world in force that is too large for a frame; told to all who watch.

        Args:
            definition: JSON that `GridWorld.from_json` reads.

        Returns:
            Whether that began afresh.

        Raises:
            TrainerBusyError: Training runs.
            GridworldError: It is no world, or memory cannot hold it.
        """
        self._check_idle()
        world = GridWorld.from_json(definition)  # may take a moment; nobody waits for it
        with self._lock:
            fresh = self._put_in_force({"world": world})
            if fresh:
                self._announce(protocol.configured(fresh))
        self._changed()
        self.truth.poke()
        return fresh

    def file_of(self, name: str) -> Path:
        """The file of a save, to hand it out.

        Raises:
            FileError: There is no save of that name.
        """
        return self._saves.do(lambda: self._saves.shelf.file(name))

    def take_file(self, filename: str, content: bytes) -> str:
        """Put a file from elsewhere among the saves, and tell all; the name of the save.

        Raises:
            FileError: It is no save.
            OSError: It cannot be written.
        """
        shelf = self._saves.shelf
        name = self._saves.do(lambda: shelf.take(filename, content))
        listed = self._saves.do(shelf.listed)
        self._announce(protocol.saves(listed, f"{name} was uploaded"))
        return name

    def _check_idle(self, before: str = "a change") -> None:
        if self._trainer.running:
            raise TrainerBusyError(f"training must be stopped before {before}, it is running")

    def _put_in_force(self, data: Mapping[str, Any]) -> bool:
        """Other values, without a start; whether that began afresh."""
        self._check_idle()
        planned = self._planned(data)
        scene = self._prepare(planned)

        def change(batch: Batch) -> None:
            if planned.algorithm is not None:
                batch.set_parameters(planned.algorithm)
            if planned.epsilon is not None:
                batch.set_epsilon(planned.epsilon)

        if planned.fresh:
            self.observer.finished = False
        else:
            self._trainer.call(change)
        self._trainer.set_speed(planned.parameters.speed)
        self.observer.scene = scene
        return planned.fresh

    def _planned(self, given: Mapping[str, Any], restart: bool = False) -> Plan:
        scene = self.observer.scene
        return plan(
            scene,
            given,
            untouched=scene.repeatable and not self._trainer.status()["all_steps"][0],
            present=lambda: self._trainer.call(lambda batch: batch.algorithm),
            restart=restart,
        )

    def _prepare(self, planned: Plan, *, to_an_end: bool = False) -> Scene:
        """Begin afresh where the plan says so; the scene of the plan, not yet in force.

        Args:
            planned: The plan.
            to_an_end: Whether episodes are going to be waited for.

        Raises:
            GridworldError: Memory cannot hold it, a number is outside its range, or episodes are
                waited for that never end; the present run is untouched.
        """
        scene, parameters = self.observer.scene, planned.parameters
        if not planned.fresh:
            if to_an_end:
                check_ends(scene.mdp)
            return replace(scene, parameters=parameters, repeatable=planned.repeatable)
        algorithm = parameters.build()
        bins = chart_bins(parameters.agents)
        # before the world is compiled, which may take a moment
        extent = Extent(planned.world.n_states, N_ACTIONS, planned.world.max_steps or 0)
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
        self._undo.replace("begin", batch, scene, finished=self.observer.finished)
        return Scene(self.observer.newest_run, mdp, parameters, planned.named, planned.repeatable)

    def _on_complete(self) -> None:
        """On the trainer's thread."""
        self.observer.finished = True
        record = self._trainer.status()[0]
        message = protocol.training_complete(int(record["total_episodes"]), self.observer.epsilon)
        self._ends.tell(message)
        self._changed()
        self.truth.poke()

    def _on_fault(self, error: Exception) -> None:
        """A training broke off: all are told, and what was learnt is saved. On its thread."""
        _log.error("training broke off", exc_info=error)
        self._announce(self._stopped("broke off by a fault, what was learnt is kept,"))
        self._changed()
        copy = self._trainer.call(Batch.copy)
        repeatable = self.observer.scene.repeatable
        self._saves.later(lambda: self._store.autosave(copy, repeatable=repeatable))

    def _stop(self, data: Mapping[str, Any], reply: Reply) -> None:
        ran = self._trainer.stop()
        reply(self._stopped("stopped" if ran else None), tell=ran)

    def _stopped(self, how: str | None) -> Message:
        """That training has ended in some way; None: nothing ran."""
        record = self._trainer.status()[0]
        words = f"Training {how} in episode {int(record['episode'])}" if how else "Nothing ran"
        return protocol.training_stopped(
            words, int(record["total_episodes"]), int(record["total_steps"])
        )

    def _reset(self, data: Mapping[str, Any], reply: Reply) -> None:
        scene = self.observer.scene
        self._undo.reset(scene, finished=self.observer.finished)
        self.observer.finished = False
        plain = self._trainer.call(is_plain)
        self.observer.scene = replace(
            scene,
            run=self.observer.newest_run,
            repeatable=plain,
            target_episodes=None,
            target_steps=None,
        )
        reply(protocol.reset_complete(), tell=True)

    def _bring_back(self, data: Mapping[str, Any], reply: Reply) -> None:
        self._check_idle("an undo")
        scene = self.observer.scene
        aside = self._undo.back(scene, finished=self.observer.finished)
        self.observer.finished = aside.finished
        run, speed = self.observer.newest_run, scene.parameters.speed
        self.observer.scene = aside.scene_as(run, speed)
        reply(protocol.undone(aside.why), tell=True)

    def _set_speed(self, data: Mapping[str, Any], reply: Reply) -> None:
        speed = data["speed"]
        self._trainer.set_speed(speed)
        self.observer.scene = replace(
            self.observer.scene, parameters=replace(self.observer.scene.parameters, speed=speed)
        )
        reply(protocol.speed_set(speed))

    def _halt_and(
        self, command: str, step: Callable[[], None], data: Mapping[str, Any], reply: Reply
    ) -> None:
        """Step as a debugger does: who runs is stopped first."""
        stopped = self._stopped("stopped") if self._trainer.stop() else False
        self.observer.finished = False
        step()
        record = self._trainer.status()[0]
        episodes, steps = int(record["total_episodes"]), int(record["total_steps"])
        reply(protocol.step_complete(command, episodes, steps), tell=stopped)

    def _show_agent(self, data: Mapping[str, Any], reply: Reply) -> None:
        row = data["agent"]
        self._trainer.show(row)
        reply(protocol.agent_shown(row))

    def _save(self, data: Mapping[str, Any], reply: Reply) -> None:
        name = str(data.get("name", protocol.DEFAULT_NAME))
        repeatable = self.observer.scene.repeatable
        self._saves.save(name, lambda: self._trainer.call(Batch.copy), repeatable, reply)

    def _load(self, data: Mapping[str, Any], reply: Reply) -> None:
        name = str(data.get("name", protocol.DEFAULT_NAME))
        self._check_idle("a load")
        try:
            present = self._trainer.call(lambda batch: batch)
            loaded = self._saves.do(lambda: self._store.load(name, present))
            with self._lock:
                self._check_idle("a load")
                if loaded.batch.mdp is present.mdp is not self.observer.scene.mdp:
                    raise FileError("the world must stay while a JSON is read, got another one")
                self._bring(loaded, reply)
        except TrainerBusyError:
            raise
        except (GridworldError, OSError, RuntimeError, MemoryError) as error:
            words = f"Not loaded: {sentence(error)}"
            reply(protocol.load_complete(False, words, self.observer.epsilon))

    def _bring(self, loaded: Loaded, reply: Reply) -> None:
        """Put in force what a file holds."""
        observer = self.observer
        self._undo.replace("load", loaded.batch, observer.scene, finished=observer.finished)
        self.observer.finished = False
        self.observer.scene = brought(
            self.observer.scene,
            self.observer.newest_run,
            loaded.batch,
            repeatable=loaded.repeatable,
        )
        words = f"Loaded {loaded.path}" + (f"; {loaded.note}" if loaded.note else "")
        reply(protocol.load_complete(True, words, self.observer.epsilon), tell=True)

    def _keep_on_the_way(self) -> None:
        """Autosave, as a clean exit does: after a crash the page offers it."""
        if self._trainer.call(lambda batch: batch.q.nbytes) > KEPT_BYTES:
            return
        batch = self._trainer.call(Batch.copy)
        repeatable = self.observer.scene.repeatable
        self._saves.do(lambda: self._store.autosave(batch, repeatable=repeatable))

    # --- the end

    def close(self) -> Path | None:
        """Stop; save `autosave` if anything was learnt. Idempotent.

        Returns:
            The file, or None where there was nothing to save.

        Raises:
            OSError: The file cannot be written.
        """
        with self._lock:
            if self._closed:
                return None
            self._closed = True
            self._keeper.close()
            self.truth.close()
            self._trainer.stop()
            try:
                batch = self._trainer.call(lambda batch: batch)
                if not batch.agents["steps"].any():
                    return None
                repeatable = self.observer.scene.repeatable
                return self._saves.do(lambda: self._store.autosave(batch, repeatable=repeatable))
            finally:
                self._trainer.close()
                self._saves.close()
