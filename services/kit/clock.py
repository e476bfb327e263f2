"""The clock of a process. Development can freeze it, for example inside the planning window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The system clock, or a clock frozen at an instant (`RENCANA_NOW`, dev only)."""

    frozen_at: datetime | None = None

    def now(self) -> datetime:
        """Return the current instant in UTC, timezone-aware."""
        return self.frozen_at.astimezone(UTC) if self.frozen_at else datetime.now(UTC)
