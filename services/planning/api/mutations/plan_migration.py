"""Mutations that move plans to another workflow version, and dry runs of a version. For admins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

import strawberry

from services.planning.api import admin_inputs as inputs
from services.planning.api.context import Context, Info
from services.planning.api.fields import CommandInput, mutation, result
from services.planning.api.ids import parse_plan_migration_id, parse_workflow_version_id
from services.planning.api.types.dry_run import DryRun, render_dry_run
from services.planning.api.types.plan_migration import PlanMigration, render_plan_migration
from services.planning.api.types.problems import Rejection
from services.planning.plan_migration.commands import (
    FROM,
    TO,
    MigrationOrder,
    act_on_migration,
    order_migration,
)
from services.planning.plan_migration.dry_run import commands as dry_runs
from services.planning.plan_migration.model import ID, ActKind
from services.planning.versions.model import PATH


@strawberry.type
class PlanMigrationPayload:
    plan_migration: PlanMigration = strawberry.field(description="The migration after the mutation.")


@strawberry.type(description="Payload of `migratePlans`.")
class MigratePlansPayload(PlanMigrationPayload):
    pass


@strawberry.type(description="Payload of `stopPlanMigration`.")
class StopPlanMigrationPayload(PlanMigrationPayload):
    pass


@strawberry.type(description="Payload of `resumePlanMigration`.")
class ResumePlanMigrationPayload(PlanMigrationPayload):
    pass


@strawberry.type(description="Payload of `rollBackPlanMigration`.")
class RollBackPlanMigrationPayload(PlanMigrationPayload):
    pass


@strawberry.type(description="Payload of `startDryRun`.")
class StartDryRunPayload:
    dry_run: DryRun = strawberry.field(description="The dry run.")


Payload = TypeVar("Payload", bound=PlanMigrationPayload)
MigratePlansResult = Annotated[MigratePlansPayload | Rejection, result("MigratePlansResult")]
StopPlanMigrationResult = Annotated[StopPlanMigrationPayload | Rejection, result("StopPlanMigrationResult")]
ResumePlanMigrationResult = Annotated[
    ResumePlanMigrationPayload | Rejection, result("ResumePlanMigrationResult")
]
RollBackPlanMigrationResult = Annotated[
    RollBackPlanMigrationPayload | Rejection, result("RollBackPlanMigrationResult")
]
StartDryRunResult = Annotated[StartDryRunPayload | Rejection, result("StartDryRunResult")]


@strawberry.type
class PlanMigrationMutations:
    @mutation(
        "Order a migration of plans to another version. Every problem of the order is reported at once; then no plan "
        "changes. Otherwise the mutation returns at once, and the worker moves the plans. Plans keep their content, "
        "and no plan gets into a later phase. For admins."
    )
    async def migrate_plans(
        self, info: Info, input: CommandInput[inputs.MigratePlansInput]
    ) -> MigratePlansResult:
        context, actor = info.context, info.context.require_admin()
        order = MigrationOrder(
            parse_workflow_version_id(input.from_version_id, FROM),
            parse_workflow_version_id(input.to_version_id, TO),
            _read_mappings(input.state_mappings),
            input.period,
            input.npsn,
            input.reason,
        )
        runs = await order_migration(context.services, actor, order)
        return MigratePlansPayload(plan_migration=render_plan_migration(runs, context))

    @mutation(
        "Stop a migration or its rollback until it is resumed. Plans that moved stay moved. For admins."
    )
    async def stop_plan_migration(
        self, info: Info, input: CommandInput[inputs.StopPlanMigrationInput]
    ) -> StopPlanMigrationResult:
        return await _act(StopPlanMigrationPayload, info.context, ActKind.STOP, input)

    @mutation("Resume a migration that was stopped. For admins.")
    async def resume_plan_migration(
        self, info: Info, input: CommandInput[inputs.ResumePlanMigrationInput]
    ) -> ResumePlanMigrationResult:
        return await _act(ResumePlanMigrationPayload, info.context, ActKind.RESUME, input)

    @mutation(
        "Roll a migration back: each plan that has not changed since returns to its former version and state. The "
        "other plans stay, and `skippedPlans` lists what happened to them. Plans that have not moved yet do not move. "
        "For admins."
    )
    async def roll_back_plan_migration(
        self, info: Info, input: CommandInput[inputs.RollBackPlanMigrationInput]
    ) -> RollBackPlanMigrationResult:
        return await _act(RollBackPlanMigrationPayload, info.context, ActKind.ROLL_BACK, input)

    @mutation(
        "Start a dry run of a version, a proposed one too: which plans could move to it, and which state each "
        "recorded command of a period would lead to. Returns at once; the worker replays the commands. No plan "
        "changes. For admins."
    )
    async def start_dry_run(
        self, info: Info, input: CommandInput[inputs.StartDryRunInput]
    ) -> StartDryRunResult:
        context, actor = info.context, info.context.require_admin()
        sha256 = parse_workflow_version_id(input.workflow_version_id, PATH)
        mappings = _read_mappings(input.state_mappings)
        progress = await dry_runs.start_dry_run(context.services, actor, sha256, input.period, mappings)
        return StartDryRunPayload(dry_run=render_dry_run(progress, context))


def _read_mappings(mappings: Sequence[inputs.StateMappingInput]) -> tuple[tuple[str, str], ...]:
    return tuple((mapping.from_state, mapping.to_state) for mapping in mappings)


async def _act(
    payload: type[Payload], context: Context, kind: ActKind, input: inputs.OnPlanMigration
) -> Payload:
    actor, number = context.require_admin(), parse_plan_migration_id(input.plan_migration_id, ID)
    runs = await act_on_migration(context.services, actor, kind, number, input.reason)
    return payload(plan_migration=render_plan_migration(runs, context))
