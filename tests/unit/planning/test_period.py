from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planning.callers.model import ActorKind, AdminActor
from services.planning.period.model import (
    Period,
    Revision,
    local_midnight,
    parse_period_code,
    planning_window,
)
from tests.unit.planning.reference import contract_values, period
from workflows.model.definition import Label

AUTHOR, APPROVER = AdminActor(ActorKind.OPERATOR, "a"), AdminActor(ActorKind.OPERATOR, "b")

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
INSTANTS = st.timedeltas(timedelta(days=-2), timedelta(days=180)).map(lambda since: NEW_YEAR + since)
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def revision(number: int, effective_from: datetime, **values: date | int | bool) -> Revision:
    return Revision(number, values, AUTHOR, APPROVER, "why", effective_from)


def of(*revisions: Revision) -> Period:
    return Period("2024-1", Label("x", "x"), date(2024, 1, 1), date(2024, 6, 30), "2024-1", "w", revisions)


@pytest.mark.parametrize(
    ("zone", "opens", "closes"),
    [
        ("WIB", "2023-12-31T17:00Z", "2024-01-31T17:00Z"),
        ("WITA", "2023-12-31T16:00Z", "2024-01-31T16:00Z"),
        ("WIT", "2023-12-31T15:00Z", "2024-01-31T15:00Z"),
    ],
)
def test_planning_opens_and_closes_at_the_midnights_of_the_school(zone: str, opens: str, closes: str) -> None:
    window = planning_window(contract_values(1), ZONES[zone])
    assert window.opens == datetime.fromisoformat(opens)
    assert window.closes == datetime.fromisoformat(closes)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("number", "local", "is_open"),
    [
        (1, "2023-12-31T23:59:59.999999", False),
        (1, "2024-01-01T00:00:00", True),
        (1, "2024-01-31T23:59:00", True),
        (1, "2024-01-31T23:59:59.999999", True),
        (1, "2024-02-01T00:00:00", False),
        (2, "2024-02-01T00:00:00", True),
        (2, "2024-02-29T12:00:00", True),
        (2, "2024-03-31T23:59:59.999999", True),
        (2, "2024-04-01T00:00:00", False),
    ],
)
def test_the_window_is_open_to_the_last_local_minute(
    zone: str, number: int, local: str, is_open: bool
) -> None:
    window = planning_window(contract_values(number), ZONES[zone])
    now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(ZONES[zone]))
    assert (window.opens <= now < window.closes) is is_open


@given(INSTANTS)
def test_school_without_a_zone_may_plan_while_any_zone_may(now: datetime) -> None:
    *windows, unknown = (planning_window(contract_values(2), zone) for zone in (*ZONES.values(), None))
    anywhere = any(window.opens <= now < window.closes for window in windows)
    assert (unknown.opens <= now < unknown.closes) is anywhere


def test_the_extension_leaves_no_gap_in_any_zone() -> None:
    for zone in ZONES.values():
        assert period().revisions[1].effective_from < planning_window(contract_values(1), zone).closes


@pytest.mark.parametrize(
    ("now", "number"),
    [
        (datetime(2023, 6, 1, tzinfo=UTC), 1),
        (datetime(2024, 1, 1, tzinfo=UTC), 1),
        (datetime(2024, 1, 30, 14, 59, 59, tzinfo=UTC), 1),
        (datetime(2024, 1, 30, 15, tzinfo=UTC), 2),
        (datetime(2026, 11, 1, tzinfo=UTC), 2),
    ],
)
def test_the_revision_in_force_is_the_latest_one_in_effect(now: datetime, number: int) -> None:
    assert period().parameters_at(now).number == number


def test_of_revisions_with_one_instant_the_highest_number_is_in_force() -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    assert of(revision(1, at), revision(2, at), revision(3, at)).parameters_at(at).number == 3


@given(st.lists(INSTANTS, min_size=1, max_size=6), INSTANTS)
def test_no_revision_in_effect_is_newer_than_the_one_in_force(
    instants: list[datetime], now: datetime
) -> None:
    revisions = [revision(number, at) for number, at in enumerate(sorted(instants), 1)]
    force = of(*revisions).parameters_at(now)
    effective = [r for r in revisions if r.effective_from <= now]
    assert force == (effective[-1] if effective else revisions[0])


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=90)))
def test_number_of_the_revision_in_force_never_decreases(now: datetime, later: timedelta) -> None:
    assert period().parameters_at(now).number <= period().parameters_at(now + later).number


@pytest.mark.parametrize(
    ("code", "bounds"),
    [
        ("2024-1", (date(2024, 1, 1), date(2024, 6, 30))),
        ("2024-2", (date(2024, 7, 1), date(2024, 12, 31))),
        ("2025", (date(2025, 1, 1), date(2025, 12, 31))),
        ("2024-3", None),
        ("2024-", None),
        ("1999-1", None),
        ("2024-1\n", None),
        ("٢٠٢٤-1", None),
    ],
)
def test_a_period_is_a_semester_or_a_year(code: str, bounds: tuple[date, date] | None) -> None:
    assert parse_period_code(code) == bounds


def test_a_banner_begins_at_the_local_midnight_of_its_day() -> None:
    day = contract_values(1).plt_confirmation_from
    assert local_midnight(day, "Asia/Makassar") == datetime(2024, 2, 15, 16, tzinfo=UTC)
