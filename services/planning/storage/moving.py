"""A batch of plans on their way to another version: read and held in the order of their keys, written in one statement.

Nobody changes a plan between the two: who tries waits for the batch, and is then refused by the version it read. So no
plan is lost between a migration and a command, and none has to be tried again. The order keeps two batches apart.
Plans are held as a change of them holds them, no harder: who acts on a timer refers to its plan, and does not wait.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from services.planning.plan.model import Change, Plan
from services.planning.plan.store import NAMES, plan_of
from services.planning.plan_migration.model import Migration
from workflows.engine.timers import Armed
from workflows.model.definition import Label

Key = tuple[str, str]  # ptk_id and period

_THERE = f"""
SELECT {NAMES} FROM plan
WHERE workflow = $1 AND (ptk_id, period) > ($2, $3) %s ORDER BY ptk_id, period LIMIT $4 FOR NO KEY UPDATE
"""
_BACK = f"""
SELECT {", ".join(f"p.{name}" for name in NAMES.split(", "))}, o.version AS moved_at, o.state AS former
FROM migration_outcome o JOIN plan p USING (ptk_id, period)
WHERE o.migration = $1 AND NOT o.back AND o.version IS NOT NULL AND (o.ptk_id, o.period) > ($2, $3)
ORDER BY o.ptk_id, o.period LIMIT $4 FOR NO KEY UPDATE OF p
"""
_SINCE = """
SELECT e.ptk_id::text, e.period, e.kind, e.body::json ->> 'trigger' AS trigger, e.at
FROM plan_event e JOIN unnest($1::uuid[], $2::text[], $3::int[]) AS k(ptk_id, period, version)
  ON (e.ptk_id, e.period, e.version) = (k.ptk_id, k.period, k.version + 1)
"""
_TIMERS = """
SELECT t.ptk_id::text, t.period, t.timer, t.first_due, t.due, t.count
FROM plan_timer t JOIN unnest($1::uuid[], $2::text[]) AS k(ptk_id, period) USING (ptk_id, period)
ORDER BY 1, 2, 3 FOR UPDATE OF t
"""
_COLUMNS = {
    "ptk_id": "uuid", "period": "text", "since": "int", "workflow": "text", "state": "text", "version": "int",
    "last_hash": "text", "updated_at": "timestamptz", "state_since": "timestamptz", "event": "uuid", "kind": "text",
    "body": "text", "ended": "text", "lasted": "int",
}  # fmt: skip
_GIVEN = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_COLUMNS.values(), 1))
# Each plan is guarded by the version it was read at, and has its event, its timers and its outcome, or nothing of it.
_MOVE = f"""
WITH given AS (SELECT * FROM unnest({_GIVEN}) AS x({", ".join(_COLUMNS)})),
was AS (SELECT g.*, p.state AS former FROM given g JOIN plan p USING (ptk_id, period)),
moved AS (
  UPDATE plan p SET workflow = g.workflow, state = g.state, version = g.version, last_hash = g.last_hash,
    updated_at = g.updated_at, state_since = g.state_since
  FROM given g WHERE (p.ptk_id, p.period) = (g.ptk_id, g.period) AND p.version = g.since
  RETURNING p.ptk_id, p.period),
told AS (
  INSERT INTO plan_event (ptk_id, period, version, id, kind, "to", at, hash, body, ended, lasted)
  SELECT g.ptk_id, g.period, g.version, g.event, g.kind, g.state, g.updated_at, g.last_hash, g.body, g.ended, g.lasted
  FROM given g JOIN moved USING (ptk_id, period)),
timed AS (
  SELECT * FROM unnest($17::uuid[], $18::text[], $19::text[], $20::timestamptz[], $21::timestamptz[], $22::int[],
    $23::bool[]) AS x(ptk_id, period, timer, first_due, due, count, anew)),
disarmed AS (
  DELETE FROM plan_timer t USING moved WHERE (t.ptk_id, t.period) = (moved.ptk_id, moved.period) AND NOT EXISTS (
    SELECT FROM timed a WHERE (a.ptk_id, a.period, a.timer) = (t.ptk_id, t.period, t.timer))),
armed AS (
  INSERT INTO plan_timer (ptk_id, period, timer, first_due, due, count, fixed, tries)
  SELECT a.ptk_id, a.period, a.timer, a.first_due, a.due, a.count, false, 0
  FROM timed a JOIN moved USING (ptk_id, period) WHERE a.anew
  ON CONFLICT (ptk_id, period, timer) DO UPDATE SET (first_due, due, count, fixed, incident, tries, tried_at) =
    (excluded.first_due, excluded.due, excluded.count, false, NULL, 0, NULL)),
noted AS (
  INSERT INTO migration_outcome AS o (migration, back, ptk_id, period, state, version, at)
  SELECT $15, $16, w.ptk_id, w.period, w.former, w.version, w.updated_at FROM was w JOIN moved USING (ptk_id, period)
  ON CONFLICT (migration, back, ptk_id, period) DO UPDATE
    SET state = excluded.state, version = excluded.version, at = excluded.at, code = NULL, params = NULL)
SELECT (SELECT count(*) FROM moved)::int AS moved, (SELECT count(*) FROM migration_outcome o JOIN given USING
  (ptk_id, period) WHERE o.migration = $15 AND o.back = $16 AND o.version IS NULL)::int AS refused_before
