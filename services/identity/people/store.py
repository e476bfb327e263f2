"""Storage of schools, teachers, assignments, duties, zones, accounts, and the feed of changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model

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
from services.identity.people.views import TeacherIdentifiers
from services.kit.database import Connection
from services.kit.sql import load_statements

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def load_schools(npsns: Collection[str], connection: Connection) -> dict[str, Entity[SchoolFacts]]:
    """Load schools by NPSN. Unknown ones are absent."""
    rows = await tables.School.filter(npsn__in=list(npsns)).using_db(connection)
    return {row.npsn: Entity(from_row(row, SchoolFacts), parse_provenance(row.provenance)) for row in rows}


async def load_school_read_at(npsn: str, connection: Connection) -> datetime | None:
    """Return the instant of the school's last import or push, or None for an unknown school."""
    row = await tables.School.get_or_none(npsn=npsn, using_db=connection)
    return row.read_at if row else None


async def upsert_school(school: Entity[SchoolFacts], read_at: datetime, connection: Connection) -> None:
    """Write a school."""
    await _upsert(tables.School, ["npsn"], [_entity_columns(school) | {"read_at": read_at}], connection)


async def load_schools_by_province(connection: Connection) -> dict[str, list[str]]:
    """Return the NPSN of the schools of each province, by the name of the province as Dapodik writes it."""
    npsns: dict[str, list[str]] = defaultdict(list)
    schools = tables.School.filter(provinsi__isnull=False).using_db(connection)
    async for npsn, provinsi in schools.values_list("npsn", "provinsi"):
        npsns[provinsi].append(npsn)
    return npsns


async def load_region_names(
    kind: Literal["provinsi", "kabupaten_kota"], connection: Connection
) -> tuple[str, ...]:
    """Return the names of the provinces or regencies of all schools, as Dapodik writes them."""
    schools = tables.School.filter(**{f"{kind}__isnull": False}).using_db(connection)
    return tuple(str(name) for name in await schools.distinct().values_list(kind, flat=True))


async def load_teachers(
    ptk_ids: Collection[UUID], connection: Connection
) -> dict[UUID, Entity[TeacherFacts]]:
    """Load teachers by ptk_id. Unknown ones are absent."""
    rows = await tables.Teacher.filter(ptk_id__in=list(ptk_ids)).using_db(connection)
    return {row.ptk_id: Entity(from_row(row, TeacherFacts), parse_provenance(row.provenance)) for row in rows}


async def load_teacher_names(ptk_ids: Collection[UUID], connection: Connection) -> dict[UUID, str]:
    """Load names of teachers by ptk_id. Unknown ones are absent."""
    teachers = tables.Teacher.filter(ptk_id__in=list(ptk_ids)).using_db(connection)
    return {ptk_id: nama for ptk_id, nama in await teachers.values_list("ptk_id", "nama")}  # noqa: C416  (mypy)


async def load_teachers_by_numbers(
    nips: Collection[str], nuptks: Collection[str], connection: Connection
) -> list[TeacherIdentifiers]:
    """Load the teachers who have one of these numbers."""
    rows = await tables.Teacher.filter(Q(nip__in=list(nips)) | Q(nuptk__in=list(nuptks))).using_db(connection)
    return [from_row(row, TeacherIdentifiers) for row in rows]


async def upsert_teachers(teachers: Iterable[Entity[TeacherFacts]], connection: Connection) -> None:
    """Write teachers."""
    await _upsert(tables.Teacher, ["ptk_id"], [_entity_columns(teacher) for teacher in teachers], connection)


def _entity_columns(entity: Entity[Any]) -> dict[str, Any]:
    return to_columns(entity.facts) | {"provenance": dump_provenance(entity.provenance)}


def _row_columns(row: Row[Any]) -> dict[str, Any]:
    return to_columns(row.facts) | {"source": row.provenance.source, "as_of": row.provenance.as_of}


async def _upsert(
    model: type[Model], key: Sequence[str], rows: Sequence[Mapping[str, Any]], connection: Connection
) -> None:
    """Insert rows, and update those whose `key` exists. One statement."""
    if rows:
        names = [name for name in rows[0] if name not in key]
        await model.bulk_create(
            [model(**row) for row in rows], on_conflict=key, update_fields=names, using_db=connection
        )


