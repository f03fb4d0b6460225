"""Rules that hold across the whole project."""

import ast
import configparser
import dataclasses
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import gridworld

ROOT = Path(__file__).parents[1]

REQUIREMENTS = {
    "WEB": 4,
    "TRAIN": 6,
    "PARAM": 5,
    "VIZ": 4,
    "QL": 5,
    "METRIC": 5,
    "QVAL": 4,
    "POL": 4,
}

SOURCE_ROOTS = {
    "gridworld": "core",
    "gridworld_dashboard": "dashboard",
    "gridworld_cli": "cli",
    "gridworld_peers": "benchmarks",
}

FORBIDDEN = {
    "gridworld": {"gridworld_dashboard", "gridworld_cli", "gridworld_peers", "dash", "flask",
                  "click", "rich", "pydantic", "gymnasium", "plotly"},
    "gridworld_dashboard": {"gridworld_cli", "gridworld_peers", "click", "rich"},
    "gridworld_cli": {"dash", "flask", "pydantic"},
    "gridworld_peers": {"gridworld_dashboard", "gridworld_cli", "dash", "click", "rich"},
}  # fmt: skip


ON_REQUEST = {
    "gridworld": {
        "gymnasium": {"registering.py", "interop/env.py", "interop/making.py", "interop/vector.py"}
    },
    "gridworld_peers": {"gymnasium": {"gymnasium_loop.py"}},
}
"""Of a package, the files that import something when they are asked for what needs it."""


def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg")
    return parser


def requirement_names(text: str) -> list[str]:
    """The distributions that a list of requirements names."""
    return [re.split(r"[ <>=!~\[]", line.strip())[0] for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize(
    "requirement",
    [f"{kind}-{n:02}" for kind, most in REQUIREMENTS.items() for n in range(1, most + 1)],
)
def test_every_requirement_is_named_by_a_test(requirement: str) -> None:
    pattern = re.compile(re.escape(requirement).replace(r"\-", "[-_]"), re.IGNORECASE)
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "tests").rglob("*.test.mjs")]
    naming = [path for path in files if path != Path(__file__) and pattern.search(path.read_text())]
    assert naming, f"no test names {requirement}"


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the name of each module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield node.lineno, node.module or ""


@pytest.mark.parametrize("package", FORBIDDEN)
def test_packages_import_only_what_they_may(package: str) -> None:
    folder = ROOT / SOURCE_ROOTS[package] / package
    for path in folder.rglob("*.py"):
        for line, module in imported(path):
            root = module.partition(".")[0]
            allowed = ON_REQUEST.get(package, {}).get(root, ())
            if path.relative_to(folder).as_posix() not in allowed:
                assert root not in FORBIDDEN[package], f"{path}:{line}"


def test_kernels_import_nothing_else_of_the_library() -> None:
    """What they take from elsewhere would be compiled in, and no change of it be seen."""
    allowed = {"numpy", "numba", "llvmlite", *sys.stdlib_module_names}
    files = list((ROOT / "core/gridworld/kernels").rglob("*.py"))
    assert len(files) > 20
    for path in files:
        for line, module in imported(path):
            within = f"{module}.".startswith("gridworld.kernels.")
            assert within or module.partition(".")[0] in allowed, f"{path}:{line}: {module}"


def modules() -> dict[str, Path]:
    """Every module of the project by its dotted name."""
    found: dict[str, Path] = {}
    for root in SOURCE_ROOTS.values():
        for path in (ROOT / root).rglob("*.py"):
            parts = path.relative_to(ROOT / root).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def test_no_module_imports_in_a_circle() -> None:
    """Neither at once, nor when it is asked for, nor for a type checker alone."""
    known = modules()
    arrows: dict[str, set[str]] = {}
    for name, path in known.items():
        arrows[name] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in known:
                below = {f"{node.module}.{alias.name}" for alias in node.names}
                arrows[name] |= (below & known.keys()) or {node.module}
            elif isinstance(node, ast.Import):
                arrows[name] |= {alias.name for alias in node.names} & known.keys()
    while leaves := [name for name, to in arrows.items() if not to & arrows.keys()]:
        for name in leaves:
            del arrows[name]
    assert not arrows, f"among these is a circle: {', '.join(sorted(arrows))}"


