"""Commands of admins on a timer: retry one that failed, or skip a firing. Each act is recorded with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.people.queries import is_same_person
from services.planning.people.services import Services
from services.planning.period.model import resolve_parameters
from services.planning.period.queries import get_period
from services.planning.plan.timers import time_zone
from services.planning.timers import store
from services.planning.timers.model import RETRIED, SKIPPED, AdminTimer, PlanTimer, TimerKey, find_timer
from services.planning.timers.queries import add_definitions
from workflows.engine.timers import TimerState, advance_timer

TIMER, COUNT = ("timer_id",), ("expected_firing_count",)


@dataclass(frozen=True, slots=True)
class TimerCommand:
    """The timer of a command, how often it had fired when the admin read it (None: any number), and the reason."""

    key: TimerKey
    expected_count: int | None
    reason: str


async def retry_timer(
    services: Services, actor: AdminActor, command: TimerCommand, connection: Connection
) -> AdminTimer:
    """Fire a timer that failed once more. Raises RequestRefused `timer.no_incident` if it did not fail."""
    admin_timer = await _load_timer(services, actor, command, connection)
    if admin_timer.incident is None:
        raise RequestRefused(Problem("timer.no_incident", {}, TIMER))
    return await _update(services, actor, command, admin_timer.timer, None, connection)


async def skip_timer(
    services: Services, actor: AdminActor, command: TimerCommand, connection: Connection
) -> AdminTimer:
    """Pass over the next firing, whether the timer failed or not. A repeated timer continues with the one after it.

    Raises RequestRefused `workflow.beyond_release` if only another release can read the plan's version of the workflow.
    """
    timer = (await _load_timer(services, actor, command, connection)).timer
    next = await _find_next_firing(services, timer, connection)
    return await _update(services, actor, command, timer, next, connection)


async def _load_timer(
    services: Services, actor: AdminActor, command: TimerCommand, connection: Connection
) -> AdminTimer:
    problems = list(find_reason_problems(command.reason))
    admin_timer = await _select_timer(command.key, connection)
    if admin_timer is None or admin_timer.timer.current.due is None:
        raise RequestRefused([Problem("timer.unknown", {}, TIMER), *problems])
    if command.expected_count not in {None, admin_timer.timer.current.count}:
        problems.append(_count_conflict(admin_timer.timer))
    if await is_same_person(services, actor.ptk_id, command.key.ptk_id):
        problems.append(Problem("actor.own_plan", {}, TIMER))
    if problems:
        raise RequestRefused(problems)
    return admin_timer


def _count_conflict(timer: PlanTimer) -> Problem:
    return Problem("timer.moved_on", {"count": timer.current.count}, COUNT)


async def _find_next_firing(services: Services, timer: PlanTimer, connection: Connection) -> TimerState:
    workflows = await services.workflows.list_supported(connection)
    workflow = next((each for each in workflows if each.sha256 == timer.workflow), None)
    if workflow is None:
        raise RequestRefused(Problem("workflow.beyond_release", {}, TIMER))
    now = services.clock.now()
    used = await get_period(services, timer.period)
    params = resolve_parameters(workflow.definition, used.period.parameters_at(now))
    # A firing that is skipped before it is due does not come back with the next round.
    instant = max(now, timer.current.due or now)
    return advance_timer(find_timer(timer, workflow), timer.current, params, time_zone(timer.zone), instant)


async def _update(
    services: Services,
    actor: AdminActor,
    command: TimerCommand,
    timer: PlanTimer,
    next: TimerState | None,
    connection: Connection,
) -> AdminTimer:
    """Retry a timer, or skip to `next`, and record the act in one transaction. Returns the timer as it continues."""

    async def work(transaction: Connection) -> None:
        if next is None:
            act, is_stored = RETRIED, await store.retry_timer(timer, transaction)
        else:
            act, is_stored = SKIPPED, await store.skip_timer(timer, next, transaction)
        if not is_stored:
            raise RequestRefused(_count_conflict(timer))
        await store.insert_act(timer, act, actor, command.reason, services.clock.now(), transaction)

    await run_in_transaction(work)
    admin_timer = await _select_timer(command.key, connection)
    if admin_timer is None:
        raise RequestRefused(Problem("timer.unknown", {}, TIMER))
    (admin_timer,) = await add_definitions([admin_timer], services.workflows, connection)
    return admin_timer


async def _select_timer(key: TimerKey, connection: Connection) -> AdminTimer | None:
    return next(iter(await store.select_timers([key], connection)), None)
