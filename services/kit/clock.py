"""The time, asked in one place, so that February can be shown in November."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The system's clock, or one that stands still (`RENCANA_NOW`, dev only)."""

    frozen_at: datetime | None = None

    def now(self) -> datetime:
        """This instant, aware, in UTC."""
        return self.frozen_at.astimezone(UTC) if self.frozen_at else datetime.now(UTC)
