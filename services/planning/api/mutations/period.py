"""Mutations on periods and catalogues: change requests by which admins change their values and files."""

from __future__ import annotations

from typing import Annotated, TypeVar

import strawberry

from services.kit.change_request import Decision
from services.planning.api import admin_inputs as inputs
from services.planning.api.context import Context, Info
from services.planning.api.fields import CommandInput, mutation, result
from services.planning.api.ids import parse_change_request_id
from services.planning.api.types.change_requests import ChangeRequest, render_change_request
from services.planning.api.types.problems import Rejection
from services.planning.period import commands, imports


@strawberry.type
class ChangeRequestPayload:
    change_request: ChangeRequest = strawberry.field(description="The change request after the mutation.")
    replayed: bool = strawberry.field(
        description="Whether the request had this state before. Nothing changed now."
    )


@strawberry.type(description="Payload of `proposePeriodRevision`.")
class ProposePeriodRevisionPayload(ChangeRequestPayload):
    pass


@strawberry.type(description="Payload of `proposeCatalog`.")
class ProposeCatalogPayload(ChangeRequestPayload):
    pass


@strawberry.type(description="Payload of `proposePeriod`.")
class ProposePeriodPayload(ChangeRequestPayload):
    pass


@strawberry.type(description="Payload of `approveChangeRequest`.")
class ApproveChangeRequestPayload(ChangeRequestPayload):
    pass


@strawberry.type(description="Payload of `rejectChangeRequest`.")
class RejectChangeRequestPayload(ChangeRequestPayload):
    pass


@strawberry.type(description="Payload of `withdrawChangeRequest`.")
class WithdrawChangeRequestPayload(ChangeRequestPayload):
    pass


Payload = TypeVar("Payload", bound=ChangeRequestPayload)
ProposePeriodRevisionResult = Annotated[
    ProposePeriodRevisionPayload | Rejection, result("ProposePeriodRevisionResult")
]
ProposeCatalogResult = Annotated[ProposeCatalogPayload | Rejection, result("ProposeCatalogResult")]
ProposePeriodResult = Annotated[ProposePeriodPayload | Rejection, result("ProposePeriodResult")]
ApproveChangeRequestResult = Annotated[
    ApproveChangeRequestPayload | Rejection, result("ApproveChangeRequestResult")
]
RejectChangeRequestResult = Annotated[
    RejectChangeRequestPayload | Rejection, result("RejectChangeRequestResult")
]
WithdrawChangeRequestResult = Annotated[
    WithdrawChangeRequestPayload | Rejection, result("WithdrawChangeRequestResult")
]


@strawberry.type
class PeriodMutations:
    @mutation(
        "Propose new values for a period, such as a date, a switch or points. The proposal is checked at once and "
        "takes effect once a second admin approves it. The same proposal again returns the one that waits. For admins."
    )
    async def propose_period_revision(
        self, info: Info, input: CommandInput[inputs.ProposePeriodRevisionInput]
    ) -> ProposePeriodRevisionResult:
        context, actor = info.context, info.context.require_admin()
        values = tuple((parameter.name, parameter.value.as_json) for parameter in input.values)
        draft = commands.RevisionDraft(input.period, values, input.effective_from, input.reason)
        services = context.services
        request, replayed = await commands.propose(services.clock, services.workflows, actor, draft)
        change_request = render_change_request(request, context)
        return ProposePeriodRevisionPayload(change_request=change_request, replayed=replayed)

    @mutation(
        "Propose a catalogue. It is checked at once. Periods that name its code use it once a second admin approves "
        "it. The same proposal again returns the one that waits. For admins."
    )
    async def propose_catalog(
        self, info: Info, input: CommandInput[inputs.ProposeCatalogInput]
    ) -> ProposeCatalogResult:
        context, actor = info.context, info.context.require_admin()
        request, replayed = await imports.propose_catalog(
            context.services.clock, actor, input.yaml, input.reason
        )
        return ProposeCatalogPayload(
            change_request=render_change_request(request, context), replayed=replayed
        )

    @mutation(
        "Propose a period, or revisions that it lacks, as a period file. Once a second admin approves it, the new "
        "revisions name you as author and the second admin as approver, not the persons in the file. For admins."
    )
    async def propose_period(
        self, info: Info, input: CommandInput[inputs.ProposePeriodInput]
    ) -> ProposePeriodResult:
        context, actor = info.context, info.context.require_admin()
        services = context.services
        request, replayed = await imports.propose_period(
            services.clock, services.workflows, actor, input.yaml, input.reason
        )
        return ProposePeriodPayload(change_request=render_change_request(request, context), replayed=replayed)

    @mutation(
        "Approve a change request of another person: a catalogue, a period or a revision. It takes effect at once, "
        "a revision at its `effectiveFrom`. Refused if its subject has changed since. For admins."
    )
    async def approve_change_request(
        self, info: Info, input: CommandInput[inputs.ApproveChangeRequestInput]
    ) -> ApproveChangeRequestResult:
        return await _decide(ApproveChangeRequestPayload, info.context, Decision.APPROVE, input)

    @mutation("Reject a change request of another person. For admins.")
    async def reject_change_request(
        self, info: Info, input: CommandInput[inputs.RejectChangeRequestInput]
    ) -> RejectChangeRequestResult:
        return await _decide(RejectChangeRequestPayload, info.context, Decision.REJECT, input)

    @mutation("Withdraw a change request that waits, your own or another person's. For admins.")
    async def withdraw_change_request(
        self, info: Info, input: CommandInput[inputs.WithdrawChangeRequestInput]
    ) -> WithdrawChangeRequestResult:
        return await _decide(WithdrawChangeRequestPayload, info.context, Decision.WITHDRAW, input)


async def _decide(
    kind: type[Payload], context: Context, decision: Decision, input: inputs.OnChangeRequest
) -> Payload:
    actor = context.require_fresh_admin() if decision is Decision.APPROVE else context.require_admin()
    services = context.services
    number = parse_change_request_id(input.change_request_id, ("change_request_id",))
    request, replayed = await imports.decide(
        services.clock, services.workflows, actor, decision, number, input.reason
    )
    return kind(change_request=render_change_request(request, context), replayed=replayed)
