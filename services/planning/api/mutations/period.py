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
from services.planning.api.types.period_revisions import RevisionProposal, render_proposals
from services.planning.api.types.problems import Rejection
from services.planning.period import commands, imports
from services.planning.period.revision import ID

CHANGE_REQUEST = ("change_request",)


@strawberry.type
class ProposalPayload:
    proposal: RevisionProposal = strawberry.field(description="The proposal after the mutation.")
    replayed: bool = strawberry.field(
        description="Whether the proposal had this state before. Nothing changed now."
    )


@strawberry.type
class ChangeRequestPayload:
    change_request: ChangeRequest = strawberry.field(description="The change request after the mutation.")
    replayed: bool = strawberry.field(
        description="Whether the request had this state before. Nothing changed now."
    )


@strawberry.type(description="Payload of `proposePeriodRevision`.")
class ProposePeriodRevisionPayload(ProposalPayload):
    pass


@strawberry.type(description="Payload of `approveRevision`.")
class ApproveRevisionPayload(ProposalPayload):
    pass


@strawberry.type(description="Payload of `rejectRevision`.")
class RejectRevisionPayload(ProposalPayload):
    pass


@strawberry.type(description="Payload of `withdrawRevision`.")
class WithdrawRevisionPayload(ProposalPayload):
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


OfProposal = TypeVar("OfProposal", bound=ProposalPayload)
OfChangeRequest = TypeVar("OfChangeRequest", bound=ChangeRequestPayload)
ProposePeriodRevisionResult = Annotated[
    ProposePeriodRevisionPayload | Rejection, result("ProposePeriodRevisionResult")
]
ApproveRevisionResult = Annotated[ApproveRevisionPayload | Rejection, result("ApproveRevisionResult")]
RejectRevisionResult = Annotated[RejectRevisionPayload | Rejection, result("RejectRevisionResult")]
WithdrawRevisionResult = Annotated[WithdrawRevisionPayload | Rejection, result("WithdrawRevisionResult")]
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
        return await _render_proposal(
            ProposePeriodRevisionPayload,
            await commands.propose(services.clock, services.workflows, actor, draft),
            context,
        )

    @mutation(
        "Approve another admin's proposal. Its revision takes effect at `effectiveFrom`, or at once, in every process. "
        "Refused if one of its values has changed since. For admins."
    )
    async def approve_revision(
        self, info: Info, input: CommandInput[inputs.ApproveRevisionInput]
    ) -> ApproveRevisionResult:
        return await _decide_revision(ApproveRevisionPayload, info.context, Decision.APPROVE, input)

    @mutation("Reject another admin's proposal. For admins.")
    async def reject_revision(
        self, info: Info, input: CommandInput[inputs.RejectRevisionInput]
    ) -> RejectRevisionResult:
        return await _decide_revision(RejectRevisionPayload, info.context, Decision.REJECT, input)

    @mutation("Withdraw a proposal that waits, your own or another admin's. For admins.")
    async def withdraw_revision(
        self, info: Info, input: CommandInput[inputs.WithdrawRevisionInput]
    ) -> WithdrawRevisionResult:
        return await _decide_revision(WithdrawRevisionPayload, info.context, Decision.WITHDRAW, input)

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
        "Approve a change request of another person: a catalogue, a period or a revision. It takes effect at once. "
        "Refused if its subject has changed since. For admins."
    )
    async def approve_change_request(
        self, info: Info, input: CommandInput[inputs.ApproveChangeRequestInput]
    ) -> ApproveChangeRequestResult:
        return await _decide_change(ApproveChangeRequestPayload, info.context, Decision.APPROVE, input)

    @mutation("Reject a change request of another person. For admins.")
    async def reject_change_request(
        self, info: Info, input: CommandInput[inputs.RejectChangeRequestInput]
    ) -> RejectChangeRequestResult:
        return await _decide_change(RejectChangeRequestPayload, info.context, Decision.REJECT, input)

    @mutation("Withdraw a change request that waits, your own or another person's. For admins.")
    async def withdraw_change_request(
        self, info: Info, input: CommandInput[inputs.WithdrawChangeRequestInput]
    ) -> WithdrawChangeRequestResult:
        return await _decide_change(WithdrawChangeRequestPayload, info.context, Decision.WITHDRAW, input)


async def _decide_revision(
    kind: type[OfProposal], context: Context, decision: Decision, input: inputs.OnRevision
) -> OfProposal:
    actor, services = context.require_admin(), context.services
    number = parse_change_request_id(input.proposal, ID)
    return await _render_proposal(
        kind,
        await commands.decide(services.clock, services.workflows, actor, decision, number, input.reason),
        context,
    )


async def _render_proposal(
    kind: type[OfProposal], result: commands.RevisionResult, context: Context
) -> OfProposal:
    (proposal,) = await render_proposals([result.proposal], result.setup, context)
    return kind(proposal=proposal, replayed=result.replayed)


async def _decide_change(
    kind: type[OfChangeRequest], context: Context, decision: Decision, input: inputs.OnChangeRequest
) -> OfChangeRequest:
    actor, services = context.require_admin(), context.services
    number = parse_change_request_id(input.change_request, CHANGE_REQUEST)
    request, replayed = await imports.decide(
        services.clock, services.workflows, actor, decision, number, input.reason, CHANGE_REQUEST
    )
    return kind(change_request=render_change_request(request, context), replayed=replayed)
