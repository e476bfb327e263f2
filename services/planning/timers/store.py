"""Timers of plans as rows: what is due, a page at a time, and what becomes of each: one statement, or nothing.

A statement takes a timer only as it was read (same due, same count), and passes over one that somebody else is at
work on. So of several workers one does it, whoever slept in between, and nobody waits.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.kit.problems import Problem
from services.planning.callers.model import By, Kind
from services.planning.notifications.model import Address
from services.planning.storage.tables.timer import PlanTimerTable
from workflows.engine.guards import as_json
from workflows.engine.timers import Armed

EARLIEST = datetime.min.replace(tzinfo=UTC), "00000000-0000-0000-0000-000000000000"
_READ = """t.ptk_id::text, t.period, t.timer, t.first_due, t.due, t.count, t.fixed, p.npsn, p.workflow, p.state,
  p.school ->> 'zone' AS zone, coalesce(p.state_since, p.updated_at) AS since"""
_PENDING = """
SELECT p.code, n.timer FROM period p, unnest($1::text[]) AS n(timer)
WHERE EXISTS (SELECT FROM plan_timer t
  WHERE (t.period, t.timer) = (p.code, n.timer) AND t.due <= $2 AND t.incident IS NULL)
"""
# A version that this release cannot read is left to one that can.
_DUE = f"""
SELECT {_READ} FROM plan_timer t JOIN plan p USING (ptk_id, period)
WHERE (t.period, t.timer) = ($1, $2) AND t.due <= $3 AND t.incident IS NULL AND (t.due, t.ptk_id) > ($4, $5::uuid)
  AND p.workflow = ANY($6::text[])
ORDER BY t.due, t.ptk_id LIMIT $7
"""
_OF_PERIOD = f"""
SELECT {_READ} FROM plan_timer t JOIN plan p USING (ptk_id, period)
WHERE t.period = $1 AND t.timer = ANY($2::text[]) AND (t.ptk_id, t.timer) > ($3::uuid, $4)
  AND p.workflow = ANY($5::text[]) AND NOT t.fixed
ORDER BY t.ptk_id, t.timer LIMIT $6
"""
_AS_READ = """plan_timer t JOIN given g ON (t.ptk_id, t.period, t.timer) = (g.ptk_id, g.period, g.timer)
  AND t.due IS NOT DISTINCT FROM g.due AND t.count = g.count AND t.incident IS NULL"""
_SETTLE = f"""
WITH given AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
  ptk_id uuid, period text, timer text, due timestamptz, count int, next_first timestamptz, next timestamptz,
  next_count int, recipient text, role text, workflow text, state text, since timestamptz)),
held AS (SELECT g.* FROM {_AS_READ} FOR UPDATE OF t SKIP LOCKED),
kept AS (
  UPDATE plan_timer t SET (first_due, due, count, fixed, tries, tried_at) =
    (held.next_first, held.next, held.next_count, false, 0, NULL)
  FROM held WHERE (t.ptk_id, t.period, t.timer) = (held.ptk_id, held.period, held.timer) RETURNING held.*),
notification_insert AS (
  INSERT INTO notification (recipient, created_at, ptk_id, period, timer, count, workflow, state, state_since, role)
  SELECT recipient, $2, ptk_id, period, timer, count, workflow, state, since, role FROM kept
  WHERE recipient IS NOT NULL)
SELECT count(recipient)::int AS told, count(*)::int AS kept FROM kept
"""
_FAIL = f"""
WITH given AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
  ptk_id uuid, period text, timer text, due timestamptz, count int, incident jsonb)),
held AS (SELECT g.* FROM {_AS_READ} FOR UPDATE OF t SKIP LOCKED)
UPDATE plan_timer t SET incident = held.incident, tries = tries + 1, tried_at = $2
FROM held WHERE (t.ptk_id, t.period, t.timer) = (held.ptk_id, held.period, held.timer)
"""
# The plan first, as every command on it does: so nobody waits for each other.
_HOLD = """
SELECT p.version FROM plan p JOIN plan_timer t USING (ptk_id, period)
WHERE (p.ptk_id, p.period, t.timer) = ($1, $2, $3) AND p.version = $4 AND t.due = $5 AND t.count = $6
  AND t.incident IS NULL
FOR NO KEY UPDATE
"""


@dataclass(frozen=True, slots=True)
class PlanTimer:
    """A timer with what decides about it: whose plan, at which school and in which zone, in its state since when."""

    ptk_id: str
    period: str
    npsn: str
    zone: str | None
    workflow: str
    state: str
    since: datetime
    armed: Armed
    fixed: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a timer as it was read: how it goes on, and the address to notify, if any."""

    was: PlanTimer
    then: Armed
    address: Address | None = None


async def pending(timers: Sequence[str], now: datetime) -> list[tuple[str, str]]:
    """Of which periods which of these timers have something due. One query."""
    rows = await get_connection("default").execute_query_dict(_PENDING, [list(timers), now])
    return [(row["code"], row["timer"]) for row in rows]


