"""Idempotency keys: a repeat of a committed command is recognised, and never done twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import TypeAdapter
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError

from services.kit.sql import load_statements
from services.planning.plan.chain import StoredPlan
from services.planning.plan.events import Event
from services.planning.plan.model import Change, Plan
from services.planning.storage.tables.plan import CommandKeyTable
from workflows.engine.timers import Armed


@dataclass(frozen=True, slots=True)
class CommandKey:
    """A key in its scope (subject and mutation), and the hash of the input it came with."""

    subject: str
    mutation: str
    key: str
    input_hash: str
    at: datetime

    def row(self) -> Mapping[str, Any]:
        """As stored with the success; the statement adds what was made: the plan's version, a comment's number."""
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class KeptKey:
    """What a key was kept with: the plan (ptk_id, period) and the hash of the input, blank once that is erased."""

    plan: tuple[str, str]
    input_hash: str

    def is_of(self, key: CommandKey, plan: tuple[str, str] | None) -> bool:
        """Whether it came with this input; of an erased one only the plan is still known."""
        return self.input_hash == key.input_hash if self.input_hash else self.plan == plan


async def kept_keys(keys: Sequence[CommandKey]) -> dict[str, KeptKey]:
    """What these keys, all of one scope, were kept with, in one query; new ones are left out."""
    rows = await CommandKeyTable.filter(
        subject=keys[0].subject, mutation=keys[0].mutation, key__in=[key.key for key in keys]
    )
    return {row.key: KeptKey((str(row.ptk_id), row.period), row.input_hash) for row in rows}


def is_taken(error: IntegrityError) -> bool:
    """Whether the same key was committed with something else in the meantime."""
    cause = error.__cause__
    return isinstance(cause, asyncpg.UniqueViolationError) and cause.table_name == "command_key"


_PLAN = TypeAdapter(Plan)

_COLUMNS = (
    "ptk_id uuid, period text, npsn text, school jsonb, workflow text, catalog text, state text, version int, "
    "last_hash text, tab text, profile jsonb, content jsonb, updated_at timestamptz, submitted_at timestamptz, "
    "revision_due date, note text, reopened_at timestamptz, state_since timestamptz, provinsi text, kabupaten_kota text"
)
NAMES = ", ".join(column.split()[0] for column in _COLUMNS.split(", "))

# One statement is one transaction: state, events, texts, timers and key are all stored, or, where the version has moved
# on (or the plan exists already), none of them. The event is the outbox, so nothing else has to be written. A plan that
# stands where its teacher is now belongs to one head again, from the same commit on.
_COMMIT = """
WITH given AS (SELECT * FROM jsonb_to_record($1::jsonb) AS x(%(columns)s)),
moved AS (%(move)s),
told AS (
  INSERT INTO plan_event (ptk_id, period, version, id, kind, "to", at, hash, body, ended, lasted)
  SELECT moved.ptk_id, moved.period, e.version, e.id, e.kind, e."to", e.at, e.hash, e.body, e.ended,
    e.lasted
  FROM moved, jsonb_to_recordset($2::jsonb)
    AS e(version int, id uuid, kind text, "to" text, at timestamptz, hash text, body text, ended text, lasted int)),
said AS (
  INSERT INTO plan_text (ptk_id, period, version, name, salt, value)
  SELECT moved.ptk_id, moved.period, t.version, t.name, t.salt, t.value
  FROM moved, jsonb_to_recordset($3::jsonb) AS t(version int, name text, salt text, value text)),
keyed AS (
  INSERT INTO command_key (subject, mutation, key, input_hash, ptk_id, period, version, at)
  SELECT k.subject, k.mutation, k.key, k.input_hash, moved.ptk_id, moved.period, moved.version, k.at
  FROM moved, jsonb_to_recordset($4::jsonb)
    AS k(subject text, mutation text, key text, input_hash text, at timestamptz)),
disarmed AS (
  DELETE FROM plan_timer t USING moved
  WHERE $5::jsonb IS NOT NULL AND (t.ptk_id, t.period) = (moved.ptk_id, moved.period)
    AND t.timer NOT IN (SELECT timer FROM jsonb_to_recordset($5::jsonb) AS a(timer text))),
armed AS (
  INSERT INTO plan_timer (ptk_id, period, timer, first_due, due, count, fixed, tries)
  SELECT moved.ptk_id, moved.period, a.timer, a.first_due, a.due, a.count, false, 0
  FROM moved, jsonb_to_recordset($5::jsonb) AS a(timer text, first_due timestamptz, due timestamptz, count int)
  ON CONFLICT (ptk_id, period, timer) DO UPDATE SET (first_due, due, count, fixed, incident, tries, tried_at) =
    (excluded.first_due, excluded.due, excluded.count, false, NULL, 0, NULL)),
settled AS (
  DELETE FROM moved_teacher m USING given, moved
  WHERE (m.ptk_id, m.period) = (moved.ptk_id, moved.period) AND m.npsn = given.npsn)
