"""What a world does, as a hash: names do not count, but where they make it."""

import hashlib
import json

import numpy as np

from gridworld.errors import WorldError
from gridworld.mdp import Mdp
from gridworld.processes import find_process, make_process

__all__ = ["content_of", "is_named_process"]


def content_of(mdp: Mdp) -> str:
    """A hash of what a world does."""
    digest = hashlib.sha256()
    if mdp.world is not None and mdp.max_steps == (mdp.world.max_steps or 0):
        data = mdp.world.to_json()
        data.pop("name", None)
        digest.update(json.dumps(data, sort_keys=True).encode())
        return digest.hexdigest()
    for name in ("n_states", "n_actions", "max_steps", "dynamics"):
        digest.update(f"{name}={getattr(mdp, name)};".encode())
    for name in ("outcomes", "threshold", "alias", "starts", "start_threshold", "start_alias"):
        digest.update(np.ascontiguousarray(getattr(mdp, name)).tobytes())
    return digest.hexdigest()


def is_named_process(mdp: Mdp) -> bool:
    """Whether `make` gives this process by its name."""
    if mdp.world is not None or find_process(mdp.name) is None:
        return False
    try:
        return content_of(make_process(mdp.name)) == content_of(mdp)
    except WorldError:  # one of that name cannot be
        return False
