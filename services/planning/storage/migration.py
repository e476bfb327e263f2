"""Migrations as rows: orders and acts, which are only ever added; and what became of each plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.planning.domain.admin import By, Kind
from services.planning.domain.migration import Act, Acted, Course, Migration
from services.planning.domain.plan import School
from services.planning.domain.run import Work
from services.planning.storage.run import run_of
from services.planning.storage.tables import MigrationActTable, MigrationTable
from workflows import Label

_SCHOOL = TypeAdapter(School)
NEWEST = 2**31 - 1
_COURSES = """
SELECT to_jsonb(m) AS migration,
  (SELECT coalesce(jsonb_agg(a ORDER BY a.number), '[]') FROM migration_act a WHERE a.migration = m.number) AS acts,
  (SELECT jsonb_object_agg(r.work, r) FROM run r WHERE r.number = m.number AND r.work = ANY($1::text[])) AS runs
FROM migration m
"""
_UNFINISHED = f"""{_COURSES}
WHERE EXISTS (SELECT FROM run r WHERE r.number = m.number AND r.work = ANY($1::text[]) AND r.ended_at IS NULL)
"""
_CONCERNED = """
SELECT period, count(*)::int AS plans FROM plan
WHERE workflow = $1 AND ($2::text IS NULL OR period = $2) AND ($3::text IS NULL OR npsn = $3) GROUP BY 1 ORDER BY 1
"""
_PLANS = """
SELECT o.ptk_id::text, o.period, o.state, o.version, o.code, o.params, p.school
FROM migration_outcome o JOIN plan p USING (ptk_id, period)
WHERE o.migration = $1 AND o.back = $2 AND o.version IS NULL AND (o.ptk_id, o.period) > ($3, $4)
ORDER BY o.ptk_id, o.period LIMIT $5
"""
_WORKS = [Work.MIGRATE.value, Work.UNDO.value]


@dataclass(frozen=True, slots=True)
class Left:
    """A plan that was left as it is: where it stands, and why (a code with its values)."""

    ptk_id: str
    period: str
    school: School
    state: str
    code: str
    params: Mapping[str, Any]


async def lock(connection: BaseDBAsyncClient) -> None:
    """Let nobody else order a migration, or act on one, until the transaction ends."""
    await connection.execute_query("SELECT pg_advisory_xact_lock(hashtext('migration'))")


async def last_number(connection: BaseDBAsyncClient) -> int:
    """The number of the last migration; 0 before the first."""
    rows = await connection.execute_query_dict("SELECT coalesce(max(number), 0) AS last FROM migration")
    return int(rows[0]["last"])


async def add(migration: Migration, connection: BaseDBAsyncClient) -> None:
    """Write an order down, under the lock."""
    row = MigrationTable(
        number=migration.number,
        old=migration.old,
        new=migration.new,
        states=dict(migration.states),
        period=migration.period,
        npsn=migration.npsn,
        reason=migration.reason,
        at=migration.at,
        **_who(migration.by),
    )
    await MigrationTable.bulk_create([row], using_db=connection)


async def add_act(migration: Migration, acted: Acted, connection: BaseDBAsyncClient) -> None:
    """Write an act down, under the lock."""
    row = MigrationActTable(
        migration=migration.number,
        number=len(migration.acts) + 1,
        act=acted.act.value,
        reason=acted.reason,
        at=acted.at,
        **_who(acted.by),
    )
    await MigrationActTable.bulk_create([row], using_db=connection)


async def find(number: int) -> Course | None:
    """A migration and how far it is, in one query."""
    found = await _found(f"{_COURSES} WHERE m.number = $2", number)
    return found[0] if found else None


async def page(before: int, size: int) -> list[Course]:
    """Up to `size` migrations before a number, newest first. One query."""
    return await _found(f"{_COURSES} WHERE m.number < $2 ORDER BY m.number DESC LIMIT $3", before, size)


async def unfinished() -> list[Course]:
    """Those that are neither done nor undone, the stopped ones too. One query."""
    return await _found(_UNFINISHED)


async def concerned(old: str, period: str | None, npsn: str | None) -> dict[str, int]:
    """How many plans live by a version, by period. One query."""
    rows = await get_connection("default").execute_query_dict(_CONCERNED, [old, period, npsn])
    return {row["period"]: row["plans"] for row in rows}


async def left(number: int, back: bool, after: tuple[str, str], size: int) -> list[Left]:
    """Up to `size` plans that were left as they are, in the order of their keys. One query."""
    rows = await get_connection("default").execute_query_dict(_PLANS, [number, back, *after, size])
    return [
        Left(
            ptk_id=row["ptk_id"],
            period=row["period"],
            school=_SCHOOL.validate_json(row["school"]),
            state=row["state"],
            code=row["code"],
            params={name: _value(name, one) for name, one in json.loads(row["params"]).items()},
        )
        for row in rows
    ]


def _value(name: str, value: Any) -> object:
    """A value of a reason, as `storage/moving.py` wrote it."""
    if isinstance(value, dict):
        return Label(**value)
    return datetime.fromisoformat(value) if name == "at" else value


async def _found(statement: str, *values: object) -> list[Course]:
    rows = await get_connection("default").execute_query_dict(statement, [_WORKS, *values])
    return [_course(*(json.loads(row[part]) for part in ("migration", "acts", "runs"))) for row in rows]


def _course(row: Mapping[str, Any], acts: Sequence[Mapping[str, Any]], runs: Mapping[str, Any]) -> Course:
    migration = Migration(
        number=row["number"],
        old=row["old"],
        new=row["new"],
        states=row["states"],
        period=row["period"],
        npsn=row["npsn"],
        by=_by(row),
        reason=row["reason"],
        at=datetime.fromisoformat(row["at"]),
        acts=tuple(map(_act, acts)),
    )
    back = runs.get(Work.UNDO.value)
    return Course(migration, run_of(runs[Work.MIGRATE.value]), run_of(back) if back else None)


def _act(row: Mapping[str, Any]) -> Acted:
    return Acted(Act(row["act"]), _by(row), row["reason"], datetime.fromisoformat(row["at"]))


def _by(row: Mapping[str, Any]) -> By:
    return By(Kind(row["kind"]), row["account"], row["ptk_id"])


def _who(by: By) -> dict[str, Any]:
    return {"kind": by.kind.value, "account": by.account, "ptk_id": by.ptk_id}