SELECT count(*) AS moved FROM moved
"""
_START = f"""
  INSERT INTO plan ({NAMES}) SELECT {NAMES} FROM given ON CONFLICT DO NOTHING
  RETURNING ptk_id, period, version"""
_CHANGE = f"""
  UPDATE plan SET ({NAMES}) = (SELECT {NAMES} FROM given)
  WHERE ptk_id = (SELECT ptk_id FROM given) AND period = (SELECT period FROM given) AND version = $6
  RETURNING ptk_id, period, version"""
_START_STATEMENT = _COMMIT % {"columns": _COLUMNS, "move": _START}
_CHANGE_STATEMENT = _COMMIT % {"columns": _COLUMNS, "move": _CHANGE}


async def load_plan(ptk_id: str, period: str) -> Plan | None:
    """The plan of a teacher in a period."""
    rows = await get_connection("default").execute_query_dict(
        f"SELECT {NAMES} FROM plan WHERE ptk_id = $1 AND period = $2", [ptk_id, period]
    )
    return plan_of(rows[0]) if rows else None


async def load_plans(keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Plan]:
    """Those of these plans (ptk_id, period) that there are, in one query."""
    rows = await get_connection("default").execute_query_dict(
        f"SELECT {NAMES} FROM plan WHERE (ptk_id, period) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))",
        [[ptk_id for ptk_id, _ in keys], [period for _, period in keys]],
    )
    return {(plan.ptk_id, plan.period): plan for plan in map(plan_of, rows)}


async def commit(
    change: Change, since: int, key: CommandKey | None, connection: BaseDBAsyncClient | None = None
) -> bool:
    """Store a changed plan (`since` is the version it was read at; 0 starts a new one), its events and the key.

    False where somebody was faster, with the plan or with the key: then nothing at all is stored.
    """
    values: list[Any] = [
        json.dumps(_row(change.plan)),
        json.dumps([event_row(event) for event in change.events]),
        json.dumps([
            {"version": event.fields["version"], "name": text.name, "salt": text.salt, "value": text.value}
            for event in change.events for text in event.texts
        ]),
        json.dumps([key.row()] if key else []),
        None if change.timers is None else json.dumps([_timer_row(timer) for timer in change.timers]),
    ]  # fmt: skip
    statement, values = (_CHANGE_STATEMENT, [*values, since]) if since else (_START_STATEMENT, values)
    try:
        rows = await (connection or get_connection("default")).execute_query_dict(statement, values)
    except IntegrityError as error:
        if is_taken(error):
            return False
        raise
    return bool(rows[0]["moved"])


def _row(plan: Plan) -> Mapping[str, Any]:
    return {**_PLAN.dump_python(plan, mode="json"), **found_by(plan)}


def _timer_row(timer: Armed) -> Mapping[str, Any]:
    return {
        "timer": timer.timer,
        "first_due": timer.first.isoformat(),
        "due": timer.due.isoformat() if timer.due else None,
        "count": timer.count,
    }


def found_by(plan: Plan) -> Mapping[str, str | None]:
    """What the row repeats of the school, to be found and counted by."""
    school = plan.school
    return {"npsn": school.npsn, "provinsi": school.provinsi, "kabupaten_kota": school.kabupaten_kota}


def event_row(event: Event) -> Mapping[str, Any]:
    """An event as its row has it, beside the key of its plan; instants as text."""
    return {
        **{name: event.fields[name] for name in ("version", "id", "kind", "to", "at")},
        "hash": event.hash,
        "body": event.body,
        "ended": event.stay.state if event.stay else None,
        "lasted": event.stay.seconds if event.stay else None,
    }


def plan_of(row: Mapping[str, Any]) -> Plan:
    """The plan in a row that has NAMES."""
    parts = {name: json.loads(row[name]) for name in ("school", "profile", "content")}
    return _PLAN.validate_python({**row, **parts, "ptk_id": str(row["ptk_id"])})


BATCH = 100
_SQL = load_statements(Path(__file__).with_suffix(".sql"))
_PLANS = TypeAdapter(list[StoredPlan])


async def count(period: str | None, ptk_id: str | None, connection: BaseDBAsyncClient) -> int:
    """Count the plans of a period, of a person, or all."""
    return int(await _SQL["count_plans"].fetch_value(connection, period=period, ptk_id=ptk_id))


async def plans(
    period: str | None, ptk_id: str | None, connection: BaseDBAsyncClient
) -> AsyncIterator[StoredPlan]:
    """Yield every plan of a period, of a person, or all. Memory holds one batch."""
    after_ptk_id, after_period = "00000000-0000-0000-0000-000000000000", ""
    while True:
        text = await _SQL["select_plans"].fetch_value(
            connection,
            period=period,
            ptk_id=ptk_id,
            after_ptk_id=after_ptk_id,
            after_period=after_period,
            size=BATCH,
        )
        batch = _PLANS.validate_json(text)
        for plan in batch:
            yield plan
        if len(batch) < BATCH:
            return
        after_ptk_id, after_period = batch[-1].ptk_id, batch[-1].period
