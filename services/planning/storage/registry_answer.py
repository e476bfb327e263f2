"""What identity last answered to each question, kept for the time when it is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.connection import get_connection

from services.planning.storage.school_head import SchoolHead
from services.planning.storage.tables import RegistryAnswerTable

# Several processes write the same rows: in one order, or they would wait for each other for ever.
_KEEP = """
WITH given AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS g(path, etag, body, as_of)),
gone AS (
  DELETE FROM registry_answer r USING given g
  WHERE r.path = g.path AND g.body IS NULL AND r.as_of <= g.as_of),
aged AS (
  DELETE FROM registry_answer r WHERE r.as_of < $5 AND r.path <> ALL ($1::text[]))
INSERT INTO registry_answer AS r (path, etag, body, as_of)
SELECT path, etag, body, as_of FROM given WHERE body IS NOT NULL ORDER BY path
ON CONFLICT (path) DO UPDATE SET etag = excluded.etag, body = excluded.body, as_of = excluded.as_of
WHERE r.as_of <= excluded.as_of
"""


_HEADS = """
SELECT body::jsonb ->> 'npsn' AS npsn, body::jsonb #>> '{head,kind}' AS kind, body::jsonb #>> '{head,ptk_id}' AS ptk_id
FROM registry_answer WHERE path IN (SELECT '/v1/schools/' || n FROM unnest($1::text[]) AS n)
  AND body::jsonb #>> '{head,kind}' IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """The body as identity sent it, and when it was last true; `body` None: identity knows nobody by this path.

    `head` is who leads the school that it is about, where it is about one.
    """

    path: str
    etag: str | None
    body: str | None
    as_of: datetime
    head: SchoolHead | None = None


async def load(path: str) -> RegistryAnswer | None:
    """The answer that was kept."""
    rows = await RegistryAnswerTable.filter(path=path).values("path", "etag", "body", "as_of")
    return RegistryAnswer(**rows[0]) if rows else None


async def keep(answers: Sequence[RegistryAnswer], before: datetime) -> None:
    """Keep what is newer than what stands, forget whom identity no longer knows, and all from before an instant."""
    columns = zip(*((one.path, one.etag, one.body, one.as_of) for one in answers), strict=True)
    values = [list(column) for column in columns] or [[], [], [], []]
    await get_connection("default").execute_query(_KEEP, [*values, before])


async def heads(npsns: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Who headed these schools when identity was last asked: the kind of head, and `ptk_id`. One query."""
    rows = await get_connection("default").execute_query_dict(_HEADS, [list(npsns)])
    return {row["npsn"]: (row["kind"], row["ptk_id"]) for row in rows}
