"""Change requests, for admins."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import change_request_id
from services.planning.api.types.actors import (
    WorkflowActor,
    describe_address,
    find_address,
    is_viewer,
    render_workflow_actor,
)
from services.planning.change_requests import model
from services.planning.change_requests.queries import is_stale
from services.planning.period.imports import reference_kinds


@strawberry.enum(description="The subject of a change request.")
class ChangeRequestKind(Enum):
    CATALOG = strawberry.enum_value("catalog", description="The lists that teachers of a period choose from.")
    PERIOD = strawberry.enum_value("period", description="A new period, or revisions from its file.")
    PERIOD_REVISION = strawberry.enum_value(
        "period_revision", description="Values of a period; `period { proposals }` describes them."
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
    by: WorkflowActor = strawberry.field(description="Who acted.")
    at: datetime = strawberry.field(description="When it happened.")
    reason: str = strawberry.field(description="The reason.")
    detail: str = strawberry.field(
        description="The result as JSON, for example the numbers of new revisions, or why the request failed."
    )


@strawberry.type(description="A change that an admin or operator proposes and a second person decides.")
class ChangeRequest:
    request: strawberry.Private[model.ChangeRequest]
    id: strawberry.ID = strawberry.field(description="Id of the change request.")
    kind: ChangeRequestKind = strawberry.field(description="What the request changes.")
    subject: str = strawberry.field(description="The subject, such as `period 2024-1` or `catalog 2024-1`.")
    state: ChangeRequestState = strawberry.field(description="The current state.")
    author: str = strawberry.field(description="Account id of the admin, or user name of the operator.")
    by_viewer: bool = strawberry.field(
        description="Whether you are the author. If true, another admin must decide."
    )
    reason: str = strawberry.field(description="The reason.")
    expires_at: datetime = strawberry.field(description="The end of the time to decide it.")
    file: str | None = strawberry.field(
        description="The proposed file as strict YAML; null for a change without a file."
    )
    acts: list[ChangeRequestAct] = strawberry.field(description="The acts on it, oldest first.")

    @field(describe_address("the author"))
    async def author_address(self, info: Info) -> str | None:
        return await find_address(self.author, info.context)

    @field(
        "Whether the subject has changed since the proposal. A stale request cannot be approved. False "
        "after the decision."
    )
    async def is_stale(self, info: Info) -> bool:
        services = info.context.services
        kind = reference_kinds(services.workflows)[self.request.kind]
        return await is_stale(self.request, kind, services.clock.now(), services.connection)


def render_change_request(request: model.ChangeRequest, context: Context) -> ChangeRequest:
    """Render a change request for an admin."""
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
                by=render_workflow_actor(act.actor, caller),
                at=act.at,
                reason=act.reason,
                detail=json.dumps(act.detail, sort_keys=True),
            )
            for act in request.acts
        ],
    )
