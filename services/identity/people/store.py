"""Storage of schools, teachers, assignments, duties, zones, accounts, and the feed of changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from tortoise.expressions import Q
from tortoise.functions import Max

from services.identity.people import tables
from services.identity.people.columns import dump_provenance, from_row, parse_provenance, to_columns
from services.identity.people.model import (
    Account,
    AccountFacts,
    AssignmentFacts,
    DutyFacts,
    Entity,
    Provenance,
    Row,
    SchoolFacts,
    TeacherFacts,
    ZoneFacts,
)
from services.identity.people.views import TeacherNumbers
from services.kit.database import Connection
from services.kit.sql import load_statements

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def load_schools(npsns: Collection[str], connection: Connection) -> dict[str, Entity[SchoolFacts]]:
    """The schools with these NPSN; unknown ones are absent. One query."""
    rows = await tables.School.filter(npsn__in=list(npsns)).using_db(connection)
    return {row.npsn: Entity(from_row(row, SchoolFacts), parse_provenance(row.provenance)) for row in rows}


async def load_school_read_at(npsn: str, connection: Connection) -> datetime | None:
    """When the school's data were last read."""
    schools = tables.School.filter(npsn=npsn).using_db(connection)
    instants: list[datetime] = await schools.values_list("read_at", flat=True)  # type: ignore[assignment]
    return instants[0] if instants else None


async def upsert_school(school: Entity[SchoolFacts], read_at: datetime, connection: Connection) -> None:
    """Write a school, new or changed. One statement."""
    columns = to_columns(school.facts) | {
        "provenance": dump_provenance(school.provenance),
        "read_at": read_at,
    }
    updated = [name for name in columns if name != "npsn"]
    await tables.School.bulk_create(
        [tables.School(**columns)], on_conflict=["npsn"], update_fields=updated, using_db=connection
    )


async def load_schools_by_province(connection: Connection) -> dict[str, list[str]]:
    """The NPSN of the schools of each province, as the province is written."""
    npsns: dict[str, list[str]] = {}
    async for npsn, provinsi in (
        tables.School.filter(provinsi__isnull=False).using_db(connection).values_list("npsn", "provinsi")
    ):
        npsns.setdefault(provinsi, []).append(npsn)
    return npsns


async def load_regency_names(connection: Connection) -> list[str]:
    """The kabupaten and kota that schools are in, each as it is written. One query."""
    names = tables.School.filter(kabupaten_kota__isnull=False).using_db(connection).distinct()
    return [str(name) for name in await names.values_list("kabupaten_kota", flat=True)]


async def load_province_names(connection: Connection) -> list[str]:
    """The provinces that schools are in, each as it is written. One query."""
    names = tables.School.filter(provinsi__isnull=False).using_db(connection).distinct()
    return [str(name) for name in await names.values_list("provinsi", flat=True)]


async def load_teachers(
    ptk_ids: Collection[UUID], connection: Connection
) -> dict[UUID, Entity[TeacherFacts]]:
    """The people with these `ptk_id`; unknown ones are absent. One query."""
    rows = await tables.Teacher.filter(ptk_id__in=list(ptk_ids)).using_db(connection)
    return {row.ptk_id: Entity(from_row(row, TeacherFacts), parse_provenance(row.provenance)) for row in rows}


async def load_teacher_names(ptk_ids: Collection[UUID], connection: Connection) -> dict[UUID, str]:
    """The names of these people. One query."""
    pairs = (
        await tables.Teacher.filter(ptk_id__in=list(ptk_ids))
        .using_db(connection)
        .values_list("ptk_id", "nama")
    )
    return {ptk_id: nama for ptk_id, nama in pairs}  # noqa: C416  (the driver's rows are wider than a pair for mypy)


async def load_teachers_by_numbers(
    nips: Collection[str], nuptks: Collection[str], connection: Connection
) -> list[TeacherNumbers]:
    """Everybody who has one of these numbers on record. One query."""
    rows = await tables.Teacher.filter(Q(nip__in=list(nips)) | Q(nuptk__in=list(nuptks))).using_db(connection)
    return [from_row(row, TeacherNumbers) for row in rows]


async def upsert_teachers(teachers: Iterable[Entity[TeacherFacts]], connection: Connection) -> None:
    """Write people, new or changed. One statement."""
    columns = [to_columns(one.facts) | {"provenance": dump_provenance(one.provenance)} for one in teachers]
    if columns:
        updated = [name for name in columns[0] if name != "ptk_id"]
        rows = [tables.Teacher(**values) for values in columns]
        await tables.Teacher.bulk_create(
            rows, on_conflict=["ptk_id"], update_fields=updated, using_db=connection
        )


Assignments = list[Row[AssignmentFacts]]


