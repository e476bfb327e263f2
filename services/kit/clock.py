"""The time, asked in one place, so that February can be shown in November."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The system's clock, or one that stands still (`RENCANA_NOW`, dev only)."""

    fixed: datetime | None = None

    def now(self) -> datetime:
        """This instant, aware, in UTC."""
        return self.fixed.astimezone(UTC) if self.fixed else datetime.now(UTC)
