"""Sample schools for races: each with one teacher, an appointed principal and a Plt. All are invented.

While the principal's decree runs, the principal is the head of the school; when it has ended, the Plt is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.identity.accounts.commands import grant_scope, import_accounts
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_duties, import_school, import_zones
from tests.identity_samples import bundle, gtk, ptk, sekolah
from tests.small_registry import ADMIN, AS_OF, ZONES, email_of

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
    await _import_school(SCHOOL_OF_PLTS, [gtk(school.plt) for school in schools])
    for school in schools:
        principal = gtk(school.principal, jenis_ptk_id="20", jenis_ptk_id_str="Kepala Sekolah")
        await _import_school(school.npsn, [gtk(school.teacher), principal])
    people = [(person, school.npsn) for school in schools for person in (school.teacher, school.principal)]
    people += [(school.plt, SCHOOL_OF_PLTS) for school in schools]
    rows = [f"{email_of(number)},{ptk(number)},{npsn},," for number, npsn in people]
    report = await import_accounts(
        "\n".join(["email,ptk_id,npsn,opened,closed", *rows, f"{ADMIN},,,,"]).encode(), "accounts", AS_OF
    )
    assert not report.problems
    await grant_scope(ADMIN, "admin", "test", AS_OF)
    duties = [f"{ptk(school.plt)},33,{school.npsn},SK/CONTOH/1,2023-07-01," for school in schools]
    await _import_duties([*duties, *(_decree(school, "definitif") for school in schools)])


async def set_heads(schools: Iterable[SampleSchool], head_kind: str) -> None:
    """Make the principal (`definitif`) or the Plt (`plt`) the head of each school."""
    await _import_duties([_decree(school, head_kind) for school in schools])


def _decree(school: SampleSchool, head_kind: str) -> str:
    ends = "" if head_kind == "definitif" else "2024-02-15"
    return f"{ptk(school.principal)},2,{school.npsn},SK/CONTOH/2,2020-01-01,{ends}"


async def _import_school(npsn: str, people: list[dict[str, object]]) -> None:
    school = sekolah(npsn, sekolah_id=f"11111111-1111-4111-8111-{int(npsn):012d}")
    report = await import_school(read_bundle(bundle(*people, school=school)), AS_OF)
    assert not report.problems


async def _import_duties(rows: Iterable[str]) -> None:
    table = "\n".join(["ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst", *rows])
    report = await import_duties(table.encode(), "duties", AS_OF)
    assert not report.problems
