"""Storage of timers. The statements are in `store.sql`.

A statement changes a timer only if it is still as it was read (same due date, same count), and skips one that another
worker holds. So one of several workers does the work, even if another slept in between, and no worker waits.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from services.kit.database import Connection
from services.kit.problems import Problem
from services.kit.sql import load_statements
from services.planning.callers.model import AdminActor
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.model import AdminAct
from services.planning.timers.model import (
    AdminTimer,
    Incident,
    PlanTimer,
    TimerFailure,
    TimerKey,
    TimerUpdate,
    act_subject,
)
from workflows.engine.guards import value_to_json
from workflows.engine.timers import TimerState

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def list_due_names(
    timers: Sequence[str], now: datetime, connection: Connection
) -> list[tuple[str, str]]:
    """Return each period and name of which a timer is due."""
    rows = await _SQL["list_due_names"].fetch(connection, timers=list(timers), now=now)
    return [(row["code"], row["timer"]) for row in rows]


async def select_due(
    period: str,
    timer: str,
    now: datetime,
    after: tuple[datetime, str],
    workflows: Collection[str],
    size: int,
    connection: Connection,
) -> list[PlanTimer]:
    """Return up to `size` timers of a name that are due, longest due first, after (due, ptk_id)."""
    rows = await _SQL["select_due"].fetch(
        connection,
        period=period,
        timer=timer,
        now=now,
        after_due=after[0],
        after_ptk_id=after[1],
        workflows=list(workflows),
        size=size,
    )
    return [_read_timer(row) for row in rows]


async def select_of_period(
    period: str,
    timers: Collection[str],
    after: tuple[str, str],
    workflows: Collection[str],
    size: int,
    connection: Connection,
) -> list[PlanTimer]:
    """Return up to `size` timers of these names, whether they fire again or not, after (ptk_id, name)."""
    rows = await _SQL["select_of_period"].fetch(
        connection,
        period=period,
        timers=list(timers),
        after_ptk_id=after[0],
        after_timer=after[1],
        workflows=list(workflows),
        size=size,
    )
    return [_read_timer(row) for row in rows]


async def list_of_plan(ptk_id: str, period: str, connection: Connection) -> list[TimerState]:
    """Return the timers of a plan that will fire, first due first."""
    rows = await _SQL["list_of_plan"].fetch(connection, ptk_id=ptk_id, period=period)
    return [_read_armed(row) for row in rows]


async def update_timers(updates: Collection[TimerUpdate], now: datetime, connection: Connection) -> int:
    """Continue timers and send their notifications. Returns how many were still as they were read."""
    rows = [
        {
            **_timer_columns(update.timer),
            "next_first_due": _format_instant(update.next.first_due),
            "next_due": _format_instant(update.next.due),
            "next_count": update.next.count,
            "workflow": update.timer.workflow,
            "state": update.timer.state,
            "since": _format_instant(update.timer.since),
            "recipient": update.address.recipient if update.address else None,
            "role": update.address.role.value if update.address else None,
        }
        for update in updates
    ]
    return int(await _SQL["update_timers"].fetch_value(connection, updates=json.dumps(rows), now=now))


async def fail_timers(failures: Collection[TimerFailure], now: datetime, connection: Connection) -> None:
    """Make incidents of timers that are still as they were read."""
    rows = [
        {
            **_timer_columns(failure.timer),
            "incident": [
                {"code": problem.code, "params": value_to_json(problem.params)}
                for problem in failure.problems
            ],
        }
        for failure in failures
    ]
    await _SQL["fail_timers"].fetch(connection, failures=json.dumps(rows), now=now)


async def lock_plan_and_timer(timer: PlanTimer, version: int, connection: Connection) -> bool:
    """Lock plan and timer until the transaction ends. Returns False if either has changed since it was read."""
    armed_timer = timer.current
    rows = await _SQL["lock_plan_and_timer"].fetch(
        connection, **timer.key._asdict(), version=version, due=armed_timer.due, count=armed_timer.count
    )
    return bool(rows)


async def select_timers(keys: Collection[TimerKey], connection: Connection) -> list[AdminTimer]:
    """Return the timers of these keys that exist, without their definitions."""
    rows = await _SQL["select_timers"].fetch(
        connection,
        ptk_ids=[key.ptk_id for key in keys],
        periods=[key.period for key in keys],
        timers=[key.timer for key in keys],
    )
    return [_read_admin_timer(row) for row in rows]


async def select_incidents(
    period: str | None, after: tuple[datetime, str, str, str], size: int, connection: Connection
) -> list[AdminTimer]:
    """Return up to `size` timers that failed, longest ago first, after (tried_at, ptk_id, period, name)."""
    names = ("after_tried_at", "after_ptk_id", "after_period", "after_timer")
    rows = await _SQL["select_incidents"].fetch(
        connection, period=period, size=size, **dict(zip(names, after, strict=True))
    )
    return [_read_admin_timer(row) for row in rows]


async def retry_timer(timer: PlanTimer, connection: Connection) -> bool:
    """End the incident of a timer, so that it fires again. Returns False if it has changed since it was read."""
    rows = await _SQL["retry_timer"].fetch(connection, **timer.key._asdict(), count=timer.current.count)
    return bool(rows)


async def skip_timer(timer: PlanTimer, next: TimerState, connection: Connection) -> bool:
    """Pass over a firing. Returns False if the timer has changed since it was read."""
    rows = await _SQL["skip_timer"].fetch(
        connection,
        **timer.key._asdict(),
        due=timer.current.due,
        count=timer.current.count,
        next_due=next.due,
        next_count=next.count,
    )
    return bool(rows)


async def insert_act(
    timer: PlanTimer, act: str, actor: AdminActor, reason: str, at: datetime, connection: Connection
) -> None:
    """Record what an admin did with a timer."""
    detail = {"timer": timer.current.timer, "count": timer.current.count}
    row = AdminAct(act_subject(timer.ptk_id, timer.period), act, actor, reason, at, detail)
    await change_requests_store.insert_admin_acts([row], connection)


async def list_acts(keys: Collection[TimerKey], connection: Connection) -> Mapping[TimerKey, list[AdminAct]]:
    """Return what admins did with these timers, oldest first."""
    plans = {act_subject(key.ptk_id, key.period): (key.ptk_id, key.period) for key in keys}
    acts = defaultdict(list)
    for row in await _SQL["list_acts"].fetch(connection, subjects=list(plans)):
        act = change_requests_store.read_act(json.loads(row["act"]))
        acts[TimerKey(*plans[act.subject], act.detail["timer"])].append(act)
    return acts


def _read_timer(row: Mapping[str, Any]) -> PlanTimer:
    names = ("ptk_id", "period", "npsn", "zone", "workflow", "state", "since")
    return PlanTimer(current=_read_armed(row), **{name: row[name] for name in names})


def _read_armed(row: Mapping[str, Any]) -> TimerState:
    return TimerState(row["timer"], row["first_due"], row["due"], row["count"])


def _read_admin_timer(row: Mapping[str, Any]) -> AdminTimer:
    incident = None
    if row["incident"]:
        problems = tuple(Problem(**problem) for problem in json.loads(row["incident"]))
        incident = Incident(problems, row["tries"], row["tried_at"])
    return AdminTimer(_read_timer(row), incident)


def _timer_columns(timer: PlanTimer) -> dict[str, Any]:
    return {
        **timer.key._asdict(),
        "due": _format_instant(timer.current.due),
        "count": timer.current.count,
    }


def _format_instant(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


async def count_reasons(ptk_id: str, period: str, connection: Connection) -> int:
    """Count the reasons of acts on the timers of a plan that are not erased."""
    return await change_requests_store.count_reasons(act_subject(ptk_id, period), connection)


async def erase_reasons(ptk_id: str, period: str, connection: Connection) -> None:
    """Erase the reasons of acts on the timers of a plan. The acts stay."""
    await change_requests_store.erase_reasons(act_subject(ptk_id, period), connection)
