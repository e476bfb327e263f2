"""The clock of a process. Development can freeze it, for example inside the planning window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
