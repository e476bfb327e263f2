"""What changed, in the order of commits, and the locks that make the order true."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal

from tortoise.connection import get_connection
from tortoise.functions import Max

from services.identity.storage import tables

Kind = Literal["teacher", "school"]
Touched = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Change:
    """Something about a teacher (`key` = ptk_id) or a school (`key` = NPSN) changed."""

    seq: int
    kind: str
    key: str
    at: datetime


async def hold(keys: Iterable[str]) -> None:
    """Until this transaction ends, nobody else writes what these keys name. One query.

    The locks are taken in one order by all, so that two imports that share a person wait and never deadlock.
    """
    numbers = sorted({_lock_number(key) for key in keys})
    await get_connection("default").execute_query_dict(
        "SELECT count(pg_advisory_xact_lock(key)) "
        "FROM (SELECT unnest($1::bigint[]) AS key ORDER BY 1) AS keys",
        [numbers],
    )


async def record(touched: Collection[Touched], at: datetime) -> None:
    """Number and write the changes: the LAST statement of a unit of work.

    The counter's lock is held until the commit, so numbers become visible in their order and a reader who
    follows `next` misses nothing. (Of a sequence, a younger number may be seen before an older one commits.)
    """
    if not touched:
        return
    ordered = sorted(set(touched))
    connection = get_connection("default")
    await connection.execute_query_dict("SELECT pg_advisory_xact_lock($1)::text", [_lock_number("changes")])
    await connection.execute_query_dict(
        "INSERT INTO changes (seq, kind, key, at) "
        "SELECT (SELECT coalesce(max(seq), 0) FROM changes) + place, kind, key, $3 "
        "FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS touched (kind, key, place)",
        [[kind for kind, _ in ordered], [key for _, key in ordered], at],
    )


async def after(seq: int, limit: int) -> list[Change]:
    """The changes that follow `seq`, oldest first."""
    rows = await tables.Change.filter(seq__gt=seq).order_by("seq").limit(limit)
    return [Change(row.seq, row.kind, row.key, row.at) for row in rows]


async def revisions(kind: Kind, keys: Collection[str]) -> dict[str, int]:
    """The revision of each thing: the number of its last change. One query."""
    rows = tables.Change.filter(kind=kind, key__in=list(keys)).annotate(last=Max("seq")).group_by("key")
    return dict(await rows.values_list("key", "last"))


async def last(kind: Kind, key: str) -> Change | None:
    """The last change of one thing. One query."""
    row = await tables.Change.filter(kind=kind, key=key).order_by("-seq").first()
    return Change(row.seq, row.kind, row.key, row.at) if row else None


def _lock_number(key: str) -> int:
    return int.from_bytes(blake2b(f"rencana:{key}".encode(), digest_size=8).digest(), signed=True)
