"""Lanes: as many schools as races run at a time, each with one teacher, an appointed principal and a Plt in waiting.

Imported as an operator would. While the principal's decree runs, the principal heads the school; once it has ended,
the Plt does. No real person, school or number stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.identity.accounts.commands import grant_scope, import_accounts
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_duties, import_school, import_zones
from tests.identity_samples import bundle, gtk, ptk, sekolah
from tests.small_registry import ADMIN, AS_OF, ZONES, email_of

HOME_OF_PLT = "99000001"  # their sekolah induk: a Plt acts for another school


@dataclass(frozen=True)
class Lane:
    """A school of its own, and the numbers of its people."""

    npsn: str
    teacher: int
    principal: int
    plt: int

    def head(self, kind: str) -> int:
        return self.principal if kind == "definitif" else self.plt


def lanes(count: int) -> list[Lane]:
    """So many schools that have nothing in common but the home of their Plt."""
    return [Lane(f"9901{n:04}", 1000 + 10 * n, 1001 + 10 * n, 1002 + 10 * n) for n in range(count)]


async def import_lanes(of: list[Lane]) -> None:
    """Everybody into the current identity database."""
    await import_zones(ZONES.read_bytes(), "zones", AS_OF)
    await _import_school(HOME_OF_PLT, [gtk(lane.plt) for lane in of])
    for lane in of:
        principal = gtk(lane.principal, jenis_ptk_id="20", jenis_ptk_id_str="Kepala Sekolah")
        await _import_school(lane.npsn, [gtk(lane.teacher), principal])
    people = [(lane.teacher, lane.npsn) for lane in of] + [(lane.principal, lane.npsn) for lane in of]
    people += [(lane.plt, HOME_OF_PLT) for lane in of]
    rows = [f"{email_of(number)},{ptk(number)},{npsn},," for number, npsn in people]
    report = await import_accounts(
        "\n".join(["email,ptk_id,npsn,opened,closed", *rows, f"{ADMIN},,,,"]).encode(), "accounts", AS_OF
    )
    assert not report.problems
    await grant_scope(ADMIN, "admin", "test", AS_OF)
    duties = [f"{ptk(lane.plt)},33,{lane.npsn},SK/CONTOH/1,2023-07-01," for lane in of]
    await _import_duties([*duties, *(_decree(lane, "definitif") for lane in of)])


async def let_head(of: Iterable[Lane], kind: str) -> None:
    """The principal's decree runs (`definitif`), or has ended, and the Plt heads the school (`plt`)."""
    await _import_duties([_decree(lane, kind) for lane in of])


def _decree(lane: Lane, kind: str) -> str:
    until = "" if kind == "definitif" else "2024-02-15"
    return f"{ptk(lane.principal)},2,{lane.npsn},SK/CONTOH/2,2020-01-01,{until}"


async def _import_school(npsn: str, people: list[dict[str, object]]) -> None:
    school = sekolah(npsn, sekolah_id=f"11111111-1111-4111-8111-{int(npsn):012d}")
    report = await import_school(read_bundle(bundle(*people, school=school)), AS_OF)
    assert not report.problems


async def _import_duties(rows: Iterable[str]) -> None:
    table = "\n".join(["ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst", *rows])
    report = await import_duties(table.encode(), "duties", AS_OF)
    assert not report.problems
