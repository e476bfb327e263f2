"""The discussion of a plan as GraphQL shows it: a keyset connection, oldest first."""

from __future__ import annotations

from datetime import datetime

import strawberry

from services.kit.problem import Problem, Refused
from services.planning.api.context import Context
from services.planning.api.ids import comment_id, cursor, parse_cursor
from services.planning.api.types.page import PageInfo
from services.planning.api.types.plan_role import PlanRole
from services.planning.domain import comment as domain
from services.planning.domain.caller import Caller
from services.planning.domain.plan import Plan
from services.planning.usecases.comment import comments_on

_IN_A_LIST = "comment"  # what its cursors begin with
_NUMBER = 9  # digits that a number may have
_ROLES = {
    domain.As.OWNER: PlanRole.OWNER,
    domain.As.DEFINITIF: PlanRole.KEPALA_SEKOLAH,
    domain.As.PLT: PlanRole.PLT,
}


@strawberry.type(description="Who wrote a comment.")
class CommentAuthor:
    """As of then."""

    role: PlanRole = strawberry.field(description="As whom.")
    nama: str | None = strawberry.field(description="The name; null once erased, or where nobody knew it.")
    is_viewer: bool = strawberry.field(description="Whether it was you.")


@strawberry.type(description="A comment on a plan. It decides nothing and does not raise the version.")
class Comment:
    """What was said, by whom, when."""

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


@strawberry.type(description="A comment and its place in the discussion.")
class CommentEdge:
    """As in Relay's connections."""

    cursor: str = strawberry.field(description="For `after`, to go on from here.")
    node: Comment = strawberry.field(description="The comment.")


@strawberry.type(description="The discussion of a plan, oldest first.")
class CommentConnection:
    """A page of it."""

    edges: list[CommentEdge] = strawberry.field(description="The comments of this page.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")
    total_count: int = strawberry.field(description="The number of all comments, the erased ones included.")


async def comments_of(plan: Plan, context: Context, first: int, after: str | None) -> CommentConnection:
    """A page of the discussion; Refused for a page out of bounds or a cursor of something else."""
    found, more, total = await comments_on(plan, first, _number(after) if after else 0, context.connection)
    shown = [shown_comment(comment, context.signed_in()) for comment in found]
    edges = [CommentEdge(cursor=cursor(_IN_A_LIST, str(node.number)), node=node) for node in shown]
    ends = PageInfo(has_next_page=more, end_cursor=edges[-1].cursor if edges else None)
    return CommentConnection(edges=edges, page_info=ends, total_count=total)


def shown_comment(comment: domain.Comment, caller: Caller, *, replayed: bool = False) -> Comment:
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


def _number(after: str) -> int:
    kind, number = parse_cursor(after, ("after",))
    if kind != _IN_A_LIST or not (number.isascii() and number.isdigit() and len(number) <= _NUMBER):
        raise Refused(Problem("cursor.invalid", {}, ("after",)))
    return int(number)
