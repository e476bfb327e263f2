"""Storage of long work over many plans: a process claims a run for one batch, in the transaction of the batch."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.kit.sql import load_statements
from services.planning.callers.model import By, Kind
from services.planning.people.model import School
from services.planning.plan_migration.model import Act, Acted, Course, Migration, Run, Work
from services.planning.plan_migration.past import KINDS, Past
from services.planning.plan_migration.trial import Trial, Tried
from services.planning.storage.tables.workflow import TrialTable
from workflows.model.definition import Label

_SQL = load_statements(Path(__file__).with_suffix(".sql"))
_RUN = TypeAdapter(Run)


async def insert_run(run: Run, connection: BaseDBAsyncClient) -> None:
    """Store a new run."""
    await _SQL["insert_run"].fetch(connection, plans=run.plans, began_at=run.began_at, **_progress(run))


async def open_runs(works: Collection[Work], connection: BaseDBAsyncClient) -> list[tuple[Work, int]]:
    """Return the runs of these kinds that are neither ended nor stopped, oldest first."""
    rows = await _SQL["select_open_runs"].fetch(connection, works=[work.value for work in works])
    return [(Work(row["work"]), row["number"]) for row in rows]


async def claim_run(work: Work, number: int, connection: BaseDBAsyncClient) -> Run | None:
    """Lock an open run for this transaction. Returns None if another one holds it, or if it is not open."""
    return await _first("claim_run", work, number, connection)


async def lock_run(work: Work, number: int, connection: BaseDBAsyncClient) -> Run | None:
    """Wait until no other transaction holds the run, and lock it."""
    return await _first("lock_run", work, number, connection)


async def load_run(work: Work, number: int, connection: BaseDBAsyncClient) -> Run | None:
    """Return the run without a lock."""
    return await _first("select_run", work, number, connection)


async def update_run(run: Run, connection: BaseDBAsyncClient) -> None:
    """Store the progress of a run that this transaction has locked."""
    await _SQL["update_run"].fetch(connection, **_progress(run))


def run_of(row: Mapping[str, Any]) -> Run:
    """Return the run in a row, or in a row as JSON."""
    counts = row["counts"]
    return _RUN.validate_python({
        **row,
        "counts": json.loads(counts) if isinstance(counts, str) else counts,
        "after": (str(row["ptk_id"]), row["period"]),
    })  # fmt: skip


async def _first(statement: str, work: Work, number: int, connection: BaseDBAsyncClient) -> Run | None:
    rows = await _SQL[statement].fetch(connection, work=work.value, number=number)
    return run_of(rows[0]) if rows else None


def _progress(run: Run) -> dict[str, object]:
    ptk_id, period = run.after
    return {
        "work": run.work.value,
        "number": run.number,
        "ptk_id": ptk_id,
        "period": period,
        "counts": json.dumps(dict(run.counts)),
        "found": run.found,
        "seconds": run.seconds,
        "stopped": run.stopped,
        "ended_at": run.ended_at,
    }


_SCHOOL = TypeAdapter(School)


@dataclass(frozen=True, slots=True)
class Left:
    """A plan that was left as it is: where it stands, and why (a code with its values)."""

    ptk_id: str
    period: str
    school: School
    state: str
    code: str
    params: Mapping[str, Any]


async def lock_migrations(connection: BaseDBAsyncClient) -> None:
    """Let nobody else order a migration, or act on one, until the transaction ends."""
    await _SQL["lock_migrations"].fetch(connection)


async def last_migration_number(connection: BaseDBAsyncClient) -> int:
    """Return the number of the last migration, 0 before the first."""
    return int(await _SQL["select_last_number"].fetch_value(connection))


async def insert_migration(migration: Migration, connection: BaseDBAsyncClient) -> None:
    """Store an order, under the lock."""
    await _SQL["insert_migration"].fetch(
        connection,
        number=migration.number,
        old=migration.old,
        new=migration.new,
        states=json.dumps(dict(migration.states)),
        period=migration.period,
        npsn=migration.npsn,
        reason=migration.reason,
        at=migration.at,
        **_who(migration.by),
    )


async def insert_migration_act(migration: Migration, acted: Acted, connection: BaseDBAsyncClient) -> None:
    """Store an act on a migration, under the lock."""
    await _SQL["insert_migration_act"].fetch(
        connection,
        migration=migration.number,
        number=len(migration.acts) + 1,
        act=acted.act.value,
        reason=acted.reason,
        at=acted.at,
        **_who(acted.by),
    )


async def find_migration(number: int, connection: BaseDBAsyncClient) -> Course | None:
    """Return a migration and its progress."""
    found = await _select_migrations(connection, number=number, size=1)
    return found[0] if found else None


async def select_migrations(before: int | None, size: int, connection: BaseDBAsyncClient) -> list[Course]:
    """Return up to `size` migrations before a number (None: the newest), newest first."""
    return await _select_migrations(connection, before=before, size=size)


async def select_unfinished_migrations(connection: BaseDBAsyncClient) -> list[Course]:
    """Return the migrations with a run that has not ended, the stopped ones too."""
    return await _select_migrations(connection, is_unfinished=True)


async def count_concerned(
    workflow: str, period: str | None, npsn: str | None, connection: BaseDBAsyncClient
) -> dict[str, int]:
    """Count the plans of a workflow version by period."""
    rows = await _SQL["count_concerned"].fetch(connection, workflow=workflow, period=period, npsn=npsn)
    return {row["period"]: row["plans"] for row in rows}


async def select_left_plans(
    number: int, back: bool, after: tuple[str, str], size: int, connection: BaseDBAsyncClient
) -> list[Left]:
    """Return up to `size` plans that a migration left as they were, after (ptk_id, period), in that order."""
    rows = await _SQL["select_left_plans"].fetch(
        connection, migration=number, is_back=back, after_ptk_id=after[0], after_period=after[1], size=size
    )
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
    """A value of a reason, as `batch_store.py` wrote it."""
    if isinstance(value, dict):
        return Label(**value)
    return datetime.fromisoformat(value) if name == "at" else value


async def _select_migrations(
    connection: BaseDBAsyncClient,
    *,
    number: int | None = None,
    before: int | None = None,
    is_unfinished: bool = False,
    size: int | None = None,
) -> list[Course]:
    rows = await _SQL["select_migrations"].fetch(
        connection, number=number, before=before, is_unfinished=is_unfinished, size=size
    )
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


NEWEST_DRY_RUN = 2**31 - 1
_DRY_RUN_SCHOOL = TypeAdapter(School)
_TRIED = f"""
SELECT to_jsonb(t) AS trial, to_jsonb(r) AS run FROM trial t JOIN run r USING (number) WHERE r.work = '{Work.TRY.value}'
"""
_IN_STATES = """
SELECT workflow, state, count(*)::int AS plans FROM plan WHERE period = $1 GROUP BY 1, 2 ORDER BY 1, 2
"""
_PASTS = """
SELECT p.ptk_id::text, p.period, p.npsn, p.school ->> 'zone' AS zone, e.bodies
FROM plan p, LATERAL (SELECT '[' || string_agg(e.body, ',' ORDER BY e.version) || ']' AS bodies FROM plan_event e
  WHERE (e.ptk_id, e.period) = (p.ptk_id, p.period) AND e.kind = ANY($4)) e
