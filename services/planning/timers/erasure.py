"""Storage of the reasons that admins gave for acts on a plan's timers, as erasure needs them."""

from __future__ import annotations

from pathlib import Path

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.sql import load_statements

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def count_reasons(ptk_id: str, period: str, connection: BaseDBAsyncClient) -> int:
    """Count the reasons that are not erased."""
    return int(await _SQL["count_reasons"].fetch_value(connection, ptk_id=ptk_id, period=period))


async def erase_reasons(ptk_id: str, period: str, connection: BaseDBAsyncClient) -> None:
    """Erase the reasons. The acts stay."""
    await _SQL["erase_reasons"].fetch(connection, ptk_id=ptk_id, period=period)
