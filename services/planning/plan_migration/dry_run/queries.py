"""Queries of a dry run: which plans could move, and which states recorded commands would lead to."""

from __future__ import annotations

from collections.abc import Sequence

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.planning.people.services import Services
from services.planning.plan_migration.dry_run import store
from services.planning.plan_migration.dry_run.model import (
    CommandCount,
    CommandSortKey,
    DryRun,
    DryRunProgress,
    PlanGroup,
    check_move,
)


async def load_dry_runs(numbers: Sequence[int], connection: Connection) -> dict[int, DryRunProgress]:
    """Return these dry runs by number, with their progress. One statement."""
    return {
        progress.dry_run.number: progress for progress in await store.select_dry_runs(numbers, connection)
    }


async def list_command_counts(
    number: int, first: int, after: CommandSortKey | None, connection: Connection
) -> tuple[list[CommandCount], bool]:
    """Return up to `first` counts after a key: different results, then the same, then unknown ones."""
    check_page_size(first)
    counts = await store.select_command_counts(number, after, first + 1, connection)
    return counts[:first], len(counts) > first


async def list_plan_groups(
    services: Services, dry_run: DryRun, first: int, after: tuple[str, str], connection: Connection
) -> tuple[list[PlanGroup], bool]:
    """Return up to `first` groups of plans after a version and state, and whether more follow.

    Plans are grouped by the version and state of today, with the state that they would move to. Plans that have the
    version already are left out.
    """
    check_page_size(first)
    new = await services.workflows.get(dry_run.sha256, connection)
    rows = await store.select_plan_groups(dry_run, after, first + 1, connection)
    shas = sorted({row["workflow"] for row in rows})
    readable = {
        workflow.sha256: workflow for workflow in await services.workflows.get_supported(shas, connection)
    }
    groups = []
    for row in rows[:first]:
        new_state, refusal = check_move(readable.get(row["workflow"]), new, dry_run.states, row["state"])
        groups.append(PlanGroup(**row, new_state=new_state, refusal=refusal))
    return groups, len(rows) > first
