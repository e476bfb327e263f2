"""Mutations around a review: approve many plans, comment, confirm as Plt, mark notifications as read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.planning.api import inputs
from services.planning.api.command import (
    check_expected_version,
    check_idempotency_key,
    input_as_json,
)
from services.planning.api.context import Context, Info
from services.planning.api.fields import CommandInput, mutation, result
from services.planning.api.ids import parse_notification_id, parse_plan_id
from services.planning.api.types.comments import Comment, render_comment
from services.planning.api.types.people import SatuanPendidikan, reference_school
from services.planning.api.types.period import Period, render_period
from services.planning.api.types.plan import PlanRejection, resolve_plan
from services.planning.api.types.plan_payloads import ApprovePlanPayload, ApprovePlanResult
from services.planning.api.types.problems import Rejection, render_rejection
from services.planning.notifications.commands import mark_read
from services.planning.notifications.model import MAX_READ_MARKS
from services.planning.notifications.queries import count_unread
from services.planning.people.commands import confirm_as_plt
from services.planning.review.approval import (
    MAX_PLANS,
    ApprovalBatch,
    ApprovalItem,
    ApprovalResult,
    approve_plans,
)
from services.planning.review.commands import CommentInput, comment_on_plan


@strawberry.type(description="Payload of `approvePlans`. A rejection of one plan does not affect the others.")
class ApprovePlansPayload:
    approved_count: int = strawberry.field(
        description="Number of plans that this request approved, in an earlier attempt with the same key too."
    )
    results: list[ApprovePlanResult] = strawberry.field(
        description="The result for each plan, in the order of the input. Each plan is a separate command."
    )


@strawberry.type(description="Payload of `commentOnPlan`.")
class CommentOnPlanPayload:
    comment: Comment = strawberry.field(description="The comment.")
    replayed: bool = strawberry.field(
        description="Whether an earlier request wrote it (same `idempotencyKey`)."
    )


@strawberry.type(
    description="The confirmation of the Plt of a school for a period. It covers later submissions too."
)
class PltConfirmation:
    satuan_pendidikan: SatuanPendidikan = strawberry.field(description="The school.")
    period: Period = strawberry.field(description="The period.")
    confirmed_at: datetime = strawberry.field(description="When the Plt confirmed.")


@strawberry.type(description="Payload of `confirmAsPlt`.")
class ConfirmAsPltPayload:
    confirmation: PltConfirmation = strawberry.field(description="The confirmation.")
    replayed: bool = strawberry.field(description="Whether you had confirmed before this request.")


@strawberry.type(description="Payload of `markNotificationsRead`.")
class MarkNotificationsReadPayload:
    unread_count: int = strawberry.field(
        description="Number of unread notifications that remain in the inbox, at most 1000."
    )


ApprovePlansResult = Annotated[ApprovePlansPayload | Rejection, result("ApprovePlansResult")]
CommentOnPlanResult = Annotated[CommentOnPlanPayload | PlanRejection, result("CommentOnPlanResult")]
ConfirmAsPltResult = Annotated[ConfirmAsPltPayload | Rejection, result("ConfirmAsPltResult")]
MarkNotificationsReadResult = Annotated[
    MarkNotificationsReadPayload | Rejection, result("MarkNotificationsReadResult")
]


@strawberry.type
class ReviewMutations:
    @mutation(
        "*Setujui* for many plans: each plan is approved or refused by the rules of `approvePlan`. Send the same "
        "request again if you lose the answer: it approves what is left."
    )
    async def approve_plans(
        self, info: Info, input: CommandInput[inputs.ApprovePlansInput]
    ) -> ApprovePlansResult:
        context, caller = info.context, info.context.require_caller()
        if problems := [*check_idempotency_key(input.idempotency_key), *_check_plans(input.plans)]:
            raise RequestRefused(problems)
        entries = [_parse_plan(index, plan) for index, plan in enumerate(input.plans)]
        items = tuple(entry for entry in entries if isinstance(entry, ApprovalItem))
        batch = ApprovalBatch(
            items, frozenset(input.acknowledge), input_as_json(input), input.idempotency_key
        )
        results = await approve_plans(context.services, caller, batch)
        entry_results = [
            results[entry.index] if isinstance(entry, ApprovalItem) else entry for entry in entries
        ]
        return ApprovePlansPayload(
            approved_count=sum(not result.problems for result in entry_results),
            results=[await _resolve_approval(result, context) for result in entry_results],
        )

    @mutation("Comment on a plan, as its owner or as the head of its school, in any phase.")
    async def comment_on_plan(
        self, info: Info, input: CommandInput[inputs.CommentOnPlanInput]
    ) -> CommentOnPlanResult:
        context, caller = info.context, info.context.require_caller()
        if problems := list(check_idempotency_key(input.idempotency_key)):
            raise RequestRefused(problems)
        ptk_id, period = parse_plan_id(input.plan_id, ("plan_id",))
        comment_input = CommentInput(ptk_id, period, input.text, input_as_json(input), input.idempotency_key)
        comment, replayed = await comment_on_plan(context.services, caller, comment_input)
        return CommentOnPlanPayload(comment=render_comment(comment, caller), replayed=replayed)

    @mutation("Confirm as the Plt of a school, so that its teachers can begin implementation.")
    async def confirm_as_plt(
        self, info: Info, input: CommandInput[inputs.ConfirmAsPltInput]
    ) -> ConfirmAsPltResult:
        context = info.context
        confirmation, replayed = await confirm_as_plt(
            context.services, context.require_caller(), input.npsn, input.period
        )
        return ConfirmAsPltPayload(
            confirmation=PltConfirmation(
                satuan_pendidikan=reference_school(confirmation.npsn),
                period=render_period(await context.loaders.periods.load(confirmation.period), context),
                confirmed_at=confirmation.at,
            ),
            replayed=replayed,
        )

    @mutation(
        "Mark notifications in your inbox as read: all of them, or none if one is not yours. Admins mark the "
        "notifications of the dinas each for themselves."
    )
    async def mark_notifications_read(
        self, info: Info, input: CommandInput[inputs.MarkNotificationsReadInput]
    ) -> MarkNotificationsReadResult:
        context = info.context
        caller = context.require_caller()
        # One id more than allowed is enough for the command to refuse the list.
        ids = [
            parse_notification_id(id, ("notification_ids", str(index)))
            for index, id in enumerate(input.notification_ids[: MAX_READ_MARKS + 1])
        ]
        await mark_read(caller, ids, context.services.clock.now(), context.connection)
        return MarkNotificationsReadPayload(unread_count=await count_unread(caller, context.connection))


def _check_plans(plans: list[inputs.PlanToApproveInput]) -> Iterator[Problem]:
    if not 1 <= len(plans) <= MAX_PLANS:
        yield Problem("approve.how_many", {"most": MAX_PLANS}, ("plans",))
        return
    ids = [plan.plan_id for plan in plans]
    for index, plan_id in enumerate(ids):
        if plan_id in ids[:index]:  # a plan has one id only
            yield Problem("approve.twice", {}, ("plans", str(index), "plan_id"))


def _parse_plan(index: int, plan: inputs.PlanToApproveInput) -> ApprovalItem | ApprovalResult:
    """Return the item to approve; or a refusal if the id or the version is malformed."""
    path = ("plans", str(index))
    problems = tuple(check_expected_version(plan.expected_version, (*path, "expected_version")))
    try:
        key = parse_plan_id(plan.plan_id, (*path, "plan_id"))
    except RequestRefused as refusal:
        return ApprovalResult(None, (*refusal.problems, *problems))
    return ApprovalResult(None, problems) if problems else ApprovalItem(index, key, plan.expected_version)


async def _resolve_approval(result: ApprovalResult, context: Context) -> ApprovePlanPayload | PlanRejection:
    plan = await resolve_plan(result.plan, context) if result.plan else None
    if plan and not result.problems:
        return ApprovePlanPayload(plan=plan, replayed=result.replayed)
    problems = [render_rejection(problem, context) for problem in result.problems]
    return PlanRejection(problems=problems, current_plan=plan)
