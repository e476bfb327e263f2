"""Storage of plans: loading, and one statement that stores the changes of 1..n plans. The SQL is in `store.sql`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.kit.text import sort_key
from services.planning.plan.chain import StoredPlan
from services.planning.plan.events import HashedEvent
from services.planning.plan.model import Change, CommandKey, Plan, StoredKey
from workflows.engine.timers import TimerState

PlanKey = tuple[str, str]  # ptk_id and period

_SQL = load_statements(Path(__file__).with_suffix(".sql"))
_PLAN = TypeAdapter(Plan)


class CommitOutcome(StrEnum):
    """The outcome of a commit. A repeat of a committed command can meet either conflict."""

    STORED = "stored"
    VERSION_CONFLICT = "version_conflict"
    KEY_CONFLICT = "key_conflict"


@dataclass(frozen=True, slots=True)
class Commit:
    """A change to store, the version that its plan was read at (0: the plan is new), and its idempotency key.

    `unchanged_timers` are names of timers of the change that the plan has already. They keep their incidents.
    """

    change: Change
    expected_version: int
    key: CommandKey | None = None
    unchanged_timers: Collection[str] = ()

    def __post_init__(self) -> None:
        """Raise ValueError for a key with a new plan. A repeat needs none: there is one plan per person and period."""
        if self.key and not self.expected_version:
            raise ValueError("a new plan takes no idempotency key")


async def load_plan(ptk_id: str, period: str, connection: Connection) -> Plan | None:
    """Return the plan of a person in a period, or None."""
    rows = await _SQL["load_plan"].fetch(connection, ptk_id=ptk_id, period=period)
    return read_plan(rows[0]) if rows else None


async def load_plans(keys: Collection[PlanKey], connection: Connection) -> dict[PlanKey, Plan]:
    """Return those of these plans that exist.

    A single plan has its own statement, and so has a single key below: PostgreSQL plans a statement with an array of
    one element anew at each execution, which doubles its time (0.42 instead of 0.21 ms).
    """
    if len(keys) == 1:
        ((ptk_id, period),) = keys
        plan = await load_plan(ptk_id, period, connection)
        return {(ptk_id, period): plan} if plan else {}
    rows = await _SQL["load_plans"].fetch(
        connection, ptk_ids=[ptk_id for ptk_id, _ in keys], periods=[period for _, period in keys]
    )
    return {(plan.ptk_id, plan.period): plan for plan in map(read_plan, rows)}


async def list_person_plans(ptk_id: str, after: str | None, size: int, connection: Connection) -> list[Plan]:
    """Return up to `size` plans of a person, newest period first, before the period `after`."""
    rows = await _SQL["select_person_plans"].fetch(connection, ptk_id=ptk_id, after=after, size=size)
    return list(map(read_plan, rows))


async def find_keys(keys: Sequence[CommandKey], connection: Connection) -> dict[str, StoredKey]:
    """Return what these keys, all of one scope, were stored with. New keys are left out."""
    scope = {"subject": keys[0].subject, "mutation": keys[0].mutation}
    if len(keys) == 1:
        rows = await _SQL["find_key"].fetch(connection, **scope, key=keys[0].key)
    else:
        rows = await _SQL["find_keys"].fetch(connection, **scope, keys=[key.key for key in keys])
    return {
        row["key"]: StoredKey((row["ptk_id"], row["period"]), row["version"], row["input_hash"])
        for row in rows
    }


async def load_timers(ptk_id: str, period: str, connection: Connection) -> dict[str, TimerState]:
    """Return the timers of a plan by name."""
    rows = await _SQL["select_timers"].fetch(connection, ptk_id=ptk_id, period=period)
    return {row["timer"]: TimerState(**row) for row in rows}


async def delete_keys(before: datetime, size: int, connection: Connection) -> int:
    """Delete up to `size` idempotency keys from before an instant. Returns their number."""
    return int(await _SQL["delete_keys"].fetch_value(connection, before=before, size=size))


async def commit_change(commit: Commit, connection: Connection) -> CommitOutcome:
    """Store the change of one plan. A change with a conflict leaves nothing behind."""
    plan = commit.change.plan
    return (await commit_changes(plan.period, [commit], connection))[plan.ptk_id]


async def commit_changes(
    period: str, commits: Sequence[Commit], connection: Connection
) -> dict[str, CommitOutcome]:
    """Store changes of different plans of one period. Returns the outcome of each by ptk_id.

    A change with a conflict leaves nothing behind and does not affect the others.
    """
    keys = {(commit.change.plan.ptk_id, commit.change.plan.period) for commit in commits}
    if len(keys) < len(commits) or {period} != {each for _, each in keys}:
        raise ValueError("a commit takes one change of each plan, all of one period")
    rows = await _SQL["commit_changes"].fetch(
        connection, period=period, changes=json.dumps([_change_row(commit) for commit in commits])
    )
    return {row["ptk_id"]: CommitOutcome(row["outcome"]) for row in rows}


def read_plan(row: Mapping[str, Any]) -> Plan:
    """Return the plan in a row."""
    parts = {name: json.loads(row[name]) for name in ("school", "profile", "content")}
    return _PLAN.validate_python({**row, **parts, "ptk_id": str(row["ptk_id"])})


def derived_columns(plan: Plan) -> Mapping[str, str | None]:
    """Return the columns that repeat values of the plan for an index or an order."""
    school = plan.school
    return {
        "npsn": school.npsn, "provinsi": school.provinsi, "kabupaten_kota": school.kabupaten_kota,
        "nama_key": sort_key(plan.profile.nama.value or ""),
    }  # fmt: skip


def event_row(event: HashedEvent) -> Mapping[str, Any]:
    """Return the columns of an event without the key of its plan, instants as text."""
    return {
        "version": event.event.version,
        "id": event.event.id,
        "kind": event.event.kind,
        "to_state": event.event.to_state,
        "at": event.event.at.isoformat(),
        "hash": event.hash,
        "body": event.body,
        "left_state": event.stay.state if event.stay else None,
        "stay_seconds": event.stay.seconds if event.stay else None,
    }


def _change_row(commit: Commit) -> Mapping[str, Any]:
    change = commit.change
    return {
        **_PLAN.dump_python(change.plan, mode="json"),
        **derived_columns(change.plan),
        "expected_version": commit.expected_version,
        **(_key_columns(commit.key) if commit.key else {}),
        "events": [event_row(hashed) for hashed in change.events],
        "texts": [text for hashed in change.events for text in _text_rows(hashed)],
        **({} if change.timers is None else _timer_columns(change.timers, commit.unchanged_timers)),
    }


def _key_columns(key: CommandKey) -> Mapping[str, Any]:
    return {
        "key_subject": key.subject, "key_mutation": key.mutation, "key": key.key, "key_input_hash": key.input_hash,
        "key_at": key.at.isoformat(),
    }  # fmt: skip


def _text_rows(event: HashedEvent) -> list[Mapping[str, Any]]:
    version = event.event.version
    return [
        {"version": version, "name": text.name, "salt": text.salt, "value": text.value}
        for text in event.texts
    ]


def _timer_columns(timers: Sequence[TimerState], unchanged_names: Collection[str]) -> Mapping[str, Any]:
    rows = [
        {
            "timer": timer.timer,
            "first_due": timer.first_due.isoformat(),
            "due": timer.due.isoformat() if timer.due else None,
            "count": timer.count,
        }
        for timer in timers
        if timer.timer not in unchanged_names
    ]
    return {"timers": rows, "timer_names": [timer.timer for timer in timers]}


BATCH_SIZE = 100
_PLANS = TypeAdapter(list[StoredPlan])


async def count_plans(period: str | None, ptk_id: str | None, connection: Connection) -> int:
    """Count the plans of a period, of a person, or all."""
    return int(await _SQL["count_plans"].fetch_value(connection, period=period, ptk_id=ptk_id))


async def stream_stored_plans(
    period: str | None, ptk_id: str | None, connection: Connection
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
            size=BATCH_SIZE,
        )
        batch = _PLANS.validate_json(text)
        for plan in batch:
            yield plan
        if len(batch) < BATCH_SIZE:
            return
        after_ptk_id, after_period = batch[-1].ptk_id, batch[-1].period


async def count_waiting_plans(
    period: str, workflows: Sequence[str], states: Sequence[str], connection: Connection
) -> int:
    """Count the plans of a period in these states. `workflows` and `states` are pairs by position."""
    count = await _SQL["count_waiting_plans"].fetch_value(
        connection, period=period, workflows=list(workflows), states=list(states)
    )
    return int(count)


async def select_periods(ptk_id: str, period: str | None, connection: Connection) -> list[str]:
    """Return the periods in which a person has a plan; with `period`, only that one."""
    rows = await _SQL["select_periods"].fetch(connection, ptk_id=ptk_id, period=period)
    return [row["period"] for row in rows]


async def select_text_names(ptk_id: str, period: str, connection: Connection) -> Mapping[int, list[str]]:
    """Return the names of the texts of a plan that are not erased, by the version of their event."""
    rows = await _SQL["select_text_names"].fetch(connection, ptk_id=ptk_id, period=period)
    return {row["version"]: row["names"] for row in rows}


async def erase_texts(ptk_id: str, period: str, erased_at: datetime, connection: Connection) -> None:
    """Erase the texts of a plan, and the input hashes of the idempotency keys of its commands and comments."""
    await _SQL["erase_texts"].fetch(connection, ptk_id=ptk_id, period=period, erased_at=erased_at)
