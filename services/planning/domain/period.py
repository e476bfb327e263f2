"""A period of Pengelolaan Kinerja: its days, its lists, and the values in force at an instant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.facts import ParamValue

WIB, WIT = "Asia/Jakarta", "Asia/Jayapura"  # the day begins in the east and ends in the west


@dataclass(frozen=True, slots=True)
class Revision:
    """All parameter values from `effective_from` on; a later revision replaces it, nothing ever edits it."""

    number: int
    values: Mapping[str, ParamValue]
    author: str
    approver: str
    reason: str
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Label:
    """A name in Indonesian and English."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class Period:
    """A period; `catalog` and `workflow` name what it uses, `ends` is its last day."""

    code: str
    label: Label
    starts: date
    ends: date
    catalog: str
    workflow: str
    revisions: tuple[Revision, ...]

    def parameters_at(self, now: datetime) -> Revision:
        """The revision in force: of those already effective the latest, of these the highest number.

        Before the first becomes effective it is the first one: it announces the dates to come. A value that later
        revisions no longer name stays as it was, for plans whose version of the workflow still reads it.
        """
        effective = [revision for revision in self.revisions if revision.effective_from <= now]
        order = sorted(effective or self.revisions[:1], key=lambda one: (one.effective_from, one.number))
        values = {name: value for revision in order for name, value in revision.values.items()}
        return replace(order[-1], values=values)


@dataclass(frozen=True, slots=True)
class Window:
    """An interval of instants: `opens` belongs to it, `closes` does not."""

    opens: datetime
    closes: datetime


def planning_window(revision: Revision, zone: str | None) -> Window:
    """When teachers of a zone may start and first submit: midnight of the first day to the end of the last.

    Where the zone of a school is unknown, the window is open as long as it is open anywhere in the country: a
    gap in the registry is not the teacher's fault.
    """
    opens, closes = day_of(revision, "planning_opens"), day_of(revision, "planning_closes")
    first, last = (zone, zone) if zone else (WIT, WIB)
    return Window(local_midnight(opens, first), local_midnight(closes + timedelta(days=1), last))


def day_of(revision: Revision, name: str) -> date:
    """A parameter that is a calendar date; TypeError where it is something else."""
    value = revision.values[name]
    if not isinstance(value, date):
        raise TypeError(f"{name} is not a date")
    return value


def local_midnight(day: date, zone: str) -> datetime:
    """The instant, in UTC, at which a day begins in a zone."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def bounds_of(code: str) -> tuple[date, date] | None:
    """First and last day by code: `2024-1` is Jan–Jun, `2024-2` Jul–Dec (Guide FAQ), `2025` the year."""
    match = re.fullmatch(r"(2\d{3})(?:-([12]))?", code)
    if match is None:
        return None
    year, semester = int(match[1]), match[2]
    first_month, last_day = {"1": (1, (6, 30)), "2": (7, (12, 31)), None: (1, (12, 31))}[semester]
    return date(year, first_month, 1), date(year, *last_day)
