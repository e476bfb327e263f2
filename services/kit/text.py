"""Checks of free text: its length, and characters that PostgreSQL cannot store or a screen cannot show."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from services.kit.problems import Problem

LINE_BREAKS = "\n\r\t"
UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cs", "Co"})  # control, surrogate, private use
# They change the direction of writing, so that a text shows something else than it contains.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def find_text_problems(text: str, max_length: int, path: tuple[str, ...]) -> Iterator[Problem]:
    """Yield `text.too_long` and `text.not_printable` problems of a text.

    Line breaks, non-breaking spaces and joined emoji are allowed: people paste them from word processors and phones.
    """
    if len(text) > max_length:
        yield Problem("text.too_long", {"most": max_length}, path)
    if any(map(_is_unprintable, text)):
        yield Problem("text.not_printable", {}, path)


def _is_unprintable(character: str) -> bool:
    return character in BIDI_CONTROLS or (
        unicodedata.category(character) in UNPRINTABLE_CATEGORIES and character not in LINE_BREAKS
    )
