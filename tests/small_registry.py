"""A small registry of four synthetic schools, one for each way to be led, imported as an operator would.

It names no real person, school or number. Teachers are known by a number: `ptk(1)`, `email_of(1)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import services.identity
from services.identity.accounts.commands import grant_scope, import_accounts
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_school
from services.identity.registry.own_file_commands import import_duties, import_zones
from services.kit.database import Database
from tests.identity_samples import bundle, gtk, kepala, ptk, sekolah

AS_OF = datetime(2024, 1, 5, 3, tzinfo=UTC)
ZONES = Path(services.identity.__file__).parent / "data" / "zones.csv"

SD, TK, SMP, SMA = "99000001", "99000002", "99000003", "99000004"

# A school with a definitif principal; its teachers are of every employment status.
PNS, PPPK, NON_ASN, UNKNOWN, COLLEAGUE, STAFF, RETIRING, HEAD_OF_SD = 1, 2, 3, 4, 5, 6, 7, 9
# A TK led by a Plt, who teaches at the SMP; an SMP with a definitif principal; an SMA that nobody leads, in Papua.
OF_TK, PLT_OF_TK, OF_SMP, HEAD_OF_SMP, OF_SMA = 21, 32, 31, 39, 41
OTHER_ACCOUNT = "guru1@guru.smp.belajar.id"  # of PNS, issued by the SMP where they teach too
ADMIN = "pengelola@dinas.belajar.id"  # an account without a PTK record, with the scope admin
SECOND = "pengelola2@dinas.belajar.id"  # another one: a client of wide reach takes two persons

SHARED_NIP, SHARED_NUPTK = gtk(COLLEAGUE)["nip"], gtk(COLLEAGUE)["nuptk"]  # of STAFF and COLLEAGUE
SCHOOLS: Mapping[str, tuple[dict[str, Any], tuple[dict[str, Any], ...]]] = {
    SD: (
        {"nama": "SD NEGERI CONTOH 01"},
        (
            gtk(PNS),
            gtk(PPPK, status_kepegawaian_id=11, status_kepegawaian_id_str="PPPK",
                pangkat_golongan_terakhir="IX"),
            gtk(NON_ASN, status_kepegawaian_id=8, status_kepegawaian_id_str="Guru Honor Sekolah",
                nip=None, pangkat_golongan_terakhir=None),
            gtk(UNKNOWN, status_kepegawaian_id=None, status_kepegawaian_id_str=None,
                pangkat_golongan_terakhir=None),
            gtk(COLLEAGUE),
            gtk(STAFF, jenis_ptk_id="11", jenis_ptk_id_str="Tenaga Administrasi Sekolah",
                nip=SHARED_NIP, nuptk=SHARED_NUPTK),
            gtk(RETIRING, tanggal_lahir="1964-02-03"),
            kepala(HEAD_OF_SD),
        ),
    ),
    TK: (
        {"nama": "TK CONTOH 02", "bentuk_pendidikan_id": 1, "bentuk_pendidikan_id_str": "TK"},
        (gtk(OF_TK),),
    ),
    SMP: (
        {"nama": "SMP NEGERI CONTOH 03", "bentuk_pendidikan_id": 6, "bentuk_pendidikan_id_str": "SMP"},
        (gtk(OF_SMP), gtk(PLT_OF_TK), kepala(HEAD_OF_SMP), gtk(PNS, ptk_induk="0")),
    ),
    SMA: (
        {"nama": "SMA NEGERI CONTOH 04", "bentuk_pendidikan_id": 13, "bentuk_pendidikan_id_str": "SMA",
         "provinsi": "Prov. Papua"},
        (gtk(OF_SMA),),
    ),
}  # fmt: skip


def email_of(number: int) -> str:
    """The belajar.id address of a teacher's sekolah induk."""
    return f"guru{number}@guru.sd.belajar.id"


async def import_registry(at: datetime = AS_OF) -> None:
    """Import everything into the current identity database; nothing of it is refused."""
    await import_zones(ZONES.read_bytes(), "zones", at)
    for npsn in SCHOOLS:
        await import_one_school(npsn, at)
    rows = [
        f"{email_of(int(person['ptk_id'][-12:]))},{person['ptk_id']},{npsn},,"
        for npsn, (_, people) in SCHOOLS.items()
        for person in people
        if person["ptk_induk"] == "1"
    ]
    rows += [f"{OTHER_ACCOUNT},{ptk(PNS)},{SMP},,", f"{ADMIN},,,,", f"{SECOND},,,,"]
    await import_account_rows(*rows, at=at)
    await appoint_plt(PLT_OF_TK, TK, at=at)
    for admin in (ADMIN, SECOND):
        await grant_scope(admin, "admin", "test", at)


async def fill_registry(database: Database) -> None:
    """Import the small registry into a database of identity."""
    with database.active():
        await import_registry()


async def import_one_school(npsn: str, at: datetime, **changed: dict[str, Any]) -> None:
    """Import one school; `p1={"nama": …}` changes the row of person 1, `school={…}` that of the school."""
    facts, people = SCHOOLS[npsn]
    rows = [row | changed.get(f"p{int(row['ptk_id'][-12:])}", {}) for row in people]
    await import_school_people(npsn, rows, at, **(facts | changed.get("school", {})))


async def import_more_teachers(numbers: Iterable[int], at: datetime = AS_OF) -> None:
    """Import more teachers of the SD, by number, each with an account."""
    facts, people = SCHOOLS[SD]
    await import_school_people(SD, [*people, *map(gtk, numbers)], at, **facts)
    await import_account_rows(*(f"{email_of(number)},{ptk(number)},{SD},," for number in numbers))


async def appoint_plt(number: int, npsn: str, *, at: datetime, until: str = "") -> None:
    """Record the tugas tambahan that makes a person the Plt of a school, from 2023-07-01 on."""
    line = f"{ptk(number)},33,{npsn},SK/CONTOH/1,2023-07-01,{until}"
    await import_duty_rows(line, at=at)


async def import_school_people(
    npsn: str, people: Iterable[Mapping[str, Any]], at: datetime = AS_OF, **school: Any
) -> None:
    """Import a school and its people: rows of getGtk, and fields of getSekolah."""
    sekolah_id = f"11111111-1111-4111-8111-{int(npsn):012d}"
    fields = sekolah(npsn, **{"sekolah_id": sekolah_id, **school})
    report = await import_school(read_bundle(bundle(*map(dict, people), school=fields)), at)
    assert not report.problems, report.problems[:3]


async def import_account_rows(*rows: str, at: datetime = AS_OF) -> None:
    """Import accounts, each `email,ptk_id,npsn,opened,closed`."""
    table = "\n".join(["email,ptk_id,npsn,opened,closed", *rows])
    report = await import_accounts(table.encode(), "accounts", at)
    assert not report.problems, report.problems[:3]


async def import_duty_rows(*rows: str, at: datetime = AS_OF) -> None:
    """Import tugas tambahan, each `ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst`."""
    table = "\n".join(["ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst", *rows])
    report = await import_duties(table.encode(), "duties", at)
    assert not report.problems, report.problems[:3]
