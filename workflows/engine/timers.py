"""When timers fall due: a local day and hour of the plan's school, resolved to an instant. Pure.

Firings are numbered from 0: number n falls due `repeat.days` times n after the first one. What has passed while nobody
looked is not made up for: after a firing, the next one is the first that is still to come.
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
    """A timer of a plan: `first` is when firing number 0 falls due, `due` when number `count` does.

    `due` None: it fires no more, unless the period moves its date.
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
    reminded: datetime | None = None,
) -> tuple[TimerState, ...]:
    """The timers of a plan that came to `state` at `since`; a firing that lies before that is passed over.

    So is a reminder that lies before `reminded`: until then the plan had these timers already. What would have fired a
    transition has not, for the plan is still in its state.
    """
    return tuple(
        _next(
            timer,
            first_due(timer, since, params, zone),
            params,
            zone,
            reminded if reminded and isinstance(timer.action, Remind) else since,
            0,
        )
        for timer in definition.timers
        if state in timer.states
    )


def depends_on_params(timer: Timer) -> bool:
    """Whether its instants depend on values of the period."""
    days = [] if isinstance(timer.when, OnDate) else [timer.when.days]
    days += [timer.repeat.days] if timer.repeat else []
    return isinstance(timer.when, OnDate) or any(isinstance(one, ParamRef) for one in days)


def first_due(timer: Timer, since: datetime, params: Params, zone: tzinfo) -> datetime:
    """When firing number 0 of a plan in its state since `since` falls due."""
    if isinstance(timer.when, OnDate):
        day = params[timer.when.param]
        assert isinstance(day, date), "the linter saw to it"
        return _instant(day, timer.when.days, timer.hour, zone)
    return _instant(since.astimezone(zone).date(), _days(timer.when.days, params), timer.hour, zone)


def advance_timer(timer: Timer, was: TimerState, params: Params, zone: tzinfo, now: datetime) -> TimerState:
    """What remains once firing number `count` is done, or skipped: the first later one that is still to come."""
    return _next(timer, was.first_due, params, zone, now, was.count + 1)


def reschedule_timer(
    timer: Timer, was: TimerState, since: datetime, params: Params, zone: tzinfo
) -> TimerState:
    """The same by the values in force now: where its date moved, it is planned anew, behind what was fired already."""
    first = first_due(timer, since, params, zone)
    if first == was.first_due:
        return was
    after = _due(timer, was.first_due, params, zone, was.count - 1) if was.count else since
    return _next(timer, first, params, zone, after, 0)


def _next(
    timer: Timer, first: datetime, params: Params, zone: tzinfo, after: datetime, count: int
) -> TimerState:
    most = timer.repeat.max_firings if timer.repeat else 1
    for number in range(count, most):
        due = _due(timer, first, params, zone, number)
        if due > after:
            return TimerState(timer.id, first, due, number)
    return TimerState(timer.id, first, None, most)


def _due(timer: Timer, first: datetime, params: Params, zone: tzinfo, number: int) -> datetime:
    days = _days(timer.repeat.days, params) * number if timer.repeat else 0
    return _instant(first.astimezone(zone).date(), days, timer.hour, zone)


def _instant(day: date, days: int, hour: int, zone: tzinfo) -> datetime:
    return datetime.combine(day + timedelta(days=days), time(hour), zone)


def _days(days: int | ParamRef, params: Params) -> int:
    number = params[days.name] if isinstance(days, ParamRef) else days
    assert isinstance(number, int), "the linter saw to it"
    return number
