"""What a command line leaves behind."""

import json
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Outcome:
    """Exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, which must be one JSON document."""
        return json.loads(self.out)


class CommandLine(Protocol):
    """Runs `gridworld-bench` with arguments."""

    def __call__(self, *arguments: object) -> Outcome: ...
