"""Free text from people: bounded, and without characters that PostgreSQL or a screen cannot hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from services.kit.problems import Problem

LINE_BREAKS = "\n\r\t"
UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cs", "Co"})  # control, half of a pair, private use
# They turn the reading order, so that a text says something else than it seems to.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def find_text_problems(text: str, max_length: int, path: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with a text: longer than `most` characters, or not readable.

    What people paste from their word processors and phones is: line breaks, hard spaces, joined emoji.
    """
    if len(text) > max_length:
        yield Problem("text.too_long", {"most": max_length}, path)
    if any(map(_is_unprintable, text)):
        yield Problem("text.not_printable", {}, path)


def _is_unprintable(character: str) -> bool:
    return character in BIDI_CONTROLS or (
        unicodedata.category(character) in UNPRINTABLE_CATEGORIES and character not in LINE_BREAKS
    )
