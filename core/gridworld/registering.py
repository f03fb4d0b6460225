"""The worlds among Gymnasium's environments, whichever of the two is imported first.

Gymnasium takes a second to import, and most programs do not need it; so the ids are registered
when somebody else imports it.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

__all__ = ["NAMESPACE", "VERSION", "env_ids", "register", "register_with_gymnasium"]

NAMESPACE, VERSION = "gridworld", "v0"


def env_ids() -> dict[str, str]:
    """Id of an environment to the world that it is of, which `world=` may change."""
    from gridworld.processes import PROCESSES
    from gridworld.worlds import world_names

    worlds = {"GridWorld": "default", "Maze": "maze-16"}
    worlds |= {_camel(name): name for name in world_names()}
    worlds |= {_camel(each.name.removesuffix("-N")): each.example for each in PROCESSES.values()}
    return {f"{NAMESPACE}/{name}-{VERSION}": world for name, world in worlds.items()}


def register() -> None:
    """Register all ids with Gymnasium, those that are not yet."""
    from gymnasium.envs import registration

    for env_id, world in env_ids().items():
        if env_id not in registration.registry:
            registration.register(
                env_id,
                entry_point="gridworld.interop.env:GridEnv",
                vector_entry_point="gridworld.interop.vector:GridVectorEnv",
                kwargs={"world": world},
            )


def register_with_gymnasium() -> None:
    """Register the ids now, where Gymnasium has been imported; else when it is."""
    # A Gymnasium that is being imported at this moment is not ready for it.
    present = sys.modules.get("gymnasium")
    if present is not None and hasattr(present, "register"):
        register()
    elif not any(isinstance(finder, _Watch) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Watch())


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("-"))


class _Watch(MetaPathFinder):
    """Sees the first import of Gymnasium, and is gone then."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "gymnasium":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Then(spec.loader)
        return spec


class _Then(Loader):
    """Loads a module, and registers the ids after that."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        assert spec is not None
        spec.loader = module.__loader__ = self._loader  # as if nobody had watched
        self._loader.exec_module(module)
        register()
