"""Plans that wait for nobody's hand: in a state which their version of the workflow may leave by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tortoise.connection import get_connection

from workflows import Workflow

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


async def at_schools(npsns: Collection[str], waits: Waits) -> list[WaitingPlan]:
    """The waiting plans of these schools, whatever their period. One query."""
    return await _found(_AT_SCHOOLS, waits, sorted(npsns))


async def of_period(period: str, waits: Waits, after: str, size: int) -> list[WaitingPlan]:
    """Up to `size` waiting plans of a period, in the order of `ptk_id`, after this one. One query."""
    return await _found(_OF_PERIOD, waits, period, after, size)


async def entered(since: datetime, until: datetime | None, waits: Waits) -> list[WaitingPlan]:
    """The waiting plans whose last event is from then (None: up to the last one), the oldest first. One query."""
    return await _found(_ENTERED, waits, since, until or LATEST)


async def _found(statement: str, waits: Waits, *values: Any) -> list[WaitingPlan]:
    waiting = [list(waits.workflows), list(waits.states), list(waits.read)]
    rows = await get_connection("default").execute_query_dict(statement, [*waiting, *values])
    return [WaitingPlan(**row) for row in rows]
