"""Storage of the worker's positions, and queries of waiting plans. The statements are in `store.sql`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.plan.model import AutomaticStates

SCHOOL_CHANGES, TEACHER_CHANGES, NEW_PLANS = "school_changes", "teacher_changes", "new_plans"
_SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def load_feed_position(name: str, connection: Connection) -> tuple[int, str | None]:
    """Return up to which number the changes of SCHOOL_CHANGES or TEACHER_CHANGES are reconciled; 0 at first.

    The second value is the change at that position, None if it was not stored.
    """
    rows = await _SQL["select_feed_position"].fetch(connection, name=name)
    return (rows[0]["position"], rows[0]["last_change"]) if rows else (0, None)


async def advance_feed_positions(
    school_position: int, last_change: str | None, teacher_position: int, at: datetime, connection: Connection
) -> None:
    """Store both positions in identity's feed, the last change of schools and the instant of the round.

    A position never decreases.
    """
    await _SQL["advance_positions"].fetch(
        connection,
        names=[SCHOOL_CHANGES, TEACHER_CHANGES],
        positions=[school_position, teacher_position],
        changes=[last_change, None],
        at=at,
    )


async def reset_feed_positions(connection: Connection) -> None:
    """Let the worker follow identity's feed from its beginning."""
    await _SQL["reset_positions"].fetch(connection, names=[SCHOOL_CHANGES, TEACHER_CHANGES])


async def load_new_plans_instant(connection: Connection) -> datetime | None:
    """Return the instant up to which new waiting plans are decided; None at first."""
    position = await _position(NEW_PLANS, connection)
    return None if position is None else datetime.fromtimestamp(position, UTC)


async def store_new_plans_instant(instant: datetime, at: datetime, connection: Connection) -> None:
    """Store that every plan that began to wait before `instant` is decided."""
    await _set_position(NEW_PLANS, int(instant.timestamp()), at, connection)


async def load_decided_revisions(connection: Connection) -> dict[str, int | None]:
    """Return for each period the revision by which its waiting plans were last decided, or None."""
    return await _period_positions("period", connection)


async def store_decided_revision(period: str, revision: int, at: datetime, connection: Connection) -> None:
    """Store that all waiting plans of a period are decided by a revision. The number may decrease."""
    await _set_position(f"period {period}", revision, at, connection)


async def load_timer_revisions(connection: Connection) -> dict[str, int | None]:
    """Return for each period the revision by which its timers are planned, or None."""
    return await _period_positions("timers", connection)


async def store_timer_revision(period: str, revision: int, at: datetime, connection: Connection) -> None:
    """Store that all timers of a period are planned by a revision."""
    await _set_position(f"timers {period}", revision, at, connection)


async def _position(name: str, connection: Connection) -> int | None:
    rows = await _SQL["select_position"].fetch(connection, name=name)
    return rows[0]["position"] if rows else None


async def _set_position(name: str, position: int, at: datetime, connection: Connection) -> None:
    await _SQL["set_position"].fetch(connection, name=name, position=position, at=at)


async def _period_positions(prefix: str, connection: Connection) -> dict[str, int | None]:
    rows = await _SQL["select_period_positions"].fetch(connection, prefix=prefix)
    return {row["code"]: row["position"] for row in rows}


async def insert_head_changes(changes: Sequence[tuple[str, datetime]], connection: Connection) -> None:
    """Store changes of head as pairs of NPSN and instant. A pair that exists stays."""
    npsns, instants = zip(*changes, strict=True) if changes else ((), ())
    await _SQL["insert_head_changes"].fetch(connection, npsns=list(npsns), instants=list(instants))


async def find_due_schools(now: datetime, size: int, connection: Connection) -> dict[str, datetime]:
    """Return up to `size` schools whose head has changed, with the instant of the latest change.

    The school that has waited longest comes first.
    """
    rows = await _SQL["find_due_schools"].fetch(connection, now=now, size=size)
    return {row["npsn"]: row["changed_at"] for row in rows}


async def delete_head_changes(npsns: Collection[str], until: datetime, connection: Connection) -> None:
    """Delete the changes of these schools up to an instant."""
    await _SQL["delete_head_changes"].fetch(connection, npsns=list(npsns), until=until)


LATEST = datetime.max.replace(tzinfo=UTC)
FIRST_PTK_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """The key, the school and the version of a plan that waits."""

    ptk_id: str
    period: str
    npsn: str
    version: int


async def select_waiting_at_schools(
    npsns: Collection[str], automatic_states: AutomaticStates, connection: Connection
) -> list[WaitingPlan]:
    """Return the waiting plans of these schools, of any period."""
    return await _select("select_waiting_at_schools", automatic_states, connection, npsns=sorted(npsns))


async def select_waiting_in_period(
    period: str, automatic_states: AutomaticStates, after: str, size: int, connection: Connection
) -> list[WaitingPlan]:
    """Return up to `size` waiting plans of a period after a ptk_id, in the order of ptk_id."""
    return await _select(
        "select_waiting_in_period", automatic_states, connection, period=period, after=after, size=size
    )


async def select_new_waiting_plans(
    start: datetime, end: datetime | None, automatic_states: AutomaticStates, connection: Connection
) -> list[WaitingPlan]:
    """Return the waiting plans whose last event is from `since` on and before `until` (None: no end), oldest first."""
    return await _select(
        "select_new_waiting_plans", automatic_states, connection, since=start, until=end or LATEST
    )


async def _select(
    statement: str, automatic_states: AutomaticStates, connection: Connection, **values: object
) -> list[WaitingPlan]:
    rows = await _SQL[statement].fetch(
        connection,
        workflows=list(automatic_states.workflows),
        states=list(automatic_states.states),
        readable=list(automatic_states.versions),
        **values,
    )
    return [WaitingPlan(**row) for row in rows]