def test_no_folder_class_or_function_outgrows_its_reader() -> None:
    """A kernel's innermost loop is one function: a call in it would go through memory."""
    too_large: list[str] = []
    folders: dict[Path, int] = {}
    for pattern in ("*.py", "*.mjs"):
        for root in SOURCE_ROOTS.values():
            for path in (ROOT / root).rglob(pattern):
                folders[path.parent] = folders.get(path.parent, 0) + 1
    too_large += [f"{folder}: {count} files" for folder, count in folders.items() if count > 25]
    for path in modules().values():
        for node in ast.walk(ast.parse(path.read_text())):
            lines = getattr(node, "end_lineno", 0) - getattr(node, "lineno", 0) + 1
            if isinstance(node, ast.ClassDef) and lines > 300:
                too_large.append(f"{path}:{node.lineno}: class {node.name} has {lines} lines")
            elif isinstance(node, ast.FunctionDef) and lines > 100:
                if "kernels" in path.parts and node.name.startswith("advance"):
                    continue
                too_large.append(f"{path}:{node.lineno}: {node.name} has {lines} lines")
    assert not too_large, "\n".join(too_large)


def test_the_library_loads_neither_web_nor_terminal_nor_gymnasium() -> None:
    code = "import sys, gridworld; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & (FORBIDDEN["gridworld"] | {"psutil"})


def test_setup_lists_every_package() -> None:
    listed = setup_cfg()["options"]["packages"].split()
    found = [
        str(path.parent.relative_to(ROOT / root)).replace("/", ".")
        for root in SOURCE_ROOTS.values()
        for path in (ROOT / root).rglob("__init__.py")
    ]
    assert sorted(listed) == sorted(found)
    for package, root in SOURCE_ROOTS.items():
        assert (ROOT / root / package / "py.typed").exists()


def source_tree(folder: Path) -> Path:
    """A copy of what the project is built from."""
    for name in ("setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for root in SOURCE_ROOTS.values():
        shutil.copytree(ROOT / root, folder / root, ignore=ignore)
    return folder


def test_the_wheel_holds_every_file_of_the_packages_and_says_what_it_needs(tmp_path: Path) -> None:
    source = source_tree(Path(tempfile.mkdtemp(dir=tmp_path)))
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", tmp_path)
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, source], check=True)
    [path] = tmp_path.glob("*.whl")
    wheel = zipfile.ZipFile(path)
    packed = set(wheel.namelist())
    for package, root in SOURCE_ROOTS.items():
        folder = source / root
        files = [path for path in (folder / package).rglob("*") if path.is_file()]
        missing = {path.relative_to(folder).as_posix() for path in files} - packed
        assert not missing
    [metadata] = [name for name in packed if name.endswith(".dist-info/METADATA")]
    lines = wheel.read(metadata).decode().splitlines()
    assert "License-Expression: MIT" in lines
    needed = [
        line.split(" ")[1] for line in lines if line.startswith("Requires-Dist") and ";" not in line
    ]
    names = {re.split(r"[<>=!~]", each)[0] for each in needed}
    assert names == {"numpy", "numba", "psutil", "click", "rich"}


def test_the_source_archive_takes_everything_that_is_no_product() -> None:
    lines = (ROOT / "MANIFEST.in").read_text().splitlines()
    named = [name for line in lines if not line.startswith("global") for name in line.split()[1:]]
    taken = {name.partition("/")[0] for name in named} | {"MANIFEST.in", "PKG-INFO", ".git"}
    products = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    for path in ROOT.iterdir():
        is_product = any(path.match(pattern) for pattern in products)
        assert path.name in taken or is_product, path.name
    assert all((ROOT / name).exists() for name in named)


EXTRAS = [
    "dash",
    "dash_extensions",
    "distributed",
    "flask",
    "flask_sock",
    "gymnasium",
    "matplotlib",
    "pandas",
    "pyarrow",
    "pydantic",
    "scipy",
    "simple_websocket",
    "tomli_w",
    "werkzeug",
]

