"""Storage of teachers whose sekolah induk differs from the school of their plan."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.sql import load_statements

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def select_induk(
    keys: Collection[tuple[str, str]], today: date, connection: BaseDBAsyncClient
) -> dict[tuple[str, str], str]:
    """Return the sekolah induk of those of these (ptk_id, period) who moved in a period that has not ended."""
    rows = await _SQL["select_induk"].fetch(
        connection,
        ptk_ids=[ptk_id for ptk_id, _ in keys],
        periods=[period for _, period in keys],
        today=today,
    )
    return {(row["ptk_id"], row["period"]): row["npsn"] for row in rows}


async def select_with_plans(ptk_ids: Sequence[str], today: date, connection: BaseDBAsyncClient) -> list[str]:
    """Return those of these teachers who have a plan in a period that has not ended."""
    rows = await _SQL["select_with_plans"].fetch(connection, ptk_ids=list(ptk_ids), today=today)
    return [row["ptk_id"] for row in rows]


async def update_moves(
    induk: Mapping[str, str | None], today: date, noticed_at: datetime, connection: BaseDBAsyncClient
) -> None:
    """Store who is at another school than their plan and delete who is not, by the sekolah induk of each ptk_id.

    None means that nobody knows the sekolah induk: such a teacher is at no other school.
    """
    teachers = json.dumps([{"ptk_id": ptk_id, "induk": npsn} for ptk_id, npsn in induk.items()])
    await _SQL["update_moves"].fetch(connection, teachers=teachers, today=today, noticed_at=noticed_at)
