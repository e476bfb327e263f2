"""Storage of the worker's positions, and the plans that wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tortoise.connection import get_connection

from services.planning.storage.tables.registry import FollowedTable
from workflows.engine.machine import Workflow

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


# A plan whose version this release cannot read is not passed over: deciding it fails, until a newer one decides it.
_WAITS = "((p.workflow, p.state) IN (SELECT * FROM unnest($1::text[], $2::text[])) OR p.workflow <> ALL($3::text[]))"
_NAMED = "p.ptk_id::text, p.period, p.npsn, p.version"
_AT_SCHOOLS = f"""
SELECT {_NAMED} FROM plan p
WHERE p.period = ANY(ARRAY(SELECT code FROM period)) AND p.npsn = ANY($4::text[]) AND {_WAITS} ORDER BY 2, 3, 1
"""
# A few wait among millions: of each state in which some may wait, the index has them in their order.
_OF_PERIOD = f"""
SELECT {_NAMED} FROM (
  SELECT q.* FROM unnest($1::text[], $2::text[]) AS w(workflow, state), LATERAL (
    SELECT ptk_id, period, npsn, version FROM plan p
    WHERE (p.workflow, p.period, p.state) = (w.workflow, $4, w.state) AND p.ptk_id > $5::uuid
    ORDER BY p.ptk_id LIMIT $6) q
  UNION ALL
  SELECT q.* FROM workflow_version v, LATERAL (
    SELECT ptk_id, period, npsn, version FROM plan p
    WHERE (p.workflow, p.period) = (v.sha256, $4) AND p.ptk_id > $5::uuid
    ORDER BY p.ptk_id LIMIT $6) q
  WHERE v.sha256 <> ALL($3::text[])) p
ORDER BY p.ptk_id LIMIT $6
"""
_ENTERED = f"""
SELECT {_NAMED} FROM plan_event e JOIN plan p USING (ptk_id, period, version)
WHERE e.at >= $4 AND e.at < $5 AND {_WAITS}
ORDER BY e.at
"""
LATEST = datetime.max.replace(tzinfo=UTC)
FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """Whose plan, of which period, at which school, and the number of its last event."""

    ptk_id: str
    period: str
    npsn: str
    version: int


@dataclass(frozen=True, slots=True)
class Waits:
    """In which states plans wait: by version of the workflow, of all versions that are `read`."""

    workflows: tuple[str, ...]
    states: tuple[str, ...]
    read: tuple[str, ...]

    @classmethod
    def of(cls, read: Sequence[Workflow]) -> Waits:
        """The states with automatic transitions."""
        pairs = {
            (version.sha256, state)
            for version in read
            for row in version.definition.transitions
            if row.automatic
            for state in row.from_states
        }
        ordered = sorted(pairs)
        return cls(
            workflows=tuple(workflow for workflow, _ in ordered),
            states=tuple(state for _, state in ordered),
            read=tuple(version.sha256 for version in read),
        )


async def select_waiting_at_schools(npsns: Collection[str], waits: Waits) -> list[WaitingPlan]:
    """The waiting plans of these schools, whatever their period. One query."""
    return await _found(_AT_SCHOOLS, waits, sorted(npsns))


async def select_waiting_in_period(period: str, waits: Waits, after: str, size: int) -> list[WaitingPlan]:
    """Up to `size` waiting plans of a period, in the order of `ptk_id`, after this one. One query."""
    return await _found(_OF_PERIOD, waits, period, after, size)


async def select_entered(since: datetime, until: datetime | None, waits: Waits) -> list[WaitingPlan]:
    """The waiting plans whose last event is from then (None: up to the last one), the oldest first. One query."""
    return await _found(_ENTERED, waits, since, until or LATEST)


async def _found(statement: str, waits: Waits, *values: Any) -> list[WaitingPlan]:
    waiting = [list(waits.workflows), list(waits.states), list(waits.read)]
    rows = await get_connection("default").execute_query_dict(statement, [*waiting, *values])
    return [WaitingPlan(**row) for row in rows]
