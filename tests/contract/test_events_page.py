"""The generator of the tables in docs/events.md refuses incomplete input."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from devtools.generate.events import describe, replace_tables


def test_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="make schema"):
        replace_tables("# Events\n")


def test_field_without_meaning_is_refused() -> None:
    @dataclass
    class UndocumentedEvent:
        """An event with a field whose meaning is missing."""

        millimetres: int

    with pytest.raises(ValueError, match="UndocumentedEvent"):
        describe(UndocumentedEvent)
