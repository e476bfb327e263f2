"""Queries of a dry run: which plans could move, and which states recorded commands would lead to."""

from __future__ import annotations

from services.kit.database import Connection
from services.planning.people.services import Services
from services.planning.plan_migration.dry_run import store
from services.planning.plan_migration.dry_run.model import (
    CommandCount,
    DryRun,
    DryRunProgress,
    MoveCount,
    check_move,
)

MAX_FINDINGS = 200


async def find_dry_run(number: int, connection: Connection) -> DryRunProgress | None:
    """Return a dry run with its progress, or None."""
    return await store.find_dry_run(number, connection)


async def list_command_counts(number: int, connection: Connection) -> list[CommandCount]:
    """Return the counts of a dry run: different results first, then the same, then unknown ones."""
    return await store.select_command_counts(number, MAX_FINDINGS, connection)


async def count_by_state(services: Services, dry_run: DryRun, connection: Connection) -> list[MoveCount]:
    """Count the plans of the period by version and state of today, with the state that they would move to.

    Leaves out plans that have the version already.
    """
    draft = await services.workflows.get(dry_run.sha256, connection)
    rows = await store.count_plans(dry_run.period, connection)
    shas = sorted({row["workflow"] for row in rows})
    readable = {
        workflow.sha256: workflow for workflow in await services.workflows.get_supported(shas, connection)
    }
    counts = []
    for row in rows:
        if row["workflow"] != draft.sha256:
            to, refusal = check_move(readable.get(row["workflow"]), draft, dry_run.states, row["state"])
            counts.append(MoveCount(**row, to=to, refusal=refusal))
    return counts
