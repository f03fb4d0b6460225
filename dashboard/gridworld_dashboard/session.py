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

from gridworld.actions import N_ACTIONS
from gridworld.algorithms import Algorithm
from gridworld.batch import Batch, check_memory
from gridworld.engine import Engine
from gridworld.errors import GridworldError, TrainerBusyError
from gridworld.mdp import Mdp, compile_world
from gridworld.trainer import Mark, Snapshot, Trainer
from gridworld.world import GridWorld
from gridworld.worlds import make
from gridworld_dashboard import frame as frames
from gridworld_dashboard import protocol
from gridworld_dashboard.parameters import NUMBERS, Parameters
from gridworld_dashboard.protocol import Command, Message
from gridworld_dashboard.storage import Loaded, Store
from gridworld_dashboard.truth import GroundTruth, Question

__all__ = ["Reply", "Session", "TrainerLike"]

T = TypeVar("T")

SAVE_WAIT_S: Final = 0.06
"""A save that takes longer is answered when it is done, after the answers to later commands."""

WORLD_KEYS: Final = ("world", "slip", "max_steps")
"""Parameters that are of the world."""

_log = logging.getLogger(__name__)


class Reply(Protocol):
    """Takes the one answer to a command."""

    def __call__(self, message: Message, *, tell: bool | Message = False) -> None:
        """May be called on any thread.

        Args:
            message: The answer.
            tell: Whether all others have to know as well; a message: what they are told instead.
        """


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

    def show(self, row: int) -> None:
        """Let the frames describe another agent."""

    def frame(self) -> npt.NDArray[np.void]:
        """The newest `FRAME[1]`."""
        ...

    def snapshot(self, row: int = ...) -> Snapshot:
        """One agent, copied between two chunks."""
        ...

    def take_marks(self) -> list[Mark]:
        """Copies of the shown agent's table on its way."""
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
    mdp: Mdp
    parameters: Parameters
    named: bool  # whether `make` knows the world by its name
    repeatable: bool  # whether a fresh start with the parameters gives this run
    target_episodes: int | None = None

    @property
    def world(self) -> GridWorld:
        assert self.mdp.world is not None
        return self.mdp.world