"""
_LEAVE = """
WITH noted AS (
  INSERT INTO migration_outcome (migration, back, ptk_id, period, state, code, params, at)
  SELECT $1, $2, x.ptk_id, x.period, x.state, x.code, x.params, $4
  FROM jsonb_to_recordset($3::jsonb) AS x(ptk_id uuid, period text, state text, code text, params jsonb)
  ON CONFLICT (migration, back, ptk_id, period) DO NOTHING RETURNING 1)
SELECT count(*)::int AS noted FROM noted
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """A plan that was moved by a migration: the version of that event, and the state it had before."""

    plan: Plan
    moved_at: int
    former: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """A plan that is left as it is, and why."""

    plan: Plan
    code: str
    params: Mapping[str, object]


async def to_move(migration: Migration, after: Key, size: int, connection: BaseDBAsyncClient) -> list[Plan]:
    """The next plans that a migration is about, held until the transaction ends."""
    narrowed = {"period": migration.period, "npsn": migration.npsn}
    given = {name: value for name, value in narrowed.items() if value is not None}
    where = "".join(f" AND {name} = ${place}" for place, name in enumerate(given, 5))
    values = [migration.old, *after, size, *given.values()]
    return [plan_of(row) for row in await connection.execute_query_dict(_THERE % where, values)]


async def to_move_back(
    migration: Migration, after: Key, size: int, connection: BaseDBAsyncClient
) -> list[Moved]:
    """The next plans that a migration has moved, held until the transaction ends."""
    rows = await connection.execute_query_dict(_BACK, [migration.number, *after, size])
    return [Moved(plan_of(row), row["moved_at"], row["former"]) for row in rows]


async def happened_since(
    plans: Collection[Moved], connection: BaseDBAsyncClient
) -> dict[Key, tuple[str, str | None, datetime]]:
    """For each plan (ptk_id, period) the first event after it was moved: kind, trigger, instant."""
    keys = [(one.plan.ptk_id, one.plan.period, one.moved_at) for one in plans]
    rows = await connection.execute_query_dict(_SINCE, list(map(list, zip(*keys, strict=True))))
    return {(row["ptk_id"], row["period"]): (row["kind"], row["trigger"], row["at"]) for row in rows}


async def timers(plans: Sequence[Plan], connection: BaseDBAsyncClient) -> dict[Key, dict[str, Armed]]:
    """The timers of each plan (ptk_id, period) by name, held until the transaction ends: none fires meanwhile."""
    keys = [[plan.ptk_id for plan in plans], [plan.period for plan in plans]]
    found: dict[Key, dict[str, Armed]] = {}
    for row in await connection.execute_query_dict(_TIMERS, keys):
        armed = Armed(row["timer"], row["first_due"], row["due"], row["count"])
        found.setdefault((row["ptk_id"], row["period"]), {})[armed.timer] = armed
    return found


async def move(
    number: int,
    back: bool,
    changes: Sequence[Change],
    were: Mapping[Key, Mapping[str, Armed]],
    connection: BaseDBAsyncClient,
) -> tuple[int, int]:
    """Write plans with their one event each, and their timers where these are not as they `were`.

    How many plans, and how many of them had been refused before.
    """
    timed = [_timer_row(change.plan, timer, were) for change in changes for timer in change.timers or ()]
    values = [*_columns(map(_row, changes), len(_COLUMNS)), number, back, *_columns(timed, 7)]
    (done,) = await connection.execute_query_dict(_MOVE, values)
    assert done["moved"] == len(changes), "they are held, so nobody else can have moved them"
    return done["moved"], done["refused_before"]


async def leave(
    number: int, back: bool, left: Sequence[Leaving], at: datetime, connection: BaseDBAsyncClient
) -> int:
    """Write down which plans are left as they are; how many of them were not yet known."""
    rows = [
        {
            "ptk_id": one.plan.ptk_id,
            "period": one.plan.period,
            "state": one.plan.state,
            "code": one.code,
            "params": dict(one.params),
        }
        for one in left
    ]
    (done,) = await connection.execute_query_dict(
        _LEAVE, [number, back, json.dumps(rows, default=_plain), at]
    )
    return int(done["noted"])


def _plain(value: object) -> object:
    """A value of a reason as JSON; `storage/migration.py` reads it back."""
    if isinstance(value, Label):
        return asdict(value)
    assert isinstance(value, datetime), value
    return value.isoformat()


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def _timer_row(plan: Plan, timer: Armed, were: Mapping[Key, Mapping[str, Armed]]) -> tuple[Any, ...]:
    anew = were.get((plan.ptk_id, plan.period), {}).get(timer.timer) != timer
    return (plan.ptk_id, plan.period, timer.timer, timer.first, timer.due, timer.count, anew)


def _row(change: Change) -> tuple[Any, ...]:
    plan, (event,) = change.plan, change.events
    ended, lasted = (event.stay.state, event.stay.seconds) if event.stay else (None, None)
    return (
        plan.ptk_id, plan.period, plan.version - 1, plan.workflow, plan.state, plan.version, plan.last_hash,
        plan.updated_at, plan.state_since, event.fields["id"], event.fields["kind"], event.body,
        ended, lasted,
    )  # fmt: skip
