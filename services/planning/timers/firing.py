"""Firing of timers that are due, in rounds of `rencana worker`.

A round takes one page of each timer of each period, so that a million reminders of one delay no other. A reminder
changes no plan: one statement continues the timer and inserts the notification. A transition is an ordinary command of
the system. Both apply only to the timer as it was read, so several workers, a killed one, or a clock that jumps do
nothing twice. Both check the timer against the values in force, so nothing fires early. A timer that fails becomes an
incident and waits for an admin. While identity is unavailable, timers that need it wait and all others go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from prometheus_client import Counter

from services.kit.availability import DatabaseBusy, DatabaseUnavailable
from services.kit.concurrency import map_concurrently
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.notifications.model import DINAS_ADDRESS, address_head, address_owner
from services.planning.people.identity.answers import Answer, IdentityUnavailable
from services.planning.people.model import SchoolFacts
from services.planning.people.services import Services
from services.planning.period.model import Revision, resolve_parameters
from services.planning.period.queries import get_period
from services.planning.plan.decision import apply_decision, load_decision_context
from services.planning.plan.event_kinds import DueTimer
from services.planning.plan.model import Change, Plan
from services.planning.plan.store import Commit, CommitOutcome, commit_change, load_plan
from services.planning.plan.timers import find_state_entry, time_zone
from services.planning.timers import store
from services.planning.timers.model import FIRST, PlanTimer, TimerFailure, TimerUpdate, find_timer
from workflows.engine.decide import decide
from workflows.engine.machine import Workflow
from workflows.engine.timers import advance_timer, is_too_late, reschedule_timer
from workflows.model.definition import Fire, Recipient
from workflows.model.facts import SYSTEM

log = logging.getLogger(__name__)
TIMERS = Counter("rencana_worker_timers", "Timers that fell due, by what became of them", ["outcome"])

PAGE_SIZE = 1000
TRANSITIONS_AT_ONCE = 50  # each is a separate commit; the worker can stop after this number


@dataclass(frozen=True, slots=True)
class DueTimers:
    """Timers by what to do: reschedule, remind, remind a head, fire a transition, or report a failure.

    An update of `head_reminders` has no address yet: the head is asked of identity.
    """

    reschedulings: list[TimerUpdate] = field(default_factory=list)
    reminders: list[TimerUpdate] = field(default_factory=list)
    head_reminders: list[TimerUpdate] = field(default_factory=list)
    transitions: list[PlanTimer] = field(default_factory=list)
    failures: list[TimerFailure] = field(default_factory=list)


def sort_due_timers(
    timers: Iterable[PlanTimer], workflows: Mapping[str, Workflow], revision: Revision, now: datetime
) -> DueTimers:
    """Sort timers by what to do now. A timer that is too early by the values in force is rescheduled."""
    due = DueTimers()
    for timer in timers:
        try:
            _sort(timer, workflows[timer.workflow], revision, now, due)
        except RequestRefused as error:
            due.failures.append(TimerFailure(timer, error.problems))
        except Exception:  # noqa: BLE001 - logged with its traceback
            due.failures.append(_log_failure(timer))
    return due


def _sort(timer: PlanTimer, workflow: Workflow, revision: Revision, now: datetime, due: DueTimers) -> None:
    definition, params = find_timer(timer, workflow), resolve_parameters(workflow.definition, revision)
    zone = time_zone(timer.zone)
    current = reschedule_timer(definition, timer.current, timer.since, params, zone)
    if current.due is None or current.due > now:
        due.reschedulings.append(TimerUpdate(timer, current))
    elif isinstance(definition.action, Fire):
        due.transitions.append(timer)
    else:
        update = TimerUpdate(timer, advance_timer(definition, current, params, zone, now))
        if is_too_late(definition, params, zone, now):
            due.reschedulings.append(update)
            return
        match definition.action.recipient:
            case Recipient.OWNER:
                due.reminders.append(replace(update, address=address_owner(timer.ptk_id)))
            case Recipient.HEAD:
                due.head_reminders.append(update)
            case Recipient.DINAS:
                due.reminders.append(replace(update, address=DINAS_ADDRESS))


def _log_failure(timer: PlanTimer) -> TimerFailure:
    log.exception("timer %s of plan %s %s failed", timer.current.timer, timer.ptk_id, timer.period)
    return TimerFailure(timer, [Problem("timer.failed")])


class TimerFiring:
    """Fires timers in rounds. Its position in each timer is lost without harm. `stopping` ends a round early.

    If identity fails to answer one question but answers others, only the timers that need that answer wait.
    """

    def __init__(self, services: Services) -> None:
        self.stopping = asyncio.Event()
        self._services = services
        self._positions: dict[tuple[str, str], tuple[datetime, str]] = {}
        self._identity_error: IdentityUnavailable | None = None

    async def run_round(self, workflows: Mapping[str, Workflow], now: datetime) -> bool:
        """Fire a page of each timer. Returns whether more are due.

        Raises IdentityUnavailable once only timers remain that need identity.
        """
        has_more, self._identity_error = False, None
        names = sorted({timer.id for workflow in workflows.values() for timer in workflow.definition.timers})
        for period, name in await store.list_due_names(names, now, self._services.connection):
            if self.stopping.is_set():
                return False
            try:
                has_more |= await self._fire_page(period, name, workflows, now)
            except IdentityUnavailable as error:
                self._identity_error = error
        if self._identity_error and not has_more:
            raise self._identity_error
        return has_more

    async def _fire_page(
        self, period: str, name: str, workflows: Mapping[str, Workflow], now: datetime
    ) -> bool:
        after = self._positions.pop((period, name), FIRST)
        timers = await store.select_due(
            period, name, now, after, workflows, PAGE_SIZE, self._services.connection
        )
        if len(timers) == PAGE_SIZE and (due := timers[-1].current.due):
            self._positions[period, name] = due, timers[-1].ptk_id
        setup = await get_period(self._services, period)
        page = sort_due_timers(timers, workflows, setup.period.parameters_at(now), now)
        await self._update("rescheduled", page.reschedulings, now)
        await self._fail(page.failures, now)
        await self._update("reminded", page.reminders, now)
        await self._remind_heads(page.head_reminders, now)
        for first in range(0, len(page.transitions), TRANSITIONS_AT_ONCE):
            if not self.stopping.is_set():
                await map_concurrently(
                    partial(self._fire, now=now), page.transitions[first : first + TRANSITIONS_AT_ONCE]
                )
        return len(timers) == PAGE_SIZE

    async def _remind_heads(self, reminders: Sequence[TimerUpdate], now: datetime) -> None:
        """Send reminders to heads. Identity is asked for each school once."""
        npsns = sorted({reminder.timer.npsn for reminder in reminders})
        schools = dict(zip(npsns, await map_concurrently(self._load_school, npsns), strict=True))
        updates, failures = [], []
        for reminder in reminders:
            timer, school = reminder.timer, schools[reminder.timer.npsn]
            if school is None:
                failures.append(TimerFailure(timer, [Problem("timer.school_unknown", {"npsn": timer.npsn})]))
            elif isinstance(school, Answer):
                updates.append(replace(reminder, address=address_head(school.facts.head, timer.ptk_id)))
        await self._update("reminded", updates, now)
        await self._fail(failures, now)

    async def _load_school(self, npsn: str) -> Answer[SchoolFacts] | IdentityUnavailable | None:
        if self.stopping.is_set():  # not asked, so its reminders stay due: a slow identity delays no shutdown
            return IdentityUnavailable()
        try:
            return await self._services.identity.school(npsn)
        except IdentityUnavailable as error:
            await self._check_identity(error)
            return error

    async def _check_identity(self, error: IdentityUnavailable) -> None:
        """Note that a question has no answer. Raises IdentityUnavailable if identity answers nothing else either."""
        self._identity_error = error
        await self._services.identity.changes(0, 1)

    async def _fire(self, timer: PlanTimer, now: datetime) -> None:
        try:
            outcome: str | TimerFailure = await fire_transition(self._services, timer, now)
        except IdentityUnavailable as error:
            return await self._check_identity(error)
        except DatabaseBusy:
            outcome = "busy"  # another transaction holds the plan; the timer stays due
        except DatabaseUnavailable:
            raise  # nobody's incident: the round is repeated
        except Exception:  # noqa: BLE001 - logged with its traceback
            outcome = _log_failure(timer)
        if isinstance(outcome, TimerFailure):
            await self._fail([outcome], now)
        else:
            TIMERS.labels(outcome).inc()

    async def _update(self, outcome: str, updates: Collection[TimerUpdate], now: datetime) -> None:
        if updates:
            TIMERS.labels(outcome).inc(await store.update_timers(updates, now, self._services.connection))

    async def _fail(self, failures: Collection[TimerFailure], now: datetime) -> None:
        if failures:
            await store.fail_timers(failures, now, self._services.connection)
            TIMERS.labels("failed").inc(len(failures))


async def fire_transition(services: Services, timer: PlanTimer, now: datetime) -> str | TimerFailure:
    """Fire a transition if plan and timer are still as they were read. Returns the outcome, or why it was refused.

    Raises IdentityUnavailable if the facts cannot be had.
    """
    plan = await load_plan(timer.ptk_id, timer.period, services.connection)
    if plan is None or (plan.state, plan.workflow) != (timer.state, timer.workflow):
        return "late"
    context = await load_decision_context(services, plan, None)
    definition, zone = find_timer(timer, context.workflow), time_zone(plan.school.zone)
    current = reschedule_timer(definition, timer.current, find_state_entry(plan), context.facts.params, zone)
    if current.due is None or current.due > now:
        await store.update_timers([TimerUpdate(timer, current)], now, services.connection)
        return "rescheduled"
    assert isinstance(definition.action, Fire)
    decision = decide(context.workflow, context.snapshot, definition.action.trigger, SYSTEM, context.facts)
    if not decision.allowed:
        refusals = (*decision.refusals, *decision.warnings)
        return TimerFailure(timer, [Problem(each.code, each.params, each.path) for each in refusals])
    change = apply_decision(context, decision, None, DueTimer(definition.id, timer.current.count + 1))
    return "fired" if await _commit(change, plan, timer) else "late"


async def _commit(change: Change, plan: Plan, timer: PlanTimer) -> bool:
    async def work(connection: Connection) -> bool:
        if not await store.lock_plan_and_timer(timer, plan.version, connection):
            return False
        return await commit_change(Commit(change, plan.version), connection) is CommitOutcome.STORED

    return await run_in_transaction(work)
