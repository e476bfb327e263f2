"""Erasure of the personal texts of a person. An event in the plan's chain says who ordered it and what was erased."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.kit.clock import Clock
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import find_reason_problems
from services.planning.notifications import commands as notifications
from services.planning.plan.event_kinds import TextsErased
from services.planning.plan.events import SYSTEM
from services.planning.plan.model import Change
from services.planning.plan.store import (
    Commit,
    CommitOutcome,
    commit_change,
    erase_texts,
    load_plan,
    select_periods,
    select_text_names,
)
from services.planning.review import store as review_store
from services.planning.timers.store import count_reasons, erase_reasons

MAX_REASON_LENGTH = 500
MAX_ATTEMPTS = 5  # each attempt fails only if a command changes the plan meanwhile


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """Who ordered an erasure, and why. The reason is never erased, so it must not name a person."""

    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """The number of erased texts of events and of erased comments of a plan."""

    period: str
    texts: int
    comments: int


async def find_personal_texts(
    ptk_id: str, period: str | None, connection: Connection
) -> tuple[list[str], int]:
    """Return the periods of a person's plans, and the number of their comments on other plans.

    Raises RequestRefused `erase.nobody` if there is neither.
    """
    periods = await select_periods(ptk_id, period, connection)
    comments_elsewhere = await review_store.count_comments_by(ptk_id, period, connection)
    if not periods and not comments_elsewhere:
        raise RequestRefused(Problem("erase.nobody", {"ptk_id": ptk_id}, ("ptk_id",)))
    return periods, comments_elsewhere


def check_order(order: ErasureOrder) -> None:
    """Raise RequestRefused with every problem of an order."""
    if problems := list(find_reason_problems(order.reason, MAX_REASON_LENGTH)):
        raise RequestRefused(problems)


async def erase_plan(ptk_id: str, period: str, order: ErasureOrder, clock: Clock) -> ErasureResult | None:
    """Erase the texts of a plan and record an event, in one transaction. Returns None if nothing is left to erase.

    Raises RequestRefused `erase.busy` if commands keep changing the plan.
    """
    for _ in range(MAX_ATTEMPTS):
        try:
            return await run_in_transaction(
                lambda connection: _erase_in_transaction(ptk_id, period, order, clock.now(), connection)
            )
        except _PlanChanged:
            continue
    raise RequestRefused(Problem("erase.busy", {"period": period}))


async def erase_comments_by(ptk_id: str, period: str | None, clock: Clock, connection: Connection) -> int:
    """Erase a person's comments on other plans. Comments are no events, so nothing is recorded."""
    return await review_store.erase_comments_by(ptk_id, period, clock.now(), connection)


class _PlanChanged(Exception):
    """A command changed the plan after it was read. Nothing is stored; the plan is read again."""


async def _erase_in_transaction(
    ptk_id: str, period: str, order: ErasureOrder, now: datetime, connection: Connection
) -> ErasureResult | None:
    plan = await load_plan(ptk_id, period, connection)
    if plan is None:
        return None
    texts = await select_text_names(ptk_id, period, connection)
    comment_numbers = await review_store.select_comment_numbers(ptk_id, period, connection)
    reason_count = await count_reasons(ptk_id, period, connection)
    notification_count = await notifications.erase(ptk_id, period, connection)
    if plan.note is None and not (texts or comment_numbers or reason_count or notification_count):
        return None
    data = TextsErased(
        texts={version: tuple(names) for version, names in texts.items()},
        comments=tuple(comment_numbers),
        reason=order.reason,
        ordered_by=order.by,
    )
    change = Change(replace(plan, note=None), ()).with_event(data, SYSTEM, now)
    if await commit_change(Commit(change, plan.version), connection) is not CommitOutcome.STORED:
        raise _PlanChanged
    await erase_texts(ptk_id, period, now, connection)
    await review_store.erase_comments(ptk_id, period, comment_numbers, now, connection)
    await erase_reasons(ptk_id, period, connection)
    return ErasureResult(period, sum(map(len, texts.values())), len(comment_numbers))