Assignments = list[Row[AssignmentFacts]]


def _read_assignment(row: tables.Assignment) -> Row[AssignmentFacts]:
    return Row(from_row(row, AssignmentFacts), Provenance(row.source, row.as_of), row.left_at)


async def load_assignments_at(npsn: str, ptk_ids: Collection[UUID], connection: Connection) -> Assignments:
    """Load the assignments at a school, and those of these teachers anywhere. Ended ones are included."""
    rows = await tables.Assignment.filter(Q(npsn=npsn) | Q(ptk_id__in=list(ptk_ids))).using_db(connection)
    return [_read_assignment(row) for row in rows]


async def load_assignments(ptk_ids: Collection[UUID], connection: Connection) -> dict[UUID, Assignments]:
    """Load the assignments of teachers by ptk_id. Ended ones are included."""
    assignments: dict[UUID, Assignments] = defaultdict(list)
    for row in await tables.Assignment.filter(ptk_id__in=list(ptk_ids)).using_db(connection):
        assignments[row.ptk_id].append(_read_assignment(row))
    return assignments


async def load_active_people(npsn: str, connection: Connection) -> set[UUID]:
    """Return the ptk_id of everybody who is assigned to a school now."""
    active = tables.Assignment.filter(npsn=npsn, left_at__isnull=True).using_db(connection)
    return set(await active.values_list("ptk_id", flat=True))  # type: ignore[arg-type]


async def load_head_candidates(
    npsns: Collection[str], jenis: Collection[str], jabatan: Collection[str], connection: Connection
) -> Assignments:
    """Load the active assignments at schools whose jenis or jabatan can make somebody the head."""
    rows = await tables.Assignment.filter(
        Q(npsn__in=list(npsns), left_at__isnull=True),
        Q(jenis_ptk_id__in=list(jenis)) | Q(jabatan_ptk_id__in=list(jabatan)),
    ).using_db(connection)
    return [_read_assignment(row) for row in rows]


async def upsert_assignments(assignments: Iterable[Row[AssignmentFacts]], connection: Connection) -> None:
    """Write assignments, ended ones included."""
    rows = [_row_columns(row) | {"left_at": row.left_at} for row in assignments]
    await _upsert(tables.Assignment, ["ptk_id", "npsn"], rows, connection)


Duties = list[Row[DutyFacts]]


def _read_duty(row: tables.TugasTambahan) -> Row[DutyFacts]:
    return Row(from_row(row, DutyFacts), Provenance(row.source, row.as_of))


async def load_duties(ptk_ids: Collection[UUID], connection: Connection) -> Duties:
    """Load every duty of teachers."""
    rows = await tables.TugasTambahan.filter(ptk_id__in=list(ptk_ids)).using_db(connection)
    return [_read_duty(row) for row in rows]


async def load_duties_at(npsns: Collection[str], jabatan: Collection[str], connection: Connection) -> Duties:
    """Load the duties with one of these jabatan at schools, past ones included."""
    duties = tables.TugasTambahan.filter(npsn__in=list(npsns), jabatan_ptk_id__in=list(jabatan))
    return [_read_duty(row) for row in await duties.using_db(connection)]


async def upsert_duties(duties: Iterable[Row[DutyFacts]], connection: Connection) -> None:
    """Write duties."""
    key = ["ptk_id", "npsn", "jabatan_ptk_id", "tmt"]
    await _upsert(tables.TugasTambahan, key, [_row_columns(row) for row in duties], connection)


async def load_zones(keys: Collection[str], connection: Connection) -> dict[str, Row[ZoneFacts]]:
    """Load the zones of provinces by key (`normalize_province`). Unknown ones are absent."""
    rows = await tables.ProvinceZone.filter(key__in=list(keys)).using_db(connection)
    return {row.key: Row(from_row(row, ZoneFacts), Provenance(row.source, row.as_of)) for row in rows}


