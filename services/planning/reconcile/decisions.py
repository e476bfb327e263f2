"""Decisions on waiting plans, a page in each round. The version of a plan guards each decision."""

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
from services.planning.plan.model import AutomaticStates
from services.planning.plan.transitions import decide_again
from services.planning.reconcile import store
from services.planning.reconcile.retry import RetryQueue
from services.planning.reconcile.store import WaitingPlan

log = logging.getLogger(__name__)
PLAN_DECISIONS = Counter("rencana_worker_plans", "Decisions on waiting plans, by outcome", ["outcome"])

MAX_CONCURRENT_DECISIONS = 8
PLAN_PAGE_SIZE = 200  # of a period in one round


def job_name(plan: WaitingPlan) -> str:
    """Return the name of a plan's decision in the retry queue."""
    return f"plan {plan.ptk_id} {plan.period}"


class PlanDecider:
    """Decides waiting plans by the facts of now."""

    def __init__(self, services: Services, retry_queue: RetryQueue) -> None:
        self._services, self._retry_queue = services, retry_queue

    async def decide(self, plans: Sequence[WaitingPlan], cause_of: Callable[[WaitingPlan], Cause]) -> None:
        """Decide each plan; queue a decision that fails for retry.

        Raises IdentityUnavailable, and WorkerStopped between two groups of plans.
        """
        for first in range(0, len(plans), MAX_CONCURRENT_DECISIONS):
            self._retry_queue.check_stopping()
            outcomes = await asyncio.gather(
                *(
                    self._retry_queue.run_or_queue(
                        job_name(plan), partial(self._decide_plan, plan, cause_of(plan))
                    )
                    for plan in plans[first : first + MAX_CONCURRENT_DECISIONS]
                ),
                return_exceptions=True,  # so that all of them have ended before an error is raised
            )
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome

    async def _decide_plan(self, plan: WaitingPlan, cause: Cause) -> None:
        changed_plan = await decide_again(self._services, plan.ptk_id, plan.period, cause)
        PLAN_DECISIONS.labels("transitioned" if changed_plan else "unchanged").inc()
        if changed_plan:
            log.info("plan %s %s is %s now: %s", plan.ptk_id, plan.period, changed_plan.state, cause)


@dataclass(slots=True)
class _DecisionSweep:
    """How far the waiting plans of a period are decided by a revision; `after` is None once all of them are."""

    revision: int
    after: str | None = store.FIRST_PTK_ID
    plan_count: int = 0


class RevisionChanges:
    """Decides the waiting plans of a period again when another parameter revision is in force."""

    def __init__(self, services: Services, decider: PlanDecider) -> None:
        self._services, self._decider = services, decider
        self._sweeps: dict[str, _DecisionSweep] = {}

    async def reconcile_page(self, automatic_states: AutomaticStates, now: datetime) -> bool:
        """Decide one page of plans. Returns whether there may be more."""
        connection = self._services.connection
        for code, decided_revision in (await store.load_decided_revisions(connection)).items():
            used = await period_store.load_period(code, self._services.workflows, connection)
            revision = used.period.parameters_at(now).number if used else decided_revision
            sweep = self._sweeps.get(code)
            if revision is None or (sweep is None and revision == decided_revision):
                continue
            if sweep is None or sweep.revision != revision:
                sweep = self._sweeps[code] = _DecisionSweep(revision)
            if sweep.after is not None:
                await self._decide_page(code, sweep, sweep.after, automatic_states)
                return True
        return False

    async def store_finished_sweeps(self, now: datetime) -> None:
        """Store the revision of each period whose waiting plans are all decided by it."""
        for period, sweep in list(self._sweeps.items()):
            if sweep.after is None:
                await store.store_decided_revision(period, sweep.revision, now, self._services.connection)
                del self._sweeps[period]

    async def _decide_page(
        self, period: str, sweep: _DecisionSweep, after: str, automatic_states: AutomaticStates
    ) -> None:
        plans = await store.select_waiting_in_period(
            period, automatic_states, after, PLAN_PAGE_SIZE, self._services.connection
        )
        await self._decider.decide(plans, lambda _: ParameterChange(sweep.revision))
        sweep.plan_count += len(plans)
        sweep.after = plans[-1].ptk_id if len(plans) == PLAN_PAGE_SIZE else None
        log.info(
            "period %s, revision %d: %d waiting plans decided again%s",
            period, sweep.revision, sweep.plan_count, "" if sweep.after else ", that is all",
        )  # fmt: skip
