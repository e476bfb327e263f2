"""Objects by their global ids. Each type has one loader, with the access rules of its other entrances."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import (
    parse_dry_run_id,
    parse_plan_id,
    parse_plan_migration_id,
    parse_type,
    parse_viewer_id,
    parse_workflow_version_id,
)
from services.planning.api.types.catalog import Catalog, resolve_catalogs
from services.planning.api.types.change_requests import ChangeRequest, load_change_request_nodes
from services.planning.api.types.comments import Comment, load_comment_nodes
from services.planning.api.types.dry_run import DryRun, render_dry_run
from services.planning.api.types.node import Node
from services.planning.api.types.notifications import Notification, load_notification_nodes
from services.planning.api.types.period import Period, load_period_nodes
from services.planning.api.types.plan import Plan, resolve_plans
from services.planning.api.types.plan_migration import PlanMigration, render_plan_migration
from services.planning.api.types.timers import Timer, load_timer_nodes
from services.planning.api.types.versions import WorkflowVersion, render_version
from services.planning.api.types.viewer import Viewer, render_viewer
from services.planning.plan_migration.dry_run.queries import load_dry_runs
from services.planning.plan_migration.queries import load_migrations
from services.planning.viewer.queries import load_viewer

MAX_IDS = 100

Loader = Callable[[Context, Sequence[str]], Awaitable[Sequence[Node | None]]]


async def _load_plans(context: Context, ids: Sequence[str]) -> Sequence[Node | None]:
    return await resolve_plans([parse_plan_id(id, ("id",)) for id in ids], context)


async def _load_workflow_versions(context: Context, ids: Sequence[str]) -> list[Node | None]:
    sha256s = [parse_workflow_version_id(id, ("id",)) for id in ids]
    versions = await context.loaders.workflow_versions.load_many(sha256s)
    return [render_version(version, context) if version else None for version in versions]


async def _load_plan_migrations(context: Context, ids: Sequence[str]) -> list[Node | None]:
    numbers = [parse_plan_migration_id(id, ("id",)) for id in ids]
    migrations = await load_migrations(numbers, context.connection)
    return [
        render_plan_migration(migrations[number], context) if number in migrations else None
        for number in numbers
    ]


async def _load_dry_runs(context: Context, ids: Sequence[str]) -> list[Node | None]:
    numbers = [parse_dry_run_id(id, ("id",)) for id in ids]
    dry_runs = await load_dry_runs(numbers, context.connection)
    return [render_dry_run(dry_runs[number], context) if number in dry_runs else None for number in numbers]


async def _load_viewers(context: Context, ids: Sequence[str]) -> list[Node | None]:
    """Load the caller. Another account is null."""
    caller = context.require_caller()
    accounts = [parse_viewer_id(id, ("id",)) for id in ids]
    if caller.account not in accounts:
        return [None] * len(ids)
    viewer = render_viewer(await load_viewer(context.services, caller), context)
    return [viewer if account == caller.account else None for account in accounts]


def _for_admins(load: Loader) -> Loader:
    """Return a loader of objects that only admins see: others get null, whether an object exists or not."""

    async def load_for_admins(context: Context, ids: Sequence[str]) -> Sequence[Node | None]:
        is_admin = "admin" in context.require_caller().scopes
        return await load(context, ids) if is_admin else [None] * len(ids)

    return load_for_admins


# A loader gets the ids of one type, so that it can load them in one statement.
LOADERS: Mapping[type[Node], Loader] = {
    Catalog: resolve_catalogs,
    ChangeRequest: load_change_request_nodes,
    Period: load_period_nodes,
    Comment: load_comment_nodes,
    Notification: load_notification_nodes,
    Plan: _load_plans,
    WorkflowVersion: _for_admins(_load_workflow_versions),
    PlanMigration: _for_admins(_load_plan_migrations),
    DryRun: _for_admins(_load_dry_runs),
    Timer: load_timer_nodes,
    Viewer: _load_viewers,
}


@strawberry.type
class NodeQueries:
    @field(
        "An object by its global id. Null if it does not exist or you cannot see it; the answer does not tell which."
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")]
    ) -> Node | None:
        (node,) = await load_nodes(info.context, [id], lambda _: ("id",))
        return node

    @field(
        "Up to 100 objects by their global ids, in the order of the ids. Entries are null as in `node`. Null as a "
        "whole, with an entry in `errors`, for more ids or a malformed one."
    )
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Global ids.")]
    ) -> list[Node | None] | None:
        if len(ids) > MAX_IDS:
            raise RequestRefused(Problem("ids.too_many", {"most": MAX_IDS}, ("ids",)))
        return await load_nodes(info.context, ids, lambda index: ("ids", str(index)))


async def load_nodes(
    context: Context,
    ids: Sequence[str],
    path_of: Callable[[int], tuple[str, ...]],
) -> list[Node | None]:
    """Load objects in the order of their ids. Raises RequestRefused `id.invalid` for an id of no known type."""
    context.require_caller()
    kind_by_name = {kind.__name__: kind for kind in LOADERS}
    ids_by_kind: dict[type[Node], list[str]] = {}
    for index, id in enumerate(ids):
        kind = kind_by_name[parse_type(id, kind_by_name, path_of(index))]
        ids_by_kind.setdefault(kind, []).append(id)
    nodes: dict[str, Node | None] = {}
    for kind, ids_of_kind in ids_by_kind.items():
        nodes |= zip(ids_of_kind, await LOADERS[kind](context, ids_of_kind), strict=True)
    return [nodes[id] for id in ids]
