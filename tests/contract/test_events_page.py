"""The tables of docs/events.md say what the dataclasses of events say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from services.planning.plan.event_list import describe, with_tables

PAGE = Path(__file__).parents[2] / "docs" / "events.md"


def test_the_tables_are_current() -> None:
    assert PAGE.read_text() == with_tables(PAGE.read_text()), "run `make schema`, and read the difference"


def test_a_page_without_its_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="schema events"):
        with_tables("# Events\n")


def test_a_field_without_a_meaning_is_refused() -> None:
    @dataclass
    class Rained:
        """It rained."""

        millimetres: int

    with pytest.raises(ValueError, match="Rained"):
        describe(Rained)
