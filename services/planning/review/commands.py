"""The discussion of a plan, both ways: its owner and the present head of its school write, in every phase (Guide 9).

A comment decides nothing: it neither needs nor raises the version, and is no event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.access import check_freshness
from services.planning.people.services import Services
from services.planning.plan.commands import PLAN_ID, build_key, is_replay
from services.planning.plan.decision import load_decision_context
from services.planning.plan.model import Plan, PlanRefused
from services.planning.plan.queries import load_visible_plan
from services.planning.review import model as domain
from services.planning.review import store
from services.planning.review.model import Author, AuthorRole, Comment


@dataclass(frozen=True, slots=True)
class CommentInput:
    """What somebody wants to say on which plan, and its whole input (for the key)."""

    ptk_id: str
    period: str
    text: str
    input: Mapping[str, Any]
    key: str | None = None


async def comment_on_plan(services: Services, caller: Caller, remark: CommentInput) -> tuple[Comment, bool]:
    """The comment, and whether it stood already. RequestRefused (the plan cannot be seen, the text) or PlanRefused."""
    text = remark.text.strip()
    if faults := tuple(domain.check_text(text, ("text",))):
        raise RequestRefused(faults)
    key = build_key(services, caller, "commentOnPlan", remark.key, remark.input)
    plan = await load_visible_plan(services, caller, remark.ptk_id, remark.period, PLAN_ID)
    if key and await is_replay(services, key, plan):
        return await store.select_comment_of_key(key, services.connection), True
    author = await _author(services, caller, plan)
    new = Comment(plan.ptk_id, plan.period, 0, services.clock.now(), author, text)
    if number := await store.insert_comment(new, domain.MAX_COMMENTS, key):
        return replace(new, number=number), False
    if key and await is_replay(services, key, plan):  # sent twice at once
        return await store.select_comment_of_key(key, services.connection), True
    raise PlanRefused(Problem("comment.too_many", {"most": domain.MAX_COMMENTS}), plan)


async def list_comments(
    plan: Plan, size: int, after: int, connection: Connection
) -> tuple[list[Comment], bool, int]:
    """A page of the discussion, whether more follows, and the number of all comments; for whoever sees the plan."""
    check_page_size(size)
    found, total = await store.select_comments(plan.ptk_id, plan.period, after, size + 1, connection)
    return found[:size], len(found) > size, total


async def _author(services: Services, caller: Caller, plan: Plan) -> Author:
    """As whom the caller takes part; who heads the school is asked as freshly as a submission asks it."""
    if caller.ptk_id == plan.ptk_id:
        return Author(plan.ptk_id, caller.account, AuthorRole.OWNER, plan.profile.nama.value)
    case = await load_decision_context(services, plan, caller)
    head = case.facts.head
    if too_old := check_freshness(case.facts.facts_as_of, case.facts.now, case.facts.params):
        raise PlanRefused(too_old, plan)
    if caller.ptk_id is None or caller.ptk_id != head.ptk_id:
        raise PlanRefused(Problem("comment.not_yours"), plan)
    return Author(caller.ptk_id, caller.account, AuthorRole(head.kind.value), case.head_nama)
