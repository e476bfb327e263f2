"""The schools and people of a population, imported into identity as an operator does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.identity.accounts.commands import import_accounts
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_duties, import_school, import_zones
from services.kit.database import Database
from services.planning.reconcile import store as reconcile_store
from tests.identity_samples import bundle, gtk, kepala, sekolah
from tests.integration.planning.environment import PERIOD_CODE, sql
from tests.proofs.population.model import (
    FIRST_TEACHER,
    NOW,
    SCHOOL_KINDS,
    Population,
    PopulationSchool,
    name_of,
    ptk_of,
    schools_of,
)
from tests.small_registry import AS_OF, ZONES, email_of
from workflows.model.facts import HeadKind


async def import_people(population: Population, at: datetime = AS_OF) -> None:
    """Import every school with its teachers and its head, and an account for each person."""
    await import_zones(ZONES.read_bytes(), "zones", at)
    duties, accounts = [], []
    for school in schools_of(population):
        people = list(_people(population, school))
        report = await import_school(read_bundle(bundle(*people, school=_school(school))), at)
        assert not report.problems
        npsn = school.school.npsn
        accounts += [f"{_email(person)},{person['ptk_id']},{npsn},," for person in people]
        if school.head_kind is HeadKind.PLT and school.head is not None:
            duties.append(f"{ptk_of(school.head)},33,{npsn},SK/CONTOH/1,2023-07-01,")
    for columns, rows, import_table in (
        ("email,ptk_id,npsn,opened,closed", accounts, import_accounts),
        ("ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst", duties, import_duties),
    ):
        report = await import_table("\n".join([columns, *rows]).encode(), "population", at)
        assert not report.problems


def _people(population: Population, school: PopulationSchool) -> list[dict[str, Any]]:
    teachers = [_person(gtk, FIRST_TEACHER + number) for number in population.plan_numbers(school.number)]
    if school.head_kind is HeadKind.DEFINITIF and school.head is not None:
        return [*teachers, _person(kepala, school.head)]
    return teachers


def _person(make_row: Any, person: int) -> dict[str, Any]:
    return dict(make_row(person, ptk_id=ptk_of(person), nama=name_of(person)))


def _email(person: dict[str, Any]) -> str:
    return email_of(int(person["ptk_terdaftar_id"][-12:]))


def _school(school: PopulationSchool) -> dict[str, Any]:
    (form,) = (form for _, level, form, _ in SCHOOL_KINDS if level == school.school.jenjang)
    return sekolah(
        school.school.npsn,
        sekolah_id=f"11111111-1111-4111-8111-{int(school.school.npsn):012d}",
        nama=school.school.nama,
        bentuk_pendidikan_id=form[0],
        bentuk_pendidikan_id_str=form[1],
        provinsi=school.provinsi,
        kabupaten_kota=school.kabupaten,
    )


async def mark_reconciled(identity_database: Database, planning_database: Database) -> None:
    """Store the feed positions and the decided revision of a worker that has never stopped."""
    (row,) = await sql(identity_database, "SELECT max(seq) AS seq FROM changes")
    connection = planning_database.connection
    await reconcile_store.advance_feed_positions(row["seq"], row["seq"], NOW, connection)
    await reconcile_store.store_decided_revision(PERIOD_CODE, 2, NOW, connection)
