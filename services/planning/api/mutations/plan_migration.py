"""What admins do with living plans as a whole: move them to another version, and try one before."""

from __future__ import annotations

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.ids import parse_migration_id
from services.planning.api.inputs import CommandInput, MigratePlansInput, MigrationActInput, TryWorkflowInput
from services.planning.api.types.dry_run import TrialResult, render_dry_run
from services.planning.api.types.plan_migration import MigrationResult, render_migration
from services.planning.callers.model import require_admin
from services.planning.plan_migration import commands as migrations
from services.planning.plan_migration.commands import MigrationOrder
from services.planning.plan_migration.dry_run.commands import start_dry_run
from services.planning.plan_migration.model import ID


@strawberry.type
class MigrationMutations:
    @mutation(
        "Order living plans to be moved to another version. Refused with everything that stands against it, and then "
        "no plan is touched; else answered at once, and worked off by `rencana worker`. Nothing that was filled in is "
        "lost, and no plan is taken onward. For admins."
    )
    async def migrate_plans(self, info: Info, input: CommandInput[MigratePlansInput]) -> MigrationResult:
        context, by = info.context, require_admin(info.context.require_caller())
        states = tuple((one.from_, one.to) for one in input.states)
        order = MigrationOrder(input.from_, input.to, states, input.period, input.npsn, input.reason)
        return render_migration(await migrations.order_migration(context.services, by, order), context)

    @mutation(
        "Move no further plan, there or back, until it is resumed. What was moved stays so. For admins."
    )
    async def stop_migration(self, info: Info, input: CommandInput[MigrationActInput]) -> MigrationResult:
        context, by = info.context, require_admin(info.context.require_caller())
        number = parse_migration_id(input.id, ID)
        return render_migration(
            await migrations.stop_migration(context.services, by, number, input.reason), context
        )

    @mutation("Go on with a migration that was stopped. For admins.")
    async def resume_migration(self, info: Info, input: CommandInput[MigrationActInput]) -> MigrationResult:
        context, by = info.context, require_admin(info.context.require_caller())
        number = parse_migration_id(input.id, ID)
        return render_migration(
            await migrations.resume_migration(context.services, by, number, input.reason), context
        )

    @mutation(
        "Take a migration back: each plan to which nothing has happened since goes back to its former version and "
        "state. The others stay, and are listed with what happened. What is not moved yet, is not moved any more. For "
        "admins."
    )
    async def undo_migration(self, info: Info, input: CommandInput[MigrationActInput]) -> MigrationResult:
        context, by = info.context, require_admin(info.context.require_caller())
        number = parse_migration_id(input.id, ID)
        return render_migration(
            await migrations.undo_migration(context.services, by, number, input.reason), context
        )


@strawberry.type
class DryRunMutations:
    @mutation(
        "Start a dry run of a version, a draft too: which living plans could move to it, and to which state it would "
        "lead each recorded command of a period. Returns at once; `rencana worker` replays the commands. No plan "
        "changes. For admins."
    )
    async def try_workflow(self, info: Info, input: CommandInput[TryWorkflowInput]) -> TrialResult:
        context, by = info.context, require_admin(info.context.require_caller())
        states = tuple((one.from_, one.to) for one in input.states)
        progress = await start_dry_run(context.services, by, input.sha256, input.period, states)
        return render_dry_run(progress, context)
