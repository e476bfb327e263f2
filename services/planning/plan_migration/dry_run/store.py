"""Storage of dry runs and their counts, and of the events that they read. The statements are in `store.sql`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.callers.model import AdminActor
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.model import AdminAct
from services.planning.plan.events import read_event
from services.planning.plan_migration.dry_run.model import (
    MAX_SAMPLES,
    CommandCount,
    CommandCountKey,
    CommandSortKey,
    DryRun,
    DryRunProgress,
    PlanHistory,
    Sample,
)
from services.planning.plan_migration.store import run_of
from workflows.diff.replay import Outcome

_SQL = load_statements(Path(__file__).with_suffix(".sql"))
FIRST_SORT_KEY: CommandSortKey = ("", 0, "", "", "", "", ())  # before every count
_SAMPLES = TypeAdapter(list[Sample])


async def insert_dry_run(
    sha256: str,
    period: str,
    states: Mapping[str, str],
    actor: AdminActor,
    at: datetime,
    connection: Connection,
) -> DryRun:
    """Store a dry run under the next number."""
    number = await _SQL["insert_dry_run"].fetch_value(
        connection,
        sha256=sha256,
        period=period,
        states=json.dumps(dict(states)),
    )
    await change_requests_store.insert_admin_acts(
        [AdminAct(f"dry run {number}", "order", actor, "", at)], connection
    )
    return DryRun(number, sha256, period, states, actor, at)


async def select_dry_runs(numbers: Sequence[int], connection: Connection) -> list[DryRunProgress]:
    """Return these dry runs with their progress."""
    return [
        _read_progress(*(json.loads(row[part] or "{}") for part in ("dry_run", "run", "act", "commands")))
        for row in await _SQL["select_dry_runs"].fetch(connection, numbers=list(numbers))
    ]


async def count_plans(period: str, connection: Connection) -> int:
    """Count the plans of a period."""
    return int(await _SQL["count_plans"].fetch_value(connection, period=period))


async def select_plan_groups(
    dry_run: DryRun, after: tuple[str, str], size: int, connection: Connection
) -> list[dict[str, Any]]:
    """Count plans that do not have the version by `workflow` and `state`, with samples of their `ptk_id`."""
    return await _SQL["select_plan_groups"].fetch(
        connection,
        period=dry_run.period,
        sha256=dry_run.sha256,
        after_workflow=after[0],
        after_state=after[1],
        size=size,
    )


async def select_histories(period: str, after: str, size: int, connection: Connection) -> list[PlanHistory]:
    """Return the histories of up to `size` plans after a `ptk_id`, in the order of `ptk_id`."""
    rows = await _SQL["select_histories"].fetch(connection, period=period, after=after, size=size)
    return [
        PlanHistory(
            row["ptk_id"], row["zone"], [read_event(body) for body in json.loads(row["events"] or "[]")]
        )
        for row in rows
    ]


async def add_command_counts(number: int, counts: Sequence[CommandCount], connection: Connection) -> None:
    """Add the counts of a batch. A count keeps its first samples."""
    rows = [
        {
            **asdict(one.key),
            "command_count": one.command_count,
            "samples": [asdict(sample) for sample in one.samples],
        }
        for one in counts
    ]
    await _SQL["add_command_counts"].fetch(
        connection, dry_run=number, counts=json.dumps(rows), max_samples=MAX_SAMPLES
    )


async def select_command_counts(
    number: int, after: CommandSortKey | None, size: int, connection: Connection
) -> list[CommandCount]:
    """Return up to `size` counts after a key, by outcome, the largest first."""
    outcome, negative_count, trigger, from_state, to_state, next_state, reasons = after or FIRST_SORT_KEY
    rows = await _SQL["select_command_counts"].fetch(
        connection,
        dry_run=number,
        outcome=outcome,
        negative_count=negative_count,
        trigger=trigger,
        from_state=from_state,
        to_state=to_state,
        next_state=next_state,
        reasons=list(reasons),
        size=size,
    )
    return [_command_count(**row) for row in rows]


def _read_progress(
    row: Mapping[str, Any], run: Mapping[str, Any], act: Mapping[str, Any], commands: Mapping[str, int]
) -> DryRunProgress:
    started = change_requests_store.read_act(act)
    dry_run = DryRun(row["number"], row["sha256"], row["period"], row["states"], started.actor, started.at)
    return DryRunProgress(dry_run, run_of(run), {outcome: commands.get(outcome, 0) for outcome in Outcome})


def _command_count(
    command_count: int, samples: str, reasons: list[str], outcome: str, **states: str
) -> CommandCount:
    key = CommandCountKey(outcome=Outcome(outcome), reasons=tuple(reasons), **states)
    return CommandCount(key, command_count, _SAMPLES.validate_json(samples))
