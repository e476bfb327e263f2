"""Queries for admins: change requests, workflow versions, migrations, dry runs, failed timers, numbers of a period."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.admin_inputs import PlanStatisticsFilter, WorkflowVersionFilter
from services.planning.api.context import Info
from services.planning.api.fields import After, First, field
from services.planning.api.ids import (
    encode_cursor,
    parse_dry_run_id,
    parse_numbered_cursor,
    parse_plan_migration_id,
    parse_time_cursor,
    parse_workflow_version_id,
)
from services.planning.api.types.change_requests import (
    ChangeRequest,
    ChangeRequestFilter,
    ChangeRequestKind,
    resolve_change_requests,
)
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.dry_run import DryRun, render_dry_run
from services.planning.api.types.plan_migration import PlanMigration, render_plan_migration
from services.planning.api.types.plan_statistics import PlanStatistics, create_plan_statistics
from services.planning.api.types.timers import Timer, render_timer
from services.planning.api.types.versions import WorkflowVersion, render_version, resolve_version
from services.planning.numbers.model import Scope
from services.planning.period.queries import get_period
from services.planning.plan_migration.dry_run.queries import load_dry_runs
from services.planning.plan_migration.queries import find_migration, list_migrations
from services.planning.timers.model import FIRST
from services.planning.timers.queries import list_incidents
from services.planning.versions.queries import DEFAULT_WORKFLOW, list_versions, load_version

# A cursor contains the name of its list, so that it is invalid in another list.
PLAN_MIGRATION_LIST, WORKFLOW_VERSION_LIST = "plan_migrations", "workflow_versions"


@strawberry.input(description="Which failed timers to list. A field that you omit does not filter.")
class TimerIncidentFilter:
    period: strawberry.ID | None = strawberry.field(
        description="Only timers of plans of the period with this code, such as `2024-1`.", default=None
    )


@strawberry.type
class AdminQueries:
    @field("A version of a workflow; null if there is none. For admins.")
    async def workflow_version(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Id of the version. Default: the published one."),
        ] = None,
    ) -> WorkflowVersion | None:
        context = info.context
        context.require_admin()
        if id is not None:
            return await resolve_version(parse_workflow_version_id(id, ("id",)), context)
        version = await load_version(None, context.services.clock.now(), context.connection)
        return render_version(version, context) if version else None

    @field("The versions of a workflow, newest first. For admins.")
    async def workflow_versions(
        self,
        info: Info,
        filter: Annotated[
            WorkflowVersionFilter | None, strawberry.argument(description="The versions to list.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[WorkflowVersion] | None:
        context = info.context
        context.require_admin()
        before = parse_numbered_cursor(after, WORKFLOW_VERSION_LIST)
        name = filter.name if filter else DEFAULT_WORKFLOW
        versions, has_next_page = await list_versions(
            name, first, before, context.services.clock.now(), context.connection
        )
        edges = [
            Edge(
                cursor=encode_cursor(WORKFLOW_VERSION_LIST, str(version.number)),
                node=render_version(version, context),
            )
            for version in versions
        ]
        return Connection.create(edges, has_next_page, after)

    @field(
        "Change requests for catalogues, periods and revisions by admins and operators, newest first. For admins."
    )
    async def change_requests(
        self,
        info: Info,
        filter: Annotated[
            ChangeRequestFilter | None,
            strawberry.argument(description="Which requests to list. Default: all."),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[ChangeRequest] | None:
        context, criteria = info.context, filter or ChangeRequestFilter()
        context.require_admin()
        kinds = [str(kind.value) for kind in (criteria.kinds or ChangeRequestKind)]
        return await resolve_change_requests(context, kinds, criteria.subject, first, after)

    @field("A migration of plans to another version; null if there is none. For admins.")
    async def plan_migration(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Id of the migration.")],
    ) -> PlanMigration | None:
        context = info.context
        context.require_admin()
        runs = await find_migration(parse_plan_migration_id(id, ("id",)), context.connection)
        return render_plan_migration(runs, context) if runs else None

    @field("All migrations of plans to other versions, newest first. For admins.")
    async def plan_migrations(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[PlanMigration] | None:
        context = info.context
        context.require_admin()
        before = parse_numbered_cursor(after, PLAN_MIGRATION_LIST)
        migrations, has_next_page = await list_migrations(first, before, context.connection)
        edges = [
            Edge(
                cursor=encode_cursor(PLAN_MIGRATION_LIST, str(runs.migration.number)),
                node=render_plan_migration(runs, context),
            )
            for runs in migrations
        ]
        return Connection.create(edges, has_next_page, after)

    @field("A dry run of a version; null if there is none. For admins.")
    async def dry_run(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Id of the dry run.")]
    ) -> DryRun | None:
        context = info.context
        context.require_admin()
        number = parse_dry_run_id(id, ("id",))
        progress = (await load_dry_runs([number], context.connection)).get(number)
        return render_dry_run(progress, context) if progress else None

    @field("Timers that failed and wait for an admin, the oldest failure first. For admins.")
    async def timer_incidents(
        self,
        info: Info,
        filter: Annotated[
            TimerIncidentFilter | None, strawberry.argument(description="Default: all failed timers.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Timer] | None:
        context = info.context
        context.require_admin()
        at, names = parse_time_cursor(after, 3) if after else (FIRST[0], [FIRST[1], "", ""])
        position = at, names[0], names[1], names[2]
        timers, has_next_page = await list_incidents(
            filter.period if filter else None, position, first, context.services.workflows, context.connection
        )
        edges = []
        for timer in timers:
            assert timer.incident is not None, "the list holds incidents only"
            names = [timer.timer.ptk_id, timer.timer.period, timer.timer.current.timer]
            edge_cursor = encode_cursor(timer.incident.at.isoformat(), " ".join(names))
            edges.append(Edge(cursor=edge_cursor, node=render_timer(timer, context)))
        return Connection.create(edges, has_next_page, after)

    @field(
        "The number of plans of a period in each state, how long they stay there, and the regions or schools where "
        "most plans wait for a decision. For admins."
    )
    async def plan_statistics(
        self,
        info: Info,
        filter: Annotated[
            PlanStatisticsFilter | None,
            strawberry.argument(description="The plans to count. Default: all of the current period."),
        ] = None,
    ) -> PlanStatistics | None:
        context, plans = info.context, filter or PlanStatisticsFilter()
        context.require_admin()
        code = (await get_period(context.services, plans.period, ("filter", "period"))).period.code
        scope = Scope(code, plans.provinsi, plans.kabupaten_kota, plans.npsn)
        return create_plan_statistics(scope, context)
