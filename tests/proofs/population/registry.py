"""The schools and people of a population, imported into identity as an operator does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.identity.registry.own_file_commands import import_zones
from services.kit.database import Database
from services.planning.reconcile import store as reconcile_store
from tests.identity_samples import gtk, kepala
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
from tests.small_registry import (
    AS_OF,
    ZONES,
    email_of,
    import_account_rows,
    import_duty_rows,
    import_school_people,
)
from workflows.model.facts import HeadKind


async def import_people(population: Population, at: datetime = AS_OF) -> None:
    """Import every school with its teachers and its head, and an account for each person."""
    await import_zones(ZONES.read_bytes(), "zones", at)
    duties, accounts = [], []
    for school in schools_of(population):
        npsn, people = school.school.npsn, list(_people(population, school))
        await import_school_people(npsn, people, at, **_school_fields(school))
        accounts += [f"{_email(person)},{person['ptk_id']},{npsn},," for person in people]
        if school.head_kind is HeadKind.PLT and school.head is not None:
            duties.append(f"{ptk_of(school.head)},33,{npsn},SK/CONTOH/1,2023-07-01,")
    await import_account_rows(*accounts, at=at)
    await import_duty_rows(*duties, at=at)


async def mark_reconciled(identity_database: Database, planning_database: Database) -> None:
    """Store the feed positions and the decided revision of a worker that has never stopped."""
    (row,) = await sql(identity_database, "SELECT max(seq) AS seq FROM registry_change")
    connection = planning_database.connection
    await reconcile_store.advance_feed_positions(row["seq"], None, row["seq"], NOW, connection)
    await reconcile_store.store_decided_revision(PERIOD_CODE, 2, NOW, connection)


def _people(population: Population, school: PopulationSchool) -> Iterator[dict[str, Any]]:
    for number in population.plan_numbers(school.number):
        yield _person(gtk, FIRST_TEACHER + number)
    if school.head_kind is HeadKind.DEFINITIF and school.head is not None:
        yield _person(kepala, school.head)


def _person(make_row: Any, person: int) -> dict[str, Any]:
    return dict(make_row(person, ptk_id=ptk_of(person), nama=name_of(person)))


def _email(person: dict[str, Any]) -> str:
    return email_of(int(person["ptk_terdaftar_id"][-12:]))


def _school_fields(school: PopulationSchool) -> dict[str, Any]:
    (form,) = (form for _, level, form, _ in SCHOOL_KINDS if level == school.school.jenjang)
    return {
        "nama": school.school.nama,
        "bentuk_pendidikan_id": form[0],
        "bentuk_pendidikan_id_str": form[1],
        "provinsi": school.provinsi,
        "kabupaten_kota": school.kabupaten,
    }
