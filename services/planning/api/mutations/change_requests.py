"""What admins do with change requests, and how they propose catalogues and periods."""

from __future__ import annotations

import strawberry

from services.kit.change_request import Decision
from services.planning.api.context import Context, Info
from services.planning.api.describe import mutation
from services.planning.api.ids import parse_change_request_id
from services.planning.api.inputs import ChangeRequestInput, CommandInput, ProposeFileInput
from services.planning.api.types.change_requests import (
    ChangeRequest,
    ChangeRequestResult,
    render_change_request,
)
from services.planning.callers.model import require_admin
from services.planning.period.imports import decide, propose_catalog, propose_period

PATH = ("change_request",)


@strawberry.type
class ChangeRequestMutations:
    @mutation(
        "Propose a catalogue. It is checked at once, and periods that name its code use it once a second admin has "
        "approved it. The same again answers with the proposal that waits. For admins."
    )
    async def propose_catalog(self, info: Info, input: CommandInput[ProposeFileInput]) -> ChangeRequestResult:
        context, by = info.context, require_admin(info.context.require_caller())
        request, replayed = await propose_catalog(context.services.clock, by, input.yaml, input.reason)
        return render_change_request(request, context, replayed=replayed)

    @mutation(
        "Propose a period, or revisions that it lacks, as a period file. Once a second admin has approved it, the new "
        "revisions name the two of you, whatever the file says. For admins."
    )
    async def propose_period(self, info: Info, input: CommandInput[ProposeFileInput]) -> ChangeRequestResult:
        context, by = info.context, require_admin(info.context.require_caller())
        services = context.services
        request, replayed = await propose_period(
            services.clock, services.workflows, by, input.yaml, input.reason
        )
        return render_change_request(request, context, replayed=replayed)

    @mutation(
        "Approve a catalogue, a period or a revision, as another person than its author. It is in use at once. Refused "
        "where its subject has changed since. For admins."
    )
    async def approve_change(
        self, info: Info, input: CommandInput[ChangeRequestInput]
    ) -> ChangeRequestResult:
        return await _decide(info.context, Decision.APPROVE, input)

    @mutation("Reject a change request, as another person than its author. For admins.")
    async def reject_change(self, info: Info, input: CommandInput[ChangeRequestInput]) -> ChangeRequestResult:
        return await _decide(info.context, Decision.REJECT, input)

    @mutation("Withdraw a change request that waits, your own or another's. For admins.")
    async def withdraw_change(
        self, info: Info, input: CommandInput[ChangeRequestInput]
    ) -> ChangeRequestResult:
        return await _decide(info.context, Decision.WITHDRAW, input)


async def _decide(context: Context, decision: Decision, input: ChangeRequestInput) -> ChangeRequest:
    by, services = require_admin(context.require_caller()), context.services
    id = parse_change_request_id(input.change_request, PATH)
    request, replayed = await decide(services.clock, services.workflows, by, decision, id, input.reason, PATH)
    return render_change_request(request, context, replayed=replayed)
