"""The confirmation by the Plt of a school: one fact per school and period (Guide 11)."""

from __future__ import annotations

from services.planning.storage.tables import PltConfirmationTable


async def exists(npsn: str, period: str) -> bool:
    """Whether the Plt of this school has confirmed for this period."""
    return await PltConfirmationTable.filter(npsn=npsn, period=period).exists()
