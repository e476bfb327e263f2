"""What belongs to the review of plans: approving many at once, and the discussion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import strawberry

from services.kit.problems import Problem
from services.kit.problems import RequestRefused as NotDone
from services.planning.api.command import key_faults, version_faults, whole_of
from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.ids import parse_plan_id
from services.planning.api.inputs import ApprovePlansInput, CommentOnPlanInput, Given, PlanToApprove
from services.planning.api.types.approval import ApprovedPlans, ApprovePlansResult, approved_plan_of
from services.planning.api.types.result import Refused
from services.planning.api.types.review import Comment, shown_comment
from services.planning.review.approval import (
    MAX_PLANS,
    ApprovalBatch,
    ApprovalItem,
    ApprovalResult,
    approve_plans,
)
from services.planning.review.commands import CommentInput, comment_on_plan

CommentResult = Annotated[
    Comment | Refused,
    strawberry.union("CommentResult", description="The comment, or every reason why not."),
]


@strawberry.type
class Review:
    """Merged into Mutation."""

    @mutation(
        "*Setujui* for many plans at once: each by the rules of `approvePlan`, answered for itself. Send the same "
        "request again after a lost answer: what was done is not done twice, the rest is done."
    )
    async def approve_plans(self, info: Info, input: Given[ApprovePlansInput]) -> ApprovePlansResult:
        """Guide 9."""
        context, caller = info.context, info.context.signed_in()
        if problems := [*key_faults(input.idempotency_key), *_list_faults(input.plans)]:
            raise NotDone(problems)
        read = [_asked(place, given) for place, given in enumerate(input.plans)]
        asked = tuple(one for one in read if isinstance(one, ApprovalItem))
        batch = ApprovalBatch(asked, frozenset(input.acknowledge), whole_of(input), input.idempotency_key)
        results = await approve_plans(context.services, caller, batch)
        told = [results[one.index] if isinstance(one, ApprovalItem) else one for one in read]
        return ApprovedPlans(
            approved=sum(not result.problems for result in told),
            results=[
                approved_plan_of(given.plan_id, result, context)
                for given, result in zip(input.plans, told, strict=True)
            ],
        )

    @mutation("Say something about a plan, as its owner or as the head of its school, whatever its phase.")
    async def comment_on_plan(self, info: Info, input: Given[CommentOnPlanInput]) -> CommentResult:
        """Guide 9: the discussion."""
        context, caller = info.context, info.context.signed_in()
        if problems := list(key_faults(input.idempotency_key)):
            raise NotDone(problems)
        ptk_id, period = parse_plan_id(input.plan_id, ("plan_id",))
        remark = CommentInput(ptk_id, period, input.text, whole_of(input), input.idempotency_key)
        comment, replayed = await comment_on_plan(context.services, caller, remark)
        return shown_comment(comment, caller, replayed=replayed)


def _list_faults(given: list[PlanToApprove]) -> Iterator[Problem]:
    if not 1 <= len(given) <= MAX_PLANS:
        yield Problem("approve.how_many", {"most": MAX_PLANS}, ("plans",))
        return
    ids = [one.plan_id for one in given]
    for place, plan_id in enumerate(ids):
        if plan_id in ids[:place]:  # a plan has one id only
            yield Problem("approve.twice", {}, ("plans", str(place), "plan_id"))


def _asked(place: int, given: PlanToApprove) -> ApprovalItem | ApprovalResult:
    """A plan of the list; or, where its id or version cannot be read, its answer."""
    path = ("plans", str(place))
    problems = list(version_faults(given.expected_version, (*path, "expected_version")))
    try:
        key = parse_plan_id(given.plan_id, (*path, "plan_id"))
    except NotDone as refused:
        return ApprovalResult(None, (*refused.problems, *problems))
    return (
        ApprovalResult(None, tuple(problems))
        if problems
        else ApprovalItem(place, key, given.expected_version)
    )
