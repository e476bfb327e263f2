"""How old the facts of the registry may be for what no guard of a workflow decides: comments, the word of a Plt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.kit.problem import Problem
from workflows import ParamValue

LEAST = 1  # minutes: the least that the parameter can say, for a workflow that no longer declares it


def stale(as_of: datetime | None, now: datetime, params: Mapping[str, ParamValue]) -> Problem | None:
    """`facts.stale`, to be tried again: older than `facts_max_age_minutes`, or nobody vouched for them."""
    minutes = int(str(params.get("facts_max_age_minutes", LEAST)))
    if as_of is not None and now - as_of <= timedelta(minutes=minutes):
        return None
    return Problem("facts.stale", {"minutes": minutes})
