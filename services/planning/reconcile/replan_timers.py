"""Timers planned again after a revision has changed the dates they are computed from, a page in each round.

A command that has read the former values may commit a moment after the revision. The worker therefore replans timers
once the revision has been in force for COMMIT_DELAY. Firing checks each timer against the values in force anyway.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.problems import RequestRefused
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.services import Services
from services.planning.period import store as period_store
from services.planning.period.model import Revision, resolve_parameters
from services.planning.plan.timers import time_zone
from services.planning.reconcile import store
from services.planning.timers import store as timers_store
from services.planning.timers.firing import TimerFiring
from services.planning.timers.model import PlanTimer, TimerUpdate, find_timer
from workflows.engine.machine import Workflow
from workflows.engine.timers import depends_on_params, reschedule_timer

log = logging.getLogger(__name__)

PAGE_SIZE = 1000
COMMIT_DELAY = timedelta(minutes=2)  # upper bound of the time from a command's timestamp to its commit
FIRST_KEY = "00000000-0000-0000-0000-000000000000", ""


@dataclass(slots=True)
class _TimerSweep:
    """How far the timers of a period are replanned by a revision."""

    revision: int
    after: tuple[str, str] = FIRST_KEY
    timer_count: int = 0


class TimerReplanning:
    """Replans the timers of a period when another revision is in force. Its memory is a cache."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._sweeps: dict[str, _TimerSweep] = {}

    async def replan_page(self, workflows: Mapping[str, Workflow], now: datetime) -> bool:
        """Replan one page of timers. Returns whether there is more."""
        for code, planned_revision in (await store.load_timer_revisions(self._services.connection)).items():
            used = await period_store.load_period(code, self._services.workflows, self._services.connection)
            if used is None:
                continue
            revision = used.period.parameters_at(now - COMMIT_DELAY)
            if revision.number != planned_revision:
                return await self._replan_period_page(code, revision, workflows, now)
        return False

    async def _replan_period_page(
        self, period: str, revision: Revision, workflows: Mapping[str, Workflow], now: datetime
    ) -> bool:
        sweep = self._sweeps.get(period)
        if sweep is None or sweep.revision != revision.number:
            sweep = self._sweeps[period] = _TimerSweep(revision.number)
        names = sorted(
            {
                timer.id
                for workflow in workflows.values()
                for timer in workflow.definition.timers
                if depends_on_params(timer)
            }
        )
        timers = (
            await timers_store.select_of_period(
                period, names, sweep.after, workflows, PAGE_SIZE, self._services.connection
            )
            if names
            else []
        )
        updates = [
            update
            for timer in timers
            if (update := _replan_timer(timer, workflows[timer.workflow], revision))
        ]
        if updates:
            sweep.timer_count += await timers_store.update_timers(updates, now, self._services.connection)
        if len(timers) == PAGE_SIZE:
            sweep.after = timers[-1].ptk_id, timers[-1].current.timer
            return True
        log.info("period %s, revision %d: %d timers replanned", period, sweep.revision, sweep.timer_count)
        await store.store_timer_revision(period, sweep.revision, now, self._services.connection)
        del self._sweeps[period]
        return True


def _replan_timer(timer: PlanTimer, workflow: Workflow, revision: Revision) -> TimerUpdate | None:
    """Return the update of a timer; None if it stays, or if its date cannot be computed, which firing reports."""
    try:
        params = resolve_parameters(workflow.definition, revision)
        next_state = reschedule_timer(
            find_timer(timer, workflow), timer.current, timer.since, params, time_zone(timer.zone)
        )
    except (RequestRefused, LookupError):
        return None
    return None if next_state is timer.current else TimerUpdate(timer, next_state)


class TimerRounds:
    """The worker's rounds of timers: replan those whose dates changed, then fire those that are due.

    Set `stopping` to end a round between two pages.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._replanning = TimerReplanning(services)
        self._firing = TimerFiring(services)
        self.stopping = self._firing.stopping

    async def run_round(self) -> bool:
        """Replan a page and fire a page. Returns whether there is more.

        Raises IdentityUnavailable if all that remains needs identity.
        """
        now = self._services.clock.now()
        workflows = {
            workflow.sha256: workflow
            for workflow in await self._services.workflows.list_supported(self._services.connection)
        }
        more = await self._replanning.replan_page(workflows, now)
        try:
            return await self._firing.run_round(workflows, now) or more
        except IdentityUnavailable:
            if more:
                return True
            raise
