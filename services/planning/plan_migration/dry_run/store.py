"""Storage of dry runs and findings, and of the events that they read. The statements are in `store.sql`."""

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
    DryRun,
    Finding,
    FindingKey,
    PlanHistory,
    Progress,
    Sample,
)
from services.planning.plan_migration.store import run_of
from workflows.diff.replay import Outcome

_SQL = load_statements(Path(__file__).with_suffix(".sql"))
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


async def find_dry_run(number: int, connection: Connection) -> Progress | None:
    """Return a dry run with its progress, or None."""
    for row in await _SQL["find_dry_run"].fetch(connection, number=number):
        version_row = json.loads(row["dry_run"])
        act = change_requests_store.read_act(json.loads(row["act"]))
        dry_run = DryRun(
            number, version_row["sha256"], version_row["period"], version_row["states"], act.actor, act.at
        )
        commands = json.loads(row["commands"] or "{}")
        return Progress(
            dry_run,
            run_of(json.loads(row["run"])),
            {outcome: commands.get(outcome, 0) for outcome in Outcome},
        )
    return None


async def count_plans(period: str, connection: Connection) -> list[dict[str, Any]]:
    """Count the plans of a period by `workflow` and `state`, with samples of their `ptk_id`."""
    return await _SQL["count_plans"].fetch(connection, period=period)


async def select_histories(period: str, after: str, size: int, connection: Connection) -> list[PlanHistory]:
    """Return the histories of up to `size` plans after a `ptk_id`, in the order of `ptk_id`."""
    rows = await _SQL["select_histories"].fetch(connection, period=period, after=after, size=size)
    return [
        PlanHistory(
            row["ptk_id"], row["zone"], [read_event(body) for body in json.loads(row["events"] or "[]")]
        )
        for row in rows
    ]


async def add_findings(number: int, findings: Sequence[Finding], connection: Connection) -> None:
    """Add the counts of a batch. A finding keeps its first samples."""
    rows = [
        {**asdict(one.key), "commands": one.commands, "samples": [asdict(sample) for sample in one.samples]}
        for one in findings
    ]
    await _SQL["add_findings"].fetch(
        connection, dry_run=number, findings=json.dumps(rows), max_samples=MAX_SAMPLES
    )


async def select_findings(number: int, size: int, connection: Connection) -> list[Finding]:
    """Return up to `size` findings by outcome, the largest first."""
    rows = await _SQL["select_findings"].fetch(connection, dry_run=number, size=size)
    return [_finding(**row) for row in rows]


def _finding(commands: int, samples: str, reasons: list[str], outcome: str, **states: str) -> Finding:
    key = FindingKey(outcome=Outcome(outcome), reasons=tuple(reasons), **states)
    return Finding(key, commands, _SAMPLES.validate_json(samples))
