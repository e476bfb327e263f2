"""Migrations of plans to other versions, for admins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated
from zoneinfo import ZoneInfo

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, field
from services.planning.api.ids import encode_cursor, parse_plan_cursor, plan_migration_id
from services.planning.api.types.actors import Actor, render_actor
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.node import Node
from services.planning.api.types.people import SatuanPendidikan, reference_school
from services.planning.api.types.period import Period, render_period
from services.planning.api.types.plan import Plan, resolve_plans
from services.planning.api.types.plan_state import PlanState, render_state
from services.planning.api.types.problems import Problem, render_problem
from services.planning.api.types.versions import WorkflowVersion, resolve_known_version
from services.planning.period.model import WIB
from services.planning.plan_migration import model
from services.planning.plan_migration.model import (
    FIRST_KEY,
    MOVED_COUNT,
    SKIPPED_COUNT,
    MigrationRuns,
    Run,
)
from services.planning.plan_migration.queries import list_skipped_plans
from workflows.engine.machine import Workflow


@strawberry.enum(description="The status of a migration.")
class PlanMigrationStatus(Enum):
    RUNNING = strawberry.enum_value("running", description="The worker moves plans.")
    STOPPED = strawberry.enum_value("stopped", description="It is stopped until an admin resumes it.")
    DONE = strawberry.enum_value("done", description="Every plan was moved or skipped.")
    ROLLING_BACK = strawberry.enum_value("rolling_back", description="The worker moves plans back.")
    ROLLED_BACK = strawberry.enum_value("rolled_back", description="Every plan was moved back or skipped.")


@strawberry.enum(description="An act on a migration.")
class PlanMigrationActKind(Enum):
    STOP = strawberry.enum_value("stop", description="Stop moving plans until it is resumed.")
    RESUME = strawberry.enum_value("resume", description="Continue after a stop.")
    ROLL_BACK = strawberry.enum_value(
        "roll_back", description="Move back every plan that has not changed since."
    )


@strawberry.enum(description="A migration or its rollback.")
class MigrationDirection(Enum):
    FORWARD = strawberry.enum_value("forward", description="The migration.")
    ROLLBACK = strawberry.enum_value("rollback", description="The rollback of the migration.")


@strawberry.type(description="An act on a migration. It never changes.")
class PlanMigrationAct:
    kind: PlanMigrationActKind = strawberry.field(description="The kind of the act.")
    actor: Actor = strawberry.field(description="Who acted.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    reason: str = strawberry.field(description="The reason.")


@strawberry.type(description="The progress of a migration or of its rollback.")
class MigrationProgress:
    plan_count: int = strawberry.field(description="Number of plans at the start. Plans can be added later.")
    moved_count: int = strawberry.field(description="Number of plans that were moved.")
    skipped_count: int = strawberry.field(
        description="Number of plans that were not moved; `skippedPlans` lists them."
    )
    plans_per_second: float | None = strawberry.field(
        description="Plans per second of work; null before the first batch."
    )
    started_at: datetime = strawberry.field(
        description="When it was ordered. The worker starts with its next round."
    )
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it runs.")


@strawberry.type(description="A state and the state of another version that replaces it.")
class StateMapping:
    from_state: str = strawberry.field(description="Name of a state of the former version.")
    to_state: str = strawberry.field(description="Name of a state of the other version.")


@strawberry.type(description="A plan that a migration or its rollback did not move.")
class SkippedPlan:
    skipped: strawberry.Private[model.SkippedPlan]
    state: PlanState | None = strawberry.field(
        description="The state of the plan at that time; null if its version does not have it."
    )
    problem: Problem = strawberry.field(description="Why it was not moved, and what can be done.")

    @field("The plan as it is now; null if it no longer exists.")
    async def plan(self, info: Info) -> Plan | None:
        (plan,) = await resolve_plans([(self.skipped.ptk_id, self.skipped.period)], info.context)
        return plan


@strawberry.type(description="A migration of plans from one version of a workflow to another. For admins.")
class PlanMigration(Node):
    runs: strawberry.Private[MigrationRuns]
    number: int = strawberry.field(description="Number of the migration, from 1.")
    state_mappings: list[StateMapping] = strawberry.field(
        description="Replacements of states that have another name or phase."
    )
    status: PlanMigrationStatus = strawberry.field(description="The current status of the migration.")
    ordered_by: Actor = strawberry.field(description="Who ordered it.")
    reason: str = strawberry.field(description="The reason.")
    acts: list[PlanMigrationAct] = strawberry.field(description="The acts since the order, oldest first.")
    forward: MigrationProgress = strawberry.field(description="The progress of the migration.")
    rollback: MigrationProgress | None = strawberry.field(
        description="The progress of the rollback; null if there is none."
    )

    @field("The version that the plans had.")
    async def from_version(self, info: Info) -> WorkflowVersion:
        return await resolve_known_version(self.runs.migration.old_version, info.context)

    @field("The version that the plans get.")
    async def to_version(self, info: Info) -> WorkflowVersion:
        return await resolve_known_version(self.runs.migration.new_version, info.context)

    @field("The period of the plans; null for all periods.")
    async def period(self, info: Info) -> Period | None:
        code = self.runs.migration.period
        return render_period(await info.context.loaders.periods.load(code), info.context) if code else None

    @field("The school of the plans; null for all schools.")
    def satuan_pendidikan(self) -> SatuanPendidikan | None:
        npsn = self.runs.migration.npsn
        return reference_school(npsn) if npsn else None

    @field("The plans that were not moved, in a stable order.")
    async def skipped_plans(
        self,
        info: Info,
        direction: Annotated[
            MigrationDirection,
            strawberry.argument(description="Whether the migration or its rollback skipped them."),
        ] = MigrationDirection.FORWARD,
        first: First = 20,
        after: After = None,
    ) -> Connection[SkippedPlan] | None:
        context, migration = info.context, self.runs.migration
        is_rollback = direction is MigrationDirection.ROLLBACK
        skipped, has_next_page = await list_skipped_plans(
            migration.number,
            is_rollback,
            first,
            parse_plan_cursor(after) if after else FIRST_KEY,
            context.connection,
        )
        workflow = await context.services.workflows.get(
            migration.new_version if is_rollback else migration.old_version, context.connection
        )
        edges = [
            Edge(cursor=encode_cursor(one.ptk_id, one.period), node=_render_skipped(one, workflow, context))
            for one in skipped
        ]
        return Connection.create(edges, has_next_page, after)


def render_plan_migration(runs: MigrationRuns, context: Context) -> PlanMigration:
    """Render a migration for an admin."""
    migration, caller = runs.migration, context.require_caller()
    return PlanMigration(
        id=strawberry.ID(plan_migration_id(migration.number)),
        runs=runs,
        number=migration.number,
        state_mappings=render_state_mappings(migration.states),
        status=PlanMigrationStatus(runs.status.value),
        ordered_by=render_actor(migration.by, caller),
        reason=migration.reason,
        acts=[
            PlanMigrationAct(
                kind=PlanMigrationActKind(act.kind.value),
                actor=render_actor(act.by, caller),
                occurred_at=act.at,
                reason=act.reason,
            )
            for act in migration.acts
        ],
        forward=_render_progress(runs.forward),
        rollback=_render_progress(runs.backward) if runs.backward else None,
    )


def render_state_mappings(states: Mapping[str, str]) -> list[StateMapping]:
    """Render the replacements of states."""
    return [StateMapping(from_state=former, to_state=new) for former, new in states.items()]


def _render_progress(run: Run) -> MigrationProgress:
    return MigrationProgress(
        plan_count=run.plan_count,
        moved_count=run.counts.get(MOVED_COUNT, 0),
        skipped_count=run.counts.get(SKIPPED_COUNT, 0),
        plans_per_second=run.rate,
        started_at=run.began_at,
        ended_at=run.ended_at,
    )


def _render_skipped(skipped: model.SkippedPlan, workflow: Workflow, context: Context) -> SkippedPlan:
    states = {state.name: state for state in workflow.definition.states}
    state = states.get(skipped.state)
    zone = ZoneInfo(skipped.school.zone or WIB)
    params = {
        name: value.astimezone(zone) if isinstance(value, datetime) else value
        for name, value in skipped.params.items()
    }
    return SkippedPlan(
        skipped=skipped,
        state=render_state(state, context.language) if state else None,
        problem=render_problem(DomainProblem(skipped.code, params), context),
    )
