"""The questions of partner platforms: where plans stand."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import field
from services.planning.api.types.status import PlanStatus, TeacherKey, render_plan_status
from services.planning.status.queries import list_statuses

Code = Annotated[
    strawberry.ID | None, strawberry.argument(description="The period's code; today's if left out.")
]


@strawberry.type
class StatusQueries:
    @field(
        "Where a teacher's plan stands; null where the teacher is unknown, has no plan, or has one beyond your limits: "
        "which of them, nobody is told. Needs the scope `status:read`."
    )
    async def plan_status(
        self,
        info: Info,
        key: Annotated[TeacherKey, strawberry.argument(description="The teacher.")],
        period: Code = None,
    ) -> PlanStatus | None:
        (status,) = await _load_statuses(info, [key], period)
        return status

    @field(
        "Where the plans of up to 100 teachers stand, in the order of their keys, each null as `planStatus` may be. "
        "Needs the scope `status:read`."
    )
    async def plan_statuses(
        self,
        info: Info,
        keys: Annotated[list[TeacherKey], strawberry.argument(description="The teachers, at most 100.")],
        period: Code = None,
    ) -> list[PlanStatus | None]:
        return await _load_statuses(info, keys, period)


async def _load_statuses(info: Info, keys: list[TeacherKey], period: str | None) -> list[PlanStatus | None]:
    context = info.context
    within = context.require_status_scope()
    statuses = await list_statuses(context.services, within, [key.to_model() for key in keys], period)
    return [render_plan_status(status, context.language) if status else None for status in statuses]
