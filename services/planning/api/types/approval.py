"""What became of each plan that was to be approved."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Context
from services.planning.api.types.plan import render_plan
from services.planning.api.types.problems import render_rejection
from services.planning.api.types.result import PlanResult, Refused
from services.planning.review.approval import ApprovalResult


@strawberry.type(description="What became of one plan.")
class ApprovedPlan:
    plan_id: strawberry.ID = strawberry.field(description="The id as it was sent.")
    result: PlanResult = strawberry.field(
        description="The approved plan, or every reason why not; each plan is a command of its own."
    )


@strawberry.type(description="What became of each plan. Those that were refused hold nothing back.")
class ApprovedPlans:
    approved: int = strawberry.field(
        description="How many are approved by this request, those that an earlier sending of it did included."
    )
    results: list[ApprovedPlan] = strawberry.field(description="One for each plan, in the order asked.")


ApprovePlansResult = Annotated[
    ApprovedPlans | Refused,
    strawberry.union(
        "ApprovePlansResult", description="An answer for each plan, or why none of them was looked at."
    ),
]


def render_approval(plan_id: strawberry.ID, result: ApprovalResult, context: Context) -> ApprovedPlan:
    """One answer in the caller's language."""
    plan = render_plan(result.view, context.language, replayed=result.replayed) if result.view else None
    if plan and not result.problems:
        return ApprovedPlan(plan_id=plan_id, result=plan)
    problems = [render_rejection(problem, context) for problem in result.problems]
    return ApprovedPlan(plan_id=plan_id, result=Refused(problems=problems, plan=plan))
