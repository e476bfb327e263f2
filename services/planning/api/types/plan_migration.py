"""Migrations of plans to other versions, for admins."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, field
from services.planning.api.ids import encode_cursor, migration_id, parse_plan_cursor, plan_id
from services.planning.api.types.actors import WorkflowActor, render_workflow_actor
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.people import SatuanPendidikan, render_school
from services.planning.api.types.plan_state import PlanState, render_state
from services.planning.api.types.problems import Problem, render_problem
from services.planning.plan_migration import model
from services.planning.plan_migration.model import (
    FIRST_KEY,
    MOVED_COUNT,
    REFUSED_COUNT,
    MigrationRuns,
    Run,
)
from services.planning.plan_migration.queries import list_refusals
from workflows.engine.machine import Workflow


@strawberry.enum(description="The status of a migration.")
class MigrationStatus(Enum):
    RUNNING = strawberry.enum_value("running", description="The worker moves plans.")
    STOPPED = strawberry.enum_value("stopped", description="It is stopped until an admin resumes it.")
    DONE = strawberry.enum_value("done", description="Every plan was moved or refused.")
    UNDOING = strawberry.enum_value("undoing", description="The worker moves plans back.")
    UNDONE = strawberry.enum_value("undone", description="Every plan was moved back or refused.")


@strawberry.enum(description="An act on a migration.")
class MigrationActKind(Enum):
    STOP = strawberry.enum_value("stop", description="Stop moving plans until it is resumed.")
    RESUME = strawberry.enum_value("resume", description="Continue after a stop.")
    UNDO = strawberry.enum_value("undo", description="Move back every plan that has not changed since.")


@strawberry.type(description="An act on a migration. It never changes.")
class MigrationAct:
    act: MigrationActKind = strawberry.field(description="The kind of the act.")
    by: WorkflowActor = strawberry.field(description="Who acted.")
    at: datetime = strawberry.field(description="When it happened.")
    reason: str = strawberry.field(description="The reason.")


@strawberry.type(description="The progress of a migration or of its undoing.")
class MigrationProgress:
    plans: int = strawberry.field(description="Number of plans at the start. Plans can be added later.")
    moved: int = strawberry.field(description="Number of plans that were moved.")
    refused: int = strawberry.field(
        description="Number of plans that were not changed; `refused` lists them."
    )
    per_second: float | None = strawberry.field(description="Plans per second; null before the first batch.")
    began_at: datetime = strawberry.field(
        description="When it was ordered. The worker starts with its next round."
    )
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it runs.")


@strawberry.type(description="A state and its replacement.")
class StateMove:
    from_: str = strawberry.field(name="from", description="A state of the old version.")
    to: str = strawberry.field(description="A state of the new version.")


@strawberry.type(description="A plan that a migration did not change.")
class MigrationRefusal:
    plan_id: strawberry.ID = strawberry.field(description="Id of the plan.")
    satuan_pendidikan: SatuanPendidikan = strawberry.field(description="The school of the plan.")
    state: PlanState | None = strawberry.field(
        description="The state of the plan; null if its version does not have it."
    )
    problem: Problem = strawberry.field(description="The reason, and what can be done.")


@strawberry.type(description="A page of the plans that a migration did not change.")
class MigrationRefusals(Connection[MigrationRefusal]):
    pass


@strawberry.type(description="A migration of plans from one version of a workflow to another. For admins.")
class Migration:
    runs: strawberry.Private[MigrationRuns]
    id: strawberry.ID = strawberry.field(description="Id of the migration.")
    number: int = strawberry.field(description="Number of the migration.")
    from_: strawberry.ID = strawberry.field(name="from", description="`sha256` of the old version.")
    to: strawberry.ID = strawberry.field(description="`sha256` of the new version.")
    states: list[StateMove] = strawberry.field(
        description="Replacements of states that have another name or phase."
    )
    period: strawberry.ID | None = strawberry.field(description="Code of the period; null for all periods.")
    npsn: str | None = strawberry.field(description="NPSN of the school; null for all schools.")
    status: MigrationStatus = strawberry.field(description="The current status of the migration.")
    by: WorkflowActor = strawberry.field(description="Who ordered it.")
    reason: str = strawberry.field(description="The reason.")
    acts: list[MigrationAct] = strawberry.field(description="The acts since the order, oldest first.")
    there: MigrationProgress = strawberry.field(description="The progress of the migration.")
    back: MigrationProgress | None = strawberry.field(
        description="The progress of the undoing; null if there is none."
    )

    @field("The plans that were not changed, in a stable order.")
    async def refused(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        back: Annotated[
            bool,
            strawberry.argument(description="Whether to list the plans that the undoing did not change."),
        ] = False,
    ) -> MigrationRefusals:
        context, migration = info.context, self.runs.migration
        after_key = parse_plan_cursor(after) if after else FIRST_KEY
        refusals, has_next_page = await list_refusals(
            migration.number, back, first, after_key, context.connection
        )
        workflow = await context.services.workflows.get(
            migration.new_version if back else migration.old_version, context.services.connection
        )
        edges = [_render_refusal(refusal, workflow, context) for refusal in refusals]
        return MigrationRefusals.create(edges, has_next_page, after)


def render_migration(runs: MigrationRuns, context: Context) -> Migration:
    """Render a migration for an admin."""
    migration, caller = runs.migration, context.require_caller()
    return Migration(
        runs=runs,
        id=strawberry.ID(migration_id(migration.number)),
        number=migration.number,
        from_=strawberry.ID(migration.old_version),
        to=strawberry.ID(migration.new_version),
        states=[StateMove(from_=first, to=second) for first, second in migration.states.items()],
        period=strawberry.ID(migration.period) if migration.period else None,
        npsn=migration.npsn,
        status=MigrationStatus(runs.status.value),
        by=render_workflow_actor(migration.by, caller),
        reason=migration.reason,
        acts=[
            MigrationAct(
                act=MigrationActKind(act.kind.value),
                by=render_workflow_actor(act.by, caller),
                at=act.at,
                reason=act.reason,
            )
            for act in migration.acts
        ],
        there=_render_progress(runs.forward),
        back=_render_progress(runs.backward) if runs.backward else None,
    )


def _render_progress(run: Run) -> MigrationProgress:
    return MigrationProgress(
        plans=run.plan_count,
        moved=run.counts.get(MOVED_COUNT, 0),
        refused=run.counts.get(REFUSED_COUNT, 0),
        per_second=run.rate,
        began_at=run.began_at,
        ended_at=run.ended_at,
    )


def _render_refusal(
    refusal: model.RefusedPlan, workflow: Workflow, context: Context
) -> Edge[MigrationRefusal]:
    states = {state.name: state for state in workflow.definition.states}
    node = MigrationRefusal(
        plan_id=strawberry.ID(plan_id(refusal.ptk_id, refusal.period)),
        satuan_pendidikan=render_school(refusal.school),
        state=render_state(states[refusal.state], context.language) if refusal.state in states else None,
        problem=render_problem(DomainProblem(refusal.code, refusal.params), context),
    )
    return Edge(cursor=encode_cursor(refusal.ptk_id, refusal.period), node=node)
