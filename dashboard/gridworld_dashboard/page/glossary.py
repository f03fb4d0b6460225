"""The page of quantities, which each *?* leads to: the document `docs/glossary.md`, served."""

from html import escape

from markdown_it import MarkdownIt

from gridworld.textbook.glossary import GLOSSARY, Quantity

__all__ = ["glossary_page"]


def glossary_page() -> str:
    """HTML, with an anchor for each quantity."""
    sections = "\n".join(map(_section, GLOSSARY))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Quantities \N{MIDDLE DOT} gridworld-bench</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/base.css">
<link rel="stylesheet" href="assets/lesson.css">
</head>
<body class="glossary">
<main>
<h1>What the quantities are</h1>
{sections}
</main>
</body>
</html>
"""


def _section(each: Quantity) -> str:
    symbol = f" <span class=muted>{escape(each.symbol)}</span>" if each.symbol else ""
    text = "\n".join(
        f"<p>{MarkdownIt().renderInline(words)}</p>" for words in (each.says, each.more) if words
    )
    return f'<section id="{each.key}">\n<h2>{escape(each.title)}{symbol}</h2>\n{text}\n</section>'
