"""Change requests of catalogues, periods and their values, for admins."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from services.kit.change_request import State
from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import (
    change_request_id,
    encode_cursor,
    parse_change_request_id,
    parse_numbered_cursor,
)
from services.planning.api.types.actors import Actor, render_actor
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.node import Node
from services.planning.api.types.period_revisions import (
    ParameterChange,
    PeriodRevision,
    render_changes,
    render_revisions,
)
from services.planning.change_requests import model
from services.planning.change_requests.queries import find_change_requests, list_change_requests
from services.planning.period.revision import Proposal
from services.planning.period.staleness import KINDS, REVISION

if TYPE_CHECKING:
    from services.planning.api.types.period import Period

CHANGE_REQUEST_LIST = "change_requests"  # names the list in a cursor, so that it is invalid in another list


@strawberry.enum(
    description="What a change request changes. Values can be added: show an unknown one as it is."
)
class ChangeRequestKind(Enum):
    CATALOG = strawberry.enum_value("catalog", description="The lists that teachers of a period choose from.")
    PERIOD = strawberry.enum_value("period", description="A new period, or revisions from its file.")
    PERIOD_REVISION = strawberry.enum_value(
        "period_revision", description="Values of a period; `revision` describes them."
    )


@strawberry.enum(description="The state of a change request.")
class ChangeRequestState(Enum):
    PROPOSED = strawberry.enum_value("proposed", description="It waits for a second admin.")
    APPROVED = strawberry.enum_value("approved", description="It is approved and not yet executed.")
    REJECTED = strawberry.enum_value("rejected", description="A second admin rejected it.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="Its author or another admin withdrew it.")
    EXECUTED = strawberry.enum_value(
        "executed", description="A second admin approved it, and it has taken effect."
    )
    FAILED = strawberry.enum_value("failed", description="It was approved, but could not be executed.")
    EXPIRED = strawberry.enum_value("expired", description="Nobody decided it before `expiresAt`.")


@strawberry.type(description="An act on a change request. It never changes.")
class ChangeRequestAct:
    state: ChangeRequestState = strawberry.field(description="The state that the act led to.")
    actor: Actor = strawberry.field(description="Who acted.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    reason: str = strawberry.field(description="The reason.")
    detail: str = strawberry.field(
        description="The result as JSON, for example the numbers of new revisions, or why the request failed."
    )


@strawberry.type(description="New values for a period, as a change request proposes them.")
class ProposedPeriodRevision:
    proposal: strawberry.Private[Proposal]
    effective_from: datetime | None = strawberry.field(
        description="When it takes effect, not before its approval; null: at its approval."
    )

    @field("The period.")
    async def period(
        self, info: Info
    ) -> Annotated[Period, strawberry.lazy("services.planning.api.types.period")]:
        from services.planning.api.types.period import render_period  # the types name each other

        return render_period(await info.context.loaders.periods.load(self.proposal.period), info.context)

    @field("The changes, with the values at the time of the proposal.")
    async def changes(self, info: Info) -> list[ParameterChange]:
        proposal = self.proposal
        return await render_changes(proposal.period, proposal.before, proposal.values, info.context)

    @field(
        "Number of plans of the period in states with automatic transitions, while the request waits; null afterwards. "
        "Each is decided again once the change takes effect; not all of them move."
    )
    async def waiting_plan_count(self, info: Info) -> int | None:
        if self.proposal.request.state_at(info.context.services.clock.now()) is not State.PROPOSED:
            return None
        return await info.context.loaders.waiting_plan_counts.load(self.proposal.period)

    @field(
        "The new revisions: one, and one for each later revision that would have reverted it. Empty until the request "
        "is executed."
    )
    async def revisions(self, info: Info) -> list[PeriodRevision]:
        if not self.proposal.revisions:
            return []
        setup = await info.context.loaders.periods.load(self.proposal.period)
        revisions = [one for one in setup.period.revisions if one.number in self.proposal.revisions]
        return render_revisions(revisions, setup, info.context)


@strawberry.type(
    description="A change that an admin or operator proposes and a second person decides. For admins."
)
class ChangeRequest(Node):
    request: strawberry.Private[model.ChangeRequest]
    kind: ChangeRequestKind = strawberry.field(description="What the request changes.")
    subject: str = strawberry.field(description="The subject, such as `period 2024-1` or `catalog 2024-1`.")
    state: ChangeRequestState = strawberry.field(description="The current state.")
    author: Actor = strawberry.field(
        description="Who proposed it. If it is you (`isViewer`), another admin must decide."
    )
    reason: str = strawberry.field(description="The reason.")
    proposed_at: datetime = strawberry.field(description="When it was proposed.")
    expires_at: datetime = strawberry.field(description="The end of the time to decide it.")
    file: str | None = strawberry.field(
        description="The proposed file as strict YAML; null for a change without a file."
    )
    revision: ProposedPeriodRevision | None = strawberry.field(
        description="The proposed values, if the kind is PERIOD_REVISION; otherwise null."
    )
    acts: list[ChangeRequestAct] = strawberry.field(description="The acts on it, oldest first.")

    @field(
        "Whether the subject has changed since the proposal. A stale request cannot be approved. False after the "
        "decision."
    )
    async def is_stale(self, info: Info) -> bool:
        context = info.context
        is_open = self.request.state_at(context.services.clock.now()) is State.PROPOSED
        return is_open and await context.loaders.staleness.load(self.request)


@strawberry.input(description="Which change requests to list. Conditions that you leave out do not apply.")
class ChangeRequestFilter:
    kinds: list[ChangeRequestKind] | None = strawberry.field(
        description="Only requests of these kinds.", default=None
    )
    subject: str | None = strawberry.field(
        description="Only requests about this subject, such as `period 2024-1`.", default=None
    )


def render_change_request(request: model.ChangeRequest, context: Context) -> ChangeRequest:
    """Render a change request for an admin."""
    caller = context.require_caller()
    proposal = Proposal.read(request) if request.kind == REVISION else None
    return ChangeRequest(
        request=request,
        id=strawberry.ID(change_request_id(request.id)),
        kind=ChangeRequestKind(request.kind),
        subject=request.subject,
        state=ChangeRequestState(request.state_at(context.services.clock.now()).value),
        author=render_actor(request.proposal.actor, caller),
        reason=request.reason,
        proposed_at=request.proposal.at,
        expires_at=request.expires_at,
        file=request.after.get("yaml"),
        revision=ProposedPeriodRevision(proposal=proposal, effective_from=proposal.effective_from)
        if proposal
        else None,
        acts=[
            ChangeRequestAct(
                state=ChangeRequestState(act.act),
                actor=render_actor(act.actor, caller),
                occurred_at=act.at,
                reason=act.reason,
                detail=json.dumps(act.detail, sort_keys=True),
            )
            for act in request.acts
        ],
    )


async def resolve_change_requests(
    context: Context, kinds: Collection[str], subject: str | None, first: int, after: str | None
) -> Connection[ChangeRequest]:
    """Resolve a page of the change requests of these kinds, newest first."""
    before = parse_numbered_cursor(after, CHANGE_REQUEST_LIST, digits=18)
    requests, has_next_page = await list_change_requests(kinds, subject, before, first, context.connection)
    edges = [
        Edge(
            cursor=encode_cursor(CHANGE_REQUEST_LIST, str(request.id)),
            node=render_change_request(request, context),
        )
        for request in requests
    ]
    return Connection.create(edges, has_next_page, after)


async def load_change_request_nodes(context: Context, ids: Sequence[str]) -> list[ChangeRequest | None]:
    """Load change requests by their ids, None for one that does not exist and for callers who are not admins."""
    numbers = [parse_change_request_id(id, ("id",)) for id in ids]
    if "admin" not in context.require_caller().scopes:
        return [None] * len(numbers)
    requests = await find_change_requests(numbers, KINDS, context.connection)
    return [
        render_change_request(requests[number], context) if number in requests else None for number in numbers
    ]
