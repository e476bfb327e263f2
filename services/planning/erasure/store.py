"""Personal texts of a person as rows: which still stand, and forgetting them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

_PERIODS = "SELECT period FROM plan WHERE ptk_id = $1 AND ($2::text IS NULL OR period = $2) ORDER BY period"
_BY_THEM = "author = $1 AND ptk_id <> $1 AND erased_at IS NULL AND ($2::text IS NULL OR period = $2)"
_COUNT_BY = f"SELECT count(*)::int AS comments FROM plan_comment WHERE {_BY_THEM}"
_FORGET_BY = f"""
WITH keys AS (
  UPDATE command_key SET input_hash = ''
  WHERE subject = 'ptk:' || $1::uuid AND mutation = 'commentOnPlan' AND ptk_id <> $1
  AND ($2::text IS NULL OR period = $2))
UPDATE plan_comment SET text = NULL, nama = NULL, erased_at = $3 WHERE {_BY_THEM} RETURNING number
"""

_STANDING = """
SELECT
  (SELECT json_object_agg(version, names) FROM (
    SELECT version, json_agg(name ORDER BY name) AS names FROM plan_text
    WHERE ptk_id = $1 AND period = $2 AND erased_at IS NULL GROUP BY version) t)::text AS texts,
  (SELECT json_agg(number ORDER BY number) FROM plan_comment
    WHERE ptk_id = $1 AND period = $2 AND erased_at IS NULL)::text AS comments,
  (SELECT count(*)::int FROM plan_timer_act WHERE ptk_id = $1 AND period = $2 AND reason IS NOT NULL) AS others
"""
# A key keeps a hash of its whole input, without salt: a short note could be guessed from it. The key itself
# stays, or a late repeat would write the words again. Keys are found by whom they belong to: so they are indexed.
_FORGET = """
WITH texts AS (
  UPDATE plan_text SET salt = NULL, value = NULL, erased_at = $4
  WHERE ptk_id = $1 AND period = $2 AND erased_at IS NULL),
comments AS (
  UPDATE plan_comment SET text = NULL, nama = NULL, erased_at = $4
  WHERE ptk_id = $1 AND period = $2 AND number = ANY($3::int[])),
acts AS (
  UPDATE plan_timer_act SET reason = NULL WHERE ptk_id = $1 AND period = $2),
subjects AS (
  SELECT coalesce('ptk:' || (body::json #>> '{actor,ptk_id}'), 'account:' || (body::json #>> '{actor,account}')) AS of
  FROM plan_event WHERE ptk_id = $1 AND period = $2
  UNION SELECT 'ptk:' || author FROM plan_comment WHERE ptk_id = $1 AND period = $2)
UPDATE command_key SET input_hash = '' FROM subjects WHERE subject = subjects.of AND ptk_id = $1 AND period = $2
"""


async def periods(ptk_id: str, period: str | None) -> list[str]:
    """The periods that a person has a plan of."""
    rows = await get_connection("default").execute_query_dict(_PERIODS, [ptk_id, period])
    return [row["period"] for row in rows]


async def standing(
    ptk_id: str, period: str, connection: BaseDBAsyncClient
) -> tuple[Mapping[int, list[str]], list[int], bool]:
    """What is not erased yet: names of texts by version, numbers of comments, and whether there is more than these.

    That is why admins acted on its timers.
    """
    row = (await connection.execute_query_dict(_STANDING, [ptk_id, period]))[0]
    texts = {int(version): names for version, names in json.loads(row["texts"] or "{}").items()}
    return texts, json.loads(row["comments"] or "[]"), row["others"] > 0


async def forget(
    ptk_id: str, period: str, comments: list[int], at: datetime, connection: BaseDBAsyncClient
) -> None:
    """Erase every text of a plan, these comments on it, and what its timers left."""
    await connection.execute_query(_FORGET, [ptk_id, period, comments, at])


async def count_comments_by(ptk_id: str, period: str | None) -> int:
    """How many comments on others' plans of this person still stand."""
    rows = await get_connection("default").execute_query_dict(_COUNT_BY, [ptk_id, period])
    return int(rows[0]["comments"])


async def forget_comments_by(ptk_id: str, period: str | None, at: datetime) -> int:
    """Erase them; how many."""
    rows = await get_connection("default").execute_query_dict(_FORGET_BY, [ptk_id, period, at])
    return len(rows)
