"""The plans of the schools that somebody heads: counted, and page by page, in two queries whatever their number.

With them, marked, those of teachers who came from elsewhere and whose plans have not followed yet (DOMAIN.md).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

_HERE = "p.period = $1 AND p.npsn = ANY($2::text[]) AND p.ptk_id <> $3::uuid"
# Somebody who moved and came back, or was moved by an admin, may still be on record for a moment: compare.
# What is on record of a period that has ended ($4: it has not) tells nothing of today.
_CAME = """
  $4::bool AND m.period = $1 AND m.npsn = ANY($2::text[]) AND p.npsn <> ALL($2::text[]) AND p.ptk_id <> $3::uuid"""
_COUNT = f"""
SELECT workflow, state, here, count(*)::int AS plans FROM (
  SELECT p.workflow, p.state, true AS here FROM plan p WHERE {_HERE}
  UNION ALL
  SELECT p.workflow, p.state, false FROM moved_teacher m JOIN plan p USING (ptk_id, period) WHERE {_CAME}) q
GROUP BY 1, 2, 3
"""
_SHOWN = """
p.ptk_id, p.period, p.npsn, p.workflow, p.state, p.version, p.submitted_at, p.updated_at, p.reopened_at,
    coalesce(p.profile #>> '{nama,value}', '') AS nama"""
# A database made with the collation C knows the capitals of ASCII only; names have others.
_CAPITALS = "".join(
    letter for letter in map(chr, range(0xC0, 0x180)) if letter.isupper() and len(letter.lower()) == 1
)
_FOLDED = f"lower(translate(normalize(nama), '{_CAPITALS}', '{_CAPITALS.lower()}'))"
_PAGE = f"""
SELECT q.ptk_id::text, npsn, workflow, state, version, submitted_at, updated_at, reopened_at, nama, moved_to, here,
  (SELECT count(*)::int FROM plan_comment c WHERE (c.ptk_id, c.period) = (q.ptk_id, q.period)) AS comments
FROM (
  SELECT {_SHOWN}, CASE WHEN $4 THEN nullif(m.npsn, p.npsn) END AS moved_to, true AS here
  FROM plan p LEFT JOIN moved_teacher m USING (ptk_id, period) WHERE {_HERE}
  UNION ALL
  SELECT {_SHOWN}, m.npsn, false FROM moved_teacher m JOIN plan p USING (ptk_id, period) WHERE {_CAME}) q
WHERE (workflow, state) IN (SELECT * FROM unnest($5::text[], $6::text[]))
  AND position($7 IN {_FOLDED}) > 0 AND (nama, q.ptk_id::text) > ($8, $9)
ORDER BY nama, q.ptk_id::text LIMIT $10
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose plans: of a period, at these schools, and never the reviewer's own; `running`: it has not ended."""

    period: str
    npsns: Collection[str]
    reviewer: str
    running: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """How many plans are in a state of a version of the workflow; not `here`: of teachers who came from elsewhere."""

    workflow: str
    state: str
    here: bool
    plans: int


@dataclass(frozen=True, slots=True)
class QueuedPlan:
    """A plan as a queue shows it; `moved_to` is where its teacher is now, `here` whether it stands at these schools."""

    ptk_id: str
    npsn: str
    workflow: str
    state: str
    version: int
    submitted_at: datetime | None
    updated_at: datetime
    reopened_at: datetime | None
    nama: str
    moved_to: str | None
    here: bool
    comments: int


async def count(scope: Scope) -> list[Counted]:
    """How many plans there are in each state of each version of the workflow."""
    rows = await get_connection("default").execute_query_dict(_COUNT, _mine(scope))
    return [Counted(**row) for row in rows]


async def page(
    scope: Scope, states: Sequence[tuple[str, str]], name: str, after: tuple[str, str], size: int
) -> list[QueuedPlan]:
    """Up to `size` plans in these (workflow, state), of people whose name has `name` in it, after (name, ptk_id)."""
    workflows, names = [one[0] for one in states], [one[1] for one in states]
    wanted = unicodedata.normalize("NFC", name).lower()
    values: list[Any] = [*_mine(scope), workflows, names, wanted, *after, size]
    return [QueuedPlan(**row) for row in await get_connection("default").execute_query_dict(_PAGE, values)]


def _mine(scope: Scope) -> list[Any]:
    return [scope.period, sorted(scope.npsns), scope.reviewer, scope.running]
