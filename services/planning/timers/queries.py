"""Questions about timers: those of one plan, and those that failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.planning.plan.model import Plan
from services.planning.timers import store
from services.planning.timers.model import AdminTimer, PlanTimer
from services.planning.versions.store import WorkflowCache
from workflows.engine.machine import Workflow
from workflows.engine.timers import TimerState
from workflows.model.definition import Label, Timer


async def list_plan_timers(
    plan: Plan, workflow: Workflow, connection: Connection
) -> list[tuple[Timer, TimerState]]:
    """Return the timers of a plan that will fire, with their due dates, first due first."""
    timers = {timer.id: timer for timer in workflow.definition.timers}
    armed = await store.list_of_plan(plan.ptk_id, plan.period, connection)
    return [(timers[one.timer], one) for one in armed if one.timer in timers]


async def list_incidents(
    period: str | None,
    after: tuple[datetime, str, str, str],
    size: int,
    workflows: WorkflowCache,
    connection: Connection,
) -> tuple[list[AdminTimer], bool]:
    """Return a page of timers that failed, longest ago first, and whether more follow.

    Raises Refused `page.size` if `size` is out of bounds.
    """
    check_page_size(size)
    timers = await store.select_incidents(period, after, size + 1, connection)
    return await add_labels_and_acts(timers[:size], workflows, connection), len(timers) > size


async def add_labels_and_acts(
    timers: list[AdminTimer], workflows: WorkflowCache, connection: Connection
) -> list[AdminTimer]:
    """Return timers with their labels and with what admins did with them."""
    versions = {workflow.sha256: workflow for workflow in await workflows.list_supported(connection)}
    keys = [(one.timer.ptk_id, one.timer.period, one.timer.armed.timer) for one in timers]
    acts = await store.list_acts(keys, connection)
    return [
        replace(one, label=_find_label(one.timer, versions.get(one.timer.workflow)), acts=tuple(acts[key]))
        for one, key in zip(timers, keys, strict=True)
    ]


def _find_label(timer: PlanTimer, workflow: Workflow | None) -> Label | None:
    timers = workflow.definition.timers if workflow else ()
    return next((one.label for one in timers if one.id == timer.armed.timer), None)
