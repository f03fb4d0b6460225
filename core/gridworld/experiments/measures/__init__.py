"""Measures: what is kept of a run, one number each."""

from gridworld.experiments.measures import families, plain
from gridworld.experiments.measures.cuts import cuts_of, way
from gridworld.experiments.measures.failures import FAILURES, failures, has_diverged
from gridworld.experiments.measures.record import Measure, measure, measure_names
from gridworld.experiments.outcome import Cut, Mark, Outcome

__all__ = [
    "FAILURES",
    "Cut",
    "Mark",
    "Measure",
    "Outcome",
    "cuts_of",
    "failures",
    "families",
    "has_diverged",
    "measure",
    "measure_names",
    "plain",
    "way",
]
