"""All plans with their events and texts, batch by batch, as they are checked: each plan is read at one instant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from pydantic import TypeAdapter
from tortoise.connection import get_connection

from services.planning.domain.chain import StoredPlan

BATCH = 100
_PLANS = TypeAdapter(list[StoredPlan])
_CHOSEN = "($1::text IS NULL OR period = $1) AND ($2::uuid IS NULL OR ptk_id = $2)"
_COUNT = f"SELECT count(*)::int AS plans FROM plan WHERE {_CHOSEN}"
# One statement sees one instant: in several, a plan that somebody is working on would look broken.
_BATCH = f"""
SELECT coalesce(json_agg(p ORDER BY p.ptk_id, p.period), '[]')::text AS plans FROM (
  SELECT ptk_id, period, npsn, state, workflow, catalog, version, last_hash, content, profile, school,
    coalesce((SELECT json_agg(e ORDER BY e.version) FROM plan_event e
      WHERE (e.ptk_id, e.period) = (plan.ptk_id, plan.period)), '[]') AS events,
    coalesce((SELECT json_agg(t) FROM plan_text t
      WHERE (t.ptk_id, t.period) = (plan.ptk_id, plan.period)), '[]') AS texts
  FROM plan WHERE {_CHOSEN} AND (ptk_id, period) > ($3, $4) ORDER BY ptk_id, period LIMIT $5) p
"""


async def count(period: str | None, ptk_id: str | None) -> int:
    """How many plans there are to check."""
    rows = await get_connection("default").execute_query_dict(_COUNT, [period, ptk_id])
    return int(rows[0]["plans"])


async def plans(period: str | None, ptk_id: str | None) -> AsyncIterator[StoredPlan]:
    """Every plan of a period, of a person, or at all; memory holds one batch."""
    place: list[Any] = ["00000000-0000-0000-0000-000000000000", ""]
    while True:
        rows = await get_connection("default").execute_query_dict(_BATCH, [period, ptk_id, *place, BATCH])
        batch = _PLANS.validate_json(rows[0]["plans"])
        for plan in batch:
            yield plan
        if len(batch) < BATCH:
            return
        place = [batch[-1].ptk_id, batch[-1].period]
