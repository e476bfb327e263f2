"""A timer that fires a transition: a command of the system like any other, with the timer as its cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.problem import Problem
from services.kit.unit_of_work import in_unit_of_work
from services.planning.domain.plan import Change, Plan
from services.planning.domain.timer import since_of, zone_of
from services.planning.planning import Planning
from services.planning.storage import plan as plans
from services.planning.storage import timer as timers
from services.planning.storage.timer import PlanTimer, Settled
from services.planning.usecases.carry_out import carry_out
from services.planning.usecases.case import case_of
from services.planning.usecases.timer_page import timer_of
from workflows import SYSTEM, Fire, decide, replanned


async def fire_timer(planning: Planning, due: PlanTimer, now: datetime) -> str | Sequence[Problem]:
    """Decide and commit once, as long as plan and timer are as they were read: what became of it, or why not.

    Raises IdentityAway where the facts cannot be had.
    """
    plan = await plans.load(due.ptk_id, due.period)
    if plan is None or (plan.state, plan.workflow) != (due.state, due.workflow):
        return "late"
    case = await case_of(planning, plan, None)
    timer = timer_of(due, case.workflow)
    zone = zone_of(plan.school.zone)
    was = due.armed if due.fixed else replanned(timer, due.armed, since_of(plan), case.facts.params, zone)
    if was.due is None or was.due > now:
        await timers.settle([Settled(due, was)], now)
        return "replanned"
    assert isinstance(timer.does, Fire)
    decision = decide(case.workflow, case.snapshot, timer.does.trigger, SYSTEM, case.facts)
    if not decision.allowed:
        refused = (*decision.refusals, *decision.warnings)
        return [Problem(no.code, no.params, no.path) for no in refused]
    cause = {"timer": timer.id, "count": due.armed.count + 1}
    change = carry_out(case, decision, None, {"cause": cause})
    return "fired" if await _committed(change, plan, due) else "late"


async def _committed(change: Change, plan: Plan, due: PlanTimer) -> bool:
    async def work(connection: BaseDBAsyncClient) -> bool:
        held = await timers.hold(due, plan.version, connection)
        return held and await plans.commit(change, plan.version, None, connection)

    return await in_unit_of_work(work)
