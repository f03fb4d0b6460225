"""Whether what lessons claim is so: their runs are run, and their numbers compared."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import gridworld as gw
from gridworld.algorithms import algorithm_of
from gridworld.store.link import link_world
from gridworld_dashboard.lessons.reading import Lesson
from gridworld_dashboard.lessons.text import OPTIMUM, Claim

__all__ = ["Verdict", "check"]


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        lesson: Its name.
        claim: It.
        found: The number that the library gives.
    """

    lesson: str
    claim: Claim
    found: float

    @property
    def holds(self) -> bool:
        """Whether it is what the text says."""
        return self.claim.holds_for(self.found)

    def __str__(self) -> str:
        word = "is" if self.holds else "must be"
        claim = self.claim
        return (
            f"{self.lesson}: {claim.measure} of {claim.run} {word} {self.found:.6g}, the text says"
            f" {claim.text}"
        )


def check(lesson: Lesson) -> Iterator[Verdict]:
    """Run each run that a lesson claims something of, once, and compare.

    Raises:
        MissingExtraError: The extra `[experiments]` is not installed.
        GridworldError: A run cannot be.
    """
    for name, settings in lesson.runs.items():
        claims = [claim for claim in lesson.claims if claim.run == name]
        if not claims:
            continue
        world, algorithm = link_world(settings), algorithm_of(settings)
        found = {}
        if wanted := sorted({claim.measure for claim in claims} - {OPTIMUM}):
            results = gw.Experiment(
                worlds=[world],
                algorithms=[algorithm],
                runs=settings["agents"],
                episodes=settings["num_episodes"],
                steps=settings["num_steps"],
                seed=settings["seed"],
                measures=wanted,
            ).run()
            found = {each: float(np.mean(results.values(each))) for each in wanted}
        if any(claim.measure == OPTIMUM for claim in claims):
            solution = gw.solve(world, settings["discount_factor"])
            found[OPTIMUM] = float(solution.expected_return)
        for claim in claims:
            yield Verdict(lesson.name, claim, found[claim.measure])
