"""What an admin does to a plan outside the normal course: always with a reason, and nothing is lost by it."""

from __future__ import annotations

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import Given, MovePlanInput, ReopenPlanInput
from services.planning.api.mutations.transitions import fired
from services.planning.api.types.result import PlanResult
from workflows import Given as Brought


@strawberry.type
class Admin:
    """Merged into Mutation."""

    @mutation(
        "Open an approved plan again, so that it can be corrected: back to draft with all that was chosen and with a "
        "due date of its own. Its owner and the head of its school are told. For admins."
    )
    async def reopen_plan(self, info: Info, input: Given[ReopenPlanInput]) -> PlanResult:
        """From every phase in which the owner can no longer edit, except `SUBMITTED`, where the head returns it."""
        return await fired(info, input, "reopen", Brought(input.reason))

    @mutation(
        "Move a plan to its teacher's sekolah induk of today; a plan that waits is decided again there. For admins."
    )
    async def move_plan(self, info: Info, input: Given[MovePlanInput]) -> PlanResult:
        """In no phase but `IN_IMPLEMENTATION` (DOMAIN.md, "States")."""
        return await fired(info, input, "moveToSekolahInduk", Brought(input.reason))
