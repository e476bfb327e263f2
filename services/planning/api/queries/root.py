"""The questions. Each root fetches once; what cannot be answered says why in a top-level error."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.planning.api.command import resolve_plan
from services.planning.api.context import Info
from services.planning.api.describe import field
from services.planning.api.ids import parse_plan_id
from services.planning.api.queries.change_requests import ChangeRequestQueries
from services.planning.api.queries.numbers import NumberQueries
from services.planning.api.queries.plan_migration import DryRunQueries, MigrationQueries
from services.planning.api.queries.status import StatusQueries
from services.planning.api.queries.timers import TimerQueries
from services.planning.api.queries.versions import WorkflowQueries
from services.planning.api.types.period import Catalog, Period
from services.planning.api.types.period import render_period as shown_period
from services.planning.api.types.plan import Plan
from services.planning.api.types.plan_state import PlanPhase
from services.planning.api.types.review import ReviewQueue, parse_queue_cursor
from services.planning.api.types.review import render_review_queue as shown_queue
from services.planning.api.types.viewer import Viewer
from services.planning.api.types.viewer import render_viewer as shown_viewer
from services.planning.period.queries import get_period
from services.planning.plan.queries import load_visible_plan
from services.planning.review.queries import QueueRequest, load_queue
from services.planning.viewer.queries import load_viewer
from workflows.model.definition import Phase

MAX_NAME_LENGTH = 100
Code = Annotated[
    strawberry.ID | None, strawberry.argument(description="The period's code; today's if left out.")
]


@strawberry.type(description="What can be asked: all but the statuses needs a person who signed in.")
class Query(
    StatusQueries,
    WorkflowQueries,
    ChangeRequestQueries,
    MigrationQueries,
    DryRunQueries,
    TimerQueries,
    NumberQueries,
):
    @field("Who you are, whether you may plan and why not, and what you should know now.")
    async def viewer(self, info: Info) -> Viewer:
        context = info.context
        return shown_viewer(await load_viewer(context.services, context.require_caller()), context)

    @field(
        "A plan that you own or head, or, for an admin, any plan; null for any other, whether it exists or not."
    )
    async def plan(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The plan's id.")]
    ) -> Plan | None:
        context = info.context
        caller = context.require_caller()
        ptk_id, period = parse_plan_id(id, ("id",))
        try:
            return await resolve_plan(
                await load_visible_plan(context.services, caller, ptk_id, period), context
            )
        except RequestRefused as refused:
            if refused.problems == (Problem("plan.unknown", {}, ("id",)),):
                return None
            raise

    @field(
        "The plans of the schools you head, as principal or as Plt, by name. Your own is never among them."
    )
    async def review_queue(
        self,
        info: Info,
        npsn: Annotated[
            str | None, strawberry.argument(description="One of your schools; all if left out.")
        ] = None,
        phase: Annotated[
            PlanPhase | None, strawberry.argument(description="Only plans in this phase.")
        ] = None,
        name: Annotated[
            str, strawberry.argument(description="Only teachers whose name has this in it.")
        ] = "",
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
        period: Code = None,
    ) -> ReviewQueue:
        context = info.context
        caller = context.require_caller()
        chosen = Phase(str(phase.value)) if phase else None
        place = parse_queue_cursor(after) if after else ("", "")
        wanted = QueueRequest(period, npsn, chosen, name[:MAX_NAME_LENGTH], first, place)
        return shown_queue(await load_queue(context.services, caller, wanted), context.language)

    @field("A period with its dates as they stand now.")
    async def period(self, info: Info, code: Code = None) -> Period:
        info.context.require_caller()
        return shown_period(await get_period(info.context.services, code), info.context)

    @field("The lists of a period for one level, and an example plan made from them.")
    async def catalog(
        self,
        info: Info,
        jenjang: Annotated[
            str, strawberry.argument(description="PAUD, SD, SMP, SMA, SMK, SLB or KESETARAAN.")
        ],
        jenjang_jabatan: Annotated[
            str | None,
            strawberry.argument(description="The code of a jenjang jabatan; some rows may be for it only."),
        ] = None,
        period: Code = None,
    ) -> Catalog:
        context = info.context
        context.require_caller()
        used = await get_period(context.services, period)
        catalog = await context.services.catalogs.get(used.catalog, context.services.connection)
        if jenjang not in {level.code for level in catalog.jenjang}:
            raise RequestRefused(Problem("jenjang.unknown", {"jenjang": jenjang}, ("jenjang",)))
        if jenjang_jabatan not in {None, *(row.code for row in catalog.jenjang_jabatan)}:
            raise RequestRefused(
                Problem("choice.not_offered", {"code": jenjang_jabatan}, ("jenjang_jabatan",))
            )
        minimum = shown_period(used, context).minimum_points
        return Catalog(
            catalog=catalog, jenjang=jenjang, jenjang_jabatan=jenjang_jabatan, minimum_points=minimum
        )
