"""Pictures of worlds, values, policies and runs: SVG by themselves, or Matplotlib's figures.

`draw` needs nothing; `board` and `learning_curve` need Matplotlib, the extra `[plot]`.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from gridworld.errors import InvalidValueError
from gridworld.given import as_grid
from gridworld.history import average_over_agents, spread_over_agents
from gridworld.kernels.actions import DELTAS
from gridworld.mdp import Mdp
from gridworld.pictures.board import board as svg_board
from gridworld.pictures.board import shown_values
from gridworld.pictures.figure import new_figure
from gridworld.pictures.pixels import draw_pixels
from gridworld.policy import Policy, greedy
from gridworld.run import Run
from gridworld.store.files import write_atomically
from gridworld.validation import array_of, whole
from gridworld.world import GridWorld

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Drawing", "board", "draw", "learning_curve"]


class Drawing:
    """A picture that a notebook shows.

    Attributes:
        svg: The picture as text.
    """

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def __repr__(self) -> str:
        return f"Drawing({len(self.svg):,} letters of SVG)"

    def _repr_html_(self) -> str:
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a file, atomically.

        Raises:
            OSError: It cannot be written.
        """
        return write_atomically(path, lambda file: file.write(self.svg.encode()))


def draw(
    world: GridWorld | Mdp | str,
    values: npt.ArrayLike | None = None,
    policy: Policy | npt.ArrayLike | None = None,
    *,
    state: int | None = None,
    title: str | None = None,
) -> Drawing:
    """A picture of a grid world as SVG.

    Args:
        world: A grid world, its `Mdp`, or its name.
        values: A number for each state, `[S]`, or a Q-table `[S, A]`, of which the largest of each
            state counts. What is not finite is left out.
        policy: A `Policy`, or a Q-table whose greedy one is meant: an arrow for each action that
            ties.
        state: Where an agent is.
        title: What the picture is called; None: the world's name.

    Raises:
        WorldError: The world has no grid.
        InvalidValueError: The values or the policy do not fit it.
    """
    grid = as_grid(world, "a picture")
    place = None if state is None else whole("state", state, 0, grid.n_states - 1)
    return Drawing(
        svg_board(
            grid.array,
            name=grid.name if title is None else title,
            values=None if values is None else _values_of(grid, values),
            ties=None if policy is None else _ties_of(grid, policy),
            state=place,
        )
    )


def board(
    world: GridWorld | Mdp | str,
    values: npt.ArrayLike | None = None,
    policy: Policy | npt.ArrayLike | None = None,
    *,
    title: str | None = None,
) -> "Figure":
    """The same as `draw`, as a figure of Matplotlib with a colour bar.

    Raises:
        WorldError: The world has no grid.
        InvalidValueError: The values or the policy do not fit it.
        MissingExtraError: Matplotlib is not installed.
    """
    grid = as_grid(world, "a picture")
    figure, axes = new_figure()
    extent = (-0.5, grid.width - 0.5, grid.height - 0.5, -0.5)
    axes.imshow(draw_pixels(grid.array, None), extent=extent, interpolation="nearest")
    if values is not None:
        shown = _values_of(grid, values).reshape(grid.height, grid.width)
        image = axes.imshow(shown, extent=extent, cmap="YlGnBu", interpolation="nearest")
        figure.colorbar(image, ax=axes)
    if policy is not None:
        ties = _ties_of(grid, policy)
        ties[np.isnan(_values_of(grid, np.zeros(grid.n_states)))] = False
        for action, (dx, dy) in enumerate(DELTAS):
            y, x = np.divmod(np.flatnonzero(ties[:, action]), grid.width)
            size = np.full(len(x), 0.36)
            axes.quiver(
                x, y, dx * size, dy * size, angles="xy", scale_units="xy", scale=1, width=0.005
            )
    axes.set(title=grid.name if title is None else title, xlabel="x", ylabel="y")
    return figure


def learning_curve(
    *runs: Run,
    labels: tuple[str, ...] | None = None,
    band: Literal["interval", "quartiles"] = "interval",
) -> "Figure":
    """Returns over the episodes, a line and a band for each run.

    Args:
        *runs: At least one.
        labels: What each is called; None: its algorithm.
        band: `"interval"`: the mean over the agents, and where the mean of all such agents lies
            (95 %, normal approximation; none of one agent). `"quartiles"`: the interquartile mean,
            and where the middle half of the agents lies.

    Raises:
        InvalidValueError: There is no run, or not one label for each, or no such band.
        MissingExtraError: Matplotlib is not installed.
    """
    if not runs or not all(isinstance(run, Run) for run in runs):
        raise InvalidValueError(f"runs must be at least one Run, got {runs!r:.80}")
    if band not in _BANDS:
        raise InvalidValueError(f"band must be one of {', '.join(_BANDS)}, got {band!r:.80}")
    names = tuple(run.algorithm.title for run in runs) if labels is None else labels
    if len(names) != len(runs):
        raise InvalidValueError(f"labels must be one for each run, got {len(names)}")
    figure, axes = new_figure()
    for run, name in zip(runs, names, strict=True):
        episodes, mean, low, high = _curve(run, band)
        [line] = axes.plot(episodes, mean, label=f"{name} ({run.agents:,})")
        if np.isfinite(low).all():
            axes.fill_between(episodes, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    axes.set(xlabel="episode", ylabel=f"return ({_BANDS[band]})")
    axes.legend(frameon=False)
    return figure


_BANDS: Final = {
    "interval": "mean, 95 % interval",
    "quartiles": "interquartile mean, quartiles",
}

_Numbers = npt.NDArray[np.float32]


def _curve(run: Run, band: str) -> tuple[npt.NDArray[np.int64], _Numbers, _Numbers, _Numbers]:
    batch = run.batch
    spread = spread_over_agents(batch.agents, batch.bins)
    if band == "quartiles":
        return spread.episodes, spread.return_mean, spread.return_low, spread.return_high
    average = average_over_agents(batch.agents, batch.bins, ("return_mean",))
    mean, margin = average.mean["return_mean"], average.margin["return_mean"]
    return spread.episodes, mean, mean - margin, mean + margin


def _values_of(world: GridWorld, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    array = array_of("values", values)
    if array.dtype.kind not in "fiub":
        raise InvalidValueError(f"values must be numbers, got {array.dtype}")
    found = array.max(axis=1) if array.ndim == 2 and array.size else array
    if found.shape != (world.n_states,):
        raise InvalidValueError(
            f"values must be of the shape ({world.n_states},) or ({world.n_states}, 4),"
            f" got {array.shape}"
        )
    return shown_values(world.array, found.astype(np.float64))


def _ties_of(world: GridWorld, policy: Any) -> npt.NDArray[np.bool_]:
    found = policy if isinstance(policy, Policy) else greedy(policy)
    if found.shape != (world.n_states, len(DELTAS)):
        raise InvalidValueError(
            f"a policy must be of the shape {(world.n_states, len(DELTAS))}, got {found.shape}"
        )
    return found.ties.copy()
