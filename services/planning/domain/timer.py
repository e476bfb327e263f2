"""The timers of a plan: which its state has, and when they fall due where its school lies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from services.planning.domain.period import WIB
from services.planning.domain.plan import Plan
from workflows import Armed, Definition, ParamValue, armed


def timers_of(plan: Plan, definition: Definition, params: Mapping[str, ParamValue]) -> tuple[Armed, ...]:
    """The timers of the state that a plan is in, by these values of its period: none of them has fired yet."""
    return armed(definition, plan.state, since_of(plan), params, zone_of(plan.school.zone))


def since_of(plan: Plan) -> datetime:
    """When the plan came to its state."""
    return plan.state_since or plan.updated_at


def zone_of(zone: str | None) -> ZoneInfo:
    """Where a school lies; a gap in the registry is not the teacher's fault: the hour comes last in the west."""
    return ZoneInfo(zone or WIB)
