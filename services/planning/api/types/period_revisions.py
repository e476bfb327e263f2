"""Revisions of the values of a period, and proposals for new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

import strawberry
from strawberry.dataloader import DataLoader

from services.kit.change_request import State
from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import change_request_id, encode_cursor, parse_numbered_cursor
from services.planning.api.types.actors import describe_address, find_address, is_viewer
from services.planning.api.types.connections import Connection, Edge
from services.planning.people.services import Services
from services.planning.period import revision as domain
from services.planning.period.commands import find_staleness, list_proposals
from services.planning.period.model import PeriodSetup, Revision
from services.planning.period.queries import load_declarations
from services.planning.plan.queries import count_waiting_plans
from workflows.model.definition import Param
from workflows.model.facts import ParamValue
from workflows.model.messages import format_value

ParameterLoader = DataLoader[str, Param | None]


@strawberry.type(description="A change of a value of a period.")
class ParameterChange:
    name: str = strawberry.field(description="Name of the parameter in the workflow.")
    label: str = strawberry.field(description="Name of the parameter for people.")
    before: str | None = strawberry.field(description="The earlier value, in words; null if there was none.")
    after: str = strawberry.field(description="The new value, in words.")
    sentence: str = strawberry.field(description="The change in a sentence.")


@strawberry.type(description="A revision of the values of a period, such as an extension.")
class PeriodRevision:
    revision: strawberry.Private[Revision]
    setup: strawberry.Private[PeriodSetup]
    params: strawberry.Private[ParameterLoader]
    number: int = strawberry.field(
        description="Number, from 1. Events name the revision that they were decided by."
    )
    effective_from: datetime = strawberry.field(description="When it takes effect.")
    author: str = strawberry.field(
        description="The author: an institution, an operator, or the account id of an admin."
    )
    approver: str = strawberry.field(description="The second person, who approved it.")
    reason: str = strawberry.field(description="The reason: the guide, or a decree.")

    @field(describe_address("the author"))
    async def author_address(self, info: Info) -> str | None:
        return await find_address(self.author, info.context)

    @field(describe_address("the approver"))
    async def approver_address(self, info: Info) -> str | None:
        return await find_address(self.approver, info.context)

    @field("The changes against the revision that it replaces.")
    async def changes(self, info: Info) -> list[ParameterChange]:
        before = domain.find_previous_values(self.setup.period, self.revision)
        return await render_changes(self.params, before, self.revision.values, info.context)


def create_parameter_loader(setup: PeriodSetup, services: Services) -> ParameterLoader:
    """Create the loader of parameter declarations by name: one query for an answer, None if no version declares it."""

    async def load(names: list[str]) -> list[Param | None]:
        declarations = await load_declarations(
            setup, names, services.workflows, services.clock.now(), services.connection
        )
        declaration_by_name = {param.name: param for param in declarations.all}
        return [declaration_by_name.get(name) for name in names]

    return DataLoader(load_fn=load)


def render_revisions(setup: PeriodSetup, services: Services) -> list[PeriodRevision]:
    """Render all revisions of a period, in order."""
    params = create_parameter_loader(setup, services)
    return [
        PeriodRevision(
            revision=revision,
            setup=setup,
            params=params,
            number=revision.number,
            effective_from=revision.effective_from,
            author=revision.author,
            approver=revision.approver,
            reason=revision.reason,
        )
        for revision in setup.period.revisions
    ]


async def render_changes(
    params: ParameterLoader, before: domain.OptionalValues, after: Mapping[str, ParamValue], context: Context
) -> list[ParameterChange]:
    """Render the differences of two sets of values."""
    declarations = await params.load_many(
        [name for name, value in after.items() if before.get(name) != value]
    )
    return [
        ParameterChange(
            name=change.name,
            label=format_value(change.label, context.language),
            before=None
            if change.before is None
            else format_value(domain.format_value(change.before), context.language),
            after=format_value(domain.format_value(change.after), context.language),
            sentence=context.messages.text(change.sentence, context.language),
        )
        for change in domain.list_changes([param for param in declarations if param], before, after)
    ]


PROPOSAL_LIST = "proposals"  # names the list in a cursor, so that it is invalid in another list


@strawberry.enum(description="The status of a proposal.")
class ProposalStatus(Enum):
    WAITING = strawberry.enum_value("proposed", description="It waits for another admin.")
    APPROVED = strawberry.enum_value(
        "executed", description="A second admin approved it, and it has become a revision."
    )
    REJECTED = strawberry.enum_value("rejected", description="A second admin rejected it.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="Its author or another admin withdrew it.")
    FAILED = strawberry.enum_value(
        "failed", description="A second admin approved it, but it could not become a revision."
    )
    EXPIRED = strawberry.enum_value("expired", description="Nobody decided it before `expiresAt`.")


@strawberry.type(description="The decision on a proposal.")
class ProposalEnd:
    by: str = strawberry.field(description="Account id of the admin, or user name of the operator.")
    at: datetime = strawberry.field(description="When it happened.")
    reason: str = strawberry.field(description="The reason.")
    revisions: list[int] = strawberry.field(
        description="Numbers of the new revisions: one, and one for each later revision that would have reverted "
        "it."
    )

    @field(describe_address("the actor"))
    async def address(self, info: Info) -> str | None:
        return await find_address(self.by, info.context)


@strawberry.type(description="New values for a period, proposed by an admin. For admins.")
class RevisionProposal:
    id: strawberry.ID = strawberry.field(description="Id of the proposal.")
    period: strawberry.ID = strawberry.field(description="Code of the period.")
    status: ProposalStatus = strawberry.field(description="The status.")
    changes: list[ParameterChange] = strawberry.field(
        description="The changes, with the values at the time of the proposal."
    )
    effective_from: datetime | None = strawberry.field(
        description="When it takes effect, not before its approval; null: at its approval."
    )
    author: str = strawberry.field(description="Account id of the admin, or user name of the operator.")
    by_viewer: bool = strawberry.field(
        description="Whether you are the author. If true, another admin must approve it."
    )
    reason: str = strawberry.field(description="The reason.")
    proposed_at: datetime = strawberry.field(description="When it was proposed.")
    expires_at: datetime = strawberry.field(description="The end of the time to decide it.")
    is_stale: bool = strawberry.field(
        description="Whether one of its values has changed since the proposal. A stale proposal cannot be approved. "
        "False after the decision."
    )
    ended: ProposalEnd | None = strawberry.field(description="The decision; null while it waits.")
    waiting_plans: int | None = strawberry.field(
        description="Number of plans of the period in states with automatic transitions, while the proposal waits. "
        "Each is decided again once the change takes effect; not all of them move."
    )

    @field(describe_address("the author"))
    async def author_address(self, info: Info) -> str | None:
        return await find_address(self.author, info.context)


@strawberry.type(description="The proposals of a period, newest first.")
class RevisionProposals(Connection[RevisionProposal]):
    pass


async def resolve_proposals(
    setup: PeriodSetup, context: Context, first: int, after: str | None
) -> RevisionProposals | None:
    """Resolve a page of a period's proposals; None for callers who are not admins."""
    if "admin" not in context.require_caller().scopes:
        return None
    before = parse_numbered_cursor(after, PROPOSAL_LIST)
    proposals, has_next_page = await list_proposals(setup.period.code, first, before, context.connection)
    nodes = await render_proposals(proposals, setup, context)
    edges = [
        Edge(cursor=encode_cursor(PROPOSAL_LIST, str(proposal.request.id)), node=node)
        for proposal, node in zip(proposals, nodes, strict=True)
    ]
    return RevisionProposals.create(edges, has_next_page, after)


