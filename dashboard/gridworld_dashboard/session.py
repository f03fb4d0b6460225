"""What the controls do to the trainer. There is no socket here, and no page.

Everybody who watches a session sees the same. Commands come from any thread and are carried out one
after the other.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from gridworld.batch import Batch
from gridworld.errors import FileError, GridworldError, TrainerBusyError
from gridworld.live.trainer import Trainer
from gridworld.mdp import compile_world
from gridworld.world import GridWorld
from gridworld.worlds import make_grid
from gridworld_dashboard.autosave import Autosave
from gridworld_dashboard.classroom.allowance import ALONE, Terms
from gridworld_dashboard.ends import Ends
from gridworld_dashboard.inforce import InForce
from gridworld_dashboard.inquiries.desk import Desk
from gridworld_dashboard.observer import Observer
from gridworld_dashboard.parameters import Parameters
from gridworld_dashboard.pins import Pins
from gridworld_dashboard.reply import Reply
from gridworld_dashboard.saves import Saves, sentence
from gridworld_dashboard.scene import Scene
from gridworld_dashboard.storage import Store
from gridworld_dashboard.truth import GroundTruth
from gridworld_dashboard.undo import Undo
from gridworld_dashboard.wire import protocol
from gridworld_dashboard.wire.protocol import Command, Message

__all__ = ["Reply", "Session"]

_log = logging.getLogger(__name__)


class Session:
    """One training, which its viewers watch and steer.

    Args:
        folder: The data folder; saves go to `.qtables` in it.
        now: Unix seconds.
        terms: How it shares the server with others; an attribute too.

    Attributes:
        autosave: Saves it on the way and at its end.
        observer: Looks at what the commands have done.
        truth: Knows the optimum.
        pins: Keeps runs to compare with.
        saves: Keeps files.
    """

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], float] = time.time,
        terms: Terms = ALONE,
    ) -> None:
        self._now = now
        self.terms = terms
        self._store = Store(folder, terms.allowance)
        self._store.clean()
        self.saves = Saves(self._store)
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
            threads=terms.threads,
            turns=terms.turns,
            watch=True,
            on_complete=self._on_complete,
            on_fault=self._on_fault,
        )
        self._trainer.set_speed(parameters.speed)
        self._undo = Undo(self._trainer)
        scene = Scene(1, mdp, parameters, named=True, repeatable=True)
        offer = None if terms.comes_back else self._store.autosave_offer()
        self.observer = Observer(self._trainer, scene, offer, lambda: self._undo.offer)
        self._force = InForce(self._trainer, self.observer, self._undo, terms.allowance)
        self.autosave = Autosave(self._trainer, self.observer, self._store, self.saves)
        if terms.comes_back:
            self.autosave.come_back(self._force)
        seen, crowd = self.observer, terms.crowd
        # whom to tell is known later
        self.truth = GroundTruth(seen.question, seen.tables, lambda: self._changed(), crowd=crowd)
        self.pins = Pins(seen, self.truth)
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
            "change_world": self._change_world,
            **self.pins.commands,
        }
        self.truth.start()
        self._desk = Desk(self.observer, lambda: self.truth.report, terms)
        self.autosave.keeper.start()

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
            elif command.type in self.saves.shelf.commands:
                self.saves.arrange(command.type, command.data, reply)
            elif command.type in self._desk.commands:
                self._desk.ask(command.type, command.data, reply)
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
        self._force.check_idle("it is started")
        given = dict(data)
        restart = given.pop("restart_epsilon", False)
        planned = self._force.planned(given, restart)
        more, steps = planned.parameters.num_episodes, planned.parameters.num_steps
        scene = self._force.prepare(planned, to_an_end=more is not None and steps is None)
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
                restart_epsilon=planned.restart,
            )
            reply(protocol.training_started(more, done, steps, scene.doubt), tell=True)

    def _configure(self, data: Mapping[str, Any], reply: Reply) -> None:
        fresh = self._force.put(data)
        reply(protocol.configured(fresh), tell=fresh)

    def _change_world(self, data: Mapping[str, Any], reply: Reply) -> None:
        reply(protocol.world_changed(self._force.change_world(data["world"])), tell=True)

    def put_world(self, definition: bytes, *, go_on: bool = False) -> bool:
        """Put a world in force that is too large for a frame; told to all who watch.

        Args:
            definition: JSON that `GridWorld.from_json` reads.
            go_on: Whether the agents are to go on in it where they can, training or not.

        Returns:
            Whether that began afresh.

        Raises:
            TrainerBusyError: Training runs.
            GridworldError: It is no world, or memory cannot hold it.
        """
        if not go_on:
            self._force.check_idle()
        world = GridWorld.from_json(definition)  # may take a moment; nobody waits for it
        self.terms.allowance.check_world(world.n_states)
        with self._lock:
            if go_on:
                fresh = self._force.change_world(world)
                self._announce(protocol.world_changed(fresh))
            elif fresh := self._force.put({"world": world}):
                self._announce(protocol.configured(fresh))
        self._changed()
        self.truth.poke()
        return fresh

    def take_file(self, filename: str, content: bytes) -> str:
        """Put a file from elsewhere among the saves, and tell all; the name of the save.

        Raises:
            FileError: It is no save.
            OSError: It cannot be written.
        """
        shelf = self.saves.shelf
        name = self.saves.do(lambda: shelf.take(filename, content))
        listed = self.saves.do(shelf.listed)
        self._announce(protocol.saves(listed, f"{name} was uploaded"))
        return name

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
        self.autosave.after_a_fault()

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
        self._force.reset()
        reply(protocol.reset_complete(), tell=True)

    def _bring_back(self, data: Mapping[str, Any], reply: Reply) -> None:
        reply(protocol.undone(self._force.undo()), tell=True)

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
        self.saves.save(name, lambda: self._trainer.call(Batch.copy), repeatable, reply)

    def _load(self, data: Mapping[str, Any], reply: Reply) -> None:
        name = str(data.get("name", protocol.DEFAULT_NAME))
        self._force.check_idle("a load")
        try:
            present = self._trainer.call(lambda batch: batch)
            loaded = self.saves.do(lambda: self._store.load(name, present))
            with self._lock:
                self._force.check_idle("a load")
                if loaded.batch.mdp is present.mdp is not self.observer.scene.mdp:
                    raise FileError("the world must stay while a JSON is read, got another one")
                self._force.load(loaded)
                words = f"Loaded {loaded.path}" + (f"; {loaded.note}" if loaded.note else "")
                reply(protocol.load_complete(True, words, self.observer.epsilon), tell=True)
        except TrainerBusyError:
            raise
        except (GridworldError, OSError, RuntimeError, MemoryError) as error:
            words = f"Not loaded: {sentence(error)}"
            reply(protocol.load_complete(False, words, self.observer.epsilon))

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
            self.autosave.keeper.close()
            self._desk.close()
            self.truth.close()
            self._trainer.stop()
            try:
                return self.autosave.at_the_end(settings=self.terms.comes_back)
            finally:
                self._trainer.close()
                self.saves.close()
