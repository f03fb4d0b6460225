"""What a world does, as a hash: names do not count."""

import hashlib
import json

import numpy as np

from gridworld.mdp import Mdp

__all__ = ["content_of"]


def content_of(mdp: Mdp) -> str:
    """A hash of what a world does."""
    digest = hashlib.sha256()
    if mdp.world is not None:
        data = mdp.world.to_json()
        data.pop("name", None)
        digest.update(json.dumps(data, sort_keys=True).encode())
        return digest.hexdigest()
    for name in ("n_states", "n_actions", "max_steps", "dynamics"):
        digest.update(f"{name}={getattr(mdp, name)};".encode())
    for name in ("outcomes", "threshold", "alias", "starts", "start_threshold", "start_alias"):
        digest.update(np.ascontiguousarray(getattr(mdp, name)).tobytes())
    return digest.hexdigest()
