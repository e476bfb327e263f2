"""What admins do with a timer: retry one that failed, or skip a firing. Each act keeps its reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.people.services import Services
from services.planning.period.model import resolve_parameters
from services.planning.period.queries import get_period
from services.planning.plan.timers import time_zone
from services.planning.timers import store
from services.planning.timers.model import Act, AdminTimer, TimerAct, TimerKey, find_timer
from services.planning.timers.queries import add_labels_and_acts
from workflows.engine.timers import TimerState, advance_timer

TIMER, COUNT = ("timer",), ("expected_count",)


@dataclass(frozen=True, slots=True)
class TimerCommand:
    """The timer of a command, how often it had fired when the admin read it (None: any number), and the reason."""

    key: TimerKey
    expected_count: int | None
    reason: str


async def retry_timer(
    services: Services, by: AdminActor, command: TimerCommand, connection: Connection
) -> AdminTimer:
    """Fire a timer that failed once more. Raises RequestRefused `timer.no_incident` if it did not fail."""
    found = await _load(command, connection)
    if found.incident is None:
        raise RequestRefused(Problem("timer.no_incident", {}, TIMER))
    count = found.timer.armed.count
    return await _record(
        services,
        command,
        TimerAct(Act.RETRIED, by, services.clock.now(), command.reason, count),
        lambda transaction: store.retry_timer(command.key, count, transaction),
        connection,
    )


async def skip_timer(
    services: Services, by: AdminActor, command: TimerCommand, connection: Connection
) -> AdminTimer:
    """Pass over the next firing, whether the timer failed or not. A repeated timer continues with the one after it.

    Raises RequestRefused `workflow.beyond_release` if only another release can read the plan's version of the workflow.
    """
    found = await _load(command, connection)
    next = await _next_firing(services, found)
    return await _record(
        services,
        command,
        TimerAct(Act.SKIPPED, by, services.clock.now(), command.reason, found.timer.armed.count),
        lambda transaction: store.skip_timer(found.timer, next, transaction),
        connection,
    )


async def _load(command: TimerCommand, connection: Connection) -> AdminTimer:
    faults, found = (
        list(find_reason_problems(command.reason)),
        await store.select_timer(command.key, connection),
    )
    if found is None or found.timer.armed.due is None:
        raise RequestRefused([Problem("timer.unknown", {}, TIMER), *faults])
    count = found.timer.armed.count
    if command.expected_count not in {None, count}:
        faults.append(Problem("timer.moved_on", {"count": count}, COUNT))
    if faults:
        raise RequestRefused(faults)
    return found


async def _next_firing(services: Services, found: AdminTimer) -> TimerState:
    timer, now = found.timer, services.clock.now()
    versions = {
        workflow.sha256: workflow for workflow in await services.workflows.list_supported(services.connection)
    }
    workflow = versions.get(timer.workflow)
    if workflow is None:
        raise RequestRefused(Problem("workflow.beyond_release", {}, TIMER))
    used = await get_period(services, timer.period)
    params = resolve_parameters(workflow.definition, used.period.parameters_at(now))
    # A firing that is skipped before it is due does not come back with the next round.
    instant = max(now, timer.armed.due or now)
    return advance_timer(find_timer(timer, workflow), timer.armed, params, time_zone(timer.zone), instant)


async def _record(
    services: Services,
    command: TimerCommand,
    act: TimerAct,
    update: Callable[[Connection], Awaitable[bool]],
    connection: Connection,
) -> AdminTimer:
    """Change the timer and record the act in one transaction. Returns the timer as it continues."""

    async def work(transaction: Connection) -> None:
        if not await update(transaction):
            raise RequestRefused(Problem("timer.moved_on", {"count": act.count}, COUNT))
        await store.insert_act(command.key, act, transaction)

    await run_in_transaction(work)
    found = await store.select_timer(command.key, connection)
    if found is None:
        raise RequestRefused(Problem("timer.unknown", {}, TIMER))
    (timer,) = await add_labels_and_acts([found], services.workflows, connection)
    return timer
