"""A picture of each algorithm for the documents: how it learns on the cliff.

`python -m gridworld.textbook.portraits FOLDER` (`make pictures`) draws them.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gridworld.algorithms import ALGORITHMS
from gridworld.experiments import figures
from gridworld.experiments.experiment import Experiment
from gridworld.experiments.style import COLOURS
from gridworld.textbook.sources import by_moment
from gridworld.textbook.verdict import Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_all"]

EPISODES: Final = 100

RUNS: Final = 500

BEGINS_WITH: Final = "q_learning"


def draw_all(folder: Path) -> list[Path]:
    """One picture for each algorithm, over that of Q-learning.

    Raises:
        MissingExtraError: Matplotlib is not installed.
        OSError: The folder is not there.
    """
    names = [f"return_of_episode_{k}" for k in range(1, EPISODES + 1)]
    fixed = {
        "max_steps": 1000,  # Monte Carlo keeps an episode until it ends
        "discount_factor": 1.0,
        "learning_rate": 0.5,
        "epsilon": 0.1,
        "epsilon_decay": 1.0,
        "epsilon_min": 0.1,
    }
    written = []
    plain: Line | None = None
    for key, cls in ALGORITHMS.items():
        results = Experiment(
            worlds=["cliff-walking"],
            algorithms=[cls],
            fixed=fixed,
            runs=RUNS,
            episodes=EPISODES,
            measures=names,
        ).run()
        line = by_moment(results, [(float(k), name) for k, name in enumerate(names, 1)])
        plain = plain or line[BEGINS_WITH]
        written.append(_draw(folder / f"{key}.svg", cls.title, line[key], plain))
    return written


def _draw(path: Path, title: str, line: Line, plain: Line) -> Path:
    from matplotlib.figure import Figure

    made = Figure(figsize=(4.8, 2.6), layout="constrained")
    axes = made.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    if line is not plain:
        _line(axes, plain, "0.6", ALGORITHMS[BEGINS_WITH].title)
    _line(axes, line, COLOURS[0], title)
    axes.set(xlabel="episode", ylabel="reward", xlim=(0, EPISODES), ylim=(-200, 0))
    axes.legend(frameon=False, fontsize=8)
    return figures.save(made, path)


def _line(axes: "Axes", line: Line, colour: str, label: str) -> None:
    axes.plot(line.x, [found.estimate for found in line.y], color=colour, label=label)
    low, high = ([getattr(found, end) for found in line.y] for end in ("low", "high"))
    axes.fill_between(line.x, low, high, color=colour, alpha=0.25, linewidth=0)


if __name__ == "__main__":
    for written in draw_all(Path(sys.argv[1])):
        sys.stdout.write(f"{written}\n")
