"""The schema breaks no client of the last release, and removes only what a release has announced."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.metadata import version

import pytest
from graphql import build_schema

from devtools.evolution import list_announced_removals, list_refused_changes
from devtools.release import RELEASED
from tests.composed import ROOT
from tests.contract.sdl import SDL_FILE, load_schema

RELEASED_FILE = ROOT / RELEASED
OLD = build_schema("""
  type Query { plan: Plan }
  type Plan {
    id: ID!
    catatan: String @deprecated(reason: "Use `note`. Removed after 2027-06-30.")
    tab(semester: ID @deprecated(reason: "Never read. Removed after 2027-06-30.")): Tab
  }
  enum Tab { SATU DUA @deprecated(reason: "Never used. Removed after 2027-06-30.") }
""")
WITHOUT_DEPRECATED = build_schema(
    "type Query { plan: Plan } type Plan { id: ID! tab: Tab } enum Tab { SATU }"
)
REMOVALS = [
    "Argument Plan.tab(semester:) was removed.",
    "Enum value Tab.DUA was removed.",
    "Field Plan.catatan was removed.",
]


def test_schema_breaks_no_client_of_the_last_release() -> None:
    released = build_schema(RELEASED_FILE.read_text())
    assert list_refused_changes(released, load_schema(), datetime.now(UTC).date()) == []


@pytest.mark.parametrize(("today", "refused"), [(date(2027, 6, 30), REMOVALS), (date(2027, 7, 1), [])])
def test_deprecated_elements_may_go_after_their_day(today: date, refused: list[str]) -> None:
    assert list_refused_changes(OLD, WITHOUT_DEPRECATED, today) == refused


def test_other_elements_may_never_go() -> None:
    smaller = build_schema(
        "type Query { plan(id: ID): Plan } type Plan { tab(semester: ID): Tab catatan: String } enum Tab { SATU DUA }"
    )
    assert list_refused_changes(OLD, smaller, date(2030, 1, 1)) == ["Field Plan.id was removed."]


def test_each_deprecation_names_the_day_of_its_removal() -> None:
    assert [removal for removal, day in list_announced_removals(load_schema()) if day is None] == []
    without_day = build_schema('type Query { a: Int @deprecated(reason: "Use `b`.") }')
    assert list(list_announced_removals(without_day)) == [("Field Query.a was removed.", None)]


def test_sdl_names_the_release() -> None:
    assert f"release {version('rencana')}." in SDL_FILE.read_text().splitlines()[0]