async def due(
    period: str, timer: str, now: datetime, after: tuple[datetime, str], workflows: Sequence[str], size: int
) -> list[PlanTimer]:
    """Up to `size` plans for which a timer is due, the longest due first, after (due, ptk_id). One query."""
    return await _found(_DUE, period, timer, now, *after, list(workflows), size)


async def of_period(
    period: str, timers: Sequence[str], after: tuple[str, str], workflows: Sequence[str], size: int
) -> list[PlanTimer]:
    """Up to `size` of these timers of a period, fired or not, in the order of (ptk_id, timer). One query."""
    return await _found(_OF_PERIOD, period, list(timers), *after, list(workflows), size)


async def settle(settled: Iterable[Settled], at: datetime) -> tuple[int, int]:
    """Have timers go on and people told, as far as they are as they were read: how many were told, and went on."""
    rows = json.dumps([_settled_row(one) for one in settled])
    (answer,) = await get_connection("default").execute_query_dict(_SETTLE, [rows, at])
    return int(answer["told"]), int(answer["kept"])


async def fail(failed: Iterable[tuple[PlanTimer, Sequence[Problem]]], at: datetime) -> None:
    """Make incidents of timers, as far as they are as they were read."""
    rows = [
        {**_as_read(one), "incident": [{"code": no.code, "params": as_json(no.params)} for no in problems]}
        for one, problems in failed
    ]
    await get_connection("default").execute_query(_FAIL, [json.dumps(rows), at])


async def hold(timer: PlanTimer, version: int, connection: BaseDBAsyncClient) -> bool:
    """Hold plan and timer until the transaction ends; False where either is no longer as it was read."""
    armed = timer.armed
    values = [timer.ptk_id, timer.period, armed.timer, version, armed.due, armed.count]
    return bool(await connection.execute_query_dict(_HOLD, values))


async def _found(statement: str, *values: Any) -> list[PlanTimer]:
    rows = await get_connection("default").execute_query_dict(statement, list(values))
    return [plan_timer(row) for row in rows]


def plan_timer(row: Mapping[str, Any]) -> PlanTimer:
    """A row with what the statements here read."""
    armed = Armed(row["timer"], row["first_due"], row["due"], row["count"])
    names = ("ptk_id", "period", "npsn", "zone", "workflow", "state", "since", "fixed")
    return PlanTimer(armed=armed, **{name: row[name] for name in names})


def _as_read(one: PlanTimer) -> dict[str, Any]:
    return {
        "ptk_id": one.ptk_id, "period": one.period, "timer": one.armed.timer, "due": _instant(one.armed.due),
        "count": one.armed.count,
    }  # fmt: skip


def _settled_row(one: Settled) -> dict[str, Any]:
    address = one.address and {"recipient": one.address.recipient, "role": one.address.role.value}
    return {
        **_as_read(one.was), "next_first": _instant(one.then.first), "next": _instant(one.then.due),
        "next_count": one.then.count, "workflow": one.was.workflow, "state": one.was.state,
        "since": _instant(one.was.since), **(address or {}),
    }  # fmt: skip


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


FIRST = datetime.min.replace(tzinfo=UTC), "00000000-0000-0000-0000-000000000000", ""
LATEST = datetime.max.replace(tzinfo=UTC)
_SHOWN = """t.ptk_id::text, t.period, t.timer, t.first_due, t.due, t.count, t.fixed, t.incident, t.tries, t.tried_at,
  p.npsn, p.workflow, p.state, p.school ->> 'zone' AS zone, p.school ->> 'nama' AS sekolah,
  p.profile #>> '{nama,value}' AS nama, coalesce(p.state_since, p.updated_at) AS since,
  (SELECT json_agg(a ORDER BY a.at, a.id) FROM plan_timer_act a
   WHERE (a.ptk_id, a.period, a.timer) = (t.ptk_id, t.period, t.timer))::text AS acts"""
_ONE = f"""
SELECT {_SHOWN} FROM plan_timer t JOIN plan p USING (ptk_id, period) WHERE (t.ptk_id, t.period, t.timer) = ($1, $2, $3)
"""
# Each timer in its own order by the index, the first of them all together: no page sorts a period.
_TIMER_LIST_DUE = f"""
SELECT {_SHOWN} FROM unnest($2::text[]) AS n(name) CROSS JOIN LATERAL (
  SELECT t.* FROM plan_timer t
  WHERE (t.period, t.timer) = ($1, n.name) AND t.due <= $3 AND t.incident IS NULL
    AND (t.due, t.ptk_id, t.timer) > ($4, $5::uuid, $6)
    AND ($7::text IS NULL OR EXISTS (
      SELECT FROM plan s WHERE (s.ptk_id, s.period, s.npsn) = (t.ptk_id, t.period, $7)))
  ORDER BY t.due, t.ptk_id LIMIT $8) t
JOIN plan p USING (ptk_id, period)
ORDER BY t.due, t.ptk_id, t.timer LIMIT $8
"""
_INCIDENTS = f"""
SELECT {_SHOWN} FROM plan_timer t JOIN plan p USING (ptk_id, period)
WHERE t.incident IS NOT NULL AND ($1::text IS NULL OR t.period = $1)
  AND (t.tried_at, t.ptk_id, t.period, t.timer) > ($2, $3::uuid, $4, $5)
ORDER BY t.tried_at, t.ptk_id, t.period, t.timer LIMIT $6
"""
_ACT = """
WITH held AS (
  SELECT ptk_id, period, timer, due, count FROM plan_timer
  WHERE (ptk_id, period, timer) = ($1, $2, $3) AND due IS NOT DISTINCT FROM $4 AND count = $5
    AND (incident IS NOT NULL) = $6
  FOR UPDATE),
changed AS (
  UPDATE plan_timer t SET (due, count, fixed, incident, tries) =
    ($7, $8, $9, NULL, CASE WHEN $11 = 'retried' THEN t.tries ELSE 0 END)
  FROM held WHERE (t.ptk_id, t.period, t.timer) = (held.ptk_id, held.period, held.timer) RETURNING held.*),
recorded AS (
  INSERT INTO plan_timer_act
    (ptk_id, period, id, timer, count, act, due_before, due_after, kind, account, by_ptk_id, reason, at)
  SELECT ptk_id, period, $10, timer, count, $11, due, $7, $12, $13, $14, $15, $16 FROM changed)
SELECT count(*)::int AS done FROM changed
"""


