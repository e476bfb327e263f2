"""Storage of the personal texts of a plan's events, as erasure needs them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.sql import load_statements

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def select_periods(ptk_id: str, period: str | None, connection: BaseDBAsyncClient) -> list[str]:
    """Return the periods in which a person has a plan, or the given one of them."""
    rows = await _SQL["select_periods"].fetch(connection, ptk_id=ptk_id, period=period)
    return [row["period"] for row in rows]


async def select_text_names(
    ptk_id: str, period: str, connection: BaseDBAsyncClient
) -> Mapping[int, list[str]]:
    """Return the names of the texts of a plan that are not erased, by the version of their event."""
    rows = await _SQL["select_text_names"].fetch(connection, ptk_id=ptk_id, period=period)
    return {row["version"]: row["names"] for row in rows}


async def erase_texts(ptk_id: str, period: str, erased_at: datetime, connection: BaseDBAsyncClient) -> None:
    """Erase the texts of a plan's events, and the input hashes of the keys of all commands and comments on it."""
    await _SQL["erase_texts"].fetch(connection, ptk_id=ptk_id, period=period, erased_at=erased_at)
