"""Questions of admins about migrations: one of them, all of them, and the plans that one left as they were."""

from __future__ import annotations

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.planning.plan_migration import store
from services.planning.plan_migration.model import Course, Left


async def find_migration(number: int, connection: Connection) -> Course | None:
    """Return a migration and how far it is, or None. One statement."""
    return await store.find_migration(number, connection)


async def migration_of(number: int, connection: Connection) -> Course:
    """Return a migration and how far it is. Raises RequestRefused `migration.unknown`."""
    course = await find_migration(number, connection)
    if course is None:
        raise RequestRefused(Problem("migration.unknown", {}, ("id",)))
    return course


async def migrations(first: int, before: int | None, connection: Connection) -> tuple[list[Course], bool]:
    """A page of all migrations, newest first, and whether more follow. One statement."""
    check_page_size(first)
    found = await store.select_migrations(before, first + 1, connection)
    return found[:first], len(found) > first


async def left_of(
    number: int, back: bool, first: int, after: tuple[str, str], connection: Connection
) -> tuple[list[Left], bool]:
    """A page of the plans that were left as they are, on the way there or `back`. One statement."""
    check_page_size(first)
    found = await store.select_left_plans(number, back, after, first + 1, connection)
    return found[:first], len(found) > first
