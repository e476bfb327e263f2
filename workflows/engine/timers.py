"""When timers fall due: a local day and hour of the plan's school, as an instant.

Firings are numbered from 0. Number n falls due `repeat.days` times n days after number 0. Missed firings are skipped:
after a firing, the next one is the first in the future.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from workflows.model.definition import Definition, OnDate, ParamRef, Remind, Timer
from workflows.model.facts import ParamValue

Params = Mapping[str, ParamValue]


@dataclass(frozen=True, slots=True)
class TimerState:
    """A timer of a plan: firing 0 falls due at `first_due`, the next firing, number `count`, at `due`.

    `due` is None if no firing is left. The period may still change the date and so give it a new one.
    """

    timer: str
    first_due: datetime
    due: datetime | None
    count: int = 0


def arm_timers(
    definition: Definition,
    state: str,
    since: datetime,
    params: Params,
    zone: tzinfo,
    reminded_until: datetime | None = None,
) -> tuple[TimerState, ...]:
    """Return the timers of a plan that entered `state` at `since`, without firings due before that.

    Give `reminded_until` if the plan already had these timers until then: earlier reminders are skipped as well.
    Timers that fire a trigger are not, because the plan is still in its state.
    """
    timers = (timer for timer in definition.timers if state in timer.states)
    return tuple(
        _find_next(
            timer,
            first_due(timer, since, params, zone),
            params,
            zone,
            reminded_until if reminded_until and isinstance(timer.action, Remind) else since,
            0,
        )
        for timer in timers
    )


def depends_on_params(timer: Timer) -> bool:
    """Return whether a value of the period determines when the timer fires."""
    days = (timer.when.days, timer.repeat.days if timer.repeat else None)
    return isinstance(timer.when, OnDate) or any(isinstance(number, ParamRef) for number in days)


def first_due(timer: Timer, since: datetime, params: Params, zone: tzinfo) -> datetime:
    """Return when firing 0 falls due for a plan that entered its state at `since`."""
    if isinstance(timer.when, OnDate):
        day = params[timer.when.param]
        assert isinstance(day, date), "the linter checks the type"
        return _instant(day, timer.when.days, timer.hour, zone)
    return _instant(since.astimezone(zone).date(), _resolve_days(timer.when.days, params), timer.hour, zone)


def advance_timer(timer: Timer, state: TimerState, params: Params, zone: tzinfo, now: datetime) -> TimerState:
    """Return the timer after firing number `count`, done or skipped: the next one is due after `now`."""
    return _find_next(timer, state.first_due, params, zone, now, state.count + 1)


def is_too_late(timer: Timer, params: Params, zone: tzinfo, now: datetime) -> bool:
    """Return whether the day that a reminder announces has ended. A late worker sends no such reminder."""
    if not isinstance(timer.action, Remind) or not isinstance(timer.when, OnDate) or timer.when.days > 0:
        return False
    day = params[timer.when.param]
    assert isinstance(day, date), "the linter checks the type"
    return now.astimezone(zone).date() > day


def reschedule_timer(
    timer: Timer, state: TimerState, since: datetime, params: Params, zone: tzinfo
) -> TimerState:
    """Return the timer by the present values: if its date changed, new firings after those that were done."""
    first = first_due(timer, since, params, zone)
    if first == state.first_due:
        return state
    after = _firing_due(timer, state.first_due, params, zone, state.count - 1) if state.count else since
    return _find_next(timer, first, params, zone, after, 0)


def _find_next(
    timer: Timer, first: datetime, params: Params, zone: tzinfo, after: datetime, count: int
) -> TimerState:
    """Return the timer with its first firing due after `after`, from number `count` on."""
    max_firings = timer.repeat.max_firings if timer.repeat else 1
    for number in range(count, max_firings):
        due = _firing_due(timer, first, params, zone, number)
        if due > after:
            return TimerState(timer.id, first, due, number)
    return TimerState(timer.id, first, None, max_firings)


def _firing_due(timer: Timer, first: datetime, params: Params, zone: tzinfo, number: int) -> datetime:
    days = _resolve_days(timer.repeat.days, params) * number if timer.repeat else 0
    return _instant(first.astimezone(zone).date(), days, timer.hour, zone)


def _instant(day: date, days: int, hour: int, zone: tzinfo) -> datetime:
    return datetime.combine(day + timedelta(days=days), time(hour), zone)


def _resolve_days(days: int | ParamRef, params: Params) -> int:
    number = params[days.name] if isinstance(days, ParamRef) else days
    assert isinstance(number, int), "the linter checks the type"
    return number