WHERE p.period = $1 AND p.ptk_id > $2 ORDER BY p.ptk_id LIMIT $3
"""
_HANDED_IN = """
SELECT c.ptk_id::text, c.version, c.value AS content, p.value AS profile, e.body::json ->> 'catalog' AS catalog
FROM unnest($2::uuid[], $3::int[]) AS k(ptk_id, version) JOIN plan_text c USING (ptk_id, version)
JOIN plan_text p USING (ptk_id, period, version) JOIN plan_event e USING (ptk_id, period, version)
WHERE c.period = $1 AND c.name = 'content' AND p.name = 'profile' AND c.value IS NOT NULL AND p.value IS NOT NULL
"""
_NAME = """
INSERT INTO trial_finding (trial, verdict, ptk_id, period, version, detail)
SELECT $1, x.verdict, x.ptk_id, x.period, x.version, x.detail
FROM jsonb_to_recordset($2::jsonb) AS x(verdict text, ptk_id uuid, period text, version int, detail jsonb)
"""
_NAMED = """
SELECT f.verdict, f.ptk_id::text, f.period, f.version, f.detail, p.school
FROM trial_finding f JOIN plan p USING (ptk_id, period)
WHERE f.trial = $1 AND f.verdict = $2 AND (f.ptk_id, f.period) > ($3, $4) ORDER BY f.ptk_id, f.period LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A plan that a trial names; `detail` as `domain/trial.py` wrote it."""

    ptk_id: str
    period: str
    version: int
    school: School
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HandedInText:
    """The texts of a submission, and the lists it was decided by."""

    content: str
    profile: str
    catalog: str


async def lock_dry_runs(connection: BaseDBAsyncClient) -> None:
    """Let nobody else begin a trial until the transaction ends."""
    await connection.execute_query("SELECT pg_advisory_xact_lock(hashtext('trial'))")


async def last_dry_run_number(connection: BaseDBAsyncClient) -> int:
    """The number of the last trial; 0 before the first."""
    rows = await connection.execute_query_dict("SELECT coalesce(max(number), 0) AS last FROM trial")
    return int(rows[0]["last"])


async def insert_dry_run(trial: Trial, connection: BaseDBAsyncClient) -> None:
    """Write a trial down, under the lock."""
    row = TrialTable(
        number=trial.number,
        sha256=trial.sha256,
        period=trial.period,
        states=dict(trial.states),
        kind=trial.by.kind.value,
        account=trial.by.account,
        ptk_id=trial.by.ptk_id,
        at=trial.at,
    )
    await TrialTable.bulk_create([row], using_db=connection)


async def find_dry_run(number: int) -> Tried | None:
    """A trial and how far it is, in one query."""
    rows = await get_connection("default").execute_query_dict(f"{_TRIED} AND t.number = $1", [number])
    return _tried(rows[0]) if rows else None


async def select_dry_runs(before: int, size: int) -> list[Tried]:
    """Up to `size` trials before a number, newest first. One query."""
    statement = f"{_TRIED} AND t.number < $1 ORDER BY t.number DESC LIMIT $2"
    return list(map(_tried, await get_connection("default").execute_query_dict(statement, [before, size])))


async def in_states(period: str) -> list[tuple[str, str, int]]:
    """How many plans of a period stand in each state of each version: by index alone."""
    rows = await get_connection("default").execute_query_dict(_IN_STATES, [period])
    return [(row["workflow"], row["state"], row["plans"]) for row in rows]


async def pasts(period: str, after: str, size: int) -> list[Past]:
    """The transitions of up to `size` plans of a period, after a teacher's `ptk_id`. One query."""
    values = [period, after, size, list(KINDS)]
    rows = await get_connection("default").execute_query_dict(_PASTS, values)
    return [
        Past(row["ptk_id"], row["period"], row["npsn"], row["zone"], json.loads(row["bodies"] or "[]"))
        for row in rows
    ]