async def upsert_zones(zones: Iterable[Row[ZoneFacts]], connection: Connection) -> None:
    """Write zones."""
    await _upsert(tables.ProvinceZone, ["key"], [_row_columns(row) for row in zones], connection)


# Every writer of accounts locks this key, so that nobody else takes an address between the check and the write.
ACCOUNTS_LOCK = "accounts"


async def load_accounts(emails: Collection[str], connection: Connection) -> dict[str, Row[AccountFacts]]:
    """Load accounts by address in lower case. Unknown ones are absent."""
    rows = await tables.Account.filter(email__in=list(emails)).using_db(connection)
    return {row.email: Row(from_row(row, AccountFacts), Provenance(row.source, row.as_of)) for row in rows}


async def load_people_with_account(ptk_ids: Collection[UUID], connection: Connection) -> set[UUID]:
    """Return those of these teachers who have an account, open or closed."""
    accounts = tables.Account.filter(ptk_id__in=list(ptk_ids)).using_db(connection)
    return set(await accounts.values_list("ptk_id", flat=True))  # type: ignore[arg-type]


async def upsert_accounts(accounts: Iterable[Row[AccountFacts]], connection: Connection) -> None:
    """Write accounts. An existing account keeps its id."""
    await _upsert(tables.Account, ["email"], [_row_columns(row) for row in accounts], connection)


async def find_account_by_email(email: str, connection: Connection) -> Account | None:
    """Return the account with this address in lower case, or None."""
    row = await tables.Account.get_or_none(email=email, using_db=connection)
    return from_row(row, Account) if row else None


async def find_account(account_id: UUID, connection: Connection) -> Account | None:
    """Return the account with this id, or None."""
    row = await tables.Account.get_or_none(id=account_id, using_db=connection)
    return from_row(row, Account) if row else None


async def load_accounts_of(ptk_id: UUID, connection: Connection) -> list[Account]:
    """Load the accounts of a teacher, closed ones included, oldest first."""
    rows = await tables.Account.filter(ptk_id=ptk_id).using_db(connection).order_by("opened", "id")
    return [from_row(row, Account) for row in rows]


EntityKind = Literal["teacher", "school"]
EntityKey = tuple[EntityKind, str]  # the key is a ptk_id or an NPSN


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """An entry of the change feed: the facts about a teacher (ptk_id) or a school (NPSN) changed."""

    seq: int
    kind: str
    key: str
    at: datetime


async def lock_keys(keys: Iterable[str], connection: Connection) -> None:
    """Take an advisory lock on each key until the transaction ends."""
    numbers = {_hash_lock_key(key) for key in keys}
    await _SQL["lock_numbers"].fetch(connection, numbers=list(numbers))


async def insert_changes(entities: Collection[EntityKey], at: datetime, connection: Connection) -> None:
    """Append changes to the feed. This must be the last statement of its transaction.

    The lock on the counter is held until the commit, so changes become visible in the order of their numbers and a
    reader of the feed misses none. With a sequence, a later number could become visible before an earlier one.
    """
    if not entities:
        return
    ordered_keys = sorted(set(entities))
    await lock_keys(["changes"], connection)
    await _SQL["insert_changes"].fetch(
        connection, kinds=[kind for kind, _ in ordered_keys], keys=[key for _, key in ordered_keys], at=at
    )


async def select_changes_after(seq: int, limit: int, connection: Connection) -> list[RegistryChange]:
    """Return changes after a position of the feed, oldest first."""
    rows = await tables.Change.filter(seq__gt=seq).using_db(connection).order_by("seq").limit(limit)
    return [from_row(row, RegistryChange) for row in rows]


async def find_last_change(kind: EntityKind, key: str, connection: Connection) -> RegistryChange | None:
    """Return the last change of an entity, or None. Its number is the change number of the entity."""
    row = await tables.Change.filter(kind=kind, key=key).using_db(connection).order_by("-seq").first()
    return from_row(row, RegistryChange) if row else None


def _hash_lock_key(key: str) -> int:
    return int.from_bytes(blake2b(f"rencana:{key}".encode(), digest_size=8).digest(), signed=True)
