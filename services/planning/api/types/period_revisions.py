"""Changes of a period's values, in force and proposed, as GraphQL shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.dataloader import DataLoader

from services.kit.change_request import State
from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import change_request_id, encode_cursor, parse_numbered_cursor
from services.planning.api.types.actors import ADDRESS, find_address
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.plan import Refused
from services.planning.callers.model import ActorKind, AdminActor
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

    @field(f"Of who drew it up. {ADDRESS}")
    async def author_address(self, info: Info) -> str | None:
        return await find_address(self.author, info.context)

    @field(f"Of the second person. {ADDRESS}")
    async def approver_address(self, info: Info) -> str | None:
        return await find_address(self.approver, info.context)

    @field("The changes against the revision that it replaces.")
    async def changes(self, info: Info) -> list[ParameterChange]:
        before = domain.find_previous_values(self.setup.period, self.revision)
        return await render_changes(self.params, before, self.revision.values, info.context)


def create_parameter_loader(setup: PeriodSetup, services: Services) -> ParameterLoader:
    """The parameters of names, looked up together for all that ask in one answer; None for what is declared no more."""

    async def load(names: list[str]) -> list[Param | None]:
        declarations = await load_declarations(
            setup, names, services.workflows, services.clock.now(), services.connection
        )
        declaration_by_name = {param.name: param for param in declarations.all}
        return [declaration_by_name.get(name) for name in names]

    return DataLoader(load_fn=load)


def render_revisions(setup: PeriodSetup, services: Services) -> list[PeriodRevision]:
    """Every revision of a period, in order."""
    params = create_parameter_loader(setup, services)
    return [
        PeriodRevision(
            revision=one,
            setup=setup,
            params=params,
            number=one.number,
            effective_from=one.effective_from,
            author=one.author,
            approver=one.approver,
            reason=one.reason,
        )
        for one in setup.period.revisions
    ]


async def render_changes(
    params: ParameterLoader, before: domain.OptionalValues, after: Mapping[str, ParamValue], context: Context
) -> list[ParameterChange]:
    """What differs between two sets of values, in the reader's language."""
    declarations = await params.load_many(
        [name for name, value in after.items() if before.get(name) != value]
    )
    return [
        ParameterChange(
            name=one.name,
            label=format_value(one.label, context.language),
            before=None
            if one.before is None
            else format_value(domain.format_value(one.before), context.language),
            after=format_value(domain.format_value(one.after), context.language),
            sentence=context.messages.text(one.sentence, context.language),
        )
        for one in domain.list_changes([param for param in declarations if param], before, after)
    ]


PLACE, WAITS = "proposals", State.PROPOSED


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

    @field(ADDRESS)
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
        description="When it takes effect, not before its approval; null for on approval."
    )
    author: str = strawberry.field(description="Account id of the admin, or user name of the operator.")
    by_viewer: bool = strawberry.field(
        description="Whether you are the author. Another admin has to approve it then."
    )
    reason: str = strawberry.field(description="The reason.")
    proposed_at: datetime = strawberry.field(description="When it happened.")
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
    replayed: bool = strawberry.field(
        description="In the result of a mutation: the proposal had this status before, and nothing was done again."
    )

    @field(f"Of its author. {ADDRESS}")
    async def author_address(self, info: Info) -> str | None:
        return await find_address(self.author, info.context)


@strawberry.type(description="The proposals of a period, newest first.")
class RevisionProposals(Connection[RevisionProposal]):
    pass


RevisionProposalResult = Annotated[
    RevisionProposal | Refused,
    strawberry.union(
        "RevisionProposalResult", description="The current proposal, or every reason for the refusal."
    ),
]


async def resolve_proposals(
    setup: PeriodSetup, context: Context, first: int, after: str | None
) -> RevisionProposals | None:
    """Resolve a page of a period's proposals; None for callers who are not admins."""
    if "admin" not in context.require_caller().scopes:
        return None
    before = parse_numbered_cursor(after, PLACE)
    proposals, has_next_page = await list_proposals(setup.period.code, first, before, context.connection)
    nodes = await render_proposals(proposals, setup, context)
    edges = [
        Edge(cursor=encode_cursor(PLACE, str(proposal.request.id)), node=node)
        for proposal, node in zip(proposals, nodes, strict=True)
    ]
    return RevisionProposals.create(edges, has_next_page)


async def render_proposals(
    proposals: Sequence[domain.Proposal], setup: PeriodSetup, context: Context, *, replayed: bool = False
) -> list[RevisionProposal]:
    """Proposals of one period, with the plans that those which wait concern."""
    now = context.services.clock.now()
    states = [one.request.state_at(now) for one in proposals]
    plans = None
    if WAITS in states:
        plans = await count_waiting_plans(setup.period.code, context.services.workflows, context.connection)
    params, caller = create_parameter_loader(setup, context.services), context.require_caller()
    viewer = AdminActor(ActorKind.ADMIN, caller.account, caller.ptk_id)
    return [
        RevisionProposal(
            id=strawberry.ID(change_request_id(one.request.id)),
            period=strawberry.ID(one.period),
            status=ProposalStatus(state.value),
            changes=await render_changes(params, one.before, one.values, context),
            effective_from=one.effective_from,
            author=one.request.proposal.actor.account,
            by_viewer=one.request.proposal.actor.is_same_person(viewer),
            reason=one.request.reason,
            proposed_at=one.request.proposal.at,
            expires_at=one.request.expires_at,
            is_stale=state is WAITS
            and bool(
                await find_staleness(one, setup, context.services.workflows, now, context.services.connection)
            ),
            ended=_render_end(one),
            waiting_plans=plans if state is WAITS else None,
            replayed=replayed,
        )
        for one, state in zip(proposals, states, strict=True)
    ]


def _render_end(proposal: domain.Proposal) -> ProposalEnd | None:
    act = proposal.request.decision
    if act is None:
        return None
    return ProposalEnd(by=act.actor.account, at=act.at, reason=act.reason, revisions=list(proposal.revisions))
