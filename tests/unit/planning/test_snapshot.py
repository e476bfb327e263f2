"""The row of a plan is compared with the last snapshots of its events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.planning.plan.chain import check_snapshots
from services.planning.plan.erasable_text import content_text, profile_text
from services.planning.plan.event_kinds import PlanStarted, ProfileCorrected, TabSaved
from services.planning.plan.events import SYSTEM, ErasableText
from services.planning.plan.model import Change
from services.planning.plan.tabs import Tab
from tests.unit.planning.chain import build_rows
from tests.unit.planning.plans import NOW, fire, new_plan

START = Change(new_plan(), ()).with_event(PlanStarted(), SYSTEM, NOW, texts=(profile_text(new_plan()),))
HANDED_IN = START.with_event(fire(), SYSTEM, NOW, texts=(content_text(new_plan()), profile_text(new_plan())))
FORGERY: dict[str, Any] = {"content": [], "profile": "?", "school": {"npsn": "99000001", "nama": "SD"}}


def find_differences(change: Change, **forged: Any) -> list[tuple[object, object]]:
    """Return version and columns of each fault of a plan whose row was changed."""
    row = replace(build_rows(change), **forged)
    return [(problem.params["version"], problem.params["columns"]) for problem in check_snapshots(row)]


def test_each_part_is_compared_with_its_last_snapshot() -> None:
    assert find_differences(START, content=[]) == find_differences(HANDED_IN) == []
    assert find_differences(START, **FORGERY) == [(1, ["profile", "school"])]
    assert find_differences(HANDED_IN, **FORGERY) == [(2, ["content"]), (2, ["profile", "school"])]


def test_part_changed_by_a_later_event_is_not_compared() -> None:
    tab_save = HANDED_IN.with_event(TabSaved(Tab.PRAKTIK_KINERJA), SYSTEM, NOW)
    assert find_differences(tab_save, **FORGERY) == [(2, ["profile", "school"])]
    change = HANDED_IN.with_event(replace(fire(), moved_from="99000002"), SYSTEM, NOW)
    assert find_differences(change, **FORGERY) == [(2, ["content"]), (2, ["profile"])]
    again = change.with_event(ProfileCorrected(("ruang",)), SYSTEM, NOW, texts=(profile_text(new_plan()),))
    assert find_differences(again, **FORGERY) == [(2, ["content"]), (4, ["profile", "school"])]


def test_erased_text_is_not_compared() -> None:
    texts = [replace(text, value=None, salt=None) for text in build_rows(HANDED_IN).texts]
    assert find_differences(HANDED_IN, **FORGERY, texts=texts) == []


@pytest.mark.parametrize("value", ["{", "[" * 99_999, "null", "[]", "1"])
def test_unreadable_text_is_not_compared(value: str) -> None:
    texts = tuple(ErasableText.of(name, value) for name in ("content", "profile"))
    assert (
        find_differences(
            Change(new_plan(), ()).with_event(PlanStarted(), SYSTEM, NOW, texts=texts), **FORGERY
        )
        == []
    )
