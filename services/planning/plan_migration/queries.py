"""Queries of migrations, and of the plans that a migration did not move."""

from __future__ import annotations

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.planning.plan_migration import store
from services.planning.plan_migration.model import MigrationRuns, RefusedPlan


async def find_migration(number: int, connection: Connection) -> MigrationRuns | None:
    """Return a migration and how far it is, or None. One statement."""
    return await store.find_migration(number, connection)


async def load_migration(number: int, connection: Connection) -> MigrationRuns:
    """Return a migration and how far it is. Raises RequestRefused `migration.unknown`."""
    runs = await find_migration(number, connection)
    if runs is None:
        raise RequestRefused(Problem("migration.unknown", {}, ("id",)))
    return runs


async def list_migrations(
    first: int, before: int | None, connection: Connection
) -> tuple[list[MigrationRuns], bool]:
    """Return up to `first` migrations before a number, newest first, and whether more follow."""
    check_page_size(first)
    page = await store.select_migrations(before, first + 1, connection)
    return page[:first], len(page) > first


async def list_refusals(
    number: int, is_backward: bool, first: int, after: tuple[str, str], connection: Connection
) -> tuple[list[RefusedPlan], bool]:
    """Return up to `first` plans after a key that a migration or its undoing did not move, and whether more follow."""
    check_page_size(first)
    refusals = await store.select_refusals(number, is_backward, after, first + 1, connection)
    return refusals[:first], len(refusals) > first
