"""Timers of plans as people and admins see them, and what admins do with them, each act on record."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tortoise.connection import get_connection

from services.kit.problem import Problem
from services.planning.domain.admin import By, Kind
from services.planning.storage.tables import PlanTimerTable
from services.planning.storage.timer import PlanTimer, plan_timer

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
_DUE = f"""
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
    return next(iter(await _found(_ONE, ptk_id, period, timer)), None)


async def due_until(
    period: str,
    timers: Sequence[str],
    npsn: str | None,
    until: datetime,
    after: tuple[datetime, str, str],
    size: int,
) -> list[Listed]:
    """Up to `size` of what falls due until then, the first due first, after (due, ptk_id, timer). One query."""
    return await _found(_DUE, period, list(timers), until, *after, npsn, size)


async def incidents(period: str | None, after: tuple[datetime, str, str, str], size: int) -> list[Listed]:
    """Up to `size` incidents, the longest failed first, after (tried_at, ptk_id, period, timer). One query."""
    return await _found(_INCIDENTS, period, *after, size)


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


async def _found(statement: str, *values: Any) -> list[Listed]:
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
