"""Values of a period that change: timers that count by them are planned anew, a page in each round.

A command that knew the former values may commit a moment after they changed. So timers follow once a revision is in
force for LATER; until then, and whatever slips through, firing holds each against the values in force.
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
from workflows.engine.timers import reads_params, replanned

log = logging.getLogger(__name__)

PAGE = 1000
LATER = timedelta(minutes=2)  # longer than any command takes from its clock to its commit
FIRST = "00000000-0000-0000-0000-000000000000", ""


@dataclass(slots=True)
class _Sweep:
    number: int
    after: tuple[str, str] = FIRST
    moved: int = 0


class Replanning:
    """By which revision the timers of each period are planned; what it keeps in memory is lost without harm."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._sweeps: dict[str, _Sweep] = {}

    async def follow(self, workflows: Mapping[str, Workflow], now: datetime) -> bool:
        """Plan one page anew, where another revision is in force than before; whether there is more."""
        for code, planned in (await store.timers_planned(self._services.connection)).items():
            used = await period_store.load_period(code, self._services.workflows, self._services.connection)
            if used is None:
                continue
            revision = used.period.parameters_at(now - LATER)
            if revision.number != planned:
                return await self._page(code, revision, workflows, now)
        return False

    async def _page(
        self, period: str, revision: Revision, workflows: Mapping[str, Workflow], now: datetime
    ) -> bool:
        sweep = self._sweeps.get(period)
        if sweep is None or sweep.number != revision.number:
            sweep = self._sweeps[period] = _Sweep(revision.number)
        names = sorted(
            {timer.id for one in workflows.values() for timer in one.definition.timers if reads_params(timer)}
        )
        found = (
            await timers_store.select_of_period(
                period, names, sweep.after, workflows, PAGE, self._services.connection
            )
            if names
            else []
        )
        moved = [then for one in found if (then := _moved(one, workflows[one.workflow], revision))]
        if moved:
            sweep.moved += await timers_store.update_timers(moved, now, self._services.connection)
        if len(found) == PAGE:
            sweep.after = found[-1].ptk_id, found[-1].armed.timer
            return True
        log.info("period %s, revision %d: %d timers planned anew", period, sweep.number, sweep.moved)
        await store.keep_timers_planned(period, sweep.number, now, self._services.connection)
        del self._sweeps[period]
        return True


def _moved(one: PlanTimer, workflow: Workflow, revision: Revision) -> TimerUpdate | None:
    """How a timer goes on; None where it stays, or where only firing it can tell what is wrong with it."""
    try:
        params = resolve_parameters(workflow.definition, revision)
        then = replanned(find_timer(one, workflow), one.armed, one.since, params, time_zone(one.zone))
    except (RequestRefused, LookupError):
        return None
    return None if then is one.armed else TimerUpdate(one, then)


class Timers:
    """The worker's rounds of timers: replan those whose dates changed, then fire those that are due.

    Set `stopping` to end a round between two pages.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._replanning = Replanning(services)
        self._firing = TimerFiring(services)
        self.stopping = self._firing.stopping

    async def round(self) -> bool:
        """Do a page of each. Returns whether there is more. Raises IdentityAway if all that remains needs identity."""
        now = self._services.clock.now()
        workflows = {
            one.sha256: one
            for one in await self._services.workflows.list_supported(self._services.connection)
        }
        more = await self._replanning.follow(workflows, now)
        try:
            return await self._firing.round(workflows, now) or more
        except IdentityUnavailable:
            if more:
                return True
            raise
