"""What the controls do to the trainer. There is no socket here, and no page.

One server has one session, and every viewer sees it. Commands come from any thread and are
carried out one after the other.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from gridworld.algorithms import Algorithm
from gridworld.batch import Batch
from gridworld.errors import GridworldError, TrainerBusyError
from gridworld.history import read_history
from gridworld.mdp import compile_world
from gridworld.trainer import Trainer
from gridworld.world import GridWorld
from gridworld.worlds import make
from gridworld_dashboard import frame as frames
from gridworld_dashboard import protocol
from gridworld_dashboard.parameters import LEARNING, Parameters
from gridworld_dashboard.protocol import Command, Message
from gridworld_dashboard.storage import Loaded, Store

__all__ = ["Reply", "Session", "TrainerLike"]

T = TypeVar("T")

SAVE_WAIT_S: Final = 0.06
"""A save that takes longer is answered when it is done, after the answers to later commands."""

_log = logging.getLogger(__name__)


class Reply(Protocol):
    """Takes the one answer to a command; `tell` says that all others have to know as well."""

    def __call__(self, message: Message, *, tell: bool = False) -> None:
        """May be called on any thread."""


class TrainerLike(Protocol):
    """What a session needs of a `gridworld.Trainer`."""

    @property
    def running(self) -> bool:
        """Whether training runs."""
        ...

    def start(
        self,
        episodes: int | None = ...,
        steps: int | None = ...,
        *,
        speed: float | object | None = ...,
        algorithm: Algorithm | None = ...,
        epsilon: float | None = ...,
    ) -> None:
        """Train on from where the agents are."""

    def stop(self) -> bool:
        """Stop at once; False where nothing ran."""
        ...

    def reset(self) -> None:
        """Stop, and begin afresh."""

    def replace(self, batch: Batch) -> None:
        """Stop, and go on with another batch."""

    def set_speed(self, speed: float | None) -> None:
        """Steps a second."""

    def step(self, n: int = ...) -> None:
        """Take single steps while stopped."""

    def step_episode(self) -> None:
        """Finish the episode under way while stopped."""

    def frame(self) -> npt.NDArray[np.void]:
        """The newest `FRAME[1]`."""
        ...

    def call(self, function: Callable[[Batch], T]) -> T:
        """Run `function(batch)` between two chunks."""
        ...

    def close(self) -> None:
        """End the thread."""


@dataclass(frozen=True)
class _Scene:
    """What frames need to know beside the trainer's own record; replaced as a whole."""

    run: int
    world: GridWorld
    parameters: Parameters
    target_episodes: int | None


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
        self._world = make(parameters.world)
        batch = Batch.create(compile_world(self._world), parameters.build(), seed=parameters.seed)
        self._trainer = (make_trainer or _trainer)(batch, self._on_complete)
        self._scene = self._make_scene(parameters)
        self._trainer.set_speed(parameters.speed)
        self._commands: dict[str, Callable[[Mapping[str, Any], Reply], None]] = {
            "start_training": self._start,
            "stop_training": self._stop,
            "reset": self._reset,
            "load_qtable": self._load,
            "set_speed": self._set_speed,
            "step": self._step,
            "step_episode": self._step_episode,
        }

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
        except GridworldError as error:
            reply(protocol.error(str(error)))
        except Exception:
            _log.exception("%s failed", command.type)
            reply(protocol.error(f"{command.type} failed by a fault of the server; see its log"))

    def _start(self, data: Mapping[str, Any], reply: Reply) -> None:
        if self._trainer.running:
            raise TrainerBusyError("training must be stopped before it is started, it is running")
        given = dict(data)
        restart = given.pop("restart_epsilon", False)
        before = self._scene.parameters
        parameters = replace(before, **given)
        epsilon: float | None = None
        algorithm: Algorithm | None = None
        if parameters.needs_other_batch(before):
            self._begin_afresh(parameters, before)
        else:
            present = self._trainer.call(lambda batch: batch.algorithm)
            algorithm = parameters.change(present, before)
            if restart or parameters.epsilon != before.epsilon:
                epsilon = parameters.epsilon
        more = parameters.num_episodes
        done = int(self._trainer.frame()["total_episodes"][0])
        with self._completion:
            self._starting, self._completed = True, None
        try:
            self._finished = False
            self._scene = self._make_scene(parameters, None if more is None else done + more)
            self._trainer.start(
                episodes=more, speed=parameters.speed, algorithm=algorithm, epsilon=epsilon
            )
            reply(protocol.training_started(more, done), tell=True)
        finally:
            # A short budget is used up before its start has been answered.
            with self._completion:
                self._starting = False
                completed, self._completed = self._completed, None
            if completed is not None:
                self._announce(completed)

    def _begin_afresh(self, parameters: Parameters, before: Parameters) -> None:
        algorithm = parameters.build()
        if parameters.world == before.world:
            # the world of a loaded checkpoint may have no name that `make` knows
            mdp = self._trainer.call(lambda batch: batch.mdp)
        else:
            mdp = compile_world(make(parameters.world))
        batch = Batch.create(mdp, algorithm, agents=parameters.agents, seed=parameters.seed)
        self._adopt(batch)

    def _adopt(self, batch: Batch) -> None:
        """Give the trainer another batch, whose world becomes the present one."""
        assert batch.mdp.world is not None
        self._trainer.replace(batch)
        self._world = batch.mdp.world

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

    def _stop(self, data: Mapping[str, Any], reply: Reply) -> None:
        ran = self._trainer.stop()
        record = self._trainer.frame()[0]
        episodes, steps = int(record["total_episodes"]), int(record["total_steps"])
        words = f"Training stopped in episode {int(record['episode'])}" if ran else "Nothing ran"
        reply(protocol.training_stopped(words, episodes, steps), tell=ran)

    def _reset(self, data: Mapping[str, Any], reply: Reply) -> None:
        self._trainer.reset()
        self._finished = False
        self._scene = self._make_scene(self._scene.parameters)
        reply(protocol.reset_complete(), tell=True)

    def _set_speed(self, data: Mapping[str, Any], reply: Reply) -> None:
        speed = data["speed"]
        self._trainer.set_speed(speed)
        self._scene = replace(self._scene, parameters=replace(self._scene.parameters, speed=speed))
        reply(protocol.speed_set(speed))

    def _step(self, data: Mapping[str, Any], reply: Reply) -> None:
        self._trainer.step()
        self._reply_step("step", reply)

    def _step_episode(self, data: Mapping[str, Any], reply: Reply) -> None:
        self._trainer.step_episode()
        self._reply_step("step_episode", reply)

    def _reply_step(self, command: str, reply: Reply) -> None:
        record = self._trainer.frame()[0]
        reply(
            protocol.step_complete(
                command, int(record["total_episodes"]), int(record["total_steps"])
            )
        )

    def _save(self, data: Mapping[str, Any], reply: Reply) -> None:
        """Copy now, write on the files' thread: nobody waits for a disk, but who asked."""
        name = str(data.get("name", protocol.DEFAULT_NAME))

        def fail(error: Exception) -> None:
            path = str(self._store.exchange_path(name))
            reply(protocol.save_complete(False, path, f"Not saved: {_sentence(error)}"))

        def write(batch: Batch) -> None:
            try:
                path, words = self._store.save(batch, name)
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
            self._adopt(loaded.batch)
        except (GridworldError, OSError, RuntimeError) as error:
            reply(protocol.load_complete(False, f"Not loaded: {_sentence(error)}", self._epsilon()))
            return
        self._finished = False
        self._scene = self._make_scene(parameters)
        words = f"Loaded {loaded.path}" + (f"; {loaded.note}" if loaded.note else "")
        reply(protocol.load_complete(True, words, self._epsilon()), tell=True)

    def _parameters_of(self, loaded: Loaded) -> Parameters:
        """What a file brings, beside the values in force that it says nothing about."""
        batch, world = loaded.batch, loaded.batch.mdp.world
        assert world is not None
        algorithm = batch.algorithm
        learning: dict[str, Any] = {
            name: float(np.ravel(getattr(algorithm, name))[0]) for name in LEARNING
        }
        return replace(
            self._scene.parameters,
            **learning,
            world=world.name,
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

    def counters(self) -> dict[str, Any] | None:
        """The part of a frame that is new every time; None in the middle of a fresh beginning."""
        scene = self._scene
        running = self._trainer.running
        record = self._trainer.frame()
        if int(record["run"][0]) != scene.run:
            return None
        fresh = not running and not record["total_steps"][0]
        return frames.counters(record, scene.world) | {
            "running": running,
            "parameters": asdict(scene.parameters),
            "target_episodes": scene.target_episodes,
            "finished": self._finished,
            "autosave": self._autosave if fresh else None,
        }

    def learnt(self) -> frames.Learnt:
        """A copy of what the shown agent has learnt."""

        def copy(batch: Batch) -> frames.Learnt:
            return frames.Learnt(
                batch.row_q(0).copy(),
                batch.initial_values(0),
                read_history(batch.agents[0], batch.bins[0]),
            )

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
            self._trainer.stop()
            try:
                batch = self._trainer.call(lambda batch: batch)
                if not batch.agents["steps"].any():
                    return None
                return self._files.submit(self._store.autosave, batch).result()
            finally:
                self._trainer.close()
                self._files.shutdown()

    def _make_scene(self, parameters: Parameters, target_episodes: int | None = None) -> _Scene:
        run = int(self._trainer.frame()["run"][0])
        return _Scene(run, self._world, parameters, target_episodes)

    def _epsilon(self) -> float:
        return frames.decimal(np.float32(self._trainer.frame()["epsilon"][0]))


def _trainer(batch: Batch, on_complete: Callable[[], None]) -> TrainerLike:
    return Trainer(batch.mdp, batch.algorithm, seed=batch.seed, on_complete=on_complete)


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
