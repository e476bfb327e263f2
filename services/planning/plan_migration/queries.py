"""Questions of admins about migrations: one of them, all of them, and the plans that one left as they were."""

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
    """A page of all migrations, newest first, and whether more follow. One statement."""
    check_page_size(first)
    page = await store.select_migrations(before, first + 1, connection)
    return page[:first], len(page) > first


async def list_refusals(
    number: int, is_backward: bool, first: int, after: tuple[str, str], connection: Connection
) -> tuple[list[RefusedPlan], bool]:
    """A page of the plans that were left as they are, on the way there or `back`. One statement."""
    check_page_size(first)
    refusals = await store.select_refusals(number, is_backward, after, first + 1, connection)
    return refusals[:first], len(refusals) > first
