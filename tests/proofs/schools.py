"""Sample schools for races: each with one teacher, an appointed principal and a Plt. All are invented.

While the principal's decree runs, the principal is the head of the school; when it has ended, the Plt is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.identity.accounts.commands import grant_scope
from services.identity.registry.own_file_commands import import_zones
from tests.identity_samples import gtk, ptk
from tests.small_registry import (
    ADMIN,
    AS_OF,
    ZONES,
    email_of,
    import_account_rows,
    import_duty_rows,
    import_school_people,
)

SCHOOL_OF_PLTS = "99000001"  # the sekolah induk of every Plt: a Plt acts for another school


@dataclass(frozen=True)
class SampleSchool:
    """A school and the numbers of its people."""

    npsn: str
    teacher: int
    principal: int
    plt: int

    def head(self, head_kind: str) -> int:
        return self.principal if head_kind == "definitif" else self.plt


def make_schools(count: int) -> list[SampleSchool]:
    """Return schools that share nothing but the sekolah induk of their Plt."""
    return [SampleSchool(f"9901{n:04}", 1000 + 10 * n, 1001 + 10 * n, 1002 + 10 * n) for n in range(count)]


async def import_schools(schools: list[SampleSchool]) -> None:
    """Import schools, people, accounts and decrees into the active identity database."""
    await import_zones(ZONES.read_bytes(), "zones", AS_OF)
    await import_school_people(SCHOOL_OF_PLTS, [gtk(school.plt) for school in schools])
    for school in schools:
        # without jabatan_ptk_id: only the decree makes the principal the head
        principal = gtk(school.principal, jenis_ptk_id="20", jenis_ptk_id_str="Kepala Sekolah")
        await import_school_people(school.npsn, [gtk(school.teacher), principal])
    people = [(person, school.npsn) for school in schools for person in (school.teacher, school.principal)]
    people += [(school.plt, SCHOOL_OF_PLTS) for school in schools]
    rows = [f"{email_of(number)},{ptk(number)},{npsn},," for number, npsn in people]
    await import_account_rows(*rows, f"{ADMIN},,,,")
    await grant_scope(ADMIN, "admin", "test", AS_OF)
    duties = [f"{ptk(school.plt)},33,{school.npsn},SK/CONTOH/1,2023-07-01," for school in schools]
    await import_duty_rows(*duties, *(_decree(school, "definitif") for school in schools))


async def set_heads(schools: Iterable[SampleSchool], head_kind: str) -> None:
    """Make the principal (`definitif`) or the Plt (`plt`) the head of each school."""
    await import_duty_rows(*(_decree(school, head_kind) for school in schools))


def _decree(school: SampleSchool, head_kind: str) -> str:
    ends = "" if head_kind == "definitif" else "2024-02-15"
    return f"{ptk(school.principal)},2,{school.npsn},SK/CONTOH/2,2020-01-01,{ends}"
