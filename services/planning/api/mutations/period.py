"""What admins do with the values of a period: dates and switches, without a release and without touching a plan."""

from __future__ import annotations

import strawberry

from services.kit.change_request import Decision
from services.planning.api.context import Context, Info
from services.planning.api.describe import mutation
from services.planning.api.ids import parse_change_request_id
from services.planning.api.inputs import CommandInput, ProposalInput, ProposeRevisionInput
from services.planning.api.types.period_revisions import (
    RevisionProposal,
    RevisionProposalResult,
    render_proposals,
)
from services.planning.callers.model import require_admin
from services.planning.period.commands import CommandResult, RevisionDraft, decide, propose
from services.planning.period.revision import ID


@strawberry.type
class PeriodMutations:
    @mutation(
        "Propose to change values of a period: a date, a switch, points. It is checked at once, and counts once a "
        "second admin has approved it. The same again answers with the proposal that waits. For admins."
    )
    async def propose_revision(
        self, info: Info, input: CommandInput[ProposeRevisionInput]
    ) -> RevisionProposalResult:
        context, by = info.context, require_admin(info.context.require_caller())
        values = tuple((one.name, one.value.as_json) for one in input.values)
        wish = RevisionDraft(input.period, values, input.effective_from, input.reason)
        done = await propose(context.services.clock, context.services.workflows, by, wish)
        return await _render(done, context)

    @mutation(
        "Approve a proposal of another admin: a revision of the period's values, in force from `effectiveFrom` or from "
        "now on, in every process. Refused where a value it changes has been changed since. For admins."
    )
    async def approve_revision(
        self, info: Info, input: CommandInput[ProposalInput]
    ) -> RevisionProposalResult:
        return await _decide(info.context, Decision.APPROVE, input)

    @mutation("Reject a proposal of another admin. For admins.")
    async def reject_revision(self, info: Info, input: CommandInput[ProposalInput]) -> RevisionProposalResult:
        return await _decide(info.context, Decision.REJECT, input)

    @mutation("Withdraw a proposal that waits, one's own or another's. For admins.")
    async def withdraw_revision(
        self, info: Info, input: CommandInput[ProposalInput]
    ) -> RevisionProposalResult:
        return await _decide(info.context, Decision.WITHDRAW, input)


async def _decide(context: Context, decision: Decision, input: ProposalInput) -> RevisionProposal:
    by, services = require_admin(context.require_caller()), context.services
    number = parse_change_request_id(input.proposal, ID)
    done = await decide(services.clock, services.workflows, by, decision, number, input.reason)
    return await _render(done, context)


async def _render(done: CommandResult, context: Context) -> RevisionProposal:
    (rendered,) = await render_proposals([done.proposal], done.setup, context, replayed=done.replayed)
    return rendered
