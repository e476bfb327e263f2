"""The review of plans as GraphQL shows it: the superior's queue and the discussion."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context
from services.planning.api.ids import comment_id, encode_cursor, parse_cursor, parse_numbered_cursor, plan_id
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.people import PlanRole
from services.planning.api.types.plan_state import PlanPhase, PlanState, render_state
from services.planning.callers.model import Caller
from services.planning.plan.model import Plan
from services.planning.review import model as domain
from services.planning.review.commands import list_comments
from services.planning.review.model import QueuedPlan as Stored
from services.planning.review.queries import Queue
from workflows.model.definition import State

COMMENT_LIST = "comment"  # what its cursors begin with
_ROLES = {
    domain.AuthorRole.OWNER: PlanRole.OWNER,
    domain.AuthorRole.DEFINITIF: PlanRole.KEPALA_SEKOLAH,
    domain.AuthorRole.PLT: PlanRole.PLT,
}


@strawberry.type(description="Who wrote a comment.")
class CommentAuthor:
    role: PlanRole = strawberry.field(description="As whom.")
    nama: str | None = strawberry.field(description="The name; null once erased, or where nobody knew it.")
    is_viewer: bool = strawberry.field(description="Whether it was you.")


@strawberry.type(description="A comment on a plan. It decides nothing and does not raise the version.")
class Comment:
    id: strawberry.ID = strawberry.field(description="Opaque and global.")
    number: int = strawberry.field(description="Its place in the discussion, from 1 without gaps.")
    at: datetime = strawberry.field(description="When it was written.")
    author: CommentAuthor = strawberry.field(description="Who wrote it.")
    text: str | None = strawberry.field(description="The words; null once erased.")
    erased: bool = strawberry.field(description="Whether its words were erased; its place stays.")
    replayed: bool = strawberry.field(
        description="In the answer to `commentOnPlan`: it stood already (same key) and was not written again. "
        "False everywhere else."
    )


@strawberry.type(description="The discussion of a plan, oldest first.")
class CommentConnection(Connection[Comment]):
    total_count: int = strawberry.field(description="The number of all comments, the erased ones included.")


async def resolve_comments(plan: Plan, context: Context, first: int, after: str | None) -> CommentConnection:
    """A page of the discussion; Refused for a page out of bounds or a cursor of something else."""
    comments, has_next_page, total_count = await list_comments(
        plan, first, parse_numbered_cursor(after, COMMENT_LIST) or 0, context.connection
    )
    nodes = [render_comment(comment, context.require_caller()) for comment in comments]
    edges = [Edge(cursor=encode_cursor(COMMENT_LIST, str(node.number)), node=node) for node in nodes]
    return CommentConnection.create(edges, has_next_page, total_count=total_count)


def render_comment(comment: domain.Comment, caller: Caller, *, replayed: bool = False) -> Comment:
    """A comment for whoever reads it."""
    author = comment.author
    return Comment(
        id=strawberry.ID(comment_id(comment.ptk_id, comment.period, comment.number)),
        number=comment.number,
        at=comment.at,
        author=CommentAuthor(
            role=_ROLES[author.role],
            nama=author.nama,
            is_viewer=author.ptk_id == caller.ptk_id,
        ),
        text=comment.text,
        erased=comment.erased_at is not None,
        replayed=replayed,
    )


@strawberry.type(description="A plan as the queue shows it; `plan(id)` has the whole.")
class QueuedPlan:
    id: strawberry.ID = strawberry.field(description="The plan's id.")
    version: int = strawberry.field(description="To be sent as `expectedVersion`.")
    nama: str = strawberry.field(description="The teacher.")
    npsn: str = strawberry.field(description="The school that the plan stands at; its head decides.")
    moved_to: str | None = strawberry.field(
        description="The NPSN of the teacher's sekolah induk, where it is another now: an admin can move the plan."
    )
    moved_from: str | None = strawberry.field(
        description="The same for the head of the school the teacher came to: `npsn`, where the plan stands still. You "
        "may read the plan, and decide once it is moved."
    )
    reopened: bool = strawberry.field(description="An admin opened it again; until the next submission.")
    comments: int = strawberry.field(description="How many comments it has, erased ones included.")
    state: PlanState = strawberry.field(description="Where the plan stands.")
    submitted_at: datetime | None = strawberry.field(description="The last submission.")
    updated_at: datetime = strawberry.field(description="The last change.")


@strawberry.type(description="How many plans are in a phase.")
class PhaseCount:
    phase: PlanPhase = strawberry.field(description="The phase.")
    plans: int = strawberry.field(
        description="The number of plans, whatever `phase` and `name` were asked for."
    )


@strawberry.type(description="The plans of the schools you head, by name.")
class ReviewQueue(Connection[QueuedPlan]):
    counts: list[PhaseCount] = strawberry.field(
        description="All plans that stand at your schools (at the one of `npsn`), by phase; phases without plans are "
        "left out."
    )
    arriving: int = strawberry.field(
        description="Plans of teachers who came to your schools that stand at another still: listed with `movedFrom`, "
        "and not in `counts`, for they do not wait on you."
    )
    registry_as_of: datetime | None = strawberry.field(
        description="While the registry is away: as of when these are the schools that you head. Null while it answers."
    )


def parse_queue_cursor(after: str) -> tuple[str, str]:
    """The name and ptk_id to go on after; Refused for a cursor of another list, which names no person."""
    nama, ptk_id = parse_cursor(after, ("after",))
    try:
        return nama, str(UUID(ptk_id))
    except ValueError:
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",))) from None


def render_review_queue(queue: Queue, language: str) -> ReviewQueue:
    """The queue with labels in the caller's language."""
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
        counts=[
            PhaseCount(phase=PlanPhase(phase.value), plans=plans)
            for phase, plans in sorted(queue.counts.items())
        ],
        arriving=queue.arriving,
        registry_as_of=queue.kept_as_of,
    )


def _render_queued_plan(plan: Stored, state: State, period: str, language: str) -> QueuedPlan:
    return QueuedPlan(
        id=strawberry.ID(plan_id(plan.ptk_id, period)),
        version=plan.version,
        nama=plan.nama,
        npsn=plan.npsn,
        moved_to=plan.moved_to if plan.is_here else None,
        moved_from=None if plan.is_here else plan.npsn,
        reopened=plan.reopened_at is not None,
        comments=plan.comments,
        state=render_state(state, language),
        submitted_at=plan.submitted_at,
        updated_at=plan.updated_at,
    )
