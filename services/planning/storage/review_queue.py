"""The plans of the schools that somebody heads: counted, and page by page, in two queries whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

_MINE = "p.period = $1 AND p.npsn = ANY($2::text[]) AND p.ptk_id <> $3::uuid"
_COUNT = f"SELECT p.workflow, p.state, count(*)::int AS plans FROM plan p WHERE {_MINE} GROUP BY 1, 2"
_PAGE = f"""
SELECT * FROM (
  SELECT p.ptk_id::text, p.npsn, p.workflow, p.state, p.version, p.submitted_at, p.updated_at,
    coalesce(p.profile #>> '{{nama,value}}', '') AS nama
  FROM plan p
  WHERE {_MINE} AND (p.workflow, p.state) IN (SELECT * FROM unnest($4::text[], $5::text[]))) q
WHERE position(lower($6) IN lower(nama)) > 0 AND (nama, ptk_id) > ($7, $8)
ORDER BY nama, ptk_id LIMIT $9
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose plans: of a period, at these schools, and never the reviewer's own."""

    period: str
    npsns: Collection[str]
    reviewer: str


@dataclass(frozen=True, slots=True)
class QueuedPlan:
    """A plan as a queue shows it."""

    ptk_id: str
    npsn: str
    workflow: str
    state: str
    version: int
    submitted_at: datetime | None
    updated_at: datetime
    nama: str


async def count(scope: Scope) -> Mapping[tuple[str, str], int]:
    """How many plans there are in each state of each version of the workflow."""
    rows = await get_connection("default").execute_query_dict(_COUNT, _mine(scope))
    return {(row["workflow"], row["state"]): row["plans"] for row in rows}


async def page(
    scope: Scope, states: Sequence[tuple[str, str]], name: str, after: tuple[str, str], size: int
) -> list[QueuedPlan]:
    """Up to `size` plans in these (workflow, state), of people whose name has `name` in it, after (name, ptk_id)."""
    workflows, names = [one[0] for one in states], [one[1] for one in states]
    values: list[Any] = [*_mine(scope), workflows, names, name, *after, size]
    return [QueuedPlan(**row) for row in await get_connection("default").execute_query_dict(_PAGE, values)]


def _mine(scope: Scope) -> list[Any]:
    return [scope.period, sorted(scope.npsns), scope.reviewer]
