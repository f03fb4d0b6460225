"""Changes of bytes for a search without a guide, the same ones for the same number."""

import random
from collections.abc import Sequence

__all__ = ["mutated"]

_TELLING = (
    *(b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"\n", b" ", b'"', b"'", b"{", b"}", b"[", b"]", b","),
    *(b":", b"-", b"null", b"true", b"NaN", b"1e999", b"-0", b"9" * 25, b"0.1", b"[[[[[[[["),
    *(b"\xc2\xa0", b"\xe2\x80\x8b", b"\\u0000", b"\\ud800", b"map", b"world", b"S", b"G", b"#"),
)
"""What formats give a meaning to."""

MOST_CHANGES = 6


def mutated(number: int, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds with some changes, all of which `number` determines."""
    chance = random.Random(number)
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, MOST_CHANGES)):
        _change(data, chance, seeds)
    return bytes(data)


def _change(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    begin = chance.randint(0, len(data))
    end = min(len(data), begin + chance.choice((0, 1, 1, 2, 4, 8, 32, 256)))
    match chance.randrange(7):
        case 0 if begin < len(data):  # a bit
            data[begin] ^= 1 << chance.randrange(8)
        case 1:  # a piece goes
            del data[begin:end]
        case 2:  # a piece comes twice, or many times
            data[begin:begin] = data[begin:end] * chance.choice((1, 2, 50))
        case 3:  # something telling
            data[begin:end] = chance.choice(_TELLING)
        case 4:  # a number becomes another
            at = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
            if at:
                data[chance.choice(at)] = chance.choice(b"0123456789-.e")
        case 5:  # a piece of another seed
            other = chance.choice(seeds)
            start = chance.randint(0, len(other))
            data[begin:end] = other[start : start + chance.choice((1, 4, 16, 64, 1024))]
        case _:  # cut short
            del data[max(begin, len(data) - 64) :]
