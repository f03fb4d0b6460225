"""The server as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]


class Process:
    """`serve` in a process of its own."""

    def __init__(self, folder: Path, *, host: str = "127.0.0.1", port: int = 0) -> None:
        code = (
            "import sys; from pathlib import Path; from gridworld_dashboard.server import serve\n"
            "serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), compile_ahead=False)"
        )
        path = os.pathsep.join(str(ROOT / part) for part in ("core", "dashboard"))
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, host, str(port), str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": path},
        )
        assert self.process.stdout is not None
        self.lines = [self.process.stdout.readline() for _ in range(2)]
        self.port = int(self.lines[1].split(" (")[0].rsplit(":", 1)[1])

    def end(self, number: int) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
