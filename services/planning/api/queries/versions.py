"""The questions of workflow admins: which versions there are, and what each says."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import field
from services.planning.api.ids import cursor, parse_numbered_cursor
from services.planning.api.types.shared import PageInfo
from services.planning.api.types.versions import (
    WorkflowVersion,
    WorkflowVersionConnection,
    WorkflowVersionEdge,
    create_count_loader,
    render_version,
)
from services.planning.callers.model import require_admin
from services.planning.versions.queries import DEFAULT_WORKFLOW, list_versions, load_version

PLACE = "workflow"  # beside the number, so that a cursor of another list is none of this one


@strawberry.type
class WorkflowQueries:
    @field("A version of the workflow; null where there is none. For admins.")
    async def workflow(
        self,
        info: Info,
        sha256: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The version; the published one if left out."),
        ] = None,
    ) -> WorkflowVersion | None:
        context = info.context
        require_admin(context.require_caller())
        version = await load_version(sha256, context.services.clock.now(), context.services.connection)
        return render_version(version, context) if version else None

    @field("The versions of a workflow, newest first. For admins.")
    async def workflows(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="The name of the workflow.")] = DEFAULT_WORKFLOW,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
    ) -> WorkflowVersionConnection:
        context = info.context
        require_admin(context.require_caller())
        found, more = await list_versions(
            name,
            first,
            parse_numbered_cursor(after, PLACE),
            context.services.clock.now(),
            context.services.connection,
        )
        counts = create_count_loader(context)
        edges = [
            WorkflowVersionEdge(
                cursor=cursor(PLACE, str(version.number)), node=render_version(version, context, counts)
            )
            for version in found
        ]
        ends = PageInfo(has_next_page=more, end_cursor=edges[-1].cursor if edges else None)
        return WorkflowVersionConnection(edges=edges, page_info=ends)
