"""The dates of a plan, the territory of partners, and the keys of teachers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.planning.callers.model import NATIONWIDE, Territory, parse_territory
from services.planning.status.model import PlanDates, StateChange, find_dates
from workflows.model.definition import Phase

START = datetime(2024, 1, 15, 2, tzinfo=UTC)


WORKFLOW = "w" * 64


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.mark.parametrize(
    ("states", "decided_at", "began"),
    [
        ("draft", None, None),
        ("draft submitted", None, None),
        ("draft submitted approved", 2, None),
        ("draft submitted auto_approved", 2, None),
        ("draft submitted approved in_implementation", 2, 3),
        ("draft submitted draft submitted approved", 4, None),
        ("draft submitted approved in_implementation draft", None, None),
        ("draft submitted approved draft submitted approved", 5, None),
    ],
)
def test_undone_decision_has_no_date(states: str, decided_at: int | None, began: int | None) -> None:
    moves = [StateChange(state, day(number), WORKFLOW) for number, state in enumerate(states.split())]
    course = find_dates(moves, lambda change: Phase(change.to))
    assert course == PlanDates(
        day(0),
        None if decided_at is None else day(decided_at),
        None if began is None else day(began),
        moves[-1].at,
    )


def test_plan_without_state_changes_has_no_dates() -> None:
    assert find_dates([], lambda change: Phase(change.to)) == PlanDates(None, None, None, None)


@pytest.mark.parametrize(
    "claim",
    [
        None, "", 5, [], {"nationwide": 1}, {"nationwide": False}, {"nationwide": True, "npsn": []},
        {"desa": ["x"]}, {"npsn": "99000001"}, {"npsn": [1]}, {"npsn": [""]}, {"provinsi": None},
    ],
)  # fmt: skip
def test_malformed_territory_grants_nothing(claim: object) -> None:
    with pytest.raises(ValueError, match="within"):
        parse_territory(claim)


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ({}, False),
        ({"npsn": []}, False),
        ({"nationwide": True}, True),
        ({"npsn": ["99000001"]}, True),
        ({"npsn": ["99000002"]}, False),
        ({"provinsi": ["jawa barat"]}, True),
        ({"provinsi": ["jawa"]}, False),
        ({"kabupaten_kota": ["Kab. Contoh"]}, True),
        ({"kabupaten_kota": ["Kota Contoh"]}, False),
        ({"provinsi": ["Papua"], "kabupaten_kota": ["Kota Contoh"], "npsn": ["99000001"]}, True),
    ],
)
def test_territory_covers_a_school_by_npsn_or_region(claim: object, holds: bool) -> None:
    assert parse_territory(claim).covers("99000001", "Prov. Jawa Barat", "Kab. Contoh") is holds


def test_school_without_region_is_in_no_territory_by_region() -> None:
    assert not Territory(frozenset({""}), frozenset({"kab "})).covers("99000001", None, None)
    assert NATIONWIDE.covers("99000001", None, None)
