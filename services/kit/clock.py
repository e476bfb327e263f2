"""The clock of a process, which development can freeze; and strict formats of days and instants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

CLOCK_TOLERANCE = timedelta(minutes=5)  # the clocks of machines differ by less


def is_ahead(at: datetime, now: datetime) -> bool:
    """Return whether a recorded instant is so late that the clock that gave it ran ahead."""
    return at > now + CLOCK_TOLERANCE


@dataclass(frozen=True, slots=True)
class Clock:
    """The system clock, or a clock frozen at an instant (`RENCANA_NOW`, dev only)."""

    frozen_at: datetime | None = None

    def now(self) -> datetime:
        """Return the current instant in UTC, timezone-aware."""
        return self.frozen_at.astimezone(UTC) if self.frozen_at else datetime.now(UTC)


YEARS = range(1900, 2200)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def parse_date(text: str) -> date:
    """Parse a calendar date. Raises ValueError for another format and for a year outside `YEARS`."""
    if not _DATE.fullmatch(text):
        raise ValueError("expected YYYY-MM-DD, such as 2024-01-31")
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError(f"expected a year from {YEARS[0]} to {YEARS[-1]}")
    return day


def parse_instant(text: str) -> datetime:
    """Parse an instant with its offset, in UTC. Raises ValueError for another format and a year outside `YEARS`."""
    if not _DATE_TIME.fullmatch(text):
        raise ValueError("expected RFC 3339 with an offset, such as 2024-01-31T09:00:00+07:00")
    seconds, fraction, offset = re.match(r"([^.Z+]{19})(\.[0-9]+)?(.+)", text).groups()  # type: ignore[union-attr]
    at = datetime.fromisoformat(f"{seconds}{(fraction or '')[:7]}{offset}")
    if at.year not in YEARS:
        raise ValueError(f"expected a year from {YEARS[0]} to {YEARS[-1]}")
    return at.astimezone(UTC)
