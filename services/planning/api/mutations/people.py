"""What a Plt does for the school: confirming. Approving needs none, the system approves (Guide 10)."""

from __future__ import annotations

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import CommandInput, ConfirmAsPltInput
from services.planning.api.types.plt import ConfirmAsPltResult, PltConfirmation
from services.planning.people.commands import confirm_as_plt


@strawberry.type
class PltMutations:
    @mutation("Confirm as the Plt of a school, so that its teachers can begin implementation.")
    async def confirm_as_plt(self, info: Info, input: CommandInput[ConfirmAsPltInput]) -> ConfirmAsPltResult:
        context = info.context
        confirmation, replayed = await confirm_as_plt(
            context.services, context.require_caller(), input.npsn, input.period
        )
        return PltConfirmation(
            npsn=confirmation.npsn,
            period=strawberry.ID(confirmation.period),
            confirmed_at=confirmation.at,
            replayed=replayed,
        )
