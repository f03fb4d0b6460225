"""An address as a QR code on a terminal: nobody types it from a wall."""

from typing import Final

__all__ = ["drawn"]

QUIET: Final = 2
"""Light modules around a code: fewer than the standard's four, which every reader takes."""

FACES: Final = {(0, 0): " ", (1, 0): "\N{UPPER HALF BLOCK}", (0, 1): "\N{LOWER HALF BLOCK}"}
FULL: Final = "\N{FULL BLOCK}"

BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m"
"""Whatever the terminal's own colours are: some readers take no code that is light on dark."""

USUAL: Final = "\x1b[0m"


def drawn(address: str) -> list[str]:
    """The lines of an address's QR code, two rows of modules in each.

    Args:
        address: Of at most some hundred letters.
    """
    import segno

    code = segno.make(address, error="m", micro=False)
    rows = [[int(module) for module in row] for row in code.matrix_iter(border=QUIET)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        faces = (FACES.get(pair, FULL) for pair in zip(upper, lower, strict=True))
        lines.append(f"{BLACK_ON_WHITE}{''.join(faces)}{USUAL}")
    return lines
