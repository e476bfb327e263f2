"""Reconciliation of waiting plans with changed facts.

A plan waits if its workflow version has an automatic transition out of its state. A round of the worker decides waiting
plans again, and then records school changes:

1. Heads by date: the head of the plan's school changes at an instant that is known beforehand.
2. Heads by feed: the change feed of identity names the plan's school.
3. Revisions: the period has another parameter revision in force than at the last decision.
4. New waiting plans: the plan began to wait after the last round.
5. School changes: the feed names a teacher. No plan waits for it, and one import can name every teacher in the country.
6. Old idempotency keys are deleted.

Steps 1 and 2 come first, because a person is waiting for them. Step 4 closes a race. A command reads the facts and then
commits. If the head changes in between, step 2 can pass the change before the plan waits, and would never return to it.
Step 4 reads the plan after the commit and decides it with the new facts.

A round stores its positions last, and only while the retry queue is empty. A worker that is killed therefore repeats
part of a round. Several workers can run: the plan's version lets one of them commit, the others find nothing to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from prometheus_client import Gauge

from services.kit.concurrency import map_concurrently
from services.planning.people import store as people_store
from services.planning.people.identity.parsers import IdentityChange
from services.planning.people.services import Services
from services.planning.period.queries import local_today
from services.planning.plan.event_kinds import HeadChange, RegistryChange, StateEntry
from services.planning.plan.model import AutomaticStates
from services.planning.plan.profile_commands import refresh_plans
from services.planning.reconcile import store
from services.planning.reconcile.decisions import PlanDecider, RevisionChanges, job_name
from services.planning.reconcile.retention import KeyRetention
from services.planning.reconcile.retry import RetryQueue
from services.planning.reconcile.store import WaitingPlan

FEED_POSITION = Gauge(
    "rencana_worker_feed_position",
    "Position in the change feed of identity up to which schools are reconciled",
)

FEED_REFUSED = Gauge(
    "rencana_worker_feed_refused",
    "1 while the worker does not follow identity's feed, which has been rewritten",
)


class FeedRewritten(Exception):
    """Identity's feed differs from the one that the worker followed, so the worker would miss changes."""

    def __init__(self, position: int) -> None:
        super().__init__(
            f"identity's feed lacks the change {position} that was followed: its database was restored from an older "
            "copy, and the worker would miss its new changes. To follow the feed from its beginning, run "
            "`rencana worker --follow-from-start`; nothing is decided twice"
        )


# Limits of one round.
FEED_PAGE_SIZE, MAX_NEW_PLANS, MAX_SCHOOLS = 1000, 200, 1000
TEACHER_PAGE_SIZE = 200  # of the feed: identity is asked for each teacher who has a plan
# Upper bound of the time from a command's timestamp to its commit, clock skew included.
COMMIT_DELAY = timedelta(minutes=2)
# A worker that was down for days reads the events of one hour at a time, which the index answers quickly.
CATCH_UP_INTERVAL = timedelta(hours=1)


async def store_head_changes(services: Services, npsns: Sequence[str], after: datetime) -> None:
    """Store when the head of these schools changes after an instant. Raises IdentityUnavailable."""
    answers = await map_concurrently(services.identity.school, npsns)
    changes = [
        (answer.facts.npsn, at) for answer in answers if answer for at in answer.facts.head_changes(after)
    ]
    await store.insert_head_changes(changes, services.connection)


async def store_school_changes(services: Services, ptk_ids: Sequence[str]) -> None:
    """Store for the plans of these teachers whether the teacher has another sekolah induk now.

    Their open plans follow the registry. Leaves out periods that have ended. Raises IdentityUnavailable and stores
    nothing then.
    """
    today = local_today(services, None)
    teachers = await people_store.list_with_plans(ptk_ids, today, services.connection)
    npsns = await map_concurrently(partial(_follow_teacher, services), teachers)
    if teachers:
        npsn_of_teacher = dict(zip(teachers, npsns, strict=True))
        await people_store.store_moved_teachers(
            npsn_of_teacher, today, services.clock.now(), services.connection
        )


async def _follow_teacher(services: Services, ptk_id: str) -> str | None:
    answer = await services.identity.teacher(ptk_id)
    if answer is None:
        return None
    await refresh_plans(services, answer)
    return answer.facts.sekolah_induk.value


