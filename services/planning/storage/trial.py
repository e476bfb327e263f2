"""Trials as rows: who tried what, the plans that they name; and the events of plans that are held against a draft."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.planning.domain.admin import By, Kind
from services.planning.domain.past import KINDS, Past
from services.planning.domain.plan import School
from services.planning.domain.run import Work
from services.planning.domain.trial import Trial, Tried
from services.planning.storage.run import run_of
from services.planning.storage.tables import TrialTable

NEWEST = 2**31 - 1
_SCHOOL = TypeAdapter(School)
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


async def lock(connection: BaseDBAsyncClient) -> None:
    """Let nobody else begin a trial until the transaction ends."""
    await connection.execute_query("SELECT pg_advisory_xact_lock(hashtext('trial'))")


async def last_number(connection: BaseDBAsyncClient) -> int:
    """The number of the last trial; 0 before the first."""
    rows = await connection.execute_query_dict("SELECT coalesce(max(number), 0) AS last FROM trial")
    return int(rows[0]["last"])


async def add(trial: Trial, connection: BaseDBAsyncClient) -> None:
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


async def find(number: int) -> Tried | None:
    """A trial and how far it is, in one query."""
    rows = await get_connection("default").execute_query_dict(f"{_TRIED} AND t.number = $1", [number])
    return _tried(rows[0]) if rows else None


async def page(before: int, size: int) -> list[Tried]:
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
            _SCHOOL.validate_json(row["school"]),
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
