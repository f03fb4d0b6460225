"""What the controls do to the trainer. There is no socket here, and no page.

One server has one session, and every viewer sees it. Commands come from any thread and are
carried out one after the other.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from gridworld.batch import Batch, check_ends, check_memory
from gridworld.engine import Engine
from gridworld.errors import GridworldError, TrainerBusyError
from gridworld.kernels.actions import N_ACTIONS
from gridworld.mdp import compile_world
from gridworld.trainer import Mark, Trainer
from gridworld.world import GridWorld
from gridworld.worlds import make
from gridworld_dashboard.contracts import Reply, TrainerLike
from gridworld_dashboard.frames import learnt as frames
from gridworld_dashboard.parameters import Parameters, learning_of
from gridworld_dashboard.scene import Plan, Scene, is_named, is_plain, plan
from gridworld_dashboard.storage import Loaded, Store
from gridworld_dashboard.truth import GroundTruth, Question
from gridworld_dashboard.wire import protocol
from gridworld_dashboard.wire.protocol import Command, Message

__all__ = ["Reply", "Session", "TrainerLike"]

T = TypeVar("T")

SAVE_WAIT_S: Final = 0.06
"""A save that takes longer is answered when it is done, after the answers to later commands."""

_log = logging.getLogger(__name__)


class Session:
    """The training of one server.

    Args:
        folder: The data folder; saves go to `.qtables` in it.
        make_trainer: Builds the trainer, given what to call when a budget is used up.
        now: Unix seconds.
    """

    def __init__(
        self,
        folder: Path,
        *,
        make_trainer: Callable[[Batch, Callable[[], None]], TrainerLike] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._now = now
        self._store = Store(folder)
        self._store.clean()
        self._autosave = self._store.autosave_offer()
        self._announce: Callable[[Message], None] = lambda message: None
        self._changed: Callable[[], None] = lambda: None
        self._lock = threading.RLock()
        self._closed = False
        self._files = ThreadPoolExecutor(1, "gridworld-files")
        self._saving = threading.Semaphore(2)  # copies of the Q-table in memory at a time
        self._completion = threading.Lock()
        self._starting = False
        self._completed: Message | None = None
        self._finished = False
        parameters = Parameters()
        mdp = compile_world(make(parameters.world))
        batch = Batch.create(mdp, parameters.build(), seed=parameters.seed)
        self._trainer = (make_trainer or _trainer)(batch, self._on_complete)
        self._scene = Scene(self._run(), mdp, parameters, named=True, repeatable=True)
        self._trainer.set_speed(parameters.speed)
        self._commands: dict[str, Callable[[Mapping[str, Any], Reply], None]] = {
            "start_training": self._start,
            "configure": self._configure,
            "stop_training": self._stop,
            "reset": self._reset,
            "load_qtable": self._load,
            "set_speed": self._set_speed,
            "step": self._step,
            "step_episode": self._step_episode,
            "show_agent": self._show_agent,
        }
        self.truth = GroundTruth(self._question, self._tables, self._on_truth)
        self.truth.start()

    def attach(self, announce: Callable[[Message], None], changed: Callable[[], None]) -> None:
        """Say who is to be told.

        Args:
            announce: Gets messages for all viewers that answer nobody; on the trainer's thread.
            changed: Called after every change of the state; on any thread.
        """
        self._announce, self._changed = announce, changed

    # --- commands

    def execute(self, command: Command, reply: Reply) -> None:
        """Carry out a command; `reply` is called exactly once, perhaps later and elsewhere."""
        try:
            if command.type == "ping":
                reply(protocol.pong(self._now()))
            elif command.type == "save_qtable":
                self._save(command.data, reply)
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
        more = planned.parameters.num_episodes
        scene = self._prepare(planned, to_an_end=more is not None)
        done = int(self._trainer.frame()["total_episodes"][0])
        with self._completion:
            self._starting, self._completed = True, None
        try:
            self._finished = False
            self._scene = replace(scene, target_episodes=None if more is None else done + more)
            self._trainer.start(
                episodes=more,
                speed=planned.parameters.speed,
                algorithm=planned.algorithm,
                epsilon=planned.epsilon,
            )
            reply(protocol.training_started(more, done), tell=True)
        finally:
            # A short budget is used up before its start has been answered.
            with self._completion:
                self._starting = False
                completed, self._completed = self._completed, None
            if completed is not None:
                self._announce(completed)

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

    def _check_idle(self) -> None:
        if self._trainer.running:
            raise TrainerBusyError("training must be stopped before a change, it is running")

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
            self._finished = False
        else:
            self._trainer.call(change)
        self._trainer.set_speed(planned.parameters.speed)
        self._scene = scene
        return planned.fresh

    def _planned(self, given: Mapping[str, Any], restart: bool = False) -> Plan:
        scene = self._scene
        return plan(
            scene,
            given,
            untouched=scene.repeatable and not self._trainer.frame()["all_steps"][0],
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
        scene, parameters = self._scene, planned.parameters
        if not planned.fresh:
            if to_an_end:
                check_ends(scene.mdp)
            return replace(scene, parameters=parameters, repeatable=planned.repeatable)
        algorithm = parameters.build()
        shape = parameters.agents, planned.world.n_states, algorithm.tables, N_ACTIONS
        check_memory(shape)  # before the world is compiled, which may take a moment
        mdp = scene.mdp if planned.world is scene.world else compile_world(planned.world)
        if to_an_end:
            check_ends(mdp)
        batch = Batch.create(mdp, algorithm, agents=parameters.agents, seed=parameters.seed)
        self._replace(batch)
        return Scene(self._run(), mdp, parameters, planned.named, planned.repeatable)

    def _replace(self, batch: Batch) -> None:
        """Give the trainer another batch."""
        # A kernel that was never used here is compiled while the clock of the frames goes on.
        with Engine(1) as engine:
            engine.warm_up(batch, watch=True)
        self._trainer.replace(batch)

    def _on_complete(self) -> None:
        """On the trainer's thread."""
        self._finished = True
        record = self._trainer.frame()[0]
        message = protocol.training_complete(
            int(record["total_episodes"]), frames.decimal(np.float32(record["epsilon"]))
        )
        with self._completion:
            if self._starting:
                self._completed = message
                return
        self._announce(message)
        self._changed()
        self.truth.poke()

    def _on_truth(self) -> None:
        """On the thread of the ground truth."""
        self._changed()

    def _stop(self, data: Mapping[str, Any], reply: Reply) -> None:
        ran = self._trainer.stop()
        reply(self._stopped(ran), tell=ran)

    def _stopped(self, ran: bool) -> Message:
        record = self._trainer.frame()[0]
        words = f"Training stopped in episode {int(record['episode'])}" if ran else "Nothing ran"
        return protocol.training_stopped(
            words, int(record["total_episodes"]), int(record["total_steps"])
        )

    def _reset(self, data: Mapping[str, Any], reply: Reply) -> None:
        self._trainer.reset()
        self._finished = False
        scene = self._scene
        plain = self._trainer.call(is_plain)
        self._scene = replace(scene, run=self._run(), repeatable=plain, target_episodes=None)
        reply(protocol.reset_complete(), tell=True)

    def _set_speed(self, data: Mapping[str, Any], reply: Reply) -> None:
        speed = data["speed"]
        self._trainer.set_speed(speed)
        self._scene = replace(self._scene, parameters=replace(self._scene.parameters, speed=speed))
        reply(protocol.speed_set(speed))

    def _step(self, data: Mapping[str, Any], reply: Reply) -> None:
        self._halt_and("step", self._trainer.step, reply)

    def _step_episode(self, data: Mapping[str, Any], reply: Reply) -> None:
        self._halt_and("step_episode", self._trainer.step_episode, reply)

    def _halt_and(self, command: str, step: Callable[[], None], reply: Reply) -> None:
        """Step as a debugger does: who runs is stopped first."""
        stopped = self._stopped(True) if self._trainer.stop() else False
        step()
        record = self._trainer.frame()[0]
        episodes, steps = int(record["total_episodes"]), int(record["total_steps"])
        reply(protocol.step_complete(command, episodes, steps), tell=stopped)

    def _show_agent(self, data: Mapping[str, Any], reply: Reply) -> None:
        row = data["agent"]
        self._trainer.show(row)
        reply(protocol.agent_shown(row))

    def _save(self, data: Mapping[str, Any], reply: Reply) -> None:
        """Copy now, write on the files' thread: nobody waits for a disk, but who asked."""
        name = str(data.get("name", protocol.DEFAULT_NAME))
        repeatable = self._scene.repeatable

        def fail(error: Exception) -> None:
            path = str(self._store.exchange_path(name))
            reply(protocol.save_complete(False, path, f"Not saved: {_sentence(error)}"))

        def write(batch: Batch) -> None:
            try:
                path, words = self._store.save(batch, name, repeatable=repeatable)
            except (GridworldError, OSError) as error:
                fail(error)
            except Exception as error:
                _log.exception("a save failed")
                fail(error)
            else:
                reply(protocol.save_complete(True, str(path), words))
            finally:
                self._saving.release()

        self._saving.acquire()
        try:
            batch = self._trainer.call(lambda batch: batch.copy())
            future = self._files.submit(write, batch)
        except (GridworldError, RuntimeError) as error:
            self._saving.release()
            fail(error)
            return
        try:
            future.result(timeout=SAVE_WAIT_S)
        except TimeoutError:
            return

    def _load(self, data: Mapping[str, Any], reply: Reply) -> None:
        if self._trainer.running:
            raise TrainerBusyError("training must be stopped before a load, it is running")
        name = str(data.get("name", protocol.DEFAULT_NAME))
        try:
            present = self._trainer.call(lambda batch: batch)  # idle: nothing changes it
            # behind the saves that are under way
            loaded = self._files.submit(self._store.load, name, present).result()
            parameters = self._parameters_of(loaded)
            self._replace(loaded.batch)
        except (GridworldError, OSError, RuntimeError) as error:
            reply(protocol.load_complete(False, f"Not loaded: {_sentence(error)}", self._epsilon()))
            return
        self._finished = False
        mdp = loaded.batch.mdp
        assert mdp.world is not None
        same = mdp is self._scene.mdp
        named = self._scene.named if same else is_named(mdp.world)
        repeatable = loaded.repeatable and is_plain(loaded.batch)
        self._scene = Scene(self._run(), mdp, parameters, named, repeatable)
        words = f"Loaded {loaded.path}" + (f"; {loaded.note}" if loaded.note else "")
        reply(protocol.load_complete(True, words, self._epsilon()), tell=True)

    def _parameters_of(self, loaded: Loaded) -> Parameters:
        """What a file brings, beside the values in force that it says nothing about."""
        batch, world = loaded.batch, loaded.batch.mdp.world
        assert world is not None
        algorithm = batch.algorithm
        return replace(
            self._scene.parameters,
            **learning_of(algorithm),
            world=world.name,
            slip=world.slip,
            max_steps=world.max_steps,
            algorithm=algorithm.name,
            seed=batch.seed,
            agents=len(batch.agents),
        )

    # --- looking

    @property
    def running(self) -> bool:
        """Whether training runs."""
        return self._trainer.running

    @property
    def run(self) -> int:
        """The number of the present run; it grows with every fresh beginning."""
        return self._scene.run

    @property
    def world(self) -> GridWorld:
        """The present world."""
        return self._scene.world

    def world_data(self) -> tuple[int, dict[str, Any]]:
        """The number of the present run, and its world as frames show it."""
        scene = self._scene
        return scene.run, frames.world_data(scene.world, named=scene.named)

    def counters(self) -> dict[str, Any] | None:
        """The part of a frame that is new every time; None in the middle of a fresh beginning."""
        scene = self._scene
        running = self._trainer.running
        record = self._trainer.frame()
        if int(record["run"][0]) != scene.run:
            return None
        fresh = not running and not record["all_steps"][0]
        return frames.counters(record, scene.world) | {
            "running": running,
            "parameters": asdict(scene.parameters),
            "agents": scene.parameters.agents,
            "repeatable": scene.repeatable,
            "target_episodes": scene.target_episodes,
            "finished": self._finished,
            "autosave": self._autosave if fresh else None,
        }

    def learnt(self) -> frames.Learnt:
        """A copy of what the shown agent has learnt, and of what all went through."""

        def copy(batch: Batch) -> dict[str, Any]:
            record = self._trainer.frame()[0]
            row = int(record["shown"])
            most = int(batch.agents["bins"].max())
            return {
                "run": int(record["run"]),
                "shown": row,
                "all_steps": int(batch.agents["steps"].sum()),
                "world": batch.mdp.world,
                "initial_value": batch.initial_values(row),
                "agents": batch.agents.copy(),
                "bins": batch.bins[:, :most].copy(),
            }

        while True:
            parts = self._trainer.call(copy)
            try:
                snapshot = self._trainer.snapshot(parts["shown"])
            except IndexError:
                continue  # another batch has come meanwhile, of fewer agents
            record = snapshot.frame[0]
            if (int(record["run"]), int(record["shown"])) == (parts["run"], parts["shown"]):
                break
        assert snapshot.visits is not None
        assert snapshot.td_error is not None
        return frames.Learnt(
            q=snapshot.q, visits=snapshot.visits, td_error=snapshot.td_error, **parts
        )

    def _question(self) -> Question:
        """What the ground truth is about. Any thread may ask; quick."""
        scene = self._scene
        record = self._trainer.frame()[0]
        return Question(
            run=scene.run,
            shown=int(record["shown"]),
            steps=int(record["total_steps"]),
            mdp=scene.mdp,
            discount_factor=scene.parameters.discount_factor,
            initial_value=scene.parameters.initial_value,
            running=self._trainer.running,
        )

    def _tables(self) -> list[Mark]:
        """Tables of the shown agent since the last time, the newest last."""

        def copy(batch: Batch) -> list[Mark]:
            record = self._trainer.frame()[0]
            row = int(record["shown"])
            agent = batch.agents[row]
            newest = Mark(
                run=int(record["run"]),
                shown=row,
                episodes=int(agent["episodes"]),
                steps=int(agent["steps"]),
                q=batch.row_q(row).copy(),
                epsilon=float(agent["epsilon"]),
            )
            return [*self._trainer.take_marks(), newest]

        return self._trainer.call(copy)

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
            self.truth.close()
            self._trainer.stop()
            try:
                batch = self._trainer.call(lambda batch: batch)
                if not batch.agents["steps"].any():
                    return None
                return self._files.submit(
                    self._store.autosave, batch, repeatable=self._scene.repeatable
                ).result()
            finally:
                self._trainer.close()
                self._files.shutdown()

    def _run(self) -> int:
        return int(self._trainer.frame()["run"][0])

    def _epsilon(self) -> float:
        return frames.decimal(np.float32(self._trainer.frame()["epsilon"][0]))


def _trainer(batch: Batch, on_complete: Callable[[], None]) -> TrainerLike:
    return Trainer(batch.mdp, batch.algorithm, seed=batch.seed, on_complete=on_complete, watch=True)


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
