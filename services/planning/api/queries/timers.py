"""Query of the timers that failed, for admins."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import field
from services.planning.api.ids import cursor, parse_place
from services.planning.api.types.shared import PageInfo
from services.planning.api.types.timers import ArmedTimerConnection, ArmedTimerEdge, render_timer
from services.planning.callers.model import require_admin
from services.planning.timers.model import FIRST
from services.planning.timers.queries import list_incidents


@strawberry.type
class TimerQueries:
    @field(
        "The timers that failed and wait for an admin, those that failed first at the beginning. For admins."
    )
    async def incidents(
        self,
        info: Info,
        period: Annotated[
            strawberry.ID | None, strawberry.argument(description="The period's code; all if left out.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
    ) -> ArmedTimerConnection:
        context = info.context
        require_admin(context.require_caller())
        at, names = parse_place(after, ("after",), 3) if after else (FIRST[0], [FIRST[1], "", ""])
        place = at, names[0], names[1], names[2]
        timers, has_more = await list_incidents(
            period, place, first, context.services.workflows, context.connection
        )
        edges = []
        for one in timers:
            assert one.incident is not None, "the list holds incidents only"
            names = [one.timer.ptk_id, one.timer.period, one.timer.armed.timer]
            edge_cursor = cursor(one.incident.at.isoformat(), " ".join(names))
            edges.append(ArmedTimerEdge(cursor=edge_cursor, node=render_timer(one, context)))
        end = edges[-1].cursor if edges else None
        return ArmedTimerConnection(edges=edges, page_info=PageInfo(has_next_page=has_more, end_cursor=end))
