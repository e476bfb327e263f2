"""Timers of plans as rows: what is due, a page at a time, and what becomes of each: one statement, or nothing.

A statement takes a timer only as it was read (same due, same count), and passes over one that somebody else is at
work on. So of several workers one does it, whoever slept in between, and nobody waits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.kit.problem import Problem
from services.planning.notifications.model import Address
from workflows import Armed, as_json

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
