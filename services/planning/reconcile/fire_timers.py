"""Timers that fall due, fired in rounds by `rencana worker`, beside what it follows.

A round takes one page of each timer of each period: a million reminders of one keep no other waiting. A reminder
changes no plan and raises no version: one statement has the timer go on and tells its recipient. What a timer fires is
an ordinary transition by the system. Either takes the timer only as it was read, so several workers, one that slept in
between, a killed one, or a clock that jumps do nothing twice; and each is held against the values in force now, so
nothing is done early. What fails becomes an incident and waits for an admin; while identity is away, what needs it
waits and all else goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from prometheus_client import Counter

from services.kit.concurrency import few_at_once
from services.kit.problems import Problem
from services.planning.people.identity.answers import IdentityAway
from services.planning.people.services import Planning
from services.planning.period.queries import period_of
from services.planning.reconcile.replan_timers import Replanning
from services.planning.timers import store as timers
from services.planning.timers.firing import Reminder, fire_timer, sorted_out
from services.planning.timers.store import EARLIEST, PlanTimer, Settled
from workflows.engine.machine import Workflow

log = logging.getLogger(__name__)
TIMERS = Counter("rencana_worker_timers", "Timers that fell due, by what became of them", ["outcome"])

PAGE, FIRES = 1000, 50  # transitions are commits of their own: between so many the worker can be stopped


class Timers:
    """Fires in rounds; its place in each timer is lost without harm. `stopping` ends a round between two pages."""

    def __init__(self, planning: Planning) -> None:
        self.stopping = asyncio.Event()
        self._planning = planning
        self._replanning = Replanning(planning)
        self._after: dict[tuple[str, str], tuple[datetime, str]] = {}

    async def round(self) -> bool:
        """Fire a page of each timer; whether there is more. Raises IdentityAway once nothing else is to be done."""
        now = self._planning.clock.now()
        workflows = {one.sha256: one for one in await self._planning.workflows.readable()}
        more = await self._replanning.follow(workflows, now)
        names = sorted({timer.id for one in workflows.values() for timer in one.definition.timers})
        away: Exception | None = None
        for period, name in await timers.pending(names, now) if names else []:
            if self.stopping.is_set():
                return False
            try:
                more |= await self._page(period, name, workflows, now)
            except IdentityAway as error:
                away = error
        if away and not more:
            raise away
        return more

    async def _page(self, period: str, name: str, workflows: dict[str, Workflow], now: datetime) -> bool:
        after = self._after.pop((period, name), EARLIEST)
        found = await timers.due(period, name, now, after, list(workflows), PAGE)
        if len(found) == PAGE and (last := found[-1]).armed.due:
            self._after[period, name] = last.armed.due, last.ptk_id
        used = await period_of(self._planning, period)
        page = sorted_out(found, workflows, used.period.parameters_at(now), now)
        await self._settle("replanned", page.moved, now)
        await self._fail(page.failed, now)
        await self._settle("reminded", [reminder.told() for reminder in page.plain], now)
        await self._remind_heads(page.heads, now)
        for first in range(0, len(page.fires), FIRES):
            if not self.stopping.is_set():
                await few_at_once(partial(self._fire, now=now), page.fires[first : first + FIRES])
        return len(found) == PAGE

    async def _remind_heads(self, reminders: Sequence[Reminder], now: datetime) -> None:
        """Each school is asked for once."""
        npsns = sorted({reminder.timer.npsn for reminder in reminders})
        schools = dict(zip(npsns, await few_at_once(self._planning.identity.school, npsns), strict=True))
        known = [one for one in reminders if schools[one.timer.npsn]]
        unknown = [one.timer for one in reminders if not schools[one.timer.npsn]]
        await self._settle("reminded", [one.told(schools[one.timer.npsn]) for one in known], now)
        await self._fail(
            [(one, [Problem("timer.school_unknown", {"npsn": one.npsn})]) for one in unknown], now
        )

    async def _fire(self, timer: PlanTimer, now: datetime) -> None:
        try:
            outcome = await fire_timer(self._planning, timer, now)
        except IdentityAway:
            raise
        except Exception:
            log.exception("timer %s of plan %s %s failed", timer.armed.timer, timer.ptk_id, timer.period)
            outcome = [Problem("timer.failed")]
        if isinstance(outcome, str):
            TIMERS.labels(outcome).inc()
        else:
            await self._fail([(timer, outcome)], now)

    async def _settle(self, outcome: str, settled: Sequence[Settled], now: datetime) -> None:
        if settled:
            _, kept = await timers.settle(settled, now)
            TIMERS.labels(outcome).inc(kept)

    async def _fail(self, failed: Sequence[tuple[PlanTimer, Sequence[Problem]]], now: datetime) -> None:
        if failed:
            await timers.fail(failed, now)
            TIMERS.labels("failed").inc(len(failed))
