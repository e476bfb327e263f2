"""The questions of admins about migrations."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import field
from services.planning.api.ids import cursor, parse_migration_id, parse_numbered_cursor, parse_trial_id
from services.planning.api.types.dry_run import Trial, render_dry_run
from services.planning.api.types.plan_migration import (
    Migration,
    MigrationConnection,
    MigrationEdge,
    render_migration,
)
from services.planning.api.types.shared import PageInfo
from services.planning.callers.model import require_admin
from services.planning.plan_migration.dry_run.queries import find_dry_run
from services.planning.plan_migration.queries import find_migration, list_migrations

PLACE = "migrations"  # beside the number, so that a cursor of another list is none of this one


@strawberry.type
class MigrationQueries:
    @field("A migration of living plans; null where there is none. For admins.")
    async def migration(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Migration | None:
        context = info.context
        require_admin(context.require_caller())
        course = await find_migration(parse_migration_id(id, ("id",)), context.connection)
        return render_migration(course, context) if course else None

    @field("All migrations of living plans, newest first. For admins.")
    async def migrations(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
    ) -> MigrationConnection:
        context = info.context
        require_admin(context.require_caller())
        found, more = await list_migrations(first, parse_numbered_cursor(after, PLACE), context.connection)
        edges = [
            MigrationEdge(
                cursor=cursor(PLACE, str(one.migration.number)), node=render_migration(one, context)
            )
            for one in found
        ]
        ends = PageInfo(has_next_page=more, end_cursor=edges[-1].cursor if edges else None)
        return MigrationConnection(edges=edges, page_info=ends)


@strawberry.type
class DryRunQueries:
    @field("A trial of a version; null where there is none. For admins.")
    async def trial(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Trial | None:
        context = info.context
        require_admin(context.require_caller())
        progress = await find_dry_run(parse_trial_id(id, ("id",)), context.connection)
        return render_dry_run(progress, context) if progress else None
