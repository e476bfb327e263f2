"""Storage of the worker's positions, and the plans that wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.plan.waiting import AutomaticStates

HEADS, MOVES, ENTRIES = "identity", "moves", "entered"
_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def handled(name: str, connection: Connection) -> int:
    """Return the number of identity's last change that needs no more work, of HEADS or of MOVES; 0 at first."""
    return await _position(name, connection) or 0


async def keep_handled(heads: int, moves: int, at: datetime, connection: Connection) -> None:
    """Store both positions in identity's changes, and when the worker was there. Neither goes back."""
    await _SQL["advance_positions"].fetch(connection, names=[HEADS, MOVES], positions=[heads, moves], at=at)


async def entries_handled(connection: Connection) -> datetime | None:
    """Return up to which instant the plans that came to wait were decided again; None at first."""
    position = await _position(ENTRIES, connection)
    return None if position is None else datetime.fromtimestamp(position, UTC)


async def keep_entries_handled(instant: datetime, at: datetime, connection: Connection) -> None:
    """Store that every plan that came to wait before `instant` was decided again."""
    await _set_position(ENTRIES, int(instant.timestamp()), at, connection)


async def revisions_handled(connection: Connection) -> dict[str, int | None]:
    """Return for each period the revision by which its waiting plans were last decided."""
    return await _period_positions("period", connection)


async def keep_revision_handled(period: str, number: int, at: datetime, connection: Connection) -> None:
    """Store that all waiting plans of a period were decided by a revision, which may be an older one again."""
    await _set_position(f"period {period}", number, at, connection)


async def timers_planned(connection: Connection) -> dict[str, int | None]:
    """Return for each period the revision by which its timers are planned."""
    return await _period_positions("timers", connection)


async def keep_timers_planned(period: str, number: int, at: datetime, connection: Connection) -> None:
    """Store that all timers of a period are planned by a revision."""
    await _set_position(f"timers {period}", number, at, connection)


async def _position(name: str, connection: Connection) -> int | None:
    rows = await _SQL["select_position"].fetch(connection, name=name)
    return rows[0]["position"] if rows else None


async def _set_position(name: str, position: int, at: datetime, connection: Connection) -> None:
    await _SQL["set_position"].fetch(connection, name=name, position=position, at=at)


async def _period_positions(prefix: str, connection: Connection) -> dict[str, int | None]:
    rows = await _SQL["select_period_positions"].fetch(connection, prefix=prefix)
    return {row["code"]: row["position"] for row in rows}


async def insert_head_changes(changes: Sequence[tuple[str, datetime]], connection: Connection) -> None:
    """Store changes of head as NPSN and instant; those that are known stay."""
    npsns, instants = zip(*changes, strict=True) if changes else ((), ())
    await _SQL["insert_head_changes"].fetch(connection, npsns=list(npsns), instants=list(instants))


async def find_due_schools(now: datetime, size: int, connection: Connection) -> dict[str, datetime]:
    """Return schools whose head has changed, with the last instant, those that wait longest first."""
    rows = await _SQL["find_due_schools"].fetch(connection, now=now, size=size)
    return {row["npsn"]: row["changed_at"] for row in rows}


async def delete_head_changes(npsns: Collection[str], until: datetime, connection: Connection) -> None:
    """Remove the changes up to an instant at which the waiting plans of these schools were decided."""
    await _SQL["delete_head_changes"].fetch(connection, npsns=list(npsns), until=until)


LATEST = datetime.max.replace(tzinfo=UTC)
FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """Whose plan, of which period, at which school, and the number of its last event."""

    ptk_id: str
    period: str
    npsn: str
    version: int


async def select_waiting_at_schools(
    npsns: Collection[str], waits: AutomaticStates, connection: Connection
) -> list[WaitingPlan]:
    """Return the waiting plans of these schools, of any period."""
    return await _select("select_at_schools", waits, connection, npsns=sorted(npsns))


async def select_waiting_in_period(
    period: str, waits: AutomaticStates, after: str, size: int, connection: Connection
) -> list[WaitingPlan]:
    """Return up to `size` waiting plans of a period after a ptk_id, in the order of ptk_id."""
    return await _select("select_of_period", waits, connection, period=period, after=after, size=size)


async def select_entered(
    since: datetime, until: datetime | None, waits: AutomaticStates, connection: Connection
) -> list[WaitingPlan]:
    """Return the waiting plans whose last event is from `since` on and before `until` (None: no end), oldest first."""
    return await _select("select_entered", waits, connection, since=since, until=until or LATEST)


async def _select(
    statement: str, waits: AutomaticStates, connection: Connection, **values: object
) -> list[WaitingPlan]:
    rows = await _SQL[statement].fetch(
        connection,
        workflows=list(waits.workflows),
        states=list(waits.states),
        readable=list(waits.versions),
        **values,
    )
    return [WaitingPlan(**row) for row in rows]
