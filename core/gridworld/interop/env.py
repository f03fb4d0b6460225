"""A world as an environment of Gymnasium."""

import importlib
import operator
import sys
from functools import cached_property
from typing import Any, Literal

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from gridworld.errors import InvalidValueError, WorldError
from gridworld.interop.changes import process_of
from gridworld.interop.streams import Moves, Stream, seeded
from gridworld.matrices import Outcome, terms
from gridworld.mdp import Mdp, model_of
from gridworld.pictures.pixels import Picture, draw_pixels
from gridworld.validation import listed, whole
from gridworld.world import GridWorld

__all__ = ["OBSERVATIONS", "GridEnv", "Observation", "action_mask", "observation_space"]

Observation = Literal["state", "xy"]

OBSERVATIONS = ("state", "xy")


AGENT = "@"
"""What stands for the agent in a text."""


class GridEnv(gymnasium.Env[Any, Any]):
    """One agent in a world, as Gymnasium's environments are used.

    Its steps are those of training: the stream that `reset(seed=s)` begins is that of agent 0
    of a training with the seed s, so that an agent that takes its own random numbers from
    `random_bits` too, in the order of the kernels, learns the same Q-table bit for bit. Rewards
    are float64, as declared. Episodes are truncated after the world's `max_steps` steps.

    Args:
        world: A grid world, an `Mdp`, or the name of a world.
        observation: `"state"`: the number of the state; `"xy"`: the cell (x, y), y downwards.
        render_mode: None, `"ansi"` (a text), `"rgb_array"` (uint8 `[height, width, 3]`) or
            `"human"` (a picture in a notebook, a text on a terminal).
        **changes: Of a grid world, what differs: `slip`, `max_steps`, `rewards`, `wind`, `portals`.

    Attributes:
        mdp: The process.

    Raises:
        WorldError: The world, a change of it or the way to observe or show it is impossible.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "render_modes": ["ansi", "rgb_array", "human"],
        "render_fps": 10,
    }

    def __init__(
        self,
        world: GridWorld | Mdp | str = "default",
        *,
        observation: Observation = "state",
        render_mode: str | None = None,
        **changes: Any,
    ) -> None:
        self.mdp = process_of(world, changes)
        if self.mdp.world is None:
            self.metadata = {**self.metadata, "render_modes": ["ansi"]}
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            without = "" if self.mdp.world is not None else " (there is no grid)"
            raise InvalidValueError(
                f"render_mode must be one of {', '.join(self.metadata['render_modes'])} or None"
                f"{without}, got {render_mode!r:.80}"
            )
        self.render_mode = render_mode
        self.observation_space = observation_space(self.mdp, observation)
        self.action_space = spaces.Discrete(self.mdp.n_actions)
        self._xy = observation == "xy"
        self._moves = Moves(self.mdp)
        self._mask = action_mask(self.mdp)
        self._stream: Stream | None = None
        self._state = int(self.mdp.starts[0])
        self._length = 0
        self._over = True

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.mdp.name!r})"

    def __str__(self) -> str:
        return f"<{type(self).__name__}<{self.mdp.name}>>"

    @cached_property
    def P(self) -> dict[int, dict[int, list[Outcome]]]:
        """As `Mdp.P`."""
        return self.mdp.P

    @property
    def initial_state_distrib(self) -> npt.NDArray[np.float64]:
        """The probability of each state to be where an episode begins, float64 `[S]`."""
        probability = np.zeros(self.mdp.n_states)
        probability[self.mdp.starts] = self.mdp.start_probability
        return probability

    @property
    def s(self) -> int:
        """The present state, under the name that Gymnasium's tabular environments have for it."""
        return self._state

    @property
    def max_steps(self) -> int | None:
        """Steps after which an episode is truncated; None: never."""
        return self.mdp.max_steps or None

    @property
    def random_state(self) -> tuple[int, int, int, int]:
        """The state of the environment's random stream (xoshiro128++), which may be set."""
        return self._drawn().words

    @random_state.setter
    def random_state(self, words: npt.ArrayLike) -> None:
        self._stream = Stream(np.asarray(words).tolist())

    def random_bits(self) -> int:
        """Draw 32 bits from the environment's stream, as the agents of trainings do."""
        return self._drawn().bits()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode.

        Args:
            seed: Begin the random stream anew: that of an agent of a training with this seed.
            options: `"state"`: where to begin, a state or a cell (x, y), instead of a start;
                `"agent"`: with a seed, the number of that agent, 0 where it is not given.

        Returns:
            The observation, and `{"action_mask": int8 [A]}`: 1 where the action may move the
            agent or end the episode.

        Raises:
            InvalidValueError: The seed or an option is not as above.
        """
        options = dict(options or {})
        agent, state = options.pop("agent", 0), options.pop("state", None)
        if options:
            raise InvalidValueError(
                f"options must have no other keys than state, agent, got {next(iter(options))!r}"
            )
        super().reset(seed=seed)
        if seed is not None:
            self._stream = Stream(seeded(seed, [agent])[0])
        self._state = self._moves.start(self._drawn()) if state is None else self._place(state)
        self._length = 0
        self._over = False
        self._show()
        return self._observe(), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Do an action.

        Args:
            action: In [0, A); on a grid 0 is up, 1 down, 2 left, 3 right.

        Returns:
            The observation, the reward, whether the episode terminated, whether it was truncated,
            and the info as of `reset`.

        Raises:
            InvalidValueError: There is no such action.
            gymnasium.error.ResetNeeded: The episode has terminated, or none has begun.
        """
        if self._over:
            raise gymnasium.error.ResetNeeded("an episode must have begun: call reset() before")
        number = self._action(action)
        entered, reward = self._moves.step(self._state, number, self._drawn())
        self._over = entered < 0
        self._state = ~entered if self._over else entered
        self._length += 1
        truncated = 0 < self.mdp.max_steps <= self._length
        self._show()
        return self._observe(), reward, self._over, truncated, self._info()

    def render(self) -> Any:
        """What `render_mode` says; `"human"` shows by itself after each step."""
        if self.render_mode == "ansi":
            return draw_text(self.mdp, self._state)
        if self.render_mode == "rgb_array":
            assert self.mdp.world is not None
            return draw_pixels(self.mdp.world.array, self._state)
        if self.render_mode is None:
            gymnasium.logger.warn("render() shows nothing without a render_mode")
        return None

    def _show(self) -> None:
        if self.render_mode == "human":
            show(self.mdp, self._state)

    def _drawn(self) -> Stream:
        """The stream; where nobody gave a seed it begins with what Gymnasium's generator gives."""
        if self._stream is None:
            words = self.np_random.integers(1, 2**32, size=4, dtype=np.uint64)
            self._stream = Stream(words.tolist())
        return self._stream

    def _action(self, action: Any) -> int:
        try:
            number = operator.index(action)
        except TypeError:
            number = -1
        if not 0 <= number < self.mdp.n_actions:
            raise InvalidValueError(
                f"an action must be a whole number in [0, {self.mdp.n_actions}), got {action!r:.80}"
            )
        return number

    def _place(self, place: Any) -> int:
        world = self.mdp.world
        if world is not None and np.ndim(place) == 1 and len(place) == 2:
            x = whole("x of the state to begin in", listed("state", place)[0], 0, world.width - 1)
            y = whole("y of the state to begin in", listed("state", place)[1], 0, world.height - 1)
            place = world.state(x, y)
        state = whole("the state to begin in", place, 0, self.mdp.n_states - 1)
        if world is not None and chr(world.cells[state]) in "#GX":
            raise InvalidValueError(
                "the state to begin in must be one in which one acts,"
                f" got {state}, which is {chr(world.cells[state])}"
            )
        return state

    def _observe(self) -> Any:
        if not self._xy:
            return self._state
        assert self.mdp.world is not None
        return np.array(divmod(self._state, self.mdp.world.width)[::-1], np.int64)

    def _info(self) -> dict[str, Any]:
        return {"action_mask": self._mask[self._state].copy()}


