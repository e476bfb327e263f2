"""What admins do with versions of a workflow: nothing of it touches a plan that lives."""

from __future__ import annotations

from functools import partial

import strawberry

from services.kit.change_request import Decision
from services.planning.api.context import Context, Info
from services.planning.api.describe import mutation
from services.planning.api.inputs import CommandInput, DraftWorkflowInput, WorkflowActInput
from services.planning.api.types.versions import WorkflowResult, WorkflowVersion, render_version
from services.planning.callers.model import require_admin
from services.planning.period.queries import find_period_problems
from services.planning.versions import commands as versions
from services.planning.versions.commands import CommandResult
from services.planning.versions.queries import load_version


@strawberry.type
class WorkflowMutations:
    @mutation(
        "Hand in a definition. It is proved first: refused with every finding and what shows it, and then nothing is "
        "kept. The same content again answers with the version that stands. For admins."
    )
    async def draft_workflow(self, info: Info, input: CommandInput[DraftWorkflowInput]) -> WorkflowResult:
        context, by = info.context, require_admin(info.context.require_caller())
        raw = input.yaml.encode()
        done = await versions.draft(context.services.clock, by, raw, input.reason, input.parent)
        return await _resolve_version(done, context)

    @mutation("Approve a draft, as another admin than its author.")
    async def approve_workflow(self, info: Info, input: CommandInput[WorkflowActInput]) -> WorkflowResult:
        context, by = info.context, require_admin(info.context.require_caller())
        clock, decision = context.services.clock, Decision.APPROVE
        return await _resolve_version(
            await versions.decide(clock, by, input.sha256, decision, input.reason), context
        )

    @mutation("Reject a draft, as another admin than its author. The same content can be drafted again.")
    async def reject_workflow(self, info: Info, input: CommandInput[WorkflowActInput]) -> WorkflowResult:
        context, by = info.context, require_admin(info.context.require_caller())
        clock, decision = context.services.clock, Decision.REJECT
        return await _resolve_version(
            await versions.decide(clock, by, input.sha256, decision, input.reason), context
        )

    @mutation(
        "Have new plans live by an approved version from now on. Plans that live keep theirs. An older version that "
        "was published before can be published again. For admins."
    )
    async def publish_workflow(self, info: Info, input: CommandInput[WorkflowActInput]) -> WorkflowResult:
        services, by = info.context.services, require_admin(info.context.require_caller())
        check_periods = partial(find_period_problems, services.workflows, services.clock.now())
        done = await versions.publish(
            services.clock, by, input.sha256, input.reason, check_periods, services.connection
        )
        return await _resolve_version(done, info.context)

    @mutation(
        "Retire a version, so that it can no longer be approved or published. Not the published one, which can only be "
        "replaced; plans that live by it go on. For admins."
    )
    async def retire_workflow(self, info: Info, input: CommandInput[WorkflowActInput]) -> WorkflowResult:
        context, by = info.context, require_admin(info.context.require_caller())
        done = await versions.retire(context.services.clock, by, input.sha256, input.reason)
        return await _resolve_version(done, context)


async def _resolve_version(outcome: CommandResult, context: Context) -> WorkflowVersion:
    version = await load_version(outcome.sha256, context.services.clock.now(), context.services.connection)
    assert version is not None, "it was acted on"
    return render_version(version, context, replayed=outcome.replayed)
