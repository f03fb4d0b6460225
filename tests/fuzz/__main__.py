"""Search each target for some seconds, guided by what code its inputs reach.

    python tests/fuzz/__main__.py SECONDS [TARGET]

What is found is written to `tests/fuzz/found`; it goes to `corpus/TARGET` with a fix.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parents[1])]

with atheris.instrument_imports(include=["gridworld", "gridworld_dashboard"]):
    from fuzz.targets import TARGETS, seeds

HANG_S = 2
MEMORY_MB = 4096


def search(target: str, seconds: str) -> None:
    """Search one target; ends this process, as libFuzzer does."""
    found = Path(__file__).parent / "found"
    found.mkdir(exist_ok=True)
    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{target}-"))
    for i, seed in enumerate(seeds(target)):
        (corpus / f"seed-{i}").write_bytes(seed)
    options = (f"-max_total_time={seconds}", f"-timeout={HANG_S}", f"-rss_limit_mb={MEMORY_MB}")
    places = (f"-artifact_prefix={found}/{target}-", str(corpus))
    atheris.Setup([sys.argv[0], "-print_final_stats=1", *options, *places], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[2:]:
        search(sys.argv[2], sys.argv[1])
    else:
        for each in TARGETS:
            subprocess.run((sys.executable, __file__, sys.argv[1], each), check=True)