class Act(StrEnum):
    """What an admin does with a timer."""

    RETRIED = "retried"  # what failed is tried again at once
    SKIPPED = "skipped"  # this firing is passed over
    RESCHEDULED = "rescheduled"  # it falls due at another instant


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act on record; `reason` None once erased."""

    act: Act
    by: By
    at: datetime
    reason: str | None
    count: int
    due_before: datetime | None
    due_after: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A timer as admins see it; `incident` is what was wrong at the last try, None where nothing is."""

    timer: PlanTimer
    nama: str
    sekolah: str
    incident: tuple[Problem, ...] | None
    tries: int
    tried_at: datetime | None
    acts: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """How a timer goes on by an act: `fixed` where the admin gave the instant."""

    act: Act
    due: datetime | None
    count: int
    fixed: bool = False


async def of_plan(ptk_id: str, period: str) -> list[tuple[str, datetime]]:
    """The timers of a plan that will fire, and when: one query."""
    found = PlanTimerTable.filter(ptk_id=ptk_id, period=period, due__isnull=False, incident__isnull=True)
    rows = await found.order_by("due", "timer").values_list("timer", "due")
    return [(str(timer), due) for timer, due in rows]


async def one(ptk_id: str, period: str, timer: str) -> Listed | None:
    """A timer of a plan. One query."""
    return next(iter(await _timer_list_found(_ONE, ptk_id, period, timer)), None)


async def due_until(
    period: str,
    timers: Sequence[str],
    npsn: str | None,
    until: datetime,
    after: tuple[datetime, str, str],
    size: int,
) -> list[Listed]:
    """Up to `size` of what falls due until then, the first due first, after (due, ptk_id, timer). One query."""
    return await _timer_list_found(_TIMER_LIST_DUE, period, list(timers), until, *after, npsn, size)


async def incidents(period: str | None, after: tuple[datetime, str, str, str], size: int) -> list[Listed]:
    """Up to `size` incidents, the longest failed first, after (tried_at, ptk_id, period, timer). One query."""
    return await _timer_list_found(_INCIDENTS, period, *after, size)


async def act(was: Listed, then: Changed, by: By, reason: str, at: datetime) -> bool:
    """Change a timer as long as it is as it was read, and keep who did it; False: nothing is changed. One statement."""
    timer, armed = was.timer, was.timer.armed
    values = [
        timer.ptk_id, timer.period, armed.timer, armed.due, armed.count, was.incident is not None,
        then.due, then.count, then.fixed, str(uuid.uuid4()), then.act.value,
        by.kind.value, by.account, by.ptk_id, reason, at,
    ]  # fmt: skip
    rows = await get_connection("default").execute_query_dict(_ACT, values)
    return bool(rows[0]["done"])


async def _timer_list_found(statement: str, *values: Any) -> list[Listed]:
    rows = await get_connection("default").execute_query_dict(statement, list(values))
    return [_listed(row) for row in rows]


def _listed(row: Mapping[str, Any]) -> Listed:
    wrong = json.loads(row["incident"]) if row["incident"] else None
    return Listed(
        timer=plan_timer(row),
        nama=row["nama"],
        sekolah=row["sekolah"],
        incident=tuple(Problem(one["code"], one["params"]) for one in wrong) if wrong is not None else None,
        tries=row["tries"],
        tried_at=row["tried_at"],
        acts=tuple(map(_recorded, json.loads(row["acts"] or "[]"))),
    )


def _recorded(row: Mapping[str, Any]) -> Recorded:
    before, after = (
        (row[name] and datetime.fromisoformat(row[name])) for name in ("due_before", "due_after")
    )
    by = By(Kind(row["kind"]), row["account"], row["by_ptk_id"])
    at = datetime.fromisoformat(row["at"])
    return Recorded(Act(row["act"]), by, at, row["reason"], row["count"], before, after)
