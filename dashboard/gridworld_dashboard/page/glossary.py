"""The page of quantities, which each *?* leads to: the document `docs/glossary.md`, served."""

from html import escape

from markdown_it import MarkdownIt

from gridworld.textbook.glossary import GLOSSARY, Quantity
from gridworld_dashboard.page.document import document

__all__ = ["glossary_page"]


def glossary_page() -> str:
    """HTML, with an anchor for each quantity."""
    sections = "\n".join(map(_section, GLOSSARY))
    body = f"""<body class="glossary">
<main>
<h1>What the quantities are</h1>
{sections}
</main>
</body>"""
    return document("Quantities", body, styles=("base.css", "lesson.css"))


def _section(each: Quantity) -> str:
    symbol = f" <span class=muted>{escape(each.symbol)}</span>" if each.symbol else ""
    text = "\n".join(
        f"<p>{MarkdownIt().renderInline(words)}</p>" for words in (each.says, each.more) if words
    )
    return f'<section id="{each.key}">\n<h2>{escape(each.title)}{symbol}</h2>\n{text}\n</section>'
