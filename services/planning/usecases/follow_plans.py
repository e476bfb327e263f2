"""Having waiting plans decided again: some at a time, each guarded by its version, so repeating it does no harm."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from prometheus_client import Counter

from services.planning.planning import Planning
from services.planning.storage.waiting import WaitingPlan
from services.planning.usecases.fire import decide_again
from services.planning.usecases.follow_owed import Owed

log = logging.getLogger(__name__)
DECIDED = Counter("rencana_worker_plans", "Waiting plans decided again, by what became of them", ["outcome"])

AT_ONCE = 8


class Stopped(Exception):
    """The worker was told to stop; the plans at hand are finished, no position has moved."""


async def decide_each(
    planning: Planning,
    owed: Owed,
    plans: Sequence[WaitingPlan],
    cause: Callable[[WaitingPlan], Mapping[str, Any]],
    stopping: asyncio.Event,
) -> None:
    """Have each plan decided by the facts of now, or owe it. Raises IdentityAway, and Stopped between two plans."""

    async def decide(plan: WaitingPlan) -> None:
        moved = await decide_again(planning, plan.ptk_id, plan.period, cause(plan))
        DECIDED.labels("moved" if moved else "stays").inc()
        if moved:
            log.info("plan %s %s is %s now: %s", plan.ptk_id, plan.period, moved.state, cause(plan))

    for first in range(0, len(plans), AT_ONCE):
        if stopping.is_set():
            raise Stopped
        outcomes = await asyncio.gather(
            *(
                owed.attempt(f"plan {plan.ptk_id} {plan.period}", partial(decide, plan))
                for plan in plans[first : first + AT_ONCE]
            ),
            return_exceptions=True,  # all of them end before anything else goes on
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
