"""Waiting plans decided again, some in each round, each guarded by its version."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from prometheus_client import Counter

from services.planning.people.services import Services
from services.planning.period import store as period_store
from services.planning.plan.event_kinds import Cause, ParameterChange
from services.planning.plan.transitions import decide_again
from services.planning.plan.waiting import AutomaticStates
from services.planning.reconcile import store
from services.planning.reconcile.retry import Owed
from services.planning.reconcile.store import WaitingPlan

log = logging.getLogger(__name__)
DECIDED = Counter("rencana_worker_plans", "Waiting plans decided again, by what became of them", ["outcome"])

AT_ONCE = 8


class Stopped(Exception):
    """The worker was told to stop; the plans at hand are finished, no position has moved."""


def name_of(plan: WaitingPlan) -> str:
    """The name by which the decision of a plan is owed."""
    return f"plan {plan.ptk_id} {plan.period}"


async def decide_each(
    services: Services,
    owed: Owed,
    plans: Sequence[WaitingPlan],
    cause: Callable[[WaitingPlan], Cause],
    stopping: asyncio.Event,
) -> None:
    """Have each plan decided by the facts of now, or owe it. Raises IdentityAway, and Stopped between two plans."""

    async def decide(plan: WaitingPlan) -> None:
        moved = await decide_again(services, plan.ptk_id, plan.period, cause(plan))
        DECIDED.labels("moved" if moved else "stays").inc()
        if moved:
            log.info("plan %s %s is %s now: %s", plan.ptk_id, plan.period, moved.state, cause(plan))

    for first in range(0, len(plans), AT_ONCE):
        if stopping.is_set():
            raise Stopped
        outcomes = await asyncio.gather(
            *(owed.attempt(name_of(plan), partial(decide, plan)) for plan in plans[first : first + AT_ONCE]),
            return_exceptions=True,  # all of them end before anything else goes on
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome


PLANS = 200  # of a period in one round


@dataclass(slots=True)
class _Sweep:
    """How far the waiting plans of a period are decided by a revision; `after` None: all of them."""

    number: int
    after: str | None = store.FIRST
    seen: int = 0


class Revisions:
    """By which revision the waiting plans of each period were last decided."""

    def __init__(self, services: Services, owed: Owed, stopping: asyncio.Event) -> None:
        self._services, self._owed, self._stopping = services, owed, stopping
        self._sweeps: dict[str, _Sweep] = {}

    async def follow(self, waits: AutomaticStates, now: datetime) -> bool:
        """Decide some plans, where another revision is in force than the last one; whether there may be more."""
        for code, handled in (await store.revisions_handled(self._services.connection)).items():
            used = await period_store.load_period(code, self._services.workflows, self._services.connection)
            number = used.period.parameters_at(now).number if used else handled
            sweep = self._sweeps.get(code)
            if number is None or (sweep is None and number == handled):
                continue
            if sweep is None or sweep.number != number:
                sweep = self._sweeps[code] = _Sweep(number)
            if sweep.after is not None:
                await self._sweep(code, sweep, sweep.after, waits)
                return True
        return False

    async def keep(self, now: datetime) -> None:
        """Store which periods are done with."""
        for period, sweep in list(self._sweeps.items()):
            if sweep.after is None:
                await store.keep_revision_handled(period, sweep.number, now, self._services.connection)
                del self._sweeps[period]

    async def _sweep(self, period: str, sweep: _Sweep, after: str, waits: AutomaticStates) -> None:
        plans = await store.select_waiting_in_period(period, waits, after, PLANS, self._services.connection)
        await decide_each(
            self._services, self._owed, plans, lambda _: ParameterChange(sweep.number), self._stopping
        )
        sweep.seen += len(plans)
        sweep.after = plans[-1].ptk_id if len(plans) == PLANS else None
        log.info(
            "period %s, revision %d: %d waiting plans decided again%s",
            period, sweep.number, sweep.seen, "" if sweep.after else ", that is all",
        )  # fmt: skip
