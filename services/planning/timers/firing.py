"""Firing of timers that are due, in rounds of `rencana worker`.

A round takes one page of each timer of each period, so that a million reminders of one delay no other. A reminder
changes no plan: one statement continues the timer and inserts the notification. A transition is an ordinary command of
the system. Both apply only to the timer as it was read, so several workers, a killed one, or a clock that jumps do
nothing twice. Both check the timer against the values in force, so nothing fires early. A timer that fails becomes an
incident and waits for an admin. While identity is away, timers that need it wait and all others go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from prometheus_client import Counter

from services.kit.concurrency import map_concurrently
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem
from services.planning.people.identity.answers import Answer, IdentityUnavailable
from services.planning.people.model import SchoolFacts
from services.planning.people.services import Services
from services.planning.period.queries import get_period
from services.planning.plan.decision import apply_decision, load_decision_context
from services.planning.plan.event_kinds import DueTimer
from services.planning.plan.model import Change, Plan
from services.planning.plan.store import Commit, CommitOutcome, commit_change, load_plan
from services.planning.plan.timers import find_state_entry, time_zone
from services.planning.timers import store
from services.planning.timers.due import Reminder, sort_due_timers
from services.planning.timers.model import FIRST, PlanTimer, TimerFailure, TimerUpdate, find_timer
from workflows.engine.decide import decide
from workflows.engine.machine import Workflow
from workflows.engine.timers import reschedule_timer
from workflows.model.definition import Fire
from workflows.model.facts import SYSTEM

log = logging.getLogger(__name__)
TIMERS = Counter("rencana_worker_timers", "Timers that fell due, by what became of them", ["outcome"])

PAGE_SIZE = 1000
TRANSITIONS_AT_ONCE = 50  # each is a commit of its own: the worker can stop after so many


class TimerFiring:
    """Fires timers in rounds. Its position in each timer is lost without harm. `stopping` ends a round early.

    If identity fails to answer one question but answers others, only the timers that need that answer wait.
    """

    def __init__(self, services: Services) -> None:
        self.stopping = asyncio.Event()
        self._services = services
        self._positions: dict[tuple[str, str], tuple[datetime, str]] = {}
        self._unanswered: IdentityUnavailable | None = None

    async def round(self, workflows: Mapping[str, Workflow], now: datetime) -> bool:
        """Fire a page of each timer. Returns whether more are due.

        Raises IdentityAway once only timers remain that need identity.
        """
        more, self._unanswered = False, None
        names = sorted({timer.id for workflow in workflows.values() for timer in workflow.definition.timers})
        for period, name in (
            await store.list_due_names(names, now, self._services.connection) if names else []
        ):
            if self.stopping.is_set():
                return False
            try:
                more |= await self._fire_page(period, name, workflows, now)
            except IdentityUnavailable as error:
                self._unanswered = error
        if self._unanswered and not more:
            raise self._unanswered
        return more

    async def _fire_page(
        self, period: str, name: str, workflows: Mapping[str, Workflow], now: datetime
    ) -> bool:
        after = self._positions.pop((period, name), FIRST)
        timers = await store.select_due(
            period, name, now, after, workflows, PAGE_SIZE, self._services.connection
        )
        if len(timers) == PAGE_SIZE and (due := timers[-1].armed.due):
            self._positions[period, name] = due, timers[-1].ptk_id
        used = await get_period(self._services, period)
        page = sort_due_timers(timers, workflows, used.period.parameters_at(now), now)
        await self._update("replanned", page.moves, now)
        await self._fail(page.failures, now)
        await self._update("reminded", [reminder.update() for reminder in page.reminders], now)
        await self._remind_heads(page.head_reminders, now)
        for first in range(0, len(page.transitions), TRANSITIONS_AT_ONCE):
            if not self.stopping.is_set():
                await map_concurrently(
                    partial(self._fire, now=now), page.transitions[first : first + TRANSITIONS_AT_ONCE]
                )
        return len(timers) == PAGE_SIZE

    async def _remind_heads(self, reminders: Sequence[Reminder], now: datetime) -> None:
        """Send reminders to heads. Identity is asked for each school once."""
        npsns = sorted({reminder.timer.npsn for reminder in reminders})
        schools = dict(zip(npsns, await map_concurrently(self._load_school, npsns), strict=True))
        updates, failures = [], []
        for reminder in reminders:
            npsn = reminder.timer.npsn
            school = schools[npsn]
            if isinstance(school, IdentityUnavailable):
                continue
            if school:
                updates.append(reminder.update(school.facts.head))
            else:
                problem = Problem("timer.school_unknown", {"npsn": npsn})
                failures.append(TimerFailure(reminder.timer, [problem]))
        await self._update("reminded", updates, now)
        await self._fail(failures, now)

    async def _load_school(self, npsn: str) -> Answer[SchoolFacts] | IdentityUnavailable | None:
        try:
            return await self._services.identity.school(npsn)
        except IdentityUnavailable as error:
            await self._check_identity(error)
            return error

    async def _check_identity(self, error: IdentityUnavailable) -> None:
        """Note that a question has no answer. Raises IdentityAway if identity answers no other question either."""
        self._unanswered = error
        await self._services.identity.changes(0, 1)

    async def _fire(self, timer: PlanTimer, now: datetime) -> None:
        try:
            outcome = await fire_timer(self._services, timer, now)
        except IdentityUnavailable as error:
            return await self._check_identity(error)
        except Exception:
            log.exception("timer %s of plan %s %s failed", timer.armed.timer, timer.ptk_id, timer.period)
            outcome = [Problem("timer.failed")]
        if isinstance(outcome, str):
            TIMERS.labels(outcome).inc()
        else:
            await self._fail([TimerFailure(timer, outcome)], now)

    async def _update(self, outcome: str, updates: Collection[TimerUpdate], now: datetime) -> None:
        if updates:
            TIMERS.labels(outcome).inc(await store.update_timers(updates, now, self._services.connection))

    async def _fail(self, failures: Collection[TimerFailure], now: datetime) -> None:
        if failures:
            await store.fail_timers(failures, now, self._services.connection)
            TIMERS.labels("failed").inc(len(failures))


async def fire_timer(services: Services, due: PlanTimer, now: datetime) -> str | Sequence[Problem]:
    """Fire a transition if plan and timer are still as they were read. Returns the outcome, or why it was refused.

    Raises IdentityAway if the facts cannot be had.
    """
    plan = await load_plan(due.ptk_id, due.period, services.connection)
    if plan is None or (plan.state, plan.workflow) != (due.state, due.workflow):
        return "late"
    case = await load_decision_context(services, plan, None)
    timer, zone = find_timer(due, case.workflow), time_zone(plan.school.zone)
    armed = reschedule_timer(timer, due.armed, find_state_entry(plan), case.facts.params, zone)
    if armed.due is None or armed.due > now:
        await store.update_timers([TimerUpdate(due, armed)], now, services.connection)
        return "replanned"
    assert isinstance(timer.action, Fire)
    decision = decide(case.workflow, case.snapshot, timer.action.trigger, SYSTEM, case.facts)
    if not decision.allowed:
        refusals = (*decision.refusals, *decision.warnings)
        return [Problem(refusal.code, refusal.params, refusal.path) for refusal in refusals]
    change = apply_decision(case, decision, None, DueTimer(timer.id, due.armed.count + 1))
    return "fired" if await _commit(change, plan, due) else "late"


async def _commit(change: Change, plan: Plan, due: PlanTimer) -> bool:
    async def work(connection: Connection) -> bool:
        if not await store.lock_plan_and_timer(due, plan.version, connection):
            return False
        return await commit_change(Commit(change, plan.version), connection) is CommitOutcome.STORED

    return await run_in_transaction(work)
