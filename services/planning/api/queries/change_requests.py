"""The change requests that admins decide."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import field
from services.planning.api.ids import cursor, parse_numbered_cursor
from services.planning.api.types.change_requests import (
    ChangeRequestConnection,
    ChangeRequestEdge,
    ChangeRequestKind,
    render_change_request,
)
from services.planning.api.types.shared import PageInfo
from services.planning.callers.model import require_admin
from services.planning.change_requests.queries import NEWEST, list_change_requests

PLACE = "change_requests"


@strawberry.type
class ChangeRequestQueries:
    @field("Catalogues, periods and revisions that admins or operators propose, newest first. For admins.")
    async def change_requests(
        self,
        info: Info,
        kinds: Annotated[
            list[ChangeRequestKind] | None,
            strawberry.argument(description="Of these kinds; all if left out."),
        ] = None,
        subject: Annotated[
            str | None, strawberry.argument(description="About this subject; all if left out.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
    ) -> ChangeRequestConnection:
        context = info.context
        require_admin(context.require_caller())
        before = parse_numbered_cursor(after, PLACE, digits=18) or NEWEST
        names = [str(kind.value) for kind in (kinds or ChangeRequestKind)]
        requests, has_next_page = await list_change_requests(
            names, subject, before, first, context.services.connection
        )
        edges = [
            ChangeRequestEdge(cursor=cursor(PLACE, str(one.id)), node=render_change_request(one, context))
            for one in requests
        ]
        page_info = PageInfo(has_next_page=has_next_page, end_cursor=edges[-1].cursor if edges else None)
        return ChangeRequestConnection(edges=edges, page_info=page_info)
