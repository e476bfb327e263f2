"""Change requests as GraphQL shows them to admins."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import change_request_id
from services.planning.api.types.actors import (
    ADDRESS,
    WorkflowActor,
    find_address,
    is_viewer,
    render_actor,
)
from services.planning.api.types.plan import Refused
from services.planning.change_requests import model
from services.planning.change_requests.queries import is_stale
from services.planning.period.imports import reference_kinds


@strawberry.enum(description="What a change request changes.")
class ChangeRequestKind(Enum):
    CATALOG = strawberry.enum_value("catalog", description="The lists that teachers of a period choose from.")
    PERIOD = strawberry.enum_value("period", description="A new period, or revisions from its file.")
    PERIOD_REVISION = strawberry.enum_value(
        "period_revision", description="Values of a period; `period { proposals }` tells them in words."
    )


@strawberry.enum(description="The state of a change request.")
class ChangeRequestState(Enum):
    PROPOSED = strawberry.enum_value("proposed", description="It waits for a second admin.")
    APPROVED = strawberry.enum_value("approved", description="It is approved and not yet executed.")
    REJECTED = strawberry.enum_value("rejected", description="A second admin rejected it.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="Its author or another admin withdrew it.")
    EXECUTED = strawberry.enum_value("executed", description="A second admin approved it, and it is in use.")
    FAILED = strawberry.enum_value("failed", description="It was approved, but could not be executed.")
    EXPIRED = strawberry.enum_value("expired", description="Nobody decided it before `expiresAt`.")


@strawberry.type(description="Something that was done with a change request: for good, and never edited.")
class ChangeRequestAct:
    state: ChangeRequestState = strawberry.field(description="The state that the act led to.")
    by: WorkflowActor = strawberry.field(description="Who.")
    at: datetime = strawberry.field(description="When.")
    reason: str = strawberry.field(description="Why, as it was written.")
    detail: str = strawberry.field(
        description="What came of it, as JSON: for example the numbers of new revisions, or why it failed."
    )


@strawberry.type(description="A change that one admin or operator proposes and a second person decides.")
class ChangeRequest:
    request: strawberry.Private[model.ChangeRequest]
    id: strawberry.ID = strawberry.field(description="Its id.")
    kind: ChangeRequestKind = strawberry.field(description="What it changes.")
    subject: str = strawberry.field(
        description="What it is about, such as `period 2024-1` or `catalog 2024-1`."
    )
    state: ChangeRequestState = strawberry.field(description="Its state now.")
    author: str = strawberry.field(description="The id of an admin's account, or an operator's user name.")
    by_viewer: bool = strawberry.field(
        description="Whether it is yours, so that somebody else has to decide it."
    )
    reason: str = strawberry.field(description="Why.")
    expires_at: datetime = strawberry.field(description="It can be decided until this instant.")
    file: str | None = strawberry.field(
        description="The whole file that is proposed, as strict YAML; null for a change that came without a file."
    )
    acts: list[ChangeRequestAct] = strawberry.field(description="What was done with it, oldest first.")
    replayed: bool = strawberry.field(
        description="In the answer to a mutation: it stood so already; nothing was done again."
    )

    @field(f"Of its author. {ADDRESS}")
    async def author_address(self, info: Info) -> str | None:
        return await find_address(self.author, info.context)

    @field(
        "Whether its subject has changed since it was proposed, so that it can no longer be approved. False once it is "
        "decided."
    )
    async def is_stale(self, info: Info) -> bool:
        services = info.context.services
        kind = reference_kinds(services.workflows)[self.request.kind]
        return await is_stale(self.request, kind, services.clock.now(), services.connection)


ChangeRequestResult = Annotated[
    ChangeRequest | Refused,
    strawberry.union(
        "ChangeRequestResult", description="The change request as it stands, or every reason why not."
    ),
]


def render_change_request(
    request: model.ChangeRequest, context: Context, *, replayed: bool = False
) -> ChangeRequest:
    """Show a change request to an admin."""
    caller, actor = context.require_caller(), request.proposal.actor
    state = request.state_at(context.services.clock.now())
    return ChangeRequest(
        request=request,
        id=strawberry.ID(change_request_id(request.id)),
        kind=ChangeRequestKind(request.kind),
        subject=request.subject,
        state=ChangeRequestState(state.value),
        author=actor.account,
        by_viewer=is_viewer(actor, caller),
        reason=request.reason,
        expires_at=request.expires_at,
        file=request.after.get("yaml"),
        acts=[
            ChangeRequestAct(
                state=ChangeRequestState(act.act),
                by=render_actor(act.actor, caller),
                at=act.at,
                reason=act.reason,
                detail=json.dumps(act.detail, sort_keys=True),
            )
            for act in request.acts
        ],
        replayed=replayed,
    )
