"""Storage of comments, and of the plans that a head reviews. The statements are in `store.sql`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from services.kit.database import Connection, run_in_transaction
from services.kit.sql import load_statements
from services.kit.text import normalize_text, sort_key
from services.planning.plan.model import CommandKey
from services.planning.plan.store import read_plan
from services.planning.review.model import (
    Author,
    AuthorRole,
    Comment,
    CommentKey,
    QueueCount,
    QueueEntry,
    QueuePlace,
    QueueScope,
    ReopenedCount,
)

_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def insert_comment(comment: Comment, max_comments: int, key: CommandKey | None) -> int | None:
    """Store a comment under the next number of its plan and return the number.

    Returns None, and stores nothing, if the plan has `max_comments` or if the key was taken meanwhile.
    """
    author = comment.author

    async def write(connection: Connection) -> list[dict[str, Any]]:
        await _SQL["lock_comments"].fetch(connection, plan=f"comments {comment.ptk_id} {comment.period}")
        return await _SQL["insert_comment"].fetch(
            connection,
            ptk_id=comment.ptk_id,
            period=comment.period,
            at=comment.at,
            author_ptk_id=author.ptk_id,
            account=author.account,
            head_kind=None if author.role is AuthorRole.OWNER else author.role.value,
            nama=author.nama,
            text=comment.text,
            max_comments=max_comments,
            key=json.dumps([asdict(key) | {"at": key.at.isoformat()}]) if key else None,
        )

    rows = await run_in_transaction(write)
    return int(rows[0]["number"]) if rows else None


async def select_comment_of_key(key: CommandKey, connection: Connection) -> Comment:
    """Return the comment that was stored with a key. An erased comment keeps its number and its key."""
    (row,) = await _SQL["select_comment_of_key"].fetch(
        connection, subject=key.subject, mutation=key.mutation, key=key.key
    )
    return _comment(row)


async def select_comments(
    ptk_id: str, period: str, after: int, size: int, connection: Connection
) -> tuple[list[Comment], int]:
    """Return up to `size` comments of a plan after a number, oldest first, and the number of all."""
    rows = await _SQL["select_comments"].fetch(
        connection, ptk_id=ptk_id, period=period, number=after, size=size
    )
    return [_comment(row) for row in rows if row["number"] is not None], int(rows[0]["total"])


async def select_comments_by_key(keys: Collection[CommentKey], connection: Connection) -> list[Comment]:
    """Return the comments of these keys that exist."""
    rows = await _SQL["select_comments_by_key"].fetch(
        connection,
        ptk_ids=[ptk_id for ptk_id, _, _ in keys],
        periods=[period for _, period, _ in keys],
        numbers=[number for _, _, number in keys],
    )
    return [_comment(row) for row in rows]


async def count_queue(scope: QueueScope, starts: date, connection: Connection) -> list[QueueCount]:
    """Count the plans of a queue by state and workflow version, and those of periods that began before `starts`."""
    rows = await _SQL["count_queue"].fetch(connection, **asdict(scope), starts=starts)
    return [QueueCount(**{**row, "place": QueuePlace(row["place"])}) for row in rows]


async def select_queue(
    scope: QueueScope,
    states: Sequence[tuple[str, str]],
    name: str,
    after: tuple[str, str],
    size: int,
    connection: Connection,
) -> list[QueueEntry]:
    """Return up to `size` plans in these (workflow, state) whose owner's name contains `name`, by name."""
    rows = await _SQL["select_queue"].fetch(
        connection,
        **asdict(scope),
        workflows=[workflow for workflow, _ in states],
        states=[state for _, state in states],
        name=sort_key(name),
        literal="" if sort_key(name) else normalize_text(name),
        after_name=after[0],
        after_id=after[1],
        size=size,
    )
    return [
        QueueEntry(read_plan(row), row["is_arriving"], row["comment_count"], row["nama_key"]) for row in rows
    ]


async def count_reopened(
    period: str, npsns: Collection[str], reviewer: str, connection: Connection
) -> list[ReopenedCount]:
    """Count reopened plans by school, without the reviewer's own."""
    rows = await _SQL["count_reopened"].fetch(
        connection, period=period, npsns=sorted(npsns), reviewer=reviewer
    )
    return [ReopenedCount(**row) for row in rows]


async def select_comment_numbers(ptk_id: str, period: str, connection: Connection) -> list[int]:
    """Return the numbers of the comments on a plan that are not erased."""
    rows = await _SQL["select_comment_numbers"].fetch(connection, ptk_id=ptk_id, period=period)
    return [row["number"] for row in rows]


async def erase_comments(
    ptk_id: str, period: str, numbers: Sequence[int], erased_at: datetime, connection: Connection
) -> None:
    """Erase the words and the author's name of these comments on a plan."""
    await _SQL["erase_comments"].fetch(
        connection, ptk_id=ptk_id, period=period, numbers=list(numbers), erased_at=erased_at
    )


async def count_comments_by(author: str, period: str | None, connection: Connection) -> int:
    """Count the comments of a person on other people's plans that are not erased."""
    return int(await _SQL["count_comments_by"].fetch_value(connection, author_ptk_id=author, period=period))


async def erase_comments_by(
    author: str, period: str | None, erased_at: datetime, connection: Connection
) -> int:
    """Erase the comments of a person on other people's plans. Returns how many there were."""
    rows = await _SQL["erase_comments_by"].fetch(
        connection, author_ptk_id=author, period=period, erased_at=erased_at
    )
    return len(rows)


def _comment(row: Mapping[str, Any]) -> Comment:
    author = Author(
        row["author_ptk_id"], row["account"], AuthorRole(row["head_kind"] or "owner"), row["nama"]
    )
    return Comment(
        row["ptk_id"], row["period"], row["number"], row["at"], author, row["text"], row["erased_at"]
    )
