"""Questions about timers: those of one plan, and those that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.planning.plan.model import Plan
from services.planning.timers import store
from services.planning.timers.model import AdminTimer
from services.planning.versions.store import WorkflowCache
from workflows.engine.machine import Workflow
from workflows.engine.timers import TimerState
from workflows.model.definition import Timer


async def list_plan_timers(
    plan: Plan, workflow: Workflow, connection: Connection
) -> list[tuple[Timer, TimerState]]:
    """Return the timers of a plan that will fire, with their due dates, first due first."""
    definitions = {timer.id: timer for timer in workflow.definition.timers}
    timers = await store.list_of_plan(plan.ptk_id, plan.period, connection)
    return [(definitions[armed.timer], armed) for armed in timers if armed.timer in definitions]


async def list_incidents(
    period: str | None,
    after: tuple[datetime, str, str, str],
    size: int,
    workflows: WorkflowCache,
    connection: Connection,
) -> tuple[list[AdminTimer], bool]:
    """Return a page of timers that failed, longest ago first, and whether more follow.

    `after` is the instant of the last try, the ptk_id, the period and the name of the last timer of the page before.
    Raises RequestRefused `page.size` if `size` is out of bounds.
    """
    check_page_size(size)
    timers = await store.select_incidents(period, after, size + 1, connection)
    return await add_labels_and_acts(timers[:size], workflows, connection), len(timers) > size


async def add_labels_and_acts(
    timers: Sequence[AdminTimer], workflows: WorkflowCache, connection: Connection
) -> list[AdminTimer]:
    """Return timers with their labels and with what admins did with them."""
    labels = {
        (workflow.sha256, timer.id): timer.label
        for workflow in await workflows.list_supported(connection)
        for timer in workflow.definition.timers
    }
    acts = await store.list_acts([admin_timer.timer.key for admin_timer in timers], connection)
    return [
        replace(
            found,
            label=labels.get((found.timer.workflow, found.timer.current.timer)),
            acts=tuple(acts[found.timer.key]),
        )
        for found in timers
    ]
