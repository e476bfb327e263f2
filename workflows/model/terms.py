"""Words of closed lists that carry their meaning along, so that the reference of the format is told by the code."""

from __future__ import annotations

from enum import StrEnum


class Term(StrEnum):
    """A word as definitions write it, and what it means: `OWNER = "owner", "the teacher"`."""

    meaning: str

    def __new__(cls, word: str, meaning: str = "") -> Term:
        """The word itself is the value; its meaning is only told."""
        term = str.__new__(cls, word)
        term._value_ = word
        term.meaning = meaning
        return term
