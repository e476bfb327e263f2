"""Questions about timers: those of one plan, and those that failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.planning.change_requests.model import AdminAct
from services.planning.plan.model import Plan
from services.planning.timers import store
from services.planning.timers.model import AdminTimer, PlanTimer, TimerKey
from services.planning.versions.store import WorkflowCache
from workflows.engine.machine import Workflow
from workflows.engine.timers import TimerState
from workflows.model.definition import Label, State


async def list_plan_timers(plan: Plan, workflow: Workflow, connection: Connection) -> list[AdminTimer]:
    """Return the timers of a plan that will fire, first due first."""
    timers = await store.list_of_plan(plan.ptk_id, plan.period, connection)
    definitions = _read_definitions([workflow])
    return [
        _describe(AdminTimer(_of_plan(plan, armed), None), definitions)
        for armed in timers
        if (workflow.sha256, armed.timer) in definitions
    ]


def _of_plan(plan: Plan, current: TimerState) -> PlanTimer:
    return PlanTimer(
        plan.ptk_id, plan.period, plan.school.npsn, plan.school.zone, plan.workflow, plan.state,
        plan.state_since or plan.updated_at, current,
    )  # fmt: skip


async def find_timers(
    keys: Collection[TimerKey], workflows: WorkflowCache, connection: Connection
) -> dict[TimerKey, AdminTimer]:
    """Return the timers of these keys that exist."""
    timers = await store.select_timers(keys, connection) if keys else []
    return {found.timer.key: found for found in await add_definitions(timers, workflows, connection)}


async def list_acts(
    keys: Collection[TimerKey], connection: Connection
) -> Mapping[TimerKey, Sequence[AdminAct]]:
    """Return what admins did with these timers, oldest first. The detail of an act holds the `count` at that time."""
    return await store.list_acts(keys, connection)


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
    return await add_definitions(timers[:size], workflows, connection), len(timers) > size


async def add_definitions(
    timers: Sequence[AdminTimer], workflows: WorkflowCache, connection: Connection
) -> list[AdminTimer]:
    """Return timers with their labels and the states of their plans."""
    definitions = _read_definitions(await workflows.list_supported(connection))
    return [_describe(found, definitions) for found in timers]


_Definitions = Mapping[tuple[str, str], tuple[Label, Mapping[str, State]]]


def _read_definitions(workflows: Iterable[Workflow]) -> _Definitions:
    """Return the label of each timer, and the states by name, by workflow version and timer."""
    return {
        (workflow.sha256, timer.id): (
            timer.label,
            {state.name: state for state in workflow.definition.states},
        )
        for workflow in workflows
        for timer in workflow.definition.timers
    }


def _describe(found: AdminTimer, definitions: _Definitions) -> AdminTimer:
    label, states = definitions.get((found.timer.workflow, found.timer.current.timer), (None, {}))
    return replace(found, label=label, plan_state=states.get(found.timer.state))
