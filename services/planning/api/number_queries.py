"""The numbers that admins live by: where the plans of a period stand now."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import described
from services.planning.api.types.plan_numbers import PlanNumbers, plan_numbers_of
from services.planning.storage.plan_numbers import Chosen
from services.planning.usecases.admin import admin_of
from services.planning.usecases.period import period_of
from services.planning.usecases.plan_numbers import counting


@strawberry.type
class NumberQueries:
    """Merged into Query."""

    @described(
        "How many plans of a period are in each state and for how long, on whom they wait, and in which regions or "
        "schools: what is stored, at one instant. For admins."
    )
    async def plan_numbers(
        self,
        info: Info,
        period: Annotated[
            strawberry.ID | None, strawberry.argument(description="The period's code; today's if left out.")
        ] = None,
        workflow: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only plans that live by this version of the workflow."),
        ] = None,
        provinsi: Annotated[
            str | None, strawberry.argument(description="Only plans at schools of this province.")
        ] = None,
        kabupaten_kota: Annotated[
            str | None, strawberry.argument(description="Only plans at schools of this kabupaten or kota.")
        ] = None,
        npsn: Annotated[str | None, strawberry.argument(description="Only plans at this school.")] = None,
    ) -> PlanNumbers:
        """Everything that is asked for is counted in one transaction."""
        context = info.context
        admin_of(context.signed_in())
        planning = context.planning
        used = await period_of(planning, period)
        chosen = Chosen(used.period.code, workflow, provinsi, kabupaten_kota, npsn)
        return plan_numbers_of(
            await counting(planning.clock, planning.workflows, used, chosen), context.language
        )
