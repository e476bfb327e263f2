"""A table that tests fill row by row, and that pytest prints with -s."""

from __future__ import annotations

from collections.abc import Sequence


class Table:
    """Rows of words under a heading."""

    def __init__(self, *heading: str) -> None:
        self.rows: list[Sequence[str]] = [heading]

    def add(self, *row: str) -> None:
        """One row more."""
        self.rows.append(row)

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        first, *lines = (" | ".join(map(str.ljust, row, widths)).rstrip() for row in self.rows)
        return "\n".join(["", first, "-+-".join("-" * width for width in widths), *lines])
