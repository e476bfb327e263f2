"""Who leads the schools that plans stand at, as identity last said: what numbers go by, and never a decision."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.connection import get_connection

from services.planning.domain.school import SchoolFacts

_KNOWN = "SELECT npsn FROM school_head WHERE npsn = ANY($1::text[])"
# Several processes write the same rows: in one order, or they would wait for each other for ever.
_KEEP = """
INSERT INTO school_head AS s (npsn, kind, ptk_id, as_of)
SELECT npsn, kind, ptk_id, as_of
FROM jsonb_to_recordset($1::jsonb) AS g(npsn text, kind text, ptk_id uuid, as_of timestamptz) ORDER BY npsn
ON CONFLICT (npsn) DO UPDATE SET kind = excluded.kind, ptk_id = excluded.ptk_id, as_of = excluded.as_of
WHERE s.as_of <= excluded.as_of
"""


@dataclass(frozen=True, slots=True)
class SchoolHead:
    """`kind` is definitif, plt or kosong, then without a person; `as_of` is when identity vouched for it."""

    npsn: str
    kind: str
    ptk_id: str | None
    as_of: datetime


def head_in(facts: object, as_of: datetime) -> SchoolHead | None:
    """Who leads the school that these facts are of; None where they are of none."""
    if not isinstance(facts, SchoolFacts):
        return None
    return SchoolHead(facts.npsn, facts.head.kind, facts.head.ptk_id, as_of)


async def known(npsns: Sequence[str]) -> list[str]:
    """Those of these schools that somebody asked about once: plans stand there, or may. One query."""
    rows = await get_connection("default").execute_query_dict(_KNOWN, [list(npsns)])
    return [row["npsn"] for row in rows]


async def keep(heads: Iterable[SchoolHead]) -> None:
    """Keep what is newer than what stands; each school once. One statement."""
    given = [
        {"npsn": one.npsn, "kind": one.kind, "ptk_id": one.ptk_id, "as_of": one.as_of.isoformat()}
        for one in heads
    ]
    if given:
        await get_connection("default").execute_query(_KEEP, [json.dumps(given)])
