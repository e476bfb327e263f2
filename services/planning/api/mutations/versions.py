"""Mutations on workflow versions: drafts and their decisions, migrations of plans, dry runs."""

from __future__ import annotations

from functools import partial

import strawberry

from services.kit.change_request import Decision
from services.planning.api import inputs
from services.planning.api.context import Context, Info
from services.planning.api.fields import CommandInput, mutation
from services.planning.api.ids import parse_migration_id
from services.planning.api.types.dry_run import TrialResult, render_dry_run
from services.planning.api.types.plan_migration import Migration, MigrationResult, render_migration
from services.planning.api.types.versions import WorkflowResult, WorkflowVersion, render_version
from services.planning.period.queries import find_period_problems
from services.planning.plan_migration.commands import MigrationOrder, act_on_migration, order_migration
from services.planning.plan_migration.dry_run.commands import start_dry_run
from services.planning.plan_migration.model import ID, ActKind
from services.planning.versions import commands as versions
from services.planning.versions.queries import load_version


@strawberry.type
class WorkflowMutations:
    @mutation(
        "Store a definition as a draft. The linter checks it first: if it has findings, the draft is refused with "
        "every finding and an example. The same content again returns the version that exists. For admins."
    )
    async def draft_workflow(
        self, info: Info, input: CommandInput[inputs.DraftWorkflowInput]
    ) -> WorkflowResult:
        context, actor = info.context, info.context.require_admin()
        sha256, replayed = await versions.draft(
            context.services.clock, actor, input.yaml.encode(), input.reason, input.parent
        )
        return await _resolve_version(sha256, context, replayed=replayed)

    @mutation("Approve another admin's draft. For admins.")
    async def approve_workflow(
        self, info: Info, input: CommandInput[inputs.WorkflowActInput]
    ) -> WorkflowResult:
        return await _decide(info.context, Decision.APPROVE, input)

    @mutation("Reject another admin's draft. The same content can be drafted again. For admins.")
    async def reject_workflow(
        self, info: Info, input: CommandInput[inputs.WorkflowActInput]
    ) -> WorkflowResult:
        return await _decide(info.context, Decision.REJECT, input)

    @mutation(
        "Publish an approved version: new plans start with it from now on, existing plans keep their version. The "
        "version is checked again, also against the values of every period that has not ended. A version that was "
        "published before can be published again. For admins."
    )
    async def publish_workflow(
        self, info: Info, input: CommandInput[inputs.WorkflowActInput]
    ) -> WorkflowResult:
        services, actor = info.context.services, info.context.require_admin()
        check_periods = partial(find_period_problems, services.workflows, services.clock.now())
        await versions.publish(
            services.clock, actor, input.sha256, input.reason, check_periods, services.connection
        )
        return await _resolve_version(input.sha256, info.context)

    @mutation(
        "Retire a version: it can no longer be approved or published until the same content is drafted and approved "
        "again. Plans that have it keep it. Refused for the published version, which you replace instead. For admins."
    )
    async def retire_workflow(
        self, info: Info, input: CommandInput[inputs.WorkflowActInput]
    ) -> WorkflowResult:
        context, actor = info.context, info.context.require_admin()
        await versions.retire(context.services.clock, actor, input.sha256, input.reason)
        return await _resolve_version(input.sha256, context)

    @mutation(
        "Order a migration of plans to another version. Every problem of the order is reported at once; then no plan "
        "changes. Otherwise the mutation returns at once, and the worker moves the plans. Plans keep their content, "
        "and no plan gets into a later phase. For admins."
    )
    async def migrate_plans(
        self, info: Info, input: CommandInput[inputs.MigratePlansInput]
    ) -> MigrationResult:
        context, actor = info.context, info.context.require_admin()
        states = tuple((move.from_, move.to) for move in input.states)
        order = MigrationOrder(input.from_, input.to, states, input.period, input.npsn, input.reason)
        return render_migration(await order_migration(context.services, actor, order), context)

    @mutation("Stop a migration or its undoing until it is resumed. Plans that moved stay moved. For admins.")
    async def stop_migration(
        self, info: Info, input: CommandInput[inputs.MigrationActInput]
    ) -> MigrationResult:
        return await _act_on_migration(info.context, ActKind.STOP, input)

    @mutation("Resume a migration that was stopped. For admins.")
    async def resume_migration(
        self, info: Info, input: CommandInput[inputs.MigrationActInput]
    ) -> MigrationResult:
        return await _act_on_migration(info.context, ActKind.RESUME, input)

    @mutation(
        "Undo a migration: each plan that has not changed since returns to its former version and state. The other "
        "plans stay, and `refused` lists what happened to them. Plans that have not moved yet do not move. For admins."
    )
    async def undo_migration(
        self, info: Info, input: CommandInput[inputs.MigrationActInput]
    ) -> MigrationResult:
        return await _act_on_migration(info.context, ActKind.UNDO, input)

    @mutation(
        "Start a dry run of a version, a draft too: which plans could move to it, and which state each recorded "
        "command of a period would lead to. Returns at once; the worker replays the commands. No plan changes. For "
        "admins."
    )
    async def try_workflow(self, info: Info, input: CommandInput[inputs.TryWorkflowInput]) -> TrialResult:
        context, actor = info.context, info.context.require_admin()
        states = tuple((move.from_, move.to) for move in input.states)
        progress = await start_dry_run(context.services, actor, input.sha256, input.period, states)
        return render_dry_run(progress, context)


async def _decide(context: Context, decision: Decision, input: inputs.WorkflowActInput) -> WorkflowVersion:
    actor = context.require_admin()
    await versions.decide(context.services.clock, actor, input.sha256, decision, input.reason)
    return await _resolve_version(input.sha256, context)


async def _resolve_version(sha256: str, context: Context, *, replayed: bool = False) -> WorkflowVersion:
    version = await load_version(sha256, context.services.clock.now(), context.connection)
    assert version is not None, "the command has stored or changed it"
    return render_version(version, context, replayed=replayed)


async def _act_on_migration(context: Context, kind: ActKind, input: inputs.MigrationActInput) -> Migration:
    actor, number = context.require_admin(), parse_migration_id(input.id, ID)
    return render_migration(
        await act_on_migration(context.services, actor, kind, number, input.reason), context
    )
