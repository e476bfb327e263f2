"""Teachers whose sekolah induk is another now than the school of their plan; noticed by whoever follows identity."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from tortoise.connection import get_connection

# Rows of ended periods stay as they were last noticed: they tell nothing of today.
_INDUK = """
SELECT m.ptk_id::text, m.period, m.npsn FROM moved_teacher m
JOIN period ON period.code = m.period AND period.ends >= $3
WHERE (m.ptk_id, m.period) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))
"""
_WITH_PLANS = """
SELECT DISTINCT p.ptk_id::text FROM plan p JOIN period ON period.code = p.period
WHERE p.ptk_id = ANY($1::uuid[]) AND period.ends >= $2
"""
# The school of the plan is compared where it stands: the plan may have been moved since identity was asked.
_KEEP = """
WITH given AS (
  SELECT p.ptk_id, p.period, nullif(g.induk, p.npsn) AS induk
  FROM jsonb_to_recordset($1::jsonb) AS g(ptk_id uuid, induk text)
  JOIN plan p USING (ptk_id) JOIN period ON period.code = p.period AND period.ends >= $2),
home AS (
  DELETE FROM moved_teacher m USING given g
  WHERE (m.ptk_id, m.period) = (g.ptk_id, g.period) AND g.induk IS NULL)
INSERT INTO moved_teacher AS m (ptk_id, period, npsn, noticed_at)
SELECT ptk_id, period, induk, $3 FROM given WHERE induk IS NOT NULL
ON CONFLICT (ptk_id, period) DO UPDATE SET npsn = excluded.npsn, noticed_at = excluded.noticed_at
WHERE m.npsn <> excluded.npsn
"""


async def induk_of_all(keys: Collection[tuple[str, str]], today: date) -> dict[tuple[str, str], str]:
    """Where those of these people (ptk_id, period) are now who moved in a period that has not ended: one query."""
    values = [[ptk_id for ptk_id, _ in keys], [period for _, period in keys], today]
    rows = await get_connection("default").execute_query_dict(_INDUK, values)
    return {(row["ptk_id"], row["period"]): row["npsn"] for row in rows}


async def with_plans(ptk_ids: Sequence[str], today: date) -> list[str]:
    """Which of these teachers have a plan in a period that has not ended."""
    rows = await get_connection("default").execute_query_dict(_WITH_PLANS, [list(ptk_ids), today])
    return [row["ptk_id"] for row in rows]


async def keep(induk: Mapping[str, str | None], today: date, at: datetime) -> None:
    """Keep who moved, and forget who did not (or of whom nobody knows): the sekolah induk of today by ptk_id."""
    given = json.dumps([{"ptk_id": ptk_id, "induk": npsn} for ptk_id, npsn in induk.items()])
    await get_connection("default").execute_query(_KEEP, [given, today, at])
