"""Storage of a batch of a migration: locks plans in the order of their keys, and records the outcome of each.

The locks last until the transaction ends. A command on one of the plans waits for the batch and then gets a version
conflict. The order prevents a deadlock of two batches.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.plan.model import Change, Plan
from services.planning.plan.store import PlanKey, read_plan
from services.planning.plan_migration.model import Migration
from workflows.engine.timers import TimerState
from workflows.model.definition import Label

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, slots=True)
class MovedPlan:
    """A plan that a migration has moved: the version of that event, and the state before it."""

    plan: Plan
    moved_version: int
    former_state: str


@dataclass(frozen=True, slots=True)
class MigrationRefusal:
    """A plan that does not move, and why."""

    plan: Plan
    code: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NextEvent:
    """The first event after a plan was moved."""

    kind: str
    trigger: str | None
    at: datetime


async def lock_plans_to_move(
    migration: Migration, after: PlanKey, size: int, connection: Connection
) -> list[Plan]:
    """Lock the next plans that a migration concerns and return them."""
    rows = await _SQL["lock_plans_to_move"].fetch(
        connection,
        workflow=migration.old_version,
        period=migration.period,
        npsn=migration.npsn,
        after_ptk_id=after[0],
        after_period=after[1],
        size=size,
    )
    return [read_plan(row) for row in rows]


async def lock_moved_plans(
    migration: Migration, after: PlanKey, size: int, connection: Connection
) -> list[MovedPlan]:
    """Lock the next plans that a migration has moved and return them."""
    rows = await _SQL["lock_moved_plans"].fetch(
        connection, migration=migration.number, after_ptk_id=after[0], after_period=after[1], size=size
    )
    return [MovedPlan(read_plan(row), row["moved_at"], row["former_state"]) for row in rows]


async def find_next_events(plans: Collection[MovedPlan], connection: Connection) -> dict[PlanKey, NextEvent]:
    """Return the first event after each plan was moved."""
    rows = await _SQL["find_next_events"].fetch(
        connection,
        ptk_ids=[moved.plan.ptk_id for moved in plans],
        periods=[moved.plan.period for moved in plans],
        versions=[moved.moved_version for moved in plans],
    )
    return {(row["ptk_id"], row["period"]): NextEvent(row["kind"], row["trigger"], row["at"]) for row in rows}


async def lock_timers(plans: Sequence[Plan], connection: Connection) -> dict[PlanKey, dict[str, TimerState]]:
    """Lock the timers of these plans, so that none fires meanwhile, and return them by name."""
    rows = await _SQL["lock_timers"].fetch(
        connection, ptk_ids=[plan.ptk_id for plan in plans], periods=[plan.period for plan in plans]
    )
    timers: dict[PlanKey, dict[str, TimerState]] = {}
    for row in rows:
        timer = TimerState(row["timer"], row["first_due"], row["due"], row["count"])
        timers.setdefault((row["ptk_id"], row["period"]), {})[timer.timer] = timer
    return timers


async def record_outcomes(
    number: int,
    is_backward: bool,
    moves: Sequence[tuple[Change, str]],
    refusals: Sequence[MigrationRefusal],
    at: datetime,
    connection: Connection,
) -> int:
    """Record moved plans, each with its former state, and refusals. Returns the change of the number of refused plans.

    A refused plan counts once. A plan that was refused before and has moved now counts as -1.
    """
    rows = [_move_row(change, former_state) for change, former_state in moves]
    rows += [_refusal_row(refusal) for refusal in refusals]
    (counts,) = await _SQL["record_outcomes"].fetch(
        connection,
        migration=number,
        is_backward=is_backward,
        outcomes=json.dumps(rows, default=_as_json),
        at=at,
    )
    return int(counts["newly_refused"] - counts["refused_before"])


def _move_row(change: Change, former_state: str) -> dict[str, object]:
    plan = change.plan
    return {"ptk_id": plan.ptk_id, "period": plan.period, "state": former_state, "version": plan.version}


def _refusal_row(refusal: MigrationRefusal) -> dict[str, object]:
    plan = refusal.plan
    return {
        "ptk_id": plan.ptk_id, "period": plan.period, "state": plan.state, "code": refusal.code,
        "params": dict(refusal.params),
    }  # fmt: skip


def _as_json(value: object) -> object:
    """Return a value of a reason as JSON; `store.py` reads it back."""
    if isinstance(value, Label):
        return asdict(value)
    assert isinstance(value, datetime), value
    return value.isoformat()
