"""The timers of a plan: which its state has, and when they fall due where its school lies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from services.planning.period.model import WIB
from services.planning.plan.model import Plan
from workflows.engine.timers import TimerState, arm_timers, reschedule_timer
from workflows.model.definition import Definition
from workflows.model.facts import ParamValue


def list_state_timers(
    plan: Plan,
    definition: Definition,
    params: Mapping[str, ParamValue],
    reminded: datetime | None = None,
) -> tuple[TimerState, ...]:
    """The timers of the state that a plan is in, by these values of its period.

    None of them has fired yet; but what lies before `reminded` was told, where the plan had them until then.
    """
    return arm_timers(
        definition, plan.state, find_state_entry(plan), params, time_zone(plan.school.zone), reminded
    )


def carry_over_timers(
    plan: Plan,
    was: Mapping[str, TimerState],
    definition: Definition,
    params: Mapping[str, ParamValue],
    left: datetime | None = None,
) -> tuple[TimerState, ...]:
    """The timers of a plan that came to another version of its workflow; `was` are those it had, by name.

    One that it had goes on where it is, or is planned anew where its date moved; and where it comes back to a version
    that it `left`, what lies before that was told by it. So nothing is told twice.
    """
    timers, zone = {timer.id: timer for timer in definition.timers}, time_zone(plan.school.zone)
    return tuple(
        reschedule_timer(timers[new.timer], was[new.timer], find_state_entry(plan), params, zone)
        if new.timer in was
        else new
        for new in list_state_timers(plan, definition, params, left)
    )


def find_state_entry(plan: Plan) -> datetime:
    """When the plan came to its state."""
    return plan.state_since or plan.updated_at


def time_zone(zone: str | None) -> ZoneInfo:
    """Where a school lies; a gap in the registry is not the teacher's fault: the hour comes last in the west."""
    return ZoneInfo(zone or WIB)
