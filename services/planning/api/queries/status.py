"""Queries of partner platforms: the status of plans, and the schools that have plans."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.fields import After, First, PeriodCode, field
from services.planning.api.types.period import render_period
from services.planning.api.types.schools import (
    SchoolConnection,
    SchoolFilter,
    SchoolOrder,
    resolve_schools,
)
from services.planning.api.types.status import PlanStatus, TeacherKey, render_plan_status
from services.planning.status.queries import list_statuses


@strawberry.type
class StatusQueries:
    @field(
        "The status of a teacher's plan. Null if the teacher is unknown, has no plan, or has a plan outside the "
        "territory of your client; the answer does not tell which. Needs the scope `status:read`."
    )
    async def plan_status(
        self,
        info: Info,
        key: Annotated[TeacherKey, strawberry.argument(description="The teacher.")],
        period: PeriodCode = None,
    ) -> PlanStatus | None:
        (status,) = await _load_statuses(info, [key], period)
        return status

    @field(
        "The statuses of the plans of up to 100 teachers, in the order of `keys`. An entry is null for the same "
        "reasons as `planStatus`. Null as a whole, with an entry in `errors`, for more keys and for an unknown period. "
        "Needs the scope `status:read`."
    )
    async def plan_statuses(
        self,
        info: Info,
        keys: Annotated[list[TeacherKey], strawberry.argument(description="The teachers, at most 100.")],
        period: PeriodCode = None,
    ) -> list[PlanStatus | None] | None:
        return await _load_statuses(info, keys, period)

    @field(
        "The schools that have plans in a period. Partners get those within the limits of their client, with the "
        "scope `status:read`, and admins all of them. A school is listed once, as the school of its plans. Null, with "
        "an entry in `errors`, for others, and if an argument is invalid."
    )
    async def schools(
        self,
        info: Info,
        filter: Annotated[
            SchoolFilter | None, strawberry.argument(description="Which schools to list. Default: all.")
        ] = None,
        order_by: Annotated[
            SchoolOrder | None, strawberry.argument(description="The order. Default: by NPSN.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> SchoolConnection | None:
        return await resolve_schools(info.context, filter or SchoolFilter(), order_by, first, after)


async def _load_statuses(info: Info, keys: list[TeacherKey], period: str | None) -> list[PlanStatus | None]:
    context = info.context
    territory = context.require_status_scope()
    setup, statuses = await list_statuses(
        context.services, territory, [key.to_model() for key in keys], period
    )
    shown_period = render_period(setup, context)
    return [
        render_plan_status(status, shown_period, context.language) if status else None for status in statuses
    ]
