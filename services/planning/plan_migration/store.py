"""Storage of migrations and of runs. A process claims a run for one batch, in the transaction of the batch."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.kit.database import Connection, run_in_transaction
from services.kit.sql import load_statements
from services.planning.callers.model import AdminActor
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.model import AdminAct
from services.planning.people.model import School
from services.planning.plan_migration.model import (
    ActKind,
    Migration,
    MigrationAct,
    MigrationRuns,
    Run,
    RunKind,
    SkippedPlan,
)
from workflows.model.definition import Label

_SQL = load_statements(Path(__file__).with_suffix(".sql"))
_RUN = TypeAdapter(Run)


async def insert_run(run: Run, connection: Connection) -> None:
    """Store a new run."""
    await _SQL["insert_run"].fetch(
        connection, plan_count=run.plan_count, began_at=run.began_at, **_progress(run)
    )


async def list_open_runs(kinds: Collection[RunKind], connection: Connection) -> list[tuple[RunKind, int]]:
    """Return the runs of these kinds that are neither ended nor stopped, oldest first."""
    rows = await _SQL["select_open_runs"].fetch(connection, kinds=[kind.value for kind in kinds])
    return [(RunKind(row["kind"]), row["number"]) for row in rows]


async def process_batch(
    kind: RunKind, number: int, process: Callable[[Run, Connection], Awaitable[Run]]
) -> Run | None:
    """Claim an open run, process a batch and store the progress, in one transaction.

    Returns the progress; None if the run is not open, or if another transaction has claimed it.
    """

    async def transaction(connection: Connection) -> Run | None:
        start = time.monotonic()
        run = await _select_run("claim_run", kind, number, connection)
        if run is None:
            return None
        run = await process(run, connection)
        run = replace(run, seconds=run.seconds + time.monotonic() - start)
        await update_run(run, connection)
        return run

    return await run_in_transaction(transaction)


async def lock_run(kind: RunKind, number: int, connection: Connection) -> Run | None:
    """Wait until no other transaction holds the run, and lock it."""
    return await _select_run("lock_run", kind, number, connection)


async def update_run(run: Run, connection: Connection) -> None:
    """Store the progress of a run that this transaction has locked."""
    await _SQL["update_run"].fetch(connection, **_progress(run))


def run_of(row: Mapping[str, Any]) -> Run:
    """Return the run in a row, or in a row as JSON."""
    counts = row["counts"]
    return _RUN.validate_python({
        **row,
        "counts": json.loads(counts) if isinstance(counts, str) else counts,
        "after": (str(row["after_ptk_id"]), row["after_period"]),
    })  # fmt: skip


async def _select_run(statement: str, kind: RunKind, number: int, connection: Connection) -> Run | None:
    rows = await _SQL[statement].fetch(connection, kind=kind.value, number=number)
    return run_of(rows[0]) if rows else None


def _progress(run: Run) -> dict[str, object]:
    ptk_id, period = run.after
    return {
        "kind": run.kind.value,
        "number": run.number,
        "after_ptk_id": ptk_id,
        "after_period": period,
        "counts": json.dumps(dict(run.counts)),
        "pass_moved_plans": run.pass_moved_plans,
        "seconds": run.seconds,
        "stopped": run.stopped,
        "ended_at": run.ended_at,
    }


_SCHOOL = TypeAdapter(School)
ORDER_ACT = "order"


async def lock_migrations(connection: Connection) -> None:
    """Lock orders of migrations and acts on them until the transaction ends."""
    await _SQL["lock_migrations"].fetch(connection)


async def last_migration_number(connection: Connection) -> int:
    """Return the number of the last migration, 0 before the first."""
    return int(await _SQL["select_last_number"].fetch_value(connection))


async def insert_migration(migration: Migration, connection: Connection) -> None:
    """Store an order. The caller holds the lock."""
    await _SQL["insert_migration"].fetch(
        connection,
        number=migration.number,
        old_version=migration.old_version,
        new_version=migration.new_version,
        states=json.dumps(dict(migration.states)),
        period=migration.period,
        npsn=migration.npsn,
    )
    await _record(migration, ORDER_ACT, migration.by, migration.reason, migration.at, connection)


async def insert_migration_act(migration: Migration, act: MigrationAct, connection: Connection) -> None:
    """Store an act on a migration. The caller holds the lock."""
    await _record(migration, act.kind, act.by, act.reason, act.at, connection)


async def _record(
    migration: Migration, act: str, by: AdminActor, reason: str, at: datetime, connection: Connection
) -> None:
    row = AdminAct(f"migration {migration.number}", act, by, reason, at)
    await change_requests_store.insert_admin_acts([row], connection)


async def select_migrations_by_number(numbers: Sequence[int], connection: Connection) -> list[MigrationRuns]:
    """Return these migrations and their progress."""
    return await _select_migrations(connection, numbers=list(numbers))


async def select_migrations(before: int | None, size: int, connection: Connection) -> list[MigrationRuns]:
    """Return up to `size` migrations before a number (None: the newest), newest first."""
    return await _select_migrations(connection, before=before, size=size)


async def select_unfinished_migrations(connection: Connection) -> list[MigrationRuns]:
    """Return the migrations with a run that has not ended, the stopped ones too."""
    return await _select_migrations(connection, is_unfinished=True)


async def count_plans(
    workflow: str, period: str | None, npsn: str | None, connection: Connection
) -> dict[str, int]:
    """Count the plans of a workflow version by period."""
    rows = await _SQL["count_plans"].fetch(connection, workflow=workflow, period=period, npsn=npsn)
    return {row["period"]: row["plans"] for row in rows}


async def select_skipped_plans(
    number: int, is_backward: bool, after: tuple[str, str], size: int, connection: Connection
) -> list[SkippedPlan]:
    """Return up to `size` plans after (ptk_id, period) that a migration did not move, in that order."""
    rows = await _SQL["select_skipped_plans"].fetch(
        connection,
        migration=number,
        is_backward=is_backward,
        after_ptk_id=after[0],
        after_period=after[1],
        size=size,
    )
    return [
        SkippedPlan(
            ptk_id=row["ptk_id"],
            period=row["period"],
            school=_SCHOOL.validate_json(row["school"]),
            state=row["state"],
            code=row["code"],
            params={name: _read_param(name, value) for name, value in json.loads(row["params"]).items()},
        )
        for row in rows
    ]


def _read_param(name: str, value: Any) -> object:
    """Return a value of a problem from JSON, as `batch_store.py` wrote it."""
    if isinstance(value, dict):
        return Label(**value)
    return datetime.fromisoformat(value) if name == "at" else value


async def _select_migrations(
    connection: Connection,
    *,
    numbers: list[int] | None = None,
    before: int | None = None,
    is_unfinished: bool = False,
    size: int | None = None,
) -> list[MigrationRuns]:
    rows = await _SQL["select_migrations"].fetch(
        connection, numbers=numbers, before=before, is_unfinished=is_unfinished, size=size
    )
    return [_read_runs(*(json.loads(row[part]) for part in ("migration", "acts", "runs"))) for row in rows]


def _read_runs(
    row: Mapping[str, Any], acts: Sequence[Mapping[str, Any]], runs: Mapping[str, Any]
) -> MigrationRuns:
    order, *later_acts = map(change_requests_store.read_act, acts)
    migration = Migration(
        number=row["number"],
        old_version=row["old_version"],
        new_version=row["new_version"],
        states=row["states"],
        period=row["period"],
        npsn=row["npsn"],
        by=order.actor,
        reason=order.reason,
        at=order.at,
        acts=tuple(MigrationAct(ActKind(act.act), act.actor, act.reason, act.at) for act in later_acts),
    )
    back = runs.get(RunKind.ROLLBACK.value)
    return MigrationRuns(migration, run_of(runs[RunKind.MIGRATE.value]), run_of(back) if back else None)
