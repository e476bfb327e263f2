"""What a Plt does for the school: confirming. Approving needs none, the system approves (Guide 10)."""

from __future__ import annotations

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import ConfirmAsPltInput, Given
from services.planning.api.types.plt import ConfirmAsPltResult, PltConfirmation
from services.planning.people.commands import confirm_as_plt


@strawberry.type
class Plt:
    """Merged into Mutation."""

    @mutation("Confirm as the Plt of a school, so that its teachers can begin implementation.")
    async def confirm_as_plt(self, info: Info, input: Given[ConfirmAsPltInput]) -> ConfirmAsPltResult:
        """Guide 11."""
        context = info.context
        stands, replayed = await confirm_as_plt(
            context.services, context.signed_in(), input.npsn, input.period
        )
        return PltConfirmation(
            npsn=stands.npsn, period=strawberry.ID(stands.period), confirmed_at=stands.at, replayed=replayed
        )
