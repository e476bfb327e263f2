"""Comments on a plan by its owner and by the present head of its school, in every phase (Guide 9).

A comment decides nothing: it does not depend on the version of the plan, and creates no event.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.kit.text import clean_text
from services.planning.callers.model import Caller
from services.planning.people.access import check_freshness
from services.planning.people.services import Services
from services.planning.plan.commands import PLAN_ID, build_key, is_replay
from services.planning.plan.decision import load_decision_context
from services.planning.plan.model import Plan, PlanRefused
from services.planning.plan.queries import load_visible_plan
from services.planning.review import store
from services.planning.review.model import MAX_COMMENTS, Author, AuthorRole, Comment, CommentKey, check_text


@dataclass(frozen=True, slots=True)
class CommentInput:
    """A comment on a plan, and the input that the idempotency key is bound to."""

    ptk_id: str
    period: str
    text: str
    input: Mapping[str, Any]
    key: str | None = None


async def comment_on_plan(services: Services, caller: Caller, input: CommentInput) -> tuple[Comment, bool]:
    """Store a comment. Returns it, and whether an earlier request with the same key had stored it.

    Raises RequestRefused for a faulty text or a plan that the caller cannot see, else PlanRefused.
    """
    if problems := tuple(check_text(input.text, ("text",))):
        raise RequestRefused(problems)
    key = build_key(services, caller, "commentOnPlan", input.key, input.input)
    plan = await load_visible_plan(services, caller, input.ptk_id, input.period, PLAN_ID)
    if key and await is_replay(services, key, plan):
        return await store.select_comment_of_key(key, services.connection), True
    author = await _find_author(services, caller, plan)
    comment = Comment(plan.ptk_id, plan.period, 0, services.clock.now(), author, clean_text(input.text))
    if number := await store.insert_comment(comment, MAX_COMMENTS, key):
        return replace(comment, number=number), False
    if key and await is_replay(services, key, plan):  # the same request, sent twice at once
        return await store.select_comment_of_key(key, services.connection), True
    raise PlanRefused(Problem("comment.too_many", {"most": MAX_COMMENTS}), plan)


async def list_comments(
    plan: Plan, size: int, after: int, connection: Connection
) -> tuple[list[Comment], bool, int]:
    """Return a page of comments after a number, whether more follow, and the number of all comments."""
    check_page_size(size)
    comments, total = await store.select_comments(plan.ptk_id, plan.period, after, size + 1, connection)
    return comments[:size], len(comments) > size, total


async def find_comments(keys: Collection[CommentKey], connection: Connection) -> Mapping[CommentKey, Comment]:
    """Return the comments of these keys that exist."""
    comments = await store.select_comments_by_key(keys, connection) if keys else []
    return {(comment.ptk_id, comment.period, comment.number): comment for comment in comments}


async def _find_author(services: Services, caller: Caller, plan: Plan) -> Author:
    """Return the author and role of a comment. The facts about the head must be as fresh as for a submission."""
    if caller.ptk_id == plan.ptk_id:
        return Author(plan.ptk_id, caller.account, AuthorRole.OWNER, plan.profile.nama.value)
    context = await load_decision_context(services, plan, caller)
    facts, head = context.facts, context.facts.head
    max_age = context.contract.read_values(facts.params).facts_max_age
    if problem := check_freshness(facts.facts_as_of, facts.now, max_age):
        raise PlanRefused(problem, plan)
    if caller.ptk_id is None or caller.ptk_id != head.ptk_id:
        raise PlanRefused(Problem("comment.not_yours"), plan)
    return Author(caller.ptk_id, caller.account, AuthorRole(head.kind.value), context.head_nama)
