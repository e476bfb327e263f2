"""Queries of migrations, and of the plans that a migration did not move."""

from __future__ import annotations

from collections.abc import Sequence

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.planning.plan_migration import store
from services.planning.plan_migration.model import ID, MigrationRuns, SkippedPlan


async def find_migration(number: int, connection: Connection) -> MigrationRuns | None:
    """Return a migration and how far it is, or None. One statement."""
    return (await load_migrations([number], connection)).get(number)


async def load_migrations(numbers: Sequence[int], connection: Connection) -> dict[int, MigrationRuns]:
    """Return these migrations by number, and how far they are. One statement."""
    migrations = await store.select_migrations_by_number(numbers, connection)
    return {runs.migration.number: runs for runs in migrations}


async def load_migration(number: int, connection: Connection) -> MigrationRuns:
    """Return a migration and how far it is. Raises RequestRefused `migration.unknown`."""
    runs = await find_migration(number, connection)
    if runs is None:
        raise RequestRefused(Problem("migration.unknown", {}, ID))
    return runs


async def list_migrations(
    first: int, before: int | None, connection: Connection
) -> tuple[list[MigrationRuns], bool]:
    """Return up to `first` migrations before a number, newest first, and whether more follow."""
    check_page_size(first)
    page = await store.select_migrations(before, first + 1, connection)
    return page[:first], len(page) > first


async def list_skipped_plans(
    number: int, is_backward: bool, first: int, after: tuple[str, str], connection: Connection
) -> tuple[list[SkippedPlan], bool]:
    """Return up to `first` plans after a key that a migration or its rollback did not move, and whether more follow."""
    check_page_size(first)
    plans = await store.select_skipped_plans(number, is_backward, after, first + 1, connection)
    return plans[:first], len(plans) > first