def _read_assignment(row: tables.Assignment) -> Row[AssignmentFacts]:
    return Row(from_row(row, AssignmentFacts), Provenance(row.source, row.as_of), row.left_at)


async def load_assignments_at(npsn: str, ptk_ids: Collection[UUID], connection: Connection) -> Assignments:
    """The school's assignments, and those of these people anywhere, ended ones included. One query."""
    rows = await tables.Assignment.filter(Q(npsn=npsn) | Q(ptk_id__in=list(ptk_ids))).using_db(connection)
    return [_read_assignment(row) for row in rows]


async def load_assignments(ptk_ids: Collection[UUID], connection: Connection) -> dict[UUID, Assignments]:
    """The assignments of these people, ended ones included. One query."""
    assignments: dict[UUID, Assignments] = defaultdict(list)
    for row in await tables.Assignment.filter(ptk_id__in=list(ptk_ids)).using_db(connection):
        assignments[row.ptk_id].append(_read_assignment(row))
    return assignments


async def load_active_people(npsn: str, connection: Connection) -> set[UUID]:
    """Who is at a school. One query."""
    active = tables.Assignment.filter(npsn=npsn, left_at__isnull=True).using_db(connection)
    return set(await active.values_list("ptk_id", flat=True))  # type: ignore[arg-type]


async def load_head_candidates(
    npsns: Collection[str], jenis: Collection[str], jabatan: Collection[str], connection: Connection
) -> Assignments:
    """Active assignments at these schools whose jenis or jabatan could make a head. One query."""
    rows = await tables.Assignment.filter(
        Q(npsn__in=list(npsns), left_at__isnull=True),
        Q(jenis_ptk_id__in=list(jenis)) | Q(jabatan_ptk_id__in=list(jabatan)),
    ).using_db(connection)
    return [_read_assignment(row) for row in rows]


async def upsert_assignments(assignments: Iterable[Row[AssignmentFacts]], connection: Connection) -> None:
    """Write assignments, new, changed or ended. One statement."""
    columns = [
        to_columns(one.facts)
        | {"source": one.provenance.source, "as_of": one.provenance.as_of, "left_at": one.left_at}
        for one in assignments
    ]
    if columns:
        updated = [name for name in columns[0] if name not in ("ptk_id", "npsn")]
        rows = [tables.Assignment(id=uuid4(), **values) for values in columns]
        await tables.Assignment.bulk_create(
            rows, on_conflict=["ptk_id", "npsn"], update_fields=updated, using_db=connection
        )


Duties = list[Row[DutyFacts]]


def _read_duty(row: tables.TugasTambahan) -> Row[DutyFacts]:
    return Row(from_row(row, DutyFacts), Provenance(row.source, row.as_of))


async def load_duties(ptk_ids: Collection[UUID], connection: Connection) -> Duties:
    """Every duty of these people. One query."""
    return [
        _read_duty(row)
        for row in await tables.TugasTambahan.filter(ptk_id__in=list(ptk_ids)).using_db(connection)
    ]


async def load_duties_at(npsns: Collection[str], jabatan: Collection[str], connection: Connection) -> Duties:
    """The duties of these kinds at these schools, past and present. One query."""
    rows = await tables.TugasTambahan.filter(npsn__in=list(npsns), jabatan_ptk_id__in=list(jabatan)).using_db(
        connection
    )
    return [_read_duty(row) for row in rows]


async def upsert_duties(duties: Iterable[Row[DutyFacts]], connection: Connection) -> None:
    """Write duties, new or changed. One statement."""
    key = ["ptk_id", "npsn", "jabatan_ptk_id", "tmt"]
    columns = [
        to_columns(one.facts) | {"source": one.provenance.source, "as_of": one.provenance.as_of}
        for one in duties
    ]
    if columns:
        rows = [tables.TugasTambahan(id=uuid4(), **values) for values in columns]
        updated = [name for name in columns[0] if name not in key]
        await tables.TugasTambahan.bulk_create(
            rows, on_conflict=key, update_fields=updated, using_db=connection
        )


async def load_zones(keys: Collection[str], connection: Connection) -> dict[str, Row[ZoneFacts]]:
    """The zones of these provinces (`province_key`). One query."""
    rows = await tables.ProvinceZone.filter(key__in=list(keys)).using_db(connection)
    return {row.key: Row(from_row(row, ZoneFacts), Provenance(row.source, row.as_of)) for row in rows}


async def upsert_zones(zones: Iterable[Row[ZoneFacts]], connection: Connection) -> None:
    """Write zones, new or changed. One statement."""
    columns = [
        to_columns(one.facts) | {"source": one.provenance.source, "as_of": one.provenance.as_of}
        for one in zones
    ]
    if columns:
        rows = [tables.ProvinceZone(**values) for values in columns]
        updated = [name for name in columns[0] if name != "key"]
        await tables.ProvinceZone.bulk_create(
            rows, on_conflict=["key"], update_fields=updated, using_db=connection
        )


