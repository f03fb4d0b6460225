# What `import gridworld as gw` offers: the only list of it, for people, type checkers, and
# `__init__.py`, which reads it.

from gridworld import plot as plot
from gridworld.algorithms import *
from gridworld.batch import Batch as Batch
from gridworld.errors import *
from gridworld.exact.assessment import (
    Assessment as Assessment,
)
from gridworld.exact.assessment import (
    assess as assess,
)
from gridworld.exact.assessment import (
    optimal_length as optimal_length,
)
from gridworld.exact.evaluation import (
    Evaluation as Evaluation,
)
from gridworld.exact.evaluation import (
    evaluate as evaluate,
)
from gridworld.exact.evaluation import (
    policy_value as policy_value,
)
from gridworld.exact.evaluation import (
    regret as regret,
)
from gridworld.exact.solver import Solution as Solution
from gridworld.exact.solver import solve as solve
from gridworld.experiments.experiment import Experiment as Experiment
from gridworld.experiments.measures import Measure as Measure
from gridworld.experiments.measures import measure_names as measure_names
from gridworld.experiments.plans.axes import linspace as linspace
from gridworld.experiments.plans.axes import logspace as logspace
from gridworld.experiments.plans.axes import random as random
from gridworld.experiments.results import Results as Results
from gridworld.history import History as History
from gridworld.interop import from_gymnasium as from_gymnasium
from gridworld.interop.making import make_env as make_env
from gridworld.interop.making import make_vec_env as make_vec_env
from gridworld.kernels.actions import DOWN as DOWN
from gridworld.kernels.actions import LEFT as LEFT
from gridworld.kernels.actions import RIGHT as RIGHT
from gridworld.kernels.actions import UP as UP
from gridworld.live.trainer import Mark as Mark
from gridworld.live.trainer import Snapshot as Snapshot
from gridworld.live.trainer import Trainer as Trainer
from gridworld.mdp import Mdp as Mdp
from gridworld.mdp import compile_world as compile_world
from gridworld.plot import draw as draw
from gridworld.policy import Policy as Policy
from gridworld.policy import greedy as greedy
from gridworld.run import Run as Run
from gridworld.store.exchange import Exchange as Exchange
from gridworld.store.link import (
    link_world as link_world,
)
from gridworld.store.link import (
    read_link as read_link,
)
from gridworld.store.link import (
    write_link as write_link,
)
from gridworld.store.qtable import read_qtable as read_qtable
from gridworld.store.qtable import write_qtable as write_qtable
from gridworld.store.worldfile import read_world as read_world
from gridworld.training import Progress as Progress
from gridworld.training import TrainingInterrupted as TrainingInterrupted
from gridworld.training import train as train
from gridworld.world import GridWorld as GridWorld
from gridworld.world import Rewards as Rewards
from gridworld.worlds import (
    describe as describe,
)
from gridworld.worlds import (
    make as make,
)
from gridworld.worlds import (
    maze as maze,
)
from gridworld.worlds import (
    process_names as process_names,
)
from gridworld.worlds import (
    world_names as world_names,
)

__version__: str
