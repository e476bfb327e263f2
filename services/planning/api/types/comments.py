"""The discussion of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from services.planning.api.context import Context
from services.planning.api.ids import comment_id, encode_cursor, parse_comment_id, parse_numbered_cursor
from services.planning.api.types.actors import Actor, ActorRole
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.node import Node
from services.planning.callers.model import Caller
from services.planning.plan.model import Plan
from services.planning.review import model as domain
from services.planning.review.commands import find_comments, list_comments

COMMENT_LIST = "comment"  # names the list in a cursor
_ROLES = {
    domain.AuthorRole.OWNER: ActorRole.OWNER,
    domain.AuthorRole.DEFINITIF: ActorRole.KEPALA_SEKOLAH,
    domain.AuthorRole.PLT: ActorRole.PLT,
}


@strawberry.type(description="A comment on a plan. It does not change the plan or its version.")
class Comment(Node):
    number: int = strawberry.field(description="Number in the discussion, from 1 without gaps.")
    created_at: datetime = strawberry.field(description="When it was written.")
    author: Actor = strawberry.field(description="Who wrote it: the owner, or the head at that time.")
    text: str | None = strawberry.field(description="The text; null after erasure.")
    is_erased: bool = strawberry.field(description="Whether the text was erased.")


@strawberry.type(description="The discussion of a plan, oldest first.")
class CommentConnection(Connection[Comment]):
    total_count: int = strawberry.field(description="Number of all comments, with erased ones.")


async def resolve_comments(plan: Plan, context: Context, first: int, after: str | None) -> CommentConnection:
    """Resolve a page of comments. Raises RequestRefused `page.size` or `cursor.invalid`."""
    comments, has_next_page, total_count = await list_comments(
        plan, first, parse_numbered_cursor(after, COMMENT_LIST) or 0, context.connection
    )
    nodes = [render_comment(comment, context.require_caller()) for comment in comments]
    edges = [Edge(cursor=encode_cursor(COMMENT_LIST, str(node.number)), node=node) for node in nodes]
    return CommentConnection.create(edges, has_next_page, after, total_count=total_count)


async def load_comment_nodes(context: Context, ids: Sequence[str]) -> list[Node | None]:
    """Load comments by id. Those on a plan that the caller cannot see are None."""
    caller, keys = context.require_caller(), [parse_comment_id(id, ("id",)) for id in ids]
    plans = await context.loaders.plans.load_many([(ptk_id, period) for ptk_id, period, _ in keys])
    visible = [key for key, plan in zip(keys, plans, strict=True) if plan]
    comments = await find_comments(visible, context.connection)
    return [render_comment(comments[key], caller) if key in comments else None for key in keys]


def render_comment(comment: domain.Comment, caller: Caller) -> Comment:
    """Render a comment for a caller."""
    author = comment.author
    return Comment(
        id=strawberry.ID(comment_id(comment.ptk_id, comment.period, comment.number)),
        number=comment.number,
        created_at=comment.at,
        author=Actor(
            role=_ROLES[author.role],
            nama=author.nama,
            is_viewer=author.ptk_id == caller.ptk_id,
        ),
        text=comment.text,
        is_erased=comment.erased_at is not None,
    )
