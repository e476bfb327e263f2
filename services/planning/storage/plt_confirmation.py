"""Storage of confirmations by the Plt of a school: one for a school and a period (Guide 11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.sql import load_statements

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, slots=True)
class PltConfirmation:
    """Who confirmed for a school and a period, and when. It covers later submissions too."""

    npsn: str
    period: str
    ptk_id: str
    account: str
    at: datetime


async def select_confirmation(
    npsn: str, period: str, connection: BaseDBAsyncClient
) -> PltConfirmation | None:
    """Return the confirmation of a school for a period."""
    rows = await _SQL["select_confirmation"].fetch(connection, npsn=npsn, period=period)
    return PltConfirmation(**rows[0]) if rows else None


async def select_confirmed(npsns: Iterable[str], period: str, connection: BaseDBAsyncClient) -> set[str]:
    """Return those of these schools that have a confirmation for the period."""
    rows = await _SQL["select_confirmed"].fetch(connection, npsns=list(npsns), period=period)
    return {row["npsn"] for row in rows}


async def insert_confirmation(confirmation: PltConfirmation, connection: BaseDBAsyncClient) -> bool:
    """Store a confirmation. Returns False, and changes nothing, if the school has one for the period."""
    return bool(await _SQL["insert_confirmation"].fetch(connection, **asdict(confirmation)))


async def select_instants(period: str, connection: BaseDBAsyncClient) -> dict[str, datetime]:
    """Return when the Plt of each school confirmed for the period, by NPSN."""
    rows = await _SQL["select_instants"].fetch(connection, period=period)
    return {row["npsn"]: row["at"] for row in rows}