WITHOUT_EXTRAS = f"""
import dataclasses, sys
sys.modules.update(dict.fromkeys({EXTRAS!r}))
from gridworld import *
import gridworld as gw
from gridworld_cli.main import run
slippery = dataclasses.replace(make("maze-24"), slip=0.2)
print(repr(float(solve(slippery).expected_return)))
assert train(make("default"), steps=50).policy().shape == (25, 4)
for what, call in {{
    "gymnasium": lambda: make_env("easy"),
    "experiments": lambda: train(make("easy"), steps=9).table(),
    "exact": lambda: compile_world(make("easy")).to_arrays(sparse=True),
}}.items():
    try:
        call()
    except MissingExtraError as error:
        assert f"type pip install 'gridworld-bench[{{what}}]'" in str(error)
    else:
        raise AssertionError(what)
assert run(["train", "--steps", "100"]) == 0
assert run(["dashboard"]) == 1
assert run(["experiment", "new"]) == 1
"""


def test_without_extras_one_trains_and_solves_and_is_told_what_to_type_for_more() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_EXTRAS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    slippery = dataclasses.replace(gridworld.make("maze-24"), slip=0.2)
    expected = gridworld.solve(slippery).expected_return
    assert float(done.stdout.splitlines()[0]) == pytest.approx(expected, abs=1e-9)
    for extra in ("dashboard", "experiments"):
        assert f"type pip install 'gridworld-bench[{extra}]'" in done.stderr


def test_every_extra_that_is_asked_for_is_one() -> None:
    extras = set(setup_cfg()["options.extras_require"])
    asked = set()
    for root in ("core", "cli"):
        for path in (ROOT / root).rglob("*.py"):
            text = path.read_text()
            asked |= set(re.findall(r"require\(\s*\"[^\"]*\",\s*\"(\w+)\"", text))
            asked |= set(re.findall(r"MissingExtraError\(\"[^\"]*\", \"(\w+)\"", text))
    assert {"dashboard", "exact", "experiments", "gymnasium", "plot"} <= asked <= extras


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs/decisions/dependencies.md").read_text()
    parser = setup_cfg()
    needed = requirement_names(parser["options"]["install_requires"])
    for extra in parser["options.extras_require"].values():
        needed += [name for name in requirement_names(extra) if not name.startswith("%")]
    assert len(needed) > 10
    for name in needed:
        assert f"**{name}**" in reasons, name


def test_the_guide_to_worlds_shows_every_key() -> None:
    from gridworld import GridWorld, WorldError

    guide = (ROOT / "docs/worlds.md").read_text()
    with pytest.raises(WorldError, match="no other keys than") as caught:
        GridWorld.from_json({"?": 0})
    keys = str(caught.value).partition("than ")[2].partition(", got")[0].split(", ")
    assert len(keys) > 5
    for key in keys:
        assert re.search(rf"^\|.*`{key}`.*\|$", guide, re.MULTILINE), key


def test_the_readme_shows_commands_that_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from gridworld_cli.main import run

    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^gridworld-bench (.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(commands) > 5
    for line in commands:
        measures = line in ("bench", "compare")
        quickly = " --repeats 1 --seconds 0.002" if measures else ""
        assert run((line + quickly).split()) == 0, capsys.readouterr().err


def test_the_readme_names_the_commands_that_ci_runs() -> None:
    readme, ci = (ROOT / "README.md").read_text(), (ROOT / ".ci/run").read_text()
    assert "\nmake test\n" in readme
    assert "\nrun make test\n" in ci


def test_what_the_library_offers_is_there() -> None:
    names: dict[str, object] = {}
    exec("from gridworld import *", names)
    assert {"train", "QLearning", "TrainingInterrupted", "__version__"} <= set(names)
    for name in gridworld_names():
        assert getattr(gridworld, name) is names[name]
        assert name in dir(gridworld)
    for name in ("Sarsa", "train", "GridWorld", "LinkError"):
        assert pickle.loads(pickle.dumps(names[name])) is names[name]
    with pytest.raises(AttributeError, match="'gridworld' has no attribute 'trian'"):
        gridworld.__getattr__("trian")


def test_a_fresh_import_brings_nothing_that_is_slow_and_everything_when_asked() -> None:
    code = """
import sys, gridworld
assert not {"numpy", "numba", "zipfile"} & set(sys.modules), "heavy"
assert gridworld.batch.Batch is gridworld.Batch and gridworld.exact.__doc__
from gridworld import *
assert train(make("easy"), "sarsa", steps=1).q.shape == (1, 25, 4)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def gridworld_names() -> list[str]:
    """`__all__`, which the stub leaves out: type checkers read the names themselves."""
    names: list[str] = vars(gridworld)["__all__"]
    return names
