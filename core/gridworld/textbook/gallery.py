"""All figures, and which are meant by a word."""

from gridworld.errors import InvalidValueError
from gridworld.textbook import chapter6, chapter7, chapter8, chapter12, exact_values, papers
from gridworld.textbook.verdict import Figure

__all__ = ["FIGURES", "find"]

FIGURES: dict[str, Figure] = {
    figure.key: figure
    for chapter in (chapter6, chapter7, chapter8, chapter12, papers, exact_values)
    for figure in chapter.FIGURES
}
"""Key to figure, in the order of the books."""


def find(word: str) -> tuple[Figure, ...]:
    """The figures that a word means: a key, or a number that several may have.

    Raises:
        InvalidValueError: There is none.
    """
    if word in FIGURES:
        return (FIGURES[word],)
    found = tuple(figure for figure in FIGURES.values() if word and figure.number == word)
    if not found:
        raise InvalidValueError(
            f"a figure must be one of {', '.join(FIGURES)}, or its number, got {word!r:.80}"
        )
    return found
