"""Trying a version before anybody depends on it."""

from __future__ import annotations

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import Given
from services.planning.api.migration_inputs import TryWorkflowInput
from services.planning.api.types.trial import TrialResult, shown_trial
from services.planning.usecases.admin import admin_of
from services.planning.usecases.trial import try_workflow


@strawberry.type
class Trials:
    """Merged into Mutation."""

    @mutation(
        "Try a version, a draft too, on what really happened in a period: which living plans could move to it, and how "
        "many would have gone otherwise by it. Answered at once, and worked off by `rencana worker`; no plan is "
        "touched. For admins."
    )
    async def try_workflow(self, info: Info, input: Given[TryWorkflowInput]) -> TrialResult:
        """Read only."""
        context, by = info.context, admin_of(info.context.signed_in())
        states = tuple((one.from_, one.to) for one in input.states)
        tried = await try_workflow(context.planning, by, input.sha256, input.period, states)
        return shown_trial(tried, context)
