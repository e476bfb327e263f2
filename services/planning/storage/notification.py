"""Notifications as rows: read newest first, and marked as read by whom they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tortoise.connection import get_connection

from services.planning.domain.caller import Caller
from services.planning.domain.notification import DINAS, Told
from workflows import Recipient

NEWEST = datetime.max.replace(tzinfo=UTC), "ffffffff-ffff-ffff-ffff-ffffffffffff"
MOST_COUNTED = 1000
# Each recipient's own by the primary key, however many the others have.
_READ = "SELECT FROM notification_read r WHERE r.id = n.id AND r.reader = mine.reader"
_PAGE = f"""
WITH mine AS (SELECT * FROM unnest($1::text[], $2::text[]) AS m(recipient, reader)),
unread AS (SELECT count(*)::int AS number FROM (
  SELECT FROM mine JOIN notification n USING (recipient) WHERE NOT EXISTS ({_READ}) LIMIT {MOST_COUNTED}) u)
SELECT page.*, unread.number FROM unread LEFT JOIN (
  SELECT n.id::text, n.at, n.ptk_id::text, n.period, n.timer, n.workflow, n.state, n.state_since AS since, n.who,
    p.profile #>> '{{nama,value}}' AS nama, p.school ->> 'nama' AS sekolah, p.school ->> 'zone' AS zone,
    (SELECT r.at FROM notification_read r WHERE (r.reader, r.id) = (mine.reader, n.id)) AS read_at
  FROM mine CROSS JOIN LATERAL (
    SELECT * FROM notification n WHERE n.recipient = mine.recipient AND (n.at, n.id) < ($3, $4::uuid)
    ORDER BY n.at DESC, n.id DESC LIMIT $5) n
  JOIN plan p USING (ptk_id, period)
  ORDER BY n.at DESC, n.id DESC LIMIT $5) page ON true
"""
_MARK = """
WITH mine AS (SELECT * FROM unnest($1::text[], $2::text[]) AS m(recipient, reader)),
asked AS (SELECT * FROM unnest($3::timestamptz[], $4::uuid[]) AS a(at, id)),
found AS (SELECT mine.reader, n.id FROM mine JOIN notification n USING (recipient) JOIN asked USING (at, id)),
marked AS (
  INSERT INTO notification_read (reader, id, at) SELECT reader, id, $5 FROM found
  WHERE (SELECT count(*) FROM found) = (SELECT count(*) FROM asked) ON CONFLICT DO NOTHING)
SELECT (SELECT count(*) FROM found) = (SELECT count(*) FROM asked) AS all_found
"""


@dataclass(frozen=True, slots=True)
class Inbox:
    """Whose notifications a person finds, and as whom each is read: of the dinas every account for itself."""

    recipients: tuple[str, ...]
    readers: tuple[str, ...]

    @classmethod
    def of(cls, caller: Caller) -> Inbox:
        """A person's own, and for an admin those of the dinas."""
        own = (f"ptk:{caller.ptk_id}",) if caller.ptk_id else ()
        if "admin" not in caller.scopes:
            return cls(own, own)
        return cls((*own, DINAS), (*own, f"account:{caller.account}"))


async def page(inbox: Inbox, after: tuple[datetime, str], size: int) -> tuple[list[Told], int]:
    """Up to `size` notifications, newest first, behind (at, id); and how many are unread. One query."""
    values = [list(inbox.recipients), list(inbox.readers), *after, size]
    rows = await get_connection("default").execute_query_dict(_PAGE, values)
    return [_told(row) for row in rows if row["id"]], int(rows[0]["number"])


async def mark(inbox: Inbox, asked: Sequence[tuple[datetime, str]], at: datetime) -> bool:
    """Keep that these (at, id) were read, all or none: False where one of them is not theirs. One statement."""
    values = [[when for when, _ in asked], [one for _, one in asked]]
    rows = await get_connection("default").execute_query_dict(
        _MARK, [list(inbox.recipients), list(inbox.readers), *values, at]
    )
    return bool(rows[0]["all_found"])


def _told(row: Mapping[str, Any]) -> Told:
    names = [name for name in Told.__dataclass_fields__ if name != "who"]
    return Told(who=Recipient(row["who"]), **{name: row[name] for name in names})
