"""Timers that fall due: what is to be done about each, and the transition that one fires."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.database import in_unit_of_work
from services.kit.problems import Problem, Refused
from services.planning.notifications.model import DINAS_ADDRESS, Address, address_head, address_owner
from services.planning.people.identity.answers import Known
from services.planning.people.model import SchoolFacts
from services.planning.people.services import Planning
from services.planning.period.model import Revision, read_by
from services.planning.plan.decision import carry_out, case_of
from services.planning.plan.model import Change, Plan
from services.planning.plan.store import Commit, CommitOutcome, commit_change, load_plan
from services.planning.plan.timers import since_of, zone_of
from services.planning.timers import store as timers
from services.planning.timers.store import PlanTimer, Settled
from workflows.engine.decide import decide
from workflows.engine.machine import Workflow
from workflows.engine.timers import Armed, after_firing, replanned
from workflows.model.definition import Fire, Recipient, Remind, Timer
from workflows.model.facts import SYSTEM

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is due, and how its timer goes on after it."""

    timer: PlanTimer
    who: Recipient
    then: Armed

    def told(self, school: Known[SchoolFacts] | None = None) -> Settled:
        """Told to whom it is for; `school` says who heads it, where the head is meant."""
        return Settled(self.timer, self.then, self._address(school))

    def _address(self, school: Known[SchoolFacts] | None) -> Address:
        if self.who is Recipient.OWNER:
            return address_owner(self.timer.ptk_id)
        if self.who is Recipient.HEAD and school:
            return address_head(school.facts.head, self.timer.ptk_id)
        return DINAS_ADDRESS


@dataclass(frozen=True, slots=True)
class Page:
    """Timers by what is to be done: those whose date moved, reminders that need nobody's answer, those for heads,
    those that fire a transition, and what is wrong with the others."""

    moved: list[Settled] = field(default_factory=list)
    plain: list[Reminder] = field(default_factory=list)
    heads: list[Reminder] = field(default_factory=list)
    fires: list[PlanTimer] = field(default_factory=list)
    failed: list[tuple[PlanTimer, Sequence[Problem]]] = field(default_factory=list)


def sorted_out(
    found: Iterable[PlanTimer], workflows: Mapping[str, Workflow], revision: Revision, now: datetime
) -> Page:
    """Each timer held against the values in force: too early is planned anew, never fired."""
    page = Page()
    for one in found:
        try:
            _sort(page, one, workflows[one.workflow], revision, now)
        except Refused as refused:
            page.failed.append((one, refused.problems))
        except Exception:
            log.exception("timer %s of plan %s %s", one.armed.timer, one.ptk_id, one.period)
            page.failed.append((one, [Problem("timer.failed")]))
    return page


def _sort(page: Page, one: PlanTimer, workflow: Workflow, revision: Revision, now: datetime) -> None:
    timer, params = timer_of(one, workflow), read_by(workflow.definition, revision)
    zone = zone_of(one.zone)
    was = one.armed if one.fixed else replanned(timer, one.armed, one.since, params, zone)
    if was.due is None or was.due > now:
        page.moved.append(Settled(one, was))
    elif isinstance(timer.does, Remind):
        reminder = Reminder(one, timer.does.who, after_firing(timer, was, params, zone, now))
        (page.heads if reminder.who is Recipient.HEAD else page.plain).append(reminder)
    else:
        page.fires.append(one)


def timer_of(one: PlanTimer, workflow: Workflow) -> Timer:
    """The timer as the plan's version of the workflow has it; LookupError where it has none."""
    found = (timer for timer in workflow.definition.timers if timer.id == one.armed.timer)
    if (timer := next(found, None)) is None:
        raise LookupError(f"{one.armed.timer} is no timer of {one.workflow}")
    return timer


async def fire_timer(planning: Planning, due: PlanTimer, now: datetime) -> str | Sequence[Problem]:
    """Decide and commit once, as long as plan and timer are as they were read: what became of it, or why not.

    Raises IdentityAway where the facts cannot be had.
    """
    plan = await load_plan(due.ptk_id, due.period, planning.connection)
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
        if not await timers.hold(due, plan.version, connection):
            return False
        return await commit_change(Commit(change, plan.version), connection) is CommitOutcome.STORED

    return await in_unit_of_work(work)
