"""What belongs to the review of plans: approving many at once, and the discussion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import strawberry

from services.kit.problems import Problem
from services.kit.problems import RequestRefused as NotDone
from services.planning.api.command import check_expected_version, check_idempotency_key, input_as_json
from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.ids import parse_plan_id
from services.planning.api.inputs import ApprovePlansInput, CommandInput, CommentOnPlanInput, PlanToApprove
from services.planning.api.types.approval import ApprovedPlans, ApprovePlansResult, render_approval
from services.planning.api.types.result import Refused
from services.planning.api.types.review import Comment, render_comment
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
class ReviewMutations:
    @mutation(
        "*Setujui* for many plans at once: each by the rules of `approvePlan`, answered for itself. Send the same "
        "request again after a lost answer: what was done is not done twice, the rest is done."
    )
    async def approve_plans(self, info: Info, input: CommandInput[ApprovePlansInput]) -> ApprovePlansResult:
        context, caller = info.context, info.context.require_caller()
        if problems := [*check_idempotency_key(input.idempotency_key), *_check_plans(input.plans)]:
            raise NotDone(problems)
        entries = [_parse_plan(place, given) for place, given in enumerate(input.plans)]
        requests = tuple(one for one in entries if isinstance(one, ApprovalItem))
        batch = ApprovalBatch(
            requests, frozenset(input.acknowledge), input_as_json(input), input.idempotency_key
        )
        results = await approve_plans(context.services, caller, batch)
        entry_results = [results[one.index] if isinstance(one, ApprovalItem) else one for one in entries]
        return ApprovedPlans(
            approved=sum(not result.problems for result in entry_results),
            results=[
                render_approval(given.plan_id, result, context)
                for given, result in zip(input.plans, entry_results, strict=True)
            ],
        )

    @mutation("Say something about a plan, as its owner or as the head of its school, whatever its phase.")
    async def comment_on_plan(self, info: Info, input: CommandInput[CommentOnPlanInput]) -> CommentResult:
        context, caller = info.context, info.context.require_caller()
        if problems := list(check_idempotency_key(input.idempotency_key)):
            raise NotDone(problems)
        ptk_id, period = parse_plan_id(input.plan_id, ("plan_id",))
        remark = CommentInput(ptk_id, period, input.text, input_as_json(input), input.idempotency_key)
        comment, replayed = await comment_on_plan(context.services, caller, remark)
        return render_comment(comment, caller, replayed=replayed)


def _check_plans(plans: list[PlanToApprove]) -> Iterator[Problem]:
    if not 1 <= len(plans) <= MAX_PLANS:
        yield Problem("approve.how_many", {"most": MAX_PLANS}, ("plans",))
        return
    ids = [one.plan_id for one in plans]
    for place, plan_id in enumerate(ids):
        if plan_id in ids[:place]:  # a plan has one id only
            yield Problem("approve.twice", {}, ("plans", str(place), "plan_id"))


def _parse_plan(place: int, input: PlanToApprove) -> ApprovalItem | ApprovalResult:
    """A plan of the list; or, where its id or version cannot be read, its answer."""
    path = ("plans", str(place))
    problems = list(check_expected_version(input.expected_version, (*path, "expected_version")))
    try:
        key = parse_plan_id(input.plan_id, (*path, "plan_id"))
    except NotDone as refused:
        return ApprovalResult(None, (*refused.problems, *problems))
    return (
        ApprovalResult(None, tuple(problems))
        if problems
        else ApprovalItem(place, key, input.expected_version)
    )