class Reconciler:
    """Runs the rounds of reconciliation. Its state in memory is a cache of the stored positions.

    Set `stopping` to end the current round after the plans in progress.
    """

    def __init__(self, services: Services, max_key_age: timedelta) -> None:
        self._retention = KeyRetention(services, max_key_age)
        self.stopping = asyncio.Event()
        self.retry_queue = RetryQueue(services.identity, self.stopping)
        self._services = services
        self._decider = PlanDecider(services, self.retry_queue)
        self._revisions = RevisionChanges(services, self._decider)
        self._school_position: int | None = None
        self._last_change: str | None = None
        self._feed_error: FeedRewritten | None = None
        self._teacher_position: int | None = None
        self._new_plans_until: datetime | None = None
        self._decided_versions: dict[tuple[str, str], int] = {}

    async def run_round(self) -> bool:
        """Run one round. Returns whether the next round has work already.

        Raises IdentityUnavailable, WorkerStopped or a database error. The stored positions are then unchanged.
        Raises FeedRewritten after everything that does not follow the feed.
        """
        now, self._feed_error = self._services.clock.now(), None
        has_more = not self.retry_queue.is_full and await self._run_steps(now)
        await self.retry_queue.retry_due()
        await self._store_positions(now)
        if self._feed_error:
            raise self._feed_error
        return has_more

    async def _run_steps(self, now: datetime) -> bool:
        automatic_states = AutomaticStates.of(
            await self._services.workflows.list_supported(self._services.connection)
        )
        has_more = await self._reconcile_head_changes(automatic_states, now)
        try:
            if await self._reconcile_schools(automatic_states, now):
                return True
        except FeedRewritten as error:
            self._feed_error = error
        # Run every step, even if an earlier one has more work, so that none starves.
        has_more |= await self._revisions.reconcile_page(automatic_states, now)
        has_more |= await self._reconcile_new_plans(automatic_states, now)
        if self._feed_error is None:
            has_more |= await self._reconcile_teachers()
        has_more |= await self._retention.delete_page(now)
        return has_more

    async def _reconcile_head_changes(self, automatic_states: AutomaticStates, now: datetime) -> bool:
        connection = self._services.connection
        changed_at = await store.find_due_schools(now, MAX_SCHOOLS, connection)
        if not changed_at:
            return False
        plans = await store.select_waiting_at_schools(changed_at, automatic_states, connection)
        await self._decider.decide(plans, lambda plan: HeadChange(changed_at[plan.npsn]))
        # The retry queue is in memory only: a school stays due until all its plans are decided.
        queued_npsns = {plan.npsn for plan in plans if job_name(plan) in self.retry_queue}
        await store.delete_head_changes(changed_at.keys() - queued_npsns, now, connection)
        return len(changed_at) == MAX_SCHOOLS and not queued_npsns

    async def _store_head_changes(self, plans: Iterable[WaitingPlan], after: datetime) -> None:
        npsns = sorted({plan.npsn for plan in plans})
        job = partial(store_head_changes, self._services, after=after)
        await self.retry_queue.run_all_or_queue("head of school", job, npsns)

    async def _reconcile_schools(self, automatic_states: AutomaticStates, now: datetime) -> bool:
        connection = self._services.connection
        if self._school_position is None:
            self._school_position, self._last_change = await store.load_feed_position(
                store.SCHOOL_CHANGES, connection
            )
        page = await self._services.identity.changes(self._school_position, FEED_PAGE_SIZE)
        self._check_feed(self._school_position, page.previous)
        numbers = {change.key: change.seq for change in page.changes if change.kind == "school"}
        plans = (
            await store.select_waiting_at_schools(numbers, automatic_states, connection) if numbers else []
        )
        await self._decider.decide(plans, lambda plan: RegistryChange(numbers[plan.npsn]))
        await self._store_head_changes(plans, now)
        self._school_position = page.next
        if page.changes:
            self._last_change = str(page.changes[-1])
        FEED_POSITION.set(page.next)
        return page.more

    def _check_feed(self, position: int, change: IdentityChange | None) -> None:
        """Raise FeedRewritten unless `change` is the one that was followed at this position."""
        is_same = not position or (change and (self._last_change is None or self._last_change == str(change)))
        FEED_REFUSED.set(not is_same)
        if not is_same:
            self._school_position = self._teacher_position = None  # an operator may change the stored ones
            raise FeedRewritten(position)

    async def _reconcile_teachers(self) -> bool:
        if self._teacher_position is None:
            self._teacher_position, _ = await store.load_feed_position(
                store.TEACHER_CHANGES, self._services.connection
            )
        if self._teacher_position == self._school_position:
            return False
        page = await self._services.identity.changes(self._teacher_position, TEACHER_PAGE_SIZE)
        teachers = [change.key for change in page.changes if change.kind == "teacher"]
        job = partial(store_school_changes, self._services)
        await self.retry_queue.run_all_or_queue("change of teacher", job, teachers)
        self._teacher_position = page.next
        return page.more

    async def _reconcile_new_plans(self, automatic_states: AutomaticStates, now: datetime) -> bool:
        connection = self._services.connection
        start = min(self._new_plans_until or await store.load_new_plans_instant(connection) or now, now)
        end = start + CATCH_UP_INTERVAL if start + CATCH_UP_INTERVAL < now else None
        plans = await store.select_new_waiting_plans(start - COMMIT_DELAY, end, automatic_states, connection)
        versions = {(plan.ptk_id, plan.period): plan.version for plan in plans}
        self._decided_versions = {
            key: version for key, version in self._decided_versions.items() if versions.get(key) == version
        }
        new_plans = [plan for plan in plans if (plan.ptk_id, plan.period) not in self._decided_versions]
        batch = new_plans[:MAX_NEW_PLANS]
        await self._decider.decide(batch, lambda plan: StateEntry(plan.version))
        await self._store_head_changes(batch, now)
        self._decided_versions |= {(plan.ptk_id, plan.period): plan.version for plan in batch}
        if len(new_plans) > len(batch):
            return True
        self._new_plans_until = end or now
        return end is not None

    async def _store_positions(self, now: datetime) -> None:
        connection = self._services.connection
        if self.retry_queue:
            await store.advance_feed_positions(0, None, 0, now, connection)  # only the instant
            return
        positions = self._school_position or 0, self._last_change, self._teacher_position or 0
        await store.advance_feed_positions(*positions, now, connection)
        if self._new_plans_until:
            await store.store_new_plans_instant(self._new_plans_until, now, connection)
        await self._revisions.store_finished_sweeps(now)
