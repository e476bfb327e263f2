"""The events of a plan as people read them, newest first, each with what was written with it: one statement a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from tortoise.connection import get_connection

from services.planning.domain.plan import School

_SCHOOL = TypeAdapter(School)
_PAGE = """
SELECT e.body, t.texts, coalesce(t.erased, false) AS erased
FROM plan_event e LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(t.name, t.value) FILTER (WHERE t.name IN ('reason', 'nama')) AS texts,
    bool_or(t.erased_at IS NOT NULL) AS erased
  FROM plan_text t WHERE (t.ptk_id, t.period, t.version) = (e.ptk_id, e.period, e.version)) t ON true
WHERE e.ptk_id = $1 AND e.period = $2 AND e.version < $3 ORDER BY e.version DESC LIMIT $4
"""
# A plan stays with the school of its snapshot, so the schools it has stood at are those of its own snapshots.
_SCHOOLS = """
SELECT DISTINCT ON (school ->> 'npsn') school::text FROM (
  SELECT version, value::jsonb -> 'school' AS school FROM plan_text
  WHERE ptk_id = $1 AND period = $2 AND name = 'profile' AND value IS NOT NULL) s
ORDER BY school ->> 'npsn', version DESC
"""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An event's body, its `reason` and `nama` where it has them (None: erased), and whether any text is erased."""

    body: Mapping[str, Any]
    texts: Mapping[str, str | None]
    erased: bool


async def page(ptk_id: str, period: str, before: int, size: int) -> list[StoredEntry]:
    """Up to `size` events of a plan that came before a version, the newest first."""
    rows = await get_connection("default").execute_query_dict(_PAGE, [ptk_id, period, before, size])
    return [
        StoredEntry(json.loads(row["body"]), json.loads(row["texts"] or "{}"), row["erased"]) for row in rows
    ]


async def schools(ptk_id: str, period: str) -> list[School]:
    """The schools that a plan has stood at, as far as their snapshots are not erased."""
    rows = await get_connection("default").execute_query_dict(_SCHOOLS, [ptk_id, period])
    return [_SCHOOL.validate_json(row["school"]) for row in rows]
