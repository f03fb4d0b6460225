"""The page of the experiments: a frame that `assets/lib/lab/entry.mjs` fills.

It is a page of its own beside Dash's: nothing of it is loaded by who looks at the training alone.
"""

from pathlib import Path
from typing import Final

from gridworld_dashboard.access import Role
from gridworld_dashboard.page.layout import ICON, SCHEME

__all__ = ["page"]

ASSETS: Final = Path(__file__).parents[1] / "assets"

_STYLES: Final = ("base.css", "form.css", "page.css", "lib/lab/lab.css")

_FRAME: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Experiments - gridworld-bench</title>
<link rel="icon" href="{icon}">
<script>
{scheme}
</script>
{styles}
{preloads}
<script type="module" src="assets/lib/lab/entry.mjs"></script>
</head>
<body>
<div id="page" class="page lab" data-role="{role}">
<header>
<a class="skip" href="#content">Skip to the experiment</a>
<h1>gridworld-bench</h1>
<span class="muted">Experiments</span>
<span id="lab-note" class="problem" role="status"></span>
<span class="spring"></span>
<a class="go" href="./">Live page</a>
<button id="scheme-toggle" class="quiet" type="button">Dark</button>
</header>
<main>
<nav id="rack" aria-label="Experiments"></nav>
<section id="content" tabindex="-1" aria-label="Experiment"></section>
</main>
<div id="notification-container" class="toasts" role="region" aria-label="Notifications"></div>
<noscript>This page needs JavaScript.</noscript>
</div>
</body>
</html>
"""


def page(role: Role) -> str:
    """The page as HTML.

    Args:
        role: Of who looks at it: those who watch are offered nothing that is not for them.
    """
    modules = sorted((ASSETS / "lib/lab").glob("*.mjs"))
    return _FRAME.format(
        icon=ICON,
        scheme=SCHEME,
        role=role,
        styles="\n".join(f'<link rel="stylesheet" href="assets/{name}">' for name in _STYLES),
        preloads="\n".join(
            f'<link rel="modulepreload" href="assets/{one.relative_to(ASSETS).as_posix()}">'
            for one in modules
        ),
    )