async def render_proposals(
    proposals: Sequence[domain.Proposal], setup: PeriodSetup, context: Context
) -> list[RevisionProposal]:
    """Render proposals of a period, with the number of waiting plans for those that wait."""
    now = context.services.clock.now()
    states = [proposal.request.state_at(now) for proposal in proposals]
    plans = None
    if State.PROPOSED in states:
        plans = await count_waiting_plans(setup.period.code, context.services.workflows, context.connection)
    params, caller = create_parameter_loader(setup, context.services), context.require_caller()
    return [
        RevisionProposal(
            id=strawberry.ID(change_request_id(proposal.request.id)),
            period=strawberry.ID(proposal.period),
            status=ProposalStatus(state.value),
            changes=await render_changes(params, proposal.before, proposal.values, context),
            effective_from=proposal.effective_from,
            author=proposal.request.proposal.actor.account,
            by_viewer=is_viewer(proposal.request.proposal.actor, caller),
            reason=proposal.request.reason,
            proposed_at=proposal.request.proposal.at,
            expires_at=proposal.request.expires_at,
            is_stale=state is State.PROPOSED
            and bool(
                await find_staleness(proposal, setup, context.services.workflows, now, context.connection)
            ),
            ended=_render_end(proposal),
            waiting_plans=plans if state is State.PROPOSED else None,
        )
        for proposal, state in zip(proposals, states, strict=True)
    ]


def _render_end(proposal: domain.Proposal) -> ProposalEnd | None:
    act = proposal.request.decision
    if act is None:
        return None
    return ProposalEnd(by=act.actor.account, at=act.at, reason=act.reason, revisions=list(proposal.revisions))
