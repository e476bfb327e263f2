"""The timers of a plan by its state, due in the time zone of its school."""

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
    reminded_until: datetime | None = None,
) -> tuple[TimerState, ...]:
    """Return the timers of the plan's state by these parameters of its period. None of them has fired.

    Reminders due before `reminded_until` are passed over: the plan had these timers until then.
    """
    return arm_timers(
        definition, plan.state, find_state_entry(plan), params, time_zone(plan.school.zone), reminded_until
    )


def carry_over_timers(
    plan: Plan,
    previous: Mapping[str, TimerState],
    definition: Definition,
    params: Mapping[str, ParamValue],
    left_at: datetime | None = None,
) -> tuple[TimerState, ...]:
    """Return the timers of a plan that a migration moved to this definition, so that no reminder is sent twice.

    previous: the timers of the plan by name. One with the same name continues, rescheduled if its date differs
    left_at: when the plan left this version, if it returns to it. Reminders due before have been sent
    """
    timers, zone = {timer.id: timer for timer in definition.timers}, time_zone(plan.school.zone)
    return tuple(
        reschedule_timer(timers[new.timer], previous[new.timer], find_state_entry(plan), params, zone)
        if new.timer in previous
        else new
        for new in list_state_timers(plan, definition, params, left_at)
    )


def find_state_entry(plan: Plan) -> datetime:
    """Return the instant at which the plan entered its state."""
    return plan.state_since or plan.updated_at


def time_zone(zone: str | None) -> ZoneInfo:
    """Return the time zone of a school. An unknown zone is WIB, where each hour comes last."""
    return ZoneInfo(zone or WIB)