@dataclass(frozen=True)
class _Plan:
    """What a start or a configuration is going to put in force."""

    parameters: Parameters
    world: GridWorld
    fresh: bool
    repeatable: bool
    algorithm: Algorithm | None = None  # where the agents go on
    epsilon: float | None = None


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
        self._scene = _Scene(self._run(), mdp, parameters, named=True, repeatable=True)
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
        except Exception:
            _log.exception("%s failed", command.type)
            reply(protocol.error(f"{command.type} failed by a fault of the server; see its log"))

    def _start(self, data: Mapping[str, Any], reply: Reply) -> None:
        if self._trainer.running:
            raise TrainerBusyError("training must be stopped before it is started, it is running")
        given = dict(data)
        restart = given.pop("restart_epsilon", False)
        plan = self._plan(given, restart)
        scene = self._prepare(plan)
        more = plan.parameters.num_episodes
        done = int(self._trainer.frame()["total_episodes"][0])
        with self._completion:
            self._starting, self._completed = True, None
        try:
            self._finished = False
            self._scene = replace(scene, target_episodes=None if more is None else done + more)
            self._trainer.start(
                episodes=more,
                speed=plan.parameters.speed,
                algorithm=plan.algorithm,
                epsilon=plan.epsilon,
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

    def put_world(self, definition: object) -> bool:
        """Put a world in force that is too large for a frame; told to all who watch.

        Args:
            definition: What `GridWorld.from_json` reads.

        Returns:
            Whether that began afresh.

        Raises:
            TrainerBusyError: Training runs.
            GridworldError: It is no world, or memory cannot hold it.
        """
        with self._lock:
            fresh = self._put_in_force({"world": definition})
            if fresh:
                self._announce(protocol.configured(fresh))
        self._changed()
        self.truth.poke()
        return fresh

    def _put_in_force(self, data: Mapping[str, Any]) -> bool:
        """Other values, without a start; whether that began afresh."""
        if self._trainer.running:
            raise TrainerBusyError("training must be stopped before a change, it is running")
        plan = self._plan(data)
        scene = self._prepare(plan)

        def change(batch: Batch) -> None:
            if plan.algorithm is not None:
                batch.set_parameters(plan.algorithm)
            if plan.epsilon is not None:
                batch.set_epsilon(plan.epsilon)

        if plan.fresh:
            self._finished = False
        else:
            self._trainer.call(change)
        self._trainer.set_speed(plan.parameters.speed)
        self._scene = scene
        return plan.fresh

    def _plan(self, given: Mapping[str, Any], restart: bool = False) -> _Plan:
        """What the values given come to; nothing is changed.

        Raises:
            GridworldError: One of them cannot be.
        """
        scene, before = self._scene, self._scene.parameters
        world = self._asked_world(given)
        parameters = replace(
            before,
            **{key: value for key, value in given.items() if key not in WORLD_KEYS},
            world=world.name,
            slip=world.slip,
            max_steps=world.max_steps,
        )
        fresh = world is not scene.world or parameters.begins_afresh(before)
        # SARSA draws its first action as soon as it is placed: with the epsilon of that moment
        untouched = scene.repeatable and not self._trainer.frame()["all_steps"][0]
        changes = parameters.learns_otherwise(before)
        if fresh or (untouched and changes):
            return _Plan(parameters, world, fresh=True, repeatable=True)
        present = self._trainer.call(lambda batch: batch.algorithm)
        renewed = not untouched and (restart or parameters.epsilon != before.epsilon)
        return _Plan(
            parameters,
            world,
            fresh=False,
            repeatable=scene.repeatable and not changes and not renewed,
            algorithm=parameters.change(present, before),
            epsilon=parameters.epsilon if renewed else None,
        )

    def _asked_world(self, given: Mapping[str, Any]) -> GridWorld:
        """The world that a command wants: the present one, the same object, where nothing changes.

        Raises:
            WorldError: It cannot be.
        """
        scene = self._scene
        world = present = scene.world
        asked = given.get("world")
        if isinstance(asked, Mapping):
            world = GridWorld.from_json(asked)
        elif asked is not None and (asked != present.name or not scene.named):
            world = make(asked)
        slip, max_steps = given.get("slip", world.slip), given.get("max_steps", world.max_steps)
        if (slip, max_steps) != (world.slip, world.max_steps):
            world = replace(world, slip=slip, max_steps=max_steps)
        return present if (world, world.name) == (present, present.name) else world

    def _prepare(self, plan: _Plan) -> _Scene:
        """Begin afresh where the plan says so; the scene of the plan, not yet in force.

        Raises:
            GridworldError: Memory cannot hold it, or a number is outside its range; the present
                run is untouched.
        """
        scene, parameters = self._scene, plan.parameters
        if not plan.fresh:
            return replace(scene, parameters=parameters, repeatable=plan.repeatable)
        algorithm = parameters.build()
        shape = parameters.agents, plan.world.n_states, algorithm.tables, N_ACTIONS
        check_memory(shape)  # before the world is compiled, which may take a moment
        mdp, named = scene.mdp, scene.named
        if plan.world is not scene.world:
            mdp, named = compile_world(plan.world), _is_named(plan.world)
        batch = Batch.create(mdp, algorithm, agents=parameters.agents, seed=parameters.seed)
        self._replace(batch)
        return _Scene(self._run(), mdp, parameters, named, plan.repeatable)

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
        plain = self._trainer.call(_is_plain)
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
        named = self._scene.named if same else _is_named(mdp.world)
        repeatable = loaded.repeatable and _is_plain(loaded.batch)
        self._scene = _Scene(self._run(), mdp, parameters, named, repeatable)
        words = f"Loaded {loaded.path}" + (f"; {loaded.note}" if loaded.note else "")
        reply(protocol.load_complete(True, words, self._epsilon()), tell=True)

    def _parameters_of(self, loaded: Loaded) -> Parameters:
        """What a file brings, beside the values in force that it says nothing about."""
        batch, world = loaded.batch, loaded.batch.mdp.world
        assert world is not None
        algorithm = batch.algorithm
        numbers: dict[str, Any] = {
            name: float(np.ravel(getattr(algorithm, name))[0]) for name in NUMBERS
        }
        return replace(
            self._scene.parameters,
            **numbers,
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


def _is_named(world: GridWorld) -> bool:
    """Whether `make` gives this world by its name, but for slip and the limit on the steps."""
    try:
        known = make(world.name)
    except GridworldError:
        return False
    return replace(known, slip=world.slip, max_steps=world.max_steps) == world


def _is_plain(batch: Batch) -> bool:
    """Whether `Parameters` can say all that a fresh start of this batch goes by."""
    numbers = (getattr(batch.algorithm, name) for name in NUMBERS)
    return batch.first_agent == 0 and all(isinstance(number, float) for number in numbers)


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
