"""Comments as rows: added one after another, read page by page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError

from services.kit.unit_of_work import in_unit_of_work
from services.planning.domain.comment import As, Author, Comment
from services.planning.storage.command_key import CommandKey, is_taken

_NAMES = "ptk_id, period, number, at, author, account, head, nama, text, erased_at"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
# The comment gets its number, and its key is stored, in one statement; beyond the last number nothing is stored.
_ADD = """
WITH counted AS (
  SELECT count(*) + 1 AS number FROM plan_comment WHERE ptk_id = $1 AND period = $2),
added AS (
  INSERT INTO plan_comment (ptk_id, period, number, at, author, account, head, nama, text)
  SELECT $1, $2, number, $3, $4, $5, $6, $7, $8 FROM counted WHERE number <= $9
  RETURNING ptk_id, period, number),
keyed AS (
  INSERT INTO command_key (subject, mutation, key, input_hash, ptk_id, period, version, at)
  SELECT k.subject, k.mutation, k.key, k.input_hash, added.ptk_id, added.period, added.number, k.at
  FROM added, jsonb_to_recordset($10::jsonb)
    AS k(subject text, mutation text, key text, input_hash text, at timestamptz))
SELECT number FROM added
"""
_OF_KEY = f"""
SELECT {_NAMES} FROM plan_comment WHERE (ptk_id, period, number) = (
  SELECT ptk_id, period, version FROM command_key WHERE subject = $1 AND mutation = $2 AND key = $3)
"""
_PAGE = f"""
SELECT page.*, whole.total FROM (
  SELECT count(*)::int AS total FROM plan_comment WHERE ptk_id = $1 AND period = $2) whole
LEFT JOIN LATERAL (
  SELECT {_NAMES} FROM plan_comment WHERE ptk_id = $1 AND period = $2 AND number > $3
  ORDER BY number LIMIT $4) page ON true
ORDER BY number
"""


async def add(comment: Comment, most: int, key: CommandKey | None) -> int | None:
    """Store a comment under the next number, which it returns.

    None where the plan has `most` already, or where the key was taken in the meantime: then nothing is stored.
    """
    who = comment.author
    values: list[Any] = [
        comment.ptk_id, comment.period, comment.at, who.ptk_id, who.account,
        None if who.role is As.OWNER else who.role.value, who.nama, comment.text, most,
        json.dumps([key.row()] if key else []),
    ]  # fmt: skip

    async def write(connection: BaseDBAsyncClient) -> list[dict[str, Any]]:
        # A statement sees what was committed before it began: whoever waits here counts those who went first.
        await connection.execute_query_dict(_LOCK, [f"comments {comment.ptk_id} {comment.period}"])
        return await connection.execute_query_dict(_ADD, values)

    try:
        rows = await in_unit_of_work(write)
    except IntegrityError as error:
        if is_taken(error):
            return None
        raise
    return int(rows[0]["number"]) if rows else None


async def of_key(key: CommandKey) -> Comment:
    """The comment that was stored with this key; there is one, as an erased comment keeps its place and its key."""
    values = [key.subject, key.mutation, key.key]
    return _comment((await get_connection("default").execute_query_dict(_OF_KEY, values))[0])


async def page(ptk_id: str, period: str, after: int, size: int) -> tuple[list[Comment], int]:
    """Up to `size` comments of a plan, oldest first, after a number; and how many there are at all. One query."""
    rows = await get_connection("default").execute_query_dict(_PAGE, [ptk_id, period, after, size])
    return [_comment(row) for row in rows if row["number"] is not None], int(rows[0]["total"])


def _comment(row: Mapping[str, Any]) -> Comment:
    author = Author(str(row["author"]), row["account"], As(row["head"] or "owner"), row["nama"])
    return Comment(
        str(row["ptk_id"]), row["period"], row["number"], row["at"], author, row["text"], row["erased_at"]
    )
