"""Many copies of a world as one vector environment of Gymnasium, stepped in NumPy."""

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from gridworld.errors import InvalidValueError
from gridworld.interop.changes import process_of
from gridworld.interop.env import Observation, action_mask, observation_space
from gridworld.interop.streams import ManyStreams, Moves, seeded
from gridworld.mdp import Mdp
from gridworld.memory import require_memory
from gridworld.validation import array_of, whole
from gridworld.world import GridWorld

__all__ = ["AUTORESET", "GridVectorEnv"]

AUTORESET = {
    "next-step": AutoresetMode.NEXT_STEP,
    "same-step": AutoresetMode.SAME_STEP,
    "disabled": AutoresetMode.DISABLED,
}

_BYTES = 200
"""Of one copy: its stream, its place, and what a step needs meanwhile."""


class GridVectorEnv(VectorEnv[Any, Any, Any]):
    """Copies of a world side by side.

    The stream of copy i after `reset(seed=s)` is that of agent i of a training with the seed s,
    and that of a `GridEnv` after `reset(seed=s, options={"agent": i})`: all of them make the same
    steps, bit for bit.

    Args:
        num_envs: Copies, at least 1.
        world: A grid world, an `Mdp`, or the name of a world.
        observation: `"state"`: int64 `[n]`; `"xy"`: int64 `[n, 2]`, y downwards.
        autoreset: `"next-step"`, `"same-step"` or `"disabled"`, as in `gridworld.make_vec_env`.
        render_mode: None alone: nobody looks at thousands.
        **changes: As in `gridworld.make_env`.

    Attributes:
        mdp: The process.

    Raises:
        InvalidValueError: A number or a way is none of these.
        WorldError: The world or a change of it is impossible.
        MemoryLimitError: The copies do not fit into the free memory.
    """

    def __init__(
        self,
        num_envs: int = 1,
        world: GridWorld | Mdp | str = "default",
        *,
        observation: Observation = "state",
        autoreset: str = "next-step",
        render_mode: str | None = None,
        **changes: Any,
    ) -> None:
        self.num_envs = whole("num_envs", num_envs, 1, 2**31 - 1)
        if autoreset not in AUTORESET:
            raise InvalidValueError(
                f"autoreset must be one of {', '.join(AUTORESET)}, got {autoreset!r:.80}"
            )
        if render_mode is not None:
            raise InvalidValueError(
                f"render_mode of many copies must be None, got {render_mode!r:.80}"
            )
        require_memory("the environments", f"{self.num_envs:,} copies", self.num_envs * _BYTES)
        self.mdp = process_of(world, changes)
        self.metadata = {"render_modes": [], "autoreset_mode": AUTORESET[autoreset]}
        self.single_observation_space = observation_space(self.mdp, observation)
        self.single_action_space = gymnasium.spaces.Discrete(self.mdp.n_actions)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._xy = observation == "xy"
        self._moves = Moves(self.mdp)
        self._mask = action_mask(self.mdp)
        self._streams: ManyStreams | None = None
        self._states = np.zeros(self.num_envs, np.int64)
        self._lengths = np.zeros(self.num_envs, np.int64)
        self._over = np.ones(self.num_envs, np.bool_)

    def __repr__(self) -> str:
        return f"GridVectorEnv({self.mdp.name!r}, num_envs={self.num_envs})"

    __str__ = __repr__

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[npt.NDArray[np.int64], dict[str, Any]]:
        """Begin an episode in all copies, or in some.

        Args:
            seed: Begin all random streams anew, those of agents 0, 1, … of that seed.
            options: `"reset_mask"`: bool `[n]`, the copies that begin; the others stay.

        Returns:
            The observations, and `{"action_mask": int8 [n, A]}` as of `GridEnv`.

        Raises:
            InvalidValueError: The seed or an option is not as above.
        """
        options = dict(options or {})
        mask = options.pop("reset_mask", None)
        if options:
            raise InvalidValueError(
                f"options must have no other keys than reset_mask, got {next(iter(options))!r}"
            )
        super().reset(seed=seed)
        if seed is not None or self._streams is None:
            begun = int(self.np_random.integers(2**63)) if seed is None else seed
            self._streams = ManyStreams(seeded(begun, range(self.num_envs)))
        chosen = np.ones(self.num_envs, np.bool_) if mask is None else array_of("reset_mask", mask)
        if chosen.shape != (self.num_envs,) or chosen.dtype != np.bool_:
            raise InvalidValueError(
                f"reset_mask must be {self.num_envs} truth values,"
                f" got {chosen.dtype} of the shape {chosen.shape}"
            )
        self._begin(np.flatnonzero(chosen))
        return self._observe(self._states), self._info()

    def step(
        self, actions: Any
    ) -> tuple[
        npt.NDArray[np.int64],
        npt.NDArray[np.float64],
        npt.NDArray[np.bool_],
        npt.NDArray[np.bool_],
        dict[str, Any],
    ]:
        """Do an action in each copy.

        Args:
            actions: Whole numbers `[n]` in [0, A).

        Returns:
            Observations, rewards float64 `[n]`, terminations and truncations bool `[n]`, and the
            info: as of `reset`, and with `"same-step"`, where an episode ended, its last
            observation (`"final_obs"`; `"_final_obs"` says where).

        Raises:
            InvalidValueError: An action is none.
            gymnasium.error.ResetNeeded: No episode has begun in one of the copies, or, with
                `"disabled"`, one has terminated.
        """
        chosen = self._actions(actions)
        mode = self.metadata["autoreset_mode"]
        if self._streams is None or (mode == AutoresetMode.DISABLED and self._over.any()):
            raise gymnasium.error.ResetNeeded("episodes must have begun: call reset() before")
        rewards = np.zeros(self.num_envs)
        terminated = np.zeros(self.num_envs, np.bool_)
        truncated = np.zeros(self.num_envs, np.bool_)
        late = mode == AutoresetMode.NEXT_STEP and self._over.any()
        rows: Any = np.flatnonzero(~self._over) if late else slice(None)
        if late:
            self._begin(np.flatnonzero(self._over))
        entered, rewards[rows] = self._moves.steps(
            self._states[rows], chosen[rows], self._streams, rows
        )
        terminated[rows] = entered < 0
        self._states[rows] = np.where(entered < 0, ~entered, entered)
        self._lengths[rows] += 1
        if self.mdp.max_steps:
            truncated[rows] = self._lengths[rows] >= self.mdp.max_steps
        # Who goes on after a truncation without a reset is not kept from it, as in `GridEnv`.
        self._over = terminated.copy() if mode == AutoresetMode.DISABLED else terminated | truncated
        if mode != AutoresetMode.SAME_STEP or not self._over.any():
            return self._observe(self._states), rewards, terminated, truncated, self._info()
        last, ended = self._observe(self._states.copy()), self._over
        self._begin(np.flatnonzero(ended))
        info = self._info() | {"final_obs": last, "_final_obs": ended.copy()}
        return self._observe(self._states), rewards, terminated, truncated, info

    def _begin(self, rows: npt.NDArray[np.int64]) -> None:
        assert self._streams is not None
        self._states[rows] = self._moves.starts(self._streams, rows)
        self._lengths[rows] = 0
        # not in place: who was told about an end keeps that
        self._over = self._over.copy()
        self._over[rows] = False

    def _actions(self, actions: Any) -> npt.NDArray[np.int64]:
        given = array_of("actions", actions)
        if given.shape != (self.num_envs,) or given.dtype.kind not in "iu":
            raise InvalidValueError(
                f"actions must be {self.num_envs} whole numbers,"
                f" got {given.dtype} of the shape {given.shape}"
            )
        if given.min() < 0 or given.max() >= self.mdp.n_actions:
            raise InvalidValueError(
                f"an action must be in [0, {self.mdp.n_actions}),"
                f" got {given.min()} to {given.max()}"
            )
        return given.astype(np.int64)

    def _observe(self, states: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if not self._xy:
            return states.copy()
        assert self.mdp.world is not None
        return np.stack([states % self.mdp.world.width, states // self.mdp.world.width], axis=1)

    def _info(self) -> dict[str, Any]:
        return {
            "action_mask": self._mask[self._states],
            "_action_mask": np.ones(self.num_envs, np.bool_),
        }
