"""What is in force, and what a command's values would make of it. Nothing here does anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gridworld.algorithms import Algorithm
from gridworld.batch import Batch
from gridworld.exact.precision import doubt
from gridworld.mdp import Mdp
from gridworld.tables import of
from gridworld.world import GridWorld
from gridworld.worlds import is_named, make_grid
from gridworld_dashboard.parameters import Parameters, learning_of

__all__ = ["Plan", "Scene", "brought", "is_plain", "plan"]

WORLD_KEYS: Final = tuple(each.key for each in of("world"))
"""Parameters that are of the world."""


@dataclass(frozen=True)
class Scene:
    """What frames need to know beside the trainer's own record; replaced as a whole."""

    run: int
    mdp: Mdp
    parameters: Parameters
    named: bool  # whether `make` knows the world by its name
    repeatable: bool  # whether a fresh start with the parameters gives this run
    target_episodes: int | None = None
    target_steps: int | None = None  # of each agent, beside the episodes

    @property
    def doubt(self) -> str | None:
        """What of it float32 cannot learn, in a sentence; None: nothing that we know of."""
        return doubt(self.mdp, self.parameters.build()) or None

    @property
    def world(self) -> GridWorld:
        """The grid of `mdp`."""
        assert self.mdp.world is not None
        return self.mdp.world


@dataclass(frozen=True)
class Plan:
    """What a start or a configuration is going to put in force."""

    parameters: Parameters
    world: GridWorld
    named: bool
    fresh: bool
    repeatable: bool
    algorithm: Algorithm | None = None  # where the agents go on
    restart: bool = False  # whether they go back to the epsilon and temperature last given


def plan(
    scene: Scene,
    given: Mapping[str, Any],
    *,
    untouched: bool,
    present: Callable[[], Algorithm],
    restart: bool = False,
) -> Plan:
    """What values come to.

    Args:
        scene: What is in force.
        given: Keys of `protocol.Configure`; the world may also be one.
        untouched: Whether no step was taken, and nothing was loaded either.
        present: Gives the algorithm that the agents go by now.
        restart: Whether the agents are to go back to the epsilon and temperature last given.

    Raises:
        GridworldError: One of them cannot be.
    """
    before = scene.parameters
    world, named = _asked_world(scene, given)
    parameters = replace(
        before,
        **{key: value for key, value in given.items() if key not in WORLD_KEYS},
        world=world.name,
        slip=world.slip,
        max_steps=world.max_steps,
    )
    changes = parameters.learns_otherwise(before)
    # SARSA draws its first action as soon as it is placed: with the epsilon of that moment
    another = world is not scene.world or parameters.begins_afresh(before)
    if another or (untouched and changes):
        return Plan(parameters, world, named, fresh=True, repeatable=True)
    restart = restart and not untouched
    return Plan(
        parameters,
        world,
        named,
        fresh=False,
        repeatable=scene.repeatable and not changes and not restart,
        algorithm=parameters.change(present(), before),
        restart=restart,
    )


def _asked_world(scene: Scene, given: Mapping[str, Any]) -> tuple[GridWorld, bool]:
    """The world that is wanted, and whether `make` knows it by its name.

    It is the present one, the same object, where nothing changes.

    Raises:
        WorldError: It cannot be.
    """
    world = present = scene.world
    named = scene.named
    asked = given.get("world")
    if isinstance(asked, GridWorld):
        world, named = asked, is_named(asked)
    elif isinstance(asked, Mapping):
        world = GridWorld.from_json(asked)
        named = is_named(world)
    elif asked is not None and (asked != present.name or not named):
        world, named = make_grid(asked), True
    slip, max_steps = given.get("slip", world.slip), given.get("max_steps", world.max_steps)
    if (slip, max_steps) != (world.slip, world.max_steps):
        world = replace(world, slip=slip, max_steps=max_steps)
    same = (world, world.name) == (present, present.name)
    return (present, scene.named) if same else (world, named)


def brought(scene: Scene, run: int, batch: Batch, *, repeatable: bool) -> Scene:
    """What is in force after a load.

    Args:
        scene: What was; what the file says nothing about stays.
        run: The number of the new run.
        batch: Of the file.
        repeatable: Whether the file says that its parameters give its run.
    """
    mdp, algorithm = batch.mdp, batch.algorithm
    world = mdp.world
    assert world is not None
    parameters = replace(
        scene.parameters,
        **learning_of(algorithm),
        world=world.name,
        slip=world.slip,
        max_steps=world.max_steps,
        algorithm=algorithm.name,
        seed=batch.seed,
        agents=len(batch.agents),
        first_agent=batch.first_agent,
    )
    named = scene.named if mdp is scene.mdp else is_named(world)
    return Scene(run, mdp, parameters, named, repeatable and is_plain(batch))


def is_plain(batch: Batch) -> bool:
    """Whether `Parameters` can say all that a fresh start of this batch goes by."""
    values = (getattr(batch.algorithm, each.key) for each in batch.algorithm.parameters())
    return batch.consecutive and not any(isinstance(value, tuple) for value in values)
