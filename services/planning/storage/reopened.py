"""Plans that an admin opened again and that are not handed in since, counted for whoever heads their schools."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tortoise.connection import get_connection

_COUNT = """
SELECT npsn, min(school ->> 'nama') AS nama, count(*)::int AS plans FROM plan
WHERE period = $1 AND npsn = ANY($2::text[]) AND ptk_id <> $3::uuid AND reopened_at IS NOT NULL
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Reopened:
    """A school, and how many such plans stand there."""

    npsn: str
    nama: str
    plans: int


async def count(period: str, npsns: Collection[str], head: str) -> list[Reopened]:
    """The schools of these that have such plans, the head's own left out; in one query."""
    rows = await get_connection("default").execute_query_dict(_COUNT, [period, sorted(npsns), head])
    return [Reopened(**row) for row in rows]