def observation_space(mdp: Mdp, observation: str) -> Any:
    """What is observed.

    Raises:
        WorldError: There is no such way, or the process has no cells.
    """
    if observation not in OBSERVATIONS:
        raise WorldError(
            f"observation must be one of {', '.join(OBSERVATIONS)}, got {observation!r:.80}"
        )
    if observation == "state":
        return spaces.Discrete(mdp.n_states)
    if mdp.world is None:
        raise WorldError(f'observation "xy" must be of a grid, got the process {mdp.name!r}')
    return spaces.MultiDiscrete([mdp.world.width, mdp.world.height])


def action_mask(mdp: Mdp) -> npt.NDArray[np.int8]:
    """1 where an action may move the agent or end the episode, int8 `[S, A]`."""
    found = terms(model_of(mdp))
    states = np.arange(mdp.n_states)[:, None, None]
    moves = (found.next_state != states) & (found.probability > 0)
    mask: npt.NDArray[np.int8] = moves.any(axis=2).astype(np.int8)
    return mask


def draw_text(mdp: Mdp, state: int) -> str:
    """The map with the agent in it; of a process without one the number of the state."""
    if mdp.world is None:
        return f"state {state} of {mdp.n_states}"
    rows = list(mdp.world.rows)
    x, y = mdp.world.cell(state)
    rows[y] = rows[y][:x] + AGENT + rows[y][x + 1 :]
    return "\n".join(rows)


def show(mdp: Mdp, state: int) -> None:
    """Show where an agent is: a picture in a notebook, a text on a terminal."""
    shell = sys.modules.get("IPython")
    kernel = None if shell is None else getattr(shell.get_ipython(), "kernel", None)
    if kernel is None:
        sys.stdout.write(draw_text(mdp, state) + "\n\n")
        return
    assert mdp.world is not None
    notebook = importlib.import_module("IPython.display")
    notebook.clear_output(wait=True)
    notebook.display(Picture(draw_pixels(mdp.world.array, state)))
