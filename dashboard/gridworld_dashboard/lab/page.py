"""The page of the experiments: a frame that `assets/lib/lab/entry.mjs` fills.

It is a page of its own beside Dash's: nothing of it is loaded by who looks at the training alone.
"""

from typing import Final

from gridworld_dashboard.access import Role
from gridworld_dashboard.page.document import ASSETS, document, preloads

__all__ = ["page"]

_STYLES: Final = ("base.css", "form.css", "page.css", "lib/lab/lab.css")

_BODY: Final = """<body>
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
</body>"""


def page(role: Role) -> str:
    """The page as HTML.

    Args:
        role: Of who looks at it: those who watch are offered nothing that is not for them.
    """
    entry = '<script type="module" src="assets/lib/lab/entry.mjs"></script>'
    modules = preloads((ASSETS / "lib/lab").glob("*.mjs"))
    body = _BODY.format(role=role)
    return document("Experiments", body, styles=_STYLES, head=f"{modules}\n{entry}")
