"""Policies and people on the grid, without learning: by the library's own steps and episodes."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from gridworld.errors import GridworldError, InvalidValueError, SolveStoppedError
from gridworld.exact.episodes import Evaluation
from gridworld.exact.evaluation import SHORTEST_CAP, evaluate, greedy_actions, policy_value
from gridworld.exact.walking import Walk, episode_stream, given_choice, greedy_choice, walk
from gridworld.interop.streams import Moves
from gridworld.live.shown import Shown
from gridworld.mdp import Mdp
from gridworld.outcomes import alias_table
from gridworld.world import GOAL, PIT, WALL, Cell, GridWorld
from gridworld_dashboard.frames.numbers import finite
from gridworld_dashboard.observer import Observer
from gridworld_dashboard.wire.protocol import MOST_MOVES

__all__ = ["EPISODES", "MOST_PATH", "MOST_STEPS", "Trials"]

EPISODES: Final = 1000
"""Of a test."""

MOST_STEPS: Final = 20_000_000
"""Of all episodes of a test together: where a single one may be long, there are fewer."""

MOST_PATH: Final = 2000
"""Steps of the first episode that are shown."""

SOLVE_S: Final = 10.0
"""What takes longer to be known exactly stays unknown."""

MOST_BARS: Final = 24
"""Of the picture of all returns."""


KINDS: Final = {GOAL: "a goal", PIT: "a pit", WALL: "a wall"}
"""Cells in which nobody acts."""


class Policy(NamedTuple):
    """What is tested.

    Attributes:
        run: Its run.
        shown: Its row.
        episodes: After which it was taken.
        mdp: The world.
        q: float32 `[states, actions]`.
        epsilon: The agent's own.
    """

    run: int
    shown: int
    episodes: int
    mdp: Mdp
    q: npt.NDArray[np.float32]
    epsilon: float


class Begun(NamedTuple):
    """A world whose episodes begin where somebody wants them to.

    Attributes:
        of: The world as it is.
        start: The cell; None: where they always do.
        mdp: The world.
        moves: Of it.
    """

    of: Mdp
    start: Cell | None
    mdp: Mdp
    moves: Moves


class Trials:
    """Tests policies, and lets people play. Only one thread may use it.

    Args:
        observer: Looks at the training.
        crowd: Gives how many share the processors: the more, the fewer episodes that are long.
    """

    def __init__(self, observer: Observer, crowd: Callable[[], int] = lambda: 1) -> None:
        self._observer = observer
        self._crowd = crowd
        self._begun: Begun | None = None

    def test(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Episodes of the shown agent's policy as it is now, and what it is worth exactly.

        Args:
            data: Of `protocol.TestPolicy`.

        Raises:
            GridworldError: It cannot begin there.
        """
        policy = self._observer.copy(_policy_of)
        epsilon, seed = data.get("epsilon", 0.0), data.get("seed", 0)
        mdp, moves = self._begin(policy.mdp, data.get("start"))
        discount = self._observer.scene.parameters.discount_factor
        limit = mdp.max_steps or max(SHORTEST_CAP, 4 * mdp.n_states)
        episodes = max(1, min(EPISODES, MOST_STEPS // (limit * max(1, self._crowd()))))

        def run(discount: float) -> Evaluation:
            return evaluate(
                mdp,
                policy.q,
                episodes=episodes,
                seed=seed,
                epsilon=epsilon,
                discount_factor=discount,
                keep="episodes",
            )

        plain = run(1.0)
        choice = greedy_choice(greedy_actions(mdp, policy.q)[0], epsilon)
        path = walk(moves, episode_stream(seed), choice, min(limit, MOST_PATH))
        exact, why = _exactly(mdp, policy.q, discount, epsilon)
        return {
            "run": policy.run,
            "shown": policy.shown,
            "at_episode": policy.episodes,
            "epsilon": epsilon,
            "discount_factor": discount,
            "max_steps": limit,
            "first": _told(path, mdp)
            | {"return": float(plain.returns[0, 0]), "steps": int(plain.lengths[0, 0])},
            **_summary(plain, mdp),
            "discounted_mean": float(run(discount).return_mean[0]),
            "exact": exact,
            "why": why,
        }

    def play(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What becomes of somebody's moves, and of the greedy policy that meets the same chance.

        Args:
            data: Of `protocol.Play`.

        Raises:
            GridworldError: It cannot begin there, or goes on after the end.
        """
        policy = self._observer.copy(_policy_of)
        seed, actions = data.get("seed", 0), data.get("actions", ())
        mdp, moves = self._begin(policy.mdp, data.get("start"))
        limit = min(mdp.max_steps or MOST_MOVES, MOST_MOVES)
        gone = walk(moves, episode_stream(seed), given_choice(actions), limit)
        if len(actions) > len(gone.rewards):
            raise InvalidValueError(
                f"a game must have no moves after its end, got {len(actions)} moves in one of"
                f" {len(gone.rewards)}"
            )
        agent = evaluate(mdp, policy.q, episodes=1, seed=seed, max_steps=limit)
        return {
            "run": policy.run,
            "shown": policy.shown,
            "at_episode": policy.episodes,
            **_told(gone, mdp),
            "return": gone.total,
            "steps": len(gone.rewards),
            "over": gone.ended or len(gone.rewards) == limit,
            "agent": {
                "return": float(agent.returns[0, 0]),
                "steps": int(agent.lengths[0, 0]),
                "ended": bool(agent.terminated[0, 0]),
            },
        }

    def _begin(self, mdp: Mdp, start: Cell | None) -> tuple[Mdp, Moves]:
        """A world with a start; the last one is kept, since a game asks again and again."""
        begun = self._begun
        if begun is None or begun.of is not mdp or begun.start != start:
            own = mdp if start is None else _starting_in(mdp, start)
            self._begun = begun = Begun(mdp, start, own, Moves(own))
        return begun.mdp, begun.moves


def _policy_of(shown: Shown) -> Policy:
    return Policy(
        run=int(shown.status["run"][0]),
        shown=shown.row,
        episodes=int(shown.agent["episodes"]),
        mdp=shown.batch.mdp,
        q=shown.batch.row_q(shown.row).copy(),
        epsilon=float(shown.agent["epsilon"]),
    )


def _starting_in(mdp: Mdp, start: Cell) -> Mdp:
    """The world with another start.

    Raises:
        InvalidValueError: Nobody acts there.
    """
    world = _grid_of(mdp)
    x, y = start
    if not (0 <= x < world.width and 0 <= y < world.height):
        raise InvalidValueError(
            f"start must be a cell of a world of {world.width} x {world.height}, got {start}"
        )
    kind = world[x, y]
    passed = any(entry == start for entry, _ in world.portals)
    if kind in KINDS or passed:
        name = KINDS.get(kind, "a portal")
        raise InvalidValueError(f"start must be a cell in which one acts, got {start}, {name}")
    threshold, alias = alias_table(np.ones(1))
    return replace(
        mdp,
        starts=np.array([world.state(x, y)], np.int32),
        start_threshold=threshold,
        start_alias=alias,
        exact_start=np.ones(1),
    )


def _grid_of(mdp: Mdp) -> GridWorld:
    assert mdp.world is not None
    return mdp.world


def _told(gone: Walk, mdp: Mdp) -> dict[str, Any]:
    """An episode as far as it is shown: its cells, its rewards, and where it ended."""
    world = _grid_of(mdp)
    cells = [world.cell(state) for state in gone.states]
    return {
        "path": [list(cell) for cell in cells],
        "rewards": gone.rewards,
        "ended": KINDS.get(world[cells[-1]], "an end") if gone.ended else None,
    }


def _summary(plain: Evaluation, mdp: Mdp) -> dict[str, Any]:
    """All episodes together."""
    returns, ends = plain.returns[0], plain.ends
    goals = int(ends[_grid_of(mdp).goals].sum())
    return {
        "episodes": plain.episodes,
        "return_mean": float(plain.return_mean[0]),
        "return_std": finite(float(plain.return_std[0])),
        "return_min": float(plain.return_min[0]),
        "return_max": float(plain.return_max[0]),
        "length_mean": float(plain.length_mean[0]),
        "goals": goals,
        "others": int(plain.ended[0]) - goals,
        "bars": _bars(returns),
    }


def _bars(returns: npt.NDArray[np.float64]) -> list[dict[str, Any]]:
    """How many episodes had which return: a bar for each, or for a range where there are many."""
    low, high = float(returns.min()), float(returns.max())
    # sums of the same rewards in another order may differ in their last digits
    values, counts = np.unique(returns.round(9), return_counts=True)
    if len(values) <= MOST_BARS:
        lows = highs = values
    else:
        counts, edges = np.histogram(returns, bins=MOST_BARS, range=(low, high))
        lows, highs = edges[:-1], edges[1:]
    return [
        {"low": float(begin), "high": float(end), "count": int(count)}
        for begin, end, count in zip(lows, highs, counts, strict=True)
    ]


def _exactly(
    mdp: Mdp, q: npt.NDArray[np.float32], discount: float, epsilon: float
) -> tuple[float | None, str | None]:
    """The exact value of the policy where episodes begin; why it is not known, where it is not."""
    until = math.inf

    def should_stop() -> bool:
        nonlocal until  # counted from the first question: the compiler may come before it
        until = min(until, time.monotonic() + SOLVE_S)
        return time.monotonic() > until

    try:
        values = policy_value(
            mdp,
            q,
            discount_factor=discount,
            epsilon=epsilon,
            should_stop=should_stop,
        )
    except SolveStoppedError:
        return None, f"it takes more than {SOLVE_S:g} seconds to work out"
    except (GridworldError, MemoryError) as error:
        return None, str(error) or "it must fit into the free memory"
    value = float(np.dot(mdp.start_probability, values[mdp.starts]))
    return finite(value), None if np.isfinite(value) else "the policy may go on for ever"
