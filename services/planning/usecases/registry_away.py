"""What a person is told while identity is away: that these facts are kept ones, and of when."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from services.kit.problem import Problem
from services.planning.domain.banner import Banner, Role
from services.planning.usecases.period import UNKNOWN_ZONE
from services.planning.usecases.person import Person


def registry_away(person: Person) -> Iterator[Banner]:
    """Nothing while identity answers; else the instant of the facts, as clocks at the sekolah induk show it."""
    if person.kept_as_of is not None:
        as_of = person.kept_as_of.astimezone(ZoneInfo(person.zone or UNKNOWN_ZONE))
        npsn = person.teacher.sekolah_induk.value or ""
        role: Role = "kepala_sekolah" if npsn in person.teacher.kepala_at else "teacher"
        yield Banner(Problem("banner.registry_away", {"as_of": as_of}), role, npsn)
