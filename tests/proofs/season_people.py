"""Schools and people of a synthetic season, imported into identity as an operator would: `await import_people(…)`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.identity.accounts.commands import import_accounts
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_duties, import_school, import_zones
from tests.identity_samples import bundle, gtk, kepala, sekolah
from tests.proofs.season import LEVELS, TEACHERS_FROM, Season, SeasonSchool, name_of, ptk_of, schools_of
from tests.small_registry import AS_OF, ZONES, email_of
from workflows.model.facts import HeadKind


async def import_people(season: Season, at: datetime = AS_OF) -> None:
    """Every school with its teachers and who leads it, and an account for each of them."""
    await import_zones(ZONES.read_bytes(), "zones", at)
    duties, accounts = [], []
    for school in schools_of(season):
        people = list(_people(season, school))
        report = await import_school(read_bundle(bundle(*people, school=_school(school))), at)
        assert not report.problems
        npsn = school.school.npsn
        accounts += [f"{_email(person)},{person['ptk_id']},{npsn},," for person in people]
        if school.kind is HeadKind.PLT and school.head is not None:
            duties.append(f"{ptk_of(school.head)},33,{npsn},SK/CONTOH/1,2023-07-01,")
    for columns, rows, load in (
        ("email,ptk_id,npsn,opened,closed", accounts, import_accounts),
        ("ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst", duties, import_duties),
    ):
        report = await load("\n".join([columns, *rows]).encode(), "season", at)
        assert not report.problems


def _people(season: Season, school: SeasonSchool) -> list[dict[str, Any]]:
    teachers = [_person(gtk, TEACHERS_FROM + number) for number in season.plans_of(school.number)]
    if school.kind is HeadKind.DEFINITIF and school.head is not None:
        return [*teachers, _person(kepala, school.head)]
    return teachers


def _person(row: Any, person: int) -> dict[str, Any]:
    return dict(row(person, ptk_id=ptk_of(person), nama=name_of(person)))


def _email(person: dict[str, Any]) -> str:
    return email_of(int(person["ptk_terdaftar_id"][-12:]))


def _school(school: SeasonSchool) -> dict[str, Any]:
    (form,) = (form for _, level, form, _ in LEVELS if level == school.school.jenjang)
    return sekolah(
        school.school.npsn,
        sekolah_id=f"11111111-1111-4111-8111-{int(school.school.npsn):012d}",
        nama=school.school.nama,
        bentuk_pendidikan_id=form[0],
        bentuk_pendidikan_id_str=form[1],
        provinsi=school.provinsi,
        kabupaten_kota=school.kabupaten,
    )
