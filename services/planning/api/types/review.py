"""The review queue of the head."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.planning.api.ids import encode_cursor, parse_cursor, plan_id
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.plan_state import PlanPhase, PlanState, render_state
from services.planning.review.model import QueuedPlan as Stored
from services.planning.review.queries import Queue
from workflows.model.definition import State


@strawberry.type(description="A plan of the review queue. Query `plan(id)` for all of it.")
class QueuedPlan:
    id: strawberry.ID = strawberry.field(description="Id of the plan.")
    version: int = strawberry.field(description="Version of the plan. Send it as `expectedVersion`.")
    nama: str = strawberry.field(description="The teacher.")
    npsn: str = strawberry.field(description="NPSN of the school of the plan. Its head decides.")
    moved_to: str | None = strawberry.field(
        description="NPSN of the teacher's sekolah induk if it is another school now. An admin can move the plan."
    )
    moved_from: str | None = strawberry.field(
        description="For the head of the teacher's new school: NPSN of the school of the plan. You can read the "
        "plan, and decide on it after an admin has moved it."
    )
    reopened: bool = strawberry.field(
        description="Whether an admin has reopened it. False after the next submission."
    )
    comments: int = strawberry.field(description="Number of comments, with erased ones.")
    state: PlanState = strawberry.field(description="The current state.")
    submitted_at: datetime | None = strawberry.field(description="When it was last submitted; null if never.")
    updated_at: datetime = strawberry.field(description="When it last changed.")


@strawberry.type(description="The number of plans in a phase.")
class PhaseCount:
    phase: PlanPhase = strawberry.field(description="The phase.")
    plans: int = strawberry.field(
        description="Number of plans, independent of the arguments `phase` and `name`."
    )


@strawberry.type(description="A page of the plans of the schools that you head, by name of the teacher.")
class ReviewQueue(Connection[QueuedPlan]):
    counts: list[PhaseCount] = strawberry.field(
        description="All plans of your schools, or of the school `npsn`, by phase, without empty phases."
    )
    arriving: int = strawberry.field(
        description="Number of plans of teachers who came to your schools and whose plans are still at another "
        "school. They are listed with `movedFrom` and are not in `counts`, because another head decides "
        "on them."
    )
    registry_as_of: datetime | None = strawberry.field(
        description="While identity is unavailable: the instant of the cached answer about your schools. Null "
        "otherwise."
    )


def parse_queue_cursor(after: str) -> tuple[str, str]:
    """Return the name and ptk_id in a cursor of the queue. Raises RequestRefused `cursor.invalid`."""
    nama, ptk_id = parse_cursor(after, ("after",))
    try:
        return nama, str(UUID(ptk_id))
    except ValueError:
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",))) from None


def render_review_queue(queue: Queue, after: str | None, language: str) -> ReviewQueue:
    """Render a page of the review queue."""
    edges = [
        Edge(
            cursor=encode_cursor(plan.nama, plan.ptk_id),
            node=_render_queued_plan(plan, queue.states[plan.workflow, plan.state], queue.period, language),
        )
        for plan in queue.plans
    ]
    return ReviewQueue.create(
        edges,
        queue.has_more,
        after,
        counts=[
            PhaseCount(phase=PlanPhase(phase.value), plans=plans)
            for phase, plans in sorted(queue.counts.items())
        ],
        arriving=queue.arriving,
        registry_as_of=queue.cached_as_of,
    )


def _render_queued_plan(plan: Stored, state: State, period: str, language: str) -> QueuedPlan:
    return QueuedPlan(
        id=strawberry.ID(plan_id(plan.ptk_id, period)),
        version=plan.version,
        nama=plan.nama,
        npsn=plan.npsn,
        moved_to=plan.moved_to if plan.is_at_school else None,
        moved_from=None if plan.is_at_school else plan.npsn,
        reopened=plan.reopened_at is not None,
        comments=plan.comments,
        state=render_state(state, language),
        submitted_at=plan.submitted_at,
        updated_at=plan.updated_at,
    )
