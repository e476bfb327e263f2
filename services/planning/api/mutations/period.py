"""Mutations on periods and catalogues: change requests by which admins change their values and files."""

from __future__ import annotations

import strawberry

from services.kit.change_request import Decision
from services.planning.api import inputs
from services.planning.api.context import Context, Info
from services.planning.api.fields import CommandInput, mutation
from services.planning.api.ids import parse_change_request_id
from services.planning.api.types.change_requests import (
    ChangeRequest,
    ChangeRequestResult,
    render_change_request,
)
from services.planning.api.types.period_revisions import (
    RevisionProposal,
    RevisionProposalResult,
    render_proposals,
)
from services.planning.period import commands, imports
from services.planning.period.revision import ID

CHANGE_REQUEST = ("change_request",)


@strawberry.type
class PeriodMutations:
    @mutation(
        "Propose new values for a period, such as a date, a switch or points. The proposal is checked at once and "
        "takes effect once a second admin approves it. The same proposal again returns the one that waits. For admins."
    )
    async def propose_revision(
        self, info: Info, input: CommandInput[inputs.ProposeRevisionInput]
    ) -> RevisionProposalResult:
        context, actor = info.context, info.context.require_admin()
        values = tuple((parameter.name, parameter.value.as_json) for parameter in input.values)
        draft = commands.RevisionDraft(input.period, values, input.effective_from, input.reason)
        services = context.services
        return await _render_proposal(
            await commands.propose(services.clock, services.workflows, actor, draft), context
        )

    @mutation(
        "Approve another admin's proposal. Its revision takes effect at `effectiveFrom`, or at once, in every process. "
        "Refused if one of its values has changed since. For admins."
    )
    async def approve_revision(
        self, info: Info, input: CommandInput[inputs.ProposalInput]
    ) -> RevisionProposalResult:
        return await _decide_revision(info.context, Decision.APPROVE, input)

    @mutation("Reject another admin's proposal. For admins.")
    async def reject_revision(
        self, info: Info, input: CommandInput[inputs.ProposalInput]
    ) -> RevisionProposalResult:
        return await _decide_revision(info.context, Decision.REJECT, input)

    @mutation("Withdraw a proposal that waits, your own or another admin's. For admins.")
    async def withdraw_revision(
        self, info: Info, input: CommandInput[inputs.ProposalInput]
    ) -> RevisionProposalResult:
        return await _decide_revision(info.context, Decision.WITHDRAW, input)

    @mutation(
        "Propose a catalogue. It is checked at once. Periods that name its code use it once a second admin approves "
        "it. The same proposal again returns the one that waits. For admins."
    )
    async def propose_catalog(
        self, info: Info, input: CommandInput[inputs.ProposeFileInput]
    ) -> ChangeRequestResult:
        context, actor = info.context, info.context.require_admin()
        request, replayed = await imports.propose_catalog(
            context.services.clock, actor, input.yaml, input.reason
        )
        return render_change_request(request, context, replayed=replayed)

    @mutation(
        "Propose a period, or revisions that it lacks, as a period file. Once a second admin approves it, the new "
        "revisions name you as author and the second admin as approver, not the persons in the file. For admins."
    )
    async def propose_period(
        self, info: Info, input: CommandInput[inputs.ProposeFileInput]
    ) -> ChangeRequestResult:
        context, actor = info.context, info.context.require_admin()
        services = context.services
        request, replayed = await imports.propose_period(
            services.clock, services.workflows, actor, input.yaml, input.reason
        )
        return render_change_request(request, context, replayed=replayed)

    @mutation(
        "Approve a change request of another person: a catalogue, a period or a revision. It takes effect at once. "
        "Refused if its subject has changed since. For admins."
    )
    async def approve_change(
        self, info: Info, input: CommandInput[inputs.ChangeRequestInput]
    ) -> ChangeRequestResult:
        return await _decide_change(info.context, Decision.APPROVE, input)

    @mutation("Reject a change request of another person. For admins.")
    async def reject_change(
        self, info: Info, input: CommandInput[inputs.ChangeRequestInput]
    ) -> ChangeRequestResult:
        return await _decide_change(info.context, Decision.REJECT, input)

    @mutation("Withdraw a change request that waits, your own or another person's. For admins.")
    async def withdraw_change(
        self, info: Info, input: CommandInput[inputs.ChangeRequestInput]
    ) -> ChangeRequestResult:
        return await _decide_change(info.context, Decision.WITHDRAW, input)


async def _decide_revision(
    context: Context, decision: Decision, input: inputs.ProposalInput
) -> RevisionProposal:
    actor, services = context.require_admin(), context.services
    number = parse_change_request_id(input.proposal, ID)
    return await _render_proposal(
        await commands.decide(services.clock, services.workflows, actor, decision, number, input.reason),
        context,
    )


async def _render_proposal(result: commands.RevisionResult, context: Context) -> RevisionProposal:
    (proposal,) = await render_proposals([result.proposal], result.setup, context, replayed=result.replayed)
    return proposal


async def _decide_change(
    context: Context, decision: Decision, input: inputs.ChangeRequestInput
) -> ChangeRequest:
    actor, services = context.require_admin(), context.services
    number = parse_change_request_id(input.change_request, CHANGE_REQUEST)
    request, replayed = await imports.decide(
        services.clock, services.workflows, actor, decision, number, input.reason, CHANGE_REQUEST
    )
    return render_change_request(request, context, replayed=replayed)
