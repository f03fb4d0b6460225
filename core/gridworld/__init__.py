"""Tabular reinforcement learning: exact, repeatable, and as fast as the machine allows.

    import gridworld as gw

    world = gw.make("default")
    run = gw.train(world, gw.QLearning(learning_rate=0.1), agents=1024, steps=1_000_000, seed=0)
    run.q  # float32 [agents, states, actions]

Data flows one way: a world is compiled to arrays (`Mdp`), kernels change the arrays of a `Batch`,
a `Run` or a `Trainer` shows them.
"""

from gridworld.algorithms import (
    ALGORITHMS,
    Algorithm,
    DoubleQLearning,
    ExpectedSarsa,
    QLearning,
    Sarsa,
)
from gridworld.batch import Batch
from gridworld.errors import (
    FileError,
    GridworldError,
    InvalidValueError,
    LinkError,
    MemoryLimitError,
    NoProperPolicyError,
    SolveStoppedError,
    TrainerBusyError,
    TrainingInterrupted,
    WorldError,
)
from gridworld.exact.assessment import Assessment, assess, optimal_length
from gridworld.exact.evaluation import Evaluation, evaluate, policy_value, regret
from gridworld.exact.solver import Solution, solve
from gridworld.history import History
from gridworld.interop import from_gymnasium
from gridworld.kernels.actions import DOWN, LEFT, RIGHT, UP
from gridworld.mdp import Mdp, compile_world
from gridworld.store.link import link_world, read_link, write_link
from gridworld.trainer import Mark, Snapshot, Trainer
from gridworld.training import Progress, Run, train
from gridworld.world import GridWorld, Rewards
from gridworld.worlds import describe, make, maze, world_names

__version__ = "0.1.0"

__all__ = [
    "ALGORITHMS",
    "DOWN",
    "LEFT",
    "RIGHT",
    "UP",
    "Algorithm",
    "Assessment",
    "Batch",
    "DoubleQLearning",
    "Evaluation",
    "ExpectedSarsa",
    "FileError",
    "GridWorld",
    "GridworldError",
    "History",
    "InvalidValueError",
    "LinkError",
    "Mark",
    "Mdp",
    "MemoryLimitError",
    "NoProperPolicyError",
    "Progress",
    "QLearning",
    "Rewards",
    "Run",
    "Sarsa",
    "Snapshot",
    "Solution",
    "SolveStoppedError",
    "Trainer",
    "TrainerBusyError",
    "TrainingInterrupted",
    "WorldError",
    "__version__",
    "assess",
    "compile_world",
    "describe",
    "evaluate",
    "from_gymnasium",
    "link_world",
    "make",
    "maze",
    "optimal_length",
    "policy_value",
    "read_link",
    "regret",
    "solve",
    "train",
    "world_names",
    "write_link",
]
