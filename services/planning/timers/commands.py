"""What admins see of timers, and do with them: what falls due when, what failed; tried again, skipped, rescheduled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.connection import get_connection

from services.kit.clock import Clock
from services.kit.paging import check_size
from services.kit.problems import Problem, Refused
from services.planning.callers.commands import reason_faults
from services.planning.callers.model import By
from services.planning.period import store as periods
from services.planning.period.model import local_midnight, read_by
from services.planning.period.queries import UNKNOWN_ZONE
from services.planning.period.store import PeriodInUse
from services.planning.plan.model import Plan
from services.planning.plan.timers import zone_of
from services.planning.timers import store as timer_list
from services.planning.timers.firing import timer_of
from services.planning.timers.store import Act, Changed, Listed
from services.planning.versions.store import Workflows
from workflows.engine.machine import Workflow
from workflows.engine.timers import after_firing
from workflows.model.definition import Label, Timer

TIMER, COUNT, DUE = ("input", "timer"), ("input", "expectedCount"), ("input", "due")


@dataclass(frozen=True, slots=True)
class Key:
    """A timer of a plan, and how often it had fired when it was read (None: whatever it is)."""

    ptk_id: str
    period: str
    timer: str
    expected_count: int | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What acting on a timer takes."""

    clock: Clock
    workflows: Workflows


@dataclass(frozen=True, slots=True)
class Shown:
    """A timer with what its version of the workflow calls it; None where this release cannot read that version."""

    listed: Listed
    label: Label | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What falls due: of which period, at which school (None: all), until when, after which place."""

    period: str
    npsn: str | None = None
    until: datetime = timer_list.LATEST
    size: int = 20
    after: tuple[datetime, str, str] = timer_list.FIRST


async def due_until(workflows: Workflows, wanted: Wanted) -> tuple[list[Shown], bool]:
    """A page of what falls due, the first due first, and whether more follows."""
    check_size(wanted.size)
    known = await _known(workflows)
    names = sorted({timer.id for one in known.values() for timer in one.definition.timers})
    found = await timer_list.due_until(
        wanted.period, names, wanted.npsn, wanted.until, wanted.after, wanted.size + 1
    )
    return [_shown(one, known) for one in found[: wanted.size]], len(found) > wanted.size


async def incidents(
    workflows: Workflows, period: str | None, after: tuple[datetime, str, str, str], size: int
) -> tuple[list[Shown], bool]:
    """A page of the timers that failed, and whether more follow."""
    check_size(size)
    found, known = await timer_list.incidents(period, after, size + 1), await _known(workflows)
    return [_shown(one, known) for one in found[:size]], len(found) > size


async def timers_of_plan(plan: Plan, workflow: Workflow) -> list[tuple[Timer, datetime]]:
    """The timers of a plan that will fire, and when."""
    timers = {timer.id: timer for timer in workflow.definition.timers}
    found = await timer_list.of_plan(plan.ptk_id, plan.period)
    return [(timers[name], due) for name, due in found if name in timers]


async def retry(desk: Desk, by: By, key: Key, reason: str) -> Shown:
    """Have what failed tried again at once; Refused where nothing failed."""

    async def changed(was: Listed) -> Changed:
        if was.incident is None:
            raise Refused(Problem("timer.no_incident", {}, TIMER))
        return Changed(Act.RETRIED, was.timer.armed.due, was.timer.armed.count, was.timer.fixed)

    return await _act(desk, by, key, reason, changed)


async def skip(desk: Desk, by: By, key: Key, reason: str) -> Shown:
    """Pass over the next firing; the timer goes on with the one after it, if there is any."""

    async def changed(was: Listed) -> Changed:
        workflow = (await _known(desk.workflows)).get(was.timer.workflow)
        if workflow is None:
            raise Refused(Problem("workflow.beyond_release", {}, TIMER))
        used = await _period(desk, key.period)
        now, due = desk.clock.now(), was.timer.armed.due
        params = read_by(workflow.definition, used.period.parameters_at(now))
        zone = zone_of(was.timer.zone)
        # What is skipped before it is due does not come again with the next look.
        then = after_firing(
            timer_of(was.timer, workflow), was.timer.armed, params, zone, max(now, due or now)
        )
        return Changed(Act.SKIPPED, then.due, then.count)

    return await _act(desk, by, key, reason, changed)


async def reschedule(desk: Desk, by: By, key: Key, due: datetime, reason: str) -> Shown:
    """Have the next firing fall due at another instant, between now and the end of the period."""

    async def changed(was: Listed) -> Changed:
        used = await _period(desk, key.period)
        ends = local_midnight(used.period.ends + timedelta(days=1), was.timer.zone or UNKNOWN_ZONE)
        if due.tzinfo is None:
            raise Refused(Problem("timer.without_zone", {}, DUE))
        if not desk.clock.now() < due < ends:
            raise Refused(Problem("timer.due_out_of_bounds", {"last": used.period.ends}, DUE))
        return Changed(Act.RESCHEDULED, due, was.timer.armed.count, fixed=True)

    return await _act(desk, by, key, reason, changed)


async def _act(
    desk: Desk, by: By, key: Key, reason: str, changed: Callable[[Listed], Awaitable[Changed]]
) -> Shown:
    faults, was = list(reason_faults(reason)), await timer_list.one(key.ptk_id, key.period, key.timer)
    if was is None or was.timer.armed.due is None:
        raise Refused([Problem("timer.unknown", {}, TIMER), *faults])
    if key.expected_count not in {None, was.timer.armed.count}:
        faults.append(Problem("timer.moved_on", {"count": was.timer.armed.count}, COUNT))
    if faults:
        raise Refused(faults)
    then = await changed(was)
    if not await timer_list.act(was, then, by, reason, desk.clock.now()):
        raise Refused(Problem("timer.moved_on", {"count": was.timer.armed.count}, COUNT))
    now = await timer_list.one(key.ptk_id, key.period, key.timer)
    return _shown(now or was, await _known(desk.workflows))


async def _period(desk: Desk, code: str) -> PeriodInUse:
    used = await periods.load_period(code, desk.workflows, get_connection("default"))
    assert used is not None, "it has plans"
    return used


async def _known(workflows: Workflows) -> Mapping[str, Workflow]:
    return {one.sha256: one for one in await workflows.readable()}


def _shown(listed: Listed, workflows: Mapping[str, Workflow]) -> Shown:
    workflow = workflows.get(listed.timer.workflow)
    timers = workflow.definition.timers if workflow else ()
    label = next((timer.label for timer in timers if timer.id == listed.timer.armed.timer), None)
    return Shown(listed, label)
