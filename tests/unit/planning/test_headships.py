"""Headships change at midnight in the zone of the school."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planning.people.model import Fact, HeadedSchool, Headship, SchoolFacts, Zone
from tests.unit.planning.test_access import SCHOOL, TEACHER

BEGINS, ENDS = date(2024, 1, 16), date(2024, 2, 1)
PLT = Headship("plt", "guru", "Guru Contoh", valid_from=BEGINS, valid_until=ENDS)
ZONES: tuple[Zone, ...] = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
MIDNIGHT = {"Asia/Jakarta": 17, "Asia/Makassar": 16, "Asia/Jayapura": 15}  # hour in UTC of the day before


_instants = st.integers(0, 60 * 24).map(
    lambda hours: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
)


def school(zone: Zone | None) -> SchoolFacts:
    headships = (Headship("kosong", valid_until=BEGINS), PLT, Headship("kosong", valid_from=ENDS))
    return replace(SCHOOL, zone=Fact(zone), headships=headships)


@pytest.mark.parametrize("zone", [*ZONES, None])
def test_the_head_changes_at_midnight_of_the_school(zone: Zone | None) -> None:
    midnight = datetime(2024, 1, 15, MIDNIGHT[zone or "Asia/Jakarta"], tzinfo=UTC)
    school_facts = school(zone)
    assert school_facts.at(midnight - timedelta(microseconds=1)).head.kind == "kosong"
    assert (school_facts.at(midnight).head.kind, school_facts.at(midnight).head.ptk_id) == ("plt", "guru")
    assert school_facts.at(midnight + timedelta(days=16)).head.kind == "kosong"


@pytest.mark.parametrize("zone", ZONES)
def test_head_changes_are_the_midnights_after_an_instant(zone: Zone) -> None:
    midnight, school_facts = datetime(2024, 1, 15, MIDNIGHT[zone], tzinfo=UTC), school(zone)
    later = midnight + timedelta(days=16)
    assert school_facts.head_changes(midnight - timedelta(seconds=1)) == [midnight, later]
    assert school_facts.head_changes(midnight) == [later]
    assert school_facts.head_changes(later) == []


@given(_instants, st.sampled_from(ZONES))
def test_the_head_stays_the_same_until_the_next_change(now: datetime, zone: Zone) -> None:
    school_facts = school(zone)
    change = min(school_facts.head_changes(now), default=None)
    until = change - timedelta(microseconds=1) if change else now + timedelta(days=365)
    assert school_facts.at(now).head == school_facts.at(until).head
    assert change is None or school_facts.at(change).head != school_facts.at(now).head


@given(_instants, st.sampled_from(ZONES))
def test_headships_of_teacher_and_school_agree_at_every_instant(now: datetime, zone: Zone) -> None:
    teacher = replace(TEACHER, headships=(HeadedSchool("99000009", zone, "plt", BEGINS, ENDS),)).at(now)
    assert bool(teacher.plt_at) == (school(zone).at(now).head.kind == "plt")
    assert bool(teacher.plt_at) == (BEGINS <= now.astimezone(ZoneInfo(zone)).date() < ENDS)
