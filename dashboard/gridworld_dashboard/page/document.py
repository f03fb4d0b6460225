"""What every page begins with; and whole pages that are not Dash's."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Final

__all__ = ["ASSETS", "ICON", "SCHEME", "document", "preloads"]

ASSETS: Final = Path(__file__).parents[1] / "assets"

ICON: Final = (
    "data:image/svg+xml,"
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='3' fill='%232f5fd0'/%3E"
    "%3Cpath d='M4 4h3v3H4zM9 9h3v3H9z' fill='white'/%3E"
    "%3Cpath d='M9 4h3v3H9zM4 9h3v3H4z' fill='white' opacity='.4'/%3E%3C/svg%3E"
)

SCHEME: Final = """\
try {
  const scheme = localStorage.getItem("gridworld-bench.scheme");
  if (scheme) document.documentElement.dataset.scheme = JSON.parse(scheme);
} catch {}"""
"""Set before the first paint, else a dark page would flash white."""


def preloads(modules: Iterable[Path]) -> str:
    """Links that fetch modules ahead.

    A browser would find a module's own imports only after the module itself, one level after the
    other; fetched ahead, all are there when the first of them asks.
    """
    return "\n".join(
        f'<link rel="modulepreload" href="assets/{module.relative_to(ASSETS).as_posix()}">'
        for module in sorted(modules)
    )


def document(title: str, body: str, *, styles: Sequence[str], head: str = "") -> str:
    """A page as HTML.

    Args:
        title: In plain text; the program's name follows.
        body: HTML, the element itself included.
        styles: Files in `assets`.
        head: Further HTML of the head.
    """
    sheets = "\n".join(f'<link rel="stylesheet" href="assets/{name}">' for name in styles)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} - gridworld-bench</title>
<link rel="icon" href="{ICON}">
<script>
{SCHEME}
</script>
{sheets}
{head}
</head>
{body}
</html>
"""