async def handed_in(period: str, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], HandedInText]:
    """The texts of submissions (ptk_id, version), as far as they are not erased. One query."""
    values = [period, [ptk_id for ptk_id, _ in keys], [version for _, version in keys]]
    rows = await get_connection("default").execute_query_dict(_HANDED_IN, values)
    return {
        (row["ptk_id"], row["version"]): HandedInText(row["content"], row["profile"], row["catalog"])
        for row in rows
    }


async def name(number: int, rows: Sequence[Mapping[str, Any]], connection: BaseDBAsyncClient) -> None:
    """Store plans by name: `verdict`, `ptk_id`, `period`, `version`, `detail`."""
    await connection.execute_query(_NAME, [number, json.dumps(list(rows))])


async def named(number: int, verdict: str, after: tuple[str, str], size: int) -> list[Named]:
    """Up to `size` plans that a trial names, in the order of their keys. One query."""
    values = [number, verdict, *after, size]
    return [
        Named(
            row["ptk_id"],
            row["period"],
            row["version"],
            _DRY_RUN_SCHOOL.validate_json(row["school"]),
            json.loads(row["detail"]),
        )
        for row in await get_connection("default").execute_query_dict(_NAMED, values)
    ]


def _tried(row: Mapping[str, Any]) -> Tried:
    trial, run = json.loads(row["trial"]), json.loads(row["run"])
    by = By(Kind(trial["kind"]), trial["account"], trial["ptk_id"])
    at = datetime.fromisoformat(trial["at"])
    told = Trial(trial["number"], trial["sha256"], trial["period"], trial["states"], by, at)
    return Tried(told, run_of(run))
