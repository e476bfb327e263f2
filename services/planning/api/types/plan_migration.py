"""Migrations of living plans as GraphQL shows them to admins."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from services.kit.problems import Problem as DomainProblem
from services.planning.api.context import Context, Info
from services.planning.api.fields import After, First, field
from services.planning.api.ids import encode_cursor, migration_id, parse_plan_cursor, plan_id
from services.planning.api.types.actors import WorkflowActor, render_actor
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.people import SatuanPendidikan, render_school
from services.planning.api.types.plan import Refused
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


@strawberry.enum(description="Where a migration stands.")
class MigrationStatus(Enum):
    RUNNING = strawberry.enum_value("running", description="Plans are being moved, or wait for the worker.")
    STOPPED = strawberry.enum_value(
        "stopped", description="No further plan is moved until somebody resumes it."
    )
    DONE = strawberry.enum_value("done", description="Every plan was moved, or was left with a reason.")
    UNDOING = strawberry.enum_value(
        "undoing", description="Plans are being taken back, or wait for the worker."
    )
    UNDONE = strawberry.enum_value(
        "undone", description="Every plan was taken back, or was left with what has happened since."
    )


@strawberry.enum(description="What an admin does with a migration.")
class MigrationActKind(Enum):
    STOP = strawberry.enum_value("stop", description="Move no further plan for now.")
    RESUME = strawberry.enum_value("resume", description="Go on.")
    UNDO = strawberry.enum_value(
        "undo", description="Take back every plan to which nothing has happened since."
    )


@strawberry.type(description="What somebody did with a migration: for good, and never edited.")
class MigrationAct:
    act: MigrationActKind = strawberry.field(description="What.")
    by: WorkflowActor = strawberry.field(description="Who.")
    at: datetime = strawberry.field(description="When.")
    reason: str = strawberry.field(description="Why, as it was written.")


@strawberry.type(description="How far a migration is, on one of its ways.")
class MigrationProgress:
    plans: int = strawberry.field(
        description="How many plans it was about as it began; others may have come to it."
    )
    moved: int = strawberry.field(description="How many were moved.")
    refused: int = strawberry.field(description="How many were left as they are; `refused` names each.")
    per_second: float | None = strawberry.field(
        description="Plans per second of work; null before the first ones."
    )
    began_at: datetime = strawberry.field(description="When it was ordered.")
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it has not.")


@strawberry.type(description="A state and the one that takes its place.")
class StateMove:
    from_: str = strawberry.field(name="from", description="A state of the version to move from.")
    to: str = strawberry.field(description="A state of the version to move to.")


@strawberry.type(description="A plan that a migration left as it is.")
class MigrationRefusal:
    plan_id: strawberry.ID = strawberry.field(description="The plan's id.")
    satuan_pendidikan: SatuanPendidikan = strawberry.field(description="Where it stands.")
    state: PlanState | None = strawberry.field(
        description="Its state then; null where its version no longer names it."
    )
    problem: Problem = strawberry.field(description="Why, and what can be done.")


@strawberry.type(description="The plans that a migration left as they are.")
class MigrationRefusals(Connection[MigrationRefusal]):
    pass


@strawberry.type(description="Living plans moved from one version of a workflow to another. For admins.")
class Migration:
    runs: strawberry.Private[MigrationRuns]
    id: strawberry.ID = strawberry.field(description="Its id.")
    number: int = strawberry.field(description="Its number, as the command line calls it.")
    from_: strawberry.ID = strawberry.field(name="from", description="The version that the plans lived by.")
    to: strawberry.ID = strawberry.field(description="The version that they are moved to.")
    states: list[StateMove] = strawberry.field(description="Where names alone did not tell.")
    period: strawberry.ID | None = strawberry.field(description="Only plans of this period; null: of all.")
    npsn: str | None = strawberry.field(description="Only plans of this school; null: of all.")
    status: MigrationStatus = strawberry.field(description="Where it stands.")
    by: WorkflowActor = strawberry.field(description="Who ordered it.")
    reason: str = strawberry.field(description="Why.")
    acts: list[MigrationAct] = strawberry.field(description="What was done with it since, oldest first.")
    there: MigrationProgress = strawberry.field(description="How far it is.")
    back: MigrationProgress | None = strawberry.field(
        description="How far its undoing is; null while nobody has ordered that."
    )

    @field("The plans that were left as they are, by a stable order.")
    async def refused(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        back: Annotated[
            bool, strawberry.argument(description="On the way back instead: what has happened since.")
        ] = False,
    ) -> MigrationRefusals:
        context, migration = info.context, self.runs.migration
        after_key = parse_plan_cursor(after) if after else FIRST_KEY
        refusals, has_next_page = await list_refusals(
            migration.number, back, first, after_key, context.connection
        )
        workflow = await context.services.workflows.get(
            migration.new if back else migration.old, context.services.connection
        )
        edges = [_render_refusal(refusal, workflow, context) for refusal in refusals]
        return MigrationRefusals.create(edges, has_next_page)


MigrationResult = Annotated[
    Migration | Refused,
    strawberry.union(
        "MigrationResult", description="The migration as it stands now, or every reason why not."
    ),
]


def render_migration(runs: MigrationRuns, context: Context) -> Migration:
    """A migration for an admin."""
    migration, caller = runs.migration, context.require_caller()
    return Migration(
        runs=runs,
        id=strawberry.ID(migration_id(migration.number)),
        number=migration.number,
        from_=strawberry.ID(migration.old),
        to=strawberry.ID(migration.new),
        states=[StateMove(from_=first, to=second) for first, second in migration.states.items()],
        period=strawberry.ID(migration.period) if migration.period else None,
        npsn=migration.npsn,
        status=MigrationStatus(runs.status.value),
        by=render_actor(migration.by, caller),
        reason=migration.reason,
        acts=[
            MigrationAct(
                act=MigrationActKind(act.kind.value),
                by=render_actor(act.by, caller),
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
        plans=run.plans,
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