# whoever writes accounts holds this: an address is looked up and given away in one step
ACCOUNTS_LOCK = "accounts"


async def load_accounts(emails: Collection[str], connection: Connection) -> dict[str, Row[AccountFacts]]:
    """The accounts with these addresses (lower case). One query."""
    rows = await tables.Account.filter(email__in=list(emails)).using_db(connection)
    return {row.email: Row(from_row(row, AccountFacts), Provenance(row.source, row.as_of)) for row in rows}


async def load_people_with_account(ptk_ids: Collection[UUID], connection: Connection) -> set[UUID]:
    """Those of these people who have an account, open or closed. One query."""
    accounts = tables.Account.filter(ptk_id__in=list(ptk_ids)).using_db(connection)
    return set(await accounts.values_list("ptk_id", flat=True))  # type: ignore[arg-type]


async def upsert_accounts(accounts: Iterable[Row[AccountFacts]], connection: Connection) -> None:
    """Write accounts, new or changed; an account keeps its id for good. One statement."""
    columns = [
        to_columns(one.facts) | {"source": one.provenance.source, "as_of": one.provenance.as_of}
        for one in accounts
    ]
    if columns:
        rows = [tables.Account(id=uuid4(), **values) for values in columns]
        updated = [name for name in columns[0] if name != "email"]
        await tables.Account.bulk_create(
            rows, on_conflict=["email"], update_fields=updated, using_db=connection
        )


async def find_account_by_email(email: str, connection: Connection) -> Account | None:
    """The account with this address (lower case). One query."""
    row = await tables.Account.get_or_none(email=email, using_db=connection)
    return from_row(row, Account) if row else None


async def find_account(account_id: UUID, connection: Connection) -> Account | None:
    """The account of this id. One query."""
    row = await tables.Account.get_or_none(id=account_id, using_db=connection)
    return from_row(row, Account) if row else None


async def load_accounts_of(ptk_id: UUID, connection: Connection) -> list[Account]:
    """Every account a person ever had, the oldest first. One query."""
    rows = await tables.Account.filter(ptk_id=ptk_id).using_db(connection).order_by("opened", "id")
    return [from_row(row, Account) for row in rows]


EntityKind = Literal["teacher", "school"]
EntityKey = tuple[EntityKind, str]


@dataclass(frozen=True, slots=True)
class Change:
    """Something about a teacher (`key` = ptk_id) or a school (`key` = NPSN) changed."""

    seq: int
    kind: str
    key: str
    at: datetime


async def lock_keys(keys: Iterable[str], connection: Connection) -> None:
    """Until this transaction ends, nobody else writes what these keys name. One query."""
    numbers = {_hash_lock_key(key) for key in keys}
    await _SQL["lock_numbers"].fetch(connection, numbers=list(numbers))


async def insert_changes(entities: Collection[EntityKey], at: datetime, connection: Connection) -> None:
    """Number and write the changes: the LAST statement of a unit of work.

    The counter's lock is held until the commit, so numbers become visible in their order and a reader who
    follows `next` misses nothing. (Of a sequence, a younger number may be seen before an older one commits.)
    """
    if not entities:
        return
    ordered_entities = sorted(set(entities))
    await lock_keys(["changes"], connection)
    await _SQL["insert_changes"].fetch(
        connection,
        kinds=[kind for kind, _ in ordered_entities],
        keys=[key for _, key in ordered_entities],
        at=at,
    )


async def select_changes_after(seq: int, limit: int, connection: Connection) -> list[Change]:
    """The changes that follow `seq`, oldest first."""
    rows = await tables.Change.filter(seq__gt=seq).using_db(connection).order_by("seq").limit(limit)
    return [Change(row.seq, row.kind, row.key, row.at) for row in rows]


async def load_revisions(kind: EntityKind, keys: Collection[str], connection: Connection) -> dict[str, int]:
    """The revision of each thing: the number of its last change. One query."""
    rows = (
        tables.Change.filter(kind=kind, key__in=list(keys))
        .using_db(connection)
        .annotate(last=Max("seq"))
        .group_by("key")
    )
    return dict(await rows.values_list("key", "last"))


async def find_last_change(kind: EntityKind, key: str, connection: Connection) -> Change | None:
    """The last change of one thing. One query."""
    row = await tables.Change.filter(kind=kind, key=key).using_db(connection).order_by("-seq").first()
    return Change(row.seq, row.kind, row.key, row.at) if row else None


def _hash_lock_key(key: str) -> int:
    return int.from_bytes(blake2b(f"rencana:{key}".encode(), digest_size=8).digest(), signed=True)
