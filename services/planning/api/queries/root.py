"""The query root: the viewer, plans, the review queue, periods and catalogues."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Info
from services.planning.api.fields import After, First, PeriodCode, field
from services.planning.api.ids import parse_plan_id
from services.planning.api.queries.admin import AdminQueries
from services.planning.api.queries.node import NodeQueries
from services.planning.api.queries.status import StatusQueries
from services.planning.api.types.catalog import Catalog, render_catalog
from services.planning.api.types.connections import Connection
from services.planning.api.types.people import Jenjang
from services.planning.api.types.period import Period, render_period, resolve_periods
from services.planning.api.types.plan import Plan, resolve_plan
from services.planning.api.types.review_queue import (
    ReviewQueueConnection,
    ReviewQueueFilter,
    parse_queue_request,
    resolve_review_queue,
)
from services.planning.api.types.viewer import Viewer, render_viewer
from services.planning.period.queries import find_period, load_catalog_level
from services.planning.plan.queries import load_visible_plan
from services.planning.review.queries import load_queue
from services.planning.viewer.queries import load_viewer


@strawberry.type(
    description="All queries. All but `planStatus`, `planStatuses` and `schools` need a person who is signed in."
)
class Query(NodeQueries, StatusQueries, AdminQueries):
    @field(
        "The person who is signed in: roles, whether you may plan, and current notices. Null, with an entry in "
        "`errors`, while identity is unavailable, and if it no longer knows you."
    )
    async def viewer(self, info: Info) -> Viewer | None:
        context = info.context
        return render_viewer(await load_viewer(context.services, context.require_caller()), context)

    @field(
        "A plan. Null if it does not exist, or if you are neither its owner, nor the head of its school, nor an admin."
    )
    async def plan(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Id of the plan.")]
    ) -> Plan | None:
        context = info.context
        caller = context.require_caller()
        ptk_id, period = parse_plan_id(id, ("id",))
        try:
            return await resolve_plan(
                await load_visible_plan(context.services, caller, ptk_id, period), context
            )
        except RequestRefused as error:
            if error.problems == (Problem("plan.unknown", {}, ("id",)),):
                return None
            raise

    @field(
        "The plans of the schools that you head as principal or as Plt, by name of the teacher. Your own plan is not "
        "listed. Null, with an entry in `errors`, if you head no school."
    )
    async def review_queue(
        self,
        info: Info,
        filter: Annotated[
            ReviewQueueFilter | None, strawberry.argument(description="Which plans to list.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> ReviewQueueConnection | None:
        context, caller = info.context, info.context.require_caller()
        request = parse_queue_request(filter, first, after)
        npsn = filter.npsn if filter else None
        queue = await load_queue(context.services, caller, npsn, request)
        return await resolve_review_queue(queue, after, context)

    @field("A period with its current dates. Null if there is none.")
    async def period(self, info: Info, code: PeriodCode = None) -> Period | None:
        info.context.require_caller()
        setup = await find_period(info.context.services, code)
        return render_period(setup, info.context) if setup else None

    @field("All periods, the one that starts last first.")
    async def periods(self, info: Info, first: First = 20, after: After = None) -> Connection[Period] | None:
        info.context.require_caller()
        return await resolve_periods(info.context, first, after)

    @field(
        "The catalogue of a period for one level. Null, with an entry in `errors`, if the period, the level or the "
        "jenjang jabatan is unknown."
    )
    async def catalog(
        self,
        info: Info,
        jenjang: Annotated[Jenjang, strawberry.argument(description="The level.")],
        jenjang_jabatan: Annotated[
            str | None,
            strawberry.argument(
                description="Code of a jenjang jabatan. Some entries are only for certain ones."
            ),
        ] = None,
        period: PeriodCode = None,
    ) -> Catalog | None:
        context = info.context
        context.require_caller()
        return render_catalog(
            await load_catalog_level(context.services, period, str(jenjang.value), jenjang_jabatan)
        )
