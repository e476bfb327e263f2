"""Mutations on workflow versions: proposals, their decisions, publication and retirement. For admins."""

from __future__ import annotations

from functools import partial
from typing import Annotated, TypeVar

import strawberry

from services.kit.change_request import Decision
from services.planning.api import admin_inputs as inputs
from services.planning.api.context import Context, Info
from services.planning.api.fields import CommandInput, mutation, result
from services.planning.api.ids import parse_workflow_version_id
from services.planning.api.types.problems import Rejection
from services.planning.api.types.versions import WorkflowVersion, resolve_known_version
from services.planning.period.queries import find_period_problems
from services.planning.versions import commands as versions
from services.planning.versions.model import PATH


@strawberry.type
class VersionPayload:
    workflow_version: WorkflowVersion = strawberry.field(description="The version after the mutation.")


@strawberry.type(description="Payload of `proposeWorkflowVersion`.")
class ProposeWorkflowVersionPayload(VersionPayload):
    replayed: bool = strawberry.field(
        description="Whether the version had been proposed before. Nothing changed now."
    )


@strawberry.type(description="Payload of `approveWorkflowVersion`.")
class ApproveWorkflowVersionPayload(VersionPayload):
    pass


@strawberry.type(description="Payload of `rejectWorkflowVersion`.")
class RejectWorkflowVersionPayload(VersionPayload):
    pass


@strawberry.type(description="Payload of `publishWorkflowVersion`.")
class PublishWorkflowVersionPayload(VersionPayload):
    pass


@strawberry.type(description="Payload of `retireWorkflowVersion`.")
class RetireWorkflowVersionPayload(VersionPayload):
    pass


BASED_ON = ("based_on_id",)
Payload = TypeVar("Payload", bound=VersionPayload)
ProposeWorkflowVersionResult = Annotated[
    ProposeWorkflowVersionPayload | Rejection, result("ProposeWorkflowVersionResult")
]
ApproveWorkflowVersionResult = Annotated[
    ApproveWorkflowVersionPayload | Rejection, result("ApproveWorkflowVersionResult")
]
RejectWorkflowVersionResult = Annotated[
    RejectWorkflowVersionPayload | Rejection, result("RejectWorkflowVersionResult")
]
PublishWorkflowVersionResult = Annotated[
    PublishWorkflowVersionPayload | Rejection, result("PublishWorkflowVersionResult")
]
RetireWorkflowVersionResult = Annotated[
    RetireWorkflowVersionPayload | Rejection, result("RetireWorkflowVersionResult")
]


@strawberry.type
class WorkflowVersionMutations:
    @mutation(
        "Propose a definition as a version. The linter checks it first: if it has findings, the proposal is refused "
        "with every finding and an example. The same content again returns the version that exists. For admins."
    )
    async def propose_workflow_version(
        self, info: Info, input: CommandInput[inputs.ProposeWorkflowVersionInput]
    ) -> ProposeWorkflowVersionResult:
        context, actor = info.context, info.context.require_admin()
        based_on = parse_workflow_version_id(input.based_on_id, BASED_ON) if input.based_on_id else None
        sha256, replayed = await versions.propose(
            context.services.clock, actor, input.yaml.encode(), input.reason, based_on
        )
        version = await _resolve_version(sha256, context)
        return ProposeWorkflowVersionPayload(workflow_version=version, replayed=replayed)

    @mutation("Approve another admin's version. For admins.")
    async def approve_workflow_version(
        self, info: Info, input: CommandInput[inputs.ApproveWorkflowVersionInput]
    ) -> ApproveWorkflowVersionResult:
        return await _decide(ApproveWorkflowVersionPayload, info.context, Decision.APPROVE, input)

    @mutation("Reject another admin's version. The same content can be proposed again. For admins.")
    async def reject_workflow_version(
        self, info: Info, input: CommandInput[inputs.RejectWorkflowVersionInput]
    ) -> RejectWorkflowVersionResult:
        return await _decide(RejectWorkflowVersionPayload, info.context, Decision.REJECT, input)

    @mutation(
        "Publish an approved version: new plans start with it from now on, existing plans keep their version. The "
        "version is checked again, also against the values of every period that has not ended. A version that was "
        "published before can be published again. For admins."
    )
    async def publish_workflow_version(
        self, info: Info, input: CommandInput[inputs.PublishWorkflowVersionInput]
    ) -> PublishWorkflowVersionResult:
        context, actor, sha256 = info.context, info.context.require_fresh_admin(), _parse_id(input)
        services = context.services
        check_periods = partial(find_period_problems, services.workflows, services.clock.now())
        await versions.publish(
            services.clock, actor, sha256, input.reason, check_periods, services.connection
        )
        return PublishWorkflowVersionPayload(workflow_version=await _resolve_version(sha256, context))

    @mutation(
        "Retire a version: it can no longer be approved or published until the same content is proposed and approved "
        "again. Plans that have it keep it. Refused for the published version, which you replace instead. For admins."
    )
    async def retire_workflow_version(
        self, info: Info, input: CommandInput[inputs.RetireWorkflowVersionInput]
    ) -> RetireWorkflowVersionResult:
        context, actor, sha256 = info.context, info.context.require_admin(), _parse_id(input)
        await versions.retire(context.services.clock, actor, sha256, input.reason)
        return RetireWorkflowVersionPayload(workflow_version=await _resolve_version(sha256, context))


async def _decide(
    kind: type[Payload], context: Context, decision: Decision, input: inputs.OnWorkflowVersion
) -> Payload:
    actor = context.require_fresh_admin() if decision is Decision.APPROVE else context.require_admin()
    sha256 = _parse_id(input)
    await versions.decide(context.services.clock, actor, sha256, decision, input.reason)
    return kind(workflow_version=await _resolve_version(sha256, context))


def _parse_id(input: inputs.OnWorkflowVersion) -> str:
    return parse_workflow_version_id(input.workflow_version_id, PATH)


async def _resolve_version(sha256: str, context: Context) -> WorkflowVersion:
    # An earlier mutation of the same request may have loaded it.
    context.loaders.workflow_versions.clear_all()
    return await resolve_known_version(sha256, context)
