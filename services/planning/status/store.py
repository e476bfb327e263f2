"""Storage of the status of plans. The statement is in `store.sql`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.status.model import StoredStatus

_SQL = load_statements(Path(__file__).with_suffix(".sql"))
_STATUS = TypeAdapter(StoredStatus)


async def select_statuses(
    period: str, ptk_ids: Collection[str], connection: Connection
) -> dict[str, StoredStatus]:
    """Return the status of the plans of these teachers in a period, by ptk_id, without their contents."""
    rows = await _SQL["select_statuses"].fetch(connection, period=period, ptk_ids=list(ptk_ids))
    return {row["ptk_id"]: _status(row) for row in rows}


def _status(row: Mapping[str, Any]) -> StoredStatus:
    parts = {name: json.loads(row[name]) for name in ("school", "changes")}
    return _STATUS.validate_python({**row, **parts})
