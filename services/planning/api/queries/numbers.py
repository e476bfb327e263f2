"""Query of the numbers of a period, for admins."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import field
from services.planning.api.types.numbers import PlanNumbers, plan_numbers
from services.planning.callers.model import require_admin
from services.planning.numbers.model import Scope
from services.planning.period.queries import get_period


@strawberry.type
class NumberQueries:
    @field(
        "How many plans of a period are in each state, for how long, and in which regions or schools most of them "
        "wait for a decision. For admins."
    )
    async def plan_numbers(
        self,
        info: Info,
        period: Annotated[
            strawberry.ID | None, strawberry.argument(description="The period's code; today's if left out.")
        ] = None,
        provinsi: Annotated[
            str | None, strawberry.argument(description="Only plans at schools of this province.")
        ] = None,
        kabupaten_kota: Annotated[
            str | None, strawberry.argument(description="Only plans at schools of this kabupaten or kota.")
        ] = None,
        npsn: Annotated[str | None, strawberry.argument(description="Only plans at this school.")] = None,
    ) -> PlanNumbers:
        context = info.context
        require_admin(context.require_caller())
        used = await get_period(context.services, period)
        return plan_numbers(Scope(used.period.code, provinsi, kabupaten_kota, npsn), context)
