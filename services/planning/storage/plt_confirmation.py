"""The confirmation by the Plt of a school: one fact per school and period (Guide 11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime

from tortoise.connection import get_connection

from services.planning.storage.tables import PltConfirmationTable

_KEEP = """
INSERT INTO plt_confirmation (npsn, period, ptk_id, account, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING npsn
"""


@dataclass(frozen=True, slots=True)
class PltConfirmation:
    """Who confirmed for a school and a period, and when; it covers later submissions too."""

    npsn: str
    period: str
    ptk_id: str
    account: str
    at: datetime


async def find(npsn: str, period: str) -> PltConfirmation | None:
    """The confirmation of a school for a period."""
    rows = await PltConfirmationTable.filter(npsn=npsn, period=period).values("ptk_id", "account", "at")
    return (
        PltConfirmation(npsn, period, str(rows[0]["ptk_id"]), rows[0]["account"], rows[0]["at"])
        if rows
        else None
    )


async def confirmed(npsns: Iterable[str], period: str) -> set[str]:
    """Which of these schools have one, in one query."""
    rows = await PltConfirmationTable.filter(npsn__in=list(npsns), period=period).values_list(
        "npsn", flat=True
    )
    return {str(npsn) for npsn in rows}


async def keep(confirmation: PltConfirmation) -> bool:
    """Store it, unless the school has one already: the first stands. Whether this one does."""
    rows = await get_connection("default").execute_query_dict(_KEEP, list(astuple(confirmation)))
    return bool(rows)


async def instants(period: str) -> dict[str, datetime]:
    """When each school's was given that has one: as many as schools are led by a Plt. One query."""
    rows = await PltConfirmationTable.filter(period=period).values("npsn", "at")
    return {row["npsn"]: row["at"] for row in rows}
