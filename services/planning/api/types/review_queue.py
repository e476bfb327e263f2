"""The review queue of the head: plans of the headed schools."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context
from services.planning.api.ids import encode_cursor, parse_cursor
from services.planning.api.scalars import NPSN
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.plan import Plan, resolve_plan
from services.planning.api.types.plan_state import PlanPhase
from services.planning.review.queries import Queue, QueueRequest
from workflows.model.definition import Phase

MAX_NAME_LENGTH = 100


@strawberry.input(description="Which plans of a school to list.")
class SchoolQueueFilter:
    period: strawberry.ID | None = strawberry.field(
        default=None, description="Code of the period. Default: the current one."
    )
    phase: PlanPhase | None = strawberry.field(default=None, description="Only plans in this phase.")
    name: str | None = strawberry.field(
        default=None,
        description="Only teachers whose name contains this text. Case, accents and punctuation do not matter.",
    )


@strawberry.input(description="Which plans of your schools to list.")
class ReviewQueueFilter(SchoolQueueFilter):
    npsn: NPSN | None = strawberry.field(
        default=None, description="NPSN of one of your schools. Default: all of them."
    )


@strawberry.type(description="The number of plans in a phase.")
class PhaseCount:
    phase: PlanPhase = strawberry.field(description="The phase.")
    plan_count: int = strawberry.field(
        description="Number of plans, independent of the filters `phase` and `name`."
    )


@strawberry.type(description="A plan of the queue with its cursor.")
class ReviewQueueEdge(Edge[Plan]):
    is_arriving: bool = strawberry.field(
        description="Whether the teacher came to your school and the plan is still at another one. You can read the "
        "plan, and decide on it after an admin has moved it."
    )
    comment_count: int = strawberry.field(description="Number of comments on the plan, with erased ones.")


@strawberry.type(description="A page of the plans of the schools that you head, by name of the teacher.")
class ReviewQueueConnection(Connection[Plan]):
    edges: list[ReviewQueueEdge] = strawberry.field(  # type: ignore[assignment]
        description="The plans of this page, with values of this list."
    )
    counts: list[PhaseCount] = strawberry.field(
        description="All plans of the period at your schools, or at the chosen one, by phase, without empty phases."
    )
    arriving_count: int = strawberry.field(
        description="Number of plans of teachers who came to these schools and whose plans are still at another "
        "school. They are listed with `isArriving` and are not in `counts`, because another head decides on them."
    )
    earlier_period_count: int = strawberry.field(
        description="Number of plans at these schools that still wait for you in earlier periods. Ask for them with "
        "the filter `period`."
    )
    facts_as_of: datetime | None = strawberry.field(
        description="While identity is unavailable: the instant of the cached answer about your schools. Null "
        "otherwise."
    )


def parse_queue_request(filter: SchoolQueueFilter | None, first: int, after: str | None) -> QueueRequest:
    """Return the request for a page of the queue. Raises RequestRefused `cursor.invalid`."""
    filter = filter or SchoolQueueFilter()
    return QueueRequest(
        period=filter.period,
        phase=Phase(str(filter.phase.value)) if filter.phase else None,
        name=(filter.name or "")[:MAX_NAME_LENGTH],
        size=first,
        after=_parse_cursor(after) if after else ("", ""),
    )


def _parse_cursor(after: str) -> tuple[str, str]:
    """Return the sort key and ptk_id in a cursor of the queue. Raises RequestRefused `cursor.invalid`."""
    nama, ptk_id = parse_cursor(after, ("after",))
    try:
        return nama, str(UUID(ptk_id))
    except ValueError:
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",))) from None


async def resolve_review_queue(queue: Queue, after: str | None, context: Context) -> ReviewQueueConnection:
    """Load what the plans of a page need, and render the page."""
    context.loaders.periods.prime(queue.setup.period.code, queue.setup)
    edges: list[Edge[Plan]] = [
        ReviewQueueEdge(
            cursor=encode_cursor(*entry.position),
            node=await resolve_plan(entry.plan, context),
            is_arriving=entry.is_arriving,
            comment_count=entry.comment_count,
        )
        for entry in queue.entries
    ]
    return ReviewQueueConnection.create(
        edges,
        queue.has_more,
        after,
        counts=[
            PhaseCount(phase=PlanPhase(phase.value), plan_count=count)
            for phase, count in sorted(queue.counts.items())
        ],
        arriving_count=queue.arriving_count,
        earlier_period_count=queue.earlier_period_count,
        facts_as_of=queue.cached_as_of,
    )
