"""What stands around a table `P`, and whether it leaves the process that `P` describes alone."""

import contextlib
import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridworld.errors import WorldError

__all__ = ["Inside", "check_dynamics", "look_inside"]

_PACKAGES = ("gymnasium", "gym")

_HARMLESS = frozenset(
    {
        "AddWhiteNoise",
        "HumanRendering",
        "ObstructView",
        "OrderEnforcing",
        "PassiveEnvChecker",
        "RecordEpisodeStatistics",
        "RecordVideo",
        "RenderCollection",
        "TimeLimit",
        "Wrapper",
    }
)
"""Gymnasium's wrappers that watch, draw or count, and change no state, action or reward. All but
`TimeLimit`, whose limit is read, leave the process as it is."""

_TRIAL_STEPS = 2000
"""Random steps in which an environment of somebody's own must do what its `P` says."""

_OVERRIDE = 'dynamics="P" takes P alone'


@dataclass(frozen=True)
class Inside:
    """An environment without its wrappers.

    Attributes:
        base: The environment itself, which has `P`.
        limit: The tightest of all limits on the steps; None: there is none.
    """

    base: Any
    limit: int | None


def look_inside(environment: Any, *, trusted: bool) -> Inside:
    """Take off the wrappers.

    Args:
        environment: An environment, wrapped or not.
        trusted: Whether `P` counts whatever the wrappers do; their limits count as well.

    Raises:
        WorldError: A wrapper is not known to leave the process as it is.
    """
    if hasattr(environment, "num_envs"):
        raise WorldError(
            "an environment must be a single one, got a vector of"
            f" {environment.num_envs!r:.20} ({type(environment).__name__})"
        )
    base = getattr(environment, "unwrapped", environment)
    limits = [_spec_limit(environment), _spec_limit(base)]
    layer = environment
    while layer is not base:
        kind = type(layer)
        if not trusted and (_replaced(layer) or not _is_harmless(kind)):
            raise WorldError(
                "a wrapper must be known to leave states, actions and rewards as they are,"
                f" got {kind.__name__}; {_OVERRIDE}"
            )
        if any(_is_theirs(parent) and parent.__name__ == "TimeLimit" for parent in kind.__mro__):
            limits.append(getattr(layer, "_max_episode_steps", None))
        layer = getattr(layer, "env", base)
    found = [limit for limit in limits if limit is not None and limit > 0]
    return Inside(base, min(found, default=None))


def check_dynamics(
    base: Any,
    pairs: Sequence[Mapping[tuple[int, float, float], float]],
    starts: Sequence[int] | None,
    limit: int | None,
) -> None:
    """Make sure that `P` is all that happens in an environment.

    Gymnasium's own environments are known. Any other one that can be stepped is tried out, on a
    copy: what its `reset` and `step` do must be among what `P` says.

    Args:
        base: The environment without its wrappers.
        pairs: What `P` says, `(next state or ~state, reward, its deviation) -> probability` of each
            state and action, in order.
        starts: States in which its episodes may begin; None: not to be judged.
        limit: Steps before which it may not cut an episode off, 0: it may never; None: not to be
            judged.

    Raises:
        WorldError: It does something else, by its class or when tried.
    """
    name = type(base).__name__
    if not callable(getattr(base, "step", None)):
        return  # nothing but a table
    if getattr(base, "fickle_passenger", False):
        _refuse(f"{name} with fickle_passenger, whose change of mind is not in P")
    if any(_is_tabular(parent) for parent in type(base).__mro__):
        changed = _replaced(base) or [
            method for method in ("step", "reset") if not _is_tabular(_owner(base, method))
        ]
        if changed:
            _refuse(f"{name}, which overrides {changed[0]}")
        return
    _try_out(base, pairs, starts, limit)


def _try_out(
    base: Any,
    pairs: Sequence[Mapping[tuple[int, float, float], float]],
    starts: Sequence[int] | None,
    limit: int | None,
) -> None:
    name = type(base).__name__
    n_states = len(base.P)
    n_actions = len(pairs) // n_states
    random = np.random.default_rng(0)
    try:
        trial = copy.deepcopy(base)
        with contextlib.suppress(AttributeError):
            trial.render_mode = None  # nobody wants to see it
        state, steps, began = _reset(trial, seed=0), 0, True
        for action in random.integers(n_actions, size=_TRIAL_STEPS).tolist():
            _check_state(name, state, n_states)
            if began and starts is not None and state not in starts:
                _refuse(f"{name}, which began in state {state}, where P never begins")
            before = state
            state, reward, terminated, *others, _ = trial.step(action)
            truncated = any(others)  # before Gymnasium there was one word for both
            steps += 1
            _check_state(name, state, n_states)
            if not _is_possible(pairs[before * n_actions + action], state, reward, terminated):
                _refuse(
                    f"{name}, where action {action} in state {before} led to"
                    f" {(state, float(reward), bool(terminated))}"
                )
            if truncated and limit is not None and not 0 < limit <= steps:
                _refuse(f"{name}, which cut an episode off after {steps} steps (see max_steps)")
            began = bool(terminated or truncated)
            if began:
                state, steps = _reset(trial), 0
    except WorldError:
        raise
    except Exception as error:  # whatever somebody's own code raises
        _refuse(f"{name}, which could not be tried out ({type(error).__name__}: {error!s:.80})")


def _reset(trial: Any, **seed: int) -> Any:
    """Begin an episode, by the ways of Gymnasium or of Gym before it."""
    try:
        begun = trial.reset(**seed)
    except TypeError:
        begun = trial.reset()
    return begun[0] if isinstance(begun, tuple) else begun


def _is_possible(
    outcomes: Mapping[tuple[int, float, float], float], state: Any, reward: Any, terminated: Any
) -> bool:
    # rewards may have been rounded to float32 on one of the two ways
    return any(
        (~told if told < 0 else told) == state
        and (told < 0) == bool(terminated)
        and abs(paid - reward) <= 1e-6 * max(1.0, abs(paid))
        for told, paid, _ in outcomes
    )


def _check_state(name: str, state: Any, n_states: int) -> None:
    if not isinstance(state, int | np.integer) or not 0 <= state < n_states:
        _refuse(f"{name}, which observes {state!r:.40}, not the number of a state")


def _refuse(got: str) -> None:
    raise WorldError(f"P must be all that happens in an environment, got {got}; {_OVERRIDE}")


def _replaced(layer: Any) -> list[str]:
    """Methods that were put on the object itself."""
    return [method for method in ("step", "reset") if method in getattr(layer, "__dict__", {})]


def _is_harmless(kind: type) -> bool:
    # by the exact type: what a class derived from it adds is not known
    return _is_theirs(kind) and kind.__name__ in _HARMLESS


def _is_theirs(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in _PACKAGES


def _is_tabular(kind: type) -> bool:
    """Whether it is one of Gymnasium's environments whose `step` draws from `P`."""
    return _is_theirs(kind) and ".envs.toy_text." in kind.__module__


def _owner(base: Any, method: str) -> type:
    return next(parent for parent in type(base).__mro__ if method in vars(parent))


def _spec_limit(environment: Any) -> int | None:
    limit: int | None = getattr(getattr(environment, "spec", None), "max_episode_steps", None)
    return limit
