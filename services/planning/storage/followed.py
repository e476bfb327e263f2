"""How far something has been followed: identity's changes, the revisions of each period, plans that came to wait."""

from __future__ import annotations

from datetime import UTC, datetime

from tortoise.connection import get_connection

from services.planning.storage.tables import FollowedTable

HEADS, MOVES, ENTRIES = "identity", "moves", "entered"

_ADVANCE = f"""
INSERT INTO followed AS f (name, position, at) VALUES ('{HEADS}', $1, $3), ('{MOVES}', $2, $3)
ON CONFLICT (name) DO UPDATE SET position = greatest(f.position, excluded.position), at = excluded.at
"""
_KEEP = """
INSERT INTO followed (name, position, at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at
"""
_OF_PERIODS = (
    "SELECT p.code, f.position FROM period p LEFT JOIN followed f ON f.name = '{} ' || p.code ORDER BY 1"
)
_REVISIONS, _TIMERS = _OF_PERIODS.format("period"), _OF_PERIODS.format("timers")


async def handled(name: str) -> int:
    """The number of the last of identity's changes that needs no more work, of HEADS or of MOVES; 0 at first."""
    return await _position(name) or 0


async def keep_handled(heads: int, moves: int, at: datetime) -> None:
    """So far it is done, and at this instant somebody was at work. Neither ever goes back. One statement."""
    await get_connection("default").execute_query(_ADVANCE, [heads, moves, at])


async def entries_handled() -> datetime | None:
    """Up to which instant the plans that came to wait were decided again; None at first."""
    position = await _position(ENTRIES)
    return None if position is None else datetime.fromtimestamp(position, UTC)


async def keep_entries_handled(instant: datetime, at: datetime) -> None:
    """Every plan that came to wait before `instant` was decided again."""
    await get_connection("default").execute_query(_KEEP, [ENTRIES, int(instant.timestamp()), at])


async def revisions_handled() -> dict[str, int | None]:
    """For every period the number of the revision by which its waiting plans were last decided, in one query."""
    rows = await get_connection("default").execute_query_dict(_REVISIONS)
    return {row["code"]: row["position"] for row in rows}


async def keep_revision_handled(period: str, number: int, at: datetime) -> None:
    """All waiting plans of the period were decided by this revision, which may be an older one again."""
    await get_connection("default").execute_query(_KEEP, [f"period {period}", number, at])


async def timers_planned() -> dict[str, int | None]:
    """For every period the number of the revision by which its timers are planned, in one query."""
    rows = await get_connection("default").execute_query_dict(_TIMERS)
    return {row["code"]: row["position"] for row in rows}


async def keep_timers_planned(period: str, number: int, at: datetime) -> None:
    """All timers of the period are planned by this revision."""
    await get_connection("default").execute_query(_KEEP, [f"timers {period}", number, at])


async def _position(name: str) -> int | None:
    rows = await FollowedTable.filter(name=name).values_list("position", flat=True)
    return int(str(rows[0])) if rows else None
