"""Where plans stand, in one query whatever their number, and without their contents."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from pydantic import TypeAdapter
from tortoise.connection import get_connection

from services.planning.domain.plan_status import StoredStatus

_STATUS = TypeAdapter(StoredStatus)
# An event that leaves the state as it was is no move.
_SELECT = """
SELECT p.ptk_id::text, p.school, p.workflow, p.state, p.submitted_at, (
  SELECT coalesce(jsonb_agg(jsonb_build_object('to', e."to", 'at', e.at) ORDER BY e.version), '[]') FROM (
    SELECT version, "to", at, lag("to") OVER (ORDER BY version) AS before
    FROM plan_event WHERE (ptk_id, period) = (p.ptk_id, p.period)) e
  WHERE e."to" IS DISTINCT FROM e.before) AS moves
FROM plan p WHERE p.period = $1 AND p.ptk_id = ANY($2::uuid[])
"""


async def load(period: str, ptk_ids: Collection[str]) -> dict[str, StoredStatus]:
    """The plans that these teachers have in a period; one query, also where nobody is asked for."""
    rows = await get_connection("default").execute_query_dict(_SELECT, [period, list(ptk_ids)])
    return {row["ptk_id"]: _status(row) for row in rows}


def _status(row: dict[str, Any]) -> StoredStatus:
    parts = {name: json.loads(row[name]) for name in ("school", "moves")}
    return _STATUS.validate_python({**row, **parts})
