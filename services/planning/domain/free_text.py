"""Free text from people: bounded, and without characters that PostgreSQL or a screen cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

from services.kit.problem import Problem

LINE_BREAKS = str.maketrans("", "", "\n\t")


def faults_of(text: str, most: int, path: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with a text: longer than `most` characters, or not printable (line breaks are)."""
    if len(text) > most:
        yield Problem("text.too_long", {"most": most}, path)
    if not text.translate(LINE_BREAKS).isprintable():
        yield Problem("text.not_printable", {}, path)
